import { Group, SegmentedControl, Text } from '@mantine/core'
import { IconUserOff } from '@tabler/icons-react'
import { useState } from 'react'
import { useSearchParams } from 'wouter'
import { users } from '../api/collections'
import { ListPage } from '../list/ListPage'
import { useTexts } from '../texts'
import { fullName } from '../users/names'
import { RemoveUser } from '../users/RemoveUser'
import { dayBefore } from './day'

const spans = [30, 90, 180, 365]

/** InactivePage is the users who have not been there for long, to be looked at and removed. */
export default function InactivePage() {
  const t = useTexts()
  const i = t.inactive
  const f = t.users.fields
  const [days, setDays] = useState(90)
  const [, setAddress] = useSearchParams()
  const choose = (n: string) => {
    setDays(Number(n))
    setAddress((at) => {
      const next = new URLSearchParams(at)
      next.delete('cursor') // of another list
      return next
    }, { replace: true })
  }
  return (
    <ListPage all={users} texts={i} icon={IconUserOff} csv nameOf={fullName} removeLabel={t.users.remove} always={{ last_seen_before: dayBefore(days) }}
      lead={
        <Group gap="sm">
          <SegmentedControl size="xs" aria-label={i.span} data={spans.map((n) => ({ value: String(n), label: i.days(n) }))} value={String(days)} onChange={choose} />
          <Text size="sm" c="dimmed" maw={640}>{i.lead}</Text>
        </Group>
      }
      filters={[{ name: 'full_name', label: f.full_name!, placeholder: t.users.search }, { name: 'department~', label: f.department! }]}
      columns={[
        { id: 'name', sort: 'last_name', label: f.full_name!, cell: fullName },
        { id: 'last_seen', sort: 'last_seen', label: f.last_seen!, cell: (u) => u.last_seen || t.users.neverSeen },
        { id: 'created_at', sort: 'created_at', label: i.created, cell: (u) => u.created_at?.slice(0, 10) },
        { id: 'department', sort: 'department', label: f.department!, cell: (u) => u.department },
        { id: 'extension', sort: 'extension', label: f.extension!, cell: (u) => u.extension },
        { id: 'email', sort: 'email', label: f.email!, cell: (u) => u.email, wide: true },
      ]}
      remove={(u, close) => <RemoveUser user={u} onClose={close} />}
    />
  )
}
