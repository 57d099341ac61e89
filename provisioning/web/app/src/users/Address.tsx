import { Badge, Button, Group, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { answer, client, type User } from '../api/client'
import { useReread } from '../edit/change'
import { timeOf } from '../list/time'
import { useWordsFor } from '../shell/Trouble'
import { useTexts } from '../texts'

/** unconfirmed says that a user's email address is not known to be the user's. */
export const unconfirmed = (u: User) => ['sent', 'expired', 'failed'].includes(u.email_verification?.state ?? '')

/** asksAgain says that another address will have to be confirmed: the user has accepted an invitation. */
export const asksAgain = (u: User) => u.invitation?.state === 'accepted' || Boolean(u.email_verification?.verified)

/** useSendVerification gives what mails a user once more the link that confirms the address. */
export function useSendVerification() {
  const t = useTexts()
  const wordsFor = useWordsFor()
  const reread = useReread()
  return useMutation({
    mutationFn: (u: User) => answer(client.POST('/api/v1/users/{id}/email-verification', { params: { path: { id: u.id } } })),
    onSuccess: (sent) => { notifications.show({ message: t.address.done(sent.mailed_to ?? '') }); reread() },
    onError: (e) => notifications.show({ color: 'red', message: wordsFor(e) }),
  })
}

/** Unconfirmed stands beside an address that nobody has confirmed. */
export function Unconfirmed({ user }: { user: User }) {
  const t = useTexts()
  if (!unconfirmed(user)) return null
  return <Badge size="sm" variant="outline" color="orange" c="var(--mantine-color-text)" tt="none" style={{ flexShrink: 0 }}>{t.address.badge}</Badge>
}

/** Confirming says how it stands with an address that nobody has confirmed, and has the link mailed again. */
export function Confirming({ user }: { user: User }) {
  const t = useTexts()
  const send = useSendVerification()
  const v = user.email_verification
  if (!v || !unconfirmed(user)) return null
  const until = send.data?.expires_at ?? (v.state === 'sent' ? v.expires_at : undefined)
  const words = until ? t.address.asked(timeOf(until)) : v.state === 'expired' ? t.address.tooOld : t.address.failed
  return (
    <Group gap="sm" mt="sm" role="status" justify="space-between">
      <Text size="sm" flex={1} miw={200}><Unconfirmed user={user} /> {words}</Text>
      <Button size="compact-sm" variant="default" loading={send.isPending} onClick={() => send.mutate(user)}>{t.address.again}</Button>
    </Group>
  )
}
