export const inactive = {
  title: 'Inactive users', count: (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'user' : 'users'}`, table: 'Users who were not seen lately', span: 'Not seen for', days: (n: number) => (n === 365 ? '1 year' : `${n} days`), created: 'Added',
  lead: 'Nobody here has registered a phone, made or answered a call, or signed in for this long. Who was never seen counts from the day of being added.',
  empty: 'Nobody is inactive', emptyHint: 'Everybody was seen since then. Choose fewer days to look again.',
}
