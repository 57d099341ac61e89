/** Texts of a user's email address: whether it is known to be the user's, and what confirms it. */
export const address = {
  badge: 'not confirmed', state: 'Email confirmed', sent: 'Link to confirm mailed', expires: 'Link to confirm expires', delivery: 'Delivery of the link to confirm', verified: 'Confirmed email',
  states: { none: 'Nothing to confirm', sent: 'Not confirmed', verified: 'Confirmed', expired: 'Not confirmed: the link is too old', failed: 'Not confirmed: no link was mailed' } as Record<string, string>,
  willAsk: 'A link to confirm it is mailed to a new address. Until that is followed, no link to choose a password goes there.',
  asked: (until: string) => `The link that was mailed there is good until ${until}.`,
  tooOld: 'The link that was mailed there is too old.',
  failed: 'No link was mailed there. Is there a mail server?',
  again: 'Mail the link again', againLong: 'Mail the link to confirm the email again', done: (to: string) => `A link to confirm the address is on its way to ${to}.`,
  own: 'Follow the link that was mailed there.',
  title: 'Is this your address?', lead: (who: string, org: string) => `It was entered for ${who} at ${org}.`, anyone: 'A mailed link has led you here.',
  notYou: 'If that is not you, close this page: nothing is confirmed.', password: 'Your password', passwordHint: 'The one that you sign in with here. Mail may have gone to somebody else.', submit: 'Confirm the address',
  confirmedTitle: 'The address is confirmed', confirmed: (email: string) => `${email} is yours from now on.`, enter: 'To the application',
  dead: 'This link confirms nothing any more', deadLead: 'It was used already, is too old, or the address has changed since. Ask your administrator for another.',
}
