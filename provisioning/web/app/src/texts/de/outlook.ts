import type { outlook as en } from '../en/outlook'

export const outlook: typeof en = {
  simulator: 'Simulator', simulatorLead: 'Fragt die Anlage, was sie mit einem Anruf täte, und warum. Kein Telefon klingelt.', title: 'Was mit einem Anruf geschieht', willRing: 'Klingelt jetzt', wontRing: 'Klingelt jetzt nicht',
  reasons: { no_line: 'keine Nummer oder Leitung führt hierher', do_not_disturb: '„Nicht stören“ ist an', closed: 'der Zeitplan ist geschlossen', not_registered: 'kein Telefon ist registriert', refused: 'der Anruf wird zu keinem Telefon durchgestellt' },
  when: { now: 'Jetzt', night: 'Nachts um 3 Uhr' }, sides: { inside: 'von Kollegen', outside: 'von außen' }, calls: (to, side) => `Ein Anruf an ${to} ${side}`,
  from: 'Wer anruft', fromHint: 'Eine Nebenstelle, ein SIP-Benutzername oder eine eigene Nummer', outsideHint: 'Die Nummer des Anrufers mit Landesvorwahl; leer: unterdrückt', to: 'Wen', toHint: 'Wie man es wählen würde', at: 'Wann', atHint: 'Leer: jetzt', inside: 'Drinnen', outside: 'Draußen', where: 'Der Anrufer ist', trunk: 'Über', ask: 'Fragen', noTrunks: 'Es gibt keinen Anbieter, über den ein Anruf von außen kommen könnte.',
  answer: 'Die Antwort', becauseOf: 'Warum', statusOf: (n) => `Der Anrufer bekäme die Antwort ${n}`, flow: 'Der Weg des Anrufs, Schritt für Schritt', caller: 'Anrufer', targets: { line: 'Telefon', trunk: 'Draußen', uri: 'SIP-Adresse', voicemail: 'Mailbox', service: 'Funktion' },
  causes: { 'at once': 'sofort', declined: 'wenn abgelehnt', busy: 'wenn besetzt', 'no answer': 'wenn niemand abnimmt', failed: 'wenn es misslingt', absent: 'wenn niemand da ist', closed: 'wenn geschlossen', 'do not disturb': 'wenn nicht zu stören' },
  seconds: (n) => `${n} s lang`, recorded: 'aufgezeichnet', refusedEnd: 'Der Anruf wird abgewiesen', through: (who) => `über ${who}`,
}
