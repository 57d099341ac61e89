import { answer, client, type Schemas } from '../api/client'
import type { Collection } from '../api/collection'
import { Refusal, type Problem } from '../api/problem'

export type Write = Schemas['Write']

/** collectionOf is what drafts and revisions call a collection. */
export const collectionOf = (all: { name: string }) => all.name.replaceAll('-', '_')

/** writeOf is the change of one record as a draft has it. */
export function writeOf<R extends { id: string }, I>(all: Collection<R, I>, id: string, patch: Partial<I>, etag?: string): Write {
  return { collection: collectionOf(all), op: 'update', id, value: patch as Record<string, unknown>, ...(etag && { if_match: etag }) }
}

/** asRecords names the fields that a draft of one write was refused for as the record's own operation would. */
export function asRecords(error: unknown): unknown {
  if (!(error instanceof Refusal)) return error
  const text = ['writes[0].value.', 'writes[0].value: '].reduce((s, path) => s.replaceAll(path, ''), JSON.stringify(error.problem))
  const problem = JSON.parse(text) as Problem
  return new Refusal(error.status, problem, error.retryAfter)
}

/** drafted is a collection whose changes are applied as drafts: a revision with a summary of its own. */
export function drafted<R extends { id: string }, I>(all: Collection<R, I>, summary: string): Collection<R, I> {
  return {
    ...all,
    async change(id, patch, etag) {
      const write = writeOf(all, id, patch, etag)
      await answer(client.POST('/api/v1/drafts/apply', { body: { writes: [write], summary } })).catch((e: unknown) => {
        throw asRecords(e)
      })
      return (await all.get(id)).value
    },
  }
}
