import type { Schemas } from '../api/client'

/** fullName is how a person is called in a sentence. */
export function fullName(u: Pick<Schemas['UserView'], 'first_name' | 'last_name' | 'login' | 'id'>): string {
  return `${u.first_name ?? ''} ${u.last_name ?? ''}`.trim() || u.login || u.id || ''
}
