import { expect, test } from 'vitest'
import { bars, clock, local, openAt, rangesOf, runsOf, weekOf } from './week'

const office = weekOf([{ days: ['mon', 'tue'], from: '13:00', to: '17:00' }, { days: ['mon', 'tue'], from: '09:00', to: '12:00' }, { days: ['fri'], from: '22:00', to: '02:00' }])

test('a week is what its ranges are, and back', () => {
  expect(office.mon).toEqual([{ from: '09:00', to: '12:00' }, { from: '13:00', to: '17:00' }])
  expect(rangesOf(office)).toEqual([{ days: ['mon', 'tue'], from: '09:00', to: '12:00' }, { days: ['mon', 'tue'], from: '13:00', to: '17:00' }, { days: ['fri'], from: '22:00', to: '02:00' }])
})

test('what people type is a time of day, or is refused', () => {
  expect(['9', '9:30', '930', '17.00', '24:00'].map((s) => clock(s, true))).toEqual(['09:00', '09:30', '09:30', '17:00', '24:00'])
  expect(['24:00', '25', '9:60', 'noon', ''].map((s) => clock(s))).toEqual([null, null, null, null, null])
})

test('what passes midnight is drawn on both days', () => {
  expect(bars(office, 'fri')).toEqual([[1320, 1440]])
  expect(bars(office, 'sat')).toEqual([[0, 120]])
})

// 2026-11-27 is a Friday.
test.each([
  ['2026-11-23T07:00:00Z', true], ['2026-11-23T06:59:00Z', false], ['2026-11-23T10:30:00Z', false], ['2026-11-23T15:00:00Z', false],
  ['2026-11-27T20:30:00Z', true], ['2026-11-27T23:30:00Z', true], ['2026-11-28T00:00:00Z', false],
])('at %s it is open: %s', (at, open) => expect(openAt(office, [], 'Europe/Bucharest', new Date(at))).toBe(open))

test('an exception takes the place of its day', () => {
  const closed = [{ date: '2026-11-23', ranges: [] }]
  expect(openAt(office, closed, 'Europe/Bucharest', new Date('2026-11-23T08:00:00Z'))).toBe(false)
  expect(openAt(office, [{ date: '2026-11-22', ranges: [{ from: '10:00', to: '11:00' }] }], 'UTC', new Date('2026-11-22T10:30:00Z'))).toBe(true)
})

test('the clock on the wall is that of the zone', () => {
  expect(local(new Date('2026-01-01T00:30:00Z'), 'America/New_York')).toEqual({ date: '2025-12-31', day: 'wed', minute: 19 * 60 + 30 })
})

test('days that follow each other are said as the first and the last', () => {
  expect(runsOf(['fri', 'mon', 'tue', 'wed', 'thu'])).toEqual([['mon', 'fri']])
  expect(runsOf(['mon', 'tue', 'sun'])).toEqual([['mon'], ['tue'], ['sun']])
})
