import { ActionIcon, Button, Checkbox, Popover, Stack, Table, Tooltip, VisuallyHidden } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { IconColumns3, IconUpload, IconUsersPlus } from '@tabler/icons-react'
import { useTable } from '@tanstack/react-table'
import { useMemo, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { useSendReset } from '../access/reset'
import type { User } from '../api/client'
import { users as all } from '../api/collections'
import type { Filter } from '../list/Filters'
import { useLinked } from '../list/linked'
import { useList } from '../list/list'
import { ListFrame, usePhone } from '../list/ListFrame'
import { RowMenu } from '../list/RowMenu'
import { SortHead } from '../list/SortHead'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { unconfirmed, useSendVerification } from './Address'
import { columnsOf, features, hiddenAtFirst, sortOf } from './columns'
import { InviteDialog, inviteLabel, noInvite } from './InviteDialog'
import { fullName } from './names'
import { useCallFlows, usePlans, useSchedules } from './options'
import { RemoveUser } from './RemoveUser'
import { UserCards } from './UserCards'
import { UserDrawer, type Begin } from './UserDrawer'

const filterNames = ['full_name', 'job_title~', 'department~', 'email~', 'time_schedule_id', 'call_flow_id', 'crm_user_id', 'last_seen_before']

/** UsersPage is the list of users, and where each of them is made, changed and deleted. */
export default function UsersPage() {
  const t = useTexts()
  const f = t.users.fields
  const list = useList(all, filterNames, { sorts: Object.values(sortOf) })
  const users = list.items
  const schedules = useSchedules().data
  const flows = useCallFlows().data
  const plans = usePlans().data
  const columns = useMemo(() => columnsOf(t, schedules ?? [], flows ?? [], plans ?? []), [t, schedules, flows, plans])
  const [columnVisibility, setColumnVisibility] = useLocalStorage<Record<string, boolean>>({ key: 'strowger-user-columns', defaultValue: hiddenAtFirst })
  const table = useTable({ features, columns, data: users, getRowId: (u) => u.id, state: { columnVisibility },
    onColumnVisibilityChange: (change) => setColumnVisibility((was) => (typeof change === 'function' ? change(was) : change)) })
  const [editing, setEditing] = useState<{ user?: User; begin?: Begin } | null>(null)
  const linked = useLinked(all, (user) => setEditing({ user }))
  const [deleting, setDeleting] = useState<User | null>(null)
  const [inviting, setInviting] = useState<User | null>(null)
  const [, go] = useLocation()
  const sendReset = useSendReset()
  const verification = useSendVerification()
  const phone = usePhone()

  const filters = filterNames.map((name): Filter => {
    const label = f[name.replace('~', '')]!
    if (name === 'full_name') return { name, label, placeholder: t.users.search }
    if (name === 'time_schedule_id') return { name, label, choices: schedules ?? [] }
    if (name === 'last_seen_before') return { name, label, day: 'date' }
    if (name === 'call_flow_id') return { name, label, choices: flows ?? [] }
    return { name, label }
  })
  const actions = (u: User) => (
    <RowMenu name={fullName(u)} actions={[
      { label: t.users.change, onClick: () => setEditing({ user: u }) },
      { label: t.lines.open, onClick: () => go(`/users/${u.id}/lines`) },
      { label: inviteLabel(u, t), onClick: () => setInviting(u), ...(noInvite(u, t) && { cannot: noInvite(u, t)! }) },
      { label: t.users.forward, onClick: () => setEditing({ user: u, begin: 'forward.number' }) },
      { label: t.users.resetPassword, onClick: () => setEditing({ user: u, begin: 'password' }) },
      ...(unconfirmed(u) ? [{ label: t.address.againLong, onClick: () => verification.mutate(u) }] : []),
      { label: t.access.sendReset, onClick: () => sendReset(u.id) },
      { label: t.users.remove, red: true, onClick: () => setDeleting(u) },
    ]} />
  )
  const choose = !phone && (
    <Popover position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<IconColumns3 size={16} aria-hidden />}>{t.users.columns}</Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t.users.columns}>
        <Stack gap={6}>
          {table.getAllLeafColumns().map((c) => (
            <Checkbox key={c.id} size="xs" label={f[c.id]} checked={c.getIsVisible()} onChange={c.getToggleVisibilityHandler()} />
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )

  const importing = (
    <Tooltip label={t.imports.open}>
      <ActionIcon component={Link} href="/imports" variant="default" size={36} aria-label={t.imports.open}><IconUpload size={18} aria-hidden /></ActionIcon>
    </Tooltip>
  )

  return (
    <>
      <Trouble error={linked.error} />
      <ListFrame list={list} texts={t.users} filters={filters} sorts={Object.entries(sortOf).map(([id, value]) => ({ value, label: f[id]! }))} icon={IconUsersPlus} csv tools={<>{choose}{importing}</>} footer={!phone && t.users.hintInPlace} onAdd={() => setEditing({})}>
        {phone ? <UserCards users={users} actions={actions} /> : (
          <div className="scroll" role="region" aria-label={t.users.table} tabIndex={0}>
            <Table verticalSpacing={2} horizontalSpacing="xs" highlightOnHover>
              <Table.Thead>
                {table.getHeaderGroups().map((group) => (
                  <Table.Tr key={group.id}>
                    {group.headers.map((h) => (
                      <SortHead key={h.id} list={list} field={sortOf[h.column.id]} label={f[h.column.id]!} />
                    ))}
                    <Table.Th scope="col" className="last"><VisuallyHidden>{t.common.actions}</VisuallyHidden></Table.Th>
                  </Table.Tr>
                ))}
              </Table.Thead>
              <Table.Tbody>
                {table.getRowModel().rows.map((row) => (
                  <Table.Tr key={row.id}>
                    {row.getVisibleCells().map((cell) => <Table.Td key={cell.id}><table.FlexRender cell={cell} /></Table.Td>)}
                    <Table.Td className="last">{actions(row.original)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        )}
      </ListFrame>
      {editing && <UserDrawer {...editing} onClose={() => { setEditing(null); linked.leave() }} />}
      {inviting && <InviteDialog user={inviting} onClose={() => setInviting(null)} />}
      {deleting && <RemoveUser user={deleting} onClose={() => setDeleting(null)} />}
    </>
  )
}
