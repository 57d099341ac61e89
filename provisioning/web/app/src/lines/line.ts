import type { ContactMethod } from '../api/client'

/** A LineDraft is what a form knows of a line: a contact method of kind app or sip_account, every member there. */
export interface LineDraft {
  inbound: { did_numbers: string[]; internal_numbers: string[]; ring_timeout_s: number | ''; when_unavailable: { action: string; greeting_audio_id: string; forward_to: string } }
  outbound: { external_enabled: boolean; caller_ids: string[]; internal_caller_id: string; anonymous: boolean; internal_announcement_id: string; external_announcement_id: string; announcement_to: string }
  recording: { inbound_internal: boolean; inbound_external: boolean; outbound_internal: boolean; outbound_external: boolean; on_demand: boolean; delivery_method_ids: string[] }
}

export const newLine = (): LineDraft => ({
  inbound: { did_numbers: [], internal_numbers: [], ring_timeout_s: '', when_unavailable: { action: 'none', greeting_audio_id: '', forward_to: '' } },
  outbound: { external_enabled: true, caller_ids: [], internal_caller_id: '', anonymous: false, internal_announcement_id: '', external_announcement_id: '', announcement_to: 'callee' },
  recording: { inbound_internal: false, inbound_external: false, outbound_internal: false, outbound_external: false, on_demand: false, delivery_method_ids: [] },
})

/** draftOf is a line as the form shows it. */
export function draftOf(m: ContactMethod): LineDraft {
  const [i, o, r, fresh] = [m.inbound, m.outbound, m.recording, newLine()]
  const { action, greeting_audio_id, forward_to } = i?.when_unavailable ?? {}
  return {
    inbound: {
      did_numbers: i?.did_numbers ?? [], internal_numbers: i?.internal_numbers ?? [], ring_timeout_s: i?.ring_timeout_s || '',
      when_unavailable: { action: action || 'none', greeting_audio_id: greeting_audio_id ?? '', forward_to: forward_to ?? '' },
    },
    outbound: {
      external_enabled: o?.external_enabled ?? false, caller_ids: o?.caller_ids ?? [], internal_caller_id: o?.internal_caller_id ?? '', anonymous: o?.anonymous ?? false,
      internal_announcement_id: o?.internal_announcement_id ?? '', external_announcement_id: o?.external_announcement_id ?? '', announcement_to: o?.announcement_to || 'callee',
    },
    recording: { ...fresh.recording, ...r, delivery_method_ids: r?.delivery_method_ids ?? [] },
  }
}

export const flags = ['inbound_internal', 'inbound_external', 'outbound_internal', 'outbound_external'] as const

/** presetOf names the four flags where all are alike. */
export function presetOf(r: LineDraft['recording']): 'never' | 'always' | 'custom' {
  const on = flags.filter((f) => r[f]).length
  return on === 0 ? 'never' : on === flags.length ? 'always' : 'custom'
}

/** lineOf is a draft as the API takes it: without what its own switches make meaningless. */
export function lineOf(d: LineDraft): ContactMethod {
  const { action, greeting_audio_id, forward_to } = d.inbound.when_unavailable
  return {
    inbound: {
      ...d.inbound,
      ring_timeout_s: d.inbound.ring_timeout_s || 0,
      when_unavailable: { action, greeting_audio_id: action === 'voicemail' ? greeting_audio_id : '', forward_to: action === 'forward' ? forward_to : '' },
    },
    outbound: { ...d.outbound, caller_ids: d.outbound.external_enabled ? d.outbound.caller_ids : [] },
    recording: d.recording,
  }
}
