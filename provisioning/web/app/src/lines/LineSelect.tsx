import { Select, SimpleGrid } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { contactMethods, type Line } from '../api/collections'
import { useTexts } from '../texts'
import type { Texts } from '../texts/en'
import { UserName, UserSelect } from '../users/UserSelect'

/** useLine is one contact method, to be named. */
export const useLine = (id: string) => useQuery({ queryKey: ['contact-methods', 'one', id], enabled: id !== '', staleTime: 60_000, queryFn: async () => (await contactMethods.get(id)).value })

/** addressOf is where a contact method leads. */
export function addressOf(m: Line): string {
  return m.sip_account?.username ?? m.pstn_forwarding?.number ?? (m.sip_forwarding ? [m.sip_forwarding.username, m.sip_forwarding.domain].filter(Boolean).join('@') : undefined) ?? m.email?.address ?? ''
}

/** lineName is what a contact method is called in a sentence. */
export const lineName = (m: Line, t: Texts) => m.label || [t.lines.kinds[m.kind ?? ''] ?? m.kind, addressOf(m)].filter(Boolean).join(' ')

/** LineName is a contact method and whose it is. */
export function LineName({ id }: { id: string }) {
  const t = useTexts()
  const { data: line, isLoading } = useLine(id)
  if (!line) return <>{isLoading ? '…' : id}</>
  return <><UserName id={line.user_id ?? ''} />: {lineName(line, t)}</>
}

type Props = { value: string; onChange: (id: string) => void; kinds?: string[]; error?: ReactNode }

/** LineSelect finds a contact method: whose it is first, which one then. */
export function LineSelect({ value, onChange, kinds, error }: Props) {
  const t = useTexts()
  const [picked, setPicked] = useState('')
  const chosen = useLine(value)
  const user = picked || chosen.data?.user_id || ''
  const lines = useQuery({ queryKey: ['contact-methods', 'of', user], enabled: user !== '', queryFn: () => contactMethods.list({ user_id: user }, 100) })
  const data = (lines.data?.items ?? []).filter((m) => m.kind !== 'email' && (!kinds || kinds.includes(m.kind!))).map((m) => ({ value: m.id, label: lineName(m, t) }))
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
      <UserSelect label={t.lines.of} value={user} onChange={(id) => { setPicked(id); onChange('') }} />
      <Select label={t.lines.one} data={data} value={value || null} onChange={(v) => onChange(v ?? '')} disabled={!user} nothingFoundMessage={t.line.nothing} error={error}
        description={user && lines.data && data.length === 0 ? t.lines.noneOfKind : undefined} />
    </SimpleGrid>
  )
}
