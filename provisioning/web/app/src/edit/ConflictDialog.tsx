import { Button, Group, Modal, Table, Text } from '@mantine/core'
import { useTexts } from '../texts'
import type { Conflict } from './change'
import { whole } from './fields'
import { valueAt, withValues, type Data } from './merge'
import { SavedBy } from './SavedBy'
import { useField, Value } from './Value'

/** ConflictDialog shows both versions of what two people changed in a record of a collection, and asks which one stays. */
export function ConflictDialog({ conflict, collection, onMine, onTheirs }: { conflict: Conflict | null; collection: string; onMine: () => void; onTheirs: () => void }) {
  const t = useTexts()
  const field = useField()
  const theirs = (conflict?.now ?? {}) as Data
  const mine = withValues(theirs, (conflict?.clashes ?? []).map((c) => [c.field, c.mine]))
  return (
    <Modal opened={conflict !== null} onClose={onTheirs} title={t.conflict.title} closeButtonProps={{ 'aria-label': t.common.close }}>
      {conflict && <SavedBy collection={collection} id={String(theirs.id)} />}
      <Text size="sm" mb="sm">{t.conflict.lead}</Text>
      <Table>
        <Table.Thead>
          <Table.Tr><Table.Th>{t.conflict.field}</Table.Th><Table.Th>{t.conflict.yours}</Table.Th><Table.Th>{t.conflict.theirs}</Table.Th></Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {[...new Set(conflict?.clashes.map((c) => whole(c.field)))].map((path) => (
            <Table.Tr key={path}>
              <Table.Td>{field(collection, path, theirs).label}</Table.Td>
              {[mine, theirs].map((record, i) => <Table.Td key={i}><Value collection={collection} path={path} value={valueAt(record, path)} record={record} /></Table.Td>)}
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
