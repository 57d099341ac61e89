import type { Texts } from '../en'

export const list: Texts['list'] = {
  download: 'Descargar CSV', filters: 'Filtros', clearFilters: 'Quitar los filtros', any: 'Cualquiera', refresh: 'Actualizar', open: 'Editar…', remove: 'Eliminar…',
  sortBy: 'Ordenar por', descending: 'Descendente',
  page: (n) => `Página ${n}`,
  actionsOf: (what) => `Acciones para ${what}`,
  noneFound: 'Nada coincide', noneFoundHint: 'Quite un filtro o busque una parte del texto.',
}
