import { Text } from '@mantine/core'
import { IconPlugConnected } from '@tabler/icons-react'
import { registrations } from '../api/collections'
import { DeleteDialog } from '../edit/DeleteDialog'
import { ListPage } from '../list/ListPage'
import { useTexts } from '../texts'
import { UserName } from '../users/UserSelect'
import { useNow } from './data'

const transports = ['udp', 'tcp', 'tls', 'ws', 'wss'].map((value) => ({ value, label: value }))

/** RegistrationsPage shows which phone answers for whom, from where and until when. */
export default function RegistrationsPage() {
  const t = useTexts()
  const c = t.calls
  const now = useNow()
  const left = (at: string | undefined) => {
    const s = Math.round((Date.parse(at ?? '') - now) / 1000)
    return s <= 0 ? c.over : s < 120 ? c.inSeconds(s) : c.inMinutes(Math.round(s / 60))
  }
  return (
    <ListPage all={registrations} icon={IconPlugConnected} every={5} csv nameOf={(r) => `${r.aor} ${r.source}`}
      texts={{ title: c.registrations, table: c.registrationsTable, count: c.countRegistrations, empty: c.registrationsEmpty, emptyHint: c.registrationsEmptyHint }}
      filters={[{ name: 'aor~', label: c.address }, { name: 'user_id', label: c.user, user: true }, { name: 'transport', label: c.transport, choices: transports }]}
      columns={[
        { id: 'aor', sort: 'aor', label: c.address, cell: (r) => r.aor },
        { id: 'user', sort: 'user_id', label: c.user, cell: (r) => r.user_id && <UserName id={r.user_id} /> },
        { id: 'agent', sort: 'user_agent', label: c.agent, cell: (r) => r.user_agent },
        { id: 'source', sort: 'source', label: c.source, cell: (r) => r.source },
        { id: 'transport', sort: 'transport', label: c.transport, cell: (r) => r.transport },
        { id: 'expires', sort: 'expires_at', label: c.expires, cell: (r) => <span className="digits">{left(r.expires_at)}</span> },
        { id: 'contact', sort: 'contact', label: c.contact, cell: (r) => <Text size="sm" c="dimmed" maw={280} truncate title={r.contact}>{r.contact}</Text>, wide: true },
      ]}
      removeLabel={c.remove}
      remove={(r, close) => <DeleteDialog title={c.removeTitle} means={c.removeLead(r.aor ?? '')} submit={t.calls.removeSubmit} done={c.removed} remove={() => registrations.remove(r.id)} onClose={close} />} />
  )
}
