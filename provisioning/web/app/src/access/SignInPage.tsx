import { Anchor, Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconFingerprint } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from 'wouter'
import { enterWithPasskey, passkeysHere } from '../api/passkey'
import { Refusal } from '../api/problem'
import { accessQuery, signIn, type SignIn } from '../api/session'
import { OpenIDButtons, OpenIDCode } from './OpenID'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { Door } from './Door'

/** SignInPage asks for no more than it must: for a code or an organization only once the exchange does. */
export function SignInPage() {
  const t = useTexts()
  const queries = useQueryClient()
  const form = useForm<Required<SignIn>>({
    initialValues: { login: '', password: '', code: '', organization: '' },
    validate: { login: (v) => (v.trim() ? null : t.errors.missing), password: (v) => (v ? null : t.errors.missing) },
  })
  const enter = useMutation({
    mutationFn: (v: Required<SignIn>) =>
      signIn({ login: v.login.trim(), password: v.password, ...(v.code && { code: v.code.trim() }), ...(v.organization && { organization: v.organization.trim() }) }),
    onSuccess: (session) => queries.setQueryData(accessQuery.queryKey, { session }),
  })
  const passkey = useMutation({ mutationFn: enterWithPasskey, onSuccess: (session) => queries.setQueryData(accessQuery.queryKey, { session }) })
  const need = enter.error instanceof Refusal ? enter.error.problem.need : undefined
  // What was once asked for stays asked for until the login is another one.
  const asked = { code: need === 'code' || form.values.code !== '', organization: need === 'organization' || form.values.organization !== '' }
  if (new URLSearchParams(window.location.search).get('openid') === 'code') return <OpenIDCode />
  return (
    <Door title={t.signIn.title}>
      <form onSubmit={form.onSubmit((v) => enter.mutate(v))} noValidate>
        <Stack gap="sm">
          <TextInput label={t.signIn.login} description={t.signIn.loginHint} autoComplete="username" autoCapitalize="none" spellCheck={false} autoFocus {...form.getInputProps('login')} />
          <PasswordInput label={t.signIn.password} autoComplete="current-password" {...form.getInputProps('password')} />
          {asked.organization && <TextInput label={t.signIn.organization} description={t.signIn.organizationHint} autoFocus {...form.getInputProps('organization')} />}
          {asked.code && (
            <TextInput label={t.signIn.code} description={t.signIn.codeHint} autoComplete="one-time-code" inputMode="numeric" autoFocus {...form.getInputProps('code')} />
          )}
          {enter.error && !(need && !form.values[need as 'code' | 'organization']) && <Trouble error={enter.error} />}
          <Button type="submit" loading={enter.isPending} fullWidth mt="xs">
            {t.signIn.submit}
          </Button>
          {passkeysHere() && (
            <Button variant="default" fullWidth leftSection={<IconFingerprint size={16} aria-hidden />} loading={passkey.isPending} onClick={() => passkey.mutate()}>
              {t.access.withPasskey}
            </Button>
          )}
          <OpenIDButtons />
          {passkey.error && !(passkey.error instanceof DOMException) && <Trouble error={passkey.error} />}
          <Anchor component={Link} href="/forgot" size="sm" ta="center">{t.access.forgot.link}</Anchor>
        </Stack>
      </form>
    </Door>
  )
}
