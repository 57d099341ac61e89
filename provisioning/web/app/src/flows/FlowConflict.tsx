import { Button, Fieldset, Group, Modal, Radio, Stack, Table, Text } from '@mantine/core'
import { useState } from 'react'
import type { Conflict } from '../edit/change'
import { SavedBy } from '../edit/SavedBy'
import { useField, Value } from '../edit/Value'
import { differencesOf } from '../revisions/changes'
import { useTexts } from '../texts'
import type { Flow, FlowDraft } from './flow'
import type { Side } from './merge'
import { nameOf } from './words'

type Props = {
  conflict: Conflict
  mine: FlowDraft
  theirs: FlowDraft
  onChoose: (kept: Record<string, Side>) => void
  /** Theirs stays as a whole. */
  onTheirs: () => void
  onClose: () => void
}

/** FlowConflict shows both versions of each module that two people changed, and asks of each which one stays. */
export function FlowConflict({ conflict, mine, theirs, onChoose, onTheirs, onClose }: Props) {
  const t = useTexts()
  const f = t.flows
  const field = useField()
  const [kept, setKept] = useState<Record<string, Side>>(() => Object.fromEntries(conflict.clashes.map((c) => [c.field, 'mine'])))
  const [my, their] = [mine, theirs] as unknown as Record<string, unknown>[]
  const all = differencesOf({ before: my, after: their })
  const module = (path: string) => [mine, theirs].flatMap((v) => v.nodes).find((n) => path === `nodes.${n.id}`)
  const has = (v: FlowDraft, path: string) => !path.startsWith('nodes.') || v.nodes.some((n) => path === `nodes.${n.id}`)
  return (
    <Modal opened onClose={onClose} size="lg" title={t.conflict.title} closeButtonProps={{ 'aria-label': t.common.close }}>
      <Stack gap="md">
        <div>
          <SavedBy collection="call_flows" id={(conflict.now as Flow).id} />
          <Text size="sm">{f.conflict}</Text>
        </div>
        {conflict.clashes.map(({ field: path }) => {
          const m = module(path)
          const rows = all.filter((d) => d.field === path || d.field.startsWith(`${path}.`))
          const name = m ? f.module(nameOf(t, m)) : field('call_flows', path, my!).label
          return (
            <Fieldset key={path} legend={name}>
              <Table verticalSpacing={4}>
                <Table.Thead><Table.Tr><Table.Th>{t.conflict.field}</Table.Th><Table.Th>{t.conflict.yours}</Table.Th><Table.Th>{t.conflict.theirs}</Table.Th></Table.Tr></Table.Thead>
                <Table.Tbody>
                  {has(mine, path) && has(theirs, path) ? rows.map((d) => (
                    <Table.Tr key={d.field}>
                      <Table.Th scope="row" fw={400}>{field('call_flows', d.field, my!, their!).label}</Table.Th>
                      <Table.Td><Value collection="call_flows" path={d.field} value={d.before} record={my!} /></Table.Td>
                      <Table.Td><Value collection="call_flows" path={d.field} value={d.after} record={their!} /></Table.Td>
                    </Table.Tr>
                  )) : (
                    <Table.Tr>
                      <Table.Th scope="row" fw={400}>{name}</Table.Th>
                      {[mine, theirs].map((v, i) => <Table.Td key={i}>{has(v, path) ? f.changedHere : f.takenOut}</Table.Td>)}
                    </Table.Tr>
                  )}
                </Table.Tbody>
              </Table>
              <Radio.Group mt="xs" label={f.stays} value={kept[path]} onChange={(v) => setKept({ ...kept, [path]: v as Side })}>
                <Group gap="lg">
                  <Radio value="mine" label={f.keepMine} />
                  <Radio value="theirs" label={t.conflict.keepTheirs} />
                </Group>
              </Radio.Group>
            </Fieldset>
          )
        })}
        <Group justify="flex-end">
          <Button variant="subtle" onClick={onTheirs}>{f.allTheirs}</Button>
          <Button variant="default" onClick={onClose}>{t.common.back}</Button>
          <Button onClick={() => onChoose(kept)}>{t.common.save}</Button>
        </Group>
      </Stack>
    </Modal>
  )
}
