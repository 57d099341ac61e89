/** What a list is sorted by is a field as the API calls it, after a minus the other way round. */
export const isDescending = (sort: string) => sort.startsWith('-')
export const fieldOf = (sort: string) => (isDescending(sort) ? sort.slice(1) : sort)

/** sortIn reads it of an address; a field that the list has not does not count. */
export function sortIn(address: URLSearchParams, fields: readonly string[]): string {
  const sort = address.get('sort') ?? ''
  return fields.includes(fieldOf(sort)) ? sort : ''
}

/** turned is what a list is sorted by once somebody wants a field: the other way round where it was that already. */
export const turned = (sort: string, field: string) => (sort === field ? `-${field}` : field)
