import { expect, test } from 'vitest'
import { faultsOf, freshId, inputOf, openExits, reached, without, type FlowDraft, type Module } from './flow'
import { layout, readingOrder, start } from './layout'

const module = (id: string, type: string, exits: Record<string, string> = {}, settings: Record<string, string> = {}): Module => ({ id, type, name: '', settings, exits })

const office: FlowDraft = {
  name: 'Office', entry: 'hours',
  nodes: [
    module('box', 'voicemail'), module('lost', 'hang_up'),
    module('menu', 'menu', { 1: 'team', timeout: 'menu', invalid: 'hours' }),
    module('hours', 'time_router', { open: 'menu', closed: 'box' }),
    module('team', 'ring_group', { no_answer: 'box' }),
  ],
}

test('a call comes from left to right, and circles end', () => {
  const l = layout(office)
  const x = (id: string) => l.places.get(id)!.x
  expect([start, 'hours', 'menu', 'team', 'box'].map(x)).toEqual([start, 'hours', 'menu', 'team', 'box'].map(x).sort((a, b) => a - b))
  expect(x('box')).toBeGreaterThan(x('team')) // the longest way decides
  expect(l.edges.filter((e) => e.back).map((e) => `${e.from}>${e.to}`).sort()).toEqual(['menu>hours', 'menu>menu'])
  expect(readingOrder(l)[0]).toBe('hours')
})

test('no two cards lie on one another', () => {
  const nodes = Array.from({ length: 40 }, (_, i) => module(`m${i}`, 'menu', Object.fromEntries([1, 2, 3].map((k) => [String(k), `m${(i * 3 + k) % 40}`]))))
  const at = [...layout({ name: '', entry: 'm0', nodes }).places.values()]
  for (const a of at) for (const b of at) if (a !== b && a.id && b.id && a.x === b.x) expect(Math.abs(a.y - b.y)).toBeGreaterThanOrEqual(74)
})

test('what nobody reaches and what leads nowhere is found', () => {
  expect([...reached(office)].sort()).toEqual(['box', 'hours', 'menu', 'team'])
  expect(layout(office).places.has('lost')).toBe(true)
  expect(openExits(office.nodes[2]!)).toEqual([])
  expect(openExits(module('m', 'menu'))).toEqual(['keys', 'timeout', 'invalid'])
  expect(openExits(module('q', 'queue', { full: 'x' }))).toEqual(['timeout', 'empty'])
})

test('a module goes with the ways to it', () => {
  const left = without(office, 'hours')
  expect(left.nodes.find((n) => n.id === 'menu')!.exits).toEqual({ 1: 'team', timeout: 'menu' })
  expect(left.entry).toBe('box')
  expect(freshId(office.nodes, 'ring_group')).toBe('ring-group-1')
  expect(freshId([module('menu-1', 'menu')], 'menu')).toBe('menu-2')
})

test('what is refused stands by its module and field', () => {
  expect(faultsOf({ 'nodes[4].settings.ring_s': '4 must be 5 to 600', name: 'Missing', entry: 'gone' }, office.nodes)).toEqual({ modules: { team: { 'settings.ring_s': '4 must be 5 to 600' } }, name: 'Missing' })
  expect(inputOf({ name: ' A ', entry: 'm', nodes: [module('m', 'webhook', { failed: '' }, { url: 'https://a.example', secret: '' })] }).nodes[0]).toEqual(module('m', 'webhook', {}, { url: 'https://a.example' }))
})
