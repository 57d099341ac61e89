import { ActionIcon, Loader, Menu, Stack } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconDotsVertical, IconMicrophone, IconPlayerPlay, IconX } from '@tabler/icons-react'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { answer, client } from '../api/client'
import type { Recording } from '../calls/data'
import { Moment, usePair } from '../calls/parts'
import { RecordingOf } from '../calls/RecordingOf'
import { length } from '../calls/words'
import { pageSize } from '../list/list'
import { Empty } from '../list/Empty'
import { Pages } from '../list/Pages'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { Ask, Item, Items } from './Item'

/** Recordings are those that somebody may hear; only an administrator deletes them. */
export function Recordings({ user, admin }: { user: string; admin: boolean }) {
  const t = useTexts()
  const pair = usePair()
  const queries = useQueryClient()
  const [cursors, setCursors] = useState<string[]>([])
  const [open, setOpen] = useState('')
  const [deleting, setDeleting] = useState<Recording | null>(null)
  const cursor = cursors.at(-1)
  const page = useQuery({
    queryKey: ['recordings', 'list', user, cursor],
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const found = await answer(client.GET('/api/v1/recordings', { params: { query: { limit: pageSize, ...(cursor && { cursor }), ...(user && { user_id: user }) } } }))
      return { items: (found.items ?? []) as Recording[], next: found.next_cursor }
    },
  })
  const remove = useMutation({
    mutationFn: (id: string) => answer(client.DELETE('/api/v1/recordings/{id}', { params: { path: { id } } })),
    onSuccess: () => {
      notifications.show({ message: t.inbox.removed, closeButtonProps: { 'aria-label': t.common.close } })
      setDeleting(null)
      void queries.invalidateQueries({ queryKey: ['recordings'] })
    },
  })
  if (page.isPending) return <Loader size="sm" aria-label={t.common.loading} />
  const items = page.data?.items
  return (
    <Stack gap="sm">
      <Trouble error={page.error} retry={() => page.refetch()} />
      {items?.length === 0 && <Empty title={t.inbox.recordingsEmpty} hint={t.inbox.recordingsEmptyHint} icon={IconMicrophone} />}
      {items && items.length > 0 && (
        <Items>
          {items.map((r) => {
            const who = pair(r)
            return (
              <Item key={r.id} title={who} about={<><Moment at={r.created_at} /> · {length(r.duration_ms ?? 0)} · {t.calls.directions[r.direction ?? ''] ?? r.direction}</>}
                actions={
                  <>
                    <ActionIcon variant="default" size="lg" aria-expanded={open === r.id} aria-label={open === r.id ? t.calls.hide : t.inbox.play(who)} onClick={() => setOpen(open === r.id ? '' : r.id)}>
                      {open === r.id ? <IconX size={16} aria-hidden /> : <IconPlayerPlay size={16} aria-hidden />}
                    </ActionIcon>
                    <Menu position="bottom-end" withinPortal>
                      <Menu.Target><ActionIcon variant="subtle" color="gray" size="lg" aria-label={t.inbox.actions(who)}><IconDotsVertical size={16} aria-hidden /></ActionIcon></Menu.Target>
                      <Menu.Dropdown>
                        <Menu.Item component={Link} href={`/calls/${r.call_id}`}>{t.inbox.toCall}</Menu.Item>
                        {admin && <Menu.Item color="red" onClick={() => { remove.reset(); setDeleting(r) }}>{t.inbox.remove}</Menu.Item>}
                      </Menu.Dropdown>
                    </Menu>
                  </>
                }>
                {open === r.id && <RecordingOf id={r.id} />}
              </Item>
            )
          })}
        </Items>
      )}
      <Pages cursors={cursors} next={page.data?.next} onChange={setCursors} />
      {deleting && <Ask title={t.inbox.removeRecordingTitle} lead={t.inbox.removeRecordingLead(pair(deleting))} error={remove.error} pending={remove.isPending} onYes={() => remove.mutate(deleting.id)} onClose={() => setDeleting(null)} />}
    </Stack>
  )
}
