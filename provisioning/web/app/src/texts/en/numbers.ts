const many = (one: string, all: string) => (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? one : all}`

export const numbers = {
  owners: {
    owner: 'Assigned to', openFlow: 'Open the call flow',
    kinds: { none: 'Nobody', user: 'User', contact_method: 'Contact method', company: 'Company: the main number', call_flow: 'Call flow' } as Record<string, string>,
  },
  numbers: {
    title: 'Numbers', add: 'Add number', edit: (n: string) => `Number ${n}`, count: many('number', 'numbers'), table: 'Numbers', search: 'Part of the number',
    empty: 'No numbers yet', emptyHint: 'Add the numbers that your carrier gave you. Then assign each to a user, a contact method, a call flow or the company.',
    number: 'Number', assignment: 'Assignment', e164Hint: 'With + and country code, as +40215550100', e164Fixed: 'Fixed. For another number, add another.', labelHint: 'For yourselves', trunkHint: 'The carrier that it comes from',
    fields: { e164: 'Number', label: 'Label', trunk_id: 'Trunk', owner: 'Assigned to', 'owner.kind': 'Assigned to', 'owner.id': 'Assigned to' } as Record<string, string>,
    unassign: 'Unassign…', isFree: 'Nobody has it.', unassignTitle: (n: string) => `Unassign ${n}?`, unassignMeans: 'Whoever has it loses it. Callers hear that the number is not in use until it is assigned again.', unassignSubmit: 'Unassign', unassigned: (n: string) => `${n} is free`,
    removeTitle: (n: string) => `Delete ${n}?`, removeMeans: 'The exchange takes no calls for it any more, and no line shows it as caller ID.', removed: (n: string) => `${n} was deleted`,
  },
  internalNumbers: {
    title: 'Internal numbers', add: 'Add internal number', edit: (n: string) => `Internal number ${n}`, count: many('internal number', 'internal numbers'), table: 'Internal numbers', search: 'Part of the number',
    empty: 'No internal numbers yet', emptyHint: 'A user’s line gets one when it is made. Add others here, such as one for a call flow.', assignment: 'Assignment', hint: '1 to 6 digits', fixed: 'Fixed. For another number, add another.',
    fields: { number: 'Number', owner: 'Assigned to', 'owner.kind': 'Assigned to', 'owner.id': 'Assigned to' } as Record<string, string>,
    free: 'Free…', removeTitle: (n: string) => `Free ${n}?`, removeMeans: 'Nobody can be reached by it any more, and it can be given to somebody else.', removeSubmit: 'Free', removed: (n: string) => `${n} is free`,
  },
}
