import { Button, Group, Loader, Modal, Select, Stack, Table, Text, TextInput, Title, VisuallyHidden } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { IconPlugConnected, IconSearch } from '@tabler/icons-react'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, client } from '../api/client'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { pageSize, useNames, useNow, type Registration } from './data'
import { Empty, Pages } from './parts'
import { UserSelect } from '../users/UserSelect'

/** RegistrationsPage shows which phone answers for whom, from where and until when. */
export default function RegistrationsPage() {
  const t = useTexts()
  const [typed, setTyped] = useState('')
  const [aor] = useDebouncedValue(typed.trim(), 250)
  const [transport, setTransport] = useState<string | null>(null)
  const [user, setUser] = useState('')
  const [cursors, setCursors] = useState<string[]>([])
  const [removing, setRemoving] = useState<Registration | null>(null)
  const now = useNow()
  const filtered = Boolean(aor || transport || user)
  const cursor = cursors.at(-1)
  const page = useQuery({
    queryKey: ['registrations', aor, transport, user, cursor],
    refetchInterval: 5000,
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const query = { limit: pageSize, ...(cursor && { cursor }), ...(aor && { 'aor~': aor }), ...(transport && { transport }), ...(user && { user_id: user }) }
      const found = await answer(client.GET('/api/v1/registrations', { params: { query } }))
      return { items: (found.items ?? []) as Registration[], next: found.next_cursor }
    },
  })
  const items = page.data?.items
  const names = useNames((items ?? []).map((r) => r.user_id ?? ''))
  const first = <T,>(set: (v: T) => void) => (v: T) => { setCursors([]); set(v) }
  const left = (at: string | undefined) => {
    const s = Math.round((Date.parse(at ?? '') - now) / 1000)
    return s <= 0 ? t.calls.over : s < 120 ? t.calls.inSeconds(s) : t.calls.inMinutes(Math.round(s / 60))
  }
  const clear = () => { setCursors([]); setTyped(''); setTransport(null); setUser('') }
  return (
    <Stack gap="sm">
      <Group gap="sm" align="baseline">
        <Title order={1}>{t.calls.registrations}</Title>
        {page.isPending && <Loader size={14} aria-label={t.common.loading} />}
      </Group>
      <Group align="flex-end" gap="xs" role="search" aria-label={t.calls.filters}>
        <TextInput size="xs" w={210} label={t.calls.address} leftSection={<IconSearch size={14} aria-hidden />} data-search="" aria-keyshortcuts="/" value={typed} onChange={(e) => first(setTyped)(e.currentTarget.value)} />
        <UserSelect size="xs" label={t.calls.user} placeholder={t.calls.searchUser} value={user} onChange={first(setUser)} w={190} />
        <Select size="xs" w={120} label={t.calls.transport} placeholder={t.calls.any} data={['udp', 'tcp', 'tls', 'ws', 'wss']} value={transport} clearable onChange={first(setTransport)} />
        {filtered && <Button size="xs" variant="subtle" onClick={clear}>{t.calls.clear}</Button>}
      </Group>
      <Trouble error={page.error} retry={() => page.refetch()} />
      {items?.length === 0 && (
        <Empty title={filtered ? t.calls.noneFound : t.calls.registrationsEmpty} hint={filtered ? t.calls.noneFoundHint : t.calls.registrationsEmptyHint} icon={<IconPlugConnected size={36} stroke={1.3} aria-hidden />} />
      )}
      {items && items.length > 0 && (
        <div className="scroll" role="region" aria-label={t.calls.registrationsTable} tabIndex={0}>
          <Table verticalSpacing={6} horizontalSpacing="sm" highlightOnHover>
            <Table.Thead>
              <Table.Tr>
                {[t.calls.address, t.calls.user, t.calls.agent, t.calls.source, t.calls.transport, t.calls.expires, t.calls.contact].map((h) => <Table.Th key={h} scope="col">{h}</Table.Th>)}
                <Table.Th scope="col"><VisuallyHidden>{t.common.actions}</VisuallyHidden></Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((r) => (
                <Table.Tr key={r.id}>
                  <Table.Td><Text size="sm" fw={600}>{r.aor}</Text></Table.Td>
                  <Table.Td>{names[r.user_id ?? ''] ?? '–'}</Table.Td>
                  <Table.Td>{r.user_agent || '–'}</Table.Td>
                  <Table.Td>{r.source}</Table.Td>
                  <Table.Td>{r.transport}</Table.Td>
                  <Table.Td className="digits">{left(r.expires_at)}</Table.Td>
                  <Table.Td><Text size="sm" c="dimmed" maw={280} truncate title={r.contact}>{r.contact}</Text></Table.Td>
                  <Table.Td><Button size="compact-sm" variant="default" aria-label={t.calls.removeOf(`${r.aor} ${r.source}`)} onClick={() => setRemoving(r)}>{t.calls.remove}</Button></Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      <Pages cursors={cursors} next={page.data?.next} onChange={setCursors} />
      {removing && <Remove registration={removing} onClose={() => setRemoving(null)} />}
    </Stack>
  )
}

function Remove({ registration, onClose }: { registration: Registration; onClose: () => void }) {
  const t = useTexts()
  const queries = useQueryClient()
  const remove = useMutation({
    mutationFn: () => answer(client.DELETE('/api/v1/registrations/{id}', { params: { path: { id: registration.id } } })),
    onSuccess: () => {
      notifications.show({ message: t.calls.removed, closeButtonProps: { 'aria-label': t.common.close } })
      onClose()
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ['registrations'] }),
  })
  return (
    <Modal opened onClose={onClose} title={t.calls.removeTitle} closeButtonProps={{ 'aria-label': t.common.close }}>
      <Stack>
        <Text size="sm">{t.calls.removeLead(registration.aor ?? '')}</Text>
        <Trouble error={remove.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>{t.common.cancel}</Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>{t.calls.remove}</Button>
        </Group>
      </Stack>
    </Modal>
  )
}
