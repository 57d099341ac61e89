import { expect, test } from 'vitest'
import { draftOf, included, inputOf, priceOf } from './plan'

test('a plan goes through the form unchanged', () => {
  const plan = { id: 'gold', name: 'Gold', price: '19.90', currency: 'EUR', seats: 5, includes: { app: true, conference_room: true, direct_numbers: 3 } }
  expect(inputOf(draftOf(plan))).toMatchObject({ name: 'Gold', price: '19.90', currency: 'EUR', seats: 5, includes: { app: true, conference_room: true, voicemail: false, direct_numbers: 3 } })
  expect(included(plan)).toEqual(['app', 'conference_room'])
})

test('what is typed is what is meant', () => {
  expect(inputOf({ ...draftOf(), name: 'Gold', price: ' 12,50 ', seats: '' })).toMatchObject({ price: '12.50', seats: 0 })
  expect(priceOf('12.50', 'EUR')).toBe('12.50 EUR')
  expect(priceOf('', 'EUR')).toBe('')
})
