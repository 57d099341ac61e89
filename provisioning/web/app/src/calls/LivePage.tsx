import { Button, Anchor, Group, Loader, Modal, Stack, Table, Text, Title, VisuallyHidden } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconPhoneCall, IconPhoneOff } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { answer, client } from '../api/client'
import { useSession } from '../api/useSession'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { useCallEvents, useCalls, useNow } from './data'
import { Direction, Empty, Moment, Mos, Pages, nameOfCaller, usePair } from './parts'
import { between, codecOf, length, spoken, stateOf, worst, type Call } from './words'

type Up = Call & { id: string }

/** LivePage shows the calls that are up, as they change. */
export default function LivePage() {
  const t = useTexts()
  const pair = usePair()
  const [cursors, setCursors] = useState<string[]>([])
  const told = useCallEvents(useSession().role === 'admin')
  // What an event does not tell, how well a call is heard, is looked at anew.
  const page = useCalls({ state: 'active' }, cursors.at(-1), told ? 5000 : 2000)
  const now = useNow()
  const [ending, setEnding] = useState<Up | null>(null)
  const calls = page.data?.calls
  return (
    <Stack gap="sm">
      <Group gap="sm" align="baseline">
        <Title order={1}>{t.calls.live}</Title>
        <Text size="sm" c="dimmed" role="status">{calls && (told ? t.calls.following : t.calls.polling)}</Text>
        {page.isPending && <Loader size={14} aria-label={t.common.loading} />}
      </Group>
      <Trouble error={page.error} retry={() => page.refetch()} />
      {calls?.length === 0 && <Empty title={t.calls.liveEmpty} hint={t.calls.liveEmptyHint} icon={<IconPhoneCall size={36} stroke={1.3} aria-hidden />} />}
      {calls && calls.length > 0 && (
        <div className="scroll" role="region" aria-label={t.calls.liveTable} tabIndex={0}>
          <Table verticalSpacing={6} horizontalSpacing="sm" highlightOnHover className="stacks">
            <Table.Thead>
              <Table.Tr>
                {[t.calls.who, t.calls.direction, t.calls.state, t.calls.started, t.calls.duration, t.calls.codec, t.calls.quality].map((h) => <Table.Th key={h} scope="col">{h}</Table.Th>)}
                <Table.Th scope="col"><VisuallyHidden>{t.common.actions}</VisuallyHidden></Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {calls.map((c) => {
                const state = stateOf(c)
                return (
                  <Table.Tr key={c.id}>
                    <Table.Td><Anchor component={Link} href={`/calls/${c.id}`} c="inherit"><Text span fw={600} size="sm">{nameOfCaller(c, t.calls.anonymous)}</Text><Text span size="sm"> → {c.to}</Text></Anchor></Table.Td>
                    <Table.Td><Direction direction={c.direction} /></Table.Td>
                    <Table.Td>{t.calls.states[state] ?? state}</Table.Td>
                    <Table.Td><Moment at={c.started_at} seconds /></Table.Td>
                    <Table.Td className="digits">{length(c.answered_at ? spoken(c, now) : between(c.started_at, undefined, now))}</Table.Td>
                    <Table.Td>{codecOf(c) || '–'}</Table.Td>
                    <Table.Td><Mos value={worst(c)} none={t.calls.unmeasured} /></Table.Td>
                    <Table.Td><Button size="compact-sm" variant="default" color="red" leftSection={<IconPhoneOff size={14} aria-hidden />} aria-label={t.calls.hangUpOf(pair(c))} onClick={() => setEnding(c)}>{t.calls.hangUp}</Button></Table.Td>
                  </Table.Tr>
                )
              })}
            </Table.Tbody>
          </Table>
        </div>
      )}
      <Pages cursors={cursors} next={page.data?.next} onChange={setCursors} />
      {ending && <HangUp call={ending} onClose={() => setEnding(null)} />}
    </Stack>
  )
}

/** HangUp asks before it ends a call between people. */
function HangUp({ call, onClose }: { call: Up; onClose: () => void }) {
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
