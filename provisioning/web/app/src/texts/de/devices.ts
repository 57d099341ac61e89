import type { Texts } from '../en'

export const devices: Pick<Texts, 'phones' | 'appDevices'> = {
  phones: {
    title: 'Tischtelefone', add: 'Telefon hinzufügen', edit: (name) => `Telefon ${name}`, count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'Telefon' : 'Telefone'}`, table: 'Tischtelefone', search: 'Nach Bezeichnung suchen',
    empty: 'Noch keine Tischtelefone', emptyHint: 'Legen Sie ein Telefon mit der Hardware-Adresse von seiner Rückseite an, geben Sie ihm das SIP-Konto eines Benutzers, und tragen Sie die gezeigte Adresse im Telefon ein.',
    phone: 'Telefon', macHint: 'Zwölf Ziffern und Buchstaben, auf der Rückseite', labelHint: 'Etwa, wo es steht', noLines: 'Noch keine Leitungen: Das Telefon kann nicht anrufen.', addLine: 'Diese Leitung hinzufügen', takeLine: (n) => `Leitung ${n} wegnehmen`, enabledHint: 'Aus: Das Telefon bekommt keine Konfiguration; was es hat, gilt weiter.',
    certificateHint: 'Seine Konfiguration bekommt nur, wer auch das Zertifikat zeigt, das der Hersteller in dieses Telefon eingebaut hat. Nicht für Telefone, die über einen Reverse-Proxy kommen.', noCertificates: 'Der Server fragt Telefone nicht nach einem Zertifikat: Sein Betreiber muss ihn mit den Zertifikaten der Hersteller starten (--device-ca).',
    fields: { label: 'Bezeichnung', mac: 'Hardware-Adresse (MAC)', vendor: 'Hersteller', model: 'Modell', lines: 'Leitungen', last_fetch: 'Zuletzt geholt', enabled: 'Seine Konfiguration geben', require_certificate: 'Sein Zertifikat verlangen', disabled: 'Gesperrt', hotdesk: 'Hotdesking' },
    disabled: 'Gesperrt', neverFetched: 'Nie', redirects: 'Umleitungsliste', redirectsHint: 'CSV für die Umleitungsdienste der Hersteller. Sie ist so geheim wie die Passwörter der Telefone.', allMakers: 'Alle Hersteller',
    resync: 'Konfiguration jetzt holen lassen', resynced: (name) => `${name} wurde gebeten, seine Konfiguration zu holen`, away: (name) => `${name} ist nicht registriert und kann nicht gebeten werden. Es holt seine Konfiguration, wenn es startet, und einmal am Tag.`,
    rotate: 'Neue Konfigurationsadresse …', rotateTitle: (name) => `${name} eine neue Adresse geben?`, rotateMeans: 'Die bisherige Adresse gilt sofort nicht mehr. Tragen Sie die neue im Telefon ein, sonst holt es seine Konfiguration nicht mehr.', rotateSubmit: 'Neue Adresse', rotated: 'Die alte Adresse gilt nicht mehr',
    url: 'Konfigurationsadresse', urlTitle: (name) => `Wo ${name} seine Konfiguration holt`, urlLead: 'Tragen Sie diese Adresse im Telefon ein, oder kopieren Sie sie jetzt: Sie wird nicht noch einmal gezeigt. Wer sie hat, bekommt die Passwörter der Leitungen.',
    removeTitle: (name) => `Telefon ${name} löschen?`, removeMeans: 'Es bekommt keine Konfiguration mehr. Seine Leitungen bleiben bei ihren Benutzern.', removed: (name) => `Telefon ${name} wurde gelöscht`,
  },
  appDevices: {
    title: 'App-Geräte', count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'Gerät' : 'Geräte'}`, table: 'App-Geräte', search: 'Nach Namen suchen',
    lead: 'Ein Gerät erscheint hier, wenn jemand die App mit dem Code einer Einladung aktiviert. Jedes hat eigene Zugangsdaten; wird eines entfernt, ist nur dieses abgemeldet.', toUsers: 'Benutzer einladen',
    empty: 'Noch keine App-Geräte', emptyHint: 'Geben Sie einem Benutzer eine App-Leitung, und senden Sie eine Einladung. Das Gerät erscheint, wenn ihr Code in der App eingegeben wird.',
    fields: { name: 'Name', user_id: 'Benutzer', os: 'Betriebssystem', app_version: 'App-Version', created_at: 'Angelegt' },
    remove: 'Entfernen …', removeTitle: (name) => `${name} entfernen?`, removeMeans: 'Die App ist sofort abgemeldet und klingelt nicht mehr. Um sie wieder zu nutzen, braucht der Benutzer eine neue Einladung.', removeSubmit: 'Entfernen', removed: (name) => `${name} wurde entfernt`,
  },
}
