import { describe, expect, it } from 'vitest'
import { internalNumbers } from '../api/collections'
import { Refusal } from '../api/problem'
import { asRecords, writeOf } from './draft'

describe('writeOf', () => {
  it('names the collection as drafts do', () => {
    expect(writeOf(internalNumbers, '201', { owner: { kind: 'user', id: 'bo' } })).toEqual({ collection: 'internal_numbers', op: 'update', id: '201', value: { owner: { kind: 'user', id: 'bo' } } })
    expect(writeOf(internalNumbers, '201', {}, '"7"').if_match).toBe('"7"')
  })
})

describe('asRecords', () => {
  const refused = (field: string) => asRecords(new Refusal(422, { status: 422, detail: `${field}: no such user`, field, errors: [{ field, detail: 'no such user' }] })) as Refusal
  it('names fields as the form knows them', () => {
    const e = refused('writes[0].value.owner.id')
    expect([e.message, e.fields]).toEqual(['owner.id: no such user', { 'owner.id': 'no such user' }])
  })
  it('leaves what is of other records and other errors alone', () => {
    expect(refused('users/bo.extension').fields).toEqual({ 'users/bo.extension': 'no such user' })
    const e = new Error('offline')
    expect(asRecords(e)).toBe(e)
  })
})
