import { Anchor, Group, Paper, Stack, Table, Text, VisuallyHidden } from '@mantine/core'
import type { Icon } from '@tabler/icons-react'
import { Fragment, useState, type ReactNode } from 'react'
import type { Collection, Filters as Values } from '../api/collection'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import type { Filter } from './Filters'
import { useLinked } from './linked'
import { askedOf, useList } from './list'
import { ListFrame, usePhone, type ListTexts } from './ListFrame'
import { RowMenu, type Action } from './RowMenu'
import { SortHead } from './SortHead'

/** A Column of a list; the first one names the row and opens it. */
export interface Column<R> {
  id: string
  label: string
  cell: (record: R) => ReactNode
  /** The field of the API's that the list can be sorted by here. */
  sort?: string
  /** Left out of the card that a phone shows. */
  wide?: boolean
}

type Close = () => void

type Props<R extends { id: string }, I> = {
  all: Collection<R, I>
  texts: ListTexts & { table: string }
  icon: Icon
  filters: Filter[]
  always?: Values
  /** Seconds until the list is read again by itself. */
  every?: number
  csv?: boolean
  /** Sorted by the first of them until somebody wants another, unless the latest come first. */
  columns: Column<R>[]
  /** The column with the time by which the latest come first. */
  newestFirst?: string
  /** What a record is called in a sentence. */
  nameOf: (record: R) => string
  /** The form of a record, or of a new one; none where records are not changed by hand. */
  form?: (record: R | undefined, close: Close) => ReactNode
  /** The question before a record is deleted. */
  remove?: (record: R, close: Close) => ReactNode
  removeLabel?: string
  /** More that can be done with a row. */
  actions?: (record: R) => Action[]
  /** What is unfolded below a row. */
  below?: (record: R) => ReactNode
  tools?: ReactNode
  lead?: ReactNode
  footer?: ReactNode
}

type Open<R> = { what: 'form' | 'remove'; record?: R }

/** ListPage is the page of a collection: the list, and where each record is made, changed and deleted. */
export function ListPage<R extends { id: string }, I>(p: Props<R, I>) {
  const t = useTexts()
  const phone = usePhone()
  const [names] = useState(() => p.filters.map((f) => f.name))
  const sorts = p.columns.flatMap((c) => (c.sort ? [{ value: c.sort, label: c.label }] : []))
  const list = useList(p.all, names, { sorts: sorts.map((x) => x.value), asks: (found) => askedOf(found, p.filters), ...(p.always && { always: p.always }), ...(p.every && { every: p.every }) })
  const [open, setOpen] = useState<Open<R> | null>(null)
  const linked = useLinked(p.all, p.form && ((record) => setOpen({ what: 'form', record })))
  const close = () => {
    setOpen(null)
    linked.leave()
  }
  const actions = (record: R): Action[] => [
    ...(p.form ? [{ label: t.list.open, onClick: () => setOpen({ what: 'form', record }) }] : []),
    ...(p.actions?.(record) ?? []),
    ...(p.remove ? [{ label: p.removeLabel ?? t.list.remove, red: true, onClick: () => setOpen({ what: 'remove', record }) }] : []),
  ]
  const acts = Boolean(p.form || p.actions || p.remove)
  const menu = (record: R) => acts && <RowMenu name={p.nameOf(record)} actions={actions(record)} />
  const [first, ...rest] = p.columns
  const heading = (record: R) =>
    p.form ? (
      <Anchor component="button" type="button" size="sm" fw={600} ta="start" onClick={() => setOpen({ what: 'form', record })}>{first!.cell(record)}</Anchor>
    ) : (
      <Text span size="sm" fw={600}>{first!.cell(record)}</Text>
    )
  return (
    <>
      <Trouble error={linked.error} />
      <ListFrame list={list as never} texts={p.texts} filters={p.filters} sorts={sorts} icon={p.icon} csv={p.csv ?? false} tools={p.tools} lead={p.lead} footer={p.footer}
        {...(p.form && p.texts.add && { onAdd: () => setOpen({ what: 'form' }) })}>
        {phone ? (
          <Stack gap="xs" component="ul" p={0} m={0} style={{ listStyle: 'none' }} aria-label={p.texts.table}>
            {list.items.map((record) => (
              <Paper key={record.id} component="li" withBorder p="xs">
                <Group wrap="nowrap" gap="sm" align="flex-start">
                  <Stack gap={2} flex={1} miw={0}>
                    {heading(record)}
                    {rest.filter((c) => !c.wide).map((c) => (
                      <Group key={c.id} gap={6} wrap="nowrap">
                        <Text size="xs" c="dimmed" style={{ flexShrink: 0 }}>{c.label}</Text>
                        <Text size="sm" component="div" truncate>{c.cell(record) || '–'}</Text>
                      </Group>
                    ))}
                  </Stack>
                  {menu(record)}
                </Group>
                {p.below?.(record)}
              </Paper>
            ))}
          </Stack>
        ) : (
          <div className="scroll" role="region" aria-label={p.texts.table} tabIndex={0}>
            <Table verticalSpacing={6} horizontalSpacing="sm" highlightOnHover>
              <Table.Thead>
                <Table.Tr>
                  {p.columns.map((c) =>
                    c.id === p.newestFirst ? <Table.Th key={c.id} scope="col" aria-sort="descending">{c.label}</Table.Th> : <SortHead key={c.id} list={list} field={c.sort} label={c.label} />)}
                  {acts && <Table.Th scope="col" className="last"><VisuallyHidden>{t.common.actions}</VisuallyHidden></Table.Th>}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {list.items.map((record) => {
                  const below = p.below?.(record)
                  return (
                    <Fragment key={record.id}>
                      <Table.Tr>
                        <Table.Td>{heading(record)}</Table.Td>
                        {rest.map((c) => <Table.Td key={c.id}>{c.cell(record)}</Table.Td>)}
                        {acts && <Table.Td className="last">{menu(record)}</Table.Td>}
                      </Table.Tr>
                      {below && <Table.Tr><Table.Td colSpan={p.columns.length + (acts ? 1 : 0)}>{below}</Table.Td></Table.Tr>}
                    </Fragment>
                  )
                })}
              </Table.Tbody>
            </Table>
          </div>
        )}
      </ListFrame>
      {open?.what === 'form' && p.form?.(open.record, close)}
      {open?.what === 'remove' && open.record && p.remove?.(open.record, close)}
    </>
  )
}
