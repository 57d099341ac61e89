export const devices = {
  phones: {
    title: 'Desk phones', add: 'Add phone', edit: (name: string) => `Phone ${name}`, count: (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'phone' : 'phones'}`, table: 'Desk phones', search: 'Search by label',
    empty: 'No desk phones yet', emptyHint: 'Add a phone by the hardware address on its back, give it a user’s SIP account, and enter the address that you are shown in the phone.',
    phone: 'Phone', macHint: 'Twelve digits and letters, on the back of the phone', labelHint: 'Such as where it stands', noLines: 'No lines yet: the phone cannot call.', addLine: 'Add this line', takeLine: (n: number) => `Take line ${n} away`, enabledHint: 'Off: the phone is given no configuration; what it has goes on working.',
    certificateHint: 'Only who also shows the certificate that the maker built into this phone gets its configuration. Not for phones that come through a reverse proxy.', noCertificates: 'The server asks phones for no certificate: its operator has to start it with the makers’ certificates (--device-ca).',
    fields: { label: 'Label', mac: 'Hardware address (MAC)', vendor: 'Maker', model: 'Model', lines: 'Lines', last_fetch: 'Last fetched', enabled: 'Give it its configuration', require_certificate: 'Require its certificate', disabled: 'Disabled', hotdesk: 'Hotdesking' } as Record<string, string>,
    disabled: 'Disabled', neverFetched: 'Never', redirects: 'Redirect list', redirectsHint: 'CSV for the makers’ redirection services. It is as secret as the phones’ passwords.', allMakers: 'All makers',
    resync: 'Fetch its configuration now', resynced: (name: string) => `${name} was asked to fetch its configuration`, away: (name: string) => `${name} is not registered, so it cannot be asked. It fetches its configuration when it starts, and once a day.`,
    rotate: 'New provisioning address…', rotateTitle: (name: string) => `Give ${name} a new address?`, rotateMeans: 'The present address stops working at once. Enter the new one in the phone, or it will not fetch its configuration any more.', rotateSubmit: 'New address', rotated: 'The old address is gone',
    url: 'Provisioning address', urlTitle: (name: string) => `Where ${name} fetches its configuration`, urlLead: 'Enter this address in the phone, or copy it now: it is not shown again. Who has it gets the passwords of the phone’s lines.',
    removeTitle: (name: string) => `Delete phone ${name}?`, removeMeans: 'It is given no configuration any more. Its lines stay with their users.', removed: (name: string) => `Phone ${name} was deleted`,
  },
  appDevices: {
    title: 'App devices', count: (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'device' : 'devices'}`, table: 'App devices', search: 'Search by name',
    lead: 'A device appears here when somebody activates the app with the code of an invitation. Each has its own sign-in; removing one signs out that device alone.', toUsers: 'Invite users',
    empty: 'No app devices yet', emptyHint: 'Give a user an application line and send an invitation. The device appears when its code is entered in the app.',
    fields: { name: 'Name', user_id: 'User', os: 'Operating system', app_version: 'App version', created_at: 'Created' } as Record<string, string>,
    remove: 'Remove…', removeTitle: (name: string) => `Remove ${name}?`, removeMeans: 'The app is signed out at once and rings no more. To use it again, its user needs a new invitation.', removeSubmit: 'Remove', removed: (name: string) => `${name} was removed`,
  },
}
