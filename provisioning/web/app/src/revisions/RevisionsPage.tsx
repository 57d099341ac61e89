import { Accordion, Anchor, Button, Group, Loader, Stack, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconX } from '@tabler/icons-react'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Fragment, useState } from 'react'
import { Link, useSearchParams } from 'wouter'
import { answer, client } from '../api/client'
import { Trouble } from '../shell/Trouble'
import { useLanguage, useTexts } from '../texts'
import { BackDialog, type Back } from './BackDialog'
import { Changes } from './Changes'

const names = ['by~', 'summary~', 'path~', 'since', 'until'] as const
type Found = Partial<Record<(typeof names)[number], string>>

/** The times that a day begins and ends at, where one is. */
const times = ({ since, until, ...rest }: Found) => ({
  ...rest, ...(since && { since: new Date(`${since}T00:00:00`).toISOString() }), ...(until && { until: new Date(`${until}T23:59:59`).toISOString() }),
})

/** RevisionsPage is every change of the configuration, and the way back. */
export default function RevisionsPage() {
  const t = useTexts()
  const r = t.revisions
  const { language } = useLanguage()
  const [address, setAddress] = useSearchParams()
  const found: Found = Object.fromEntries(names.filter((n) => address.get(n)).map((n) => [n, address.get(n)!]))
  const [typed, setTyped] = useState(found)
  const undo = Number(address.get('undo'))
  const [back, setBack] = useState<Back | null>(undo > 0 ? { how: 'undo', number: undo } : null)
  const narrow = (next: Found) => setAddress(new URLSearchParams(next as Record<string, string>), { replace: true })
  const later = useDebouncedCallback(narrow, 250)
  const set = (name: keyof Found, value: string) => {
    const next = { ...typed, [name]: value }
    if (!value) delete next[name]
    setTyped(next)
    later(next)
  }
  const list = useInfiniteQuery({
    queryKey: ['revisions', found], initialPageParam: '', placeholderData: keepPreviousData,
    queryFn: ({ pageParam }) => answer(client.GET('/api/v1/revisions', { params: { query: { ...times(found), limit: 50, ...(pageParam && { cursor: pageParam }) } } })),
    getNextPageParam: (page) => page.next_cursor || undefined,
  })
  const all = list.data?.pages.flatMap((p) => p.items ?? []) ?? []
  const when = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
  const input = (name: keyof Found, label: string, type = 'text') => (
    <TextInput key={name} size="xs" w={150} type={type} label={label} value={typed[name] ?? ''} onChange={(e) => set(name, e.currentTarget.value)} />
  )
  return (
    <Stack gap="sm" maw={900}>
      <div>
        <Group gap="sm"><Title order={1}>{r.title}</Title>{list.isFetching && <Loader size={14} aria-hidden />}</Group>
        <Text size="sm" c="dimmed">{r.lead}</Text>
        <Text size="sm" c="dimmed">
          {r.tries}{' '}
          {([['/users', 'users'], ['/numbers', 'numbers'], ['/internal-numbers', 'internalNumbers'], ['/time-schedules', 'schedules']] as const).map(([path, page], i) => (
            <Fragment key={path}>{i > 0 && ', '}<Anchor component={Link} href={path} underline="always">{t.nav[page]}</Anchor></Fragment>
          ))}.
        </Text>
      </div>
      <Group role="search" aria-label={r.filters} gap="xs" align="flex-end">
        {input('by~', r.by)}{input('summary~', r.summary)}{input('path~', r.path)}{input('since', r.since, 'date')}{input('until', r.until, 'date')}
        {Object.keys(typed).length > 0 && <Button size="xs" variant="subtle" leftSection={<IconX size={14} aria-hidden />} onClick={() => { setTyped({}); narrow({}) }}>{r.clear}</Button>}
      </Group>
      <Trouble error={list.error} retry={() => list.refetch()} />
      {list.data && all.length === 0 && <div><Text fw={600}>{r.none}</Text><Text size="sm" c="dimmed">{r.noneHint}</Text></div>}
      <Accordion multiple chevronPosition="left" order={2}>
        {all.map((rev) => (
          <Accordion.Item key={rev.revision} value={String(rev.revision)}>
            <Accordion.Control>
              <Text size="sm" fw={600}>{rev.summary}</Text>
              <Text size="xs" c="dimmed">{`${r.number} ${rev.revision} · ${when.format(new Date(rev.at!))} · ${rev.by} · ${r.records(rev.change_count ?? 0)}`}</Text>
            </Accordion.Control>
            <Accordion.Panel>
              <Stack gap="sm">
                <Changes changes={rev.changes ?? []} count={rev.change_count ?? 0} />
                <Group gap="xs">
                  <Button size="xs" variant="default" onClick={() => setBack({ how: 'undo', number: rev.revision! })}>{r.undoOf(rev.revision!)}</Button>
                  <Button size="xs" variant="subtle" onClick={() => setBack({ how: 'restore', number: rev.revision! })}>{r.restoreOf(rev.revision!)}</Button>
                </Group>
              </Stack>
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
      {list.hasNextPage && <Button variant="default" loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()} style={{ alignSelf: 'flex-start' }}>{r.more}</Button>}
      {back && <BackDialog back={back} onClose={() => { setBack(null); if (undo) narrow(found) }} />}
    </Stack>
  )
}
