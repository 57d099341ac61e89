export const plans = {
  title: 'Plans', add: 'Add plan', edit: (name: string) => `Plan ${name}`, count: (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'plan' : 'plans'}`, table: 'Plans', search: 'Search by name',
  lead: 'What the users of a plan may have, and what a seat costs in a month.', empty: 'No plans yet', emptyHint: 'Add a plan, then choose it on your users.',
  fields: { name: 'Name', price: 'Price', currency: 'Currency', seats: 'Seats', 'includes.direct_numbers': 'Direct numbers', includes: 'Included' } as Record<string, string>,
  includes: 'Included', priceHint: 'Of a seat and a month, such as 12.50', currencyHint: 'Three letters, such as EUR', seatsHint: '0: no limit', directNumbersHint: 'Of a user; 0: no limit',
  lessHint: 'Whoever has something already keeps it when the plan no longer includes it.',
  used: (used: number, free: number) => `${used} used, ${free} free`, unlimited: (used: number) => `${used} used, no limit`,
  directNumbers: (n: number) => (n === 0 ? 'any number of direct numbers' : n === 1 ? '1 direct number' : `${n} direct numbers`),
  features: { app: 'Mobile app', voicemail: 'Voicemail', web_calls: 'Web calls', operator_console: 'Operator console', fixed_mobile: 'Fixed-mobile', hotdesking: 'Hotdesking', multiple_caller_ids: 'Multiple caller IDs', conference_room: 'Conference room' } as Record<string, string>,
  removeTitle: (name: string) => `Delete plan ${name}?`, removeMeans: 'A plan that users still have is not deleted: give them another one first.', removed: (name: string) => `Plan ${name} was deleted`,
}

export const billing = {
  title: 'Billing events', count: (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'event' : 'events'}`, table: 'Billing events, newest first',
  lead: 'Who came to a plan, changed it or left it, and when a price changed. They are kept for as long as the company is.',
  empty: 'No billing events yet', emptyHint: 'One is written with every change of a user’s plan.', since: 'From', until: 'To',
  fields: { at: 'Time', user_name: 'User', what: 'What', price: 'Price', by: 'By' } as Record<string, string>,
  came: (plan: string) => `New on ${plan}`, left: (plan: string) => `Left ${plan}`, moved: (from: string, to: string) => `${from} → ${to}`, repriced: (plan: string) => `New price of ${plan}`,
}
