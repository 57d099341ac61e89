import type { Texts } from '../en'

export const nav = { callFlows: 'Anrufabläufe' }

const list = (all: string[]) => (all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} und ${all.at(-1)}`)
const seconds = (s: string) => (s ? `, ${s} s lang` : '')

export const flows: Texts['flows'] = {
  count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'Anrufablauf' : 'Anrufabläufe'}`, lead: 'Was Schritt für Schritt mit einem Anruf geschieht: Öffnungszeiten, Menüs, Gruppen, Warteschlangen. Rufnummern führen in einen Ablauf.',
  add: 'Anrufablauf hinzufügen', create: 'Neuer Anrufablauf', empty: 'Noch keine Anrufabläufe', emptyHint: 'Legen Sie einen an, etwa „Zentrale“, verbinden Sie seine Module und weisen Sie ihm dann eine Rufnummer zu.', first: 'Erstes Modul', firstHint: 'Wo Anrufe beginnen; weitere kommen auf der Seite des Ablaufs dazu',
  name: 'Name', numbers: 'Rufnummern', noNumbers: 'Noch keine Rufnummer', modules: 'Module', people: 'Führt zu', toNumbers: 'Rufnummern zuweisen', back: 'Alle Anrufabläufe', callsTo: 'Anrufe an',
  remove: (n) => `${n} löschen?`, removeMeans: 'Der Ablauf und seine Module werden endgültig gelöscht. Wer Anrufe dorthin weiterleitet, leitet sie ins Leere.', removed: (n) => `${n} wurde gelöscht`, conflict: 'Jemand anderes hat diesen Ablauf gespeichert, nachdem Sie ihn geöffnet haben. Was nur einer von Ihnen geändert hat, bleibt. Wählen Sie, welche Fassung hiervon bleibt:', takenOut: 'Herausgenommen', changedHere: 'Geändert', stays: 'Welche Fassung bleibt?', keepMine: 'Meine behalten', allTheirs: 'Überall die andere',
  addModule: 'Modul hinzufügen', removeModule: 'Modul entfernen', lastModule: 'Ein Ablauf hat mindestens ein Modul.', discard: 'Änderungen verwerfen', unsaved: 'Änderungen, die nicht gespeichert sind', done: 'Fertig',
  view: 'Zeigen als', drawing: 'Zeichnung', list: 'Liste', drawn: (n) => `Zeichnung von ${n}`, hint: 'Tab geht von Modul zu Modul, Enter öffnet eines.', module: (n) => `Modul: ${n}`, title: 'Anrufablauf',
  begins: 'Hier beginnen Anrufe', begin: 'Anrufe hier beginnen lassen', settings: 'Einstellungen', exits: 'Wie es weitergeht', noExits: 'Der Anruf endet hier.', nowhere: 'Noch nirgendwohin: legt auf', existing: 'Module dieses Ablaufs', fresh: 'Ein neues Modul', newOf: (kind) => `Neu: ${kind}`, ownExit: 'Weitere Antwort', addExit: 'Antwort hinzufügen', ownExitHint: 'Wie Ihr Programm sie nennt',
  todo: 'Noch zu tun', todoNone: 'Jeder Ausgang ist verbunden.', unreached: 'Hierher kommt kein Anruf.', openExit: (exit) => `Auf „${exit}“ folgt nichts.`, noKeys: 'Keine Taste führt irgendwohin.',
  wants: { user_id: 'Kein Benutzer ist gewählt.', user_ids: 'Niemand ist gewählt.', time_schedule_id: 'Kein Zeitplan ist gewählt.', audio_file_id: 'Keine Audiodatei ist gewählt.', number: 'Es fehlt eine Nummer.', url: 'Es fehlt eine Adresse.' },
  refused: 'Nicht gespeichert: Einige Module stimmen noch nicht.', gone: 'Dieses Modul gibt es nicht mehr', secretKeep: 'Leer lassen, um das jetzige zu behalten.', addPerson: 'Benutzer hinzufügen', takePerson: (n) => `Herausnehmen: ${n}`,
  fields: { user_id: 'Benutzer', user_ids: 'Benutzer', time_schedule_id: 'Zeitplan', audio_file_id: 'Audiodatei', timeout_s: 'Längste Wartezeit (s)', attempts: 'Versuche', ring_s: 'Sekunden klingeln', order: 'Wer klingelt', max_callers: 'Höchstens wartende Anrufer', number: 'Nummer', name: 'Angezeigter Name', url: 'Adresse', secret: 'Signaturgeheimnis' },
  hints: { 'menu.audio_file_id': 'Sagt, welche Taste was tut', 'queue.audio_file_id': 'Zu hören, solange man wartet', 'voicemail.audio_file_id': 'Leer: die übliche Begrüßung', 'directory.audio_file_id': 'Leer: die übliche Ansage', number: 'Wie ein Benutzer sie wählen würde', url: 'Ihr Programm antwortet, wie es weitergeht' },
  orders: { all: 'Alle zugleich', in_turn: 'Einer nach dem anderen' },
  kinds: { time_router: 'Zeitweiche', announcement: 'Ansage', menu: 'Sprachmenü', user: 'Benutzer', ring_group: 'Rufgruppe', queue: 'Warteschlange', external: 'Nummer', voicemail: 'Mailbox', directory: 'Namensverzeichnis', set_caller: 'Anrufername', webhook: 'Webhook', hang_up: 'Auflegen' },
  exitNames: { open: 'offen', closed: 'geschlossen', next: 'dann', timeout: 'zu lange', invalid: 'falsche Taste', unavailable: 'nicht erreichbar', no_answer: 'keine Antwort', full: 'voll', empty: 'niemand da', failed: 'gescheitert', not_found: 'nicht gefunden', keys: 'Tasten' },
  says: {
    time_router: (what) => `Nach ${what}`, announcement: (what) => `Spielt ${what}`, menu: (what) => (what ? `Spielt ${what}, wartet auf eine Taste` : 'Wartet auf eine Taste'),
    user: (who) => `Ruft ${who}`, ring_group: (who, s, turn) => `Ruft ${list(who)}${turn ? ' nacheinander' : ''}${seconds(s)}`, queue: (who, s) => `Anrufer warten auf ${list(who)}${s ? `, höchstens ${s} s` : ''}`,
    external: (n, s) => `Ruft ${n} an${seconds(s)}`, voicemail: (who) => `Mailbox von ${who}`, directory: 'Anrufer buchstabieren einen Namen', set_caller: (what) => (what ? `Zeigt ${what}` : 'Ändert noch nichts'), webhook: (host) => `Fragt ${host}`, hang_up: 'Der Anruf endet',
    nothing: 'Noch nicht eingerichtet',
  },
}
