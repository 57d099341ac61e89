import { expect, test } from 'vitest'
import { Refusal, refusalOf } from './problem'

test('every field at fault has its words', () => {
  const r = new Refusal(422, { status: 422, field: 'email', errors: [{ field: 'email', detail: 'want an address' }, { field: 'forward.number', detail: 'missing' }] })
  expect(r.fields).toEqual({ email: 'want an address', 'forward.number': 'missing' })
})

test('a conflict without a list names its field once', () => {
  expect(new Refusal(409, { status: 409, field: 'extension', detail: 'extension: 101 is taken' }).fields).toEqual({ extension: '101 is taken' })
})

test('an answer that is no problem document still says something', async () => {
  const r = await refusalOf(new Response('<html>', { status: 502, statusText: 'Bad Gateway' }))
  expect([r.status, r.message]).toEqual([502, 'Bad Gateway'])
})
