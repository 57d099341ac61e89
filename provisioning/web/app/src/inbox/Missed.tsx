import { Anchor, Loader, Stack } from '@mantine/core'
import { IconPhoneX } from '@tabler/icons-react'
import { useState } from 'react'
import { Link } from 'wouter'
import { useCalls } from '../calls/data'
import { Empty, Moment, Pages, Result, nameOfCaller, usePair } from '../calls/parts'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { Item, Items } from './Item'

/** Missed are the calls for somebody that nobody answered. */
export function Missed({ user }: { user: string }) {
  const t = useTexts()
  const pair = usePair()
  const [cursors, setCursors] = useState<string[]>([])
  const page = useCalls({ state: 'ended', missed: true, ...(user && { user_id: user }) }, cursors.at(-1), 30_000)
  if (page.isPending) return <Loader size="sm" aria-label={t.common.loading} />
  const calls = page.data?.calls
  return (
    <Stack gap="sm">
      <Trouble error={page.error} retry={() => page.refetch()} />
      {calls?.length === 0 && <Empty title={t.inbox.missedEmpty} hint={t.inbox.missedEmptyHint} icon={<IconPhoneX size={36} stroke={1.3} aria-hidden />} />}
      {calls && calls.length > 0 && (
        <Items>
          {calls.map((c) => (
            <Item key={c.id} title={<>{nameOfCaller(c, t.calls.anonymous)} → {c.to}</>} about={<Moment at={c.started_at} />} badge={<Result result={c.outcome?.result} />}
              actions={<Anchor component={Link} size="sm" href={`/calls/${c.id}`} aria-label={`${t.inbox.toCall}: ${pair(c)}`}>{t.inbox.toCall}</Anchor>} />
          ))}
        </Items>
      )}
      <Pages cursors={cursors} next={page.data?.next} onChange={setCursors} />
    </Stack>
  )
}
