export const list = {
  download: 'Download CSV', filters: 'Filters', clearFilters: 'Clear filters', any: 'Any', refresh: 'Refresh', open: 'Edit…', remove: 'Delete…',
  sortBy: 'Sort by', descending: 'Descending',
  page: (n: number) => `Page ${n}`,
  actionsOf: (what: string) => `Actions for ${what}`,
  noneFound: 'Nothing matches', noneFoundHint: 'Clear a filter, or search for a part of the text.',
}
