import { Badge, Group, Text } from '@mantine/core'
import { IconArrowDownLeft, IconArrowUpRight, IconArrowsLeftRight } from '@tabler/icons-react'
import { useLanguage, useTexts } from '../texts'
import { gradeOf, type Call } from './words'

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
