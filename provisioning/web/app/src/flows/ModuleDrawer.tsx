import { ActionIcon, Alert, Button, Drawer, Fieldset, Group, PasswordInput, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useState, type ReactNode } from 'react'
import { useTexts } from '../texts'
import { useAudioFiles, useSchedules } from '../users/options'
import { UserName, UserSelect } from '../users/UserSelect'
import { exitsOf, kinds, type Field, type FlowDraft, type Module } from './flow'
import { exitName, nameOf, peopleOf } from './words'

type Props = {
  draft: FlowDraft
  module: Module
  faults: Record<string, string>
  todo: string[]
  onChange: (m: Module) => void
  /** Makes a module of a kind, and has an exit lead to it. */
  onGrow: (exit: string, kind: string) => void
  onBegin: () => void
  onRemove: () => void
  onClose: () => void
}

/** ModuleDrawer is the form of one module. What is changed is in the drawing at once, and saved with the flow. */
export function ModuleDrawer({ draft, module: m, faults, todo, onChange, onGrow, onBegin, onRemove, onClose }: Props) {
  const t = useTexts()
  const f = t.flows
  const [answer, setAnswer] = useState('')
  const fields = Object.entries(kinds[m.type]?.fields ?? {})
  const exits = exitsOf(m)
  const set = (name: string, value: string) => onChange({ ...m, settings: { ...m.settings, [name]: value } })
  const lead = (exit: string, to: string) => (to.startsWith('new:') ? onGrow(exit, to.slice(4)) : onChange({ ...m, exits: { ...m.exits, [exit]: to } }))
  const targets = [
    { group: f.existing, items: draft.nodes.map((n) => ({ value: n.id, label: n.name ? `${n.name} (${f.kinds[n.type]})` : `${nameOf(t, n)} (${n.id})` })) },
    { group: f.fresh, items: Object.keys(kinds).map((kind) => ({ value: `new:${kind}`, label: f.newOf(f.kinds[kind]!) })) },
  ]
  const shown = new Set(['name', ...fields.map(([name]) => `settings.${name}`), ...exits.map((x) => `exits.${x}`)])
  const rest = Object.entries(faults).filter(([path]) => !shown.has(path))
  return (
    <Drawer opened onClose={onClose} position="right" size="lg" title={f.module(nameOf(t, m))} closeButtonProps={{ 'aria-label': t.common.close }}>
      <form noValidate onSubmit={(e) => { e.preventDefault(); onClose() }}>
        <Stack gap="md">
          {rest.map(([path, words]) => <Alert key={path} role="alert" color="red" variant="outline" p="xs">{words}</Alert>)}
          {todo.length > 0 && <Stack gap={2} role="note" aria-label={f.todo}>{todo.map((words) => <Text key={words} size="sm" className="flow-todo">{words}</Text>)}</Stack>}
          <TextInput label={f.name} description={f.kinds[m.type]} data-autofocus maxLength={100} value={m.name} error={faults.name} onChange={(e) => onChange({ ...m, name: e.currentTarget.value })} />
          {fields.length > 0 && (
            <Fieldset legend={f.settings}>
              <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
                {fields.map(([name, kind]) => (
                  <Setting key={name} kind={kind} label={f.fields[name]!} hint={f.hints[`${m.type}.${name}`] ?? f.hints[name]} value={m.settings[name] ?? ''} error={faults[`settings.${name}`]} onChange={(v) => set(name, v)} />
                ))}
              </SimpleGrid>
            </Fieldset>
          )}
          <Fieldset legend={f.exits}>
            {exits.length === 0 && m.type !== 'webhook' && <Text size="sm">{f.noExits}</Text>}
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
              {exits.map((exit) => (
                <Select key={exit} size="xs" label={exitName(t, exit)} placeholder={f.nowhere} data={targets} value={m.exits[exit] || null} onChange={(v) => lead(exit, v ?? '')} searchable clearable
                  nothingFoundMessage={t.line.nothing} error={faults[`exits.${exit}`]} />
              ))}
            </SimpleGrid>
            {m.type === 'webhook' && (
              <Group align="flex-end" mt="xs">
                <TextInput size="xs" label={f.ownExit} description={f.ownExitHint} value={answer} maxLength={64} onChange={(e) => setAnswer(e.currentTarget.value)} />
                <Button size="xs" variant="default" disabled={!answer.trim()} onClick={() => { lead(answer.trim(), ''); setAnswer('') }}>{f.addExit}</Button>
              </Group>
            )}
          </Fieldset>
          <Group justify="space-between" className="form-end">
            <Group gap="xs">
              <Button variant="subtle" color="red" disabled={draft.nodes.length === 1} title={draft.nodes.length === 1 ? f.lastModule : undefined} onClick={onRemove}>{f.removeModule}</Button>
              {draft.entry === m.id ? <Text size="sm" c="dimmed">{f.begins}</Text> : <Button variant="subtle" onClick={onBegin}>{f.begin}</Button>}
            </Group>
            <Button type="submit">{f.done}</Button>
          </Group>
        </Stack>
      </form>
    </Drawer>
  )
}

type SettingProps = { kind: Field; label: string; hint: string | undefined; value: string; error: ReactNode; onChange: (value: string) => void }

function Setting({ kind, label, hint, value, error, onChange }: SettingProps) {
  const t = useTexts()
  const schedules = useSchedules()
  const audio = useAudioFiles()
  const common = { label, description: hint, error }
  const typed = { ...common, value, onChange: (e: { currentTarget: { value: string } }) => onChange(e.currentTarget.value) }
  const chosen = { ...common, value: value || null, onChange: (v: string | null) => onChange(v ?? ''), clearable: true, nothingFoundMessage: t.line.nothing }
  switch (kind) {
    case 'user': return <UserSelect label={label} value={value} onChange={onChange} error={error} />
    case 'users': return <People label={label} value={value} onChange={onChange} error={error} />
    case 'schedule': return <Select {...chosen} data={schedules.data ?? []} searchable />
    case 'audio': return <Select {...chosen} data={audio.data ?? []} searchable />
    case 'order': return <Select {...chosen} clearable={false} allowDeselect={false} value={value || 'all'} data={Object.entries(t.flows.orders).map(([v, l]) => ({ value: v, label: l }))} />
    case 'seconds':
    case 'number': return <TextInput {...typed} inputMode="numeric" />
    case 'dialled': return <TextInput {...typed} type="tel" />
    case 'address': return <TextInput {...typed} type="url" />
    case 'secret': return <PasswordInput {...typed} description={t.flows.secretKeep} autoComplete="off" />
  }
  return <TextInput {...typed} />
}

/** People are several users, in the order in which they ring. */
function People({ label, value, onChange, error }: Pick<SettingProps, 'label' | 'value' | 'onChange' | 'error'>) {
  const t = useTexts()
  const ids = peopleOf({ user_ids: value })
  const put = (next: string[]) => onChange(next.join(','))
  return (
    <Stack gap={4} role="group" aria-label={label} style={{ gridColumn: '1 / -1' }}>
      {ids.map((id, i) => (
        <Group key={id} justify="space-between" wrap="nowrap">
          <Text size="sm">{i + 1}. <UserName id={id} /></Text>
          <ActionIcon variant="subtle" color="gray" aria-label={t.flows.takePerson(String(i + 1))} onClick={() => put(ids.toSpliced(i, 1))}><IconX size={16} aria-hidden /></ActionIcon>
        </Group>
      ))}
      <UserSelect key={ids.length} label={t.flows.addPerson} value="" onChange={(id) => id && !ids.includes(id) && put([...ids, id])} error={error} />
    </Stack>
  )
}
