import { Alert, Anchor, Button, Group, Loader, Menu, SegmentedControl, Stack, Text, TextInput, Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconAlertCircle, IconArrowLeft, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation, useParams } from 'wouter'
import { Refusal } from '../api/problem'
import { Conflict, useChange } from '../edit/change'
import { patchOf, same, type Data } from '../edit/merge'
import { useUnsaved } from '../edit/Unsaved'
import { usePhone } from '../list/ListFrame'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { draftOf, faultsOf, flows, freshId, inputOf, kinds, reached, without, type Flow, type FlowDraft, type Module } from './flow'
import { FlowConflict } from './FlowConflict'
import { FlowDrawing } from './FlowDrawing'
import { FlowList } from './FlowList'
import './flows.css'
import { NotInEffect } from './FlowsPage'
import { mergeFlows, type Side } from './merge'
import { ModuleDrawer } from './ModuleDrawer'
import { RemoveFlow } from './RemoveFlow'
import { nameOf, todoOf, useSpeaker } from './words'

/** FlowPage is one call flow, drawn, with the form of each of its modules. */
export default function FlowPage() {
  const t = useTexts()
  const { id = '' } = useParams<{ id: string }>()
  const found = useQuery({ queryKey: ['call-flows', 'one', id], gcTime: 0, retry: false, queryFn: async () => (await flows.get(id)).value })
  if (found.isPending) return <Loader aria-label={t.common.loading} />
  if (!found.data) return <Stack><Title order={1}>{t.flows.title}</Title><Trouble error={found.error} retry={() => found.refetch()} /></Stack>
  return <FlowEditor key={id} flow={found.data} />
}

function FlowEditor({ flow }: { flow: Flow }) {
  const t = useTexts()
  const f = t.flows
  const phone = usePhone()
  const [, go] = useLocation()
  const [base, setBase] = useState(flow)
  const [draft, setDraft] = useState(() => draftOf(flow))
  const [chosen, setChosen] = useState<string>()
  const [view, setView] = useState(phone ? 'list' : 'drawing')
  const [removing, setRemoving] = useState(false)
  const [faults, setFaults] = useState<ReturnType<typeof faultsOf>>({ modules: {} })
  const says = useSpeaker(draft)
  const change = useChange(flows, (saved) => {
    notifications.show({ message: t.common.saved })
    settle(saved)
  })
  const settle = (as: Flow) => {
    setBase(as)
    setDraft(draftOf(as))
    setFaults({ modules: {} })
    change.reset()
  }
  const dirty = !same(inputOf(draftOf(base)), inputOf(draft))
  const unsaved = useUnsaved(dirty)

  const save = (kept: Record<string, Side> = {}) => {
    if (change.isPending) return
    if (!draft.name.trim()) return setFaults({ ...faults, name: t.errors.missing })
    let sent = inputOf(draft)
    const patch = (now: Flow) => {
      const theirs = inputOf(draftOf(now))
      const { merged, clashes } = mergeFlows(inputOf(draftOf(base)), inputOf(draft), theirs, kept)
      sent = merged
      return { patch: patchOf(theirs as unknown as Data, merged as unknown as Data) as Partial<FlowDraft>, clashes }
    }
    change.mutate({ base, patch }, {
      onError: (e) => {
        if (!(e instanceof Refusal)) return
        const refused = faultsOf(e.fields, sent.nodes)
        setFaults(refused)
        setChosen(Object.keys(refused.modules)[0])
      },
    })
  }
  const put = (m: Module) => {
    setDraft((d) => ({ ...d, nodes: d.nodes.map((n) => (n.id === m.id ? m : n)) }))
    const { [m.id]: _, ...modules } = faults.modules
    setFaults({ ...faults, modules })
  }
  const made = (type: string): Module => ({ id: freshId(draft.nodes, type), type, name: '', settings: {}, exits: {} })
  const add = (type: string) => {
    const m = made(type)
    setDraft({ ...draft, nodes: [...draft.nodes, m] })
    setChosen(m.id)
  }
  const grow = (from: Module, exit: string, type: string) => {
    const m = made(type)
    setDraft({ ...draft, nodes: [...draft.nodes.map((n) => (n.id === from.id ? { ...n, exits: { ...n.exits, [exit]: m.id } } : n)), m] })
  }

  const found = reached(draft)
  const module = draft.nodes.find((n) => n.id === chosen)
  const faulty = (id: string) => id in faults.modules
  const todo = draft.nodes.flatMap((m) => todoOf(t, m, found).map((words) => ({ m, words })))
  const numbers = [...(flow.numbers ?? []), ...(flow.internal_numbers ?? [])]
  const conflict = change.error instanceof Conflict ? (change.error as Conflict<Flow>) : null
  const placed = Boolean(faults.name) || Object.keys(faults.modules).length > 0
  return (
    <Stack gap="sm">
      <Anchor component={Link} href="/call-flows" size="sm"><Group gap={4}><IconArrowLeft size={14} aria-hidden />{f.back}</Group></Anchor>
      <Group justify="space-between">
        <Title order={1}>{base.name}</Title>
        <Group gap="xs">
          <Menu position="bottom-end" withinPortal>
            <Menu.Target><Button variant="default" leftSection={<IconPlus size={16} aria-hidden />}>{f.addModule}</Button></Menu.Target>
            <Menu.Dropdown>{Object.keys(kinds).map((kind) => <Menu.Item key={kind} onClick={() => add(kind)}>{f.kinds[kind]}</Menu.Item>)}</Menu.Dropdown>
          </Menu>
          <Button variant="subtle" color="red" onClick={() => setRemoving(true)}>{t.list.remove}</Button>
          <Button variant="default" disabled={!dirty} onClick={() => settle(base)}>{f.discard}</Button>
          <Button disabled={!dirty} loading={change.isPending} onClick={() => save()}>{t.common.save}</Button>
        </Group>
      </Group>
      <NotInEffect />
      <Group align="flex-end" justify="space-between">
        <TextInput label={f.name} w={{ base: '100%', xs: 320 }} maxLength={100} required value={draft.name} error={faults.name} onChange={(e) => { setDraft({ ...draft, name: e.currentTarget.value }); setFaults({ modules: faults.modules }) }} />
        <Group gap="sm">
          <Text size="sm" c="dimmed" role="status">{dirty ? f.unsaved : ''}</Text>
          <SegmentedControl size="xs" aria-label={f.view} value={view} onChange={setView} data={[{ value: 'drawing', label: f.drawing }, { value: 'list', label: f.list }]} />
        </Group>
      </Group>
      <Text size="sm">{f.callsTo}: {numbers.length > 0 ? numbers.join(', ') : f.noNumbers} · <Anchor component={Link} href="/numbers" size="sm" underline="always">{f.toNumbers}</Anchor></Text>
      {placed && !module && <Alert role="alert" color="red" variant="outline" p="xs" icon={<IconAlertCircle aria-hidden />}>{f.refused}</Alert>}
      {!conflict && !placed && <Trouble error={change.error} />}
      {view === 'drawing' ? (
        <>
          <FlowDrawing draft={draft} numbers={numbers} says={says} reached={found} faulty={faulty} chosen={chosen} onChoose={setChosen} />
          <Text size="xs" c="dimmed">{f.hint}</Text>
        </>
      ) : <FlowList draft={draft} says={says} reached={found} faulty={faulty} onChoose={setChosen} />}
      {todo.length > 0 ? (
        <section aria-label={f.todo}>
          <Text size="sm" fw={600}>{f.todo}</Text>
          {todo.map(({ m, words }) => <Text key={m.id + words} size="sm"><Anchor component="button" type="button" size="sm" onClick={() => setChosen(m.id)}>{nameOf(t, m)}</Anchor>: <span className="flow-todo">{words}</span></Text>)}
        </section>
      ) : <Text size="sm" c="dimmed">{f.todoNone}</Text>}
      {module && (
        <ModuleDrawer key={module.id} draft={draft} module={module} faults={faults.modules[module.id] ?? {}} todo={todoOf(t, module, found)} onChange={put} onGrow={(exit, kind) => grow(module, exit, kind)}
          onBegin={() => setDraft({ ...draft, entry: module.id })} onClose={() => setChosen(undefined)} onRemove={() => { setDraft(without(draft, module.id)); setChosen(undefined) }} />
      )}
      {removing && <RemoveFlow flow={base} onClose={() => setRemoving(false)} onDone={() => { unsaved.settled(); go('/call-flows') }} />}
      {unsaved.question}
      {conflict && <FlowConflict conflict={conflict} mine={inputOf(draft)} theirs={inputOf(draftOf(conflict.now))} onChoose={save} onTheirs={() => settle(conflict.now)} onClose={() => change.reset()} />}
    </Stack>
  )
}
