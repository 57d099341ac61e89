import { Badge, Group, Paper, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { User } from '../api/client'
import { useTexts } from '../texts'
import { Unconfirmed, unconfirmed } from './Address'
import { fullName } from './names'
import { UserAvatar } from './Photo'

/** UserCards are the list where a table has no room. */
export function UserCards({ users, actions }: { users: User[]; actions: (u: User) => ReactNode }) {
  const t = useTexts()
  return (
    <Stack gap="xs" component="ul" p={0} m={0} style={{ listStyle: 'none' }} aria-label={t.users.table}>
      {users.map((u) => (
        <Paper key={u.id} component="li" withBorder p="xs">
          <Group wrap="nowrap" gap="sm">
            <UserAvatar user={u} size={36} />
            <Stack gap={0} flex={1} miw={0}>
              <Group gap={6} wrap="nowrap">
                <Text fw={600} truncate>{fullName(u)}</Text>
                {u.role === 'admin' && <Badge size="sm" variant="outline" color="teal" tt="none">{t.users.admin}</Badge>}
              </Group>
              <Text size="sm" c="dimmed" truncate>{[u.job_title, u.department].filter(Boolean).join(', ') || u.email}</Text>
              {unconfirmed(u) && <Group gap={6} wrap="nowrap"><Text size="sm" c="dimmed" truncate>{u.email}</Text><Unconfirmed user={u} /></Group>}
              <Text size="sm" truncate>{[u.extension, u.direct_number].filter(Boolean).join(' · ')}</Text>
            </Stack>
            {actions(u)}
          </Group>
        </Paper>
      ))}
    </Stack>
  )
}
