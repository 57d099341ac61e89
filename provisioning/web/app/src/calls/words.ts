import type { Schemas } from '../api/client'

export type Call = Schemas['Call']
export type Leg = Schemas['CallLeg']

/** length is a span of milliseconds as a clock shows it: 1:05, or 1:02:05. */
export function length(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000))
  const two = (n: number) => String(n).padStart(2, '0')
  const minutes = Math.floor(s / 60) % 60
  const hours = Math.floor(s / 3600)
  return hours > 0 ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`
}

/** between is how long something went on; until now, if it has not ended. */
export function between(from: string | undefined, to: string | undefined, now: number): number {
  if (!from) return 0
  return (to ? Date.parse(to) : now) - Date.parse(from)
}

/** spoken is how long a call was talked in. */
export const spoken = (c: Call, now: number) => between(c.answered_at, c.ended_at, now)

/** stateOf is where a live call stands, by its legs: one that talks says more than one that rings. */
export function stateOf(c: Call): string {
  const states = (c.legs ?? []).map((l) => l.state)
  for (const s of ['held', 'answered', 'ringing', 'calling']) {
    if (s === 'answered' ? Boolean(c.answered_at) : states.includes(s)) return s
  }
  return 'active'
}

/** worst is the lowest MOS of a call's legs; undefined: none was measured. */
export function worst(c: Call): number | undefined {
  const all = (c.legs ?? []).map((l) => l.quality?.mos ?? 0).filter((m) => m > 0)
  return all.length > 0 ? Math.min(...all) : undefined
}

/** gradeOf says how a MOS sounds to people (ITU-T G.107: 4 satisfies, below 3.6 many are not). */
export const gradeOf = (mos: number): 'good' | 'fair' | 'poor' => (mos >= 4 ? 'good' : mos >= 3.6 ? 'fair' : 'poor')

/** codecOf is what the call is coded with; both, where the sides differ. */
export const codecOf = (c: Call) => [...new Set((c.legs ?? []).map((l) => l.codec).filter(Boolean))].join(' / ')
