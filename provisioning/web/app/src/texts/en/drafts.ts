/** What trying a change says. */
export const drafts = {
  try: 'Try it first…', title: 'Try this change', lead: 'Nothing is saved yet. What you apply stands among the changes, where it can be undone.', period: 'Compare with the calls of', day: 'The last 24 hours', week: 'The last 7 days',
  changes: 'What changes', calls: 'Calls that would have gone elsewhere', looked: (n: number) => `${n} ${n === 1 ? 'call was' : 'calls were'} gone through again.`, more: 'There are more; these are the newest.',
  none: 'No call of that time would have gone elsewhere.', noCalls: 'There was no call at that time.', call: (from: string, to: string) => `${from} called ${to}`, was: 'Now', would: 'Then', differ: (n: number) => `${n} would differ.`,
  apply: 'Apply', drop: 'Drop', same: 'Nothing is changed by this.', summary: (who: string) => `change ${who}`,
}
