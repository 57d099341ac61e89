import { ActionIcon, Badge, Button, Group, Loader, Menu, Modal, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconDotsVertical, IconPlayerPlay, IconRecordMail, IconX } from '@tabler/icons-react'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { answer, client, type Schemas } from '../api/client'
import { fieldErrors } from '../edit/errors'
import { useNames } from '../calls/data'
import { Moment, nameOfCaller } from '../calls/parts'
import { Player } from '../calls/Player'
import { length } from '../calls/words'
import { pageSize } from '../list/list'
import { Empty } from '../list/Empty'
import { Pages } from '../list/Pages'
import { Trouble } from '../shell/Trouble'
import { UserSelect } from '../users/UserSelect'
import { useTexts } from '../texts'
import { Ask, Item, Items } from './Item'

type Voicemail = Schemas['Voicemail'] & { id: string }
type Change = Schemas['VoicemailChange']

/** Voicemails are the messages of one user, or of everybody where user is empty. */
export function Voicemails({ user, onlyUnread, admin }: { user: string; onlyUnread: boolean; admin: boolean }) {
  const t = useTexts()
  const queries = useQueryClient()
  const [cursors, setCursors] = useState<string[]>([])
  const [open, setOpen] = useState('')
  const [deleting, setDeleting] = useState<Voicemail | null>(null)
  const [handing, setHanding] = useState<Voicemail | null>(null)
  const cursor = cursors.at(-1)
  const page = useQuery({
    queryKey: ['voicemails', user, onlyUnread, cursor],
    refetchInterval: 30_000,
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const found = await answer(client.GET('/api/v1/voicemails', { params: { query: { limit: pageSize, ...(cursor && { cursor }), ...(user && { user_id: user }), ...(onlyUnread && { read: 'false' }) } } }))
      return { items: (found.items ?? []) as Voicemail[], next: found.next_cursor }
    },
  })
  const again = () => void queries.invalidateQueries({ queryKey: ['voicemails'] })
  const change = useMutation({
    mutationFn: ({ id, body }: { id: string; body: Change }) => answer(client.PATCH('/api/v1/voicemails/{id}', { params: { path: { id } }, body })),
    onSuccess: again,
  })
  const remove = useMutation({
    mutationFn: (id: string) => answer(client.DELETE('/api/v1/voicemails/{id}', { params: { path: { id } } })),
    onSuccess: () => {
      notifications.show({ message: t.inbox.removed, closeButtonProps: { 'aria-label': t.common.close } })
      setDeleting(null)
      again()
    },
  })
  const items = page.data?.items
  const names = useNames(user === '' ? (items ?? []).map((v) => v.user_id ?? '') : [])
  if (page.isPending) return <Loader size="sm" aria-label={t.common.loading} />
  return (
    <Stack gap="sm">
      <Trouble error={page.error ?? change.error} retry={page.error ? () => page.refetch() : undefined} />
      {items?.length === 0 && <Empty title={t.inbox.voicemailEmpty} hint={t.inbox.voicemailEmptyHint} icon={IconRecordMail} />}
      {items && items.length > 0 && (
        <Items>
          {items.map((v) => {
            const who = nameOfCaller(v, t.calls.anonymous)
            const audible = v.state === 'captured' || v.state === 'delivered'
            return (
              <Item key={v.id} strong={!v.read} title={who}
                badge={!v.read && <Badge size="sm" tt="none">{t.inbox.isNew}</Badge>}
                about={<><Moment at={v.created_at} /> · {length(v.duration_ms ?? 0)}{names[v.user_id ?? ''] ? ` · ${t.inbox.of(names[v.user_id ?? '']!)}` : ''}{audible ? '' : ` · ${t.inbox.notReady(t.inbox.states[v.state ?? ''] ?? v.state ?? '')}`}</>}
                actions={
                  <>
                    {audible && (
                      <ActionIcon variant="default" size="lg" aria-expanded={open === v.id} aria-label={open === v.id ? t.calls.hide : t.inbox.play(t.inbox.from(who))} onClick={() => setOpen(open === v.id ? '' : v.id)}>
                        {open === v.id ? <IconX size={16} aria-hidden /> : <IconPlayerPlay size={16} aria-hidden />}
                      </ActionIcon>
                    )}
                    <Menu position="bottom-end" withinPortal>
                      <Menu.Target><ActionIcon variant="subtle" color="gray" size="lg" aria-label={t.inbox.actions(t.inbox.from(who))}><IconDotsVertical size={16} aria-hidden /></ActionIcon></Menu.Target>
                      <Menu.Dropdown>
                        <Menu.Item onClick={() => change.mutate({ id: v.id, body: { read: !v.read } })}>{v.read ? t.inbox.markUnread : t.inbox.markRead}</Menu.Item>
                        {admin && <Menu.Item onClick={() => setHanding(v)}>{t.inbox.hand}</Menu.Item>}
                        {v.call_id && <Menu.Item component={Link} href={`/calls/${v.call_id}`}>{t.inbox.toCall}</Menu.Item>}
                        <Menu.Divider />
                        <Menu.Item color="red" onClick={() => { remove.reset(); setDeleting(v) }}>{t.inbox.remove}</Menu.Item>
                      </Menu.Dropdown>
                    </Menu>
                  </>
                }>
                {open === v.id && (
                  <Player src={`/api/v1/voicemails/${encodeURIComponent(v.id)}/audio`} name={`${v.id}.wav`} bytes={v.bytes ?? 0} label={t.inbox.from(who)}
                    onPlay={() => !v.read && change.mutate({ id: v.id, body: { read: true } })} />
                )}
              </Item>
            )
          })}
        </Items>
      )}
      <Pages cursors={cursors} next={page.data?.next} onChange={setCursors} />
      {deleting && <Ask title={t.inbox.removeTitle} lead={t.inbox.removeLead(nameOfCaller(deleting, t.calls.anonymous))} error={remove.error} pending={remove.isPending} onYes={() => remove.mutate(deleting.id)} onClose={() => setDeleting(null)} />}
      {handing && <Hand voicemail={handing} onClose={() => setHanding(null)} onDone={again} />}
    </Stack>
  )
}

function Hand({ voicemail, onClose, onDone }: { voicemail: Voicemail; onClose: () => void; onDone: () => void }) {
  const t = useTexts()
  const [to, setTo] = useState('')
  const [missing, setMissing] = useState(false)
  const hand = useMutation({
    mutationFn: (user_id: string) => answer(client.PATCH('/api/v1/voicemails/{id}', { params: { path: { id: voicemail.id } }, body: { user_id } })),
    onSuccess: () => {
      notifications.show({ message: t.inbox.handed, closeButtonProps: { 'aria-label': t.common.close } })
      onDone()
      onClose()
    },
  })
  const { fields, rest } = hand.error ? fieldErrors(hand.error, (path) => path === 'user_id') : { fields: {} as Record<string, string>, rest: null }
  return (
    <Modal opened onClose={onClose} title={t.inbox.handTitle} closeButtonProps={{ 'aria-label': t.common.close }}>
      <form noValidate onSubmit={(e) => { e.preventDefault(); if (to) hand.mutate(to); else setMissing(true) }}>
        <Stack>
          <Text size="sm">{t.inbox.handLead(nameOfCaller(voicemail, t.calls.anonymous))}</Text>
          <UserSelect label={t.inbox.handTo} placeholder={t.calls.searchUser} value={to} onChange={(v) => { setMissing(false); setTo(v) }} error={missing ? t.inbox.choose : fields.user_id} />
          <Trouble error={rest} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t.common.cancel}</Button>
            <Button type="submit" loading={hand.isPending}>{t.inbox.handSubmit}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
