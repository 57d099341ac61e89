// What a program does that is written against the exchange's OpenAPI document: its
// client is made of that, so a field that is not there does not compile.
import createClient from 'openapi-fetch'
import type { paths } from '../src/api/schema'

export async function journey(url: string, token: string, answered: (username: string, password: string) => Promise<void>) {
  const client = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } })
  const done = <T>(call: { data?: T; error?: unknown; response: Response }): Exclude<T, string> => {
    if (!call.response.ok || call.data === undefined) throw new Error(`${call.response.url}: ${call.response.status} ${JSON.stringify(call.error)}`)
    return call.data as Exclude<T, string>
  }
  const number = done(await client.POST('/api/v1/numbers', { body: { e164: '+12025550177', label: 'made by a program' } }))
  const user = done(await client.POST('/api/v1/users', { body: { first_name: 'Grace', last_name: 'Hopper', job_title: 'Admiral' } }))
  const line = done(
    await client.POST('/api/v1/contact-methods', {
      body: {
        user_id: user.id,
        kind: 'sip_account',
        sip_account: { username: 'grace' },
        inbound: { did_numbers: ['+12025550177'], internal_numbers: ['177'] },
      },
    }),
  )
  if (!line.id || !line.sip_account?.password) throw new Error('a new line shows its password once')
  const owned = done(await client.GET('/api/v1/numbers/{id}', { params: { path: { id: number.id! } } }))
  if (owned.owner?.id !== line.id) throw new Error(`the number is of ${JSON.stringify(owned.owner)}`)

  await answered('grace', line.sip_account.password)
  const call = done(await client.POST('/api/v1/calls', { body: { from: line.id, to: '*43' } }))
  return { userId: user.id!, lineId: line.id, callId: call.id! }
}
