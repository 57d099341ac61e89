import { ActionIcon, Menu, Text } from '@mantine/core'
import { IconPencil, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import type { User } from '../api/client'
import { users } from '../api/collections'
import { Conflict, useChange } from '../edit/change'
import { ConflictDialog } from '../edit/ConflictDialog'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { fullName } from './names'
import { useNumbers } from './options'

/** DirectNumber shows a user's own number, and gives one of those that nobody has. */
export function DirectNumber({ user }: { user: User }) {
  const t = useTexts()
  const [open, setOpen] = useState(false)
  const [wanted, setWanted] = useState('')
  const free = useNumbers(true, open)
  const change = useChange(users, () => setOpen(false))
  const give = (number: string, base = user) => {
    setWanted(number)
    change.mutate({ base, patch: { direct_number: number } })
  }
  const conflict = change.error instanceof Conflict ? (change.error as Conflict<User>) : null
  const first = free.data?.[0]
  const label = user.direct_number ? t.users.editCell(t.users.fields.direct_number!, fullName(user)) : t.users.assignNumber(fullName(user))
  return (
    <div className="cell">
      <span className="value">{user.direct_number}</span>
      <Menu opened={open} onChange={(next) => { change.reset(); setOpen(next) }} withinPortal width={260} closeOnItemClick={false}>
        <Menu.Target>
          <ActionIcon className={user.direct_number ? 'pencil' : ''} variant="subtle" color="gray" size="sm" aria-label={label}>
            {user.direct_number ? <IconPencil size={14} aria-hidden /> : <IconPlus size={14} aria-hidden />}
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown mah={320} style={{ overflowY: 'auto' }}>
          {(change.error && !conflict) || free.error ? <Trouble error={change.error ?? free.error} /> : null}
          {user.direct_number && <Menu.Item onClick={() => give('')}>{t.common.none}</Menu.Item>}
          {first && <Menu.Item fw={600} onClick={() => give(first.value)}>{t.users.nextNumber}</Menu.Item>}
          {free.data?.length === 0 && <Text size="sm" p="xs">{t.users.noNumbers}</Text>}
          {free.data && free.data.length > 0 && <Menu.Divider />}
          {free.data?.map((n) => <Menu.Item key={n.value} onClick={() => give(n.value)}>{n.label}</Menu.Item>)}
        </Menu.Dropdown>
      </Menu>
      <ConflictDialog conflict={conflict} collection="users" onTheirs={() => change.reset()} onMine={() => conflict && give(wanted, conflict.now)} />
    </div>
  )
}
