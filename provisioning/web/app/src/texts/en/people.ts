/** The photo of a user, what one signs in with, and the apps. */
export const people = {
  photo: {
    title: 'Photo', choose: 'Choose a photo', another: 'Choose another', remove: 'Remove', of: (name: string) => `Photo of ${name}`,
    hint: 'Or drop a JPEG, PNG or WebP picture here. The square in its middle is kept, and saved at once.',
  },
  means: {
    title: 'Ways to sign in', lead: 'For somebody who has lost a telephone or a key. What you take away here works no more at once, and is in the audit log.',
    password: 'Password', hasPassword: 'Set', noPassword: 'None: nobody signs in with one', code: 'Codes of an app', codeOn: (left: number) => `Asked for; ${left} recovery codes left`, codeOff: 'Not asked for', reset: 'Stop asking', resetOf: 'Stop asking for codes',
    passkey: 'Passkey', noPasskeys: 'None', used: (at: string) => `last used ${at}`, neverUsed: 'never used', removePasskey: (name: string) => `Remove passkey ${name}`,
    openid: 'Account at the provider', noOpenID: 'None linked', since: (at: string) => `since ${at}`, unlink: 'Unlink', remove: 'Remove',
    resetTitle: 'Stop asking for codes?', resetMeans: (name: string) => `${name} signs in with the password alone until a new app is set up. The app and the recovery codes of before are good for nothing.`, resetDone: 'Codes are not asked for any more',
    passkeyTitle: (key: string) => `Remove the passkey “${key}”?`, passkeyMeans: (name: string) => `It signs nobody in any more. ${name} can add another under “Security” after signing in.`, passkeyDone: 'The passkey is removed',
    unlinkTitle: 'Unlink the account?', unlinkMeans: (name: string) => `The next account of the provider whose address matches ${name} is taken for this user.`, unlinkDone: 'The account is unlinked',
  },
  apps: { title: 'Apps', none: 'No app is activated. Send an invitation from the list.', now: 'connected now', not: 'not connected', added: (at: string) => `added ${at}`, remove: (name: string) => `Remove ${name}` },
}
