import { Button, Group, Modal, Table, Text } from '@mantine/core'
import { useTexts } from '../texts'
import type { Conflict } from './change'

const shown = (v: unknown) => (v === undefined || v === null || v === '' ? '–' : typeof v === 'object' ? JSON.stringify(v) : String(v))

/** ConflictDialog shows both versions of what two people changed, and asks which one stays. */
export function ConflictDialog({ conflict, labels, onMine, onTheirs }: { conflict: Conflict | null; labels: Record<string, string>; onMine: () => void; onTheirs: () => void }) {
  const t = useTexts()
  return (
    <Modal opened={conflict !== null} onClose={onTheirs} title={t.conflict.title} closeButtonProps={{ 'aria-label': t.common.close }}>
      <Text size="sm" mb="sm">{t.conflict.lead}</Text>
      <Table>
        <Table.Thead>
          <Table.Tr><Table.Th>{t.conflict.field}</Table.Th><Table.Th>{t.conflict.yours}</Table.Th><Table.Th>{t.conflict.theirs}</Table.Th></Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {conflict?.clashes.map((c) => (
            <Table.Tr key={c.field}>
              <Table.Td>{labels[c.field] ?? c.field}</Table.Td>
              <Table.Td>{shown(c.mine)}</Table.Td>
              <Table.Td>{shown(c.theirs)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onTheirs}>{t.conflict.keepTheirs}</Button>
        <Button onClick={onMine}>{t.conflict.keepYours}</Button>
      </Group>
    </Modal>
  )
}
