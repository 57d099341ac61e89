import { ActionIcon, Anchor, Button, Group, Loader, Select, Stack, Table, Text, TextInput, Title, Tooltip } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconDownload, IconHistory, IconSearch, IconX } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useMemo, useState, Fragment } from 'react'
import { Link, useSearchParams } from 'wouter'
import { answer, client } from '../api/client'
import { saveFile } from '../api/file'
import { useSession } from '../api/useSession'
import { dayEnd, dayStart } from '../list/time'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { useCalls, type CallQuery } from './data'
import { Direction, Empty, Moment, Mos, Pages, Result, nameOfCaller, usePair } from './parts'
import { UserSelect } from '../users/UserSelect'
import { RecordingOf } from './RecordingOf'
import { length, spoken, worst } from './words'

const filters = ['number', 'user', 'direction', 'result', 'since', 'until'] as const
export type Filters = Partial<Record<(typeof filters)[number], string>>

export function filtersIn(address: URLSearchParams): Filters {
  const out: Filters = {}
  for (const name of filters) {
    const value = address.get(name)?.trim()
    if (value) out[name] = value
  }
  return out
}

const day = /^\d{4}-\d\d-\d\d$/

/** queryOf is what the exchange is asked for; the days are those of the reader's calendar. */
export function queryOf(f: Filters): CallQuery {
  return {
    state: 'ended',
    ...(f.number && { number: f.number }), ...(f.user && { user_id: f.user }), ...(f.direction && { direction: f.direction }), ...(f.result && { 'outcome.result': f.result }),
    ...(f.since && day.test(f.since) && { since: dayStart(f.since) }), ...(f.until && day.test(f.until) && { until: dayEnd(f.until) }),
  }
}

/** HistoryPage is the list of the calls that were, with what was recorded of them. */
export default function HistoryPage() {
  const t = useTexts()
  const pair = usePair()
  const admin = useSession().role === 'admin'
  const [address, setAddress] = useSearchParams()
  const found = useMemo(() => filtersIn(address), [address])
  const query = useMemo(() => queryOf(found), [found])
  const [cursors, setCursors] = useState<string[]>([])
  const page = useCalls(query, cursors.at(-1))
  const [playing, setPlaying] = useState('')
  const download = useMutation({
    mutationFn: async () => saveFile((await answer(client.GET('/api/v1/calls', { params: { query }, headers: { Accept: 'text/csv' }, parseAs: 'blob' }))) as unknown as Blob, 'calls.csv'),
  })
  const filter = (next: Filters) => {
    setCursors([])
    setAddress(new URLSearchParams(next as Record<string, string>), { replace: true })
  }
  const calls = page.data?.calls
  const filtered = Object.keys(found).length > 0
  const columns = [t.calls.started, t.calls.who, t.calls.direction, t.calls.result, t.calls.duration, t.calls.quality, t.calls.recording]
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Group gap="sm" align="baseline">
          <Title order={1}>{t.calls.history}</Title>
          {page.isFetching && <Loader size={14} aria-hidden />}
        </Group>
        <Tooltip label={t.calls.download}>
          <ActionIcon variant="default" size={36} aria-label={t.calls.download} loading={download.isPending} onClick={() => download.mutate()}><IconDownload size={18} aria-hidden /></ActionIcon>
        </Tooltip>
      </Group>
      <FilterBar values={found} onChange={filter} users={admin} />
      <Trouble error={page.error ?? download.error} retry={() => (page.error ? page.refetch() : download.mutate())} />
      {calls?.length === 0 && (
        <Empty title={filtered ? t.calls.noneFound : t.calls.historyEmpty} hint={filtered ? t.calls.noneFoundHint : t.calls.historyEmptyHint} icon={<IconHistory size={36} stroke={1.3} aria-hidden />}>
          {filtered && <Button variant="default" onClick={() => filter({})}>{t.calls.clear}</Button>}
        </Empty>
      )}
      {calls && calls.length > 0 && (
        <div className="scroll" role="region" aria-label={t.calls.historyTable} tabIndex={0}>
          <Table verticalSpacing={5} horizontalSpacing="sm" highlightOnHover>
            <Table.Thead><Table.Tr>{columns.map((h) => <Table.Th key={h} scope="col">{h}</Table.Th>)}</Table.Tr></Table.Thead>
            <Table.Tbody>
              {calls.map((c) => (
                <Fragment key={c.id}>
                  <Table.Tr>
                    <Table.Td><Moment at={c.started_at} /></Table.Td>
                    <Table.Td><Anchor component={Link} href={`/calls/${c.id}`} c="inherit"><Text span fw={600} size="sm">{nameOfCaller(c, t.calls.anonymous)}</Text><Text span size="sm"> → {c.to}</Text></Anchor></Table.Td>
                    <Table.Td><Direction direction={c.direction} /></Table.Td>
                    <Table.Td><Result result={c.outcome?.result} /></Table.Td>
                    <Table.Td className="digits">{c.answered_at ? length(spoken(c, 0)) : '–'}</Table.Td>
                    <Table.Td><Mos value={worst(c)} /></Table.Td>
                    <Table.Td>
                      {c.recording_ids && c.recording_ids.length > 0 ? (
                        <Button size="compact-sm" variant="default" aria-expanded={playing === c.id} aria-label={playing === c.id ? t.calls.hide : `${t.calls.recording}: ${pair(c)}`} onClick={() => setPlaying(playing === c.id ? '' : c.id)}>
                          {playing === c.id ? t.common.close : t.calls.recording}
                        </Button>
                      ) : '–'}
                    </Table.Td>
                  </Table.Tr>
                  {playing === c.id && (
                    <Table.Tr>
                      <Table.Td colSpan={columns.length}>{c.recording_ids!.map((id) => <RecordingOf key={id} id={id} />)}</Table.Td>
                    </Table.Tr>
                  )}
                </Fragment>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      <Pages cursors={cursors} next={page.data?.next} onChange={setCursors} />
    </Stack>
  )
}

function FilterBar({ values, onChange, users }: { values: Filters; onChange: (f: Filters) => void; users: boolean }) {
  const t = useTexts()
  const [typed, setTyped] = useState(values)
  const later = useDebouncedCallback(onChange, 250)
  const address = JSON.stringify(values)
  useEffect(() => setTyped(JSON.parse(address) as Filters), [address])
  const set = (name: keyof Filters, value: string | null, at: (f: Filters) => void) => {
    const next = { ...typed, [name]: value ?? '' }
    if (!value) delete next[name]
    setTyped(next)
    at(next)
  }
  const choices = (all: Record<string, string>) => Object.entries(all).map(([value, label]) => ({ value, label }))
  return (
    <Group align="flex-end" gap="xs" role="search" aria-label={t.calls.filters}>
      <TextInput size="xs" w={190} label={t.calls.number} leftSection={<IconSearch size={14} aria-hidden />} data-search="" aria-keyshortcuts="/" value={typed.number ?? ''} onChange={(e) => set('number', e.currentTarget.value, later)} />
      {users && <UserSelect size="xs" label={t.calls.user} placeholder={t.calls.searchUser} w={180} value={typed.user ?? ''} onChange={(v) => set('user', v, onChange)} />}
      <Select size="xs" w={130} label={t.calls.direction} placeholder={t.calls.any} clearable data={choices(t.calls.directions)} value={typed.direction ?? null} onChange={(v) => set('direction', v, onChange)} />
      <Select size="xs" w={140} label={t.calls.result} placeholder={t.calls.any} clearable data={choices(t.calls.results)} value={typed.result ?? null} onChange={(v) => set('result', v, onChange)} />
      <TextInput size="xs" w={140} type="date" label={t.calls.since} value={typed.since ?? ''} onChange={(e) => set('since', e.currentTarget.value, onChange)} />
      <TextInput size="xs" w={140} type="date" label={t.calls.until} value={typed.until ?? ''} onChange={(e) => set('until', e.currentTarget.value, onChange)} />
      {filters.some((name) => typed[name]) && <Button size="xs" variant="subtle" leftSection={<IconX size={14} aria-hidden />} onClick={() => onChange({})}>{t.calls.clear}</Button>}
    </Group>
  )
}
