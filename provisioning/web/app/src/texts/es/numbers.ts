import type { Texts } from '../en'

const many = (one: string, all: string) => (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? one : all}`

export const numbers: Pick<Texts, 'owners' | 'numbers' | 'internalNumbers'> = {
  owners: {
    owner: 'Asignado a', openFlow: 'Abrir el flujo de llamada',
    kinds: { none: 'Nadie', user: 'Usuario', contact_method: 'Medio de contacto', company: 'Empresa: el número principal', call_flow: 'Flujo de llamada' },
  },
  numbers: {
    title: 'Números', add: 'Añadir número', edit: (n) => `Número ${n}`, count: many('número', 'números'), table: 'Números', search: 'Parte del número',
    empty: 'Aún no hay números', emptyHint: 'Añada los números que le dio su operador. Después asigne cada uno a un usuario, un medio de contacto, un flujo de llamada o la empresa.',
    number: 'Número', assignment: 'Asignación', e164Hint: 'Con + y prefijo del país, como +40215550100', e164Fixed: 'Es fijo. Para otro número, añada otro.', labelHint: 'Para ustedes', trunkHint: 'El operador del que viene',
    fields: { e164: 'Número', label: 'Etiqueta', trunk_id: 'Troncal', owner: 'Asignado a', 'owner.kind': 'Asignado a', 'owner.id': 'Asignado a' },
    unassign: 'Liberar…', isFree: 'Nadie lo tiene.', unassignTitle: (n) => `¿Liberar ${n}?`, unassignMeans: 'Quien lo tiene lo pierde. Hasta que se asigne de nuevo, quien llame oirá que el número no existe.', unassignSubmit: 'Liberar', unassigned: (n) => `${n} está libre`,
    removeTitle: (n) => `¿Eliminar ${n}?`, removeMeans: 'La centralita ya no acepta llamadas a este número, y ninguna línea lo muestra al llamar.', removed: (n) => `${n} fue eliminado`,
  },
  internalNumbers: {
    title: 'Números internos', add: 'Añadir número interno', edit: (n) => `Número interno ${n}`, count: many('número interno', 'números internos'), table: 'Números internos', search: 'Parte del número',
    empty: 'Aún no hay números internos', emptyHint: 'La línea de un usuario recibe uno al crearse. Añada otros aquí, por ejemplo para un flujo de llamada.', assignment: 'Asignación', hint: 'De 1 a 6 cifras', fixed: 'Es fijo. Para otro número, añada otro.',
    fields: { number: 'Número', owner: 'Asignado a', 'owner.kind': 'Asignado a', 'owner.id': 'Asignado a' },
    free: 'Liberar…', removeTitle: (n) => `¿Liberar ${n}?`, removeMeans: 'Ya no se podrá llamar a nadie con él, y se puede dar a otra persona.', removeSubmit: 'Liberar', removed: (n) => `${n} está libre`,
  },
}
