import { answer, client } from './client'
import { signInWithPasskey, type Session } from './session'

/** passkeysHere says whether this browser can have passkeys on this page: it must know the page by a name, and safely. */
export const passkeysHere = () =>
  isSecureContext && typeof PublicKeyCredential === 'function' && 'parseCreationOptionsFromJSON' in PublicKeyCredential && !/^[\d.]+$|^\[/.test(location.hostname)

/** makePasskey has the browser make one and the exchange keep it. */
export async function makePasskey(name: string, password: string) {
  const challenge = await answer(client.POST('/api/v1/session/passkeys/challenge', { body: { password } }))
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(challenge.public_key as PublicKeyCredentialCreationOptionsJSON)
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential
  return answer(client.POST('/api/v1/session/passkeys', { body: { id: challenge.id, name, credential: made.toJSON() as Record<string, never> } }))
}

/** enterWithPasskey signs in with whichever passkey the person chooses. */
export async function enterWithPasskey(): Promise<Session> {
  const challenge = await answer(client.POST('/api/v1/session/passkey/challenge'))
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(challenge.public_key as PublicKeyCredentialRequestOptionsJSON)
  const chosen = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential
  return signInWithPasskey({ id: challenge.id, credential: chosen.toJSON() })
}
