/** dayBefore is the day some days before a time, as the API writes days: in UTC. */
export const dayBefore = (days: number, now = Date.now()) => new Date(now - days * 86_400_000).toISOString().slice(0, 10)
