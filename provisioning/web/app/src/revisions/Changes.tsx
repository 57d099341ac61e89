import { Badge, Group, Stack, Table, Text } from '@mantine/core'
import { useTexts } from '../texts'
import { differencesOf, nameOf, type Change } from './changes'

/** Changes tells record by record what was and what is. */
export function Changes({ changes, count }: { changes: Change[]; count: number }) {
  const t = useTexts()
  const shown = (v: unknown): string => {
    if (v === undefined || v === null || v === '') return t.revisions.empty
    if (typeof v === 'boolean') return v ? t.common.yes : t.common.no
    if (Array.isArray(v)) return v.length === 0 ? t.revisions.empty : v.map((x) => (typeof x === 'object' ? JSON.stringify(x) : String(x))).join(', ')
    return String(v)
  }
  return (
    <Stack gap="xs">
      {changes.map((c) => (
        <div key={c.path}>
          <Group gap="xs">
            <Badge variant="outline" tt="none" color={c.op === 'delete' ? 'red' : c.op === 'create' ? 'teal' : 'blue'}>{t.revisions.op[c.op ?? ''] ?? c.op}</Badge>
            <Text size="sm" fw={600}>{`${t.revisions.collections[c.path!.split('/')[0]!] ?? c.path}: ${nameOf(c)}`}</Text>
          </Group>
          {c.op === 'update' && (
            <Table verticalSpacing={2} withRowBorders={false} ml="md">
              <Table.Tbody>
                {differencesOf(c).map((d) => (
                  <Table.Tr key={d.field}>
                    <Table.Th scope="row" fw={400} w={180} style={{ overflowWrap: 'anywhere' }}>{t.users.fields[d.field] ?? d.field}</Table.Th>
                    <Table.Td style={{ overflowWrap: 'anywhere' }}><del>{shown(d.before)}</del>{' → '}<ins>{shown(d.after)}</ins></Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
          {c.secret && <Text size="xs" c="dimmed" ml="md">{t.revisions.secret}</Text>}
        </div>
      ))}
      {count > changes.length && <Text size="sm" c="dimmed">{t.revisions.rest(count - changes.length)}</Text>}
    </Stack>
  )
}
