import { Button, Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, client, type Schemas, type User } from '../api/client'
import { appDevices } from '../api/collections'
import { DeleteDialog } from '../edit/DeleteDialog'
import { timeOf } from '../list/time'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'

type Device = Schemas['AppDevice'] & { id: string }

const most = 100

/** Apps lists the app devices of a user, says which are connected, and removes them. */
export function Apps({ user }: { user: User }) {
  const t = useTexts()
  const w = t.people.apps
  const [removing, setRemoving] = useState<Device | null>(null)
  const devices = useQuery({ queryKey: ['app-devices', 'of', user.id], queryFn: async () => (await appDevices.list({ user_id: user.id }, most)).items as Device[] })
  const there = useQuery({
    queryKey: ['registrations', 'of', user.id],
    enabled: (devices.data?.length ?? 0) > 0,
    queryFn: async () => new Set(((await answer(client.GET('/api/v1/registrations', { params: { query: { user_id: user.id, limit: most } } }))).items ?? []).map((r) => r.device_id)),
  })
  const nameOf = (d: Device) => d.name || d.os || d.id
  return (
    <>
      <Trouble error={devices.error} retry={() => devices.refetch()} />
      {devices.data?.length === 0 && <Text size="sm" c="dimmed">{w.none}</Text>}
      <Stack gap="xs" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
        {devices.data?.map((d) => (
          <Group key={d.id} component="li" justify="space-between" wrap="nowrap">
            <div style={{ minWidth: 0 }}>
              <Text size="sm" fw={600} truncate>{nameOf(d)}</Text>
              <Text size="xs" c="dimmed">{[[d.os, d.app_version].filter(Boolean).join(' '), w.added(timeOf(d.created_at)), there.data && (there.data.has(d.id) ? w.now : w.not)].filter(Boolean).join(' · ')}</Text>
            </div>
            <Button size="compact-sm" variant="default" style={{ flexShrink: 0 }} aria-label={w.remove(nameOf(d))} onClick={() => setRemoving(d)}>{t.people.means.remove}</Button>
          </Group>
        ))}
      </Stack>
      {removing && (
        <DeleteDialog title={t.appDevices.removeTitle(nameOf(removing))} means={t.appDevices.removeMeans} submit={t.appDevices.removeSubmit} done={t.appDevices.removed(nameOf(removing))}
          remove={() => appDevices.remove(removing.id)} onClose={() => setRemoving(null)} />
      )}
    </>
  )
}
