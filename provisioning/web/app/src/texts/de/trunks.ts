import type { Texts } from '../en'

export const trunks: Texts['trunks'] = {
  title: 'Trunks', add: 'Trunk hinzufügen', edit: (name) => `Trunk ${name}`, count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'Trunk' : 'Trunks'}`, table: 'Trunks', search: 'Nach Namen suchen',
  empty: 'Noch keine Trunks', emptyHint: 'Ein Trunk ist ein Anbieter: Über ihn gehen Anrufe nach draußen und kommen herein. Legen Sie einen mit der Adresse und Anmeldung Ihres Anbieters an.',
  state: 'Zustand', states: { up: 'Erreichbar', down: 'Gestört', unknown: 'Nicht geprüft' }, registered: 'Registriert', unregistered: 'Nicht registriert', everyNumber: 'Jede Rufnummer', noLimit: 'Unbegrenzt',
  sections: { carrier: 'Anbieter', auth: 'Anmeldung', routing: 'Anrufe, die hier hinausgehen', identity: 'Wer als Anrufer gezeigt wird' },
  fields: {
    name: 'Name', host: 'Host', port: 'Port', transport: 'Transport', country: 'Land', srtp: 'Verschlüsselte Sprache', 'auth.mode': 'Anmeldung', 'auth.username': 'Benutzername', 'auth.password': 'Passwort', addresses: 'Adressen des Anbieters',
    prefixes: 'Vorwahlen', priority: 'Rang', max_calls: 'Höchstens gleichzeitig', options_ping_s: 'Sekunden zwischen Prüfungen', trusted_identity: 'Dem genannten Anrufer trauen', forwarded_identity: 'Weitergeleitete zeigen', identity_headers: 'Remote-Party-ID senden',
  },
  modes: { address: 'Nach Adresse', digest: 'Mit Digest', register: 'Mit Registrierung' },
  modeHints: { address: 'Der Anbieter kennt uns an unserer Adresse und braucht kein Passwort.', digest: 'Der Anbieter fragt bei jedem Anruf nach Benutzername und Passwort.', register: 'Wir registrieren uns beim Anbieter, und er schickt Anrufe dorthin, wo wir sind.' },
  srtps: { off: 'Aus', preferred: 'Bevorzugt', required: 'Verlangt' },
  diversions: { diversion: 'Den ursprünglichen Anrufer und wer weiterleitet (Diversion)', original: 'Nur den ursprünglichen Anrufer', forwarder: 'Nur, wer weiterleitet' },
  diversionsShort: { diversion: 'Diversion', original: 'Ursprünglicher', forwarder: 'Weiterleitender' },
  hints: {
    host: 'Wohin Anrufe gehen: ein Name oder eine Adresse', port: 'Leer: per DNS, sonst 5060', country: 'Zwei Buchstaben; für nationale Rufnummern des Anbieters. Leer: das des Unternehmens', password: 'Verschlüsselt verwahrt; wird nicht wieder gezeigt', passwordKeep: 'Leer lassen, um das bisherige zu behalten.',
    addresses: 'Anrufe von dort sind die des Anbieters: Adressen oder Bereiche wie 192.0.2.0/24, dann Enter', prefixes: 'Rufnummern, die so beginnen, gehen hierher, etwa +40, dann Enter. Die längste gewinnt. Leer: jede Rufnummer', priority: 'Niedrigere zuerst', max_calls: 'Leer: unbegrenzt',
    options_ping_s: 'Leer: nie; ob er erreichbar ist, zeigt dann erst ein Anruf', trusted_identity: 'Nur bei einem Anbieter, der sie nachweislich prüft.',
  },
  removeTitle: (name) => `Trunk ${name} löschen?`, removeMeans: 'Über ihn gehen keine Anrufe mehr hinaus oder herein; laufende enden normal. Rufnummern, die ihn nennen, müssen ihn vorher loslassen.', removed: (name) => `Trunk ${name} wurde gelöscht`,
}
