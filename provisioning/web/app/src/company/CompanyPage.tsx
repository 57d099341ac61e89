import { Alert, Anchor, Button, Checkbox, Fieldset, Group, NumberInput, PasswordInput, Select, SimpleGrid, Stack, Switch, TagsInput, Text, TextInput, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { Link } from 'wouter'
import { answer, client } from '../api/client'
import { accessQuery } from '../api/session'
import { fieldErrors } from '../edit/errors'
import { ConflictDialog } from '../edit/ConflictDialog'
import { patchOf, type Data } from '../edit/merge'
import { useSave } from '../edit/save'
import { useUnsaved } from '../edit/Unsaved'
import { zones } from '../schedules/ScheduleDrawer'
import { Trouble } from '../shell/Trouble'
import { languagesWith, useTexts } from '../texts'
import { useAudioFiles, useNumbers } from '../users/options'
import { organizations, useOrganization, type Organization } from './organization'

/** CompanyPage holds what is one for the whole organization. */
export default function CompanyPage() {
  const t = useTexts()
  const company = useOrganization()
  return (
    <Stack gap="sm" maw={860}>
      <Title order={1}>{t.nav.company}</Title>
      <Trouble error={company.error} retry={() => company.refetch()} />
      {company.data && <Settings key={company.data.updated_at} company={company.data} />}
    </Stack>
  )
}

const draftOf = (o: Organization) => ({
  name: o.name ?? '', country: o.country ?? '', time_zone: o.time_zone ?? '', language: o.language ?? '',
  main_number: o.main_number ?? '', main_destination: o.main_destination ?? '',
  voicemail: { enabled: o.voicemail?.enabled ?? false, greeting_audio_id: o.voicemail?.greeting_audio_id ?? '', email: o.voicemail?.email ?? '' },
  music_on_hold_audio_id: o.music_on_hold_audio_id ?? '',
  billing_contact: { name: o.billing_contact?.name ?? '', email: o.billing_contact?.email ?? '', phone: o.billing_contact?.phone ?? '' },
  ring_timeout_s: o.ring_timeout_s ?? 25, extension_range: o.extension_range ?? '', max_calls: o.max_calls ?? 0, emergency_numbers: o.emergency_numbers ?? [],
  mail: { host: o.mail?.host ?? '', port: o.mail?.port ?? 0, tls: o.mail?.tls ?? '', username: o.mail?.username ?? '', password: '', from: o.mail?.from ?? '' },
  retention: { recording_days: o.retention?.recording_days ?? 0, voicemail_days: o.retention?.voicemail_days ?? 0, call_days: o.retention?.call_days ?? 0 },
})
type Draft = ReturnType<typeof draftOf>

/** An emptied number field holds ''; the exchange wants a number. */
const numbers = (v: Data): Data =>
  Object.fromEntries(Object.entries(v).map(([k, x]) => [k, /(_s|_days|_calls|port)$/.test(k) && x === '' ? 0 : x && typeof x === 'object' && !Array.isArray(x) ? numbers(x as Data) : x]))

function Settings({ company }: { company: Organization }) {
  const t = useTexts()
  const c = t.company
  const f = c.fields
  const queries = useQueryClient()
  const audio = useAudioFiles()
  const free = useNumbers(true)
  const first = useRef(draftOf(company))
  const [asking, setAsking] = useState(false)
  const [aware, setAware] = useState(false)
  const form = useForm<Draft>({ initialValues: first.current, validate: { name: (v) => (v.trim() ? null : t.errors.missing), country: (v) => (/^[A-Za-z]{2}$/.test(v) ? null : t.setUp.countryHint) } })
  const unsaved = useUnsaved(form.isDirty())
  const saving = useSave<Organization, Data, Draft>({
    all: organizations, record: company, form, create: (d) => d, patch: (_, d) => numbers(patchOf(first.current, d)), onSame: () => {},
    onDone: () => {
      unsaved.settled()
      notifications.show({ message: t.common.saved })
      void queries.invalidateQueries({ queryKey: accessQuery.queryKey }) // the name stands in the page's head
    },
  })
  // Days that are fewer than before delete something that nobody gets back.
  const deletes = (d: Draft) => Object.entries(d.retention).some(([k, v]) => Number(v) > 0 && (first.current.retention[k as keyof Draft['retention']] === 0 || Number(v) < first.current.retention[k as keyof Draft['retention']]))
  const cols = { base: 1, xs: 2 }
  const sounds = audio.data ?? []
  const pick = (path: string, value: string) => ({ ...form.getInputProps(path), value: value || null, onChange: (v: string | null) => form.setFieldValue(path as never, (v ?? '') as never) })
  const mainNumbers = [...(first.current.main_number ? [first.current.main_number] : []), ...(free.data ?? []).map((n) => n.value)]
  const days = (name: keyof Draft['retention']) => (
    <NumberInput label={f[`retention.${name}`]} description={c.daysHint} min={0} max={3660} allowDecimal={false} allowNegative={false} suffix={c.days} {...form.getInputProps(`retention.${name}`)} />
  )
  const ask = asking && deletes(form.values)
  return (
    <form noValidate onSubmit={form.onSubmit((d) => {
      if (deletes(d) && !(asking && aware)) return setAsking(true)
      setAsking(false)
      saving.save(d)
    })}>
      <Stack gap="md">
        <Fieldset legend={c.identity}>
          <SimpleGrid cols={cols} spacing="sm">
            <TextInput label={f.name} required {...form.getInputProps('name')} />
            <TextInput label={f.country} description={t.setUp.countryHint} maxLength={2} {...form.getInputProps('country')} />
            <Select label={f.time_zone} searchable limit={50} allowDeselect={false} data={zones} {...form.getInputProps('time_zone')} />
            <Select label={f.language} allowDeselect={false} data={languagesWith(form.values.language)} {...form.getInputProps('language')} />
          </SimpleGrid>
        </Fieldset>
        <Fieldset legend={c.mainNumber}>
          <SimpleGrid cols={cols} spacing="sm">
            <Select label={f.main_number} description={c.mainNumberHint} searchable clearable data={mainNumbers} nothingFoundMessage={t.line.nothing} {...pick('main_number', form.values.main_number)} />
            <TextInput label={f.main_destination} description={c.destinationHint} {...form.getInputProps('main_destination')} />
          </SimpleGrid>
        </Fieldset>
        <Fieldset legend={c.sounds}>
          <Stack gap="sm">
            <Text size="xs" c="dimmed">{t.common.notInEffect} <Anchor component={Link} href="/audio-files" size="xs" underline="always">{c.toAudio}</Anchor></Text>
            <Switch label={f['voicemail.enabled']} {...form.getInputProps('voicemail.enabled', { type: 'checkbox' })} />
            <SimpleGrid cols={cols} spacing="sm">
              <Select label={f['voicemail.greeting_audio_id']} data={sounds} clearable searchable placeholder={c.standard} nothingFoundMessage={t.line.nothing} {...pick('voicemail.greeting_audio_id', form.values.voicemail.greeting_audio_id)} />
              <TextInput label={f['voicemail.email']} type="email" {...form.getInputProps('voicemail.email')} />
              <Select label={f.music_on_hold_audio_id} data={sounds} clearable searchable placeholder={c.silence} nothingFoundMessage={t.line.nothing} {...pick('music_on_hold_audio_id', form.values.music_on_hold_audio_id)} />
            </SimpleGrid>
          </Stack>
        </Fieldset>
        <Fieldset legend={c.rules}>
          <SimpleGrid cols={cols} spacing="sm">
            <NumberInput label={f.ring_timeout_s} description={c.ringHint} min={1} max={600} allowDecimal={false} {...form.getInputProps('ring_timeout_s')} />
            <TextInput label={f.extension_range} description={c.rangeHint} {...form.getInputProps('extension_range')} />
            <NumberInput label={f.max_calls} description={c.maxCallsHint} min={0} allowDecimal={false} {...form.getInputProps('max_calls')} />
            <TagsInput label={f.emergency_numbers} description={c.emergencyHint} {...form.getInputProps('emergency_numbers')} />
          </SimpleGrid>
        </Fieldset>
        <Fieldset legend={c.billing}>
          <SimpleGrid cols={cols} spacing="sm">
            <TextInput label={f['billing_contact.name']} {...form.getInputProps('billing_contact.name')} />
            <TextInput label={f['billing_contact.email']} type="email" {...form.getInputProps('billing_contact.email')} />
            <TextInput label={f['billing_contact.phone']} type="tel" {...form.getInputProps('billing_contact.phone')} />
          </SimpleGrid>
        </Fieldset>
        <Fieldset legend={c.mail}>
          <Stack gap="sm">
            <Text size="xs" c="dimmed">{c.mailHint}</Text>
            <SimpleGrid cols={cols} spacing="sm">
              <TextInput label={f['mail.host']} spellCheck={false} {...form.getInputProps('mail.host')} />
              <TextInput label={f['mail.from']} description={c.fromHint} {...form.getInputProps('mail.from')} />
              <Select label={f['mail.tls']} data={Object.entries(c.tls).map(([value, label]) => ({ value, label }))} placeholder={c.tls.starttls} clearable {...pick('mail.tls', form.values.mail.tls)} />
              <NumberInput label={f['mail.port']} description={c.portHint} min={0} max={65535} allowDecimal={false} {...form.getInputProps('mail.port')} />
              <TextInput label={f['mail.username']} autoComplete="off" spellCheck={false} {...form.getInputProps('mail.username')} />
              <PasswordInput label={f['mail.password']} description={c.keep} autoComplete="new-password" {...form.getInputProps('mail.password')} />
            </SimpleGrid>
            <TryMail dirty={form.isDirty('mail')} />
          </Stack>
        </Fieldset>
        <Fieldset legend={c.retention}>
          <Stack gap="sm">
            <Text size="xs" c="dimmed">{c.retentionHint}</Text>
            <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">{days('recording_days')}{days('voicemail_days')}{days('call_days')}</SimpleGrid>
            {ask && (
              <Alert color="red" variant="outline" role="alert">
                <Text size="sm" mb="xs">{c.retentionWarning}</Text>
                <Checkbox label={c.retentionTick} checked={aware} onChange={(e) => setAware(e.currentTarget.checked)} />
              </Alert>
            )}
          </Stack>
        </Fieldset>
        <Trouble error={saving.error} />
        <Group justify="flex-end" className="form-end">
          <Button variant="default" disabled={!form.isDirty()} onClick={() => { form.reset(); setAsking(false) }}>{c.discard}</Button>
          <Button type="submit" loading={saving.pending} disabled={ask && !aware}>{t.common.save}</Button>
        </Group>
      </Stack>
      <ConflictDialog conflict={saving.conflict} collection="organizations" onTheirs={() => void queries.invalidateQueries({ queryKey: ['organization'] })} onMine={saving.saveMine} />
      {unsaved.question}
    </form>
  )
}

/** TryMail sends a mail with what is saved, and says what came of it. */
function TryMail({ dirty }: { dirty: boolean }) {
  const t = useTexts()
  const c = t.company
  const [to, setTo] = useState('')
  const trial = useMutation({ mutationFn: () => answer(client.POST('/api/v1/mail/test', { body: { to } })) })
  const wrong = trial.error ? fieldErrors(trial.error, (path) => path === 'to') : null
  return (
    <>
      <Group align="flex-end" gap="xs">
        <TextInput label={c.testTo} type="email" value={to} onChange={(e) => setTo(e.currentTarget.value)} error={wrong?.fields.to} onKeyDown={(e) => { if (e.key === 'Enter') { e.preventDefault(); trial.mutate() } }} />
        <Button variant="default" loading={trial.isPending} disabled={dirty || !to} onClick={() => trial.mutate()}>{c.test}</Button>
        {dirty && <Text size="xs" c="dimmed">{c.saveFirst}</Text>}
      </Group>
      <div role="status">
        {trial.data && <Alert p="xs" variant="outline" color={trial.data.ok ? 'teal' : 'red'}>{trial.data.ok ? c.mailed(trial.data.where ?? '') : trial.data.error}</Alert>}
      </div>
      <Trouble error={wrong?.rest} />
    </>
  )
}
