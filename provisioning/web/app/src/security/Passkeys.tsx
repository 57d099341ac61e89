import { ActionIcon, Button, Group, Modal, Paper, PasswordInput, Stack, Table, Text, TextInput, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { IconPencil, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, client, type Schemas } from '../api/client'
import { makePasskey, passkeysHere } from '../api/passkey'
import { fieldErrors } from '../edit/errors'
import { Trouble } from '../shell/Trouble'
import { useLanguage, useTexts } from '../texts'
import { programOf } from './program'

type Passkey = Required<Schemas['PasskeyView']>

/** Passkeys lists one's own, and adds, renames and removes them. */
export function Passkeys() {
  const { texts: t, language } = useLanguage()
  const w = t.security.passkeys
  const queries = useQueryClient()
  const [adding, setAdding] = useState(false)
  const [renaming, setRenaming] = useState<Passkey | null>(null)
  const [removing, setRemoving] = useState<Passkey | null>(null)
  const passkeys = useQuery({ queryKey: ['passkeys'], queryFn: async () => (await answer(client.GET('/api/v1/session/passkeys'))).items as Passkey[] })
  const changed = () => queries.invalidateQueries({ queryKey: ['passkeys'] })
  const at = new Intl.DateTimeFormat(language, { dateStyle: 'medium' })
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="own-passkeys">
      <Stack gap="sm" align="flex-start">
        <div>
          <Title order={2} id="own-passkeys">{w.title}</Title>
          <Text size="sm" c="dimmed">{w.lead}</Text>
        </div>
        <Trouble error={passkeys.error} retry={() => passkeys.refetch()} />
        {passkeys.data && passkeys.data.length > 0 && (
          <Table.ScrollContainer minWidth={460} w="100%" scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'group', 'aria-label': w.title } }}>
            <Table verticalSpacing={6}>
              <Table.Thead>
                <Table.Tr><Table.Th scope="col">{w.name}</Table.Th><Table.Th scope="col">{w.host}</Table.Th><Table.Th scope="col">{w.added}</Table.Th><Table.Th scope="col">{w.used}</Table.Th><Table.Td /></Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {passkeys.data.map((k) => (
                  <Table.Tr key={k.id}>
                    <Table.Td>{k.name}</Table.Td><Table.Td>{k.host}</Table.Td><Table.Td>{at.format(new Date(k.created_at))}</Table.Td>
                    <Table.Td>{k.used_at ? at.format(new Date(k.used_at)) : '–'}</Table.Td>
                    <Table.Td>
                      <Group gap={4} justify="flex-end" wrap="nowrap">
                        <ActionIcon variant="subtle" color="gray" aria-label={w.rename(k.name)} onClick={() => setRenaming(k)}><IconPencil size={16} aria-hidden /></ActionIcon>
                        <ActionIcon variant="subtle" color="red" aria-label={w.remove(k.name)} onClick={() => setRemoving(k)}><IconTrash size={16} aria-hidden /></ActionIcon>
                      </Group>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        {passkeysHere() ? <Button variant="default" onClick={() => setAdding(true)}>{w.add}</Button> : <Text size="sm">{w.notHere}</Text>}
      </Stack>
      {adding && <Add onClose={() => setAdding(false)} onDone={() => { setAdding(false); void changed() }} />}
      {renaming && <Rename passkey={renaming} onClose={() => setRenaming(null)} onDone={() => { setRenaming(null); void changed() }} />}
      {removing && <Remove passkey={removing} onClose={() => setRemoving(null)} onDone={() => { setRemoving(null); void changed() }} />}
    </Paper>
  )
}

function Add({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const t = useTexts()
  const w = t.security.passkeys
  const form = useForm({
    initialValues: { name: programOf(navigator.userAgent, t.security.sessions.on), password: '' },
    validate: { name: (v) => (v.trim() ? null : t.errors.missing), password: (v) => (v ? null : t.errors.missing) },
  })
  const known = (path: string) => path in form.values
  const add = useMutation({
    mutationFn: (v: { name: string; password: string }) => makePasskey(v.name, v.password),
    onSuccess: () => {
      notifications.show({ message: w.addDone, closeButtonProps: { 'aria-label': t.common.close } })
      onDone()
    },
    onError: (e) => form.setErrors(fieldErrors(e, known).fields),
  })
  const gaveUp = add.error instanceof DOMException
  return (
    <Modal opened onClose={onClose} title={w.add} closeButtonProps={{ 'aria-label': t.common.close }}>
      <form onSubmit={form.onSubmit((v) => add.mutate(v))} noValidate>
        <Stack gap="sm">
          <TextInput label={w.name} description={w.nameHint} {...form.getInputProps('name')} />
          <PasswordInput label={t.password.current} autoComplete="current-password" data-autofocus {...form.getInputProps('password')} />
          {gaveUp ? <Text size="sm" role="alert">{w.gaveUp}</Text> : <Trouble error={add.error && fieldErrors(add.error, known).rest} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{t.common.cancel}</Button>
            <Button type="submit" loading={add.isPending}>{t.common.next}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function Rename({ passkey, onClose, onDone }: { passkey: Passkey; onClose: () => void; onDone: () => void }) {
  const t = useTexts()
  const w = t.security.passkeys
  const form = useForm({ initialValues: { name: passkey.name }, validate: { name: (v) => (v.trim() ? null : t.errors.missing) } })
  const known = (path: string) => path === 'name'
  const rename = useMutation({
    mutationFn: (name: string) => answer(client.PATCH('/api/v1/session/passkeys/{id}', { params: { path: { id: passkey.id } }, body: { name } })),
    onSuccess: onDone,
    onError: (e) => form.setErrors(fieldErrors(e, known).fields),
  })
  return (
    <Modal opened onClose={onClose} title={w.rename(passkey.name)} closeButtonProps={{ 'aria-label': t.common.close }}>
      <form onSubmit={form.onSubmit((v) => rename.mutate(v.name))} noValidate>
        <Stack gap="sm">
          <TextInput label={w.name} data-autofocus {...form.getInputProps('name')} />
          <Trouble error={rename.error && fieldErrors(rename.error, known).rest} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{t.common.cancel}</Button>
            <Button type="submit" loading={rename.isPending}>{t.common.save}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function Remove({ passkey, onClose, onDone }: { passkey: Passkey; onClose: () => void; onDone: () => void }) {
  const t = useTexts()
  const w = t.security.passkeys
  const remove = useMutation({
    mutationFn: () => answer(client.DELETE('/api/v1/session/passkeys/{id}', { params: { path: { id: passkey.id } } })),
    onSuccess: onDone,
  })
  return (
    <Modal opened onClose={onClose} title={w.removeTitle(passkey.name)} closeButtonProps={{ 'aria-label': t.common.close }}>
      <Stack gap="sm">
        <Text size="sm">{w.removeLead}</Text>
        <Trouble error={remove.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>{t.common.cancel}</Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>{t.common.delete}</Button>
        </Group>
      </Stack>
    </Modal>
  )
}
