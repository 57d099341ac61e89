/** Plain data, as JSON has it. */
export type Data = { [name: string]: unknown }

function isData(v: unknown): v is Data {
  return typeof v === 'object' && v !== null && !Array.isArray(v)
}

/** same compares plain data; what is missing equals what is empty. */
export function same(a: unknown, b: unknown): boolean {
  if (isEmpty(a) && isEmpty(b)) return true
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
}

function isEmpty(v: unknown): boolean {
  return v === undefined || v === null || v === ''
}

function sorted(v: unknown): unknown {
  if (Array.isArray(v)) return v.map(sorted)
  if (!isData(v)) return v
  return Object.fromEntries(Object.keys(v).sort().map((k) => [k, sorted(v[k])]))
}

/** patchOf is the merge patch (RFC 7396) that makes `is` of `was`: no more than what differs. */
export function patchOf(was: Data, is: Data): Data {
  const out: Data = {}
  for (const [name, value] of Object.entries(is)) {
    const old = was[name]
    if (isData(value) && isData(old)) {
      const inner = patchOf(old, value)
      if (Object.keys(inner).length > 0) out[name] = inner
    } else if (!same(old, value)) {
      out[name] = value
    }
  }
  return out
}

/** A Clash is a field that two people changed: to `mine` here, to `theirs` meanwhile. */
export interface Clash {
  field: string
  mine: unknown
  theirs: unknown
}

/** clashes are the fields of a patch, made upon `base`, that are no longer what they were in `now`. */
export function clashes(base: Data, now: Data, patch: Data, path = ''): Clash[] {
  const out: Clash[] = []
  for (const [name, mine] of Object.entries(patch)) {
    const field = path + name
    const [was, theirs] = [base[name], now[name]]
    if (isData(mine)) {
      out.push(...clashes(isData(was) ? was : {}, isData(theirs) ? theirs : {}, mine, `${field}.`))
    } else if (name in now && !same(was, theirs) && !same(mine, theirs)) {
      out.push({ field, mine, theirs })
    }
  }
  return out
}

/** valueAt is what stands at a path of plain data. */
export function valueAt(of: Data, path: string): unknown {
  return path.split('.').reduce<unknown>((v, name) => (isData(v) ? v[name] : undefined), of)
}

/** withValues is plain data with other values at some paths. */
export function withValues(of: Data, values: [path: string, value: unknown][]): Data {
  const out = structuredClone(of)
  for (const [path, value] of values) {
    const names = path.split('.')
    let at = out
    for (const name of names.slice(0, -1)) at = (at[name] = isData(at[name]) ? at[name] : {}) as Data
    at[names.at(-1)!] = value
  }
  return out
}
