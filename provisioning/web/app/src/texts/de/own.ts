import type { own as en } from '../en/own'

export const own: typeof en = {
  calls: 'Anrufe an mich', forward: 'Rufweiterleitung', forwardNumber: 'Weiterleiten an', forwardHint: 'Eine Nummer außerhalb. Alle Ihre Geräte klingeln weiter; wer dort abnimmt, muss die 1 drücken, um das Gespräch anzunehmen.', forwardOn: 'Anrufe weiterleiten', forwardMissing: 'Geben Sie zuerst die Nummer ein',
  disturb: 'Nicht stören', disturbHint: 'Keines Ihrer Telefone klingelt; für Anrufer gilt, was unter „Wenn ich nicht abnehme“ steht.', lines: 'Meine Leitungen', noLines: 'Sie haben noch keine Leitung. Ihr Administrator legt eine an.',
  when: 'Wenn ich nicht abnehme', to: 'Weiterleiten an', toHint: 'Wie Sie es wählen würden', callerId: 'Nummer, die andere sehen', callerIdNone: 'Die Nummer des Unternehmens', anonymous: 'Anonym anrufen', devices: 'Meine App-Geräte', noDevices: 'Keine App ist aktiviert. Bitten Sie um eine Einladung.',
  removeDevice: (name) => `${name} entfernen`, removeTitle: 'Dieses Gerät entfernen?', removeLead: (name) => `${name} wird sofort abgemeldet und klingelt nicht mehr. Um es wieder zu benutzen, brauchen Sie eine neue Einladung.`, added: 'hinzugefügt', about: 'Über mich', kinds: { app: 'App', sip_account: 'Telefon', pstn_forwarding: 'Telefon außerhalb', sip_forwarding: 'SIP-Adresse' },
  personal: 'Meine Einstellungen', languageHint: 'Ihrer Seiten, Telefone und E-Mails. Was Sie im Menü dieses Browsers wählen, geht hier vor.', pinHint: '4 bis 12 Ziffern; wird nicht wieder angezeigt. Leer lassen, um die jetzige zu behalten.',
}
