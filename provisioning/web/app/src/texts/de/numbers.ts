import type { Texts } from '../en'

const many = (one: string, all: string) => (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? one : all}`

export const numbers: Pick<Texts, 'owners' | 'numbers' | 'internalNumbers'> = {
  owners: {
    owner: 'Zugewiesen an', openFlow: 'Den Anrufablauf öffnen',
    kinds: { none: 'Niemand', user: 'Benutzer', contact_method: 'Kontaktweg', company: 'Unternehmen: die Hauptnummer', call_flow: 'Anrufablauf' },
  },
  numbers: {
    title: 'Rufnummern', add: 'Rufnummer hinzufügen', edit: (n) => `Rufnummer ${n}`, count: many('Rufnummer', 'Rufnummern'), table: 'Rufnummern', search: 'Teil der Nummer',
    empty: 'Noch keine Rufnummern', emptyHint: 'Tragen Sie die Rufnummern Ihres Anbieters ein. Weisen Sie dann jede einem Benutzer, einem Kontaktweg, einem Anrufablauf oder dem Unternehmen zu.',
    number: 'Rufnummer', assignment: 'Zuweisung', e164Hint: 'Mit + und Landesvorwahl, etwa +40215550100', e164Fixed: 'Bleibt fest. Für eine andere Nummer legen Sie eine weitere an.', labelHint: 'Für Sie selbst', trunkHint: 'Der Anbieter, von dem sie kommt',
    fields: { e164: 'Rufnummer', label: 'Bezeichnung', trunk_id: 'Trunk', owner: 'Zugewiesen an', 'owner.kind': 'Zugewiesen an', 'owner.id': 'Zugewiesen an' },
    unassign: 'Frei machen …', isFree: 'Niemand hat sie.', unassignTitle: (n) => `${n} frei machen?`, unassignMeans: 'Wer sie hat, verliert sie. Bis sie wieder zugewiesen ist, gilt sie Anrufern als nicht vergeben.', unassignSubmit: 'Frei machen', unassigned: (n) => `${n} ist frei`,
    removeTitle: (n) => `${n} löschen?`, removeMeans: 'Die Anlage nimmt für sie keine Anrufe mehr an, und keine Leitung zeigt sie mehr als Anrufernummer.', removed: (n) => `${n} wurde gelöscht`,
  },
  internalNumbers: {
    title: 'Interne Nummern', add: 'Interne Nummer hinzufügen', edit: (n) => `Interne Nummer ${n}`, count: many('interne Nummer', 'interne Nummern'), table: 'Interne Nummern', search: 'Teil der Nummer',
    empty: 'Noch keine internen Nummern', emptyHint: 'Die Leitung eines Benutzers erhält eine, wenn sie angelegt wird. Weitere legen Sie hier an, etwa für einen Anrufablauf.', assignment: 'Zuweisung', hint: '1 bis 6 Ziffern', fixed: 'Bleibt fest. Für eine andere Nummer legen Sie eine weitere an.',
    fields: { number: 'Nummer', owner: 'Zugewiesen an', 'owner.kind': 'Zugewiesen an', 'owner.id': 'Zugewiesen an' },
    free: 'Frei machen …', removeTitle: (n) => `${n} frei machen?`, removeMeans: 'Niemand ist mehr unter ihr erreichbar, und sie kann jemand anderem gegeben werden.', removeSubmit: 'Frei machen', removed: (n) => `${n} ist frei`,
  },
}
