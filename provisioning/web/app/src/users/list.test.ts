import { expect, test } from 'vitest'
import { filtersIn } from './list'

test('an address holds filters, and other things that are none', () => {
  expect(filtersIn(new URLSearchParams('full_name=+ana+&department~=care&page=2&email~='))).toEqual({ full_name: 'ana', 'department~': 'care' })
})
