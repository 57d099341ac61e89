import type { Texts } from '../en'

export const drafts: Texts['drafts'] = {
  try: 'Erst ausprobieren …', title: 'Diese Änderung ausprobieren', lead: 'Noch ist nichts gespeichert. Was Sie anwenden, steht unter den Änderungen und lässt sich dort zurücknehmen.', period: 'Vergleichen mit den Anrufen', day: 'der letzten 24 Stunden', week: 'der letzten 7 Tage',
  changes: 'Was sich ändert', calls: 'Anrufe, die anders verlaufen wären', looked: (n) => `${n} ${n === 1 ? 'Anruf wurde' : 'Anrufe wurden'} noch einmal durchgegangen.`, more: 'Es gibt mehr; dies sind die neuesten.',
  none: 'Kein Anruf dieser Zeit wäre anders verlaufen.', noCalls: 'In dieser Zeit gab es keinen Anruf.', call: (from, to) => `${from} rief ${to} an`, was: 'Jetzt', would: 'Dann', differ: (n) => `${n} wären anders verlaufen.`,
  apply: 'Anwenden', drop: 'Verwerfen', same: 'Dadurch ändert sich nichts.', summary: (who) => `${who} ändern`,
}
