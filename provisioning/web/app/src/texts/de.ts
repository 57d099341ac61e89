import { access, audit, security } from './de/access'
import { address } from './de/address'
import { calls } from './de/calls'
import { codes } from './de/codes'
import { devices } from './de/devices'
import { directory } from './de/directory'
import { drafts } from './de/drafts'
import { edit } from './de/edit'
import { fields } from './de/fields'
import { flows, nav as flowsNav } from './de/flows'
import { imports } from './de/imports'
import { inactive } from './de/inactive'
import { inbox } from './de/inbox'
import { lines } from './de/lines'
import { list } from './de/list'
import { media, nav as mediaNav } from './de/media'
import { numbers } from './de/numbers'
import { openid } from './de/openid'
import { outlook } from './de/outlook'
import { own } from './de/own'
import { people } from './de/people'
import { billing, plans } from './de/plans'
import { revisions } from './de/revisions'
import { trunks } from './de/trunks'
import type { Texts } from './en'

export const de: Texts = {
  name: 'Deutsch',
  skip: 'Zum Inhalt springen',
  menu: 'Menü',
  nav: {
    ...mediaNav, ...flowsNav, groups: { people: 'Personen', calls: 'Anrufe', telephony: 'Telefonie', company: 'Unternehmen' },
    main: 'Seiten', users: 'Benutzer', me: 'Mein Konto', appDevices: 'App-Geräte', numbers: 'Rufnummern', internalNumbers: 'Interne Nummern',
    trunks: 'Trunks', phones: 'Tischtelefone', featureCodes: 'Funktionscodes', tokens: 'API-Token', revisions: 'Änderungen', inbox: 'Eingang',
    live: 'Laufende Anrufe', history: 'Anrufliste', registrations: 'Registrierungen', simulator: 'Simulator', audit: 'Protokoll',
    plans: 'Tarife', inactive: 'Inaktive Benutzer', directory: 'Verzeichnis', docs: 'API-Referenz',
  },
  account: { open: 'Konto und Darstellung', signOut: 'Abmelden', language: 'Sprache', appearance: 'Darstellung', system: 'Wie das System', light: 'Hell', dark: 'Dunkel' },
  ...media,
  common: {
    save: 'Speichern', cancel: 'Abbrechen', close: 'Schließen', next: 'Weiter', back: 'Zurück', retry: 'Erneut versuchen', edit: 'Bearbeiten', delete: 'Löschen', actions: 'Aktionen', none: 'Keine',
    yes: 'Ja', no: 'Nein', search: 'Suchen', loading: 'Lädt …', copy: 'Kopieren', copied: 'Kopiert', saved: 'Gespeichert',
    previous: 'Vorige Seite', following: 'Nächste Seite', notInEffect: 'Wird gespeichert; noch nicht wirksam.',
  },
  errors: {
    title: 'Das hat nicht geklappt',
    offline: 'Die Telefonanlage ist nicht erreichbar. Ihre Eingaben sind noch da.',
    wait: (s) => `Zu viele Versuche. In ${s} s noch einmal.`,
    missing: 'Fehlt',
    page: 'Diese Seite gibt es nicht.',
    toUsers: 'Zu den Benutzern',
  },
  signIn: {
    title: 'Anmelden', login: 'Anmeldename', loginHint: 'Ihr Anmeldename oder Ihre E-Mail-Adresse', password: 'Passwort', submit: 'Anmelden',
    code: 'Code', codeHint: 'Sechs Ziffern aus Ihrer Authenticator-App oder ein Wiederherstellungscode',
    organization: 'Organisation', organizationHint: 'Mehrere Organisationen haben diesen Anmeldenamen. Nennen Sie Ihre.',
  },
  setUp: {
    title: 'Telefonanlage einrichten', lead: 'Hier hat sich noch niemand angemeldet. Legen Sie den ersten Administrator an.',
    key: 'Einrichtungsschlüssel', keyHint: 'Er steht in dem Link, den `strowger serve` ausgegeben hat.',
    organization: 'Organisation', organizationName: 'Name der Organisation', country: 'Land', countryHint: 'Zwei Buchstaben; für nationale Rufnummern', timeZone: 'Zeitzone', language: 'Sprache',
    you: 'Sie', submit: 'Einrichten',
  },
  password: {
    title: 'Neues Passwort wählen', lead: 'Ihr Administrator verlangt ein neues Passwort, bevor es weitergeht.', current: 'Bisheriges Passwort', next: 'Neues Passwort', again: 'Neues Passwort noch einmal',
    differs: 'Die beiden sind nicht gleich.', short: 'Mindestens 8 Zeichen', submit: 'Passwort ändern', generate: 'Erzeugen', generated: 'Kopieren Sie es jetzt: Es wird nicht noch einmal gezeigt.',
  },
  edit,
  list,
  trunks,
  ...codes,
  ...devices,
  ...lines,
  ...numbers,
  access, security, audit, openid,
  conflict: {
    title: 'Inzwischen geändert', lead: 'Jemand anderes hat das geändert, nachdem Sie es geöffnet haben. Welche Fassung soll bleiben?',
    by: (who, at) => `Inzwischen gespeichert von ${who}, ${at}.`, field: 'Feld', yours: 'Ihre', theirs: 'Andere', keepYours: 'Meine speichern', keepTheirs: 'Andere behalten',
  },
  users: {
    title: 'Benutzer', add: 'Benutzer hinzufügen', columns: 'Spalten', table: 'Benutzer',
    search: 'Nach Namen suchen', count: (n, more) => `${n}${more ? '+' : ''} Benutzer`,
    empty: 'Noch keine Benutzer', emptyHint: 'Benutzer kommen zuerst: Leitungen, Rufnummern und Anrufabläufe gehören ihnen. Legen Sie einen an.',
    noneFound: 'Niemand passt', noneFoundHint: 'Löschen Sie einen Filter, oder suchen Sie nach einem Teil des Namens.',
    editCell: (field, who) => `${field} von ${who} bearbeiten`, hintInPlace: 'Doppelklick auf eine Zelle bearbeitet sie. Enter speichert, Esc bricht ab.',
    fields: {
      avatar: 'Bild', full_name: 'Voller Name', first_name: 'Vorname', last_name: 'Nachname', job_title: 'Position', department: 'Abteilung', email: 'E-Mail', time_schedule_id: 'Zeitplan',
      call_flow_ids: 'Anrufabläufe', call_flow_id: 'Anrufablauf', crm_user_id: 'CRM-Benutzer', invitation: 'Einladung', app_devices: 'App-Geräte', sip_accounts: 'SIP-Konten', pstn_forwardings: 'PSTN-Weiterleitung',
      sip_forwardings: 'SIP-Weiterleitung', last_seen: 'Zuletzt gesehen', last_seen_before: 'Zuletzt gesehen vor', plan: 'Tarif', direct_number: 'Durchwahl', extension: 'Nebenstelle', mobile_number: 'Mobilnummer', time_zone: 'Zeitzone', language: 'Sprache', login: 'Anmeldename',
      password: 'Passwort', password_change_required: 'Passwort bei der nächsten Anmeldung ändern', role: 'Rolle', voicemail_pin: 'Mailbox-PIN', reject_scope: 'Wenn ein Gerät ablehnt',
      do_not_disturb: 'Nicht stören', 'forward.number': 'Weiterleiten an', 'forward.enabled': 'Anrufe weiterleiten', 'routing.mode': 'Ankommende Anrufe', 'routing.ring_s': 'Sekunden je Schritt',
    },
    hints: {
      login: 'Ohne Angabe die E-Mail-Adresse', password: 'Mindestens 8 Zeichen. Leer für jemanden, der sich nie anmeldet.', passwordKeep: 'Leer lassen, um das bisherige zu behalten.',
      extension: 'Intern; wird nie nach außen gezeigt', email: 'Dorthin gehen Einladungen und Sprachnachrichten', mobile_number: 'Mit Landesvorwahl', crm_user_id: 'Die Kennung in Ihrem CRM', forward: 'Alle Geräte klingeln weiter; wer dort abnimmt, muss die 1 drücken.',
      direct_number: 'Rufnummern, die niemand hat. Die Hauptnummer gehört erst dazu, wenn sie frei gemacht ist.', language: 'Wenn leer, die der Organisation', time_zone: 'Wenn leer, die der Organisation',
      voicemail_pin: 'Ziffern; wird nicht wieder gezeigt', schedule: 'Immer, wenn keiner gewählt ist',
    },
    sections: { person: 'Person', signIn: 'Anmeldung', work: 'Platz in der Organisation', calls: 'Anrufe', features: 'Funktionen' },
    roles: { user: 'Benutzer: nur eigener Bereich', admin: 'Administrator' },
    admin: 'Admin', neverSeen: 'Nie',
    invitations: { none: 'Nicht eingeladen', sent: 'Eingeladen', accepted: 'Angenommen', expired: 'Abgelaufen', failed: 'Fehlgeschlagen' },
    rejects: { rfc: 'Ablehnen beendet den Anruf, Besetzt ein Gerät', all: 'Nirgends klingelt es weiter', branch: 'Nur dieses Gerät hört auf' },
    routings: { fixed: 'Fest: das zugewiesene Gerät', ring_all: 'Alle Geräte zugleich', sequence: 'Nacheinander', schedule: 'Nach Zeitplan' },
    features: { app: 'Mobile App', web_calls: 'Anrufe im Browser', operator_console: 'Vermittlungsplatz', voicemail: 'Mailbox', fixed_mobile: 'Fixed-Mobile', hotdesking: 'Hotdesking', multiple_caller_ids: 'Mehrere Anrufernummern' },
    create: 'Neuer Benutzer', change: 'Benutzer bearbeiten', createDone: (who) => `${who} wurde angelegt`, steps: { person: 'Benutzer', line: 'App-Leitung' },
    configureLine: 'App-Leitung im nächsten Schritt einrichten', configureLineHint: 'Eine Leitung für die Apps des Benutzers, zusammen mit ihm angelegt. Wo es einen Mailserver gibt, geht die Einladung sofort hinaus.',
    nextNumber: 'Nächste freie Rufnummer', noNumbers: 'Keine Rufnummer ist frei. Machen Sie eine frei, oder tragen Sie eine Ihres Anbieters ein.', assignNumber: (who) => `${who} eine Durchwahl geben`,
    forward: 'Rufweiterleitung …', resetPassword: 'Neues Passwort setzen …',
    remove: 'Benutzer löschen …', removeTitle: (who) => `${who} löschen?`,
    messagesTo: 'Wer die Nachrichten bekommt', messagesToNobody: 'Niemand: sie bleiben im Eingang des Unternehmens',
    removeTick: 'Mir ist bewusst, dass mit diesem Benutzer auch das Abhängige entfernt wird', removeDone: (who) => `${who} wurde gelöscht`, removeSubmit: 'Löschen',
  },
  line: {
    inbound: 'Ankommende Anrufe', outbound: 'Abgehende Anrufe', recording: 'Aufzeichnung',
    did_numbers: 'Rufnummern', did_numbersHint: 'Anrufe an diese klingeln hier', internal_numbers: 'Interne Nummern', internal_numbersHint: '1 bis 6 Ziffern, dann Enter. Leer: die niedrigste freie.',
    ring_timeout_s: 'Sekunden klingeln', ring_timeout_sHint: 'Leer: wie in der Organisation', action: 'Wenn nicht erreichbar', actions: { none: 'Nichts tun', voicemail: 'Mailbox', forward: 'Weiterleiten' },
    greeting_audio_id: 'Begrüßung der Mailbox', forward_to: 'Weiterleiten an', forward_toHint: 'Wie der Benutzer es wählen würde',
    external_enabled: 'Externe Anrufe erlauben', caller_ids: 'Anrufernummern', caller_idsHint: 'Die erste gilt, wenn nichts gewählt wird', internal_caller_id: 'Interne Anrufernummer', anonymous: 'Anonym anrufen',
    internal_announcement_id: 'Ansage intern', external_announcement_id: 'Ansage extern', announcement_to: 'Wer die Ansage hört', hearers: { callee: 'Der Angerufene', caller: 'Der Anrufer', both: 'Beide' },
    flags: { inbound_internal: 'Ankommend intern', inbound_external: 'Ankommend extern', outbound_internal: 'Abgehend intern', outbound_external: 'Abgehend extern' },
    preset: 'Aufzeichnen', presets: { never: 'Nie', always: 'Immer', custom: 'Manche Anrufe' },
    on_demand: 'Aufzeichnung auf Wunsch', on_demandHint: 'Benutzer starten sie mit einem Funktionscode.', on_demandMissing: 'Legen Sie zuerst einen Funktionscode dafür an.', delivery_method_ids: 'Zustellwege', nothing: 'Noch sind keine da.',
  },
  drafts,
  fields,
  flows,
  imports,
  revisions,
  billing, directory, inactive, plans,
  address, calls, inbox, outlook, own, people,
}
