import type { Texts } from '../en'

export const plans: Texts['plans'] = {
  title: 'Tarife', add: 'Tarif hinzufügen', edit: (name) => `Tarif ${name}`, count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'Tarif' : 'Tarife'}`, table: 'Tarife', search: 'Nach Name suchen',
  lead: 'Was die Benutzer eines Tarifs haben dürfen, und was ein Platz im Monat kostet.', empty: 'Noch keine Tarife', emptyHint: 'Legen Sie einen Tarif an, und wählen Sie ihn dann bei Ihren Benutzern.',
  fields: { name: 'Name', price: 'Preis', currency: 'Währung', seats: 'Plätze', 'includes.direct_numbers': 'Durchwahlen', includes: 'Enthalten' },
  includes: 'Enthalten', priceHint: 'Für einen Platz und Monat, etwa 12,50', currencyHint: 'Drei Buchstaben, etwa EUR', seatsHint: '0: unbegrenzt', directNumbersHint: 'Eines Benutzers; 0: unbegrenzt',
  lessHint: 'Wer etwas schon hat, behält es, auch wenn der Tarif es nicht mehr enthält.',
  used: (used, free) => `${used} belegt, ${free} frei`, unlimited: (used) => `${used} belegt, unbegrenzt`,
  directNumbers: (n) => (n === 0 ? 'beliebig viele Durchwahlen' : n === 1 ? '1 Durchwahl' : `${n} Durchwahlen`),
  features: { app: 'Mobile App', voicemail: 'Mailbox', web_calls: 'Anrufe im Browser', operator_console: 'Vermittlungsplatz', fixed_mobile: 'Fixed-Mobile', hotdesking: 'Hotdesking', multiple_caller_ids: 'Mehrere Anrufernummern', conference_room: 'Konferenzraum' },
  removeTitle: (name) => `Tarif ${name} löschen?`, removeMeans: 'Ein Tarif, den noch Benutzer haben, wird nicht gelöscht: Geben Sie ihnen zuerst einen anderen.', removed: (name) => `Tarif ${name} wurde gelöscht`,
}

export const billing: Texts['billing'] = {
  title: 'Abrechnung', count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'Ereignis' : 'Ereignisse'}`, table: 'Abrechnungsereignisse, neueste zuerst',
  lead: 'Wer zu einem Tarif kam, ihn wechselte oder verließ, und wann sich ein Preis änderte. Das bleibt, solange es das Unternehmen gibt.',
  empty: 'Noch keine Ereignisse', emptyHint: 'Mit jeder Änderung am Tarif eines Benutzers kommt eines hinzu.', since: 'Von', until: 'Bis',
  fields: { at: 'Zeit', user_name: 'Benutzer', what: 'Was', price: 'Preis', by: 'Durch' },
  came: (plan) => `Neu in ${plan}`, left: (plan) => `Hat ${plan} verlassen`, moved: (from, to) => `${from} → ${to}`, repriced: (plan) => `Neuer Preis von ${plan}`,
}
