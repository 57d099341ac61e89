import { ActionIcon, Button, Checkbox, Collapse, Group, Loader, Menu, Paper, Popover, Stack, Table, Text, Title, Tooltip, VisuallyHidden } from '@mantine/core'
import { useDisclosure, useLocalStorage, useMediaQuery } from '@mantine/hooks'
import { IconChevronLeft, IconChevronRight, IconColumns3, IconDotsVertical, IconDownload, IconFilter, IconPlus, IconUsersPlus } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useTable } from '@tanstack/react-table'
import { useMemo, useState } from 'react'
import { useSearchParams } from 'wouter'
import type { User } from '../api/client'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { columnsOf, features, hiddenAtFirst } from './columns'
import { DeleteDialog } from './DeleteDialog'
import { Filters } from './Filters'
import { downloadUsers, filtersIn, useUsers } from './list'
import { fullName } from './names'
import { useCallFlows, useSchedules } from './options'
import { UserCards } from './UserCards'
import { UserDrawer, type Begin } from './UserDrawer'

const none: User[] = []

/** UsersPage is the list of users, and where each of them is made, changed and deleted. */
export default function UsersPage() {
  const t = useTexts()
  const [address, setAddress] = useSearchParams()
  const found = useMemo(() => filtersIn(address), [address])
  // The cursors of the pages so far; the last is the one shown.
  const [cursors, setCursors] = useState<string[]>([])
  const page = useUsers(found, cursors.at(-1))
  const users = page.data?.users ?? none
  const schedules = useSchedules().data
  const flows = useCallFlows().data
  const columns = useMemo(() => columnsOf(t, schedules ?? [], flows ?? []), [t, schedules, flows])
  const [columnVisibility, setColumnVisibility] = useLocalStorage<Record<string, boolean>>({ key: 'strowger-user-columns', defaultValue: hiddenAtFirst })
  const table = useTable({ features, columns, data: users, getRowId: (u) => u.id, state: { columnVisibility },
    onColumnVisibilityChange: (change) => setColumnVisibility((was) => (typeof change === 'function' ? change(was) : change)) })
  const [editing, setEditing] = useState<{ user?: User; begin?: Begin } | null>(null)
  const [deleting, setDeleting] = useState<User | null>(null)
  const download = useMutation({ mutationFn: () => downloadUsers(found) })
  const phone = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false })
  const [filtersOpen, filtersShown] = useDisclosure(false)

  const filtered = Object.keys(found).length > 0
  const filter = (next: typeof found) => {
    setCursors([])
    setAddress(new URLSearchParams(next as Record<string, string>), { replace: true })
  }
  const add = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setEditing({})}>{t.users.add}</Button>
  )
  const actions = (u: User) => (
    <Menu position="bottom-end" withinPortal width={220}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t.users.actionsOf(fullName(u))}><IconDotsVertical size={16} aria-hidden /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => setEditing({ user: u })}>{t.users.change}</Menu.Item>
        <Menu.Item onClick={() => setEditing({ user: u, begin: 'forward.number' })}>{t.users.forward}</Menu.Item>
        <Menu.Item onClick={() => setEditing({ user: u, begin: 'password' })}>{t.users.resetPassword}</Menu.Item>
        <Menu.Divider />
        <Menu.Item color="red" onClick={() => setDeleting(u)}>{t.users.remove}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )

  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Group gap="sm" align="baseline">
          <Title order={1}>{t.users.title}</Title>
          <Text size="sm" c="dimmed" role="status">{page.data && t.users.count(users.length, Boolean(page.data.next) || cursors.length > 0)}</Text>
          {page.isFetching && <Loader size={14} aria-hidden />}
        </Group>
        <Group gap="xs">
          {phone && (
            <ActionIcon variant="default" size="lg" aria-label={t.users.filters} aria-expanded={filtersOpen} onClick={filtersShown.toggle}><IconFilter size={18} aria-hidden /></ActionIcon>
          )}
          {!phone && (
            <Popover position="bottom-end" trapFocus returnFocus>
              <Popover.Target>
                <Button variant="default" leftSection={<IconColumns3 size={16} aria-hidden />}>{t.users.columns}</Button>
              </Popover.Target>
              <Popover.Dropdown aria-label={t.users.columns}>
                <Stack gap={6}>
                  {table.getAllLeafColumns().map((c) => (
                    <Checkbox key={c.id} size="xs" label={t.users.fields[c.id]} checked={c.getIsVisible()} onChange={c.getToggleVisibilityHandler()} />
                  ))}
                </Stack>
              </Popover.Dropdown>
            </Popover>
          )}
          <Tooltip label={t.users.download}>
            <ActionIcon variant="default" size={36} aria-label={t.users.download} loading={download.isPending} onClick={() => download.mutate()}><IconDownload size={18} aria-hidden /></ActionIcon>
          </Tooltip>
          {add}
        </Group>
      </Group>
      {phone ? <Collapse expanded={filtersOpen}><Filters values={found} onChange={filter} /></Collapse> : <Filters values={found} onChange={filter} />}
      <Trouble error={page.error ?? download.error} retry={() => (page.error ? page.refetch() : download.mutate())} />

      {page.data && users.length === 0 && (
        <Paper withBorder p="xl">
          <Stack align="center" gap="xs">
            <IconUsersPlus size={36} stroke={1.3} aria-hidden />
            <Text fw={600}>{filtered ? t.users.noneFound : t.users.empty}</Text>
            <Text size="sm" c="dimmed" ta="center" maw={440}>{filtered ? t.users.noneFoundHint : t.users.emptyHint}</Text>
            {filtered ? <Button variant="default" onClick={() => filter({})}>{t.users.clearFilters}</Button> : add}
          </Stack>
        </Paper>
      )}

      {users.length > 0 && phone && <UserCards users={users} actions={actions} />}
      {users.length > 0 && !phone && (
        <div className="scroll" role="region" aria-label={t.users.table} tabIndex={0}>
          <Table verticalSpacing={2} horizontalSpacing="xs" highlightOnHover>
            <Table.Thead>
              {table.getHeaderGroups().map((group) => (
                <Table.Tr key={group.id}>
                  {group.headers.map((h) => (
                    <Table.Th key={h.id} scope="col" aria-sort={h.column.id === 'last_name' ? 'ascending' : undefined}><table.FlexRender header={h} /></Table.Th>
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

      {users.length > 0 && (
        <Group justify="space-between">
          <Text size="xs" c="dimmed">{!phone && t.users.hintInPlace}</Text>
          {(cursors.length > 0 || page.data?.next) && (
            <Group gap="xs">
              <ActionIcon variant="default" aria-label={t.common.previous} disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}><IconChevronLeft size={16} aria-hidden /></ActionIcon>
              <Text size="sm">{t.users.page(cursors.length + 1)}</Text>
              <ActionIcon variant="default" aria-label={t.common.following} disabled={!page.data?.next || page.isPlaceholderData} onClick={() => page.data?.next && setCursors([...cursors, page.data.next])}><IconChevronRight size={16} aria-hidden /></ActionIcon>
            </Group>
          )}
        </Group>
      )}

      {editing && <UserDrawer {...editing} onClose={() => setEditing(null)} />}
      {deleting && <DeleteDialog user={deleting} onClose={() => setDeleting(null)} />}
    </Stack>
  )
}
