import type { Schemas } from '../api/client'

export type Step = Schemas['LadderStep']

/** Rails are who speaks with whom, in the order they appear, the exchange second: callers left of it, whom it calls right of it. */
export function railsOf(steps: Step[], exchange: string): string[] {
  const peers: string[] = []
  for (const s of steps) for (const who of [s.from!, s.to!]) if (who !== exchange && !peers.includes(who)) peers.push(who)
  return [...peers.slice(0, 1), exchange, ...peers.slice(1)]
}

/** exchangeOf is the one that takes part in every message. */
export function exchangeOf(steps: Step[]): string {
  const first = steps[0]
  if (!first) return ''
  return [first.from!, first.to!].find((who) => steps.every((s) => s.from === who || s.to === who)) ?? first.to!
}

/** keyOf is what a message is told by: its method, or its status. */
export const keyOf = (summary: string) => /^\S+/.exec(summary)?.[0] ?? ''

/** toneOf says what a message means for the call. */
export function toneOf(summary: string): 'ok' | 'no' | 'soft' | '' {
  const status = Number(keyOf(summary))
  if (status >= 400 && status !== 401 && status !== 407) return 'no'
  if (status >= 200 && status < 300) return 'ok'
  if (status >= 100 || summary.startsWith('ACK')) return 'soft'
  return ''
}

/** shortOf is the summary without the address, which the arrow shows. */
export const shortOf = (summary: string) => (/^\d/.test(summary) ? summary : keyOf(summary))
