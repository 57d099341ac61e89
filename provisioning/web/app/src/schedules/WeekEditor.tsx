import { ActionIcon, Button, Group, Menu, Stack, Text, TextInput } from '@mantine/core'
import { IconCopy, IconPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useTexts } from '../texts'
import { bars, clock, days, local, valid, type Day, type Span, type Week } from './week'
import { DayBar } from './WeekBar'

const weekdays: Day[] = ['mon', 'tue', 'wed', 'thu', 'fri']

/** WeekEditor is a week of opening hours, each day drawn as it is typed. */
export function WeekEditor({ week, zone, onChange }: { week: Week; zone: string; onChange: (week: Week) => void }) {
  const t = useTexts()
  const now = local(new Date(), zone)
  const copy = (from: Day, to: readonly Day[]) => onChange({ ...week, ...Object.fromEntries(to.map((d) => [d, week[from].map((s) => ({ ...s }))])) })
  return (
    <Stack gap="xs">
      <Group justify="space-between" pl={{ base: 0, xs: 92 }} pr={{ base: 0, xs: 36 }} aria-hidden>
        {['0', '6', '12', '18', '24'].map((h) => <Text key={h} size="xs" c="dimmed">{h}</Text>)}
      </Group>
      {days.map((day) => (
        <Group key={day} align="flex-start" wrap="nowrap" gap="xs" role="group" aria-label={t.schedules.days[day]}>
          <Text size="sm" w={84} pt={2} fw={day === now.day ? 700 : 400}>{t.schedules.days[day]}</Text>
          <Stack gap={6} flex={1} miw={0}>
            <DayBar open={bars(week, day)} now={day === now.day ? now.minute : undefined} label={week[day].length > 0 ? week[day].map((s) => `${s.from}–${s.to}`).join(', ') : t.schedules.closed} />
            <Spans spans={week[day]} of={t.schedules.days[day]!} onChange={(spans) => onChange({ ...week, [day]: spans })} />
          </Stack>
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={t.schedules.copyOf(t.schedules.days[day]!)}><IconCopy size={16} aria-hidden /></ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => copy(day, weekdays)}>{t.schedules.toWeekdays}</Menu.Item>
              <Menu.Item onClick={() => copy(day, days)}>{t.schedules.toAll}</Menu.Item>
              <Menu.Divider />
              {days.filter((d) => d !== day).map((d) => <Menu.Item key={d} onClick={() => copy(day, [d])}>{t.schedules.days[d]}</Menu.Item>)}
            </Menu.Dropdown>
          </Menu>
        </Group>
      ))}
    </Stack>
  )
}

/** Spans are the open hours of one day or date. */
export function Spans({ spans, of, onChange }: { spans: Span[]; of: string; onChange: (spans: Span[]) => void }) {
  const t = useTexts()
  const next = (): Span => {
    const last = spans.at(-1)?.to
    return !last ? { from: '09:00', to: '17:00' } : last < '22:00' ? { from: last, to: `${String(Number(last.slice(0, 2)) + 2).padStart(2, '0')}:00` } : { from: last === '24:00' ? '00:00' : last, to: '24:00' }
  }
  return (
    <Group gap={6}>
      {spans.length === 0 && <Text size="sm" c="dimmed">{t.schedules.closed}</Text>}
      {spans.map((s, i) => (
        <Group key={i} gap={4} wrap="nowrap">
          <Time label={t.schedules.from(of, i + 1)} value={s.from} bad={!valid(s)} onChange={(from) => onChange(spans.with(i, { ...s, from }))} />
          <Text size="sm" aria-hidden>–</Text>
          <Time label={t.schedules.to(of, i + 1)} value={s.to} end bad={!valid(s)} onChange={(to) => onChange(spans.with(i, { ...s, to }))} />
          <ActionIcon variant="subtle" color="gray" aria-label={t.schedules.removeRange(of, i + 1)} onClick={() => onChange(spans.toSpliced(i, 1))}><IconTrash size={14} aria-hidden /></ActionIcon>
        </Group>
      ))}
      <Button size="compact-xs" variant="subtle" leftSection={<IconPlus size={12} aria-hidden />} aria-label={t.schedules.addRange(of)} onClick={() => onChange([...spans, next()])}>{t.schedules.hours}</Button>
    </Group>
  )
}

/** Time is typed as people do, and set right when one leaves it. */
function Time({ label, value, end, bad, onChange }: { label: string; value: string; end?: boolean; bad: boolean; onChange: (v: string) => void }) {
  const [typed, setTyped] = useState<string | null>(null)
  const leave = () => {
    if (typed === null) return
    onChange(clock(typed, end) ?? typed)
    setTyped(null)
  }
  return (
    <TextInput size="xs" w={64} aria-label={label} value={typed ?? value} placeholder="00:00" inputMode="numeric" error={bad} styles={{ input: { textAlign: 'center' } }}
      onChange={(e) => setTyped(e.currentTarget.value)} onBlur={leave} onKeyDown={(e) => e.key === 'Enter' && leave()} />
  )
}
