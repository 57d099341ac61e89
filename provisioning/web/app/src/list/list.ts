import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useSearchParams } from 'wouter'
import type { Collection, Filters } from '../api/collection'

export const pageSize = 50

/** filtersIn reads the filters of an address; what is none of them does not count. */
export function filtersIn(address: URLSearchParams, names: readonly string[]): Filters {
  const out: Filters = {}
  for (const name of names) {
    const value = address.get(name)?.trim()
    if (value) out[name] = value
  }
  return out
}

/** saveFile has the browser keep a file. */
export function saveFile(content: Blob, name: string) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}

/**
 * useList is one page of a collection. The page's address holds its filters and
 * the cursors of the pages up to the one shown, so that Back, a reload and a
 * bookmark lead to it again. `always` filters what the page is about. every is
 * how many seconds pass until it is read again by itself.
 */
export function useList<R extends { id: string }, I>(all: Collection<R, I>, names: readonly string[], { always, every }: { always?: Filters; every?: number } = {}) {
  const [address, setAddress] = useSearchParams()
  const found = useMemo(() => filtersIn(address, names), [address, names])
  const cursors = useMemo(() => address.getAll('cursor'), [address])
  const asked = { ...found, ...always }
  const cursor = cursors.at(-1)
  const page = useQuery({
    queryKey: [all.name, 'page', asked, cursor ?? ''],
    queryFn: () => all.list(asked, pageSize, cursor),
    placeholderData: keepPreviousData,
    ...(every && { refetchInterval: every * 1000 }),
  })
  const download = useMutation({ mutationFn: async () => saveFile(await all.csv(asked), `${all.name}.csv`) })
  const go = (filters: Filters, at: string[]) => {
    const next = new URLSearchParams(filters)
    for (const c of at) next.append('cursor', c)
    return next
  }
  return {
    page, download, found,
    items: page.data?.items ?? [],
    filtered: Object.keys(found).length > 0,
    /** More than this page holds. */
    more: Boolean(page.data?.next) || cursors.length > 0,
    number: cursors.length + 1,
    filter: (next: Filters) => setAddress(go(next, []), { replace: true }),
    previous: cursors.length > 0 ? () => setAddress(go(found, cursors.slice(0, -1))) : undefined,
    next: page.data?.next && !page.isPlaceholderData ? () => setAddress(go(found, [...cursors, page.data!.next!])) : undefined,
  }
}

export type List<R extends { id: string }> = ReturnType<typeof useList<R, unknown>>
