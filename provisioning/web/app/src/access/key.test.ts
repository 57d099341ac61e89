import { expect, test } from 'vitest'
import { keyIn } from './SetUpPage'

test('the key is taken from the link, best from the part that is never sent', () => {
  expect(keyIn('#key=abc', '?key=other')).toBe('abc')
  expect(keyIn('', '?key=abc')).toBe('abc')
  expect(keyIn('', '')).toBe('')
})
