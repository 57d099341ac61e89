import type { Schemas } from '../api/client'

export type Schedule = Schemas['TimeSchedule'] & { id: string }
export interface Span {
  from: string
  to: string
}
export interface Exception {
  date: string
  ranges: Span[]
}

export const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Day = (typeof days)[number]
export type Week = Record<Day, Span[]>

/** weekOf spreads the ranges of a schedule over its days, earliest first. */
export function weekOf(ranges: Schedule['ranges']): Week {
  const week = Object.fromEntries(days.map((d) => [d, [] as Span[]])) as Week
  for (const r of ranges ?? []) for (const d of r.days ?? []) week[d as Day]?.push({ from: r.from ?? '', to: r.to ?? '' })
  for (const d of days) week[d].sort((a, b) => (a.from < b.from ? -1 : 1))
  return week
}

/** rangesOf gathers days with the same range into one, as people would write it down. */
export function rangesOf(week: Week): { days: Day[]; from: string; to: string }[] {
  const out: { days: Day[]; from: string; to: string }[] = []
  for (const day of days) {
    for (const { from, to } of week[day]) {
      const same = out.find((r) => r.from === from && r.to === to && !r.days.includes(day))
      if (same) same.days.push(day)
      else out.push({ days: [day], from, to })
    }
  }
  return out
}

/** runsOf gathers days that follow each other: three and more as the first and the last. */
export function runsOf(all: readonly string[]): string[][] {
  const runs: string[][] = []
  for (const day of days.filter((d) => all.includes(d))) {
    const run = runs.at(-1)
    if (run && days.indexOf(run.at(-1) as Day) === days.indexOf(day) - 1) run.push(day)
    else runs.push([day])
  }
  return runs.flatMap((run) => (run.length > 2 ? [[run[0]!, run.at(-1)!]] : run.map((d) => [d])))
}

/** clock reads what people type as a time of day: 9, 9:30, 930, 17.00. Null: it is none. */
export function clock(typed: string, end = false): string | null {
  const m = /^(\d{1,2})(?:[:.h]?(\d{2}))?$/.exec(typed.trim())
  if (!m) return null
  const [h, min] = [Number(m[1]), Number(m[2] ?? 0)]
  if (min > 59 || h > 24 || (h === 24 && (min > 0 || !end))) return null
  return `${String(h).padStart(2, '0')}:${String(min).padStart(2, '0')}`
}

export const minutes = (hhmm: string) => Number(hhmm.slice(0, 2)) * 60 + Number(hhmm.slice(3, 5))

/** bars are the parts of a day that are open, in minutes; what passes midnight goes on the day after. */
export function bars(week: Week, day: Day): [number, number][] {
  const before = days[(days.indexOf(day) + 6) % 7]!
  const own = week[day].filter(valid).map((s): [number, number] => [minutes(s.from), minutes(s.to) > minutes(s.from) ? minutes(s.to) : 1440])
  const left = week[before].filter((s) => valid(s) && minutes(s.to) < minutes(s.from)).map((s): [number, number] => [0, minutes(s.to)])
  return [...left, ...own].filter(([a, b]) => b > a)
}

export const valid = (s: Span) => clock(s.from) === s.from && clock(s.to, true) === s.to && s.from !== s.to

/** local is a moment as the clock on the wall of a zone shows it. */
export function local(at: Date, zone: string): { date: string; day: Day; minute: number } {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en-CA', { timeZone: zone || 'UTC', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', weekday: 'short', hourCycle: 'h23' })
      .formatToParts(at).map((p) => [p.type, p.value]),
  )
  return { date: `${parts.year}-${parts.month}-${parts.day}`, day: parts.weekday!.toLowerCase().slice(0, 3) as Day, minute: Number(parts.hour) * 60 + Number(parts.minute) }
}

/** openAt says whether a schedule is open. An exception takes the place of its whole day. */
export function openAt(week: Week, exceptions: Exception[], zone: string, at: Date): boolean {
  const now = local(at, zone)
  const yesterday = local(new Date(at.getTime() - 86_400_000), zone)
  const of = (x: { date: string; day: Day }) => exceptions.find((e) => e.date === x.date)?.ranges ?? week[x.day]
  return (
    of(now).some((s) => valid(s) && minutes(s.from) <= now.minute && (minutes(s.to) < minutes(s.from) || now.minute < minutes(s.to))) ||
    of(yesterday).some((s) => valid(s) && minutes(s.to) < minutes(s.from) && now.minute < minutes(s.to))
  )
}
