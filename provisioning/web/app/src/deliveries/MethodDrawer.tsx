import { Alert, Fieldset, PasswordInput, Select, SimpleGrid, Text, Textarea, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { Schemas } from '../api/client'
import { collection } from '../api/collection'
import { EditDrawer } from '../edit/EditDrawer'
import { useTexts } from '../texts'
import { kinds, settings, settingsOf, type Kind } from './kinds'

export type Method = Schemas['DeliveryMethod'] & { id: string }

/** Made is a secret that is shown once, for whoever checks the signatures. */
export interface Made {
  name: string
  secret: string
}

interface Draft {
  name: string
  kind: Kind
  settings: Record<string, string>
}

interface Input {
  name: string
  kind: Kind
  settings: Record<string, string | null>
}

export const methods = collection<Method, Input>('/api/v1/delivery-methods')

const draftOf = (m?: Method): Draft => ({
  name: m?.name ?? '', kind: (m?.kind as Kind) ?? 'email',
  settings: Object.fromEntries(Object.values(settings).flat().map(({ name }) => [name, ((m?.settings ?? {}) as Record<string, string>)[name] ?? ''])),
})

export function MethodDrawer({ method, onMade, onClose }: { method?: Method; onMade: (made: Made) => void; onClose: () => void }) {
  const t = useTexts()
  const d = t.deliveries
  return (
    <EditDrawer all={methods} {...(method && { record: method })} title={method ? d.edit(method.name ?? '') : d.create} draft={draftOf} onClose={onClose}
      onDone={(saved) => {
        const { secret } = (saved.settings ?? {}) as Record<string, string>
        if (secret) onMade({ name: saved.name ?? '', secret })
        else notifications.show({ message: t.common.saved })
        onClose()
      }}
      input={(v): Input => ({ name: v.name.trim(), kind: v.kind, settings: settingsOf(v.kind, v.settings, !method) })}
      validate={(v) => ({
        ...(!v.name.trim() && { name: t.errors.missing }),
        ...Object.fromEntries(settings[v.kind].filter((s) => s.required && !v.settings[s.name]?.trim()).map((s) => [`settings.${s.name}`, t.errors.missing])),
      })}>
      {(form) => {
        const { kind } = form.values
        return (
          <>
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
              <TextInput label={d.name} required data-autofocus {...form.getInputProps('name')} />
              <Select label={d.kind} data={kinds.map((value) => ({ value, label: d.kinds[value]! }))} allowDeselect={false} disabled={Boolean(method)} {...form.getInputProps('kind')} />
            </SimpleGrid>
            <Text size="sm" c="dimmed">{d.kindHints[kind]}</Text>
            <Fieldset legend={d.settings}>
              <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
                {settings[kind].map(({ name, required, secret, lines, choices }) => {
                  const description = secret && method ? d.keep : (d.hints[`${kind}.${name}`] ?? d.hints[name])
                  const props = { label: d.fields[name] ?? name, description, required: Boolean(required), ...form.getInputProps(`settings.${name}`) }
                  if (choices) {
                    return <Select key={name} {...props} data={choices.map((value) => ({ value, label: d.choices[`${name}.${value}`] ?? value }))} clearable
                      value={form.values.settings[name] || null} onChange={(v) => form.setFieldValue(`settings.${name}` as never, (v ?? '') as never)} />
                  }
                  if (lines) return <Textarea key={name} {...props} autosize minRows={2} maxRows={6} spellCheck={false} styles={{ input: { fontFamily: 'monospace' } }} />
                  return secret ? <PasswordInput key={name} {...props} autoComplete="off" /> : <TextInput key={name} {...props} spellCheck={false} />
                })}
              </SimpleGrid>
            </Fieldset>
            {kind !== 'disk' && kind !== 'email' && <Alert variant="outline" color="gray" p="xs">{d.publicOnly}</Alert>}
          </>
        )
      }}
    </EditDrawer>
  )
}
