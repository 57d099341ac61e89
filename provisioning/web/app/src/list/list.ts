import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useSearchParams } from 'wouter'
import { saveFile } from '../api/file'
import type { Collection, Filters } from '../api/collection'
import type { Filter } from './Filters'
import { sortIn } from './sort'
import { dayEnd, dayStart } from './time'

export const pageSize = 50

/** askedOf is what the API is asked for where filters have values: it knows no days, but instants. */
export function askedOf(found: Filters, filters: Pick<Filter, 'name' | 'day'>[]): Filters {
  const asked = { ...found }
  for (const { name, day } of filters) {
    const value = asked[name]
    if (!day || day === 'date' || !value) continue
    if (/^\d{4}-\d\d-\d\d$/.test(value)) asked[name] = day === 'start' ? dayStart(value) : dayEnd(value)
    else delete asked[name]
  }
  return asked
}

/** filtersIn reads the filters of an address; what is none of them does not count. */
export function filtersIn(address: URLSearchParams, names: readonly string[]): Filters {
  const out: Filters = {}
  for (const name of names) {
    const value = address.get(name)?.trim()
    if (value) out[name] = value
  }
  return out
}

/**
 * useList is one page of a collection. The page's address holds its filters, what
 * it is sorted by and the cursors of the pages up to the one shown, so that Back, a
 * reload and a bookmark lead to it again. `always` filters what the page is about.
 * every is how many seconds pass until it is read again by itself. asks makes of the
 * filters what the API is asked for. sorts are the fields that it can be sorted by,
 * the first of them what it is sorted by unless somebody wants another.
 */
export function useList<R extends { id: string }, I>(all: Collection<R, I>, names: readonly string[], { always, every, asks, sorts = [] }: { always?: Filters; every?: number; asks?: (found: Filters) => Filters; sorts?: readonly string[] } = {}) {
  const [address, setAddress] = useSearchParams()
  const found = useMemo(() => filtersIn(address, names), [address, names])
  const cursors = useMemo(() => address.getAll('cursor'), [address])
  const sort = sortIn(address, sorts)
  const asked = { ...(asks ? asks(found) : found), ...always, ...(sort && { sort }) }
  const cursor = cursors.at(-1)
  const page = useQuery({
    queryKey: [all.name, 'page', asked, cursor ?? ''],
    queryFn: () => all.list(asked, pageSize, cursor),
    placeholderData: keepPreviousData,
    ...(every && { refetchInterval: every * 1000 }),
  })
  const download = useMutation({ mutationFn: async () => saveFile(await all.csv(asked), `${all.name}.csv`) })
  const own = sorts[0] ?? ''
  const go = (filters: Filters, at: string[], by = sort) => {
    const next = new URLSearchParams(filters)
    if (by && by !== own) next.set('sort', by)
    for (const c of at) next.append('cursor', c)
    return next
  }
  return {
    page, download, found,
    items: page.data?.items ?? [],
    filtered: Object.keys(found).length > 0,
    /** More than this page holds. */
    more: Boolean(page.data?.next) || cursors.length > 0,
    /** Being read, and not merely again by itself. */
    busy: page.isPending || page.isPlaceholderData || (page.isFetching && !every),
    filter: (next: Filters) => setAddress(go(next, []), { replace: true }),
    cursors,
    turn: (to: string[]) => setAddress(go(found, to)),
    sort: sort || own,
    /** From the first page on. */
    sortBy: (next: string) => setAddress(go(found, [], next)),
  }
}

export type List<R extends { id: string }> = ReturnType<typeof useList<R, unknown>>
