import { expect, test } from 'vitest'
import { lineOf, newLine, presetOf } from './line'

test('caller IDs mean something only where external calls are enabled', () => {
  const d = newLine()
  d.outbound = { ...d.outbound, external_enabled: false, caller_ids: ['+40215550100'] }
  expect(lineOf(d).outbound?.caller_ids).toEqual([])
})

test('only what belongs to the chosen action is sent', () => {
  const d = newLine()
  d.inbound.when_unavailable = { action: 'voicemail', greeting_audio_id: 'hello', forward_to: '102' }
  expect(lineOf(d).inbound?.when_unavailable).toEqual({ action: 'voicemail', greeting_audio_id: 'hello', forward_to: '' })
  expect(lineOf(newLine()).inbound?.ring_timeout_s).toBe(0)
})

test('the presets are names of the four flags', () => {
  const r = newLine().recording
  expect(presetOf(r)).toBe('never')
  expect(presetOf({ ...r, inbound_external: true })).toBe('custom')
  expect(presetOf({ ...r, inbound_internal: true, inbound_external: true, outbound_internal: true, outbound_external: true })).toBe('always')
})
