import type { Texts } from '../en'

export const codes: Pick<Texts, 'featureCodes' | 'tokens'> = {
  featureCodes: {
    title: 'Funktionscodes', add: 'Funktionscode hinzufügen', edit: (code) => `Funktionscode ${code}`, count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'Code' : 'Codes'}`, table: 'Funktionscodes', search: 'Teil des Codes',
    empty: 'Noch keine Funktionscodes', emptyHint: 'Ein Funktionscode wird gewählt, damit die Anlage etwas tut, etwa *43 für einen Echotest. Legen Sie die an, die Ihre Leute kennen.', hint: '1 bis 8 aus Ziffern, * und #, etwa *43', effect: 'Wirkung', works: 'Wirksam',
    fields: { code: 'Code', action: 'Aktion' },
    actions: {
      record_toggle: 'Aufzeichnung starten oder beenden', record_pause: 'Aufzeichnung anhalten', dnd_on: 'Nicht stören an', dnd_off: 'Nicht stören aus', dnd_toggle: 'Nicht stören an oder aus', forward_set: 'Anrufe an eine Nummer weiterleiten', forward_clear: 'Weiterleitung beenden', call_back: 'Letzten Anrufer zurückrufen',
      anonymous: 'Anonym anrufen', caller_id: 'Anrufernummer wählen', pickup: 'Fremden Anruf übernehmen', pickup_group: 'In der Gruppe übernehmen', park: 'Anruf parken', retrieve: 'Geparkten Anruf holen', voicemail: 'Mailbox abhören', hotdesk_login: 'Hotdesking: anmelden', hotdesk_logout: 'Hotdesking: abmelden',
      conference: 'Konferenzraum', echo: 'Echotest', transfer_blind: 'Sofort verbinden', transfer_attended: 'Nach Rückfrage verbinden',
    },
    removeTitle: (code) => `Funktionscode ${code} löschen?`, removeMeans: 'Wer ihn wählt, erreicht nichts mehr.', removed: (code) => `${code} wurde gelöscht`,
  },
  tokens: {
    title: 'API-Token', add: 'Token anlegen', edit: (name) => `Token ${name}`, count: (n, more) => `${n}${more ? '+' : ''} Token`, table: 'API-Token', search: 'Nach Bezeichnung suchen',
    empty: 'Noch keine API-Token', emptyHint: 'Programme nutzen die API mit einem Token. Legen Sie für jedes Programm eines an, dann lässt sich jedes für sich widerrufen.', labelHint: 'Welches Programm es nutzt', roleHint: 'Wie weit es reicht; das lässt sich später nicht ändern', expiryHint: 'Der letzte Tag, an dem es gilt. Leer: bis es widerrufen wird',
    fields: { label: 'Bezeichnung', role: 'Rolle', user_id: 'Benutzer', prefix: 'Beginnt mit', expires_at: 'Läuft ab', created_at: 'Angelegt', created_by: 'Erstellt von' },
    roles: { operator: 'Betreiber: alle Organisationen', admin: 'Administrator', user: 'Benutzer: nur der eigene Bereich' },
    never: 'Nie', token: 'Token', madeTitle: (name) => `Token ${name}`, madeLead: 'Kopieren Sie es jetzt, und verwahren Sie es wie ein Passwort: Es wird nicht noch einmal gezeigt.',
    revoke: 'Widerrufen …', revokeSubmit: 'Widerrufen', removeTitle: (name) => `Token ${name} widerrufen?`, removeMeans: 'Programme, die es nutzen, werden sofort abgewiesen. Es lässt sich nicht zurückholen.', removed: (name) => `Token ${name} wurde widerrufen`,
  },
}
