import { expect, test } from 'vitest'
import type { Line } from '../api/collections'
import { patchOf, type Data } from '../edit/merge'
import { draftOf, inputOf } from './method'

const phone: Line = {
  id: 'p', user_id: 'ana', kind: 'sip_account', label: 'Desk', sip_account: { username: 'ana', codecs: ['PCMA'], max_contacts: 0, srtp: 'preferred' },
  inbound: { did_numbers: ['+40215550100'], internal_numbers: ['101'], ring_timeout_s: 0, when_unavailable: { action: 'voicemail', greeting_audio_id: 'hi', forward_to: '' } },
  outbound: { external_enabled: true, caller_ids: ['+40215550100'], announcement_to: 'both' }, recording: { inbound_internal: true, delivery_method_ids: ['disk'] },
}

test('a contact method that was opened and saved is not changed', () => {
  expect(patchOf(inputOf(draftOf(phone), 'ana') as Data, inputOf(draftOf(phone), 'ana') as Data)).toEqual({})
  expect(inputOf(draftOf(phone), 'ana')).toMatchObject({ outbound: { announcement_to: 'both' }, recording: { inbound_internal: true, delivery_method_ids: ['disk'] }, inbound: { when_unavailable: { greeting_audio_id: 'hi' } } })
})

test('each kind goes with its own block alone', () => {
  const d = draftOf()
  expect(Object.keys(inputOf({ ...d, kind: 'email' }, 'ana')).sort()).toEqual(['email', 'kind', 'label', 'time_schedule_id', 'user_id'])
  expect(inputOf({ ...d, kind: 'sip_forwarding' }, 'ana')).not.toHaveProperty('outbound')
  expect(inputOf({ ...d, kind: 'app' }, 'ana')).not.toHaveProperty('sip_account')
})

test('a new SIP account calls nobody outside, and its password is made up', () => {
  expect(inputOf(draftOf(), 'ana').outbound?.external_enabled).toBe(false)
  expect(inputOf(draftOf(), 'ana').sip_account).not.toHaveProperty('password')
})
