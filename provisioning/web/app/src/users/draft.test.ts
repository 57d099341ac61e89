import { expect, test } from 'vitest'
import type { User } from '../api/client'
import { changeOf, draftOf, inputOf } from './draft'

const ana = { id: 'ana', first_name: 'Ana', last_name: 'Pop', email: 'ana@example.com', forward: { number: '', enabled: false }, features: { app: true }, extension: '101' } as User

test('a form that was opened and saved changes nothing', () => {
  expect(changeOf(ana, draftOf(ana))).toEqual({})
})

test('a change names its fields alone, and an empty password is no change', () => {
  expect(changeOf(ana, { ...draftOf(ana), forward: { number: '+40745550100', enabled: true }, email: '' })).toEqual({
    forward: { number: '+40745550100', enabled: true },
    email: '',
  })
})

test('a new user goes with its line in one request, or without one', () => {
  const d = { ...draftOf(), first_name: 'Ion', last_name: 'Albu' }
  expect(inputOf(d)).toEqual({ first_name: 'Ion', last_name: 'Albu' })
  const made = inputOf({ ...d, with_line: true })
  expect(made.application_line?.outbound?.external_enabled).toBe(true)
  expect(made).not.toHaveProperty('line')
  expect(made).not.toHaveProperty('with_line')
})
