import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Collection } from '../api/collection'
import { Refusal } from '../api/problem'
import { accessQuery } from '../api/session'
import { drafted } from '../drafts/draft'
import { clashes, type Clash, type Data } from './merge'

/** A Conflict is a change of something that somebody else has changed meanwhile. */
export class Conflict<R = unknown> extends Error {
  readonly clashes: Clash[]
  readonly now: R
  constructor(found: Clash[], now: R) {
    super('changed meanwhile')
    this.clashes = found
    this.now = now
  }
}

/** What was made of a record as it is now, and what of it somebody else changed meanwhile. */
export interface Made<I> {
  patch: Partial<I>
  clashes: Clash[]
}

export interface Change<R, I> {
  /** The record as the one who changes it saw it. */
  base: R
  /** What is changed; or how that is made of the record as it is now, where it takes more than the fields to see who changed what. */
  patch: Partial<I> | ((now: R) => Made<I>)
  /** Applied as a draft: what the list of changes says of it. */
  summary?: string
}

/**
 * changeRecord saves a patch upon a record as it is now. Where somebody else
 * changed other fields meanwhile both changes stand; where it is the same field,
 * it throws a Conflict and saves nothing.
 */
export async function changeRecord<R extends { id: string }, I>(all: Collection<R, I>, { base, patch, summary }: Change<R, I>): Promise<R> {
  const into = summary ? drafted(all, summary) : all
  for (let attempt = 0; ; attempt++) {
    const now = await all.get(base.id)
    const made: Made<I> = typeof patch === 'function' ? patch(now.value) : { patch, clashes: clashes(base as unknown as Data, now.value as unknown as Data, patch as Data) }
    if (made.clashes.length > 0) throw new Conflict(made.clashes, now.value)
    try {
      return await into.change(base.id, made.patch, now.etag)
    } catch (e) {
      // 412: once more from the start, and see whether it matters to us.
      if (!(e instanceof Refusal) || e.status !== 412 || attempt === 2) throw e
    }
  }
}

/** useReread has what is shown read again. Records name each other from both sides, so a change of one may show in any list. */
export function useReread() {
  const queries = useQueryClient()
  return () => void queries.invalidateQueries({ predicate: (q) => q.queryKey[0] !== accessQuery.queryKey[0] })
}

/** useChange is changeRecord, after which what is shown is read again. */
export function useChange<R extends { id: string }, I>(all: Collection<R, I>, done?: (record: R) => void) {
  const reread = useReread()
  return useMutation({
    mutationFn: (change: Change<R, I>) => changeRecord(all, change),
    onSuccess: (record) => {
      reread()
      done?.(record)
    },
  })
}
