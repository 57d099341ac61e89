import type { Texts } from '../en'

export const imports: Texts['imports'] = {
  title: 'Benutzer importieren', lead: 'Eine CSV-Datei mit einer Kopfzeile und einer Zeile je Benutzer. Nur der Vorname muss da sein.', open: 'CSV importieren …',
  drop: 'Ziehen Sie eine CSV-Datei hierher oder wählen Sie eine aus', choose: 'Datei auswählen', limits: 'Höchstens 20 MB, durch Kommas getrennt, in UTF-8. „CSV UTF-8“ aus Excel passt.',
  uploading: 'Wird hochgeladen', lost: 'Die Verbindung ist beim Hochladen abgebrochen. Nichts davon wurde behalten; senden Sie die Datei noch einmal.', large: 'Die Datei ist größer als 20 MB.',
  file: (name, rows) => `${name}: ${rows} ${rows === 1 ? 'Zeile' : 'Zeilen'}`, other: 'Andere Datei',
  columns: 'Spalten', column: 'Spalte in der Datei', values: 'Erste Werte', field: 'Feld', leaveOut: 'Weglassen', needFirst: 'Keine Spalte ist der Vorname. Wählen Sie eine.', twice: 'Eine andere Spalte ist schon dieses Feld.', unnamed: (n) => `Spalte ${n}, ohne Namen`,
  preview: 'Erste Zeilen', row: 'Zeile', duplicates: 'Überspringen, wer schon da ist', duplicatesHint: 'Gleiche E-Mail-Adresse, sonst gleicher voller Name. Jeder wird gemeldet.',
  check: 'Datei prüfen', checking: 'Wird geprüft', importing: 'Wird importiert', cancel: 'Import abbrechen', cancelled: 'Abgebrochen. Nichts wurde importiert.',
  sums: (created, skipped, failed) => `${created} kommen hinzu, ${skipped} werden übersprungen, ${failed} mit Fehler`,
  mend: 'Alle Zeilen oder keine: Berichtigen Sie die Zeilen unten in Ihrer Datei oder lassen Sie eine Spalte weg, und prüfen Sie noch einmal.', problems: 'Zeilen zum Nachsehen', first: (n) => `Die ersten ${n}. Der Bericht hat alle.`,
  action: { failed: 'Fehler', skipped: 'Übersprungen', created: 'Hinzugefügt' }, what: 'Was', why: 'Warum',
  consent: 'Die Personen in dieser Datei sind damit einverstanden, hier eingetragen zu werden. Mein Name und die Zeit werden dazu festgehalten.',
  submit: (n) => `${n} Benutzer importieren`, nobody: 'Niemand in dieser Datei ist neu.',
  done: (n) => `${n} Benutzer ${n === 1 ? 'wurde' : 'wurden'} hinzugefügt`, refused: 'Nichts wurde importiert', report: 'Bericht herunterladen', toUsers: 'Zu den Benutzern', undo: 'Diesen Import rückgängig machen …', gone: 'Die hochgeladene Datei ist nicht mehr da. Wählen Sie sie noch einmal aus.',
  waiting: 'Die Verbindung zur Telefonanlage ist unterbrochen. Es wird weiter versucht …', interrupted: 'Die Telefonanlage wurde mittendrin beendet', runAgain: 'Nichts wurde importiert. Prüfen Sie die Datei und importieren Sie sie noch einmal.', wasLost: 'Die Verbindung war unterbrochen. Bisher wurde nichts importiert.', noReport: 'Es gibt keinen Bericht über die Zeilen: Die Telefonanlage wurde beendet, bevor er geschrieben war. „Rückgängig machen“ zeigt alle, die hinzugefügt wurden.',
}
