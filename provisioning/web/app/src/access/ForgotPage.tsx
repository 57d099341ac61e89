import { Alert, Anchor, Button, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconMail } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { Link } from 'wouter'
import { askForReset } from '../api/session'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { Door } from './Door'

/** ForgotPage asks for a link by mail. It says the same whoever is asked for. */
export function ForgotPage() {
  const t = useTexts()
  const form = useForm({ initialValues: { login: '' }, validate: { login: (v) => (v.trim() ? null : t.errors.missing) } })
  const ask = useMutation({ mutationFn: (login: string) => askForReset(login.trim()) })
  return (
    <Door title={t.access.forgot.title} lead={t.access.forgot.lead}>
      <form onSubmit={form.onSubmit((v) => ask.mutate(v.login))} noValidate>
        <Stack gap="sm">
          <TextInput label={t.access.forgot.login} autoComplete="username" autoCapitalize="none" spellCheck={false} autoFocus {...form.getInputProps('login')} />
          <Trouble error={ask.error} />
          {ask.isSuccess && <Alert role="status" variant="outline" icon={<IconMail aria-hidden />}>{t.access.forgot.sent}</Alert>}
          <Button type="submit" loading={ask.isPending} fullWidth mt="xs">{t.access.forgot.submit}</Button>
          <Anchor component={Link} href="/" size="sm" ta="center">{t.access.forgot.back}</Anchor>
        </Stack>
      </form>
    </Door>
  )
}
