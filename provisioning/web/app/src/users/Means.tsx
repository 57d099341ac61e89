import { Button, Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { answer, client, type Schemas, type User } from '../api/client'
import { DeleteDialog } from '../edit/DeleteDialog'
import { timeOf } from '../list/time'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { fullName } from './names'

type Passkey = Required<Schemas['PasskeyView']>
type Asking = { title: string; means: string; submit: string; done: string; remove: () => Promise<unknown> }

/** Means is what a user can sign in with, and takes away what somebody has lost. */
export function Means({ user }: { user: User }) {
  const t = useTexts()
  const w = t.people.means
  const [asking, setAsking] = useState<Asking | null>(null)
  const path = { id: user.id }
  const means = useQuery({ queryKey: ['sign-in-means', user.id], queryFn: () => answer(client.GET('/api/v1/users/{id}/sign-in', { params: { path } })) })
  const m = means.data
  const passkeys = (m?.passkeys ?? []) as Passkey[]
  const name = fullName(user)
  const reset: Asking = { title: w.resetTitle, means: w.resetMeans(name), submit: w.reset, done: w.resetDone, remove: () => answer(client.DELETE('/api/v1/users/{id}/totp', { params: { path } })) }
  const unlink: Asking = { title: w.unlinkTitle, means: w.unlinkMeans(name), submit: w.unlink, done: w.unlinkDone, remove: () => answer(client.DELETE('/api/v1/users/{id}/openid', { params: { path } })) }
  const drop = (k: Passkey): Asking => ({
    title: w.passkeyTitle(k.name), means: w.passkeyMeans(name), submit: w.remove, done: w.passkeyDone,
    remove: () => answer(client.DELETE('/api/v1/users/{id}/passkeys/{passkey}', { params: { path: { id: user.id, passkey: k.id } } })),
  })
  return (
    <Stack gap="xs">
      <Text size="xs" c="dimmed">{w.lead}</Text>
      <Trouble error={means.error} retry={() => means.refetch()} />
      {m && (
        <Stack gap={6} component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
          <Row label={w.password}>{m.password ? w.hasPassword : w.noPassword}</Row>
          <Row label={w.code} {...(m.totp && { act: w.reset, actLabel: w.resetOf, onAct: () => setAsking(reset) })}>{m.totp ? w.codeOn(m.recovery_codes ?? 0) : w.codeOff}</Row>
          {passkeys.map((k) => (
            <Row key={k.id} label={w.passkey} act={w.remove} actLabel={w.removePasskey(k.name)} onAct={() => setAsking(drop(k))}>
              {k.name} · {k.used_at ? w.used(timeOf(k.used_at)) : w.neverUsed}
            </Row>
          ))}
          {passkeys.length === 0 && <Row label={w.passkey}>{w.noPasskeys}</Row>}
          <Row label={w.openid} {...(m.openid && { act: w.unlink, onAct: () => setAsking(unlink) })}>{m.openid ? `${m.openid.issuer} · ${w.since(timeOf(m.openid.since))}` : w.noOpenID}</Row>
        </Stack>
      )}
      {asking && <DeleteDialog {...asking} onClose={() => setAsking(null)} />}
    </Stack>
  )
}

function Row({ label, children, act, actLabel, onAct }: { label: string; children: ReactNode; act?: string; actLabel?: string; onAct?: () => void }) {
  return (
    <Group component="li" wrap="nowrap" gap="sm" justify="space-between">
      <div style={{ minWidth: 0 }}>
        <Text size="sm" fw={600}>{label}</Text>
        <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>{children}</Text>
      </div>
      {act && <Button size="compact-sm" variant="default" style={{ flexShrink: 0 }} {...(actLabel && { 'aria-label': actLabel })} onClick={onAct}>{act}</Button>}
    </Group>
  )
}
