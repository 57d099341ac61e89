import { expect, test } from 'vitest'
import { Refusal } from '../api/problem'
import { fieldErrors } from './errors'

const form = new Set(['email', 'inbound.did_numbers'])
const has = (path: string) => form.has(path)

test('a refused member of a list stands beside the list', () => {
  const error = new Refusal(422, { errors: [{ field: 'inbound.did_numbers[1]', detail: 'no such number' }] })
  expect(fieldErrors(error, has)).toEqual({ fields: { 'inbound.did_numbers': 'no such number' }, rest: null })
})

test('what the form does not show is said aloud', () => {
  const error = new Refusal(422, { errors: [{ field: 'email', detail: 'no address' }, { field: 'crm_user_id', detail: 'taken' }] })
  expect(fieldErrors(error, has)).toEqual({ fields: { email: 'no address' }, rest: error })
})

test('an error that names nothing is not swallowed', () => {
  const error = new Refusal(507, { detail: 'the disk is full' })
  expect(fieldErrors(error, has).rest).toBe(error)
  expect(fieldErrors(new TypeError('x'), has).rest).toBeInstanceOf(TypeError)
})
