import { Anchor, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconPhoneCall, IconPhoneOff } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { answer, client } from '../api/client'
import { calls, type CallRecord } from '../api/collections'
import { useSession } from '../api/useSession'
import { ListPage } from '../list/ListPage'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { useCallEvents, useNow } from './data'
import { Direction, Moment, Mos, nameOfCaller, usePair } from './parts'
import { between, codecOf, length, spoken, stateOf, worst } from './words'

/** LivePage shows the calls that are up, as they change. */
export default function LivePage() {
  const t = useTexts()
  const c = t.calls
  const pair = usePair()
  const told = useCallEvents(useSession().role === 'admin')
  const now = useNow()
  const [ending, setEnding] = useState<CallRecord | null>(null)
  const state = (x: CallRecord) => c.states[stateOf(x)] ?? stateOf(x)
  return (
    <>
      {/* What an event does not tell, how well a call is heard, is looked at anew. */}
      <ListPage all={calls} always={{ state: 'active' }} every={told ? 5 : 2} icon={IconPhoneCall} newestFirst="started" filters={[]} nameOf={pair} lead={<Text size="sm" c="dimmed" role="status">{told ? c.following : c.polling}</Text>}
        texts={{ title: c.live, table: c.liveTable, count: c.count, empty: c.liveEmpty, emptyHint: c.liveEmptyHint }}
        columns={[
          { id: 'who', label: c.who, cell: (x) => <Anchor component={Link} href={`/calls/${x.id}`} c="inherit"><Text span fw={600} size="sm">{nameOfCaller(x, c.anonymous)}</Text><Text span size="sm"> → {x.to}</Text></Anchor> },
          { id: 'direction', label: c.direction, cell: (x) => <Direction direction={x.direction} /> },
          { id: 'state', label: c.state, cell: state },
          { id: 'started', label: c.started, cell: (x) => <Moment at={x.started_at} seconds /> },
          { id: 'duration', label: c.duration, cell: (x) => <span className="digits">{length(x.answered_at ? spoken(x, now) : between(x.started_at, undefined, now))}</span> },
          { id: 'codec', label: c.codec, cell: codecOf },
          { id: 'quality', label: c.quality, cell: (x) => <Mos value={worst(x)} none={c.unmeasured} /> },
          { id: 'end', label: t.common.actions, cell: (x) => <Button size="compact-sm" variant="default" color="red" leftSection={<IconPhoneOff size={14} aria-hidden />} aria-label={c.hangUpOf(pair(x))} onClick={() => setEnding(x)}>{c.hangUp}</Button> },
        ]} />
      {ending && <HangUp call={ending} onClose={() => setEnding(null)} />}
    </>
  )
}

/** HangUp asks before it ends a call between people. */
function HangUp({ call, onClose }: { call: CallRecord; onClose: () => void }) {
  const t = useTexts()
  const pair = usePair()
  const queries = useQueryClient()
  const end = useMutation({
    mutationFn: () => answer(client.DELETE('/api/v1/calls/{id}', { params: { path: { id: call.id } } })),
    onSuccess: () => {
      notifications.show({ message: t.calls.hungUp, closeButtonProps: { 'aria-label': t.common.close } })
      onClose()
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ['calls'] }),
  })
  return (
    <Modal opened onClose={onClose} title={t.calls.hangUpTitle} closeButtonProps={{ 'aria-label': t.common.close }}>
      <Stack>
        <Text size="sm">{t.calls.hangUpLead(pair(call))}</Text>
        <Trouble error={end.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>{t.common.cancel}</Button>
          <Button color="red" loading={end.isPending} onClick={() => end.mutate()}>{t.calls.hangUp}</Button>
        </Group>
      </Stack>
    </Modal>
  )
}
