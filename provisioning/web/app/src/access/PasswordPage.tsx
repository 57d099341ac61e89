import { Button, PasswordInput, Stack } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { accessQuery, changePassword } from '../api/session'
import { fieldErrors } from '../edit/errors'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { Door } from './Door'

/** PasswordPage is all that a session whose password must change can see. */
export function PasswordPage() {
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
    onSuccess: () => queries.fetchQuery({ ...accessQuery, staleTime: 0 }),
    onError: (e) => form.setErrors(fieldErrors(e, known).fields),
  })
  return (
    <Door title={t.password.title} lead={t.password.lead}>
      <form onSubmit={form.onSubmit((v) => change.mutate(v))} noValidate>
        <Stack gap="sm">
          <PasswordInput label={t.password.current} autoComplete="current-password" autoFocus {...form.getInputProps('current')} />
          <PasswordInput label={t.password.next} description={t.password.short} autoComplete="new-password" {...form.getInputProps('new')} />
          <PasswordInput label={t.password.again} autoComplete="new-password" {...form.getInputProps('again')} />
          <Trouble error={change.error && fieldErrors(change.error, known).rest} />
          <Button type="submit" loading={change.isPending} mt="xs">
            {t.password.submit}
          </Button>
        </Stack>
      </form>
    </Door>
  )
}
