import type { people as en } from '../en/people'

export const people: typeof en = {
  photo: {
    title: 'Foto', choose: 'Foto auswählen', another: 'Anderes auswählen', remove: 'Entfernen', of: (name) => `Foto von ${name}`,
    hint: 'Oder ein Bild (JPEG, PNG, WebP) hierher ziehen. Das Quadrat in der Mitte wird behalten und sofort gespeichert.',
  },
  means: {
    title: 'Anmeldewege', lead: 'Wenn jemand ein Telefon oder einen Schlüssel verloren hat. Was Sie hier wegnehmen, gilt sofort nicht mehr und steht im Prüfprotokoll.',
    password: 'Passwort', hasPassword: 'Gesetzt', noPassword: 'Keines: niemand meldet sich damit an', code: 'Codes einer App', codeOn: (left) => `Werden verlangt; ${left} Wiederherstellungscodes übrig`, codeOff: 'Werden nicht verlangt', reset: 'Nicht mehr verlangen', resetOf: 'Codes nicht mehr verlangen',
    passkey: 'Passkey', noPasskeys: 'Keine', used: (at) => `zuletzt benutzt ${at}`, neverUsed: 'nie benutzt', removePasskey: (name) => `Passkey ${name} entfernen`,
    openid: 'Konto beim Anmeldedienst', noOpenID: 'Keines verknüpft', since: (at) => `seit ${at}`, unlink: 'Lösen', remove: 'Entfernen',
    resetTitle: 'Keine Codes mehr verlangen?', resetMeans: (name) => `${name} meldet sich nur mit dem Passwort an, bis eine neue App eingerichtet ist. Die bisherige App und die Wiederherstellungscodes gelten nicht mehr.`, resetDone: 'Codes werden nicht mehr verlangt',
    passkeyTitle: (key) => `Passkey „${key}“ entfernen?`, passkeyMeans: (name) => `Er meldet niemanden mehr an. ${name} kann nach der Anmeldung unter „Sicherheit“ einen anderen hinzufügen.`, passkeyDone: 'Der Passkey ist entfernt',
    unlinkTitle: 'Konto lösen?', unlinkMeans: (name) => `Das nächste Konto des Anmeldedienstes, dessen Adresse zu ${name} passt, gilt als dieser Benutzer.`, unlinkDone: 'Das Konto ist gelöst',
  },
  apps: { title: 'Apps', none: 'Keine App ist aktiviert. Senden Sie aus der Liste eine Einladung.', now: 'jetzt verbunden', not: 'nicht verbunden', added: (at) => `hinzugefügt ${at}`, remove: (name) => `${name} entfernen` },
}
