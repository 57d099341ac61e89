import { expect, test } from 'vitest'
import { exchangeOf, railsOf, shortOf, toneOf } from './ladder'

const steps = [
  { at: '', from: '10.0.0.1:5060', to: 'strowger', summary: 'INVITE sip:102@x', message: '' },
  { at: '', from: 'strowger', to: '10.0.0.2:5060', summary: 'INVITE sip:102@10.0.0.2', message: '' },
  { at: '', from: '10.0.0.2:5060', to: 'strowger', summary: '180 Ringing', message: '' },
  { at: '', from: 'strowger', to: '10.0.0.1:5060', summary: '180 Ringing', message: '' },
]

test('the exchange stands between the caller and whom it calls', () => {
  expect(exchangeOf(steps)).toBe('strowger')
  expect(railsOf(steps, 'strowger')).toEqual(['10.0.0.1:5060', 'strowger', '10.0.0.2:5060'])
  expect(railsOf([], '')).toEqual([''])
})

test('a challenge is no refusal', () => {
  expect(['407 Proxy Authentication Required', '486 Busy Here', '200 OK', '180 Ringing', 'BYE sip:x'].map(toneOf)).toEqual(['soft', 'no', 'ok', 'soft', ''])
  expect([shortOf('INVITE sip:102@x'), shortOf('486 Busy Here')]).toEqual(['INVITE', '486 Busy Here'])
})
