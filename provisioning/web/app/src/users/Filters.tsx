import { Button, Group, Select, TextInput } from '@mantine/core'
import { IconSearch, IconX } from '@tabler/icons-react'
import { useDebouncedCallback } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import { useTexts } from '../texts'
import { filters, type Filter } from './list'
import { useCallFlows, useSchedules } from './options'

type Values = Partial<Record<Filter, string>>

/** Filters narrow the list while one types; `/` leads to the first of them. */
export function Filters({ values, onChange }: { values: Values; onChange: (values: Values) => void }) {
  const t = useTexts()
  const f = t.users.fields
  const schedules = useSchedules()
  const flows = useCallFlows()
  const [typed, setTyped] = useState(values)
  const later = useDebouncedCallback(onChange, 250)
  // The address may change by itself, with the browser's Back.
  const address = JSON.stringify(values)
  useEffect(() => setTyped(JSON.parse(address) as Values), [address])

  const set = (name: Filter, value: string, at: (v: Values) => void) => {
    const next = { ...typed, [name]: value }
    if (!value) delete next[name]
    setTyped(next)
    at(next)
  }
  const text = (name: Filter, label: string) => (
    <TextInput key={name} size="xs" w={150} label={label} value={typed[name] ?? ''} onChange={(e) => set(name, e.currentTarget.value, later)} />
  )
  const choice = (name: Filter, label: string, data: { value: string; label: string }[]) => (
    <Select size="xs" w={150} label={label} placeholder={t.users.anyone} data={data} value={typed[name] ?? null} clearable searchable nothingFoundMessage={t.line.nothing}
      onChange={(v) => set(name, v ?? '', onChange)} />
  )
  return (
    <Group align="flex-end" gap="xs" role="search" aria-label={t.users.filters}>
      <TextInput size="xs" w={210} label={f.full_name} placeholder={t.users.search} leftSection={<IconSearch size={14} aria-hidden />} data-search="" aria-keyshortcuts="/"
        value={typed.full_name ?? ''} onChange={(e) => set('full_name', e.currentTarget.value, later)} onKeyDown={(e) => e.key === 'Escape' && set('full_name', '', onChange)} />
      {text('job_title~', f.job_title!)}
      {text('department~', f.department!)}
      {text('email~', f.email!)}
      {choice('time_schedule_id', f.time_schedule_id!, schedules.data ?? [])}
      {choice('call_flow_id', f.call_flow_id!, flows.data ?? [])}
      {text('crm_user_id', f.crm_user_id!)}
      {filters.some((name) => typed[name]) && (
        <Button size="xs" variant="subtle" leftSection={<IconX size={14} aria-hidden />} onClick={() => onChange({})}>{t.users.clearFilters}</Button>
      )}
    </Group>
  )
}
