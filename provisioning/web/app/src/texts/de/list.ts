import type { Texts } from '../en'

export const list: Texts['list'] = {
  download: 'CSV herunterladen', filters: 'Filter', clearFilters: 'Filter löschen', any: 'Alle', refresh: 'Neu laden', open: 'Bearbeiten …', remove: 'Löschen …',
  sortBy: 'Sortieren nach', descending: 'Absteigend',
  page: (n) => `Seite ${n}`,
  actionsOf: (what) => `Aktionen für ${what}`,
  noneFound: 'Nichts passt', noneFoundHint: 'Löschen Sie einen Filter, oder suchen Sie nach einem Teil des Textes.',
}
