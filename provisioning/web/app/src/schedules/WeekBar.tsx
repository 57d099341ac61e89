import { bars, days, type Week } from './week'

/** DayBar draws the open hours of one day as a line of 24 hours, with a mark at `now`. */
export function DayBar({ open, now, label }: { open: [number, number][]; now?: number; label: string }) {
  return (
    <svg viewBox="0 0 1440 60" preserveAspectRatio="none" className="day-bar" role="img" aria-label={label}>
      <rect width={1440} height={60} className="day-shut" />
      {open.map(([a, b]) => <rect key={a} x={a} width={b - a} height={60} className="day-open" />)}
      {[360, 720, 1080].map((x) => <line key={x} x1={x} x2={x} y1={0} y2={60} className="day-tick" />)}
      {now !== undefined && <line x1={now} x2={now} y1={0} y2={60} className="day-now" />}
    </svg>
  )
}

/** WeekBar draws a whole week small, a line for each day. */
export function WeekBar({ week, label }: { week: Week; label: string }) {
  return (
    <svg viewBox="0 0 1440 700" preserveAspectRatio="none" width={120} height={42} role="img" aria-label={label}>
      {days.map((d, i) => (
        <g key={d} transform={`translate(0 ${i * 100})`}>
          <rect width={1440} height={80} className="day-shut" />
          {bars(week, d).map(([a, b]) => <rect key={a} x={a} width={b - a} height={80} className="day-open" />)}
        </g>
      ))}
    </svg>
  )
}
