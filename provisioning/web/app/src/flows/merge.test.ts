import { expect, test } from 'vitest'
import type { FlowDraft, Module } from './flow'
import { mergeFlows } from './merge'

const module = (id: string, over: Partial<Module> = {}): Module => ({ id, type: 'menu', name: '', settings: {}, exits: {}, ...over })
const base: FlowDraft = { name: 'Day', entry: 'a', nodes: [module('a', { exits: { 1: 'b' } }), module('b'), module('c')] }
const change = (id: string, over: Partial<Module>, of = base): FlowDraft => ({ ...of, nodes: of.nodes.map((n) => (n.id === id ? { ...n, ...over } : n)) })

test('two people who change different modules have both', () => {
  const { merged, clashes } = mergeFlows(base, change('a', { name: 'Mine' }), { ...change('b', { name: 'Theirs' }), name: 'Night' })
  expect(clashes).toEqual([])
  expect([merged.name, ...merged.nodes.map((n) => n.name)]).toEqual(['Night', 'Mine', 'Theirs', ''])
})

test('two people who change one module clash, unless they agree or one of them gives way', () => {
  const [mine, theirs] = [change('b', { name: 'Mine' }), change('b', { name: 'Theirs' })]
  expect(mergeFlows(base, mine, theirs).clashes).toEqual([{ field: 'nodes.b', mine: mine.nodes[1], theirs: theirs.nodes[1] }])
  expect(mergeFlows(base, mine, mine).clashes).toEqual([])
  for (const [side, name] of [['mine', 'Mine'], ['theirs', 'Theirs']] as const) {
    const { merged, clashes } = mergeFlows(base, mine, theirs, { 'nodes.b': side })
    expect([clashes, merged.nodes[1]!.name]).toEqual([[], name])
  }
})

test('a module that one took out is gone, and what the other did to it is a clash', () => {
  const less = { ...base, nodes: base.nodes.filter((n) => n.id !== 'b') }
  const { merged, clashes } = mergeFlows(base, change('c', { exits: { 2: 'b' } }), less)
  expect([clashes, merged.nodes]).toEqual([[], [module('a'), module('c')]])
  expect(mergeFlows(base, less, change('b', { name: 'Theirs' })).clashes.map((c) => [c.field, c.mine])).toEqual([['nodes.b', undefined]])
})

test('calls begin somewhere, whoever took the first module out', () => {
  const theirs = { ...base, entry: 'c', nodes: base.nodes.filter((n) => n.id !== 'a') }
  expect(mergeFlows(base, { ...base, name: 'Mine' }, theirs).merged.entry).toBe('c')
  expect(mergeFlows(base, change('a', { name: 'x' }), theirs, { 'nodes.a': 'theirs' }).merged.nodes.map((n) => n.id)).toEqual(['b', 'c'])
})
