import { Group, List, Text, ThemeIcon } from '@mantine/core'
import { IconCheck, IconMinus } from '@tabler/icons-react'
import type { Schemas } from '../api/client'
import { useTexts } from '../texts'

/** Decisions are the rules that were looked at, in their order: those that were taken, and those that were not, each with its reason. */
export function Decisions({ all }: { all: Schemas['Decision'][] }) {
  const t = useTexts()
  if (all.length === 0) return <Text size="sm" c="dimmed">{t.calls.noDecisions}</Text>
  return (
    <List spacing={6} listStyleType="none" size="sm">
      {all.map((d, i) => (
        <List.Item key={i} icon={
          <ThemeIcon size={20} radius="xl" variant="outline" color={d.taken ? 'teal' : 'gray'} role="img" aria-label={d.taken ? t.calls.taken : t.calls.refusedRule} title={d.taken ? t.calls.taken : t.calls.refusedRule}>
            {d.taken ? <IconCheck size={13} aria-hidden /> : <IconMinus size={13} aria-hidden />}
          </ThemeIcon>
        }>
          <Group gap={8} align="baseline">
            <Text size="sm">{(d.why ?? '').replace(/^./, (c) => c.toUpperCase())}</Text>
            <Text size="xs" c="dimmed" ff="monospace" style={{ overflowWrap: 'anywhere' }} title={t.calls.inputs}>
              {[d.rule, ...Object.entries(d.inputs ?? {}).map(([k, v]) => `${k}=${v}`)].join(' ')}
            </Text>
          </Group>
        </List.Item>
      ))}
    </List>
  )
}
