import { Refusal } from '../api/problem'

/**
 * fieldErrors puts what the API refused beside the fields of a form. Lists are
 * one field: inbound.did_numbers[0] is inbound.did_numbers. What belongs to no
 * field of the form comes back as rest.
 */
export function fieldErrors(error: unknown, has: (path: string) => boolean): { fields: Record<string, string>; rest: unknown } {
  if (!(error instanceof Refusal)) return { fields: {}, rest: error }
  const fields: Record<string, string> = {}
  let all = true
  const said = Object.entries(error.fields)
  for (const [path, words] of said) {
    const field = path.replace(/\[\d+\].*$/, '')
    if (has(field)) fields[field] ??= words
    else all = false
  }
  return { fields, rest: said.length > 0 && all ? null : error }
}
