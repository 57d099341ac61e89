import { Badge, Group, Stack, Table, Text } from '@mantine/core'
import { recordName } from '../edit/RecordName'
import { useField, Value } from '../edit/Value'
import { useTexts } from '../texts'
import { collectionAndID, differencesOf, type Change } from './changes'

/** Changes tells record by record what was and what is. */
export function Changes({ changes, count }: { changes: Change[]; count: number }) {
  const t = useTexts()
  const field = useField()
  return (
    <Stack gap="xs">
      {changes.map((c) => {
        const [collection, id] = collectionAndID(c)
        const [before, after] = [c.before ?? {}, c.after ?? {}] as Record<string, unknown>[]
        return (
          <div key={c.path}>
            <Group gap="xs">
              <Badge variant="outline" tt="none" color={c.op === 'delete' ? 'red' : c.op === 'create' ? 'teal' : 'blue'}>{t.revisions.op[c.op ?? ''] ?? c.op}</Badge>
              <Text size="sm" fw={600}>{`${t.edit.what[collection] ?? collection}: ${recordName(t, collection, { ...before, ...after, id })}`}</Text>
            </Group>
            {c.op === 'update' && (
              <Table verticalSpacing={2} withRowBorders={false} ml="md">
                <Table.Tbody>
                  {differencesOf(c).map((d) => (
                    <Table.Tr key={d.field}>
                      <Table.Th scope="row" fw={400} w={180} style={{ overflowWrap: 'anywhere' }}>{field(collection, d.field, after!, before!).label}</Table.Th>
                      <Table.Td style={{ overflowWrap: 'anywhere' }}>
                        <del><Value collection={collection} path={d.field} value={d.before} record={before!} /></del>{' → '}<ins><Value collection={collection} path={d.field} value={d.after} record={after!} /></ins>
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            )}
            {c.secret && <Text size="xs" c="dimmed" ml="md">{t.revisions.secret}</Text>}
          </div>
        )
      })}
      {count > changes.length && <Text size="sm" c="dimmed">{t.revisions.rest(count - changes.length)}</Text>}
    </Stack>
  )
}
