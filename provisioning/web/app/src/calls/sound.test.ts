import { expect, test } from 'vitest'
import { loudnessOf, outline } from './sound'

test('the loudest of each part is drawn, of each channel', () => {
  expect(loudnessOf([Float32Array.of(0, -0.5, 0.25, 0), Float32Array.of(1, 0, 0, -2)], 2)).toEqual([[0.5, 0.25], [1, 1]])
})

test('a channel is an area that returns to its base line', () => {
  expect(outline([1, 0.5], 10, 20, -10)).toBe('M0,20 L0.0,10.0 5.0,10.0 5.0,15.0 10.0,15.0 L10,20 Z')
})
