export const codes = {
  featureCodes: {
    title: 'Feature codes', add: 'Add feature code', edit: (code: string) => `Feature code ${code}`, count: (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'code' : 'codes'}`, table: 'Feature codes', search: 'Part of the code',
    empty: 'No feature codes yet', emptyHint: 'A feature code is dialled to have the exchange do something, such as *43 for an echo test. Add the ones that your people know.', hint: '1 to 8 of digits, * and #, such as *43', effect: 'Effect', works: 'In effect',
    fields: { code: 'Code', action: 'Action' } as Record<string, string>,
    actions: {
      record_toggle: 'Start or stop recording', record_pause: 'Pause recording', dnd_on: 'Do not disturb on', dnd_off: 'Do not disturb off', dnd_toggle: 'Do not disturb on or off', forward_set: 'Forward calls to a number', forward_clear: 'End call forwarding', call_back: 'Call back the last caller',
      anonymous: 'Call anonymously', caller_id: 'Choose the caller ID', pickup: 'Pick up another’s call', pickup_group: 'Pick up in the group', park: 'Park a call', retrieve: 'Retrieve a parked call', voicemail: 'Listen to voicemail', hotdesk_login: 'Hotdesking: log in', hotdesk_logout: 'Hotdesking: log out',
      conference: 'Conference room', echo: 'Echo test', transfer_blind: 'Transfer at once', transfer_attended: 'Transfer after asking',
    } as Record<string, string>,
    removeTitle: (code: string) => `Delete feature code ${code}?`, removeMeans: 'Who dials it reaches nothing any more.', removed: (code: string) => `${code} was deleted`,
  },
  tokens: {
    title: 'API tokens', add: 'Create token', edit: (name: string) => `Token ${name}`, count: (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'token' : 'tokens'}`, table: 'API tokens', search: 'Search by label',
    empty: 'No API tokens yet', emptyHint: 'Programs use the API with a token. Create one for each program, so that each can be revoked by itself.', labelHint: 'Which program uses it', roleHint: 'How far it reaches; this cannot be changed later', expiryHint: 'The last day that it is good. Empty: until it is revoked',
    fields: { label: 'Label', role: 'Role', user_id: 'User', prefix: 'Begins with', expires_at: 'Expires', created_at: 'Created', created_by: 'Made by' } as Record<string, string>,
    roles: { operator: 'Operator: every organization', admin: 'Administrator', user: 'User: one user’s own part' } as Record<string, string>,
    never: 'Never', token: 'Token', madeTitle: (name: string) => `Token ${name}`, madeLead: 'Copy it now and keep it like a password: it is not shown again.',
    revoke: 'Revoke…', revokeSubmit: 'Revoke', removeTitle: (name: string) => `Revoke token ${name}?`, removeMeans: 'Programs that use it are refused at once. It cannot be brought back.', removed: (name: string) => `Token ${name} was revoked`,
  },
}
