import { queryOptions } from '@tanstack/react-query'
import { Refusal, refusalOf } from './problem'
import { session, type Schemas } from './client'

/** A Session is a browser that signed in. */
export type Session = Required<Omit<Schemas['SessionView'], 'organization'>> & { organization: Required<Schemas['SessionOrganization']> }

export type SignIn = Schemas['SignInRequest'] & { login: string; password: string }

export type SetUp = Required<Omit<Schemas['SetUpRequest'], 'organization'>> & { organization: Required<Schemas['SetUpOrganization']> }

async function send<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = {}
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (session.csrf && method !== 'GET') headers['X-CSRF-Token'] = session.csrf
  let response: Response
  try {
    response = await fetch(`/api/v1${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) })
  } catch {
    throw new Refusal(0, { status: 0 })
  }
  if (!response.ok) throw await refusalOf(response)
  return response.status === 204 || response.status === 202 ? (undefined as T) : response.json()
}

function keep(s: Session): Session {
  session.csrf = s.csrf_token
  return s
}

export const signIn = (input: SignIn) => send<Session>('POST', '/session', input).then(keep)
export const setUp = (input: SetUp) => send<Session>('POST', '/setup', input).then(keep)
export const signInWithPasskey = (input: { id?: string; credential: unknown }) => send<Session>('POST', '/session/passkey', input).then(keep)
export const finishOpenID = (code: string) => send<Session>('POST', '/session/openid', { code }).then(keep)
export const signOut = () => send<void>('DELETE', '/session')
export const changePassword = (current: string, next: string) => send<void>('PUT', '/session/password', { current, new: next })

export const askForReset = (login: string) => send<void>('POST', '/password-resets', { login })
/** What the key of a mailed link would confirm, and confirming it. */
export const confirmedBy = (key: string) => send<Required<Schemas['ShownVerification']>>('POST', '/email-verifications', { key })
export const verifyEmail = (key: string, password: string) => send<void>('PUT', '/email-verifications', { key, ...(password && { password }) })
export const resetPassword = (key: string, next: string) => send<void>('PUT', '/password-resets', { key, new: next })

/** Where the browser stands: signed in, not, or before an exchange that nobody has set up. */
export type Access = { session: Session } | { session: null; setUpNeeded: boolean }

/** Where a browser stands after it left. */
export const signedOut: Access = { session: null, setUpNeeded: false }

export const accessQuery = queryOptions({
  queryKey: ['access'],
  queryFn: async (): Promise<Access> => {
    try {
      return { session: keep(await send<Session>('GET', '/session')) }
    } catch (e) {
      if (!(e instanceof Refusal) || e.status !== 401) throw e
    }
    session.csrf = ''
    return { session: null, setUpNeeded: (await send<{ needed: boolean }>('GET', '/setup')).needed }
  },
  staleTime: Infinity,
})
