export const access = {
  forgot: {
    link: 'Passwort vergessen?', title: 'Neues Passwort wählen', lead: 'Sie bekommen eine E-Mail mit einem Link, der einmal und eine Stunde lang gilt.',
    login: 'Anmeldename oder E-Mail-Adresse', submit: 'Link senden', back: 'Zurück zur Anmeldung',
    sent: 'Wenn es ein Konto dazu gibt, ist eine E-Mail unterwegs. Kommt keine an, sehen Sie im Spam-Ordner nach oder fragen Sie Ihre Administration.',
  },
  reset: {
    title: 'Neues Passwort wählen', lead: 'Überall, wo Sie angemeldet sind, werden Sie abgemeldet. Ihre Telefone bleiben verbunden.', submit: 'Passwort speichern',
    doneTitle: 'Das Passwort ist geändert', done: 'Melden Sie sich mit dem neuen an.', toSignIn: 'Zur Anmeldung', dead: 'Dieser Link gilt nicht mehr', askAgain: 'Neuen Link anfordern',
  },
  withPasskey: 'Mit Passkey anmelden',
  sendReset: 'Link für neues Passwort senden', resetSent: (to: string) => `Der Link ist unterwegs an ${to}. Er gilt eine Stunde.`,
}

export const security = {
  title: 'Anmeldung und Sicherheit', menu: 'Anmeldung und Sicherheit',
  password: { title: 'Passwort', lead: 'Ihre anderen Sitzungen enden, wenn Sie es ändern.', done: 'Das Passwort wurde geändert' },
  passkeys: {
    title: 'Passkeys', lead: 'Ihr Telefon, Computer oder Sicherheitsschlüssel meldet Sie an, mit Finger, Gesicht oder PIN. Ohne Passwort, ohne Code.', add: 'Passkey hinzufügen', name: 'Name', nameHint: 'Woran Sie das Gerät erkennen', host: 'Für', added: 'Hinzugefügt', used: 'Zuletzt benutzt',
    rename: (name: string) => `${name} umbenennen`, remove: (name: string) => `${name} entfernen`, removeTitle: (name: string) => `${name} entfernen?`, removeLead: 'Er meldet Sie hier nicht mehr an. Sie können ihn auch auf dem Gerät löschen.',
    addDone: 'Der Passkey wurde hinzugefügt', gaveUp: 'Der Browser hat keinen Passkey angelegt. Versuchen Sie es noch einmal, oder wählen Sie ein anderes Gerät.', notHere: 'Passkeys brauchen eine sichere Seite (https), die über ihren Namen geöffnet ist.',
  },
  totp: {
    title: 'Codes einer Authenticator-App', off: 'Aus', on: 'Ein',
    lead: 'Bei der Anmeldung wird zusätzlich ein Code einer App auf Ihrem Mobiltelefon verlangt: Wer Ihr Passwort kennt, kommt ohne ihn nicht weiter.',
    begin: 'Einrichten', stop: 'Ausschalten …', scan: 'Scannen Sie dies mit der App, und geben Sie dann den Code ein, den sie anzeigt.', secret: 'Oder geben Sie diesen Schlüssel in die App ein', code: 'Code', confirm: 'Einschalten',
    recoveryTitle: 'Wiederherstellungscodes', recovery: 'Jeder ersetzt die App einmal, wenn das Telefon verloren ist. Bewahren Sie sie nicht auf dem Telefon auf: Sie werden nicht noch einmal angezeigt.',
    download: 'Herunterladen', kept: 'Ich habe sie aufbewahrt', stopTitle: 'Keinen Code mehr verlangen?', stopLead: 'Dann genügt zur Anmeldung das Passwort allein.', stopSubmit: 'Ausschalten', stopped: 'Es wird kein Code mehr verlangt',
  },
  sessions: {
    title: 'Wo Sie angemeldet sind', device: 'Browser', source: 'Adresse', seen: 'Zuletzt benutzt', began: 'Angemeldet', here: 'diese hier', end: 'Abmelden', endLabel: (device: string, source: string) => `${device} bei ${source} abmelden`,
    ended: 'Dort abgemeldet', only: 'Sie sind nur hier angemeldet.', unknown: 'Unbekanntes Programm', on: (browser: string, system: string) => `${browser} unter ${system}`,
  },
}

export const audit = {
  title: 'Protokoll', count: (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'Ereignis' : 'Ereignisse'}`, empty: 'Noch nichts', emptyHint: 'Jede Anmeldung und jeder Abruf einer Telefonkonfiguration, auch wenn er scheitert, wird ein Jahr lang aufbewahrt.',
  accessTable: 'Anmeldungen und Telefone, neueste zuerst', nobody: 'unbekannter Anmeldename',
  at: 'Wann', event: 'Was', who: 'Wer', source: 'Von', detail: 'Näheres', program: 'Programm',
  events: {
    signed_in: 'Angemeldet', sign_in_failed: 'Anmeldung gescheitert', signed_out: 'Abgemeldet', password_changed: 'Passwort geändert', password_reset_mailed: 'Passwort-Link gesendet', email_confirmed: 'E-Mail bestätigt', totp_enabled: 'Codes eingeschaltet', totp_disabled: 'Codes ausgeschaltet', passkey_added: 'Passkey hinzugefügt', passkey_removed: 'Passkey entfernt', openid_linked: 'Konto beim Anmeldedienst verknüpft', openid_unlinked: 'Konto beim Anmeldedienst gelöst', phone_fetched: 'Telefon eingerichtet', phone_denied: 'Telefon abgewiesen', retention_passed: 'Altes gelöscht',
  } as Record<string, string>,
}
