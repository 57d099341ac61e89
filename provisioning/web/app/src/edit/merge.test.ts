import { expect, test } from 'vitest'
import { clashes, patchOf, same, valueAt, withValues } from './merge'

test('a patch names only what changed', () => {
  const was = { first_name: 'Ana', email: '', forward: { number: '+1', enabled: false }, tags: ['a'] }
  expect(patchOf(was, { ...was })).toEqual({})
  expect(patchOf(was, { ...was, email: 'a@example.com', forward: { number: '+1', enabled: true }, tags: ['a', 'b'] })).toEqual({
    email: 'a@example.com',
    forward: { enabled: true },
    tags: ['a', 'b'],
  })
})

test('what is missing equals what is empty, and nothing else', () => {
  expect(same(undefined, '')).toBe(true)
  expect(same(false, '')).toBe(false)
  expect(same({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true)
  expect(same(['a', 'b'], ['b', 'a'])).toBe(false)
})

test('two people who change different fields do not clash', () => {
  expect(clashes({ email: 'old', job_title: 'x' }, { email: 'old', job_title: 'theirs' }, { email: 'mine' })).toEqual([])
})

test('two people who change one field clash, unless they agree', () => {
  const base = { email: 'old', forward: { number: '1', enabled: false } }
  expect(clashes(base, { ...base, email: 'theirs' }, { email: 'mine' })).toEqual([{ field: 'email', mine: 'mine', theirs: 'theirs' }])
  expect(clashes(base, { ...base, email: 'mine' }, { email: 'mine' })).toEqual([])
  expect(clashes(base, { email: 'old', forward: { number: '2', enabled: false } }, { forward: { number: '3' } })).toEqual([
    { field: 'forward.number', mine: '3', theirs: '2' },
  ])
})

test('a secret, which no answer shows, never clashes', () => {
  expect(clashes({ first_name: 'Ana' }, { first_name: 'Ana' }, { password: 'new' })).toEqual([])
})

test('values are read and put by their paths, and what they are put into stays as it is', () => {
  const was = { name: 'a', owner: { kind: 'user', id: 'ana' } }
  const is = withValues(was, [['owner.id', 'bo'], ['mail.port', 25]])
  expect([valueAt(is, 'owner.id'), valueAt(is, 'owner.kind'), valueAt(is, 'mail.port'), valueAt(is, 'mail.host.x')]).toEqual(['bo', 'user', 25, undefined])
  expect(was).toEqual({ name: 'a', owner: { kind: 'user', id: 'ana' } })
})
