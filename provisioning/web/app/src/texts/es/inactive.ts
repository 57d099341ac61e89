import type { Texts } from '../en'

export const inactive: Texts['inactive'] = {
  title: 'Usuarios inactivos', count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'usuario' : 'usuarios'}`, table: 'Usuarios que no se han visto últimamente', span: 'Sin verse desde hace', days: (n) => (n === 365 ? '1 año' : `${n} días`), created: 'Añadido',
  lead: 'Nadie de aquí ha registrado un teléfono, hablado ni iniciado sesión en este tiempo. Quien nunca se ha visto cuenta desde el día en que se añadió.',
  empty: 'Nadie está inactivo', emptyHint: 'Todos se han visto desde entonces. Elija menos días.',
}
