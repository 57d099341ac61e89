import { ActionIcon, Badge, Group, Paper, Stack, Text } from '@mantine/core'
import { IconArrowDownLeft, IconArrowUpRight, IconArrowsLeftRight, IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useLanguage, useTexts } from '../texts'
import { gradeOf, type Call } from './words'

/** Empty says what a list without anything means and what to do next. */
export function Empty({ title, hint, icon, children }: { title: string; hint: string; icon: ReactNode; children?: ReactNode }) {
  return (
    <Paper withBorder p="xl">
      <Stack align="center" gap="xs">
        {icon}
        <Text fw={600}>{title}</Text>
        <Text size="sm" c="dimmed" ta="center" maw={440}>{hint}</Text>
        {children}
      </Stack>
    </Paper>
  )
}

/** Pages leads through a list by cursors: those so far, the last being shown. */
export function Pages({ cursors, next, onChange }: { cursors: string[]; next: string | undefined; onChange: (cursors: string[]) => void }) {
  const t = useTexts()
  if (cursors.length === 0 && !next) return null
  return (
    <Group gap="xs" justify="flex-end">
      <ActionIcon variant="default" aria-label={t.common.previous} disabled={cursors.length === 0} onClick={() => onChange(cursors.slice(0, -1))}><IconChevronLeft size={16} aria-hidden /></ActionIcon>
      <Text size="sm">{t.calls.page(cursors.length + 1)}</Text>
      <ActionIcon variant="default" aria-label={t.common.following} disabled={!next} onClick={() => next && onChange([...cursors, next])}><IconChevronRight size={16} aria-hidden /></ActionIcon>
    </Group>
  )
}

/** Moment is an instant as people of the language write it. */
export function Moment({ at, seconds = false }: { at: string | undefined; seconds?: boolean }) {
  const { language } = useLanguage()
  if (!at) return <>–</>
  return <time dateTime={at}>{new Date(at).toLocaleString(language, { dateStyle: 'short', timeStyle: seconds ? 'medium' : 'short' })}</time>
}

const colours = { good: 'teal', fair: 'orange', poor: 'red' } as const

/** Mos shows a MOS and, in words, how that sounds. */
export function Mos({ value, none }: { value: number | undefined; none?: string }) {
  const t = useTexts()
  if (!value) return <Text span size="sm" c="dimmed">{none ?? '–'}</Text>
  const grade = gradeOf(value)
  return <Badge variant="outline" color={colours[grade]} c="var(--mantine-color-text)" tt="none" fw={500}>{t.calls.mos(value.toFixed(1))}, {t.calls.grades[grade]}</Badge>
}

const resultColours: Record<string, string> = { answered: 'teal', busy: 'orange', no_answer: 'orange', cancelled: 'gray', refused: 'red', failed: 'red' }

/** Result says in a word how a call ended. */
export function Result({ result }: { result: string | undefined }) {
  const t = useTexts()
  if (!result) return <>–</>
  return <Badge variant="outline" color={resultColours[result] ?? 'gray'} c="var(--mantine-color-text)" tt="none" fw={500}>{t.calls.results[result] ?? result}</Badge>
}

const arrows = { internal: IconArrowsLeftRight, inbound: IconArrowDownLeft, outbound: IconArrowUpRight } as const

export function Direction({ direction }: { direction: string | undefined }) {
  const t = useTexts()
  const Icon = arrows[direction as keyof typeof arrows] ?? IconArrowsLeftRight
  return (
    <Group gap={4} wrap="nowrap">
      <Icon size={15} aria-hidden />
      <Text span size="sm">{t.calls.directions[direction ?? ''] ?? direction}</Text>
    </Group>
  )
}

/** usePair is how a call is named in a sentence: who with whom. */
export function usePair() {
  const t = useTexts()
  return (c: Pick<Call, 'from' | 'from_name' | 'to'>) => t.calls.pair(nameOfCaller(c, t.calls.anonymous), c.to ?? '')
}

export const nameOfCaller = (c: Pick<Call, 'from' | 'from_name'>, anonymous: string) =>
  c.from === 'anonymous' ? anonymous : c.from_name && c.from_name !== c.from ? `${c.from_name} (${c.from})` : (c.from ?? '')
