import { Badge, Text } from '@mantine/core'
import { IconShieldCheck } from '@tabler/icons-react'
import { accessEvents } from '../api/collections'
import { RecordName } from '../edit/RecordName'
import { ListPage } from '../list/ListPage'
import { programOf } from '../security/program'
import { useLanguage } from '../texts'

/** AuditPage is who came in and who did not, and which phones fetched what. What people changed is on its own page. */
export default function AuditPage() {
  const { texts: t, language } = useLanguage()
  const w = t.audit
  const at = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' })
  return (
    <ListPage all={accessEvents} icon={IconShieldCheck} csv newestFirst="at" nameOf={(e) => e.login || e.device_id || e.id}
      texts={{ title: w.title, table: w.accessTable, count: w.count, empty: w.empty, emptyHint: w.emptyHint }}
      filters={[{ name: 'login~', label: w.who }, { name: 'event', label: w.event, choices: Object.entries(w.events).map(([value, label]) => ({ value, label })) }, { name: 'source~', label: w.source }]}
      columns={[
        { id: 'at', label: w.at, cell: (e) => e.at && at.format(new Date(e.at)) },
        { id: 'event', label: w.event, cell: (e) => <Badge variant="outline" tt="none" miw="max-content" color={e.event === 'sign_in_failed' || e.event === 'phone_denied' ? 'red' : 'gray'}>{w.events[e.event ?? ''] ?? e.event}</Badge> },
        { id: 'who', label: w.who, cell: (e) => e.login || (e.device_id ? <RecordName collection="devices" id={e.device_id} /> : e.event === 'sign_in_failed' && <Text span size="sm" c="dimmed">{w.nobody}</Text>) },
        { id: 'source', label: w.source, cell: (e) => e.source },
        { id: 'program', label: w.program, cell: (e) => programOf(e.user_agent ?? '', t.security.sessions.on) },
        { id: 'detail', label: w.detail, cell: (e) => [e.file, e.detail].filter(Boolean).join(' · ') },
      ]} />
  )
}
