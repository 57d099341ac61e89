import { same, type Clash } from '../edit/merge'
import type { FlowDraft, Module } from './flow'

/** A Side is whose version of something stays. */
export type Side = 'mine' | 'theirs'

/**
 * mergeFlows makes one flow of two that were made of base, module by module. What
 * only one of them changed stays; what both changed, each another way, is a clash
 * unless kept says which version stays: of name, of entry, or of nodes.ID. A module
 * that one has taken out is undefined there; exits that led to it lead nowhere.
 */
export function mergeFlows(base: FlowDraft, mine: FlowDraft, theirs: FlowDraft, kept: Record<string, Side> = {}): { merged: FlowDraft; clashes: Clash[] } {
  const clashes: Clash[] = []
  const pick = <T>(field: string, was: T, m: T, t: T): T => {
    if (same(m, was)) return t
    if (same(t, was) || same(m, t)) return m
    if (!kept[field]) clashes.push({ field, mine: m, theirs: t })
    return kept[field] === 'theirs' ? t : m
  }
  const [was, my, their] = [base, mine, theirs].map((f) => new Map(f.nodes.map((n) => [n.id, n]))) as [Map<string, Module>, Map<string, Module>, Map<string, Module>]
  const nodes = [...new Set([...their.keys(), ...my.keys()])].flatMap((id) => pick(`nodes.${id}`, was.get(id), my.get(id), their.get(id)) ?? [])
  const there = new Set(nodes.map((n) => n.id))
  const entry = pick('entry', base.entry, mine.entry, theirs.entry)
  return {
    merged: {
      name: pick('name', base.name, mine.name, theirs.name),
      entry: there.has(entry) ? entry : (nodes[0]?.id ?? ''),
      nodes: nodes.map((n) => ({ ...n, exits: Object.fromEntries(Object.entries(n.exits).filter(([, to]) => there.has(to))) })),
    },
    clashes,
  }
}
