import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { client, type Schemas } from '../api/client'

export type Recording = Schemas['CallRecording'] & { id: string }

/** useCallEvents reads lists of calls again as calls begin, change and end. It says whether the exchange tells of it. */
export function useCallEvents(enabled: boolean): boolean {
  const queries = useQueryClient()
  const [told, setTold] = useState(false)
  useEffect(() => {
    if (!enabled) return
    const events = new EventSource('/api/v1/events')
    events.onopen = () => setTold(true)
    events.onerror = () => setTold(false) // it tries again by itself
    events.addEventListener('call', () => void queries.invalidateQueries({ queryKey: ['calls'] }))
    return () => events.close()
  }, [enabled, queries])
  return told
}

/** useNow is the time, again each second, for what is counted while one looks. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const tick = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(tick)
  }, [])
  return now
}

/** useNames are the names of these users; only an administrator reads those of others. */
export function useNames(ids: string[]): Record<string, string> {
  const wanted = [...new Set(ids.filter(Boolean))].sort()
  const found = useQuery({
    queryKey: ['names', wanted],
    enabled: wanted.length > 0,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const pairs = await Promise.all(
        wanted.map(async (id) => {
          const { data } = await client.GET('/api/v1/users/{id}', { params: { path: { id } } })
          const u = data as Schemas['UserView'] | undefined
          return [id, u ? `${u.first_name ?? ''} ${u.last_name ?? ''}`.trim() || id : ''] as const
        }),
      )
      return Object.fromEntries(pairs.filter(([, name]) => name))
    },
  })
  return found.data ?? {}
}
