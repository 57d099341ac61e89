import { expect, test } from 'vitest'
import { newPassword } from './password'

test('every password is another one, and easy to read out', () => {
  const all = Array.from({ length: 200 }, () => newPassword())
  expect(new Set(all).size).toBe(200)
  for (const p of all) expect(p).toMatch(/^[a-km-zA-HJ-NP-Z2-9]{16}$/)
})

test('a byte that would make some letters likelier is passed by', () => {
  let calls = 0
  const p = newPassword((n) => new Uint8Array(n).fill(calls++ === 0 ? 255 : 0))
  expect(p).toBe('a'.repeat(16))
})
