import type { Schemas } from '../api/client'
import type { Trunk } from '../api/collections'

export interface TrunkDraft {
  name: string
  host: string
  port: number | ''
  transport: string
  country: string
  auth: { mode: string; username: string; password: string }
  addresses: string[]
  prefixes: string[]
  priority: number | ''
  max_calls: number | ''
  options_ping_s: number | ''
  trusted_identity: boolean
  forwarded_identity: string
  identity_headers: boolean
  srtp: string
}

export const draftOf = (r?: Trunk): TrunkDraft => ({
  name: r?.name ?? '', host: r?.host ?? '', port: r?.port || '', transport: r?.transport || 'udp', country: r?.country ?? '',
  auth: { mode: r?.auth?.mode || 'address', username: r?.auth?.username ?? '', password: '' },
  addresses: r?.addresses ?? [], prefixes: r?.prefixes ?? [], priority: r?.priority ?? 0, max_calls: r?.max_calls || '', options_ping_s: r ? r.options_ping_s || '' : 30,
  trusted_identity: r?.trusted_identity ?? false, forwarded_identity: r?.forwarded_identity || 'diversion', identity_headers: (r?.identity_headers ?? []).includes('remote_party_id'), srtp: r?.srtp || 'off',
})

/** inputOf is a trunk as the API takes it. An empty password is none that was typed: the one that there is stays. */
export function inputOf(d: TrunkDraft): Schemas['Trunk'] {
  const { password, ...auth } = d.auth
  return {
    ...d, port: d.port || 0, priority: d.priority || 0, max_calls: d.max_calls || 0, options_ping_s: d.options_ping_s || 0,
    auth: { ...auth, username: auth.mode === 'address' ? '' : auth.username, ...(password && { password }) },
    identity_headers: d.identity_headers ? ['remote_party_id'] : [],
  }
}
