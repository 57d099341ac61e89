import type { Schemas } from '../api/client'

export type Change = Schemas['Change']

/** One field of a record before and after. */
export interface Difference {
  field: string
  before: unknown
  after: unknown
}

const silent = new Set(['id', 'created_at', 'updated_at'])

function flat(v: unknown, at = ''): Record<string, unknown> {
  if (v === null || v === undefined) return {}
  if (typeof v !== 'object' || Array.isArray(v)) return { [at]: v }
  return Object.assign({}, ...Object.entries(v).map(([k, x]) => flat(x, at ? `${at}.${k}` : k)))
}

const blank = (v: unknown) => v === undefined || v === null || v === '' || v === false || v === 0 || (Array.isArray(v) && v.length === 0)

/** differencesOf are the fields in which a record differs; what is blank on both sides is none. */
export function differencesOf(change: Change): Difference[] {
  const [before, after] = [flat(change.before), flat(change.after)]
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((f) => !silent.has(f) && JSON.stringify(before[f]) !== JSON.stringify(after[f]) && !(blank(before[f]) && blank(after[f])))
    .map((field) => ({ field, before: before[field], after: after[field] }))
}

/** nameOf is what people call the record of a change. */
export function nameOf(change: Change): string {
  const r = (change.after ?? change.before ?? {}) as Record<string, string | undefined>
  return `${r.first_name ?? ''} ${r.last_name ?? ''}`.trim() || r.name || r.label || r.e164 || r.number || r.code || change.path!.split('/').slice(1).join('/')
}
