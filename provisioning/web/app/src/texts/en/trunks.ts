export const trunks = {
  title: 'Trunks', add: 'Add trunk', edit: (name: string) => `Trunk ${name}`, count: (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'trunk' : 'trunks'}`, table: 'Trunks', search: 'Search by name',
  empty: 'No trunks yet', emptyHint: 'A trunk is a carrier: calls to and from outside go over it. Add one with the address and the sign-in that your carrier gave you.',
  state: 'State', states: { up: 'Up', down: 'Down', unknown: 'Not checked' } as Record<string, string>, registered: 'Registered', unregistered: 'Not registered', everyNumber: 'Every number', noLimit: 'No limit',
  sections: { carrier: 'Carrier', auth: 'Authentication', routing: 'Calls that go out here', identity: 'Who is shown as the caller' },
  fields: {
    name: 'Name', host: 'Host', port: 'Port', transport: 'Transport', country: 'Country', srtp: 'Encrypted media', 'auth.mode': 'Authentication', 'auth.username': 'Username', 'auth.password': 'Password', addresses: 'Addresses of the carrier',
    prefixes: 'Prefixes', priority: 'Priority', max_calls: 'Most calls at once', options_ping_s: 'Seconds between checks', trusted_identity: 'Trust the caller that the carrier names', forwarded_identity: 'Forwarded calls show', identity_headers: 'Send Remote-Party-ID',
  } as Record<string, string>,
  modes: { address: 'By address', digest: 'By digest', register: 'By registration' } as Record<string, string>,
  modeHints: { address: 'The carrier knows us by our address and needs no password.', digest: 'The carrier asks for a user name and a password with each call.', register: 'We register with the carrier, and it sends calls to where we are.' } as Record<string, string>,
  srtps: { off: 'Off', preferred: 'Preferred', required: 'Required' } as Record<string, string>,
  diversions: { diversion: 'The original caller, and who forwarded it (Diversion)', original: 'The original caller only', forwarder: 'Who forwarded it only' } as Record<string, string>,
  diversionsShort: { diversion: 'Diversion', original: 'Original caller', forwarder: 'Forwarder' } as Record<string, string>,
  hints: {
    host: 'Where calls go: a name or an address', port: 'Empty: found by DNS, else 5060', country: 'Two letters; of the carrier’s national numbers. Empty: the company’s', password: 'Kept encrypted; never shown again', passwordKeep: 'Leave it empty to keep the present one.',
    addresses: 'Calls from these are the carrier’s: addresses or ranges such as 192.0.2.0/24, then Enter', prefixes: 'Numbers that begin so go here, such as +40, then Enter. The longest wins. Empty: every number', priority: 'Lower comes first', max_calls: 'Empty: no limit',
    options_ping_s: 'Empty: never; whether it is up then shows only when a call goes there', trusted_identity: 'Only for a carrier that is known to check it.',
  },
  removeTitle: (name: string) => `Delete trunk ${name}?`, removeMeans: 'No calls go out over it or come in from it any more; live calls finish. Numbers that name it must let go of it first.', removed: (name: string) => `Trunk ${name} was deleted`,
}
