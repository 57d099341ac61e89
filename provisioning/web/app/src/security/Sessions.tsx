import { Badge, Button, Group, Paper, Stack, Table, Text, Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { answer, client, type Schemas } from '../api/client'
import { Trouble } from '../shell/Trouble'
import { useLanguage } from '../texts'
import { programOf } from './program'

/** Sessions lists where one is signed in, and ends what is elsewhere. */
export function Sessions() {
  const { texts: t, language } = useLanguage()
  const queries = useQueryClient()
  const sessions = useQuery({
    queryKey: ['sessions'],
    queryFn: async () => (await answer(client.GET('/api/v1/sessions'))).items as Required<Schemas['SessionEntry']>[],
  })
  const end = useMutation({
    mutationFn: (id: string) => answer(client.DELETE('/api/v1/sessions/{id}', { params: { path: { id } } })),
    onSuccess: () => notifications.show({ message: t.security.sessions.ended, closeButtonProps: { 'aria-label': t.common.close } }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
  })
  const at = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
  const w = t.security.sessions
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="own-sessions">
      <Stack gap="sm">
        <div>
          <Title order={2} id="own-sessions">{w.title}</Title>
          {sessions.data?.length === 1 && <Text size="sm" c="dimmed">{w.only}</Text>}
        </div>
        <Trouble error={sessions.error ?? end.error} retry={sessions.error ? () => sessions.refetch() : undefined} />
        {sessions.data && (
          <Table.ScrollContainer minWidth={520} scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'group', 'aria-label': w.title } }}>
            <Table verticalSpacing={6}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">{w.device}</Table.Th><Table.Th scope="col">{w.source}</Table.Th><Table.Th scope="col">{w.seen}</Table.Th><Table.Th scope="col">{w.began}</Table.Th>
                  <Table.Td />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {sessions.data.map((s) => {
                  const program = programOf(s.user_agent, w.on) || w.unknown
                  return (
                    <Table.Tr key={s.id}>
                      <Table.Td><Group gap="xs">{program}{s.current && <Badge size="sm" variant="outline" tt="none">{w.here}</Badge>}</Group></Table.Td>
                      <Table.Td>{s.source}</Table.Td><Table.Td>{at.format(new Date(s.seen_at))}</Table.Td><Table.Td>{at.format(new Date(s.created_at))}</Table.Td>
                      <Table.Td ta="right">
                        {!s.current && <Button size="compact-sm" variant="default" aria-label={w.endLabel(program, s.source)} loading={end.isPending && end.variables === s.id} onClick={() => end.mutate(s.id)}>{w.end}</Button>}
                      </Table.Td>
                    </Table.Tr>
                  )
                })}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Stack>
    </Paper>
  )
}
