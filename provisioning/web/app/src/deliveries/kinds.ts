/** A Setting is one that a kind of delivery method knows. */
export interface Setting {
  name: string
  required?: boolean
  /** Never answered: empty keeps what there is. */
  secret?: boolean
  lines?: boolean
  choices?: string[]
}

export const kinds = ['disk', 'email', 'sftp', 's3', 'webdav', 'webhook'] as const
export type Kind = (typeof kinds)[number]

export const settings: Record<Kind, Setting[]> = {
  disk: [{ name: 'path' }],
  email: [{ name: 'to', required: true }, { name: 'subject' }, { name: 'format', choices: ['wav', 'mp3'] }, { name: 'max_mb' }],
  sftp: [
    { name: 'host', required: true }, { name: 'port' }, { name: 'username', required: true }, { name: 'password', secret: true },
    { name: 'private_key', secret: true, lines: true }, { name: 'passphrase', secret: true }, { name: 'host_key' }, { name: 'path' },
  ],
  s3: [
    { name: 'endpoint', required: true }, { name: 'bucket', required: true }, { name: 'region' }, { name: 'prefix' }, { name: 'path_style', choices: ['true', 'false'] },
    { name: 'access_key_id' }, { name: 'secret_access_key', secret: true }, { name: 'session_token', secret: true },
  ],
  webdav: [{ name: 'url', required: true }, { name: 'username' }, { name: 'password', secret: true }],
  webhook: [{ name: 'url', required: true }, { name: 'content', choices: ['link', 'audio'] }, { name: 'base_url' }, { name: 'secret', secret: true }],
}

/**
 * settingsOf is what of a form goes to the exchange: what is filled in. Of a method
 * that is there null takes away what was emptied, except secrets, which are not
 * shown and stay.
 */
export function settingsOf(kind: Kind, form: Record<string, string>, fresh: boolean): Record<string, string | null> {
  const out: Record<string, string | null> = {}
  for (const { name, secret } of settings[kind]) {
    const value = (form[name] ?? '').trim()
    if (value !== '') out[name] = value
    else if (!fresh && !secret) out[name] = null
  }
  return out
}
