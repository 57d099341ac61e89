import { expect, test } from 'vitest'
import { stepsOf } from './steps'

test('what rings together stands together, in the order it is tried', () => {
  const e = (step: number, aor: string) => ({ step, aor, kind: 'line', when: 'at once', recorded: false })
  expect(stepsOf([e(1, 'a'), e(2, 'c'), e(1, 'b')]).map((s) => s.map((x) => x.aor))).toEqual([['a', 'b'], ['c']])
  expect(stepsOf([])).toEqual([])
})
