import { ActionIcon, Badge, Button, Group, Paper, Select, Stack, Table, Text, TextInput, Title, Tooltip } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconDownload, IconShieldCheck } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, client, type Schemas } from '../api/client'
import { saveFile } from '../api/file'
import { programOf } from '../security/program'
import { Trouble } from '../shell/Trouble'
import { useLanguage } from '../texts'

const pageSize = 50

type Found = { event?: string; 'login~'?: string; 'source~'?: string }

async function download(found: Found) {
  const call = client.GET('/api/v1/audit', { params: { query: found }, headers: { Accept: 'text/csv' }, parseAs: 'blob' })
  saveFile((await answer(call as Promise<{ data?: unknown; error?: unknown; response: Response }>)) as Blob, 'audit.csv')
}

/** AuditPage is who came in and who did not. What people changed then is on its own page. */
export default function AuditPage() {
  const { texts: t } = useLanguage()
  const [found, setFound] = useState<Found>({})
  const save = useMutation({ mutationFn: () => download(found) })
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={1}>{t.audit.title}</Title>
        <Tooltip label={t.audit.download}>
          <ActionIcon variant="default" size={36} aria-label={t.audit.download} loading={save.isPending} onClick={() => save.mutate()}><IconDownload size={18} aria-hidden /></ActionIcon>
        </Tooltip>
      </Group>
      <Trouble error={save.error} retry={() => save.mutate()} />
      <Access found={found} onFind={setFound} />
    </Stack>
  )
}

function Access({ found, onFind }: { found: Found; onFind: (found: Found) => void }) {
  const { texts: t, language } = useLanguage()
  const w = t.audit
  const [typed, setTyped] = useState(found)
  const later = useDebouncedCallback(onFind, 250)
  const set = (name: keyof Found, value: string, at: (f: Found) => void) => {
    const next = { ...typed, [name]: value }
    if (!value) delete next[name]
    setTyped(next)
    at(next)
  }
  const list = useInfiniteQuery({
    queryKey: ['audit', found],
    initialPageParam: '',
    queryFn: ({ pageParam }) => answer(client.GET('/api/v1/audit', { params: { query: { ...found, limit: pageSize, ...(pageParam && { cursor: pageParam }) } } })),
    getNextPageParam: (last) => last.next_cursor || undefined,
  })
  const events = (list.data?.pages ?? []).flatMap((p) => (p.items ?? []) as Required<Schemas['AccessEvent']>[])
  const at = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' })
  const filtered = Object.keys(found).length > 0
  return (
    <Stack gap="sm">
      <Group gap="xs" align="flex-end" role="search" aria-label={w.filters}>
        <Select size="xs" w={200} label={w.event} placeholder={w.any} clearable data={Object.entries(w.events).map(([value, label]) => ({ value, label }))} value={typed.event ?? null} onChange={(v) => set('event', v ?? '', onFind)} />
        <TextInput size="xs" w={200} label={w.who} data-search="" aria-keyshortcuts="/" value={typed['login~'] ?? ''} onChange={(e) => set('login~', e.currentTarget.value, later)} />
        <TextInput size="xs" w={160} label={w.source} value={typed['source~'] ?? ''} onChange={(e) => set('source~', e.currentTarget.value, later)} />
        {filtered && <Button size="xs" variant="default" onClick={() => { setTyped({}); onFind({}) }}>{w.clear}</Button>}
      </Group>
      <Trouble error={list.error} retry={() => list.refetch()} />
      {list.data && events.length === 0 && (
        <Paper withBorder p="xl">
          <Stack align="center" gap="xs">
            <IconShieldCheck size={36} stroke={1.3} aria-hidden />
            <Text fw={600}>{filtered ? w.noneFound : w.empty}</Text>
            <Text size="sm" c="dimmed" ta="center" maw={440}>{filtered ? w.noneFoundHint : w.emptyHint}</Text>
          </Stack>
        </Paper>
      )}
      {events.length > 0 && (
        <div className="scroll" role="region" aria-label={w.accessTable} tabIndex={0}>
          <Table verticalSpacing={4} highlightOnHover>
            <Table.Thead>
              <Table.Tr>{[w.at, w.event, w.who, w.source, w.program, w.detail].map((head) => <Table.Th key={head} scope="col">{head}</Table.Th>)}</Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {events.map((e) => (
                <Table.Tr key={e.id}>
                  <Table.Td>{at.format(new Date(e.at))}</Table.Td>
                  <Table.Td><Badge variant="outline" tt="none" miw="max-content" color={e.event === 'sign_in_failed' || e.event === 'phone_denied' ? 'red' : 'gray'}>{w.events[e.event] ?? e.event}</Badge></Table.Td>
                  <Table.Td>{e.login || (e.event !== 'phone_denied' && <Text span size="sm" c="dimmed">{w.nobody}</Text>)}</Table.Td>
                  <Table.Td>{e.source}</Table.Td>
                  <Table.Td>{programOf(e.user_agent, t.security.sessions.on)}</Table.Td>
                  <Table.Td>{e.detail}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {list.hasNextPage && <Group><Button variant="default" loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>{w.more}</Button></Group>}
    </Stack>
  )
}
