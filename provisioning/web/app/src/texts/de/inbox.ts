import type { inbox as en } from '../en/inbox'

export const inbox: typeof en = {
  title: 'Eingang', mine: 'Meiner', company: 'Das Unternehmen', whose: 'Wessen', tabs: { voicemail: 'Mailbox', missed: 'Verpasste Anrufe', recordings: 'Aufzeichnungen', messages: 'Nachrichten' },
  unread: (n) => `${n} neu`, onlyUnread: 'Nur neue', of: (who) => `für ${who}`,
  voicemailEmpty: 'Keine Sprachnachrichten', voicemailEmptyHint: 'Wer nicht erreicht wird und eine Mailbox hat, findet hier, was Anrufer hinterlassen.',
  missedEmpty: 'Keine verpassten Anrufe', missedEmptyHint: 'Anrufe, die niemand angenommen hat, stehen hier.',
  recordingsEmpty: 'Keine Aufzeichnungen', recordingsEmptyHint: 'Welche Anrufe aufgezeichnet werden, steht bei jeder Leitung.',
  messagesEmpty: 'Nachrichten gibt es noch nicht', messagesEmptyHint: 'Texte zwischen Benutzern und von außen werden hier stehen. Die Anlage überträgt sie noch nicht.',
  markRead: 'Als gehört markieren', markUnread: 'Als neu markieren', isNew: 'Neu', hand: 'Jemandem geben …', handTitle: 'Diese Nachricht jemandem geben', handLead: (who) => `Die Nachricht von ${who} kommt als neue in den Eingang dessen, den Sie wählen.`, handTo: 'An', handSubmit: 'Übergeben', handed: 'Übergeben', choose: 'Wählen Sie jemanden',
  remove: 'Löschen …', removeTitle: 'Diese Nachricht löschen?', removeLead: (who) => `Die Nachricht von ${who} wird endgültig gelöscht.`, removeRecordingTitle: 'Diese Aufzeichnung löschen?', removeRecordingLead: (who) => `Die Aufzeichnung des Anrufs ${who} wird endgültig gelöscht. Was anderswohin zugestellt ist, bleibt dort.`, removed: 'Gelöscht',
  from: (who) => `Nachricht von ${who}`, notReady: (state) => `Nichts zu hören: ${state}`, states: { expected: 'sie hat nie begonnen', capturing: 'sie wird gerade aufgenommen', failed: 'sie ist misslungen' },
  actions: (who) => `Aktionen für ${who}`, play: (what) => `Abspielen: ${what}`, toCall: 'Zum Anruf', list: 'Was ankam, Neuestes zuerst',
}
