import { ActionIcon, Badge, Button, Fieldset, Group, Menu, Select, SimpleGrid, Stack, Switch, Text, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { IconDeviceLandlinePhone, IconFileDownload, IconPlus, IconX } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, client } from '../api/client'
import { phones, type Phone } from '../api/collections'
import { Refusal } from '../api/problem'
import { DeleteDialog } from '../edit/DeleteDialog'
import { EditDrawer } from '../edit/EditDrawer'
import { SecretDialog } from '../edit/SecretDialog'
import { LineName, LineSelect } from '../lines/LineSelect'
import { ListPage } from '../list/ListPage'
import { saveFile } from '../api/file'
import { timeOf } from '../list/time'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { makers, phoneName, spelled } from './makers'

const vendors = Object.entries(makers).map(([value, label]) => ({ value, label }))

interface PhoneDraft {
  mac: string
  vendor: string
  model: string
  label: string
  lines: { contact_method_id: string }[]
  hotdesk: boolean
  enabled: boolean
  require_certificate: boolean
}

const draftOf = (r?: Phone): PhoneDraft => ({
  mac: r?.mac ? spelled(r.mac) : '', vendor: r?.vendor ?? 'yealink', model: r?.model ?? '', label: r?.label ?? '',
  lines: (r?.lines ?? []).map((l) => ({ contact_method_id: l.contact_method_id ?? '' })), hotdesk: r?.hotdesk ?? false, enabled: !r?.disabled, require_certificate: r?.require_certificate ?? false,
})

const inputOf = ({ enabled, ...d }: PhoneDraft) => ({ ...d, mac: d.mac.replace(/[^0-9a-zA-Z]/g, '').toLowerCase(), disabled: !enabled })

/** PhonesPage is the desk phones: what lines each has, and when it last fetched its configuration. */
export default function PhonesPage() {
  const t = useTexts()
  const p = t.phones
  const [shown, setShown] = useState<Phone | null>(null)
  const [rotating, setRotating] = useState<Phone | null>(null)
  const redirects = useMutation({
    mutationFn: async (vendor: string) => {
      const file = await answer(client.GET('/api/v1/devices/redirects', { params: { query: vendor ? { vendor } : {} }, headers: { Accept: 'text/csv' }, parseAs: 'blob' }))
      saveFile(file as unknown as Blob, `redirects${vendor && `-${vendor}`}.csv`)
    },
  })
  const resync = useMutation({
    mutationFn: (x: Phone) => answer(client.POST('/api/v1/devices/{id}/resync', { params: { path: { id: x.id } } })).catch((e) => {
      throw e instanceof Refusal && e.status === 409 ? new Error(p.away(phoneName(x))) : e
    }),
    onSuccess: (_, x) => notifications.show({ message: p.resynced(phoneName(x)) }),
  })
  const tools = (
    <Menu position="bottom-end" withinPortal width={260}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconFileDownload size={16} aria-hidden />} loading={redirects.isPending}>{p.redirects}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Text size="xs" px="sm" py={4}>{p.redirectsHint}</Text>
        <Menu.Item onClick={() => redirects.mutate('')}>{p.allMakers}</Menu.Item>
        {vendors.map((m) => <Menu.Item key={m.value} onClick={() => redirects.mutate(m.value)}>{m.label}</Menu.Item>)}
      </Menu.Dropdown>
    </Menu>
  )
  return (
    <>
      <ListPage all={phones} texts={p} icon={IconDeviceLandlinePhone} csv nameOf={phoneName} tools={tools} lead={<Trouble error={redirects.error ?? resync.error} />}
        filters={[
          { name: 'label~', label: p.fields.label!, placeholder: p.search },
          { name: 'mac~', label: p.fields.mac! },
          { name: 'vendor', label: p.fields.vendor!, choices: vendors },
          { name: 'model~', label: p.fields.model! },
        ]}
        columns={[
          { id: 'label', sort: 'label', label: p.fields.label!, cell: phoneName },
          { id: 'mac', sort: 'mac', label: p.fields.mac!, cell: (x) => spelled(x.mac ?? '') },
          { id: 'model', sort: 'vendor', label: p.fields.model!, cell: (x) => [makers[x.vendor ?? ''] ?? x.vendor, x.model].filter(Boolean).join(' ') },
          { id: 'lines', label: p.fields.lines!, cell: (x) => ((x.lines?.length ?? 0) === 0 ? '' : <Stack gap={0}>{x.lines!.map((l) => <span key={l.contact_method_id}><LineName id={l.contact_method_id ?? ''} /></span>)}</Stack>) },
          {
            id: 'last_fetch', label: p.fields.last_fetch!,
            cell: (x) => (x.disabled ? <Badge variant="outline" color="red" tt="none">{p.disabled}</Badge> : x.last_fetch?.at ? <span title={`${x.last_fetch.file} ${x.last_fetch.address} ${x.last_fetch.user_agent}`}>{timeOf(x.last_fetch.at)}</span> : p.neverFetched),
          },
        ]}
        actions={(x) => [{ label: p.resync, onClick: () => resync.mutate(x) }, { label: p.rotate, onClick: () => setRotating(x) }]}
        form={(x, close) => (
          <EditDrawer all={phones} {...(x && { record: x })} title={x ? p.edit(phoneName(x)) : p.add} draft={draftOf} input={inputOf} onClose={close}
            formPath={(path) => path.replace(/^disabled$/, 'enabled')} validate={(d) => ({ mac: d.mac.trim() ? null : t.errors.missing })}
            onDone={(saved, fresh) => {
              if (fresh) setShown(saved)
              close()
            }}>
            {(form) => <PhoneFields form={form} />}
          </EditDrawer>
        )}
        remove={(x, close) => <DeleteDialog title={p.removeTitle(phoneName(x))} means={p.removeMeans} done={p.removed(phoneName(x))} remove={() => phones.remove(x.id)} onClose={close} />}
      />
      {rotating && (
        <DeleteDialog title={p.rotateTitle(phoneName(rotating))} means={p.rotateMeans} submit={p.rotateSubmit} done={p.rotated} onClose={() => setRotating(null)}
          remove={async () => setShown((await answer(client.POST('/api/v1/devices/{id}/rotate', { params: { path: { id: rotating.id }, header: { 'Idempotency-Key': crypto.randomUUID() } } }))) as Phone)} />
      )}
      {shown?.provisioning_url && <SecretDialog title={p.urlTitle(phoneName(shown))} lead={p.urlLead} secrets={[{ label: p.url, value: shown.provisioning_url }]} onClose={() => setShown(null)} />}
    </>
  )
}

function PhoneFields({ form }: { form: UseFormReturnType<PhoneDraft> }) {
  const t = useTexts()
  const p = t.phones
  const [adding, setAdding] = useState('')
  const certificates = useQuery({ queryKey: ['device-certificates'], staleTime: Infinity, queryFn: () => answer(client.GET('/api/v1/devices/certificates')) }).data
  const required = form.values.require_certificate
  const { lines } = form.values
  const add = (id: string) => {
    if (id && !lines.some((l) => l.contact_method_id === id)) form.setFieldValue('lines', [...lines, { contact_method_id: id }])
    setAdding('')
  }
  return (
    <>
      <Fieldset legend={p.phone}>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <TextInput label={p.fields.mac} description={p.macHint} required data-autofocus {...form.getInputProps('mac')} />
          <TextInput label={p.fields.label} description={p.labelHint} {...form.getInputProps('label')} />
          <Select label={p.fields.vendor} data={vendors} allowDeselect={false} {...form.getInputProps('vendor')} />
          <TextInput label={p.fields.model} {...form.getInputProps('model')} />
        </SimpleGrid>
      </Fieldset>
      <Fieldset legend={p.fields.lines}>
        <Stack gap="xs">
          {lines.length === 0 && <Text size="sm" c="dimmed">{p.noLines}</Text>}
          {lines.map((l, i) => (
            <Group key={l.contact_method_id} justify="space-between" wrap="nowrap">
              <Text size="sm">{i + 1}. <LineName id={l.contact_method_id} /></Text>
              <ActionIcon variant="subtle" color="gray" aria-label={p.takeLine(i + 1)} onClick={() => form.setFieldValue('lines', lines.filter((_, n) => n !== i))}><IconX size={16} aria-hidden /></ActionIcon>
            </Group>
          ))}
          {form.errors.lines && <Text size="sm" c="var(--mantine-color-error)" role="alert">{form.errors.lines}</Text>}
          <LineSelect value={adding} onChange={setAdding} kinds={['sip_account']} />
          <Group><Button variant="default" size="xs" leftSection={<IconPlus size={14} aria-hidden />} disabled={!adding} onClick={() => add(adding)}>{p.addLine}</Button></Group>
        </Stack>
      </Fieldset>
      <Switch label={p.fields.enabled} description={p.enabledHint} {...form.getInputProps('enabled', { type: 'checkbox' })} />
      <Switch label={p.fields.require_certificate} description={certificates && !certificates.asked ? p.noCertificates : p.certificateHint} disabled={!certificates?.asked && !required} {...form.getInputProps('require_certificate', { type: 'checkbox' })} />
      <Switch label={p.fields.hotdesk} description={t.common.notInEffect} {...form.getInputProps('hotdesk', { type: 'checkbox' })} />
    </>
  )
}
