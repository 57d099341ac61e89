import { answer, client, record } from './client'
import type { paths } from './schema'

/** Filters narrow a list, by the names that the API gives them. */
export type Filters = Record<string, string>

/** A Page is a part of a list; next is the cursor of what follows, if anything does. */
export interface Page<R> {
  items: R[]
  next: string | undefined
}

/** A Collection is one kind of record as the API offers it: R is what it answers, I what it takes. */
export interface Collection<R extends { id: string }, I> {
  /** Its path below /api/v1, which names it in queries and files too. */
  name: string
  list(filters: Filters, limit: number, cursor?: string): Promise<Page<R>>
  csv(filters: Filters): Promise<Blob>
  get(id: string): Promise<{ value: R; etag: string }>
  /** Whoever sends twice with one key makes one record. */
  create(input: I, key: string): Promise<R>
  change(id: string, patch: Partial<I>, etag: string): Promise<R>
  remove(id: string, confirm?: boolean): Promise<void>
}

type Plain = Extract<keyof paths, `/api/v1/${string}`>

/** collection is the one at a path. Every collection speaks as /trunks does, which lends the client its types. */
export function collection<R extends { id: string }, I>(path: Plain): Collection<R, I> {
  const all = path as '/api/v1/trunks'
  const one = `${path}/{id}` as '/api/v1/trunks/{id}'
  return {
    name: path.slice('/api/v1/'.length),
    async list(filters, limit, cursor) {
      const page = await answer(client.GET(all, { params: { query: { ...filters, limit, ...(cursor && { cursor }) } } }))
      return { items: (page.items ?? []) as unknown as R[], next: page.next_cursor }
    },
    async csv(filters) {
      return (await answer(client.GET(all, { params: { query: filters }, headers: { Accept: 'text/csv' }, parseAs: 'blob' }))) as unknown as Blob
    },
    async get(id) {
      const { value, etag } = await record(client.GET(one, { params: { path: { id } } }))
      return { value: value as unknown as R, etag }
    },
    async create(input, key) {
      return (await answer(client.POST(all, { params: { header: { 'Idempotency-Key': key } }, body: input as object }))) as unknown as R
    },
    async change(id, patch, etag) {
      return (await answer(client.PATCH(one, { params: { path: { id }, header: { 'If-Match': etag } }, body: patch as object }))) as unknown as R
    },
    async remove(id, confirm) {
      await answer(client.DELETE(one, { params: { path: { id }, ...(confirm && { query: { confirm: true } as never }) } }))
    },
  }
}
