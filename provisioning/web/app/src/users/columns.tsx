import { Badge } from '@mantine/core'
import { columnVisibilityFeature, createColumnHelper, tableFeatures } from '@tanstack/react-table'
import type { User } from '../api/client'
import type { Texts } from '../texts/en'
import { Unconfirmed } from './Address'
import { DirectNumber } from './DirectNumber'
import { EditableCell, type EditableField } from './EditableCell'
import type { Option } from './options'
import { UserAvatar } from './Photo'

export const features = tableFeatures({ columnVisibilityFeature })
const helper = createColumnHelper<typeof features, User>()

/** The columns that a narrow desk begins with; the others are a tick away. */
export const hiddenAtFirst = { crm_user_id: false, call_flow_ids: false, pstn_forwardings: false, sip_forwardings: false, last_seen: false, plan: false }

/** What the API calls the fields that the columns can be sorted by; the list is by the first of them by itself. */
export const sortOf: Record<string, string> = {
  last_name: 'last_name', first_name: 'first_name', extension: 'extension', direct_number: 'direct_number', job_title: 'job_title', department: 'department', email: 'email',
  time_schedule_id: 'time_schedule_id', crm_user_id: 'crm_user_id', last_seen: 'last_seen', plan: 'plan', app_devices: 'counts.app_devices', sip_accounts: 'counts.sip_accounts',
  pstn_forwardings: 'counts.pstn_forwardings', sip_forwardings: 'counts.sip_forwardings',
}

const colours: Record<string, string> = { sent: 'blue', accepted: 'teal', expired: 'orange', failed: 'red' }

/** Invitation says where a user's invitation to the app stands. */
export function Invitation({ user, t }: { user: User; t: Texts }) {
  const state = user.invitation?.state || 'none'
  if (state === 'none') return <>{t.users.invitations.none}</>
  return <Badge variant="outline" tt="none" color={colours[state] ?? 'gray'} {...(state === 'expired' && { c: 'var(--mantine-color-text)' })}>{t.users.invitations[state] ?? state}</Badge>
}

/** columnsOf are those of the list; names are shown for the ids of schedules, call flows and plans. */
export function columnsOf(t: Texts, schedules: Option[], flows: Option[], plans: Option[]) {
  const f = t.users.fields
  const named = (options: Option[], id: string | undefined) => options.find((o) => o.value === id)?.label ?? id ?? ''
  const text = (field: EditableField) => helper.accessor(field, { id: field, header: f[field], cell: ({ row }) => <EditableCell user={row.original} field={field} /> })
  const count = (field: 'app_devices' | 'sip_accounts' | 'pstn_forwardings' | 'sip_forwardings') =>
    helper.accessor((u) => u.counts?.[field] ?? 0, { id: field, header: f[field], meta: { number: true } })
  return helper.columns([
    helper.display({ id: 'avatar', header: f.avatar, cell: ({ row }) => <UserAvatar user={row.original} size={28} /> }),
    text('first_name'),
    helper.accessor('last_name', {
      id: 'last_name', header: f.last_name,
      cell: ({ row }) => (
        <div className="cell">
          <EditableCell user={row.original} field="last_name" />
          {row.original.role === 'admin' && <Badge size="sm" variant="outline" color="teal" tt="none" style={{ flexShrink: 0 }}>{t.users.admin}</Badge>}
        </div>
      ),
    }),
    // What one most often looks somebody up for.
    text('extension'),
    helper.accessor('direct_number', { id: 'direct_number', header: f.direct_number, cell: ({ row }) => <DirectNumber user={row.original} /> }),
    text('job_title'),
    text('department'),
    helper.accessor('email', {
      id: 'email', header: f.email,
      cell: ({ row }) => (
        <div className="cell">
          <EditableCell user={row.original} field="email" />
          <Unconfirmed user={row.original} />
        </div>
      ),
    }),
    helper.accessor('time_schedule_id', {
      id: 'time_schedule_id', header: f.time_schedule_id,
      cell: ({ row }) => <EditableCell user={row.original} field="time_schedule_id" shown={named(schedules, row.original.time_schedule_id)} choices={schedules} />,
    }),
    helper.accessor((u) => (u.call_flow_ids ?? []).map((id) => named(flows, id)).join(', '), { id: 'call_flow_ids', header: f.call_flow_ids }),
    text('crm_user_id'),
    helper.display({ id: 'invitation', header: f.invitation, cell: ({ row }) => <Invitation user={row.original} t={t} /> }),
    count('app_devices'),
    count('sip_accounts'),
    count('pstn_forwardings'),
    count('sip_forwardings'),
    helper.accessor('last_seen', { id: 'last_seen', header: f.last_seen, cell: ({ row }) => row.original.last_seen || t.users.neverSeen }),
    helper.accessor('plan', { id: 'plan', header: f.plan, cell: ({ row }) => <EditableCell user={row.original} field="plan" shown={named(plans, row.original.plan)} choices={plans} /> }),
  ])
}
