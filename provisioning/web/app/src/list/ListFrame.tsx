import { ActionIcon, Button, Collapse, Group, Loader, Stack, Text, Title, Tooltip } from '@mantine/core'
import { useDisclosure, useMediaQuery } from '@mantine/hooks'
import { IconDownload, IconFilter, IconPlus, IconRefresh, type Icon } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { Empty } from './Empty'
import { Filters, type Filter } from './Filters'
import type { List } from './list'
import { Pages } from './Pages'
import { SortSelect, type Sort } from './SortHead'

/** usePhone says whether there is no room for a table. */
export const usePhone = () => useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false })

export interface ListTexts {
  title: string
  /** How many there are, and whether there are more than that. */
  count: (n: number, more: boolean) => string
  empty: string
  /** What to do next where there is nothing yet. */
  emptyHint: string
  noneFound?: string
  noneFoundHint?: string
  add?: string
}

type Props<R extends { id: string }> = {
  list: List<R>
  texts: ListTexts
  filters: Filter[]
  /** What it can be sorted by. */
  sorts?: Sort[]
  icon: Icon
  csv?: boolean
  onAdd?: () => void
  /** More that can be done with the list as a whole. */
  tools?: ReactNode
  /** A sentence below the title. */
  lead?: ReactNode
  footer?: ReactNode
  children: ReactNode
}

/** ListFrame is what stands around every list: its title, count and tools, its filters, its pages, and what to do where it is empty. */
export function ListFrame<R extends { id: string }>({ list, texts, filters, sorts = [], icon, csv, onAdd, tools, lead, footer, children }: Props<R>) {
  const t = useTexts()
  const phone = usePhone()
  const [filtersOpen, filtersShown] = useDisclosure(false)
  const { page, items, filtered, download } = list
  const add = onAdd && texts.add && <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={onAdd}>{texts.add}</Button>
  const narrow = filters.length > 0 && <Filters filters={filters} values={list.found} onChange={list.filter} />
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Group gap="sm" align="baseline">
          <Title order={1}>{texts.title}</Title>
          <Text size="sm" c="dimmed" role="status">{page.data && texts.count(items.length, list.more)}</Text>
          {list.busy && <Loader size={14} aria-hidden />}
        </Group>
        <Group gap="xs">
          {phone && filters.length > 0 && (
            <ActionIcon variant="default" size="lg" aria-label={t.list.filters} aria-expanded={filtersOpen} onClick={filtersShown.toggle}><IconFilter size={18} aria-hidden /></ActionIcon>
          )}
          {tools}
          <Tooltip label={t.list.refresh}>
            <ActionIcon variant="default" size={36} aria-label={t.list.refresh} onClick={() => void page.refetch()}><IconRefresh size={18} aria-hidden /></ActionIcon>
          </Tooltip>
          {csv && (
            <Tooltip label={t.list.download}>
              <ActionIcon variant="default" size={36} aria-label={t.list.download} loading={download.isPending} onClick={() => download.mutate()}><IconDownload size={18} aria-hidden /></ActionIcon>
            </Tooltip>
          )}
          {add}
        </Group>
      </Group>
      {lead}
      {phone ? <Collapse expanded={filtersOpen}>{narrow}</Collapse> : narrow}
      <Trouble error={page.error ?? download.error} retry={() => (page.error ? void page.refetch() : download.mutate())} />
      {page.data && items.length === 0 && (
        <Empty icon={icon} title={filtered ? (texts.noneFound ?? t.list.noneFound) : texts.empty} hint={filtered ? (texts.noneFoundHint ?? t.list.noneFoundHint) : texts.emptyHint}>
          {filtered ? <Button variant="default" onClick={() => list.filter({})}>{t.list.clearFilters}</Button> : add}
        </Empty>
      )}
      {phone && items.length > 0 && sorts.length > 1 && <SortSelect list={list} sorts={sorts} />}
      {items.length > 0 && children}
      {(items.length > 0 || list.cursors.length > 0) && (
        <Group justify="space-between">
          <Text size="xs" c="dimmed">{footer}</Text>
          <Pages cursors={list.cursors} next={page.data?.next} waiting={page.isPlaceholderData} onChange={list.turn} />
        </Group>
      )}
    </Stack>
  )
}
