import { Badge, Button, Checkbox, Group, Loader, Modal, Stack, Table, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, client, type User } from '../api/client'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { fullName } from './names'

/** DeleteDialog says what goes with a user and what that means, before it goes. */
export function DeleteDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const t = useTexts()
  const queries = useQueryClient()
  const [aware, setAware] = useState(false)
  const path = { id: user.id }
  const depends = useQuery({
    queryKey: ['dependencies', user.id],
    queryFn: async () => (await answer(client.GET('/api/v1/users/{id}/dependencies', { params: { path } }))).items ?? [],
    gcTime: 0,
  })
  const remove = useMutation({
    mutationFn: () => answer(client.DELETE('/api/v1/users/{id}', { params: { path, query: { confirm: true } } })),
    onSuccess: () => {
      notifications.show({ message: t.users.removeDone(fullName(user)) })
      void queries.invalidateQueries({ queryKey: ['users'] })
      void queries.invalidateQueries({ queryKey: ['numbers'] })
      onClose()
    },
  })
  const many = (depends.data?.length ?? 0) > 0
  return (
    <Modal opened onClose={onClose} size="lg" title={t.users.removeTitle(fullName(user))} closeButtonProps={{ 'aria-label': t.common.close }}>
      <Stack gap="md">
        {depends.isPending && <Loader size="sm" aria-label={t.common.loading} />}
        <Trouble error={depends.error ?? remove.error} />
        {depends.data && !many && <Text size="sm">{t.users.removeNone}</Text>}
        {many && (
          <>
            <Text size="sm">{t.users.removeLead}</Text>
            <Table verticalSpacing={6}>
              <Table.Tbody>
                {depends.data!.map((d) => (
                  <Table.Tr key={`${d.collection}/${d.id}/${d.consequence}`}>
                    <Table.Td><Badge variant="default" tt="none" fw={500}>{t.users.what[d.collection ?? ''] ?? d.collection}</Badge></Table.Td>
                    <Table.Td>
                      <Text size="sm" fw={600}>{d.label || d.id}</Text>
                      <Text size="sm">{d.consequence}</Text>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
            <Checkbox label={t.users.removeTick} checked={aware} onChange={(e) => setAware(e.currentTarget.checked)} />
          </>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>{t.common.cancel}</Button>
          <Button color="red" loading={remove.isPending} disabled={!depends.data || (many && !aware)} onClick={() => remove.mutate()}>{t.users.removeSubmit}</Button>
        </Group>
      </Stack>
    </Modal>
  )
}
