/** What the list of changes says. */
export const revisions = {
  title: 'Changes', lead: 'Every change of the configuration: who made it, when, and what it was. Each can be taken back.',
  tries: 'A change can be tried on the last calls before it is saved: “Try it first…” in the forms of',
  by: 'Who', summary: 'What', path: 'Record', since: 'From', until: 'Until', number: 'No.', count: (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'change' : 'changes'}`,
  empty: 'No changes yet', emptyHint: 'Each change of the configuration is kept here.', noneFound: 'No change matches', noneFoundHint: 'Clear a filter.',
  records: (n: number) => `${n} ${n === 1 ? 'record' : 'records'}`, rest: (n: number) => `and ${n} more`,
  op: { create: 'New', update: 'Changed', delete: 'Deleted' } as Record<string, string>, secret: 'A password was set; it is not shown.', blank: 'empty',
  undoOf: (n: number) => `Undo change ${n}…`, restoreOf: (n: number) => `Back to change ${n}…`,
  undoTitle: (n: number) => `Undo change ${n}?`, restoreTitle: (n: number) => `Back to change ${n}?`,
  undoLead: 'This is what it changes. What came later stays.', restoreLead: 'This is what it changes. Everything that came later is taken back too. Passwords and the domain stay as they are now.',
  onlySecrets: 'This change only set a password or another secret. What it was before is not kept, so it cannot be taken back: set a new one instead.',
  secretsStay: 'Passwords and other secrets that this change set stay as they are now: what they were before is not kept.',
  nothing: 'Nothing differs: there is nothing to take back.', submit: 'Take it back', done: (n: number) => `Done, as change ${n}`, cannot: 'It cannot be taken back',
}
