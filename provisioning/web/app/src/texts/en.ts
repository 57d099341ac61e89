import { access, audit, security } from './en/access'
import { address } from './en/address'
import { calls } from './en/calls'
import { codes } from './en/codes'
import { devices } from './en/devices'
import { directory } from './en/directory'
import { drafts } from './en/drafts'
import { edit } from './en/edit'
import { fields } from './en/fields'
import { flows, nav as flowsNav } from './en/flows'
import { imports } from './en/imports'
import { inactive } from './en/inactive'
import { inbox } from './en/inbox'
import { lines } from './en/lines'
import { list } from './en/list'
import { media, nav as mediaNav } from './en/media'
import { numbers } from './en/numbers'
import { openid } from './en/openid'
import { outlook } from './en/outlook'
import { own } from './en/own'
import { people } from './en/people'
import { billing, plans } from './en/plans'
import { revisions } from './en/revisions'
import { trunks } from './en/trunks'

/** Every text of the application. The other languages have the same shape. */
export const en = {
  name: 'English',
  skip: 'Skip to the content',
  menu: 'Menu',
  nav: {
    ...mediaNav, ...flowsNav, groups: { people: 'People', calls: 'Calls', telephony: 'Telephony', company: 'Company' },
    main: 'Pages', users: 'Users', me: 'My account', appDevices: 'App devices', numbers: 'Numbers', internalNumbers: 'Internal numbers',
    trunks: 'Trunks', phones: 'Desk phones', featureCodes: 'Feature codes', tokens: 'API tokens', revisions: 'Changes', inbox: 'Inbox',
    live: 'Live calls', history: 'Call history', registrations: 'Registrations', simulator: 'Simulator', audit: 'Audit log',
    plans: 'Plans', inactive: 'Inactive users', directory: 'Directory', docs: 'API reference',
  },
  account: { open: 'Account and appearance', signOut: 'Sign out', language: 'Language', appearance: 'Appearance', system: 'As the system', light: 'Light', dark: 'Dark' },
  ...media,
  common: {
    save: 'Save', cancel: 'Cancel', close: 'Close', next: 'Next', back: 'Back', retry: 'Try again', edit: 'Edit', delete: 'Delete', actions: 'Actions', none: 'None',
    yes: 'Yes', no: 'No', search: 'Search', loading: 'Loading…', copy: 'Copy', copied: 'Copied', saved: 'Saved',
    previous: 'Previous page', following: 'Next page', notInEffect: 'Stored; not in effect yet.',
  },
  errors: {
    title: 'That did not work',
    offline: 'The exchange cannot be reached. What you typed is still here.',
    wait: (s: number) => `Too many attempts. Try again in ${s} s.`,
    missing: 'Missing',
    page: 'There is no such page.',
    toUsers: 'To the users',
  },
  signIn: {
    title: 'Sign in', login: 'Login', loginHint: 'Your login or your email address', password: 'Password', submit: 'Sign in',
    code: 'Code', codeHint: 'Six digits from your authenticator, or a recovery code',
    organization: 'Organization', organizationHint: 'Several organizations have this login. Name yours.',
  },
  setUp: {
    title: 'Set up the exchange', lead: 'Nobody has signed in here yet. Make the first administrator.',
    key: 'Set-up key', keyHint: 'It is in the link that `strowger serve` printed.',
    organization: 'Organization', organizationName: 'Name of the organization', country: 'Country', countryHint: 'Two letters; of national numbers', timeZone: 'Time zone', language: 'Language',
    you: 'You', submit: 'Set up',
  },
  password: {
    title: 'Choose a new password', lead: 'Your administrator asks for a new password before you go on.', current: 'Present password', next: 'New password', again: 'New password again',
    differs: 'The two are not the same.', short: 'At least 8 characters', submit: 'Change the password', generate: 'Generate', generated: 'Copy it now: it is not shown again.',
  },
  edit,
  list,
  trunks,
  ...codes,
  ...devices,
  ...lines,
  ...numbers,
  access, security, audit, openid,
  conflict: {
    title: 'Changed meanwhile', lead: 'Somebody else changed this after you opened it. Which version shall stay?',
    by: (who: string, at: string) => `Saved meanwhile by ${who}, ${at}.`, field: 'Field', yours: 'Yours', theirs: 'Theirs', keepYours: 'Save mine', keepTheirs: 'Keep theirs',
  },
  users: {
    title: 'Users', add: 'Add user', columns: 'Columns', table: 'Users',
    search: 'Search by name', count: (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'user' : 'users'}`,
    empty: 'No users yet', emptyHint: 'Users come first: lines, numbers and call flows belong to them. Add one by hand.',
    noneFound: 'Nobody matches', noneFoundHint: 'Clear a filter, or search for a part of the name.',
    editCell: (field: string, who: string) => `Edit ${field} of ${who}`, hintInPlace: 'Double-click a cell to edit it. Enter saves, Esc cancels.',
    fields: {
      avatar: 'Avatar', full_name: 'Full name', first_name: 'First name', last_name: 'Last name', job_title: 'Job title', department: 'Department', email: 'Email', time_schedule_id: 'Time schedule',
      call_flow_ids: 'Call flows', call_flow_id: 'Call flow', crm_user_id: 'CRM user', invitation: 'Invitation', app_devices: 'App devices', sip_accounts: 'SIP accounts', pstn_forwardings: 'PSTN forwarding',
      sip_forwardings: 'SIP forwarding', last_seen: 'Last seen', last_seen_before: 'Last seen before', plan: 'Plan', direct_number: 'Direct number', extension: 'Extension', mobile_number: 'Mobile number', time_zone: 'Time zone', language: 'Language', login: 'Login',
      password: 'Password', password_change_required: 'Change the password at the next login', role: 'Role', voicemail_pin: 'Voicemail PIN', reject_scope: 'When one device rejects a call',
      do_not_disturb: 'Do not disturb', 'forward.number': 'Forward to', 'forward.enabled': 'Forward calls', 'routing.mode': 'Incoming calls', 'routing.ring_s': 'Seconds each step rings',
    } as Record<string, string>,
    hints: {
      login: 'The email address, if none is given', password: 'At least 8 characters. Leave it empty for somebody who never signs in.', passwordKeep: 'Leave it empty to keep the present one.',
      extension: 'Internal; never shown outside', email: 'Invitations and voicemail go there', mobile_number: 'With country code', crm_user_id: 'The user’s id in your CRM', forward: 'All devices still ring; who answers there must press 1.',
      direct_number: 'Numbers that nobody has. The company’s main number is not among them until it is unassigned.', language: 'The organization’s if empty', time_zone: 'The organization’s if empty',
      voicemail_pin: 'Digits; not shown again', schedule: 'Always, if none is chosen',
    },
    sections: { person: 'Person', signIn: 'Sign-in', work: 'Place in the organization', calls: 'Calls', features: 'Features' },
    roles: { user: 'User: own panel only', admin: 'Administrator' } as Record<string, string>,
    admin: 'admin', neverSeen: 'Never',
    invitations: { none: 'Not invited', sent: 'Invited', accepted: 'Accepted', expired: 'Expired', failed: 'Failed' } as Record<string, string>,
    rejects: { rfc: 'Decline ends the call, busy one device', all: 'Stops ringing everywhere', branch: 'Only that device stops ringing' } as Record<string, string>,
    routings: { fixed: 'Fixed: the assigned device', ring_all: 'All devices at once', sequence: 'One after another', schedule: 'By time schedule' } as Record<string, string>,
    features: { app: 'Mobile app', web_calls: 'Web calls', operator_console: 'Operator console', voicemail: 'Voicemail', fixed_mobile: 'Fixed-mobile', hotdesking: 'Hotdesking', multiple_caller_ids: 'Multiple caller IDs' } as Record<string, string>,
    create: 'New user', change: 'Edit user', createDone: (who: string) => `${who} was added`, steps: { person: 'User', line: 'Application line' },
    configureLine: 'Configure application line in the next step', configureLineHint: 'A line for the user’s apps, created together with the user. Where there is a mail server, the invitation goes out at once.',
    nextNumber: 'Next free number', noNumbers: 'No number is free. Unassign one, or add one from your carrier.', assignNumber: (who: string) => `Assign a direct number to ${who}`,
    forward: 'Call forwarding…', resetPassword: 'Set a new password…',
    remove: 'Delete user…', removeTitle: (who: string) => `Delete ${who}?`,
    messagesTo: 'Who gets the messages', messagesToNobody: "Nobody: they stay in the company's inbox",
    removeTick: 'I am aware that by deleting this user I will also remove the dependencies', removeDone: (who: string) => `${who} was deleted`, removeSubmit: 'Delete',
  },
  line: {
    inbound: 'Inbound calls', outbound: 'Outbound calls', recording: 'Call recording',
    did_numbers: 'DID numbers', did_numbersHint: 'Calls to these ring this line', internal_numbers: 'Internal numbers', internal_numbersHint: 'Type 1 to 6 digits and Enter. Empty: the lowest free one.',
    ring_timeout_s: 'Seconds to ring', ring_timeout_sHint: 'Empty: as the organization has it', action: 'When unavailable', actions: { none: 'Do nothing', voicemail: 'Voicemail', forward: 'Forward' } as Record<string, string>,
    greeting_audio_id: 'Voicemail greeting', forward_to: 'Forward to', forward_toHint: 'As the user would dial it',
    external_enabled: 'Enable external outbound calls', caller_ids: 'Caller IDs', caller_idsHint: 'The first is the default', internal_caller_id: 'Internal caller ID', anonymous: 'Call anonymously',
    internal_announcement_id: 'Internal announcement', external_announcement_id: 'External announcement', announcement_to: 'Who hears the announcement', hearers: { callee: 'The called party', caller: 'The caller', both: 'Both' } as Record<string, string>,
    flags: { inbound_internal: 'Inbound internal', inbound_external: 'Inbound external', outbound_internal: 'Outbound internal', outbound_external: 'Outbound external' } as Record<string, string>,
    preset: 'Record', presets: { never: 'Never', always: 'Always', custom: 'Some calls' } as Record<string, string>,
    on_demand: 'Record on demand', on_demandHint: 'Users start a recording with a feature code.', on_demandMissing: 'Define a feature code for recording first.', delivery_method_ids: 'Delivery methods', nothing: 'There are none yet.',
  },
  drafts,
  fields,
  flows,
  imports,
  revisions,
  billing, directory, inactive, plans,
  address, calls, inbox, outlook, own, people,
}

/** The shape of a language: the same names, any texts. */
type Words<T> = { [K in keyof T]: T[K] extends string ? string : T[K] extends (...args: infer A) => string ? (...args: A) => string : Words<T[K]> }
export type Texts = Words<typeof en>
