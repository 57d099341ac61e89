import type { Schemas } from '../api/client'
import { collection } from '../api/collection'

export type Flow = Schemas['CallFlowView'] & { id: string }

/** A Module is a node of a call flow, whole. */
export interface Module {
  id: string
  type: string
  name: string
  settings: Record<string, string>
  exits: Record<string, string>
}

export interface FlowDraft {
  name: string
  entry: string
  nodes: Module[]
}

export const flows = collection<Flow, FlowDraft>('/api/v1/call-flows')

export type Field = 'user' | 'users' | 'schedule' | 'audio' | 'seconds' | 'number' | 'order' | 'dialled' | 'text' | 'address' | 'secret'

/** A Kind of module: its settings in the order of its form, its exits, and the setting without which it does nothing. */
export interface Kind {
  fields: Record<string, Field>
  exits: string[]
  wants?: string
}

const keys = [...'1234567890*#']

export const kinds: Record<string, Kind> = {
  time_router: { fields: { time_schedule_id: 'schedule' }, exits: ['open', 'closed'], wants: 'time_schedule_id' },
  announcement: { fields: { audio_file_id: 'audio' }, exits: ['next'], wants: 'audio_file_id' },
  menu: { fields: { audio_file_id: 'audio', timeout_s: 'seconds', attempts: 'number' }, exits: [...keys, 'timeout', 'invalid'], wants: 'audio_file_id' },
  user: { fields: { user_id: 'user' }, exits: ['unavailable'], wants: 'user_id' },
  ring_group: { fields: { user_ids: 'users', order: 'order', ring_s: 'seconds' }, exits: ['no_answer'], wants: 'user_ids' },
  queue: { fields: { user_ids: 'users', order: 'order', ring_s: 'seconds', audio_file_id: 'audio', timeout_s: 'seconds', max_callers: 'number' }, exits: ['timeout', 'full', 'empty'], wants: 'user_ids' },
  external: { fields: { number: 'dialled', ring_s: 'seconds' }, exits: ['failed'], wants: 'number' },
  voicemail: { fields: { user_id: 'user', audio_file_id: 'audio' }, exits: [], wants: 'user_id' },
  directory: { fields: { audio_file_id: 'audio' }, exits: ['not_found'] },
  set_caller: { fields: { name: 'text', number: 'dialled' }, exits: ['next'] },
  webhook: { fields: { url: 'address', secret: 'secret' }, exits: ['failed'], wants: 'url' },
  hang_up: { fields: {}, exits: [] },
}

export const draftOf = (f?: Flow): FlowDraft => ({
  name: f?.name ?? '', entry: f?.entry ?? '',
  nodes: (f?.nodes ?? []).map((n) => ({ id: n.id ?? '', type: n.type ?? '', name: n.name ?? '', settings: n.settings ?? {}, exits: n.exits ?? {} })),
})

const filled = (all: Record<string, string>) => Object.fromEntries(Object.entries(all).filter(([, v]) => v.trim() !== ''))

/** inputOf leaves out what is empty: an exit that is not connected, a secret that is kept. */
export const inputOf = (d: FlowDraft): FlowDraft => ({ name: d.name.trim(), entry: d.entry, nodes: d.nodes.map((n) => ({ ...n, name: n.name.trim(), settings: filled(n.settings), exits: filled(n.exits) })) })

/** freshId is the first of kind-1, kind-2, … that no module has. */
export function freshId(nodes: Module[], type: string): string {
  const stem = type.replaceAll('_', '-')
  for (let n = 1; ; n++) if (!nodes.some((m) => m.id === `${stem}-${n}`)) return `${stem}-${n}`
}

/** exitsOf are the exits that a module can have: those of its kind, and those that it has besides. */
export function exitsOf(m: Module): string[] {
  const own = kinds[m.type]?.exits ?? []
  return [...own, ...Object.keys(m.exits).filter((x) => !own.includes(x))]
}

/** openExits are those that are to lead somewhere and do not. Of a menu's keys only some are used. */
export function openExits(m: Module): string[] {
  const open = exitsOf(m).filter((x) => !m.exits[x] && !(m.type === 'menu' && keys.includes(x)))
  const pressed = m.type === 'menu' && keys.some((k) => m.exits[k])
  return m.type === 'menu' && !pressed ? ['keys', ...open] : open
}

/** reached are the modules that a call can come to, from the entry on. */
export function reached({ entry, nodes }: FlowDraft): Set<string> {
  const byId = new Map(nodes.map((n) => [n.id, n]))
  const found = new Set<string>()
  const todo = [entry]
  for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
    if (found.has(id) || !byId.has(id)) continue
    found.add(id)
    todo.push(...Object.values(byId.get(id)!.exits).filter(Boolean))
  }
  return found
}

/** without is the flow with a module taken out: the exits that led to it lead nowhere. */
export function without(d: FlowDraft, id: string): FlowDraft {
  const nodes = d.nodes.filter((n) => n.id !== id).map((n) => ({ ...n, exits: Object.fromEntries(Object.entries(n.exits).filter(([, to]) => to !== id)) }))
  return { ...d, nodes, entry: d.entry === id ? (nodes[0]?.id ?? '') : d.entry }
}

/** faultsOf puts what the API refused beside the modules: by their id, and by the field in them. */
export function faultsOf(fields: Record<string, string>, nodes: { id: string }[]): { modules: Record<string, Record<string, string>>; name?: string } {
  const modules: Record<string, Record<string, string>> = {}
  for (const [path, words] of Object.entries(fields)) {
    const at = /^nodes\[(\d+)\]\.?(.*)$/.exec(path)
    const id = at && nodes[Number(at[1])]?.id
    if (id) (modules[id] ??= {})[at[2]!] = words
  }
  return { modules, ...(fields.name && { name: fields.name }) }
}
