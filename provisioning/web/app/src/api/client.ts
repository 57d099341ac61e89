import createClient from 'openapi-fetch'
import type { components, paths } from './schema'
import { Refusal, refusalOf } from './problem'

export type Schemas = components['schemas']
export type User = Schemas['UserView'] & { id: string }
export type ContactMethod = Schemas['ContactMethod']

/** What every request of a session carries, and whom to tell when it is over. */
export const session = {
  csrf: '',
  ended: () => {},
  passwordDue: () => {},
  secondFactorDue: () => {},
}

const unsafe = /^(POST|PUT|PATCH|DELETE)$/

/** client speaks to the exchange's own API, with the types of its OpenAPI document. */
export const client = createClient<paths>({ baseUrl: '/', fetch: (request) => globalThis.fetch(request) })

client.use({
  onRequest({ request }) {
    if (session.csrf && unsafe.test(request.method)) request.headers.set('X-CSRF-Token', session.csrf)
    return request
  },
  async onResponse({ response }) {
    if (response.status === 401) session.ended()
    if (response.status === 403) {
      const said = await response.clone().json().catch(() => undefined)
      if (said?.need === 'password') session.passwordDue()
      if (said?.need === 'second_factor') session.secondFactorDue()
    }
    return response
  },
  onError() {
    return new Refusal(0, { status: 0 })
  },
})

interface Call<T> {
  data?: T
  error?: unknown
  response: Response
}

/** answer is what a call answered in JSON, not CSV; a call that was refused throws a Refusal. */
export async function answer<T>(call: Promise<Call<T>>): Promise<Exclude<T, string>> {
  const { data, error, response } = await call
  if (!response.ok) throw await refusalOf(response, error)
  return data as Exclude<T, string>
}

/** record is what a call answered, with the tag that a change of it must name. */
export async function record<T>(call: Promise<Call<T>>): Promise<{ value: Exclude<T, string>; etag: string }> {
  const done = await call
  const value = await answer(Promise.resolve(done))
  return { value, etag: done.response.headers.get('ETag') ?? '' }
}
