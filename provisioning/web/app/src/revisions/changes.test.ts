import { expect, test } from 'vitest'
import { differencesOf, nameOf } from './changes'

test('only what differs is told, by field', () => {
  const change = { path: 'users/anna', op: 'update', before: { id: 'anna', updated_at: '1', first_name: 'Anna', department: '', forward: { number: '', enabled: false } }, after: { id: 'anna', updated_at: '2', first_name: 'Anna', department: 'Sales', forward: { number: '+40', enabled: true } } }
  expect(differencesOf(change as never)).toEqual([
    { field: 'department', before: '', after: 'Sales' }, { field: 'forward.number', before: '', after: '+40' }, { field: 'forward.enabled', before: false, after: true },
  ])
})

test('a record is called as people call it', () => {
  expect(nameOf({ path: 'users/x', op: 'create', after: { first_name: 'Ion', last_name: 'Albu' } } as never)).toBe('Ion Albu')
  expect(nameOf({ path: 'numbers/n1', op: 'delete', before: { e164: '+4021' } } as never)).toBe('+4021')
  expect(nameOf({ path: 'users/x', op: 'update' } as never)).toBe('x')
})
