/** timeOf writes a time of the API as YYYY-MM-DD HH:MM:SS, where the reader is; nothing for none. */
export function timeOf(at: string | undefined): string {
  if (!at || at.startsWith('0001-')) return ''
  const d = new Date(at)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`
}

/** dayStart and dayEnd are the instants that a day of a calendar begins and ends at, where the reader is. */
export const dayStart = (day: string) => new Date(`${day}T00:00:00`).toISOString()
export function dayEnd(day: string): string {
  const d = new Date(`${day}T00:00:00`)
  d.setDate(d.getDate() + 1)
  return d.toISOString()
}
