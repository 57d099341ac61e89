import { Anchor, Button, PasswordInput, Stack, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { Refusal } from '../api/problem'
import { accessQuery, resetPassword } from '../api/session'
import { fieldErrors } from '../edit/errors'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { Door } from './Door'
import { keyIn } from './SetUpPage'

/** ResetPage chooses a password with the key in a mailed link. */
export function ResetPage() {
  const t = useTexts()
  const queries = useQueryClient()
  const [, go] = useLocation()
  const [key] = useState(() => keyIn(location.hash))
  useEffect(() => history.replaceState(history.state, '', '/reset'), []) // the key stays in no history
  const form = useForm({
    initialValues: { new: '', again: '' },
    validate: {
      new: (v) => (v.length >= 8 ? null : t.password.short),
      again: (v, all) => (v === all.new ? null : t.password.differs),
    },
  })
  const known = (path: string) => path in form.values
  const choose = useMutation({
    mutationFn: (next: string) => resetPassword(key, next),
    onError: (e) => form.setErrors(fieldErrors(e, known).fields),
  })
  // Whoever was signed in here with the old password is not any more.
  const enter = async () => {
    await queries.fetchQuery({ ...accessQuery, staleTime: 0 })
    go('/', { replace: true })
  }
  if (choose.isSuccess)
    return (
      <Door title={t.access.reset.doneTitle} lead={t.access.reset.done}>
        <Button onClick={enter} autoFocus>{t.access.reset.toSignIn}</Button>
      </Door>
    )
  const dead = choose.error instanceof Refusal && choose.error.status === 404
  if (dead || !key)
    return (
      <Door title={t.access.reset.dead}>
        <Text size="sm" role="alert">{t.access.forgot.lead}</Text>
        <Button component={Link} href="/forgot">{t.access.reset.askAgain}</Button>
        <Anchor component={Link} href="/" size="sm" ta="center">{t.access.forgot.back}</Anchor>
      </Door>
    )
  return (
    <Door title={t.access.reset.title} lead={t.access.reset.lead}>
      <form onSubmit={form.onSubmit((v) => choose.mutate(v.new))} noValidate>
        <Stack gap="sm">
          <PasswordInput label={t.password.next} description={t.password.short} autoComplete="new-password" autoFocus {...form.getInputProps('new')} />
          <PasswordInput label={t.password.again} autoComplete="new-password" {...form.getInputProps('again')} />
          <Trouble error={choose.error && fieldErrors(choose.error, known).rest} />
          <Button type="submit" loading={choose.isPending} mt="xs">{t.access.reset.submit}</Button>
        </Stack>
      </form>
    </Door>
  )
}
