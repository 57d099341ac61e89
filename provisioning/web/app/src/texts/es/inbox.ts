import type { inbox as en } from '../en/inbox'

export const inbox: typeof en = {
  title: 'Buzón', mine: 'El mío', company: 'La empresa', whose: 'De quién', tabs: { voicemail: 'Mensajes de voz', missed: 'Llamadas perdidas', recordings: 'Grabaciones', messages: 'Mensajes de texto' },
  unread: (n) => `${n} sin oír`, onlyUnread: 'Solo los nuevos', of: (who) => `para ${who}`,
  voicemailEmpty: 'No hay mensajes', voicemailEmptyHint: 'Quien no está localizable y tiene buzón de voz encuentra aquí lo que dejan quienes llaman.',
  missedEmpty: 'No hay llamadas perdidas', missedEmptyHint: 'Aquí están las llamadas que nadie contestó.',
  recordingsEmpty: 'No hay grabaciones', recordingsEmptyHint: 'Qué llamadas se graban se indica en cada línea.',
  messagesEmpty: 'Todavía no hay mensajes de texto', messagesEmptyHint: 'Los textos entre usuarios y de fuera estarán aquí. La centralita aún no los transporta.',
  markRead: 'Marcar como oído', markUnread: 'Marcar como nuevo', isNew: 'Nuevo', hand: 'Pasar a alguien …', handTitle: 'Pasar este mensaje a alguien', handLead: (who) => `El mensaje de ${who} pasa, como nuevo, al buzón de quien usted elija.`, handTo: 'A', handSubmit: 'Pasar', handed: 'Pasado', choose: 'Elija a alguien',
  remove: 'Borrar …', removeTitle: '¿Borrar este mensaje?', removeLead: (who) => `El mensaje de ${who} se borra para siempre.`, removeRecordingTitle: '¿Borrar esta grabación?', removeRecordingLead: (who) => `La grabación de la llamada ${who} se borra para siempre. Lo ya entregado en otro lugar se queda allí.`, removed: 'Borrado',
  from: (who) => `Mensaje de ${who}`, notReady: (state) => `No hay nada que oír: ${state}`, states: { expected: 'no llegó a empezar', capturing: 'se está tomando ahora', failed: 'falló' },
  actions: (who) => `Acciones para ${who}`, play: (what) => `Escuchar: ${what}`, toCall: 'La llamada', list: 'Lo que ha llegado, lo más nuevo primero',
}
