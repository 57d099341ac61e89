import { expect, test } from 'vitest'
import type { Trunk } from '../api/collections'
import { patchOf, type Data } from '../edit/merge'
import { draftOf, inputOf } from './trunk'

const carrier: Trunk = { id: 'c', name: 'Carrier', host: 'sip.example.com', port: 0, auth: { mode: 'digest', username: 'us' }, addresses: ['192.0.2.1'], options_ping_s: 0, identity_headers: ['remote_party_id'] }
const patch = (change: object) => patchOf(inputOf(draftOf(carrier)) as Data, inputOf({ ...draftOf(carrier), ...change }) as Data)

test('a trunk that was opened and saved is not changed, its password least of all', () => {
  expect(patch({})).toEqual({})
  expect(patch({ auth: { mode: 'digest', username: 'us', password: 'new' } })).toEqual({ auth: { password: 'new' } })
})

test('what is left empty is none, and nobody signs in by address', () => {
  expect(inputOf({ ...draftOf(), port: '', max_calls: '', auth: { mode: 'address', username: 'left over', password: '' } })).toMatchObject({ port: 0, max_calls: 0, auth: { mode: 'address', username: '' } })
})
