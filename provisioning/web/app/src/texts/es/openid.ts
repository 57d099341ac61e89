/** Textos de la entrada con un proveedor de OpenID y de sus ajustes. */
export const openid = {
  nav: 'Inicio de sesión', title: 'Inicio de sesión', button: (name: string) => `Entrar con la cuenta de ${name}`, dueTitle: 'Confirme que es usted', dueSubmit: 'Continuar',
  why: {
    unavailable: 'El proveedor de identidad no responde. Inténtelo más tarde o entre con su contraseña.',
    refused: 'El proveedor de identidad no le ha dejado entrar.',
    expired: 'Ese inicio tardó demasiado o empezó en otro navegador. Inténtelo de nuevo.',
    invalid: 'La respuesta del proveedor de identidad no es válida. Consulte a su administrador.',
    unconfirmed: 'Su nuevo correo electrónico aún no está confirmado aquí. Siga el enlace que se le envió, o pida otro a su administrador.',
    unverified: 'El proveedor no ha verificado su correo electrónico. Hágalo allí primero.',
    unknown: 'Aquí no hay ningún usuario para esa cuenta. Consulte a su administrador.',
    ambiguous: 'Varios usuarios tienen ese correo electrónico. Consulte a su administrador.',
    linked: 'El usuario con ese correo pertenece a otra cuenta del proveedor. Consulte a su administrador.',
    off: 'Esta organización no tiene proveedor de identidad.',
    address: 'La centralita no conoce su propia dirección web. Su administrador puede indicarla.',
  } as Record<string, string>,
  lead: 'Su gente entra con la cuenta que tiene en un proveedor de su organización. Solo entra quien ya es usuario aquí; no se crea a nadie.',
  provider: 'Proveedor (OpenID Connect)', rules: 'Segundo factor', address: 'Dirección',
  redirect: 'URI de redirección, para el proveedor', link: 'Página para entrar con él', keep: 'Vacío: sigue igual. Hay que escribirlo de nuevo si cambia el emisor.', labelHint: 'Vacío: las palabras para su organización', issuerHint: 'Como https://id.example.com; vacío: sin proveedor',
  matchHint: 'La primera vez; después cuenta la cuenta del proveedor.', match: { email: 'Correo electrónico', login: 'Nombre de acceso' }, addressHint: 'Cómo llegan los navegadores a la centralita, como https://pbx.example.com; vacío: como la tiene el operador',
  test: 'Probar el proveedor', tested: 'Responde como proveedor.', saveFirst: 'Guarde primero.',
  fields: {
    web_address: 'Dirección web', 'sign_in.openid.issuer': 'Emisor (issuer)', 'sign_in.openid.client_id': 'ID de cliente', 'sign_in.openid.client_secret': 'Secreto de cliente', 'sign_in.openid.label': 'Palabras del botón',
    'sign_in.openid.match': 'El correo verificado es, en el usuario,', 'sign_in.openid.trust_second_factor': 'El proveedor pide un segundo factor: no pedirlo aquí',
    'sign_in.second_factor_for_admins': 'Los administradores necesitan un segundo factor',
  } as Record<string, string>,
  required: 'Su organización exige un segundo factor a los administradores. Configure códigos de una aplicación de autenticación; después podrá continuar.',
}
