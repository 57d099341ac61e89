import { expect, test } from 'vitest'
import { keyIn } from './SetUpPage'

test('the key is what stands after the #', () => {
  expect(keyIn('#_a-B9')).toBe('_a-B9')
  expect(keyIn('')).toBe('')
})
