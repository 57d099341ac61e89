import { expect, test } from 'vitest'
import { filtersIn } from './list'

test('an address holds filters, and other things that are none', () => {
  const names = ['full_name', 'department~', 'email~']
  expect(filtersIn(new URLSearchParams('full_name=+ana+&department~=care&cursor=2&email~='), names)).toEqual({ full_name: 'ana', 'department~': 'care' })
})
