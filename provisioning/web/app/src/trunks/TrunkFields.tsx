import { Fieldset, NumberInput, PasswordInput, Select, SimpleGrid, Stack, Switch, TagsInput, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useTexts } from '../texts'
import type { TrunkDraft } from './trunk'

const choices = (all: Record<string, string>) => Object.entries(all).map(([value, label]) => ({ value, label }))

/** TrunkFields are the fields of a carrier. */
export function TrunkFields({ form, fresh }: { form: UseFormReturnType<TrunkDraft>; fresh: boolean }) {
  const t = useTexts()
  const k = t.trunks
  const f = k.fields
  const cols = { base: 1, xs: 2 }
  const { mode } = form.values.auth
  const whole = { allowDecimal: false, allowNegative: false, min: 0 }
  return (
    <>
      <Fieldset legend={k.sections.carrier}>
        <SimpleGrid cols={cols} spacing="sm">
          <TextInput label={f.name} required data-autofocus {...form.getInputProps('name')} />
          <TextInput label={f.country} description={k.hints.country} maxLength={2} {...form.getInputProps('country')} />
          <TextInput label={f.host} description={k.hints.host} required {...form.getInputProps('host')} />
          <NumberInput label={f.port} description={k.hints.port} {...whole} max={65535} {...form.getInputProps('port')} />
          <Select label={f.transport} description={form.values.transport === 'tls' ? t.common.notInEffect : undefined} data={[{ value: 'udp', label: 'UDP' }, { value: 'tcp', label: 'TCP' }, { value: 'tls', label: 'TLS' }]} allowDeselect={false} {...form.getInputProps('transport')} />
          <Select label={f.srtp} description={t.common.notInEffect} data={choices(k.srtps)} allowDeselect={false} {...form.getInputProps('srtp')} />
        </SimpleGrid>
      </Fieldset>
      <Fieldset legend={k.sections.auth}>
        <Stack gap="sm">
          <Select label={f['auth.mode']} description={k.modeHints[mode]} data={choices(k.modes)} allowDeselect={false} {...form.getInputProps('auth.mode')} />
          {mode !== 'address' && (
            <SimpleGrid cols={cols} spacing="sm">
              <TextInput label={f['auth.username']} required autoComplete="off" {...form.getInputProps('auth.username')} />
              <PasswordInput label={f['auth.password']} description={fresh ? k.hints.password : k.hints.passwordKeep} required={fresh} autoComplete="new-password" {...form.getInputProps('auth.password')} />
            </SimpleGrid>
          )}
          <TagsInput label={f.addresses} description={k.hints.addresses} {...form.getInputProps('addresses')} />
        </Stack>
      </Fieldset>
      <Fieldset legend={k.sections.routing}>
        <Stack gap="sm">
          <TagsInput label={f.prefixes} description={k.hints.prefixes} {...form.getInputProps('prefixes')} />
          <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
            <NumberInput label={f.priority} description={k.hints.priority} {...whole} {...form.getInputProps('priority')} />
            <NumberInput label={f.max_calls} description={k.hints.max_calls} {...whole} {...form.getInputProps('max_calls')} />
            <NumberInput label={f.options_ping_s} description={k.hints.options_ping_s} {...whole} {...form.getInputProps('options_ping_s')} />
          </SimpleGrid>
        </Stack>
      </Fieldset>
      <Fieldset legend={k.sections.identity}>
        <Stack gap="sm">
          <Select label={f.forwarded_identity} data={choices(k.diversions)} allowDeselect={false} {...form.getInputProps('forwarded_identity')} />
          <Switch label={f.trusted_identity} description={k.hints.trusted_identity} {...form.getInputProps('trusted_identity', { type: 'checkbox' })} />
          <Switch label={f.identity_headers} {...form.getInputProps('identity_headers', { type: 'checkbox' })} />
        </Stack>
      </Fieldset>
    </>
  )
}
