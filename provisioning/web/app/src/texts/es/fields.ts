import type { Texts } from '../en'

export const fields: Texts['fields'] = {
  domain: 'Dominio SIP', realm: 'Realm', private_destinations: 'Direcciones privadas a las que se puede entregar',
  'routing.contact_method_ids': 'Medios de contacto que suenan', invitation: 'Invitación', sent: 'Invitación enviada', expires: 'La invitación caduca', delivery: 'Entrega de la invitación',
  sign: 'Huella', username: 'Usuario SIP', password: 'Contraseña SIP', kind: 'Tipo',
  inside: (group, field) => `${group}: ${field}`,
}
