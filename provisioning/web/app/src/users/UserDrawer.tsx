import { Button, CopyButton, Drawer, Fieldset, Group, PasswordInput, Select, SimpleGrid, Stack, Stepper, Switch, Text, TextInput } from '@mantine/core'
import { useForm, type UseFormReturnType } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import type { User } from '../api/client'
import { users } from '../api/collections'
import { TryFirst } from '../drafts/TryFirst'
import { ConflictDialog } from '../edit/ConflictDialog'
import { newPassword } from '../edit/password'
import { useSave } from '../edit/save'
import { useUnsaved } from '../edit/Unsaved'
import { LineFields } from '../lines/LineFields'
import { Outlook } from '../outlook/Outlook'
import { zones } from '../schedules/ScheduleDrawer'
import { Trouble } from '../shell/Trouble'
import { languagesWith, useTexts } from '../texts'
import { asksAgain, Confirming } from './Address'
import { Apps } from './Apps'
import { changeOf, draftOf, featureNames, inputOf, later, type UserDraft } from './draft'
import { Means } from './Means'
import { fullName } from './names'
import { usePlans, useSchedules } from './options'
import { PhotoField } from './Photo'

// The API speaks of application_line where the form has line.
const formPath = (path: string) => path.replace(/^application_line\b/, 'line')

/** The field that a form begins at. */
export type Begin = 'first_name' | 'forward.number' | 'password'

/** UserDrawer makes a new user, in one step or two, or changes one. */
export function UserDrawer({ user, begin = 'first_name', onClose }: { user?: User; begin?: Begin; onClose: () => void }) {
  const t = useTexts()
  const [step, setStep] = useState(0)
  const form = useForm<UserDraft>({
    initialValues: draftOf(user),
    validate: {
      first_name: (v) => (v.trim() ? null : t.errors.missing),
      last_name: (v) => (v.trim() ? null : t.errors.missing),
      password: (v) => (v === '' || v.length >= 8 ? null : t.password.short),
    },
  })
  const unsaved = useUnsaved(form.isDirty())
  const saving = useSave({
    all: users, form, formPath, create: inputOf, onSame: onClose, ...(user && { record: user }),
    patch: (_, d) => changeOf(user!, d),
    onDone: (saved, fresh) => {
      unsaved.settled()
      notifications.show({ message: fresh ? t.users.createDone(fullName(saved)) : t.common.saved })
      onClose()
    },
    onRefused: (fields) => {
      if (fields.some((path) => !path.startsWith('line'))) setStep(0)
    },
  })
  const two = !user && form.values.with_line
  const submit = form.onSubmit((d) => (two && step === 0 ? setStep(1) : saving.save(d)))

  return (
    <Drawer opened onClose={onClose} position="right" size="lg" title={user ? `${t.users.change}: ${fullName(user)}` : t.users.create} closeButtonProps={{ 'aria-label': t.common.close }}
      closeOnClickOutside={!form.isDirty()} closeOnEscape={!unsaved.asking}>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          {two && (
            <Stepper active={step} size="xs" onStepClick={(n) => n < step && setStep(n)} allowNextStepsSelect={false}>
              <Stepper.Step label={t.users.steps.person} />
              <Stepper.Step label={t.users.steps.line} />
            </Stepper>
          )}
          {user && <PhotoField user={user} />}
          {user && <Fieldset legend={t.outlook.title}><Outlook user={user.id} /></Fieldset>}
          {step === 0 ? <UserFields form={form} {...(user && { user })} begin={begin} /> : <LineFields form={form} />}
          {user && <Fieldset legend={t.people.apps.title}><Apps user={user} /></Fieldset>}
          {user && <Fieldset legend={t.people.means.title}><Means user={user} /></Fieldset>}
          <Trouble error={saving.error} />
          <Group justify="flex-end" className="form-end">
            <Button variant="default" onClick={step === 1 ? () => setStep(0) : onClose}>{step === 1 ? t.common.back : t.common.cancel}</Button>
            {user && <TryFirst form={form} saving={saving} name={fullName(user)} />}
            <Button type="submit" loading={saving.pending}>{two && step === 0 ? t.common.next : t.common.save}</Button>
          </Group>
        </Stack>
      </form>
      <ConflictDialog conflict={saving.conflict} collection="users" onTheirs={onClose} onMine={saving.saveMine} />
      {unsaved.question}
    </Drawer>
  )
}

function UserFields({ form, user, begin }: { form: UseFormReturnType<UserDraft>; user?: User; begin: Begin }) {
  const t = useTexts()
  const fresh = !user
  const f = t.users.fields
  const schedules = useSchedules()
  const plans = usePlans()
  const cols = { base: 1, xs: 2 }
  const first = (field: Begin) => (field === begin ? { 'data-autofocus': true } : {})
  const choices = (all: Record<string, string>) => Object.entries(all).map(([value, label]) => ({ value, label }))
  return (
    <>
      <Fieldset legend={t.users.sections.person}>
        <SimpleGrid cols={cols} spacing="sm">
          <TextInput label={f.first_name} required {...first('first_name')} {...form.getInputProps('first_name')} />
          <TextInput label={f.last_name} required {...form.getInputProps('last_name')} />
          <TextInput label={f.email} description={user && asksAgain(user) && form.isDirty('email') ? t.address.willAsk : t.users.hints.email} type="email" {...form.getInputProps('email')} />
          <TextInput label={f.mobile_number} description={t.users.hints.mobile_number} type="tel" {...form.getInputProps('mobile_number')} />
        </SimpleGrid>
        {user && <Confirming user={user} />}
      </Fieldset>
      <Fieldset legend={t.users.sections.work}>
        <SimpleGrid cols={cols} spacing="sm">
          <TextInput label={f.department} {...form.getInputProps('department')} />
          <TextInput label={f.job_title} {...form.getInputProps('job_title')} />
          <Select label={f.time_schedule_id} description={t.users.hints.schedule} data={schedules.data ?? []} clearable searchable nothingFoundMessage={t.line.nothing} {...form.getInputProps('time_schedule_id')}
            value={form.values.time_schedule_id || null} onChange={(v) => form.setFieldValue('time_schedule_id', v ?? '')} />
          <TextInput label={f.crm_user_id} description={t.users.hints.crm_user_id} {...form.getInputProps('crm_user_id')} />
          <Select label={f.plan} data={plans.data ?? []} allowDeselect={false} {...form.getInputProps('plan')} />
          <TextInput label={f.extension} description={t.users.hints.extension} inputMode="numeric" {...form.getInputProps('extension')} />
          <Select label={f.language} description={t.users.hints.language} data={languagesWith(user?.language)} clearable {...form.getInputProps('language')} value={form.values.language || null} onChange={(v) => form.setFieldValue('language', v ?? '')} />
          <Select label={f.time_zone} description={t.users.hints.time_zone} data={zones} searchable clearable limit={50} nothingFoundMessage={t.line.nothing} {...form.getInputProps('time_zone')}
            value={form.values.time_zone || null} onChange={(v) => form.setFieldValue('time_zone', v ?? '')} />
        </SimpleGrid>
      </Fieldset>
      <Fieldset legend={t.users.sections.signIn}>
        <Stack gap="sm">
          <SimpleGrid cols={cols} spacing="sm">
            <Select label={f.role} data={choices(t.users.roles)} allowDeselect={false} {...form.getInputProps('role')} />
            <TextInput label={f.login} description={t.users.hints.login} autoComplete="off" {...form.getInputProps('login')} />
          </SimpleGrid>
          <NewPassword form={form} focus={first('password')} hint={fresh ? t.users.hints.password! : t.users.hints.passwordKeep!} />
          <Switch label={f.password_change_required} {...form.getInputProps('password_change_required', { type: 'checkbox' })} />
        </Stack>
      </Fieldset>
      {!fresh && (
        <>
          <Fieldset legend={t.users.sections.calls}>
            <Stack gap="sm">
              <SimpleGrid cols={cols} spacing="sm">
                <Select label={f['routing.mode']} data={choices(t.users.routings)} allowDeselect={false} {...form.getInputProps('routing.mode')} />
                <Select label={f.reject_scope} data={choices(t.users.rejects)} allowDeselect={false} {...form.getInputProps('reject_scope')} />
                <TextInput label={f['forward.number']} description={t.users.hints.forward} {...first('forward.number')} {...form.getInputProps('forward.number')} />
                <PasswordInput label={f.voicemail_pin} description={`${t.users.hints.voicemail_pin}. ${t.common.notInEffect}`} inputMode="numeric" autoComplete="off" {...form.getInputProps('voicemail_pin')} />
              </SimpleGrid>
              <Switch label={f['forward.enabled']} description={t.common.notInEffect} {...form.getInputProps('forward.enabled', { type: 'checkbox' })} />
              <Switch label={f.do_not_disturb} {...form.getInputProps('do_not_disturb', { type: 'checkbox' })} />
            </Stack>
          </Fieldset>
          <Fieldset legend={t.users.sections.features}>
            <SimpleGrid cols={cols} spacing="sm">
              {featureNames.map((name) => <Switch key={name} label={t.users.features[name]} description={later.includes(name) ? t.common.notInEffect : undefined} {...form.getInputProps(`features.${name}`, { type: 'checkbox' })} />)}
            </SimpleGrid>
          </Fieldset>
        </>
      )}
      {fresh && <Switch label={t.users.configureLine} description={t.users.configureLineHint} {...form.getInputProps('with_line', { type: 'checkbox' })} />}
    </>
  )
}

/** NewPassword is typed, or made up and then shown once, to be handed over. */
function NewPassword({ form, hint, focus }: { form: UseFormReturnType<UserDraft>; hint: string; focus: object }) {
  const t = useTexts()
  const [made, setMade] = useState('')
  const shown = made !== '' && made === form.values.password
  return (
    <div>
      <Group align="flex-end" gap="xs" wrap="nowrap">
        <PasswordInput flex={1} label={t.users.fields.password} description={hint} autoComplete="new-password" {...focus} {...(shown && { visible: true })} {...form.getInputProps('password')} />
        <Button variant="default"
          onClick={() => {
            const p = newPassword()
            setMade(p)
            form.setFieldValue('password', p)
            form.clearFieldError('password')
          }}>
          {t.password.generate}
        </Button>
      </Group>
      {shown && (
        <Group gap="xs" mt={6}>
          <CopyButton value={made}>{({ copied, copy }) => <Button size="compact-xs" variant="default" onClick={copy}>{copied ? t.common.copied : t.common.copy}</Button>}</CopyButton>
          <Text size="xs" c="dimmed" role="status">{t.password.generated}</Text>
        </Group>
      )}
    </div>
  )
}
