import { Alert, Anchor, Button, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconLogin2 } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { answer, client } from '../api/client'
import { accessQuery, finishOpenID } from '../api/session'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { Door } from './Door'

const start = (organization: string) => `/api/v1/session/openid/start?${new URLSearchParams({ organization })}`

/** OpenIDButtons lead to the provider of the organization that the address names, or is of, and say what came of that. */
export function OpenIDButtons() {
  const t = useTexts()
  const said = new URLSearchParams(window.location.search)
  const organization = said.get('organization') ?? undefined
  const why = said.get('openid')
  const providers = useQuery({
    queryKey: ['openid', organization ?? ''],
    queryFn: () => answer(client.GET('/api/v1/session/openid', { params: { query: { organization } } })),
    retry: false,
  })
  return (
    <>
      {providers.data?.items?.map((p) => (
        <Button key={p.organization} component="a" href={start(p.organization ?? '')} variant="default" fullWidth leftSection={<IconLogin2 size={16} aria-hidden />}>
          {p.label || t.openid.button(p.name ?? '')}
        </Button>
      ))}
      {why && <Alert role="alert" variant="outline" color="red">{t.openid.why[why] ?? t.openid.why.invalid}</Alert>}
    </>
  )
}

/** OpenIDCode asks whom a provider let in for the code that is still due. */
export function OpenIDCode() {
  const t = useTexts()
  const queries = useQueryClient()
  const form = useForm({ initialValues: { code: '' }, validate: { code: (v) => (v.trim() ? null : t.errors.missing) } })
  const enter = useMutation({
    mutationFn: (v: { code: string }) => finishOpenID(v.code.trim()),
    onSuccess: (session) => {
      window.history.replaceState(window.history.state, '', '/')
      queries.setQueryData(accessQuery.queryKey, { session })
    },
  })
  return (
    <Door title={t.openid.dueTitle}>
      <form onSubmit={form.onSubmit((v) => enter.mutate(v))} noValidate>
        <Stack gap="sm">
          <TextInput label={t.signIn.code} description={t.signIn.codeHint} autoComplete="one-time-code" inputMode="numeric" autoFocus {...form.getInputProps('code')} />
          <Trouble error={enter.error} />
          <Button type="submit" loading={enter.isPending} fullWidth mt="xs">{t.openid.dueSubmit}</Button>
          <Anchor href="/" size="sm" ta="center">{t.access.forgot.back}</Anchor>
        </Stack>
      </form>
    </Door>
  )
}
