/** Texts of the pages before one is inside, and of what lets one in. */
export const access = {
  forgot: {
    link: 'Forgot the password?', title: 'Choose a new password', lead: 'You get a mail with a link that is good once, for an hour.',
    login: 'Login or email address', submit: 'Send the link', back: 'Back to sign-in',
    sent: 'If there is an account with it, a mail is on its way. If none arrives, look among the unwanted mail, or ask your administrator.',
  },
  reset: {
    title: 'Choose a new password', lead: 'All places where you are signed in are signed out. Your phones stay connected.', submit: 'Save the password',
    doneTitle: 'The password is changed', done: 'Sign in with the new one.', toSignIn: 'To sign-in', dead: 'This link opens nothing any more', askAgain: 'Ask for a new link',
  },
  withPasskey: 'Sign in with a passkey',
  sendReset: 'Mail a link for a new password', resetSent: (to: string) => `The link is on its way to ${to}. It is good for an hour.`,
}

export const security = {
  title: 'Sign-in and security', menu: 'Sign-in and security',
  password: { title: 'Password', lead: 'Your other sessions end when you change it.', done: 'The password was changed' },
  passkeys: {
    title: 'Passkeys', lead: 'Your phone, computer or security key signs you in, by finger, face or PIN. No password, no code.', add: 'Add a passkey', name: 'Name', nameHint: 'By which you know the device', host: 'For', added: 'Added', used: 'Last used',
    rename: (name: string) => `Rename ${name}`, remove: (name: string) => `Remove ${name}`, removeTitle: (name: string) => `Remove ${name}?`, removeLead: 'It signs you in here no more. You may remove it from the device too.',
    addDone: 'The passkey was added', gaveUp: 'The browser made no passkey. Try again, or choose another device.', notHere: 'Passkeys need a secure page (https) that is opened by name.',
  },
  totp: {
    title: 'Codes of an authenticator app', off: 'Off', on: 'On',
    lead: 'At sign-in you are asked for a code of an app on your phone too: who knows your password gets no further without it.',
    begin: 'Set up', stop: 'Turn off…', scan: 'Scan this with the app, then type the code that it shows.', secret: 'Or type this key into the app', code: 'Code', confirm: 'Turn on',
    recoveryTitle: 'Recovery codes', recovery: 'Each stands in for the app once, when the phone is lost. Keep them somewhere else than the phone: they are not shown again.',
    download: 'Download', kept: 'I have kept them', stopTitle: 'Ask for no code any more?', stopLead: 'From then on the password alone is enough to sign in.', stopSubmit: 'Turn off', stopped: 'No code is asked for any more',
  },
  sessions: {
    title: 'Where you are signed in', device: 'Browser', source: 'Address', seen: 'Last used', began: 'Signed in', here: 'this one', end: 'Sign out', endLabel: (device: string, source: string) => `Sign out ${device} at ${source}`,
    ended: 'Signed out there', only: 'You are signed in here only.', unknown: 'Unknown program', on: (browser: string, system: string) => `${browser} on ${system}`,
  },
}

export const audit = {
  title: 'Audit log', count: (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'event' : 'events'}`, empty: 'Nothing yet', emptyHint: 'Each sign-in and each fetch of a phone’s configuration, also one that failed, is kept for a year.',
  accessTable: 'Sign-ins and phones, newest first', nobody: 'unknown login',
  at: 'When', event: 'What', who: 'Who', source: 'From', detail: 'More', program: 'Program',
  events: {
    signed_in: 'Signed in', sign_in_failed: 'Sign-in failed', signed_out: 'Signed out', password_changed: 'Password changed', password_reset_mailed: 'Link for a password mailed', email_confirmed: 'Email confirmed', totp_enabled: 'Codes turned on', totp_disabled: 'Codes turned off', passkey_added: 'Passkey added', passkey_removed: 'Passkey removed', openid_linked: 'Account at the provider linked', openid_unlinked: 'Account at the provider unlinked', phone_fetched: 'Phone configured', phone_denied: 'Phone denied', retention_passed: 'Old records deleted',
  } as Record<string, string>,
}
