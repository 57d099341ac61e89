import type { Texts } from '../en'

export const edit: Texts['edit'] = {
  removeNone: 'Nichts sonst hängt daran.', removeLead: 'Das verschwindet oder ändert sich damit:', removeTick: 'Mir ist bewusst, dass auch das verschwindet oder sich ändert',
  leaveTitle: 'Verlassen, ohne zu speichern?', leave: 'Ihre Änderungen auf dieser Seite sind noch nicht gespeichert. Sie gehen verloren, wenn Sie sie verlassen.', leaveSubmit: 'Verlassen', stay: 'Hier bleiben',
  messages: (n) => `${n} ${n === 1 ? 'Nachricht' : 'Nachrichten'}`,
  what: {
    contact_methods: 'Kontaktweg', app_devices: 'App-Gerät', numbers: 'Rufnummer', internal_numbers: 'Interne Nummer', devices: 'Tischtelefon', call_flows: 'Anrufablauf', voicemails: 'Mailbox', tokens: 'API-Token',
    users: 'Benutzer', trunks: 'Trunk', organizations: 'Unternehmen', time_schedules: 'Zeitplan', audio_files: 'Audiodatei', delivery_methods: 'Zustellweg', feature_codes: 'Funktionscode', plans: 'Tarif',
  },
}
