/** Texte zur Anmeldung bei einem OpenID-Anbieter und zu dessen Einstellungen. */
export const openid = {
  nav: 'Anmeldung', title: 'Anmeldung', button: (name: string) => `Mit dem Konto von ${name} anmelden`, dueTitle: 'Bestätigen Sie, dass Sie es sind', dueSubmit: 'Weiter',
  why: {
    unavailable: 'Der Anmeldedienst antwortet nicht. Versuchen Sie es später wieder oder melden Sie sich mit Ihrem Passwort an.',
    refused: 'Der Anmeldedienst hat Sie nicht angemeldet.',
    expired: 'Diese Anmeldung hat zu lange gedauert oder begann in einem anderen Browser. Bitte noch einmal.',
    invalid: 'Die Antwort des Anmeldedienstes ist nicht gültig. Fragen Sie Ihre Administration.',
    unconfirmed: 'Ihre neue E-Mail-Adresse ist hier noch nicht bestätigt. Folgen Sie dem Link, der dorthin gesendet wurde, oder lassen Sie sich von Ihrer Verwaltung einen neuen senden.',
    unverified: 'Der Anmeldedienst hat Ihre E-Mail-Adresse nicht bestätigt. Holen Sie das zuerst dort nach.',
    unknown: 'Zu diesem Konto gibt es hier keinen Benutzer. Fragen Sie Ihre Administration.',
    ambiguous: 'Mehrere Benutzer haben diese E-Mail-Adresse. Fragen Sie Ihre Administration.',
    linked: 'Der Benutzer mit dieser E-Mail-Adresse gehört zu einem anderen Konto beim Anmeldedienst. Fragen Sie Ihre Administration.',
    off: 'Diese Organisation hat keinen Anmeldedienst.',
    address: 'Die Anlage kennt ihre eigene Webadresse nicht. Ihre Administration kann sie eintragen.',
  } as Record<string, string>,
  lead: 'Ihre Leute melden sich mit dem Konto an, das sie beim Anmeldedienst Ihrer Organisation haben. Hinein kommt nur, wer hier schon Benutzer ist; angelegt wird niemand.',
  provider: 'Anmeldedienst (OpenID Connect)', rules: 'Zweiter Faktor', address: 'Adresse',
  redirect: 'Redirect-URI, beim Anmeldedienst einzutragen', link: 'Seite zur Anmeldung damit', keep: 'Leer: bleibt, wie es ist. Bei einem anderen Aussteller neu einzugeben.', labelHint: 'Leer: die Worte für Ihre Organisation', issuerHint: 'Etwa https://id.example.com; leer: kein Anmeldedienst',
  matchHint: 'Beim ersten Mal; danach zählt das Konto.', match: { email: 'E-Mail-Adresse', login: 'Login' }, addressHint: 'Wie Browser die Anlage erreichen, etwa https://pbx.example.com; leer: wie beim Betreiber',
  test: 'Anmeldedienst prüfen', tested: 'Er antwortet, wie er soll.', saveFirst: 'Zuerst speichern.',
  fields: {
    web_address: 'Webadresse', 'sign_in.openid.issuer': 'Aussteller (Issuer)', 'sign_in.openid.client_id': 'Client-ID', 'sign_in.openid.client_secret': 'Client-Geheimnis', 'sign_in.openid.label': 'Worte auf der Schaltfläche',
    'sign_in.openid.match': 'Die bestätigte E-Mail-Adresse ist beim Benutzer', 'sign_in.openid.trust_second_factor': 'Der Anmeldedienst verlangt einen zweiten Faktor: hier keinen verlangen',
    'sign_in.second_factor_for_admins': 'Administratoren brauchen einen zweiten Faktor',
  } as Record<string, string>,
  required: 'Ihre Organisation verlangt von Administratoren einen zweiten Faktor. Richten Sie Codes einer Authenticator-App ein; danach geht es weiter.',
}
