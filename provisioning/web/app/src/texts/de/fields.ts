import type { Texts } from '../en'

export const fields: Texts['fields'] = {
  domain: 'SIP-Domain', realm: 'Realm', private_destinations: 'Private Adressen, an die zugestellt werden darf',
  'routing.contact_method_ids': 'Kontaktwege, die klingeln', invitation: 'Einladung', sent: 'Einladung gesendet', expires: 'Einladung läuft ab', delivery: 'Zustellung der Einladung',
  sign: 'Fingerabdruck', username: 'SIP-Benutzername', password: 'SIP-Passwort', kind: 'Art',
  inside: (group, field) => `${group}: ${field}`,
}
