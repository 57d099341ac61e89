import type { Texts } from '../en'

export const revisions: Texts['revisions'] = {
  title: 'Cambios', lead: 'Cada cambio de la configuración: quién lo hizo, cuándo y qué fue. Todos se pueden deshacer.',
  tries: 'Un cambio se puede probar con las últimas llamadas antes de guardarlo: «Probar antes…» en los formularios de',
  by: 'Quién', summary: 'Qué', path: 'Registro', since: 'Desde', until: 'Hasta', number: 'N.º', count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'cambio' : 'cambios'}`,
  empty: 'Todavía no hay cambios', emptyHint: 'Cada cambio de la configuración queda aquí.', noneFound: 'Ningún cambio coincide', noneFoundHint: 'Quite un filtro.',
  records: (n) => `${n} ${n === 1 ? 'registro' : 'registros'}`, rest: (n) => `y ${n} más`,
  op: { create: 'Nuevo', update: 'Modificado', delete: 'Eliminado' }, secret: 'Se estableció una contraseña; no se muestra.', blank: 'vacío',
  undoOf: (n) => `Deshacer el cambio ${n}…`, restoreOf: (n) => `Volver al cambio ${n}…`,
  undoTitle: (n) => `¿Deshacer el cambio ${n}?`, restoreTitle: (n) => `¿Volver al cambio ${n}?`,
  undoLead: 'Esto es lo que cambia. Lo posterior se queda.', restoreLead: 'Esto es lo que cambia. También se deshace todo lo posterior. Las contraseñas y el dominio quedan como están ahora.',
  onlySecrets: 'Este cambio solo puso una contraseña u otro secreto. Lo que había antes no se guarda y no se puede recuperar: ponga uno nuevo.',
  secretsStay: 'Las contraseñas y otros secretos que puso este cambio quedan como están ahora: lo que había antes no se guarda.',
  nothing: 'No hay diferencias: no hay nada que deshacer.', submit: 'Deshacer', done: (n) => `Hecho, como cambio ${n}`, cannot: 'No se puede deshacer',
}
