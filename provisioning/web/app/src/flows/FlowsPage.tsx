import { Alert, Select, Text, TextInput } from '@mantine/core'
import { IconInfoCircle, IconSitemap } from '@tabler/icons-react'
import { Fragment } from 'react'
import { Redirect, useLocation } from 'wouter'
import { EditDrawer } from '../edit/EditDrawer'
import { ListPage } from '../list/ListPage'
import { useTexts } from '../texts'
import { UserName } from '../users/UserSelect'
import { flows, freshId, kinds } from './flow'
import { RemoveFlow } from './RemoveFlow'

const shownPeople = 3

/** FlowsPage is the call flows: the numbers that lead into each, and whom it leads to. */
export default function FlowsPage() {
  const t = useTexts()
  const f = t.flows
  const [, go] = useLocation()
  return (
    <ListPage all={flows} icon={IconSitemap} csv nameOf={(x) => x.name ?? x.id} filters={[{ name: 'name~', label: f.name }]}
      texts={{ title: t.nav.callFlows, table: t.nav.callFlows, add: f.add, count: f.count, empty: f.empty, emptyHint: f.emptyHint }}
      lead={<><Text size="sm" c="dimmed" maw={720}>{f.lead}</Text><NotInEffect /></>}
      columns={[
        { id: 'name', sort: 'name', label: f.name, cell: (x) => x.name },
        { id: 'numbers', label: f.numbers, cell: (x) => [...(x.numbers ?? []), ...(x.internal_numbers ?? [])].join(', ') },
        { id: 'modules', label: f.modules, cell: (x) => String(x.nodes?.length ?? 0) },
        {
          id: 'people', label: f.people,
          cell: (x) => {
            const people = x.user_ids ?? []
            return people.length > 0 && <>{people.slice(0, shownPeople).map((id, i) => <Fragment key={id}>{i > 0 && ', '}<UserName id={id} /></Fragment>)}{people.length > shownPeople && ` +${people.length - shownPeople}`}</>
          },
        },
      ]}
      form={(x, close) => (x ? <Redirect to={`/call-flows/${x.id}`} /> : (
        <EditDrawer all={flows} title={f.create} draft={() => ({ name: '', type: 'time_router' })} onClose={close} onDone={(made) => go(`/call-flows/${made.id}`)}
          input={(d) => ({ name: d.name.trim(), entry: freshId([], d.type), nodes: [{ id: freshId([], d.type), type: d.type, name: '', settings: {}, exits: {} }] })}
          validate={(d) => ({ name: d.name.trim() ? null : t.errors.missing })}>
          {(form) => (
            <>
              <TextInput label={f.name} required data-autofocus {...form.getInputProps('name')} />
              <Select label={f.first} description={f.firstHint} data={Object.keys(kinds).map((value) => ({ value, label: f.kinds[value]! }))} allowDeselect={false} {...form.getInputProps('type')} />
            </>
          )}
        </EditDrawer>
      ))}
      remove={(x, close) => <RemoveFlow flow={x} onClose={close} />} />
  )
}

/** NotInEffect says that calls do not follow flows yet. */
export function NotInEffect() {
  const t = useTexts()
  return <Alert variant="outline" color="gray" p="xs" icon={<IconInfoCircle aria-hidden />}>{t.common.notInEffect}</Alert>
}
