import { Anchor, Button, Center, Loader, PasswordInput, Stack, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Link } from 'wouter'
import { Refusal } from '../api/problem'
import { confirmedBy, verifyEmail } from '../api/session'
import { fieldErrors } from '../edit/errors'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { Door } from './Door'
import { keyIn } from './SetUpPage'

const gone = (e: unknown) => e instanceof Refusal && (e.status === 404 || e.status === 422 && 'key' in e.fields)

/** VerifyPage confirms an email address with the key in a mailed link. It does so on a click: programs that look through mail open links too. */
export function VerifyPage() {
  const t = useTexts()
  const a = t.address
  const [key] = useState(() => keyIn(location.hash))
  useEffect(() => history.replaceState(history.state, '', '/verify'), []) // the key stays in no history
  const about = useQuery({ queryKey: ['verification', key], queryFn: () => confirmedBy(key), enabled: key !== '', retry: false, staleTime: Infinity })
  const form = useForm({ initialValues: { password: '' } })
  const known = (path: string) => path in form.values
  const confirm = useMutation({
    mutationFn: (password: string) => verifyEmail(key, password),
    onError: (e) => form.setErrors(fieldErrors(e, known).fields),
  })
  const it = about.data
  if (!key || gone(about.error) || gone(confirm.error))
    return (
      <Door title={a.dead}>
        <Text size="sm" role="alert">{a.deadLead}</Text>
        <Anchor component={Link} href="/" size="sm" ta="center">{a.enter}</Anchor>
      </Door>
    )
  if (confirm.isSuccess && it)
    return (
      <Door title={a.confirmedTitle} lead={a.confirmed(it.email)}>
        <Button component={Link} href="/" autoFocus>{a.enter}</Button>
      </Door>
    )
  if (!it)
    return (
      <Door title={a.title} lead={a.anyone}>
        {about.error ? <Trouble error={about.error} retry={() => about.refetch()} /> : <Center><Loader aria-label={t.common.loading} role="status" /></Center>}
      </Door>
    )
  return (
    <Door title={a.title} lead={a.lead(it.name, it.organization)}>
      <form onSubmit={form.onSubmit((v) => confirm.mutate(v.password))} noValidate>
        <Stack gap="sm">
          <Text fw={600} style={{ overflowWrap: 'anywhere' }}>{it.email}</Text>
          <Text size="sm">{a.notYou}</Text>
          {it.password_wanted && <PasswordInput label={a.password} description={a.passwordHint} autoComplete="current-password" autoFocus {...form.getInputProps('password')} />}
          <Trouble error={confirm.error && fieldErrors(confirm.error, known).rest} />
          <Button type="submit" loading={confirm.isPending} mt="xs">{a.submit}</Button>
        </Stack>
      </form>
    </Door>
  )
}
