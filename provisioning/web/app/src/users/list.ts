import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { answer, client, type User } from '../api/client'
import type { paths } from '../api/schema'

export type Query = NonNullable<paths['/api/v1/users']['get']['parameters']['query']>

/** The filters of the list, by the names that the API gives them; they stand in the page's address. */
export const filters = ['full_name', 'job_title~', 'department~', 'email~', 'time_schedule_id', 'call_flow_id', 'crm_user_id'] as const
export type Filter = (typeof filters)[number]

export const pageSize = 50

/** filtersIn reads the filters of an address; what is none of them does not count. */
export function filtersIn(address: URLSearchParams): Partial<Record<Filter, string>> {
  const out: Partial<Record<Filter, string>> = {}
  for (const name of filters) {
    const value = address.get(name)?.trim()
    if (value) out[name] = value
  }
  return out
}

/** useUsers is one page of the users that the filters find, sorted by last name. */
export function useUsers(found: Partial<Record<Filter, string>>, cursor: string | undefined) {
  return useQuery({
    queryKey: ['users', found, cursor ?? ''],
    queryFn: async () => {
      const page = await answer(client.GET('/api/v1/users', { params: { query: { ...found, limit: pageSize, ...(cursor && { cursor }) } } }))
      return { users: (page.items ?? []) as User[], next: page.next_cursor }
    },
    placeholderData: keepPreviousData,
  })
}

/** downloadUsers saves every user that the filters find as a CSV file. */
export async function downloadUsers(found: Partial<Record<Filter, string>>) {
  const text = await answer(client.GET('/api/v1/users', { params: { query: found }, headers: { Accept: 'text/csv' }, parseAs: 'blob' }))
  const link = document.createElement('a')
  link.href = URL.createObjectURL(text as unknown as Blob)
  link.download = 'users.csv'
  link.click()
  URL.revokeObjectURL(link.href)
}
