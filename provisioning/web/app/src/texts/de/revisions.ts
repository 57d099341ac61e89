import type { Texts } from '../en'

export const revisions: Texts['revisions'] = {
  title: 'Änderungen', lead: 'Jede Änderung der Einstellungen: wer sie gemacht hat, wann und welche. Jede lässt sich zurücknehmen.',
  tries: 'Eine Änderung lässt sich an den letzten Anrufen ausprobieren, bevor sie gespeichert wird: „Erst ausprobieren …“ in den Formularen von',
  by: 'Wer', summary: 'Was', path: 'Eintrag', since: 'Ab', until: 'Bis', number: 'Nr.', count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'Änderung' : 'Änderungen'}`,
  empty: 'Noch keine Änderungen', emptyHint: 'Jede Änderung der Einstellungen steht hier.', noneFound: 'Keine Änderung passt', noneFoundHint: 'Entfernen Sie einen Filter.',
  records: (n) => `${n} ${n === 1 ? 'Eintrag' : 'Einträge'}`, rest: (n) => `und ${n} weitere`,
  op: { create: 'Neu', update: 'Geändert', delete: 'Gelöscht' }, secret: 'Ein Passwort wurde gesetzt; es wird nicht gezeigt.', blank: 'leer',
  undoOf: (n) => `Änderung ${n} rückgängig machen …`, restoreOf: (n) => `Zurück zu Änderung ${n} …`,
  undoTitle: (n) => `Änderung ${n} rückgängig machen?`, restoreTitle: (n) => `Zurück zu Änderung ${n}?`,
  undoLead: 'Das ändert sich dadurch. Was später kam, bleibt.', restoreLead: 'Das ändert sich dadurch. Auch alles, was später kam, wird zurückgenommen. Passwörter und die Domain bleiben, wie sie jetzt sind.',
  onlySecrets: 'Diese Änderung hat nur ein Passwort oder ein anderes Geheimnis gesetzt. Was vorher galt, wird nicht aufbewahrt und lässt sich nicht zurückholen: Setzen Sie ein neues.',
  secretsStay: 'Passwörter und andere Geheimnisse aus dieser Änderung bleiben, wie sie jetzt sind: Was vorher galt, wird nicht aufbewahrt.',
  nothing: 'Es gibt keinen Unterschied: Nichts ist zurückzunehmen.', submit: 'Zurücknehmen', done: (n) => `Erledigt, als Änderung ${n}`, cannot: 'Das lässt sich nicht zurücknehmen',
}
