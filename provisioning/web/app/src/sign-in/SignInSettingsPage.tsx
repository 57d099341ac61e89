import { Alert, Button, Code, Fieldset, Group, PasswordInput, Select, SimpleGrid, Stack, Switch, Text, TextInput, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { answer, client } from '../api/client'
import { accessQuery } from '../api/session'
import { organizations, useOrganization, type Organization } from '../company/organization'
import { ConflictDialog } from '../edit/ConflictDialog'
import { patchOf, type Data } from '../edit/merge'
import { useSave } from '../edit/save'
import { useUnsaved } from '../edit/Unsaved'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'

/** SignInSettingsPage is how an organization's people sign in besides their passwords. */
export default function SignInSettingsPage() {
  const t = useTexts()
  const company = useOrganization()
  return (
    <Stack gap="sm" maw={860}>
      <Title order={1}>{t.openid.title}</Title>
      <Trouble error={company.error} retry={() => company.refetch()} />
      {company.data && <Settings key={company.data.updated_at} company={company.data} />}
    </Stack>
  )
}

const draftOf = (o: Organization) => ({
  web_address: o.web_address ?? '',
  sign_in: {
    second_factor_for_admins: o.sign_in?.second_factor_for_admins ?? false,
    openid: {
      issuer: o.sign_in?.openid?.issuer ?? '', client_id: o.sign_in?.openid?.client_id ?? '', client_secret: '', label: o.sign_in?.openid?.label ?? '',
      match: o.sign_in?.openid?.match || 'email', trust_second_factor: o.sign_in?.openid?.trust_second_factor ?? false,
    },
  },
})
type Draft = ReturnType<typeof draftOf>

function Settings({ company }: { company: Organization }) {
  const t = useTexts()
  const c = t.openid
  const f = c.fields
  const queries = useQueryClient()
  const first = useRef(draftOf(company))
  const form = useForm<Draft>({ initialValues: first.current })
  const unsaved = useUnsaved(form.isDirty())
  const saving = useSave<Organization, Data, Draft>({
    all: organizations, record: company, form, create: (d) => d, patch: (_, d) => patchOf(first.current, d), onSame: () => {},
    onDone: () => {
      unsaved.settled()
      notifications.show({ message: t.common.saved })
      void queries.invalidateQueries({ queryKey: accessQuery.queryKey }) // a second factor may be due now
    },
  })
  const base = form.values.web_address || window.location.origin
  const cols = { base: 1, xs: 2 }
  return (
    <form noValidate onSubmit={form.onSubmit((d) => saving.save(d))}>
      <Stack gap="md">
        <Fieldset legend={c.address}>
          <TextInput label={f.web_address} description={c.addressHint} type="url" spellCheck={false} {...form.getInputProps('web_address')} />
        </Fieldset>
        <Fieldset legend={c.provider}>
          <Stack gap="sm">
            <Text size="xs" c="dimmed">{c.lead}</Text>
            <SimpleGrid cols={cols} spacing="sm">
              <TextInput label={f['sign_in.openid.issuer']} description={c.issuerHint} type="url" spellCheck={false} {...form.getInputProps('sign_in.openid.issuer')} />
              <TextInput label={f['sign_in.openid.label']} description={c.labelHint} {...form.getInputProps('sign_in.openid.label')} />
              <TextInput label={f['sign_in.openid.client_id']} autoComplete="off" spellCheck={false} {...form.getInputProps('sign_in.openid.client_id')} />
              <PasswordInput label={f['sign_in.openid.client_secret']} description={c.keep} inputWrapperOrder={['label', 'input', 'description', 'error']} autoComplete="new-password" {...form.getInputProps('sign_in.openid.client_secret')} />
              <Select label={f['sign_in.openid.match']} description={c.matchHint} allowDeselect={false} data={Object.entries(c.match).map(([value, label]) => ({ value, label }))} {...form.getInputProps('sign_in.openid.match')} />
            </SimpleGrid>
            <Switch label={f['sign_in.openid.trust_second_factor']} {...form.getInputProps('sign_in.openid.trust_second_factor', { type: 'checkbox' })} />
            <Text size="sm">{c.redirect}<br /><Code className="wrap">{`${base}/api/v1/session/openid/callback`}</Code></Text>
            <Text size="sm">{c.link}<br /><Code className="wrap">{`${base}/?organization=${company.id}`}</Code></Text>
            <TryProvider id={company.id} dirty={form.isDirty()} />
          </Stack>
        </Fieldset>
        <Fieldset legend={c.rules}>
          <Switch label={f['sign_in.second_factor_for_admins']} {...form.getInputProps('sign_in.second_factor_for_admins', { type: 'checkbox' })} />
        </Fieldset>
        <Trouble error={saving.error} />
        <Group justify="flex-end" className="form-end">
          <Button variant="default" disabled={!form.isDirty()} onClick={() => form.reset()}>{t.company.discard}</Button>
          <Button type="submit" loading={saving.pending}>{t.common.save}</Button>
        </Group>
      </Stack>
      <ConflictDialog conflict={saving.conflict} collection="organizations" onTheirs={() => void queries.invalidateQueries({ queryKey: ['organization'] })} onMine={saving.saveMine} />
      {unsaved.question}
    </form>
  )
}

/** TryProvider asks what is saved whether it answers. */
function TryProvider({ id, dirty }: { id: string; dirty: boolean }) {
  const t = useTexts()
  const trial = useMutation({ mutationFn: () => answer(client.POST('/api/v1/organizations/{id}/openid/test', { params: { path: { id } } })) })
  return (
    <>
      <Group gap="xs">
        <Button variant="default" loading={trial.isPending} disabled={dirty} onClick={() => trial.mutate()}>{t.openid.test}</Button>
        {dirty && <Text size="xs" c="dimmed">{t.openid.saveFirst}</Text>}
      </Group>
      <div role="status">
        {trial.data && <Alert p="xs" variant="outline" color={trial.data.ok ? 'teal' : 'red'}>{trial.data.ok ? t.openid.tested : trial.data.error}</Alert>}
      </div>
      <Trouble error={trial.error} />
    </>
  )
}
