import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { revisions } from '../api/collections'
import { useLanguage } from '../texts'

/** SavedBy says who saved a record of a collection last; nothing, where that is not known. */
export function SavedBy({ collection, id }: { collection: string; id: string }) {
  const { texts: t, language } = useLanguage()
  const path = `${collection}/${id}`
  // A path may begin as another does: of the last few, the first that is about this record.
  const found = useQuery({ queryKey: ['revisions', 'of', path], gcTime: 0, queryFn: async () => (await revisions.list({ 'path~': path }, 10)).items.find((r) => r.changes?.some((c) => c.path === path)) ?? null })
  if (!found.data?.by) return null
  const at = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(found.data.at!))
  return <Text size="sm" fw={600} role="status">{t.conflict.by(found.data.by, at)}</Text>
}
