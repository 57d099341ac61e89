import type { ReactNode } from 'react'
import type { Schemas } from '../api/client'
import { settings } from '../deliveries/kinds'
import { kinds, type Field as Setting, type Module } from '../flows/flow'
import { exitName, nameOf } from '../flows/words'
import { LineName } from '../lines/LineSelect'
import { OwnerName } from '../owners/Owner'
import { makers, spelled } from '../phones/makers'
import { runsOf } from '../schedules/week'
import { languages } from '../texts'
import type { Texts } from '../texts/en'
import { UserName } from '../users/UserSelect'
import type { Data } from './merge'
import { RecordName } from './RecordName'

/** A Field is what people call a field of a record, and how one value of it is shown, in the record that it stands in. */
export interface Field {
  label: string
  show?: (value: unknown, record: Data) => ReactNode
}

/** whole is the field that a path is shown in: who has a number is one thing, though the API has a kind and an id. */
export const whole = (path: string) => path.replace(/^owner\..*/, 'owner')

type Show = NonNullable<Field['show']>
type Labels = Record<string, string | undefined>

const words = (all: Record<string, string>): Show => (v) => all[String(v)] ?? String(v)
const names = (collection: string): Show => (id) => <RecordName collection={collection} id={String(id)} />
const user: Show = (id) => <UserName id={String(id)} />
const line: Show = (id) => <LineName id={String(id)} />

/** labelled are fields that have nothing but labels, below a path, in the group that the form has them in. */
function labelled(labels: Labels, path = '', group?: (label: string) => string): Record<string, Field> {
  return Object.fromEntries(Object.entries(labels).flatMap(([name, label]) => (label ? [[path + name, { label: group ? group(label) : label }]] : [])))
}

/** shown gives fields their values' words. */
function shown(fields: Record<string, Field>, shows: Record<string, Show>): Record<string, Field> {
  return { ...fields, ...Object.fromEntries(Object.entries(shows).map(([path, show]) => [path, { label: fields[path]?.label ?? '', show }])) }
}

/** fieldsOf are the fields of every collection, by the names that forms give them. */
function fieldsOf(t: Texts, language: string): Record<string, Record<string, Field>> {
  const time = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' })
  const at: Show = (v) => (String(v).startsWith('0001-') ? t.revisions.blank : time.format(new Date(String(v))))
  const owner: Show = (v) => <OwnerName owner={v as Schemas['Owner']} />
  const tongue = words(Object.fromEntries(languages.map((l) => [l.value, l.label])))
  const hours = (ranges: Schemas['DayRange'][] | null | undefined) => (ranges ?? []).map((r) => `${r.from}–${r.to}`).join(', ') || t.schedules.closed
  const inside = (group: string) => (label: string) => t.fields.inside(group, label)
  const [l, c] = [t.line, t.company]

  return {
    users: shown(
      {
        ...labelled(t.users.fields), ...labelled(t.users.features, 'features.', inside(t.users.sections.features)), ...labelled({ photo: t.people.photo.title, 'routing.contact_method_ids': t.fields['routing.contact_method_ids'] }),
        ...labelled({ state: t.fields.invitation, sent_at: t.fields.sent, expires_at: t.fields.expires, delivery_id: t.fields.delivery }, 'invitation.'),
        ...labelled({ state: t.address.state, sent_at: t.address.sent, expires_at: t.address.expires, delivery_id: t.address.delivery, verified: t.address.verified }, 'email_verification.'),
      },
      {
        time_schedule_id: names('time_schedules'), plan: names('plans'), language: tongue, role: words(t.users.roles), reject_scope: words(t.users.rejects), 'routing.mode': words(t.users.routings), 'routing.contact_method_ids': line,
        'invitation.state': words(t.users.invitations), 'invitation.sent_at': at, 'invitation.expires_at': at,
        'email_verification.state': words(t.address.states), 'email_verification.sent_at': at, 'email_verification.expires_at': at,
      },
    ),
    contact_methods: shown(
      {
        ...labelled({ kind: t.lines.fields.kind, label: t.lines.fields.label, time_schedule_id: t.lines.fields.time_schedule_id, user_id: t.lines.of, 'email.address': t.lines.fields.address }),
        ...labelled(t.lines.fields, 'sip_account.'), ...labelled(t.lines.fields, 'pstn_forwarding.'), ...labelled({ ...t.lines.fields, username: t.lines.fields.sip_username }, 'sip_forwarding.'),
        ...labelled({ did_numbers: l.did_numbers, internal_numbers: l.internal_numbers, ring_timeout_s: l.ring_timeout_s }, 'inbound.'),
        ...labelled({ action: l.action, forward_to: l.forward_to, greeting_audio_id: l.greeting_audio_id }, 'inbound.when_unavailable.'),
        ...labelled({ external_enabled: l.external_enabled, caller_ids: l.caller_ids, internal_caller_id: l.internal_caller_id, anonymous: l.anonymous, internal_announcement_id: l.internal_announcement_id, external_announcement_id: l.external_announcement_id, announcement_to: l.announcement_to }, 'outbound.'),
        ...labelled(l.flags, 'recording.', inside(l.recording)), ...labelled({ on_demand: l.on_demand, delivery_method_ids: l.delivery_method_ids }, 'recording.'),
      },
      {
        user_id: user, kind: words(t.lines.kinds), time_schedule_id: names('time_schedules'), 'sip_account.srtp': words(t.trunks.srtps), 'inbound.when_unavailable.action': words(l.actions), 'inbound.when_unavailable.greeting_audio_id': names('audio_files'),
        'outbound.internal_announcement_id': names('audio_files'), 'outbound.external_announcement_id': names('audio_files'), 'outbound.announcement_to': words(l.hearers), 'recording.delivery_method_ids': names('delivery_methods'),
      },
    ),
    numbers: shown(labelled(t.numbers.fields), { trunk_id: names('trunks'), owner }),
    internal_numbers: shown(labelled(t.internalNumbers.fields), { owner }),
    trunks: shown(labelled(t.trunks.fields), {
      'auth.mode': words(t.trunks.modes), srtp: words(t.trunks.srtps), forwarded_identity: words(t.trunks.diversions), identity_headers: () => t.common.yes,
    }),
    devices: shown(labelled(t.phones.fields), { vendor: words(makers), mac: (v) => spelled(String(v)), lines: (v) => line((v as Schemas['DeviceLine']).contact_method_id, {}) }),
    app_devices: shown(labelled({ ...t.appDevices.fields, username: t.fields.username, password: t.fields.password }), { user_id: user }),
    time_schedules: {
      ...labelled({ name: t.schedules.name, time_zone: t.schedules.zone }),
      ranges: {
        label: t.schedules.week,
        show: (v) => {
          const r = v as Schemas['TimeRange']
          return `${runsOf(r.days ?? []).map((run) => run.map((d) => t.schedules.days[d] ?? d).join('–')).join(', ')} ${hours([r])}`
        },
      },
      exceptions: {
        label: t.schedules.exceptions,
        show: (v) => {
          const e = v as Schemas['DateException']
          return `${e.date ? day.format(new Date(e.date)) : ''} ${hours(e.ranges)}`
        },
      },
    },
    audio_files: labelled({ name: t.audio.name, duration_ms: t.audio.length, sha256: t.fields.sign }),
    delivery_methods: shown(
      { ...labelled({ name: t.deliveries.name, kind: t.deliveries.kind }), ...labelled(t.deliveries.fields, 'settings.') },
      {
        kind: words(t.deliveries.kinds),
        ...Object.fromEntries(Object.values(settings).flat().filter((s) => s.choices).map(({ name }) => [`settings.${name}`, (v: unknown) => t.deliveries.choices[`${name}.${v}`] ?? String(v)])),
      },
    ),
    feature_codes: shown(labelled(t.featureCodes.fields), { action: words(t.featureCodes.actions) }),
    call_flows: shown(labelled({ name: t.flows.name, entry: t.flows.begins, nodes: t.flows.modules }), { entry: moduleName(t) }),
    plans: { ...labelled(t.plans.fields), ...labelled(t.plans.features, 'includes.', inside(t.plans.includes)) },
    tokens: shown(labelled(t.tokens.fields), { role: words(t.tokens.roles), user_id: user, created_by: user, expires_at: at }),
    organizations: shown(
      {
        ...labelled(c.fields), ...labelled(t.openid.fields), ...labelled({ domain: t.fields.domain, realm: t.fields.realm, private_destinations: t.fields.private_destinations }),
        ...grouped(c.fields, { 'voicemail.greeting_audio_id': c.fields['voicemail.enabled']!, billing_contact: c.billing, mail: c.mail, retention: c.retention }, t.fields.inside),
      },
      {
        language: tongue, 'voicemail.greeting_audio_id': names('audio_files'), music_on_hold_audio_id: names('audio_files'), 'mail.tls': words(c.tls), 'sign_in.openid.match': words(t.openid.match),
      },
    ),
  }
}

/** grouped puts the legend of their part of a form before labels that say little by themselves. */
function grouped(labels: Labels, groups: Record<string, string>, inside: (group: string, label: string) => string): Record<string, Field> {
  return Object.assign({}, ...Object.entries(groups).map(([path, group]) => labelled(Object.fromEntries(Object.entries(labels).filter(([name]) => name === path || name.startsWith(`${path}.`))), '', (label) => inside(group, label))))
}

const modulesOf = (flow: Data) => (flow.nodes ?? []) as Module[]

const moduleName = (t: Texts): Show => (id, flow) => {
  const m = modulesOf(flow).find((n) => n.id === id)
  return m ? nameOf(t, m) : String(id)
}

const settingShows: Partial<Record<Setting, (t: Texts) => Show>> = {
  user: () => user, schedule: () => names('time_schedules'), audio: () => names('audio_files'), order: (t) => words(t.flows.orders),
  users: () => (ids) => String(ids).split(',').map((id, i) => <span key={id}>{i > 0 && ', '}<UserName id={id} /></span>),
}

/** ofModule is a field of a flow's module, which one says by the module's name. */
function ofModule(t: Texts, m: Module, path: string): Field | undefined {
  const [part, ...rest] = path.split('.')
  const name = rest.join('.')
  const of = (label: string | undefined, show?: Show) => (label ? { label: t.fields.inside(nameOf(t, m), label), ...(show && { show }) } : undefined)
  switch (part) {
    case 'name': return of(t.flows.name)
    case 'type': return of(t.fields.kind, words(t.flows.kinds))
    case 'exits': return of(exitName(t, name), moduleName(t))
    case 'settings': {
      const kind = Object.values(kinds).map((k) => k.fields[name]).find(Boolean)
      return of(t.flows.fields[name], kind && settingShows[kind]?.(t))
    }
  }
  return undefined
}

const spoken = new Map<string, ReturnType<typeof fieldsOf>>()

/** fieldOf is the field at a path of a record; undefined: one that has no name. */
export function fieldOf(t: Texts, language: string, collection: string, path: string, record: Data): Field | undefined {
  const all = spoken.get(language) ?? fieldsOf(t, language)
  spoken.set(language, all)
  const field = all[collection]?.[path]
  if (field || collection !== 'call_flows') return field
  const m = modulesOf(record).find((n) => path.startsWith(`nodes.${n.id}.`))
  return m && ofModule(t, m, path.slice(`nodes.${m.id}.`.length))
}
