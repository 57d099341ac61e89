/** timeOf writes a time of the API as YYYY-MM-DD HH:MM:SS, where the reader is; nothing for none. */
export function timeOf(at: string | undefined): string {
  if (!at || at.startsWith('0001-')) return ''
  const d = new Date(at)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`
}
