import type { ContactMethod } from '../api/client'
import type { Line } from '../api/collections'
import { draftOf as lineDraft, lineOf, newLine, type LineDraft } from './line'

export const kinds = ['sip_account', 'app', 'pstn_forwarding', 'sip_forwarding', 'email'] as const

/** A MethodDraft is what the form knows of a contact method: every kind's own block, of which one counts. */
export interface MethodDraft {
  kind: string
  label: string
  time_schedule_id: string
  sip_account: { username: string; password: string; codecs: string[]; max_contacts: number | ''; srtp: string }
  pstn_forwarding: { number: string; allow_transfer: boolean; press_1: boolean }
  sip_forwarding: { username: string; domain: string; port: number | ''; transport: string; codecs: string[]; process_30x: boolean }
  email: { address: string }
  line: LineDraft
}

/** draftOf is a contact method as the form shows it; without one, a new SIP account, which calls nobody outside until it is let. */
export function draftOf(m?: Line): MethodDraft {
  const [a, p, f] = [m?.sip_account, m?.pstn_forwarding, m?.sip_forwarding]
  const line = m ? lineDraft(m) : newLine()
  if (!m) line.outbound.external_enabled = false
  return {
    kind: m?.kind ?? 'sip_account', label: m?.label ?? '', time_schedule_id: m?.time_schedule_id ?? '',
    sip_account: { username: a?.username ?? '', password: '', codecs: a?.codecs ?? [], max_contacts: a?.max_contacts || '', srtp: a?.srtp || 'off' },
    pstn_forwarding: { number: p?.number ?? '', allow_transfer: p?.allow_transfer ?? false, press_1: p?.press_1 ?? false },
    sip_forwarding: { username: f?.username ?? '', domain: f?.domain ?? '', port: f?.port || '', transport: f?.transport || 'udp', codecs: f?.codecs ?? [], process_30x: f?.process_30x ?? false },
    email: { address: m?.email?.address ?? '' },
    line,
  }
}

/** inputOf is the draft as the API takes it: the block of its kind, and of a line what that kind has. */
export function inputOf(d: MethodDraft, userId: string): ContactMethod {
  const { inbound, outbound, recording } = lineOf(d.line)
  const common = { user_id: userId, kind: d.kind, label: d.label, time_schedule_id: d.time_schedule_id }
  switch (d.kind) {
    case 'email':
      return { ...common, email: d.email }
    case 'pstn_forwarding':
      return { ...common, inbound: inbound!, recording: recording!, pstn_forwarding: d.pstn_forwarding }
    case 'sip_forwarding':
      return { ...common, inbound: inbound!, recording: recording!, sip_forwarding: { ...d.sip_forwarding, port: d.sip_forwarding.port || 0 } }
    case 'sip_account': {
      // Without a password the exchange makes one up, or keeps the one that there is.
      const { password, max_contacts, ...account } = d.sip_account
      return { ...common, inbound: inbound!, outbound: outbound!, recording: recording!, sip_account: { ...account, max_contacts: max_contacts || 0, ...(password && { password }) } }
    }
  }
  return { ...common, inbound: inbound!, outbound: outbound!, recording: recording! }
}
