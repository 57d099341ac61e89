import type { Texts } from '../en'

export const directory: Texts['directory'] = {
  title: 'Verzeichnis', count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'Person' : 'Personen'}`, table: 'Kolleginnen und Kollegen', search: 'Nach Name suchen',
  empty: 'Noch hat niemand eine interne Nummer', emptyHint: 'Personen erscheinen hier, sobald ein Administrator ihnen eine Leitung mit einer internen Nummer gegeben hat.',
  fields: { name: 'Name', extension: 'Interne Nummer', job_title: 'Position', department: 'Abteilung' },
  call: (who, number) => `${who} anrufen, ${number}`, copy: (who, number) => `Nummer von ${who} kopieren, ${number}`,
}
