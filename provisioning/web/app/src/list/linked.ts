import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useSearchParams } from 'wouter'
import type { Collection } from '../api/collection'

/**
 * useLinked opens the record that the page's address names, as links from other
 * pages do: /trunks?id=carrier. It is for whoever shows the record to call leave
 * when it is closed. A page where records cannot be opened has no open.
 */
export function useLinked<R extends { id: string }, I>(all: Collection<R, I>, open?: (record: R) => void) {
  const [address, setAddress] = useSearchParams()
  const id = open ? (address.get('id') ?? '') : ''
  const found = useQuery({ queryKey: [all.name, 'linked', id], queryFn: async () => (await all.get(id)).value, enabled: id !== '', staleTime: Infinity, gcTime: 0, retry: false })
  const opened = useRef('')
  useEffect(() => {
    // Once: what is being edited is not replaced by what is read later.
    if (found.data && opened.current !== id) open?.(found.data)
    opened.current = found.data ? id : ''
  }, [found.data, id]) // eslint-disable-line
  return {
    error: id ? found.error : null,
    leave: () => {
      if (!address.has('id')) return
      const next = new URLSearchParams(address)
      next.delete('id')
      setAddress(next, { replace: true })
    },
  }
}
