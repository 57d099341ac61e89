import { Badge, Group, Text } from '@mantine/core'
import { IconRoute } from '@tabler/icons-react'
import { trunks, type Trunk } from '../api/collections'
import { DeleteDialog } from '../edit/DeleteDialog'
import { EditDrawer } from '../edit/EditDrawer'
import { ListPage } from '../list/ListPage'
import { useTexts } from '../texts'
import { draftOf, inputOf } from './trunk'
import { TrunkFields } from './TrunkFields'

/** State says whether calls can go to a carrier, and why not. */
function State({ trunk }: { trunk: Trunk }) {
  const k = useTexts().trunks
  return (
    <Group gap={6} wrap="nowrap">
      <Badge variant="outline" tt="none" color={{ up: 'teal', down: 'red' }[trunk.state ?? ''] ?? 'gray'}>{k.states[trunk.state ?? ''] ?? k.states.unknown}</Badge>
      {trunk.auth?.mode === 'register' && <Badge variant="outline" tt="none" color={trunk.registered ? 'teal' : 'red'}>{trunk.registered ? k.registered : k.unregistered}</Badge>}
      {trunk.why && <Text size="xs" c="dimmed" truncate maw={260} title={trunk.why}>{trunk.why}</Text>}
    </Group>
  )
}

/** TrunksPage is the carriers: whether each is up, and what goes to it. */
export default function TrunksPage() {
  const t = useTexts()
  const k = t.trunks
  const choices = (all: Record<string, string>) => Object.entries(all).map(([value, label]) => ({ value, label }))
  return (
    <ListPage all={trunks} texts={k} icon={IconRoute} csv every={10} nameOf={(x) => x.name || x.id}
      filters={[{ name: 'name~', label: k.fields.name!, placeholder: k.search }, { name: 'host~', label: k.fields.host! }, { name: 'auth.mode', label: k.fields['auth.mode']!, choices: choices(k.modes) }]}
      columns={[
        { id: 'name', sort: 'name', label: k.fields.name!, cell: (x) => x.name || x.id },
        { id: 'state', sort: 'up', label: k.state, cell: (x) => <State trunk={x} /> },
        { id: 'host', sort: 'host', label: k.fields.host!, cell: (x) => (x.port ? `${x.host}:${x.port}` : x.host) },
        { id: 'mode', sort: 'auth.mode', label: k.fields['auth.mode']!, cell: (x) => k.modes[x.auth?.mode ?? ''] ?? x.auth?.mode, wide: true },
        { id: 'prefixes', label: k.fields.prefixes!, cell: (x) => (x.prefixes ?? []).join(', ') || k.everyNumber },
        { id: 'priority', sort: 'priority', label: k.fields.priority!, cell: (x) => String(x.priority ?? 0) },
        { id: 'max_calls', sort: 'max_calls', label: k.fields.max_calls!, cell: (x) => (x.max_calls ? String(x.max_calls) : k.noLimit), wide: true },
        { id: 'forwarded_identity', sort: 'forwarded_identity', label: k.fields.forwarded_identity!, cell: (x) => k.diversionsShort[x.forwarded_identity ?? ''] ?? x.forwarded_identity, wide: true },
      ]}
      form={(x, close) => (
        <EditDrawer all={trunks} {...(x && { record: x })} title={x ? k.edit(x.name || x.id) : k.add} draft={draftOf} input={inputOf} onClose={close}
          validate={(d) => ({
            name: d.name.trim() ? null : t.errors.missing,
            host: d.host.trim() ? null : t.errors.missing,
            'auth.username': d.auth.mode === 'address' || d.auth.username.trim() ? null : t.errors.missing,
          })}>
          {(form, fresh) => <TrunkFields form={form} fresh={fresh} />}
        </EditDrawer>
      )}
      remove={(x, close) => <DeleteDialog title={k.removeTitle(x.name || x.id)} means={k.removeMeans} done={k.removed(x.name || x.id)} remove={() => trunks.remove(x.id)} onClose={close} />}
    />
  )
}
