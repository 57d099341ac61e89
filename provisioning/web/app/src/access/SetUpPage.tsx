import { Button, Fieldset, PasswordInput, Select, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import { Refusal } from '../api/problem'
import { accessQuery, setUp, type SetUp } from '../api/session'
import { fieldErrors } from '../edit/errors'
import { Trouble } from '../shell/Trouble'
import { languages, useLanguage } from '../texts'
import { Door } from './Door'

/** keyIn is the set-up key in the link that `serve` printed: what stands after the #, which is never sent. */
export function keyIn(hash: string): string {
  return hash.replace(/^#/, '')
}

// Browsers list the zones of places alone.
const zones = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])]

/** SetUpPage makes the organization and its first administrator, once. */
export function SetUpPage() {
  const { texts: t, language } = useLanguage()
  const queries = useQueryClient()
  const [, go] = useLocation()
  const region = navigator.language.split('-')[1]
  const required = (v: string) => (v.trim() ? null : t.errors.missing)
  const form = useForm<SetUp>({
    initialValues: {
      key: keyIn(location.hash),
      organization: { name: '', country: region?.length === 2 ? region.toUpperCase() : '', time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone, language },
      first_name: '', last_name: '', email: '', login: '', password: '',
    },
    validate: {
      key: required,
      organization: { name: required, country: (v: string) => (/^[A-Za-z]{2}$/.test(v) ? null : t.setUp.countryHint) },
      first_name: required,
      last_name: required,
      email: required,
      password: (v) => (v.length >= 8 ? null : t.password.short),
    },
  })
  const make = useMutation({
    mutationFn: setUp,
    onSuccess: (session) => {
      queries.setQueryData(accessQuery.queryKey, { session })
      go('/', { replace: true })
    },
    onError: (e) => form.setErrors(e instanceof Refusal && e.status === 403 ? { key: e.message } : fieldErrors(e, known).fields),
  })
  const known = (path: string) => path in form.values || path.startsWith('organization.')
  const shown = make.error instanceof Refusal && make.error.status === 403 ? null : make.error && fieldErrors(make.error, known).rest
  return (
    <Door title={t.setUp.title} lead={t.setUp.lead} width={560}>
      <form onSubmit={form.onSubmit((v) => make.mutate({ ...v, login: v.login || v.email, organization: { ...v.organization, country: v.organization.country.toUpperCase() } }))} noValidate>
        <Stack gap="md">
          <TextInput label={t.setUp.key} description={t.setUp.keyHint} autoComplete="off" spellCheck={false} {...form.getInputProps('key')} />
          <Fieldset legend={t.setUp.organization}>
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
              <TextInput label={t.setUp.organizationName} autoComplete="organization" {...form.getInputProps('organization.name')} />
              <TextInput label={t.setUp.country} description={t.setUp.countryHint} maxLength={2} {...form.getInputProps('organization.country')} />
              <Select label={t.setUp.timeZone} searchable data={zones} limit={50} {...form.getInputProps('organization.time_zone')} />
              <Select label={t.setUp.language} data={languages} allowDeselect={false} {...form.getInputProps('organization.language')} />
            </SimpleGrid>
          </Fieldset>
          <Fieldset legend={t.setUp.you}>
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
              <TextInput label={t.users.fields.first_name} autoComplete="given-name" {...form.getInputProps('first_name')} />
              <TextInput label={t.users.fields.last_name} autoComplete="family-name" {...form.getInputProps('last_name')} />
              <TextInput label={t.users.fields.email} type="email" autoComplete="email" {...form.getInputProps('email')} />
              <TextInput label={t.users.fields.login} description={t.users.hints.login} autoComplete="username" {...form.getInputProps('login')} />
            </SimpleGrid>
            <PasswordInput mt="sm" label={t.signIn.password} description={t.password.short} autoComplete="new-password" {...form.getInputProps('password')} />
          </Fieldset>
          <Trouble error={shown} />
          <Button type="submit" loading={make.isPending}>
            {t.setUp.submit}
          </Button>
        </Stack>
      </form>
    </Door>
  )
}
