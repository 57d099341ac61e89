import type { Schemas, User } from '../api/client'
import { lineOf, newLine, type LineDraft } from '../lines/line'
import { patchOf, type Data } from '../edit/merge'

export const featureNames = ['app', 'web_calls', 'operator_console', 'voicemail', 'fixed_mobile', 'hotdesking', 'multiple_caller_ids'] as const

/** later are the features that do nothing to calls yet. */
export const later: readonly string[] = ['web_calls', 'operator_console', 'fixed_mobile', 'hotdesking', 'conference_room']

/** usual are the features of a user of whom nothing was said. */
const usual: readonly string[] = ['app', 'voicemail']

/** A UserDraft is what the form knows of a user, every member there. */
export interface UserDraft {
  first_name: string
  last_name: string
  email: string
  job_title: string
  department: string
  mobile_number: string
  time_zone: string
  language: string
  time_schedule_id: string
  crm_user_id: string
  login: string
  password: string
  password_change_required: boolean
  role: string
  plan: string
  extension: string
  voicemail_pin: string
  reject_scope: string
  do_not_disturb: boolean
  forward: { number: string; enabled: boolean }
  routing: { mode: string }
  features: Record<(typeof featureNames)[number], boolean>
  with_line: boolean
  line: LineDraft
}

/** draftOf is a user as the form shows it; without one, a new user. */
export function draftOf(u?: User): UserDraft {
  const text = (v: string | undefined, fresh = '') => v ?? fresh
  return {
    first_name: text(u?.first_name), last_name: text(u?.last_name), email: text(u?.email), job_title: text(u?.job_title), department: text(u?.department),
    mobile_number: text(u?.mobile_number), time_zone: text(u?.time_zone), language: text(u?.language), time_schedule_id: text(u?.time_schedule_id), crm_user_id: text(u?.crm_user_id),
    login: text(u?.login), password: '', password_change_required: u?.password_change_required ?? false, role: text(u?.role, 'user'), plan: text(u?.plan, 'basic'),
    extension: text(u?.extension), voicemail_pin: '', reject_scope: text(u?.reject_scope, 'rfc'), do_not_disturb: u?.do_not_disturb ?? false,
    forward: { number: text(u?.forward?.number), enabled: u?.forward?.enabled ?? false }, routing: { mode: text(u?.routing?.mode, 'fixed') },
    features: Object.fromEntries(featureNames.map((f) => [f, u ? (u.features?.[f] ?? false) : usual.includes(f)])) as UserDraft['features'],
    with_line: false, line: newLine(),
  }
}

/** inputOf is a new user as the API takes it: the line, if one is wanted, in the same request. */
export function inputOf(d: UserDraft): Schemas['UserInput'] {
  const { with_line, line, ...user } = d
  const input: Schemas['UserInput'] = patchOf(draftOf() as unknown as Data, user as unknown as Data)
  return with_line ? { ...input, application_line: lineOf(line) } : input
}

/** changeOf is what the form changed of a user. */
export function changeOf(was: User, d: UserDraft): Partial<Schemas['UserInput']> {
  const { with_line, line, ...user } = d
  return patchOf(draftOf(was) as unknown as Data, user as unknown as Data)
}
