import { Alert, Button, Card, Group, SegmentedControl, Select, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQuery } from '@tanstack/react-query'
import { answer, client } from '../api/client'
import { useNames } from '../calls/data'
import { Decisions } from '../calls/Decisions'
import { fieldErrors } from '../edit/errors'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { Flow } from './Flow'

interface Question {
  side: 'inside' | 'outside'
  from: string
  trunk: string | null
  to: string
  at: string
}

/** SimulatorPage asks what would happen to a call that nobody makes. */
export default function SimulatorPage() {
  const t = useTexts()
  const trunks = useQuery({
    queryKey: ['trunks', 'choices'],
    queryFn: async () => ((await answer(client.GET('/api/v1/trunks', { params: { query: { limit: 1000 } } }))).items ?? []).map((x) => ({ value: x.id!, label: x.name || x.id! })),
  })
  const form = useForm<Question>({
    initialValues: { side: 'inside', from: '', trunk: null, to: '', at: '' },
    validate: {
      from: (v, q) => (q.side === 'inside' && !v.trim() ? t.errors.missing : null),
      to: (v) => (v.trim() ? null : t.errors.missing),
      trunk: (v, q) => (q.side === 'outside' && !v ? t.errors.missing : null),
    },
  })
  const ask = useMutation({
    mutationFn: (q: Question) => answer(client.POST('/api/v1/routes/explain', {
      body: { from: q.side === 'inside' ? q.from.trim() : `trunk:${q.trunk}/${q.from.trim()}`, to: q.to.trim(), ...(q.at && { at: new Date(q.at).toISOString() }) },
    })),
    onError: (error) => form.setErrors(fieldErrors(error, (path) => path === 'from' || path === 'to' || path === 'at').fields),
  })
  const rest = ask.error ? fieldErrors(ask.error, (path) => path === 'from' || path === 'to' || path === 'at').rest : null
  const found = ask.data
  const targets = found?.targets ?? []
  const names = { ...useNames(targets.map((x) => x.user_id ?? '')), ...Object.fromEntries((trunks.data ?? []).map((x) => [x.value, x.label])) }
  const outside = form.values.side === 'outside'
  return (
    <Stack gap="md">
      <div>
        <Title order={1}>{t.outlook.simulator}</Title>
        <Text size="sm" c="dimmed">{t.outlook.simulatorLead}</Text>
      </div>
      <form noValidate onSubmit={form.onSubmit((q) => ask.mutate(q))}>
        <Stack gap="sm" maw={760}>
          <Group gap="xs">
            <Text size="sm" id="caller-is">{t.outlook.where}</Text>
            <SegmentedControl size="xs" aria-labelledby="caller-is" data={[{ value: 'inside', label: t.outlook.inside }, { value: 'outside', label: t.outlook.outside }]} value={form.values.side} onChange={(v) => form.setFieldValue('side', v as Question['side'])} />
          </Group>
          {outside && trunks.data?.length === 0 && <Alert color="orange" variant="outline">{t.outlook.noTrunks}</Alert>}
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
            <TextInput label={t.outlook.from} description={outside ? t.outlook.outsideHint : t.outlook.fromHint} {...form.getInputProps('from')} />
            <TextInput label={t.outlook.to} description={t.outlook.toHint} {...form.getInputProps('to')} />
            {outside && <Select label={t.outlook.trunk} data={trunks.data ?? []} {...form.getInputProps('trunk')} />}
            <TextInput type="datetime-local" label={t.outlook.at} description={t.outlook.atHint} {...form.getInputProps('at')} />
          </SimpleGrid>
          <Group><Button type="submit" loading={ask.isPending}>{t.outlook.ask}</Button></Group>
          <Trouble error={rest} />
        </Stack>
      </form>
      {found && (
        <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
          <Card withBorder component="section" aria-live="polite">
            <Title order={2} size="h4" mb="xs">{t.outlook.answer}</Title>
            <Text fw={600} mb={4}>{(found.sentence ?? '').replace(/^./, (c) => c.toUpperCase())}</Text>
            <Text size="sm" c="dimmed" mb="md">{t.outlook.statusOf(found.status ?? 0)}</Text>
            <Flow from={ask.variables?.from || t.calls.anonymous} targets={targets} status={found.status ?? 0} sentence={found.sentence ?? ''} names={names} />
          </Card>
          <Card withBorder component="section">
            <Title order={2} size="h4" mb="sm">{t.outlook.becauseOf}</Title>
            <Decisions all={found.trace ?? []} />
          </Card>
        </SimpleGrid>
      )}
    </Stack>
  )
}
