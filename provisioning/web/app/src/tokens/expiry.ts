/** expiryOf is the end of a day, where the reader is, as the API writes times. */
export function expiryOf(day: string): string {
  return new Date(`${day}T23:59:59`).toISOString()
}
