import { Anchor, Card, Group, Loader, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link, useParams } from 'wouter'
import { answer, client } from '../api/client'
import { useSession } from '../api/useSession'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { useCallEvents, useNames, useNow } from './data'
import { Decisions } from './Decisions'
import { Ladder } from './Ladder'
import { Direction, Moment, Result, nameOfCaller, usePair } from './parts'
import { Quality } from './Quality'
import { RecordingOf } from './RecordingOf'
import { between, length, stateOf, type Call } from './words'

/** CallPage is all that is known of one call: who, how it was routed and why, what was said on the wire, how it sounded. */
export default function CallPage() {
  const t = useTexts()
  const pair = usePair()
  const { id = '' } = useParams<{ id: string }>()
  const admin = useSession().role === 'admin'
  useCallEvents(admin)
  const now = useNow()
  const path = { id }
  const found = useQuery({
    queryKey: ['calls', 'one', id],
    retry: false,
    refetchInterval: (q) => (q.state.data?.state === 'ended' ? false : 3000),
    queryFn: async () => (await answer(client.GET('/api/v1/calls/{id}', { params: { path } }))) as Call & { id: string },
  })
  const call = found.data
  const trace = useQuery({
    queryKey: ['calls', 'trace', id, call?.state],
    enabled: Boolean(call),
    refetchInterval: call && call.state !== 'ended' ? 5000 : false,
    queryFn: () => answer(client.GET('/api/v1/calls/{id}/trace', { params: { path } })),
  })
  const legs = call?.legs ?? []
  const names = useNames(admin ? legs.map((l) => l.user_id ?? '') : [])
  const trunks = useQuery({
    queryKey: ['trunks', 'names'],
    enabled: admin && legs.some((l) => l.trunk_id),
    staleTime: 60_000,
    queryFn: async () => Object.fromEntries(((await answer(client.GET('/api/v1/trunks', { params: { query: { limit: 1000 } } }))).items ?? []).map((x) => [x.id!, x.name || x.id!])),
  })
  if (found.isPending) return <Loader aria-label={t.common.loading} />
  if (!call) return <Stack><Title order={1}>{t.calls.call}</Title><Trouble error={found.error} retry={() => found.refetch()} /></Stack>

  const decisions = trace.data?.decisions ?? []
  const ladder = trace.data?.ladder ?? []
  const peers: Record<string, string> = {}
  for (const l of legs) if (l.target) peers[l.target] = (l.user_id && names[l.user_id]) || l.peer || ''
  const unrecorded = decisions.findLast((d) => d.rule === 'recording' && !d.taken)?.why
  const ended = call.state === 'ended'
  return (
    <Stack gap="md">
      <Group gap="md" align="center">
        <Title order={1}>{pair(call)}</Title>
        {ended ? <Result result={call.outcome?.result} /> : <Text fw={600}>{t.calls.states[stateOf(call)]}</Text>}
      </Group>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        <Section title={t.calls.summary}>
          <Table variant="vertical" layout="fixed" verticalSpacing={5}>
            <Table.Tbody>
              <Row label={t.calls.from}>{nameOfCaller(call, t.calls.anonymous)}</Row>
              <Row label={t.calls.to}>{call.to}</Row>
              <Row label={t.calls.direction}><Direction direction={call.direction} /></Row>
              <Row label={t.calls.started}><Moment at={call.started_at} seconds /></Row>
              <Row label={t.calls.duration}>{call.answered_at ? length(between(call.answered_at, call.ended_at, now)) : '–'}</Row>
              {ended && <Row label={t.calls.result}>{[t.calls.results[call.outcome?.result ?? ''], call.outcome?.code, call.outcome?.reason].filter(Boolean).join(' · ')}</Row>}
              {ended && call.outcome?.hung_up_by && <Row label={t.calls.hungUpBy}>{t.calls.by[call.outcome.hung_up_by] ?? call.outcome.hung_up_by}</Row>}
              {trace.data?.sentence && <Row label={t.calls.sentence}>{trace.data.sentence}</Row>}
            </Table.Tbody>
          </Table>
        </Section>
        <Section title={t.calls.legs}>
          <div style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t.calls.legs}>
            <Table verticalSpacing={5}>
              <Table.Thead><Table.Tr>{[t.calls.leg, t.calls.who, t.calls.state, t.calls.answered, t.calls.ended].map((h) => <Table.Th key={h} scope="col">{h}</Table.Th>)}</Table.Tr></Table.Thead>
              <Table.Tbody>
                {legs.map((l) => (
                  <Table.Tr key={l.id}>
                    <Table.Td>{t.calls.sides[l.side ?? ''] ?? l.side}</Table.Td>
                    <Table.Td>
                      {l.user_id && names[l.user_id] ? <Anchor component={Link} size="sm" href={`/users?id=${encodeURIComponent(l.user_id)}`}>{names[l.user_id]}</Anchor> : null}
                      {l.trunk_id ? <Anchor component={Link} size="sm" href={`/trunks?id=${encodeURIComponent(l.trunk_id)}`}>{trunks.data?.[l.trunk_id] ?? l.trunk_id}</Anchor> : null}
                      <Text size="sm" c={l.user_id && names[l.user_id] ? 'dimmed' : undefined}>{l.peer === 'anonymous' ? t.calls.anonymous : l.peer}</Text>
                    </Table.Td>
                    <Table.Td>{[t.calls.states[l.state ?? ''] ?? l.state, l.code].filter(Boolean).join(' · ')}</Table.Td>
                    <Table.Td><Moment at={l.answered_at} seconds /></Table.Td>
                    <Table.Td><Moment at={l.ended_at} seconds /></Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        </Section>
      </SimpleGrid>
      <Section title={t.calls.recordings}>
        {(call.recording_ids ?? []).map((one) => <RecordingOf key={one} id={one} />)}
        {(call.recording_ids ?? []).length === 0 && <Text size="sm">{unrecorded ? t.calls.noRecordingWhy(unrecorded) : t.calls.noRecording}</Text>}
      </Section>
      <Section title={t.calls.overTime}><Quality legs={legs} series={trace.data?.quality ?? []} /></Section>
      <Trouble error={trace.error} retry={() => trace.refetch()} />
      <Section title={t.calls.ladder}>
        {ladder.length > 0 ? <Ladder steps={ladder} names={peers} /> : <Text size="sm" c="dimmed">{decisions.some((d) => d.rule === 'withheld') && !admin ? t.calls.ladderHidden : t.calls.ladderGone}</Text>}
      </Section>
      <Section title={t.calls.decisions}><Decisions all={decisions} /></Section>
    </Stack>
  )
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card withBorder component="section" padding="md">
      <Title order={2} size="h4" mb="sm">{title}</Title>
      {children}
    </Card>
  )
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return <Table.Tr><Table.Th w={150}>{label}</Table.Th><Table.Td style={{ overflowWrap: 'anywhere' }}>{children}</Table.Td></Table.Tr>
}
