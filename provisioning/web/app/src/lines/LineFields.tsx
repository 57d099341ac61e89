import { Fieldset, MultiSelect, NumberInput, SegmentedControl, Select, SimpleGrid, Stack, Switch, TagsInput, Text, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useTexts } from '../texts'
import { useAudioFiles, useDeliveryMethods, useFeatureCodes, useNumbers } from '../users/options'
import { flags, presetOf, type LineDraft } from './line'

/** LineFields are the fields of a line, below `line` in a form. What calls nobody itself, a forwarding, has no outbound ones. */
export function LineFields<F extends { line: LineDraft }>({ form, outbound = true }: { form: UseFormReturnType<F>; outbound?: boolean }) {
  const t = useTexts()
  const free = useNumbers(true)
  const owned = useNumbers(false)
  // Those that the line has already are no longer free.
  const has = form.getInitialValues().line.inbound.did_numbers.filter((n) => !free.data?.some((f) => f.value === n))
  const audio = useAudioFiles()
  const deliveries = useDeliveryMethods()
  const codes = useFeatureCodes()
  const line = form.values.line
  const input = (path: string, options?: { type: 'checkbox' }) => form.getInputProps(`line.${path}` as never, options)
  const set = (path: string, value: unknown) => form.setFieldValue(`line.${path}` as never, value as never)
  const action = line.inbound.when_unavailable.action
  const canRecord = (codes.data ?? []).some((c) => c.action === 'record_toggle')
  const nothing = { nothingFoundMessage: t.line.nothing }
  return (
    <Stack gap="md">
      <Fieldset legend={t.line.inbound}>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <MultiSelect label={t.line.did_numbers} description={t.line.did_numbersHint} data={[...has, ...(free.data ?? [])]} searchable {...nothing} {...input('inbound.did_numbers')} />
          <TagsInput label={t.line.internal_numbers} description={t.line.internal_numbersHint} {...input('inbound.internal_numbers')} />
          <Select label={t.line.action} data={Object.entries(t.line.actions).map(([value, label]) => ({ value, label }))} allowDeselect={false} {...input('inbound.when_unavailable.action')} />
          {action === 'voicemail' && <Select label={t.line.greeting_audio_id} data={audio.data ?? []} clearable {...nothing} {...input('inbound.when_unavailable.greeting_audio_id')} />}
          {action === 'forward' && <TextInput label={t.line.forward_to} description={t.line.forward_toHint} {...input('inbound.when_unavailable.forward_to')} />}
          <NumberInput label={t.line.ring_timeout_s} description={t.line.ring_timeout_sHint} min={1} max={600} allowDecimal={false} {...input('inbound.ring_timeout_s')} />
        </SimpleGrid>
      </Fieldset>
      {outbound && (
        <Fieldset legend={t.line.outbound}>
          <Stack gap="sm">
            <Switch label={t.line.external_enabled} {...input('outbound.external_enabled', { type: 'checkbox' })} />
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
              {line.outbound.external_enabled && <MultiSelect label={t.line.caller_ids} description={t.line.caller_idsHint} data={owned.data ?? []} searchable {...nothing} {...input('outbound.caller_ids')} />}
              <TextInput label={t.line.internal_caller_id} inputMode="numeric" {...input('outbound.internal_caller_id')} />
              <Select label={t.line.internal_announcement_id} description={t.common.notInEffect} data={audio.data ?? []} clearable {...nothing} {...input('outbound.internal_announcement_id')} />
              <Select label={t.line.external_announcement_id} description={t.common.notInEffect} data={audio.data ?? []} clearable {...nothing} {...input('outbound.external_announcement_id')} />
              {(line.outbound.internal_announcement_id || line.outbound.external_announcement_id) && (
                <Select label={t.line.announcement_to} description={t.common.notInEffect} data={Object.entries(t.line.hearers).map(([value, label]) => ({ value, label }))} allowDeselect={false} {...input('outbound.announcement_to')} />
              )}
            </SimpleGrid>
            <Switch label={t.line.anonymous} {...input('outbound.anonymous', { type: 'checkbox' })} />
          </Stack>
        </Fieldset>
      )}
      <Fieldset legend={t.line.recording}>
        <Stack gap="sm">
          <div>
            <Text size="sm" fw={500} id="preset" mb={4}>{t.line.preset}</Text>
            <SegmentedControl aria-labelledby="preset" value={presetOf(line.recording)}
              data={(['never', 'always', 'custom'] as const).map((value) => ({ value, label: t.line.presets[value]!, disabled: value === 'custom' && presetOf(line.recording) !== 'custom' }))}
              onChange={(v) => v !== 'custom' && flags.forEach((f) => set(`recording.${f}`, v === 'always'))} />
          </div>
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
            {flags.map((f) => <Switch key={f} label={t.line.flags[f]} {...input(`recording.${f}`, { type: 'checkbox' })} />)}
          </SimpleGrid>
          <Switch label={t.line.on_demand} description={canRecord ? `${t.line.on_demandHint} ${t.common.notInEffect}` : t.line.on_demandMissing} disabled={!canRecord} {...input('recording.on_demand', { type: 'checkbox' })} />
          <MultiSelect label={t.line.delivery_method_ids} data={deliveries.data ?? []} {...nothing} {...input('recording.delivery_method_ids')} />
        </Stack>
      </Fieldset>
    </Stack>
  )
}
