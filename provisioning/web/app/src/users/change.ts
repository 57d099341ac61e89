import { useMutation, useQueryClient } from '@tanstack/react-query'
import { client, record, answer, type User } from '../api/client'
import type { Schemas } from '../api/client'
import { Refusal } from '../api/problem'
import { clashes, type Clash, type Data } from '../edit/merge'

/** A Conflict is a change of something that somebody else has changed meanwhile. */
export class Conflict extends Error {
  readonly clashes: Clash[]
  readonly now: User
  constructor(found: Clash[], now: User) {
    super('changed meanwhile')
    this.clashes = found
    this.now = now
  }
}

export interface Change {
  /** The user as the one who changes it saw it. */
  base: User
  patch: Partial<Schemas['UserInput']>
}

/**
 * changeUser saves a patch upon the user as it is now. Where somebody else
 * changed other fields meanwhile both changes stand; where it is the same field,
 * it throws a Conflict and saves nothing.
 */
export async function changeUser({ base, patch }: Change): Promise<User> {
  const path = { id: base.id }
  for (let attempt = 0; ; attempt++) {
    const now = await record(client.GET('/api/v1/users/{id}', { params: { path } }))
    const found = clashes(base as Data, now.value as Data, patch as Data)
    if (found.length > 0) throw new Conflict(found, now.value as User)
    try {
      return (await answer(client.PATCH('/api/v1/users/{id}', { params: { path, header: { 'If-Match': now.etag } }, body: patch }))) as User
    } catch (e) {
      // 412: once more from the start, and see whether it matters to us.
      if (!(e instanceof Refusal) || e.status !== 412 || attempt === 2) throw e
    }
  }
}

/** useChangeUser is changeUser, after which every list that shows users is read again. */
export function useChangeUser(done?: (user: User) => void) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: changeUser,
    onSuccess: (user) => {
      void queries.invalidateQueries({ queryKey: ['users'] })
      void queries.invalidateQueries({ queryKey: ['numbers'] })
      done?.(user)
    },
  })
}
