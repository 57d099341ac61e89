import type { Texts } from '../en'

export const inactive: Texts['inactive'] = {
  title: 'Inaktive Benutzer', count: (n, more) => `${n}${more ? '+' : ''} Benutzer`, table: 'Benutzer, die länger nicht gesehen wurden', span: 'Nicht gesehen seit', days: (n) => (n === 365 ? '1 Jahr' : `${n} Tagen`), created: 'Angelegt',
  lead: 'Niemand hier hat so lange ein Telefon registriert, telefoniert oder sich angemeldet. Wer nie gesehen wurde, zählt ab dem Tag, an dem er angelegt wurde.',
  empty: 'Niemand ist inaktiv', emptyHint: 'Alle wurden seither gesehen. Wählen Sie weniger Tage.',
}
