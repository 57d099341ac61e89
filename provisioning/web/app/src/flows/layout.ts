import { exitsOf, openExits, type FlowDraft, type Module } from './flow'

export const card = { width: 220, height: 74 }
export const port = 20
const gap = { x: 120, y: 26 }
const margin = 14
/** From one column to the next. */
export const column = card.width + gap.x

export interface Place {
  id: string
  x: number
  y: number
  height: number
}

/** An Edge leads from an exit to a module; several exits between the same two are one. */
export interface Edge {
  from: string
  to: string
  exits: string[]
  /** It leads back to where a call has been. */
  back: boolean
}

export interface Layout {
  places: Map<string, Place>
  edges: Edge[]
  /** The modules that a call can come to. */
  main: Set<string>
  width: number
  height: number
}

/** waysOf are the modules that a module leads to, with the exits that do. */
export function waysOf(m: Module): [to: string, exits: string[]][] {
  const ways = new Map<string, string[]>()
  for (const exit of exitsOf(m)) {
    const to = m.exits[exit]
    if (to) ways.set(to, [...(ways.get(to) ?? []), exit])
  }
  return [...ways]
}

const heightOf = (m: Module) => Math.max(card.height, (waysOf(m).length + openExits(m).length) * port + 14)

/** The id of what stands before the first module: the numbers that lead into the flow. */
export const start = ''

/**
 * layout places a flow from left to right: each module one column after the last of
 * those that lead to it, edges that close a circle aside; within a column by
 * the middle of those before. What no call reaches stands below.
 */
export function layout({ entry, nodes }: FlowDraft): Layout {
  const byId = new Map(nodes.map((n) => [n.id, n]))
  const edges: Edge[] = []
  const order: string[] = [] // each before those that it leads to, circles aside
  const state = new Map<string, 'open' | 'done'>()
  const visit = (id: string) => {
    state.set(id, 'open')
    const node = byId.get(id)!
    for (const [to, exits] of waysOf(node)) {
      if (!byId.has(to)) continue
      if (!state.has(to)) visit(to)
      edges.push({ from: id, to, exits, back: state.get(to) === 'open' })
    }
    state.set(id, 'done')
    order.unshift(id)
  }
  if (byId.has(entry)) visit(entry)
  const main = new Set(order)
  for (const n of nodes) if (!state.has(n.id)) visit(n.id)
  if (byId.has(entry)) edges.unshift({ from: start, to: entry, exits: [], back: false })

  const columns = new Map<string, number>([[start, 0]])
  for (const id of order) {
    const before = edges.filter((e) => e.to === id && !e.back && (main.has(id) ? main.has(e.from) || e.from === start : true))
    columns.set(id, before.reduce((most, e) => Math.max(most, (columns.get(e.from) ?? 0) + 1), 1))
  }
  const places = new Map<string, Place>()
  const x = (id: string) => margin + columns.get(id)! * column
  const step = card.height + gap.y
  let floor = margin
  for (const ids of [order.filter((id) => main.has(id)), order.filter((id) => !main.has(id))]) {
    const stacks: string[][] = []
    for (const id of ids) (stacks[columns.get(id)!] ??= []).push(id)
    let lowest = floor
    for (const inColumn of stacks) {
      if (!inColumn) continue
      const wish = (id: string) => {
        const before = edges.filter((e) => e.to === id && !e.back && places.has(e.from))
        if (before.length === 0) return floor
        // The way of a module's first exit goes on straight, the others turn off below it.
        const at = before.map((e) => places.get(e.from)!.y + edges.filter((o) => o.from === e.from && !o.back).indexOf(e) * step)
        return at.reduce((a, b) => a + b, 0) / at.length
      }
      let y = floor
      for (const [id, want] of inColumn.map((id) => [id, wish(id)] as const).sort((a, b) => a[1] - b[1])) {
        y = Math.max(y, want)
        const height = heightOf(byId.get(id)!)
        places.set(id, { id, x: x(id), y, height })
        y += height + gap.y
        lowest = Math.max(lowest, y)
      }
    }
    if (ids.length > 0) floor = lowest + gap.y
  }
  places.set(start, { id: start, x: margin, y: places.get(entry)?.y ?? margin, height: card.height })
  const all = [...places.values()]
  return { places, edges, main, width: Math.max(...all.map((p) => p.x)) + card.width + gap.x, height: Math.max(...all.map((p) => p.y + p.height)) + margin + 36 }
}

/** readingOrder is the modules from left to right and from top to bottom, those that no call reaches last. */
export const readingOrder = (l: Layout): string[] => [...l.places.values()].filter((p) => p.id !== start).sort((a, b) => Number(!l.main.has(a.id)) - Number(!l.main.has(b.id)) || a.x - b.x || a.y - b.y).map((p) => p.id)
