import type { Texts } from '../en'

export const lines: Pick<Texts, 'lines' | 'invite'> = {
  lines: {
    open: 'Kontaktwege …', titleOf: (who) => `Kontaktwege von ${who}`, add: 'Kontaktweg hinzufügen', addFor: (who) => `Neuer Kontaktweg von ${who}`, edit: (name) => `Kontaktweg: ${name}`, of: 'Benutzer', one: 'Kontaktweg', noneOfKind: 'Dieser Benutzer hat noch keinen solchen Kontaktweg.',
    count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'Kontaktweg' : 'Kontaktwege'}`, table: 'Kontaktwege', empty: 'Noch keine Kontaktwege', emptyHint: 'Legen Sie ein SIP-Konto für ein Telefon an, eine App-Leitung für die App oder eine Nummer, an die weitergeleitet wird.',
    phones: 'Tischtelefone …', phonesTitle: (name) => `Tischtelefone mit ${name}`, phonesNone: 'Noch kein Tischtelefon hat das.', phone: 'Tischtelefon', phonesPut: 'Darauf legen', phonesTake: (phone) => `Von ${phone} nehmen`, phonesFirst: 'Es gibt noch kein Tischtelefon. Hier kommt eines hinzu:', phonesHint: 'Das Telefon holt sich die Änderung von selbst.',
    address: 'Führt zu', numbers: 'Nummern', outside: 'Externe Anrufe', footer: 'Welche davon klingeln und in welcher Reihenfolge, steht beim Benutzer unter Ankommende Anrufe.',
    fields: {
      kind: 'Art', label: 'Bezeichnung', time_schedule_id: 'Zeitplan', username: 'SIP-Benutzername', sip_username: 'Benutzername', password: 'SIP-Passwort', codecs: 'Codecs', max_contacts: 'Telefone zugleich', srtp: 'Verschlüsselte Sprache', number: 'Rufnummer', press_1: 'Wer abnimmt, muss die 1 drücken',
      allow_transfer: 'Weiterverbinden erlauben', domain: 'Domain', port: 'Port', transport: 'Transport', process_30x: 'Umleitungen folgen', address: 'E-Mail-Adresse',
    },
    kinds: { sip_account: 'SIP-Konto', app: 'App-Leitung', pstn_forwarding: 'PSTN-Weiterleitung', sip_forwarding: 'SIP-Weiterleitung', email: 'E-Mail-Adresse' },
    kindHints: { sip_account: 'Für ein Tischtelefon oder Softphone', app: 'Eine Leitung für alle Apps des Benutzers', pstn_forwarding: 'Anrufe gehen an eine Telefonnummer', sip_forwarding: 'Anrufe gehen an einen anderen SIP-Server', email: 'Nur für Zustellungen' },
    labelHint: 'Etwa „Büro“ oder „Zuhause“', scheduleHint: 'Außerhalb wird er übersprungen', usernameHint: 'Damit meldet sich das Telefon an; nicht die Web-Anmeldung', passwordHint: 'Leer: Eines wird erzeugt und einmal gezeigt', codecsHint: 'Der Reihe nach. Leer: was angeboten wird', maxContactsHint: 'Leer: 10',
    numberHint: 'Mit Landesvorwahl, etwa +40745550100', press1Hint: 'Damit keine fremde Mailbox den Anruf nimmt.', press1Later: 'Noch nicht wirksam: Solange es an ist, klingelt die Rufnummer nicht.', process30xHint: 'Weiter dorthin, wohin der andere Server zeigt.', addressHint: 'Wohin Sprachnachrichten und Aufzeichnungen gehen',
    madeTitle: (name) => `Anmeldung von ${name}`, madeLead: 'Tragen Sie das im Telefon ein. Das Passwort wird nicht noch einmal gezeigt.',
    removeTitle: (name) => `${name} löschen?`, removeLine: 'Seine Telefone werden abgemeldet; laufende Anrufe enden normal. Seine Nummern gehören niemandem, Tischtelefone und Anrufabläufe, die ihn nennen, verlieren ihn. Aufzeichnungen bleiben.', removeApp: 'Die Apps des Benutzers werden abgemeldet und brauchen eine neue Einladung; laufende Anrufe enden normal. Die Nummern gehören niemandem, und Anrufabläufe, die die Leitung nennen, verlieren sie. Aufzeichnungen bleiben.', removeForwarding: 'Anrufe werden nicht mehr dorthin geleitet, und seine Nummern gehören niemandem.', removeEmail: 'Dorthin geht keine Post mehr.', removed: (name) => `${name} wurde gelöscht`,
  },
  invite: {
    first: 'Einladung senden …', again: 'Einladung erneut senden …', noEmail: 'Der Benutzer hat keine gültige E-Mail-Adresse.', title: (who) => `${who} einladen`, lead: (email) => `Eine Einladung zur App geht an ${email}. Sie gilt 14 Tage und für ein Gerät.`, voids: 'Der zuvor gesendete Code gilt dann nicht mehr.',
    send: 'Senden', sendAgain: 'Erneut senden', sent: (email) => `Die Einladung geht an ${email}.`, failed: 'Sie konnte nicht gesendet werden. Der Code gilt trotzdem: Geben Sie ihn selbst weiter.', unconfirmed: 'Sie wird nicht gesendet: Die Adresse ist noch nicht bestätigt. Geben Sie sie selbst weiter.', noMail: 'Sie wird nicht gesendet: Es gibt keinen Mailserver. Geben Sie sie selbst weiter.', until: (at) => `Gültig bis ${at}.`, qr: 'QR-Code der Einladung', copyCode: 'Code kopieren', copyLink: 'Link kopieren',
    hint: 'Mit der App scannen oder den Code eintippen. Er wird nicht noch einmal gezeigt.', app: 'App', acrobitsHint: 'In Groundwire oder Acrobits Softphone scannen oder den Link auf dem Gerät damit öffnen. Entweder so oder mit Linphone: Der Code gilt einmal. Er wird nicht noch einmal gezeigt.',
    toLines: 'Zu den Kontaktwegen des Benutzers',
  },
}
