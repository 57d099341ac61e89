export const address = {
  badge: 'nicht bestätigt', state: 'E-Mail bestätigt', sent: 'Link zur Bestätigung gesendet', expires: 'Link zur Bestätigung gilt bis', delivery: 'Zustellung des Links zur Bestätigung', verified: 'Bestätigte E-Mail',
  states: { none: 'Nichts zu bestätigen', sent: 'Nicht bestätigt', verified: 'Bestätigt', expired: 'Nicht bestätigt: Der Link ist zu alt', failed: 'Nicht bestätigt: Es wurde kein Link gesendet' },
  willAsk: 'An eine neue Adresse geht ein Link zur Bestätigung. Bis ihm jemand folgt, geht kein Link zur Wahl eines Passworts dorthin.',
  asked: (until: string) => `Der dorthin gesendete Link gilt bis ${until}.`,
  tooOld: 'Der dorthin gesendete Link ist zu alt.',
  failed: 'Es wurde kein Link dorthin gesendet. Gibt es einen Mailserver?',
  again: 'Link erneut senden', againLong: 'Link zur Bestätigung der E-Mail erneut senden', done: (to: string) => `Ein Link zur Bestätigung ist unterwegs an ${to}.`,
  own: 'Folgen Sie dem Link, der dorthin gesendet wurde.',
  title: 'Ist das Ihre Adresse?', lead: (who: string, org: string) => `Sie wurde für ${who} bei ${org} eingetragen.`, anyone: 'Ein gesendeter Link hat Sie hierher geführt.',
  notYou: 'Wenn Sie das nicht sind, schließen Sie diese Seite: Nichts wird bestätigt.', password: 'Ihr Passwort', passwordHint: 'Das, mit dem Sie sich hier anmelden. Die E-Mail könnte jemand anderen erreicht haben.', submit: 'Adresse bestätigen',
  confirmedTitle: 'Die Adresse ist bestätigt', confirmed: (email: string) => `${email} gehört von nun an Ihnen.`, enter: 'Zur Anwendung',
  dead: 'Dieser Link bestätigt nichts mehr', deadLead: 'Er wurde schon benutzt, ist zu alt, oder die Adresse hat sich seither geändert. Bitten Sie Ihre Verwaltung um einen neuen.',
}
