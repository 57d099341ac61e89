import { Button, Group, Paper, PasswordInput, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { changePassword } from '../api/session'
import { fieldErrors } from '../edit/errors'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'

/** Password changes one's own. */
export function Password() {
  const t = useTexts()
  const queries = useQueryClient()
  const form = useForm({
    initialValues: { current: '', new: '', again: '' },
    validate: {
      current: (v) => (v ? null : t.errors.missing),
      new: (v) => (v.length >= 8 ? null : t.password.short),
      again: (v, all) => (v === all.new ? null : t.password.differs),
    },
  })
  const known = (path: string) => path in form.values
  const change = useMutation({
    mutationFn: (v: { current: string; new: string }) => changePassword(v.current, v.new),
    onSuccess: () => {
      form.reset()
      notifications.show({ message: t.security.password.done, closeButtonProps: { 'aria-label': t.common.close } })
      void queries.invalidateQueries({ queryKey: ['sessions'] })
    },
    onError: (e) => form.setErrors(fieldErrors(e, known).fields),
  })
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="own-password">
      <form onSubmit={form.onSubmit((v) => change.mutate(v))} noValidate>
        <Stack gap="sm">
          <div>
            <Title order={2} id="own-password">{t.security.password.title}</Title>
            <Text size="sm" c="dimmed">{t.security.password.lead}</Text>
          </div>
          <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
            <PasswordInput label={t.password.current} autoComplete="current-password" {...form.getInputProps('current')} />
            <PasswordInput label={t.password.next} autoComplete="new-password" placeholder={t.password.short} {...form.getInputProps('new')} />
            <PasswordInput label={t.password.again} autoComplete="new-password" {...form.getInputProps('again')} />
          </SimpleGrid>
          <Trouble error={change.error && fieldErrors(change.error, known).rest} />
          <Group><Button type="submit" loading={change.isPending}>{t.password.submit}</Button></Group>
        </Stack>
      </form>
    </Paper>
  )
}
