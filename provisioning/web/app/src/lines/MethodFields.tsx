import { Fieldset, NumberInput, PasswordInput, Select, SimpleGrid, Stack, Switch, TagsInput, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useTexts } from '../texts'
import { useSchedules } from '../users/options'
import { LineFields } from './LineFields'
import { kinds, type MethodDraft } from './method'

const cols = { base: 1, xs: 2 }
const transports = ['udp', 'tcp', 'tls'].map((value) => ({ value, label: value.toUpperCase() }))

/** MethodFields are the fields of a contact method: those of its kind, and those of a line where it is one. */
export function MethodFields({ form, fresh }: { form: UseFormReturnType<MethodDraft>; fresh: boolean }) {
  const t = useTexts()
  const l = t.lines
  const schedules = useSchedules()
  const { kind } = form.values
  const choose = (next: string | null) => {
    form.setFieldValue('kind', next ?? 'sip_account')
    form.setFieldValue('line.outbound.external_enabled', next === 'app')
    form.clearErrors()
  }
  return (
    <>
      <Fieldset legend={l.one}>
        <SimpleGrid cols={cols} spacing="sm">
          <Select label={l.fields.kind} description={l.kindHints[kind]} data={kinds.map((value) => ({ value, label: l.kinds[value]! }))} allowDeselect={false} disabled={!fresh} {...(fresh && { 'data-autofocus': true })} {...form.getInputProps('kind')} onChange={choose} />
          <TextInput label={l.fields.label} description={l.labelHint} {...(!fresh && { 'data-autofocus': true })} {...form.getInputProps('label')} />
          {kind !== 'email' && (
            <Select label={l.fields.time_schedule_id} description={l.scheduleHint} data={schedules.data ?? []} clearable searchable nothingFoundMessage={t.line.nothing} {...form.getInputProps('time_schedule_id')}
              value={form.values.time_schedule_id || null} onChange={(v) => form.setFieldValue('time_schedule_id', v ?? '')} />
          )}
        </SimpleGrid>
      </Fieldset>
      {kind !== 'app' && <Fieldset legend={l.kinds[kind]}><KindFields form={form} fresh={fresh} /></Fieldset>}
      {kind !== 'email' && <LineFields form={form} outbound={kind === 'app' || kind === 'sip_account'} />}
    </>
  )
}

function KindFields({ form, fresh }: { form: UseFormReturnType<MethodDraft>; fresh: boolean }) {
  const t = useTexts()
  const l = t.lines
  const f = l.fields
  switch (form.values.kind) {
    case 'sip_account':
      return (
        <SimpleGrid cols={cols} spacing="sm">
          <TextInput label={f.username} description={l.usernameHint} required autoComplete="off" {...form.getInputProps('sip_account.username')} />
          <PasswordInput label={f.password} description={fresh ? l.passwordHint : t.users.hints.passwordKeep} autoComplete="new-password" {...form.getInputProps('sip_account.password')} />
          <TagsInput label={f.codecs} description={l.codecsHint} data={['opus', 'G722', 'PCMA', 'PCMU', 'G729']} {...form.getInputProps('sip_account.codecs')} />
          <NumberInput label={f.max_contacts} description={l.maxContactsHint} min={1} max={100} allowDecimal={false} {...form.getInputProps('sip_account.max_contacts')} />
          <Select label={f.srtp} description={t.common.notInEffect} data={Object.entries(t.trunks.srtps).map(([value, label]) => ({ value, label }))} allowDeselect={false} {...form.getInputProps('sip_account.srtp')} />
        </SimpleGrid>
      )
    case 'pstn_forwarding':
      return (
        <Stack gap="sm">
          <TextInput label={f.number} description={l.numberHint} type="tel" required {...form.getInputProps('pstn_forwarding.number')} />
          <Switch label={f.press_1} description={`${l.press1Hint} ${l.press1Later}`} {...form.getInputProps('pstn_forwarding.press_1', { type: 'checkbox' })} />
          <Switch label={f.allow_transfer} description={t.common.notInEffect} {...form.getInputProps('pstn_forwarding.allow_transfer', { type: 'checkbox' })} />
        </Stack>
      )
    case 'sip_forwarding':
      return (
        <Stack gap="sm">
          <SimpleGrid cols={cols} spacing="sm">
            <TextInput label={f.sip_username} {...form.getInputProps('sip_forwarding.username')} />
            <TextInput label={f.domain} required {...form.getInputProps('sip_forwarding.domain')} />
            <NumberInput label={f.port} description={t.trunks.hints.port} min={0} max={65535} allowDecimal={false} {...form.getInputProps('sip_forwarding.port')} />
            <Select label={f.transport} description={form.values.sip_forwarding.transport === 'tls' ? t.common.notInEffect : undefined} data={transports} allowDeselect={false} {...form.getInputProps('sip_forwarding.transport')} />
            <TagsInput label={f.codecs} description={l.codecsHint} data={['opus', 'G722', 'PCMA', 'PCMU', 'G729']} {...form.getInputProps('sip_forwarding.codecs')} />
          </SimpleGrid>
          <Switch label={f.process_30x} description={l.process30xHint} {...form.getInputProps('sip_forwarding.process_30x', { type: 'checkbox' })} />
        </Stack>
      )
  }
  return <TextInput label={f.address} description={l.addressHint} type="email" required {...form.getInputProps('email.address')} />
}
