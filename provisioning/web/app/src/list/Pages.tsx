import { ActionIcon, Group, Text } from '@mantine/core'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { useTexts } from '../texts'

/** Pages leads through a list by cursors: those so far, the last being shown, and the next, while it may be gone to. */
export function Pages({ cursors, next, waiting = false, onChange }: { cursors: string[]; next: string | undefined; waiting?: boolean; onChange: (cursors: string[]) => void }) {
  const t = useTexts()
  if (cursors.length === 0 && !next) return null
  return (
    <Group gap="xs" justify="flex-end">
      <ActionIcon variant="default" aria-label={t.common.previous} disabled={cursors.length === 0} onClick={() => onChange(cursors.slice(0, -1))}><IconChevronLeft size={16} aria-hidden /></ActionIcon>
      <Text size="sm">{t.list.page(cursors.length + 1)}</Text>
      <ActionIcon variant="default" aria-label={t.common.following} disabled={!next || waiting} onClick={() => next && onChange([...cursors, next])}><IconChevronRight size={16} aria-hidden /></ActionIcon>
    </Group>
  )
}
