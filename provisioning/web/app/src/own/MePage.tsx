import { Button, Card, Group, Loader, PasswordInput, Select, SimpleGrid, Stack, Switch, Table, Text, TextInput, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { answer, client, record, type ContactMethod, type Schemas, type User } from '../api/client'
import { accessQuery } from '../api/session'
import { useSession } from '../api/useSession'
import { Moment } from '../calls/parts'
import { fieldErrors } from '../edit/errors'
import { useUnsaved } from '../edit/Unsaved'
import { Ask } from '../inbox/Item'
import { Outlook } from '../outlook/Outlook'
import { zones } from '../schedules/ScheduleDrawer'
import { Trouble } from '../shell/Trouble'
import { languagesWith, useTexts } from '../texts'
import { Unconfirmed, unconfirmed } from '../users/Address'
import { fullName } from '../users/names'
import { PhotoField } from '../users/Photo'

/** MePage is one's own panel: what happens to calls, forwarding, lines, app devices. */
export default function MePage() {
  const t = useTexts()
  const me = useQuery({ queryKey: ['me'], queryFn: () => answer(client.GET('/api/v1/me')) })
  const user = me.data?.user as User | undefined
  if (me.isPending) return <Loader aria-label={t.common.loading} />
  return (
    <Stack maw={980}>
      <Title order={1}>{t.nav.me}</Title>
      <Trouble error={me.error} retry={() => me.refetch()} />
      {user && (
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
          <Stack>
            <About user={user} />
            <Personal key={`${user.mobile_number} ${user.time_zone} ${user.language}`} user={user} />
            <Section title={t.own.calls}><Outlook user={user.id} /></Section>
            <Devices />
          </Stack>
          <Stack>
            <Forwarding key={`${user.forward?.number} ${user.forward?.enabled}`} user={user} />
            <Lines user={user} />
          </Stack>
        </SimpleGrid>
      )}
    </Stack>
  )
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card withBorder component="section">
      <Title order={2} size="h4" mb="sm">{title}</Title>
      {children}
    </Card>
  )
}

function About({ user }: { user: User }) {
  const t = useTexts()
  const rows: [string, string | undefined][] = [
    [t.users.fields.extension!, user.extension],
    [t.users.fields.direct_number!, user.direct_number],
    [t.users.fields.email!, user.email],
    [t.users.fields.login!, user.login],
  ]
  return (
    <Section title={t.own.about}>
      <Stack mb="sm" gap="sm">
        <PhotoField user={user} own />
        <div>
          <Text fw={600}>{fullName(user)}</Text>
          <Text size="sm" c="dimmed">{[user.job_title, user.department].filter(Boolean).join(', ')}</Text>
        </div>
      </Stack>
      <Table variant="vertical" layout="fixed">
        <Table.Tbody>
          {rows.map(([label, value]) => <Table.Tr key={label}><Table.Th w={140}>{label}</Table.Th><Table.Td style={{ overflowWrap: 'anywhere' }}>{value || '–'}</Table.Td></Table.Tr>)}
        </Table.Tbody>
      </Table>
      {unconfirmed(user) && <Text size="sm" mt="xs" role="status"><Unconfirmed user={user} /> {t.address.own}</Text>}
    </Section>
  )
}

/** What a change of oneself makes look different. */
function useChanged() {
  const t = useTexts()
  const queries = useQueryClient()
  return () => {
    notifications.show({ message: t.common.saved, closeButtonProps: { 'aria-label': t.common.close } })
    for (const key of ['me', 'own-lines', 'outlook', 'users', ...accessQuery.queryKey]) void queries.invalidateQueries({ queryKey: [key] })
  }
}

/** Personal is what people set of themselves; the PIN is only ever written. */
function Personal({ user }: { user: User }) {
  const t = useTexts()
  const f = t.users.fields
  const { organization } = useSession()
  const changed = useChanged()
  const form = useForm({ initialValues: { mobile_number: user.mobile_number ?? '', time_zone: user.time_zone ?? '', language: user.language ?? '', voicemail_pin: '' } })
  const { question } = useUnsaved(form.isDirty())
  const change = useMutation({
    mutationFn: (body: Schemas['OwnChange']) => answer(client.PATCH('/api/v1/me', { body })),
    onSuccess: () => {
      form.setFieldValue('voicemail_pin', '')
      form.resetDirty({ ...form.getValues(), voicemail_pin: '' })
      changed()
    },
  })
  const { fields, rest } = change.error ? fieldErrors(change.error, (path) => path in form.values) : { fields: {} as Record<string, string>, rest: null }
  const submit = form.onSubmit((v) => change.mutate(Object.fromEntries(Object.entries(v).filter(([field]) => form.isDirty(field)).map(([field, value]) => [field, value.trim()]))))
  const choice = (field: 'language' | 'time_zone') => ({ clearable: true, error: fields[field], value: form.values[field] || null, onChange: (v: string | null) => form.setFieldValue(field, v ?? '') })
  return (
    <Section title={t.own.personal}>
      <form noValidate onSubmit={submit} aria-label={t.own.personal}>
        <Stack gap="sm">
          <TextInput type="tel" label={f.mobile_number} description={t.users.hints.mobile_number} {...form.getInputProps('mobile_number')} error={fields.mobile_number} />
          <Select label={f.language} description={t.own.languageHint} data={languagesWith(user.language)} {...choice('language')} />
          <Select label={f.time_zone} description={t.schedules.zoneHint(organization.time_zone)} searchable limit={50} nothingFoundMessage={t.line.nothing} data={zones} {...choice('time_zone')} />
          <PasswordInput label={f.voicemail_pin} description={`${t.own.pinHint} ${t.common.notInEffect}`} inputMode="numeric" autoComplete="off" {...form.getInputProps('voicemail_pin')} error={fields.voicemail_pin} />
          <Trouble error={rest} />
          <Group justify="flex-end"><Button type="submit" size="sm" loading={change.isPending} disabled={!form.isDirty()}>{t.common.save}</Button></Group>
        </Stack>
      </form>
      {question}
    </Section>
  )
}

function Forwarding({ user }: { user: User }) {
  const t = useTexts()
  const changed = useChanged()
  const form = useForm({ initialValues: { number: user.forward?.number ?? '', enabled: user.forward?.enabled ?? false } })
  const { question } = useUnsaved(form.isDirty())
  const change = useMutation({
    mutationFn: (body: Schemas['OwnChange']) => answer(client.PATCH('/api/v1/me', { body })),
    onSuccess: (_, body) => {
      if (body.forward) form.resetDirty() // the other switch leaves what is typed
      changed()
    },
  })
  const has = (path: string) => path === 'forward.number'
  const { fields, rest } = change.error ? fieldErrors(change.error, has) : { fields: {} as Record<string, string>, rest: null }
  const submit = form.onSubmit(({ number, enabled }) => {
    if (enabled && !number.trim()) return form.setFieldError('number', t.own.forwardMissing)
    change.mutate({ forward: { number: number.trim(), enabled } })
  })
  return (
    <Section title={t.own.forward}>
      <form noValidate onSubmit={submit}>
        <Stack gap="sm">
          <TextInput type="tel" label={t.own.forwardNumber} description={t.own.forwardHint} {...form.getInputProps('number')} error={form.errors.number ?? fields['forward.number']} />
          <Switch label={t.own.forwardOn} {...form.getInputProps('enabled', { type: 'checkbox' })} />
          <Text size="xs" c="dimmed">{t.common.notInEffect}</Text>
          <Trouble error={rest} />
          <Group justify="flex-end"><Button type="submit" size="sm" loading={change.isPending} disabled={!form.isDirty()}>{t.common.save}</Button></Group>
          <Switch label={t.own.disturb} description={t.own.disturbHint} checked={user.do_not_disturb ?? false} disabled={change.isPending} onChange={(e) => change.mutate({ do_not_disturb: e.currentTarget.checked })} />
        </Stack>
      </form>
      {question}
    </Section>
  )
}

function Lines({ user }: { user: User }) {
  const t = useTexts()
  const lines = useQuery({
    queryKey: ['own-lines', user.id],
    queryFn: async () => ((await answer(client.GET('/api/v1/contact-methods', { params: { query: { user_id: user.id, limit: 100 } } }))).items ?? []).filter((m) => m.kind === 'app' || m.kind === 'sip_account') as (ContactMethod & { id: string })[],
  })
  return (
    <Section title={t.own.lines}>
      <Trouble error={lines.error} retry={() => lines.refetch()} />
      {lines.data?.length === 0 && <Text size="sm" c="dimmed">{t.own.noLines}</Text>}
      <Stack gap="lg">{lines.data?.map((m) => <Line key={`${m.id} ${m.updated_at}`} line={m} />)}</Stack>
    </Section>
  )
}

function Line({ line }: { line: ContactMethod & { id: string } }) {
  const t = useTexts()
  const changed = useChanged()
  const ids = line.outbound?.caller_ids ?? []
  const name = line.label || t.own.kinds[line.kind ?? ''] || line.id
  const form = useForm({
    initialValues: { action: String(line.inbound?.when_unavailable?.action || 'none'), forward_to: line.inbound?.when_unavailable?.forward_to ?? '', caller: ids[0] ?? '', anonymous: line.outbound?.anonymous ?? false },
  })
  const { question } = useUnsaved(form.isDirty())
  const change = useMutation({
    mutationFn: async (v: typeof form.values) => {
      const path = { id: line.id }
      const now = await record(client.GET('/api/v1/contact-methods/{id}', { params: { path } }))
      const body: Schemas['OwnLineChange'] = {
        inbound: { when_unavailable: { action: v.action as 'none', forward_to: v.action === 'forward' ? v.forward_to.trim() : '' } },
        outbound: { anonymous: v.anonymous, ...(ids.length > 1 && { caller_ids: [v.caller, ...ids.filter((x) => x !== v.caller)] }) },
      }
      return answer(client.PATCH('/api/v1/me/contact-methods/{id}', { params: { path, header: { 'If-Match': now.etag } }, body }))
    },
    onSuccess: () => {
      form.resetDirty()
      changed()
    },
  })
  const paths: Record<string, string> = { 'inbound.when_unavailable.forward_to': 'forward_to', 'inbound.when_unavailable.action': 'action', 'outbound.caller_ids': 'caller' }
  const { fields, rest } = change.error ? fieldErrors(change.error, (p) => p in paths) : { fields: {} as Record<string, string>, rest: null }
  const errorOf = (field: string) => Object.entries(paths).map(([p, f]) => (f === field ? fields[p] : undefined)).find(Boolean)
  return (
    <form noValidate onSubmit={form.onSubmit((v) => change.mutate(v))} aria-label={name}>
      <Stack gap="sm">
        <Text fw={600} size="sm">{name}{(line.inbound?.internal_numbers ?? []).length > 0 ? ` · ${line.inbound!.internal_numbers!.join(', ')}` : ''}</Text>
        <Select label={t.own.when} allowDeselect={false} data={Object.entries(t.line.actions).map(([value, label]) => ({ value, label }))} {...form.getInputProps('action')} error={errorOf('action')} />
        {form.values.action === 'forward' && <TextInput label={t.own.to} description={t.own.toHint} {...form.getInputProps('forward_to')} error={errorOf('forward_to')} />}
        <Select label={t.own.callerId} placeholder={t.own.callerIdNone} allowDeselect={false} disabled={ids.length < 2} data={ids} {...form.getInputProps('caller')} value={form.values.caller || null} error={errorOf('caller')} />
        <Switch label={t.own.anonymous} {...form.getInputProps('anonymous', { type: 'checkbox' })} />
        <Trouble error={rest} />
        <Group justify="flex-end"><Button type="submit" size="sm" variant="default" loading={change.isPending} disabled={!form.isDirty()}>{t.common.save}</Button></Group>
      </Stack>
      {question}
    </form>
  )
}

type Device = Schemas['AppDevice'] & { id: string }

function Devices() {
  const t = useTexts()
  const queries = useQueryClient()
  const [removing, setRemoving] = useState<Device | null>(null)
  const nameOf = (d: Device) => d.name || d.os || d.id
  const devices = useQuery({ queryKey: ['own-devices'], queryFn: async () => ((await answer(client.GET('/api/v1/me/app-devices', { params: { query: { limit: 100 } } }))).items ?? []) as Device[] })
  const remove = useMutation({
    mutationFn: (id: string) => answer(client.DELETE('/api/v1/me/app-devices/{id}', { params: { path: { id } } })),
    onSuccess: () => {
      setRemoving(null)
      void queries.invalidateQueries({ queryKey: ['own-devices'] })
      void queries.invalidateQueries({ queryKey: ['outlook'] })
    },
  })
  return (
    <Section title={t.own.devices}>
      <Trouble error={devices.error} retry={() => devices.refetch()} />
      {devices.data?.length === 0 && <Text size="sm" c="dimmed">{t.own.noDevices}</Text>}
      <Stack gap="xs">
        {devices.data?.map((d) => (
          <Group key={d.id} justify="space-between" wrap="nowrap">
            <div>
              <Text size="sm" fw={600}>{nameOf(d)}</Text>
              <Text size="xs" c="dimmed">{[d.os, d.app_version].filter(Boolean).join(' ')} · {t.own.added} <Moment at={d.created_at} /></Text>
            </div>
            <Button size="compact-sm" variant="default" aria-label={t.own.removeDevice(nameOf(d))} onClick={() => { remove.reset(); setRemoving(d) }}>{t.calls.removeSubmit}</Button>
          </Group>
        ))}
      </Stack>
      {removing && <Ask title={t.own.removeTitle} lead={t.own.removeLead(nameOf(removing))} error={remove.error} pending={remove.isPending} onYes={() => remove.mutate(removing.id)} onClose={() => setRemoving(null)} />}
    </Section>
  )
}
