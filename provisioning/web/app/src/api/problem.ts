import { sayingsIn, translated } from '../texts/words'
import type { components } from './schema'

/** A Problem is an error as the API writes it (RFC 9457). `need` says what a sign-in still wants. */
export type Problem = components['schemas']['Problem'] & { need?: 'code' | 'organization' | 'password' }

/** A Refusal is an answer that is not a success: what the API said, or that it said nothing. */
export class Refusal extends Error {
  /** 0: the exchange could not be reached. */
  readonly status: number
  readonly problem: Problem
  /** Seconds after which to ask again, if the answer said so. */
  readonly retryAfter: number | undefined

  constructor(status: number, problem: Problem, retryAfter?: number) {
    super(problem.detail || problem.title || `HTTP ${status}`)
    this.status = status
    this.problem = problem
    this.retryAfter = retryAfter
  }

  /** The fields at fault and what is wrong with each, by path. */
  get fields(): Record<string, string> {
    const out: Record<string, string> = {}
    for (const e of this.problem.errors ?? []) if (e.field) out[e.field] ??= e.detail ?? ''
    if (this.problem.field) out[this.problem.field] ??= (this.problem.detail ?? '').replace(`${this.problem.field}: `, '')
    return out
  }
}

/** inWords says a problem in the language of the page. */
export async function inWords(problem: Problem): Promise<Problem> {
  const all = await sayingsIn(globalThis.document?.documentElement.lang ?? 'en')
  return all ? translated(problem, all) : problem
}

/** refusalOf reads what the API answered instead of a success. */
export async function refusalOf(response: Response, body?: unknown): Promise<Refusal> {
  let problem: Problem = { status: response.status, title: response.statusText }
  const said = body ?? (await response.json().catch(() => undefined))
  if (said && typeof said === 'object') problem = { ...problem, ...said }
  const after = Number(response.headers.get('Retry-After'))
  return new Refusal(response.status, await inWords(problem), after > 0 ? after : undefined)
}
