import type { Schemas } from '../api/client'
import { whole } from '../edit/fields'

export type Change = Schemas['Change']

/** One field of a record before and after. */
export interface Difference {
  field: string
  before: unknown
  after: unknown
}

/** What a record has without anybody's doing; a hash is never answered. */
export const silent = new Set(['id', 'created_at', 'updated_at', 'hash'])

const isObject = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v)

/** flat are the values of a record by their paths. Lists are one value, but for those of things that have ids of their own. */
function flat(v: unknown, at = ''): Record<string, unknown> {
  if (v === null || v === undefined) return {}
  if (at && whole(`${at}.`) === at) return { [at]: v }
  const below = (name: string, x: unknown) => flat(x, at ? `${at}.${name}` : name)
  if (isObject(v)) return Object.assign({}, ...Object.entries(v).map(([k, x]) => below(k, x)))
  if (Array.isArray(v) && v.length > 0 && v.every((x) => isObject(x) && x.id)) return Object.assign({}, ...v.map(({ id, ...x }) => below(id, x)))
  return { [at]: v }
}

const blank = (v: unknown) => v === undefined || v === null || v === '' || v === false || v === 0 || (Array.isArray(v) && v.length === 0)

/** differencesOf are the fields in which a record differs; what is blank on both sides is none. */
export function differencesOf(change: Change): Difference[] {
  const [before, after] = [flat(change.before), flat(change.after)]
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((f) => !silent.has(f) && JSON.stringify(before[f]) !== JSON.stringify(after[f]) && !(blank(before[f]) && blank(after[f])))
    .map((field) => ({ field, before: before[field], after: after[field] }))
}

/** collectionAndID are the two parts of a change's path. */
export function collectionAndID({ path = '' }: Change): [collection: string, id: string] {
  const slash = path.indexOf('/')
  return [path.slice(0, slash), path.slice(slash + 1)]
}
