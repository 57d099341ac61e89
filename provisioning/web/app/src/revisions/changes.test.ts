import { expect, test } from 'vitest'
import { collectionAndID, differencesOf } from './changes'

const fieldsOf = (before: object, after: object) => differencesOf({ op: 'update', before, after } as never)

test('only what differs is told, by field', () => {
  expect(
    fieldsOf(
      { id: 'anna', updated_at: '1', first_name: 'Anna', department: '', forward: { number: '', enabled: false } },
      { id: 'anna', updated_at: '2', first_name: 'Anna', department: 'Sales', forward: { number: '+40', enabled: true } },
    ),
  ).toEqual([{ field: 'department', before: '', after: 'Sales' }, { field: 'forward.number', before: '', after: '+40' }, { field: 'forward.enabled', before: false, after: true }])
})

test('who has a number is one field', () => {
  expect(fieldsOf({ owner: { kind: 'user', id: 'ana' } }, { owner: { kind: 'user', id: 'bo' } })).toEqual([{ field: 'owner', before: { kind: 'user', id: 'ana' }, after: { kind: 'user', id: 'bo' } }])
})

test('the modules of a flow are told one by one', () => {
  const menu = { id: 'menu-1', type: 'menu', exits: { 1: 'sales' } }
  const found = fieldsOf({ nodes: [menu, { id: 'end', type: 'hang_up' }] }, { nodes: [{ id: 'end', type: 'hang_up' }, { ...menu, exits: { 1: 'end' } }] })
  expect(found).toEqual([{ field: 'nodes.menu-1.exits.1', before: 'sales', after: 'end' }])
})

test('an id may hold what stands in a path', () => {
  expect(collectionAndID({ path: 'users/a/b.c' })).toEqual(['users', 'a/b.c'])
})
