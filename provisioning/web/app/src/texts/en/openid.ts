/** Texts of signing in with an OpenID provider, and of the settings of it. */
export const openid = {
  nav: 'Sign-in', title: 'Sign-in', button: (name: string) => `Sign in with the account of ${name}`, dueTitle: 'Confirm that it is you', dueSubmit: 'Go on',
  why: {
    unavailable: 'The sign-in provider does not answer. Try again later, or sign in with your password.',
    refused: 'The sign-in provider did not let you in.',
    expired: 'That sign-in took too long, or was begun in another browser. Try again.',
    invalid: 'What the sign-in provider answered does not hold. Ask your administrator.',
    unconfirmed: 'Your new email address is not confirmed here yet. Follow the link that was mailed to it, or ask your administrator for another.',
    unverified: 'The provider has not verified your email address. Do that there first.',
    unknown: 'There is no user here for that account. Ask your administrator.',
    ambiguous: 'Several users have that email address. Ask your administrator.',
    linked: 'The user with that email address belongs to another account of the provider. Ask your administrator.',
    off: 'This organization has no sign-in provider.',
    address: 'The exchange does not know its own web address. Ask your administrator to set it.',
  } as Record<string, string>,
  lead: 'People sign in with the account that they have at a provider of your organization. Only users who are here already get in; nobody is made.',
  provider: 'Provider (OpenID Connect)', rules: 'Second factor', address: 'Address',
  redirect: 'Redirect URI, to enter at the provider', link: 'Page to sign in with it', keep: 'Empty: as it is. To be typed again when the issuer changes.', labelHint: 'Empty: the words for your organization', issuerHint: 'Such as https://id.example.com; empty: no provider',
  matchHint: 'The first time; from then on the account counts.', match: { email: 'Email address', login: 'Login' }, addressHint: 'How browsers reach the exchange, such as https://pbx.example.com; empty: as the operator has it',
  test: 'Try the provider', tested: 'It answers as a provider.', saveFirst: 'Save first.',
  fields: {
    web_address: 'Web address', 'sign_in.openid.issuer': 'Issuer', 'sign_in.openid.client_id': 'Client ID', 'sign_in.openid.client_secret': 'Client secret', 'sign_in.openid.label': 'Words on the button',
    'sign_in.openid.match': 'The verified email address is the user’s', 'sign_in.openid.trust_second_factor': 'The provider asks for a second factor: ask for none here',
    'sign_in.second_factor_for_admins': 'Administrators must have a second factor',
  } as Record<string, string>,
  required: 'Your organization wants administrators to have a second factor. Set up codes of an authenticator app; then you can go on.',
}
