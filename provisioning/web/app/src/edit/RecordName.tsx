import { useQuery } from '@tanstack/react-query'
import { collection } from '../api/collection'
import type { Line, Phone } from '../api/collections'
import type { User } from '../api/client'
import { lineName } from '../lines/LineSelect'
import { phoneName } from '../phones/makers'
import { useTexts } from '../texts'
import type { Texts } from '../texts/en'
import { fullName } from '../users/names'

type Named = { id: string; name?: string; label?: string; e164?: string; number?: string; code?: string }

/** recordName is what people call a record of a collection. */
export function recordName(t: Texts, collection: string, record: { id: string }): string {
  switch (collection) {
    case 'users': return fullName(record as User)
    case 'contact_methods': return lineName(record as Line, t)
    case 'devices': return phoneName(record as Phone)
  }
  const r = record as Named
  return r.name || r.label || r.e164 || r.number || r.code || r.id
}

/** RecordName is a record of any collection, by its name; its id, where there is none any more. */
export function RecordName({ collection: of, id }: { collection: string; id: string }) {
  const t = useTexts()
  const all = collection<{ id: string }, never>(`/api/v1/${of.replaceAll('_', '-')}` as '/api/v1/trunks')
  const found = useQuery({ queryKey: [all.name, 'one', id], enabled: id !== '', staleTime: 60_000, queryFn: async () => (await all.get(id)).value })
  return <>{found.data ? recordName(t, of, found.data) : found.isLoading ? '…' : id}</>
}
