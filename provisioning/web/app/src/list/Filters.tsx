import { Button, Group, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch, IconX } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import type { Filters as Values } from '../api/collection'
import { useTexts } from '../texts'
import { UserSelect } from '../users/UserSelect'

/** A Filter is a text that is typed, one of the choices, a user, or a day. */
export interface Filter {
  /** As the API calls it. */
  name: string
  label: string
  placeholder?: string
  choices?: { value: string; label: string }[]
  user?: boolean
  /** A day of the reader's calendar, asked for as the instant that it begins or ends at, or as it is. */
  day?: 'start' | 'end' | 'date'
}

/** Filters narrow the list while one types; `/` leads to the first of them. */
export function Filters({ filters, values, onChange }: { filters: Filter[]; values: Values; onChange: (values: Values) => void }) {
  const t = useTexts()
  const [typed, setTyped] = useState(values)
  const later = useDebouncedCallback(onChange, 250)
  // The address may change by itself, with the browser's Back.
  const address = JSON.stringify(values)
  useEffect(() => setTyped(JSON.parse(address) as Values), [address])

  const set = (name: string, value: string, at: (v: Values) => void) => {
    const next = { ...typed, [name]: value }
    if (!value) delete next[name]
    setTyped(next)
    at(next)
  }
  return (
    <Group align="flex-end" gap="xs" role="search" aria-label={t.list.filters}>
      {filters.map(({ name, label, placeholder, choices, user, day }, i) =>
        user ? (
          <UserSelect key={name} size="xs" w={190} label={label} placeholder={t.list.any} value={typed[name] ?? ''} onChange={(v) => set(name, v, onChange)} />
        ) : choices ? (
          <Select key={name} size="xs" w={150} label={label} placeholder={t.list.any} data={choices} value={typed[name] ?? null} clearable searchable nothingFoundMessage={t.line.nothing}
            onChange={(v) => set(name, v ?? '', onChange)} />
        ) : day ? (
          <TextInput key={name} type="date" size="xs" w={140} label={label} value={typed[name] ?? ''} onChange={(e) => set(name, e.currentTarget.value, onChange)} />
        ) : (
          <TextInput key={name} size="xs" w={i === 0 ? 210 : 150} label={label} placeholder={placeholder} value={typed[name] ?? ''}
            {...(i === 0 && { leftSection: <IconSearch size={14} aria-hidden />, 'data-search': '', 'aria-keyshortcuts': '/' })}
            onChange={(e) => set(name, e.currentTarget.value, later)} onKeyDown={(e) => e.key === 'Escape' && typed[name] && set(name, '', onChange)} />
        ),
      )}
      {Object.keys(values).length > 0 && (
        <Button size="xs" variant="subtle" leftSection={<IconX size={14} aria-hidden />} onClick={() => onChange({})}>{t.list.clearFilters}</Button>
      )}
    </Group>
  )
}
