import { Avatar, Card, Group, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { answer, client, type User } from '../api/client'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { fullName } from './names'

/** MePage is what the exchange knows of whoever is signed in. */
export default function MePage() {
  const t = useTexts()
  const me = useQuery({ queryKey: ['me'], queryFn: () => answer(client.GET('/api/v1/me')) })
  const user = me.data?.user as User | undefined
  const rows: [string, string | undefined][] = user
    ? [
        [t.users.fields.extension!, user.extension],
        [t.users.fields.direct_number!, user.direct_number],
        [t.users.fields.email!, user.email],
        [t.users.fields.mobile_number!, user.mobile_number],
        [t.users.fields.login!, user.login],
        [t.users.fields.do_not_disturb!, user.do_not_disturb ? t.common.yes : t.common.no],
        [t.users.fields['forward.number']!, user.forward?.enabled ? user.forward.number : ''],
      ]
    : []
  return (
    <Stack maw={560}>
      <Title order={1}>{t.nav.me}</Title>
      <Trouble error={me.error} retry={() => me.refetch()} />
      {user && (
        <Card withBorder>
          <Group mb="sm">
            <Avatar name={fullName(user)} aria-hidden />
            <div>
              <Text fw={600}>{fullName(user)}</Text>
              <Text size="sm" c="dimmed">{[user.job_title, user.department].filter(Boolean).join(', ')}</Text>
            </div>
          </Group>
          <Table variant="vertical" layout="fixed">
            <Table.Tbody>
              {rows.map(([label, value]) => (
                <Table.Tr key={label}>
                  <Table.Th w={180}>{label}</Table.Th>
                  <Table.Td>{value || '–'}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Card>
      )}
    </Stack>
  )
}
