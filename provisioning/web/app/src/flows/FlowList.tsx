import { Anchor, Paper, Stack, Text } from '@mantine/core'
import { useTexts } from '../texts'
import type { FlowDraft } from './flow'
import { layout, readingOrder } from './layout'
import { nameOf, todoOf, waysInWords, type Speaker } from './words'

/** FlowList is a flow to be read: its modules in the order in which a call comes to them. */
export function FlowList({ draft, says, reached, faulty, onChoose }: { draft: FlowDraft; says: Speaker; reached: Set<string>; faulty: (id: string) => boolean; onChoose: (id: string) => void }) {
  const t = useTexts()
  const f = t.flows
  const byId = new Map(draft.nodes.map((n) => [n.id, n]))
  return (
    <Stack component="ol" gap="xs" p={0} m={0} style={{ listStyle: 'none' }} aria-label={f.modules}>
      {readingOrder(layout(draft)).map((id) => {
        const m = byId.get(id)!
        return (
          <Paper key={id} component="li" withBorder p="xs" className={faulty(id) ? 'wrong' : undefined}>
            <Anchor component="button" type="button" size="sm" fw={600} ta="start" onClick={() => onChoose(id)}>{nameOf(t, m)}</Anchor>
            {m.name && <Text size="xs" c="dimmed">{f.kinds[m.type]}</Text>}
            {draft.entry === id && <Text size="xs" c="dimmed">{f.begins}</Text>}
            <Text size="sm">{says(m)}</Text>
            {waysInWords(t, m, draft.nodes).map((w) => <Text key={w.exit} size="sm">{w.exit} → <Anchor component="button" type="button" size="sm" onClick={() => onChoose(w.id)}>{w.to}</Anchor></Text>)}
            {todoOf(t, m, reached).map((words) => <Text key={words} size="sm" className="flow-todo">{words}</Text>)}
          </Paper>
        )
      })}
    </Stack>
  )
}
