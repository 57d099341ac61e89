import type { Texts } from '../en'

export const plans: Texts['plans'] = {
  title: 'Planes', add: 'Añadir plan', edit: (name) => `Plan ${name}`, count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'plan' : 'planes'}`, table: 'Planes', search: 'Buscar por nombre',
  lead: 'Lo que pueden tener los usuarios de un plan, y lo que cuesta una plaza al mes.', empty: 'Aún no hay planes', emptyHint: 'Añada un plan y elíjalo después en sus usuarios.',
  fields: { name: 'Nombre', price: 'Precio', currency: 'Moneda', seats: 'Plazas', 'includes.direct_numbers': 'Números directos', includes: 'Incluye' },
  includes: 'Incluye', priceHint: 'De una plaza al mes, por ejemplo 12,50', currencyHint: 'Tres letras, por ejemplo EUR', seatsHint: '0: sin límite', directNumbersHint: 'De un usuario; 0: sin límite',
  lessHint: 'Quien ya tiene algo lo conserva aunque el plan deje de incluirlo.',
  used: (used, free) => `${used} ocupadas, ${free} libres`, unlimited: (used) => `${used} ocupadas, sin límite`,
  directNumbers: (n) => (n === 0 ? 'números directos sin límite' : n === 1 ? '1 número directo' : `${n} números directos`),
  features: { app: 'Aplicación móvil', voicemail: 'Buzón de voz', web_calls: 'Llamadas web', operator_console: 'Consola de operadora', fixed_mobile: 'Fijo-móvil', hotdesking: 'Puesto compartido', multiple_caller_ids: 'Varios números de llamada', conference_room: 'Sala de conferencias' },
  removeTitle: (name) => `¿Eliminar el plan ${name}?`, removeMeans: 'Un plan que aún tienen usuarios no se elimina: deles otro antes.', removed: (name) => `El plan ${name} fue eliminado`,
}

export const billing: Texts['billing'] = {
  title: 'Facturación', count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'evento' : 'eventos'}`, table: 'Eventos de facturación, los más recientes primero',
  lead: 'Quién llegó a un plan, lo cambió o lo dejó, y cuándo cambió un precio. Se conservan mientras exista la empresa.',
  empty: 'Aún no hay eventos', emptyHint: 'Se escribe uno con cada cambio del plan de un usuario.', since: 'Desde', until: 'Hasta',
  fields: { at: 'Hora', user_name: 'Usuario', what: 'Qué', price: 'Precio', by: 'Por' },
  came: (plan) => `Nuevo en ${plan}`, left: (plan) => `Dejó ${plan}`, moved: (from, to) => `${from} → ${to}`, repriced: (plan) => `Precio nuevo de ${plan}`,
}
