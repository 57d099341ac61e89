import { expect, test } from 'vitest'
import { faultsOf, mappingOf } from './upload'

test('columns with a name are mapped as the exchange guessed', () => {
  expect(mappingOf({ columns: [{ name: 'Vorname', field: 'first_name' }, { name: '', field: '' }, { name: 'Schuh', field: '' }] } as never)).toEqual({ Vorname: 'first_name', Schuh: '' })
})

test('what was chosen for the last run is chosen still', () => {
  expect(mappingOf({ columns: [{ name: 'Vorname', field: 'first_name' }], mapping: { Vorname: 'last_name' } } as never)).toEqual({ Vorname: 'last_name' })
})

test('one field has one column, and the first name must be there', () => {
  expect(faultsOf({ a: 'email', b: 'email', c: '' })).toEqual({ twice: new Set(['a', 'b']), noFirst: true })
  expect(faultsOf({ a: 'first_name', b: '', c: '' })).toEqual({ twice: new Set(), noFirst: false })
})
