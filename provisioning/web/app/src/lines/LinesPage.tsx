import { Anchor, Group, Text } from '@mantine/core'
import { IconArrowLeft, IconPhoneIncoming } from '@tabler/icons-react'
import { useState } from 'react'
import { Link, useParams } from 'wouter'
import { contactMethods, type Line } from '../api/collections'
import { DeleteDialog } from '../edit/DeleteDialog'
import { EditDrawer } from '../edit/EditDrawer'
import { SecretDialog } from '../edit/SecretDialog'
import { ListPage } from '../list/ListPage'
import { LinePhones } from '../phones/LinePhones'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { fullName } from '../users/names'
import { useUser } from '../users/UserSelect'
import { draftOf as lineDraft, presetOf } from './line'
import { addressOf, lineName } from './LineSelect'
import { draftOf, inputOf, kinds } from './method'
import { MethodFields } from './MethodFields'

/** LinesPage is one user's contact methods: what rings for the user, and what the user calls with. */
export default function LinesPage() {
  const t = useTexts()
  const l = t.lines
  const { id = '' } = useParams<{ id: string }>()
  const user = useUser(id)
  const who = user.data ? fullName(user.data) : ''
  const [made, setMade] = useState<Line | null>(null)
  const [phoned, setPhoned] = useState<Line | null>(null)
  if (user.error) return <Trouble error={user.error} retry={() => void user.refetch()} />
  const isLine = (m: Line) => m.kind === 'app' || m.kind === 'sip_account'
  return (
    <>
      <Anchor component={Link} href="/users" size="sm"><Group gap={4} mb={4}><IconArrowLeft size={14} aria-hidden />{t.nav.users}</Group></Anchor>
      <ListPage all={contactMethods} texts={{ ...l, title: l.titleOf(who) }} icon={IconPhoneIncoming} csv always={{ user_id: id }} nameOf={(m) => lineName(m, t)}
        filters={[{ name: 'label~', label: l.fields.label! }, { name: 'kind', label: l.fields.kind!, choices: kinds.map((value) => ({ value, label: l.kinds[value]! })) }]}
        columns={[
          { id: 'label', sort: 'label', label: l.fields.label!, cell: (m) => lineName(m, t) },
          { id: 'kind', sort: 'kind', label: l.fields.kind!, cell: (m) => l.kinds[m.kind ?? ''] ?? m.kind },
          { id: 'address', label: l.address, cell: addressOf },
          { id: 'numbers', label: l.numbers, cell: (m) => [...(m.inbound?.internal_numbers ?? []), ...(m.inbound?.did_numbers ?? [])].join(', ') },
          { id: 'unavailable', sort: 'inbound.when_unavailable.action', label: t.line.action, cell: (m) => (m.kind === 'email' ? '' : t.line.actions[m.inbound?.when_unavailable?.action || 'none']) },
          { id: 'outside', sort: 'outbound.external_enabled', label: l.outside, cell: (m) => (isLine(m) ? (m.outbound?.external_enabled ? t.common.yes : t.common.no) : '') },
          { id: 'recording', label: t.line.recording, cell: (m) => (m.kind === 'email' ? '' : t.line.presets[presetOf(lineDraft(m).recording)]) },
        ]}
        actions={(m) => (m.kind === 'sip_account' ? [{ label: l.phones, onClick: () => setPhoned(m) }] : [])}
        form={(m, close) => (
          <EditDrawer all={contactMethods} {...(m && { record: m })} title={m ? l.edit(lineName(m, t)) : l.addFor(who)} tries={m && m.kind !== 'email' ? lineName(m, t) : ''} size="xl" onClose={close}
            draft={draftOf} input={(d) => inputOf(d, id)} formPath={(path) => path.replace(/^(inbound|outbound|recording)\b/, 'line.$1')}
            validate={(d) => ({
              'sip_account.username': d.kind !== 'sip_account' || d.sip_account.username.trim() ? null : t.errors.missing,
              'pstn_forwarding.number': d.kind !== 'pstn_forwarding' || d.pstn_forwarding.number.trim() ? null : t.errors.missing,
              'sip_forwarding.domain': d.kind !== 'sip_forwarding' || d.sip_forwarding.domain.trim() ? null : t.errors.missing,
              'email.address': d.kind !== 'email' || d.email.address.trim() ? null : t.errors.missing,
            })}
            onDone={(saved) => {
              if (saved.sip_account?.password) setMade(saved)
              close()
            }}>
            {(form, fresh) => <MethodFields form={form} fresh={fresh} />}
          </EditDrawer>
        )}
        remove={(m, close) => (
          <DeleteDialog title={l.removeTitle(lineName(m, t))} means={m.kind === 'email' ? l.removeEmail : m.kind === 'app' ? l.removeApp : isLine(m) ? l.removeLine : l.removeForwarding} done={l.removed(lineName(m, t))} of={['contact-methods', m.id]} remove={() => contactMethods.remove(m.id)} onClose={close} />
        )}
        footer={<Text span size="xs">{l.footer}</Text>}
      />
      {phoned && <LinePhones line={phoned} onClose={() => setPhoned(null)} />}
      {made?.sip_account?.password && (
        <SecretDialog title={l.madeTitle(lineName(made, t))} lead={l.madeLead} onClose={() => setMade(null)}
          secrets={[{ label: l.fields.username!, value: made.sip_account.username ?? '' }, { label: l.fields.password!, value: made.sip_account.password }]} />
      )}
    </>
  )
}
