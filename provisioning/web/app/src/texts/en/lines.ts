export const lines = {
  lines: {
    open: 'Contact methods…', titleOf: (who: string) => `Contact methods of ${who}`, add: 'Add contact method', addFor: (who: string) => `New contact method of ${who}`, edit: (name: string) => `Contact method: ${name}`, of: 'User', one: 'Contact method', noneOfKind: 'This user has no such contact method yet.',
    count: (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'contact method' : 'contact methods'}`, table: 'Contact methods', empty: 'No contact methods yet', emptyHint: 'Add a SIP account for a phone, an application line for the app, or a number that calls are forwarded to.',
    phones: 'Desk phones…', phonesTitle: (name: string) => `Desk phones with ${name}`, phonesNone: 'No desk phone has it yet.', phone: 'Desk phone', phonesPut: 'Put on it', phonesTake: (phone: string) => `Take off ${phone}`, phonesFirst: 'There is no desk phone yet. Add one here:', phonesHint: 'The phone fetches the change by itself.',
    address: 'Leads to', numbers: 'Numbers', outside: 'External calls', footer: 'Which of them ring, and in which order, is set on the user as incoming calls.',
    fields: {
      kind: 'Kind', label: 'Label', time_schedule_id: 'Time schedule', username: 'SIP user name', sip_username: 'User name', password: 'SIP password', codecs: 'Codecs', max_contacts: 'Phones at once', srtp: 'Encrypted media', number: 'Number', press_1: 'Who answers must press 1',
      allow_transfer: 'Allow transfer', domain: 'Domain', port: 'Port', transport: 'Transport', process_30x: 'Follow redirections', address: 'Email address',
    } as Record<string, string>,
    kinds: { sip_account: 'SIP account', app: 'Application line', pstn_forwarding: 'PSTN forwarding', sip_forwarding: 'SIP forwarding', email: 'Email address' } as Record<string, string>,
    kindHints: { sip_account: 'For a desk phone or softphone', app: 'One line for all of the user’s apps', pstn_forwarding: 'Calls go to a telephone number', sip_forwarding: 'Calls go to another SIP server', email: 'For deliveries only' } as Record<string, string>,
    labelHint: 'Such as “Desk” or “Home”', scheduleHint: 'Outside of it, this is skipped', usernameHint: 'What the phone signs in with; not the web login', passwordHint: 'Empty: one is made up and shown once', codecsHint: 'In order. Empty: whatever is offered', maxContactsHint: 'Empty: 10',
    numberHint: 'With country code, as +40745550100', press1Hint: 'So that a voicemail out there does not take the call.', press1Later: 'Not in effect yet: as long as it is on, the number does not ring.', process30xHint: 'Go on to where the other server points.', addressHint: 'Where voicemail and recordings are mailed',
    madeTitle: (name: string) => `Sign-in of ${name}`, madeLead: 'Enter these in the phone. The password is not shown again.',
    removeTitle: (name: string) => `Delete ${name}?`, removeLine: 'Its phones are signed out; live calls finish. Its numbers belong to nobody, desk phones and call flows that name it lose it. Recordings stay.', removeApp: 'The user’s apps are signed out and need a new invitation; live calls finish. Its numbers belong to nobody, and call flows that name it lose it. Recordings stay.', removeForwarding: 'Calls are not forwarded there any more, and its numbers belong to nobody.', removeEmail: 'Nothing is mailed there any more.', removed: (name: string) => `${name} was deleted`,
  },
  invite: {
    first: 'Send invitation…', again: 'Resend invitation…', noEmail: 'The user has no valid email.', title: (who: string) => `Invite ${who}`, lead: (email: string) => `An invitation to the app goes to ${email}. It is good for 14 days and one device.`, voids: 'The code that was sent before stops working.',
    send: 'Send', sendAgain: 'Resend', sent: (email: string) => `The invitation goes to ${email}.`, failed: 'It could not be mailed. The code is good all the same: hand it over yourself.', unconfirmed: 'It is not mailed: nobody has confirmed the address yet. Hand it over yourself.', noMail: 'It is not mailed: there is no mail server. Hand it over yourself.', until: (at: string) => `Good until ${at}.`, qr: 'QR code of the invitation', copyCode: 'Copy code', copyLink: 'Copy link',
    hint: 'Scan it with the app, or type the code. It is not shown again.', app: 'App', acrobitsHint: 'Scan it inside Groundwire or Acrobits Softphone, or open the link on the device that has it. Either this or Linphone: the code works once. It is not shown again.',
    toLines: 'To the user’s contact methods',
  },
}
