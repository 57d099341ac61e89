import { Anchor, Loader, Stack } from '@mantine/core'
import { IconPhoneX } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { calls } from '../api/collections'
import { Moment, Result, nameOfCaller, usePair } from '../calls/parts'
import { pageSize } from '../list/list'
import { Empty } from '../list/Empty'
import { Pages } from '../list/Pages'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { Item, Items } from './Item'

/** Missed are the calls for somebody that nobody answered. */
export function Missed({ user }: { user: string }) {
  const t = useTexts()
  const pair = usePair()
  const [cursors, setCursors] = useState<string[]>([])
  const cursor = cursors.at(-1)
  const page = useQuery({
    queryKey: ['calls', 'missed', user, cursor], placeholderData: keepPreviousData, refetchInterval: 30_000,
    queryFn: () => calls.list({ state: 'ended', missed: 'true', ...(user && { user_id: user }) }, pageSize, cursor),
  })
  if (page.isPending) return <Loader size="sm" aria-label={t.common.loading} />
  const missed = page.data?.items
  return (
    <Stack gap="sm">
      <Trouble error={page.error} retry={() => page.refetch()} />
      {missed?.length === 0 && <Empty title={t.inbox.missedEmpty} hint={t.inbox.missedEmptyHint} icon={IconPhoneX} />}
      {missed && missed.length > 0 && (
        <Items>
          {missed.map((c) => (
            <Item key={c.id} title={<>{nameOfCaller(c, t.calls.anonymous)} → {c.to}</>} about={<Moment at={c.started_at} />} badge={<Result result={c.outcome?.result} />}
              actions={<Anchor component={Link} size="sm" href={`/calls/${c.id}`} aria-label={`${t.inbox.toCall}: ${pair(c)}`}>{t.inbox.toCall}</Anchor>} />
          ))}
        </Items>
      )}
      <Pages cursors={cursors} next={page.data?.next} onChange={setCursors} />
    </Stack>
  )
}
