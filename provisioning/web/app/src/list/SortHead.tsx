import { ActionIcon, Group, Select, Table, UnstyledButton } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { useTexts } from '../texts'
import { fieldOf, isDescending, turned } from './sort'

/** A Sort is a field of the API's that a list can be sorted by, and what its column is called. */
export interface Sort {
  value: string
  label: string
}

/** Sorted is a list that can be. */
type Sorted = { sort: string; sortBy: (sort: string) => void }

/** SortHead is the head of a column: a button where the list can be sorted by it, first one way and then the other. */
export function SortHead({ list, field, label }: { list: Sorted; field: string | undefined; label: string }) {
  if (!field) return <Table.Th scope="col">{label}</Table.Th>
  const sorted = fieldOf(list.sort) === field
  const down = sorted && isDescending(list.sort)
  const Arrow = down ? IconArrowDown : IconArrowUp
  return (
    <Table.Th scope="col" aria-sort={!sorted ? undefined : down ? 'descending' : 'ascending'}>
      <UnstyledButton className="sort" onClick={() => list.sortBy(turned(list.sort, field))}>{label}<Arrow size={14} aria-hidden /></UnstyledButton>
    </Table.Th>
  )
}

/** SortSelect is for where a list has no heads. */
export function SortSelect({ list, sorts }: { list: Sorted; sorts: Sort[] }) {
  const t = useTexts()
  const field = fieldOf(list.sort)
  const down = isDescending(list.sort)
  return (
    <Group gap={6} wrap="nowrap" align="flex-end">
      <Select size="xs" flex={1} label={t.list.sortBy} data={sorts} value={field || null} allowDeselect={false} onChange={(v) => v && v !== field && list.sortBy(v)} />
      <ActionIcon variant="default" size={30} aria-label={t.list.descending} aria-pressed={down} disabled={!field} onClick={() => list.sortBy(turned(list.sort, field))}>
        {down ? <IconArrowDown size={16} aria-hidden /> : <IconArrowUp size={16} aria-hidden />}
      </ActionIcon>
    </Group>
  )
}
