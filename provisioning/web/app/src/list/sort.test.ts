import { expect, test } from 'vitest'
import { fieldOf, isDescending, sortIn, turned } from './sort'

test('an address says what a list is sorted by, of what it can be', () => {
  const fields = ['last_name', 'counts.app_devices']
  const read = (address: string) => sortIn(new URLSearchParams(address), fields)
  expect(read('sort=-counts.app_devices&cursor=x')).toBe('-counts.app_devices')
  expect(read('sort=last_name')).toBe('last_name')
  expect(read('sort=--last_name')).toBe('')
  expect(read('sort=shoe_size')).toBe('')
  expect(read('full_name=ana')).toBe('')
})

test('a field that is wanted again turns the list round', () => {
  const sorts = ['last_name', 'email', 'email', 'email', 'last_name']
  const seen: string[] = []
  sorts.reduce((now, field) => (seen.push(turned(now, field)), seen.at(-1)!), 'last_name')
  expect(seen).toEqual(['-last_name', 'email', '-email', 'email', 'last_name'])
  expect(seen.map(fieldOf)).toEqual(sorts)
  expect(seen.map(isDescending)).toEqual([true, false, true, false, false])
})
