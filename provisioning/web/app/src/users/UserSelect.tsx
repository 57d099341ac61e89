import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import type { User } from '../api/client'
import { users } from '../api/collections'
import { useTexts } from '../texts'
import { fullName } from './names'

const offered = 20

/** useUser is one user, to be named. */
export const useUser = (id: string) => useQuery({ queryKey: ['users', 'one', id], enabled: id !== '', staleTime: 60_000, queryFn: async () => (await users.get(id)).value })

/** UserName is what a user is called; the id, where there is none any more. */
export function UserName({ id }: { id: string }) {
  const user = useUser(id)
  return <>{user.data ? fullName(user.data) : user.isLoading ? '…' : id}</>
}

type Props = { label: string; value: string; onChange: (id: string) => void; error?: ReactNode; size?: string; w?: number; placeholder?: string; required?: boolean; without?: string }

const labelOf = (u: User) => (u.extension ? `${fullName(u)} (${u.extension})` : fullName(u))

/** UserSelect finds one user among any number of them, by a part of the name; the one without is not offered. */
export function UserSelect({ value, onChange, without, ...rest }: Props) {
  const t = useTexts()
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed, 250)
  const chosen = useUser(value)
  const name = chosen.data ? labelOf(chosen.data) : value
  const found = useQuery({
    queryKey: ['users', 'search', search],
    queryFn: () => users.list(search && search !== name ? { full_name: search } : {}, offered),
    placeholderData: keepPreviousData,
  })
  const data = (found.data?.items ?? []).filter((u) => u.id !== without).map((u) => ({ value: u.id, label: labelOf(u) }))
  if (value && !data.some((d) => d.value === value)) data.unshift({ value, label: name })
  return (
    <Select {...rest} data={data} value={value || null} onChange={(v) => onChange(v ?? '')} onSearchChange={setTyped} searchable clearable filter={({ options }) => options}
      nothingFoundMessage={t.users.noneFound} />
  )
}
