import { Anchor, Button, Code, CopyButton, Group, Modal, SegmentedControl, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { Link } from 'wouter'
import { answer, client, type User } from '../api/client'
import { Refusal } from '../api/problem'
import { useReread } from '../edit/change'
import { timeOf } from '../list/time'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import type { Texts } from '../texts/en'
import { unconfirmed } from './Address'
import { fullName } from './names'

const again = (u: User) => Boolean(u.invitation?.state && u.invitation.state !== 'none')

/** inviteLabel is the action by where the invitation stands; noInvite says why there can be none. */
export const inviteLabel = (u: User, t: Texts) => (again(u) ? t.invite.again : t.invite.first)
export const noInvite = (u: User, t: Texts) => (/^[^\s@]+@[^\s@]+$/.test(u.email ?? '') ? undefined : t.invite.noEmail)

/** InviteDialog sends an invitation to the app and shows its code, as a picture and as text. */
export function InviteDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const t = useTexts()
  const i = t.invite
  const reread = useReread()
  const key = useRef(crypto.randomUUID())
  const send = useMutation({
    mutationFn: () => answer(client.POST('/api/v1/users/{id}/invitation', { params: { path: { id: user.id }, header: { 'Idempotency-Key': key.current } } })),
    onSuccess: reread,
    onError: () => (key.current = crypto.randomUUID()),
  })
  const [app, setApp] = useState('linphone')
  const made = send.data
  const [url, qr, hint] = app === 'acrobits' ? [made?.acrobits_url, made?.acrobits_qr_svg, i.acrobitsHint] : [made?.url, made?.qr_svg, i.hint]
  const noLine = send.error instanceof Refusal && send.error.status === 409 && !send.error.problem.field
  return (
    <Modal opened onClose={onClose} title={i.title(fullName(user))} closeOnClickOutside={!made} closeButtonProps={{ 'aria-label': t.common.close }}>
      <Stack gap="md">
        {!made && <Text size="sm">{unconfirmed(user) ? i.unconfirmed : i.lead(user.email ?? '')} {again(user) && i.voids}</Text>}
        <Trouble error={send.error} />
        {noLine && <Anchor component={Link} href={`/users/${user.id}/lines`} size="sm" underline="always">{i.toLines}</Anchor>}
        {made && (
          <>
            <Text size="sm" role="status">{made.state === 'failed' ? i.failed : made.mailed_to ? i.sent(made.mailed_to) : unconfirmed(user) ? i.unconfirmed : i.noMail} {i.until(timeOf(made.expires_at))}</Text>
            {made.acrobits_url && <SegmentedControl aria-label={i.app} value={app} onChange={setApp} data={[{ value: 'linphone', label: 'Linphone' }, { value: 'acrobits', label: 'Groundwire, Acrobits' }]} fullWidth />}
            <div className="qr"><img alt={i.qr} src={`data:image/svg+xml,${encodeURIComponent(qr ?? '')}`} /></div>
            <Group justify="center" gap="xs">
              <Code fz="lg">{made.code}</Code>
              <CopyButton value={made.code ?? ''}>{({ copied, copy }) => <Button size="xs" variant="default" onClick={copy}>{copied ? t.common.copied : i.copyCode}</Button>}</CopyButton>
              <CopyButton value={url ?? ''}>{({ copied, copy }) => <Button size="xs" variant="default" onClick={copy}>{copied ? t.common.copied : i.copyLink}</Button>}</CopyButton>
            </Group>
            <Text size="xs" c="dimmed">{hint}</Text>
          </>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{made ? t.common.close : t.common.cancel}</Button>
          {!made && <Button loading={send.isPending} onClick={() => send.mutate()}>{again(user) ? i.sendAgain : i.send}</Button>}
        </Group>
      </Stack>
    </Modal>
  )
}
