import { expect, test } from 'vitest'
import { dayBefore } from './day'

test('a day before another', () => {
  expect(dayBefore(30, Date.UTC(2026, 2, 1, 12))).toBe('2026-01-30')
})
