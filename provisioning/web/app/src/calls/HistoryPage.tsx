import { Anchor, Button, Text } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import { useState } from 'react'
import { Link } from 'wouter'
import { calls, type CallRecord } from '../api/collections'
import { useSession } from '../api/useSession'
import { ListPage } from '../list/ListPage'
import { useTexts } from '../texts'
import { Direction, Moment, Mos, Result, nameOfCaller, usePair } from './parts'
import { RecordingOf } from './RecordingOf'
import { length, spoken, worst } from './words'

/** HistoryPage is the list of the calls that were, with what was recorded of them. */
export default function HistoryPage() {
  const t = useTexts()
  const c = t.calls
  const pair = usePair()
  const admin = useSession().role === 'admin'
  const [playing, setPlaying] = useState('')
  const choices = (all: Record<string, string>) => Object.entries(all).map(([value, label]) => ({ value, label }))
  const recording = (x: CallRecord) => (
    <Button size="compact-sm" variant="default" aria-expanded={playing === x.id} aria-label={playing === x.id ? c.hide : `${c.recording}: ${pair(x)}`} onClick={() => setPlaying(playing === x.id ? '' : x.id)}>
      {playing === x.id ? t.common.close : c.recording}
    </Button>
  )
  return (
    <ListPage all={calls} always={{ state: 'ended' }} icon={IconHistory} csv newestFirst="started" nameOf={pair}
      texts={{ title: c.history, table: c.historyTable, count: c.count, empty: c.historyEmpty, emptyHint: c.historyEmptyHint, noneFoundHint: c.noneFoundHint }}
      filters={[
        { name: 'number', label: c.number },
        ...(admin ? [{ name: 'user_id', label: c.user, user: true }] : []),
        { name: 'direction', label: c.direction, choices: choices(c.directions) },
        { name: 'outcome.result', label: c.result, choices: choices(c.results) },
        { name: 'since', label: c.since, day: 'start' },
        { name: 'until', label: c.until, day: 'end' },
      ]}
      columns={[
        { id: 'who', label: c.who, cell: (x) => <Anchor component={Link} href={`/calls/${x.id}`} c="inherit"><Text span fw={600} size="sm">{nameOfCaller(x, c.anonymous)}</Text><Text span size="sm"> → {x.to}</Text></Anchor> },
        { id: 'started', label: c.started, cell: (x) => <Moment at={x.started_at} /> },
        { id: 'direction', label: c.direction, cell: (x) => <Direction direction={x.direction} /> },
        { id: 'result', label: c.result, cell: (x) => <Result result={x.outcome?.result} /> },
        { id: 'duration', label: c.duration, cell: (x) => x.answered_at && <span className="digits">{length(spoken(x, 0))}</span> },
        { id: 'quality', label: c.quality, cell: (x) => worst(x) && <Mos value={worst(x)} /> },
        { id: 'recording', label: c.recording, cell: (x) => x.recording_ids && x.recording_ids.length > 0 && recording(x) },
      ]}
      below={(x) => playing === x.id && x.recording_ids?.map((id) => <RecordingOf key={id} id={id} />)} />
  )
}
