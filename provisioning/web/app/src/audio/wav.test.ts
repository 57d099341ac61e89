import { expect, test } from 'vitest'
import { withoutExtension } from './upload'
import { encodeWAV } from './wav'

test('what is recorded becomes a WAV file that says what it holds', async () => {
  const raw = new DataView(await encodeWAV(new Float32Array([0, 1, -1, 2]), 16_000).arrayBuffer())
  expect(raw.byteLength).toBe(52)
  expect(raw.getUint32(24, true)).toBe(16_000)
  expect([raw.getUint32(40, true), raw.getInt16(46, true), raw.getInt16(48, true), raw.getInt16(50, true)]).toEqual([8, 32767, -32767, 32767])
})

test('a sound is named as its file, without what kind it is', () => {
  expect(['Greeting.final.mp3', 'hello', 'Dr. Who.ogg'].map(withoutExtension)).toEqual(['Greeting.final', 'hello', 'Dr. Who'])
})
