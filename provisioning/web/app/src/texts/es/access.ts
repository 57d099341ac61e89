export const access = {
  forgot: {
    link: '¿Ha olvidado la contraseña?', title: 'Elegir una contraseña nueva', lead: 'Recibirá un correo con un enlace que vale una sola vez, durante una hora.',
    login: 'Usuario o correo electrónico', submit: 'Enviar el enlace', back: 'Volver al inicio de sesión',
    sent: 'Si existe una cuenta con ese dato, el correo está en camino. Si no llega, mire en el correo no deseado o pregunte a su administrador.',
  },
  reset: {
    title: 'Elegir una contraseña nueva', lead: 'Se cierran todas sus sesiones. Sus teléfonos siguen conectados.', submit: 'Guardar la contraseña',
    doneTitle: 'La contraseña ha cambiado', done: 'Inicie sesión con la nueva.', toSignIn: 'Iniciar sesión', dead: 'Este enlace ya no vale', askAgain: 'Pedir otro enlace',
  },
  withPasskey: 'Entrar con una clave de acceso',
  sendReset: 'Enviar enlace para la contraseña', resetSent: (to: string) => `El enlace está en camino a ${to}. Vale una hora.`,
}

export const security = {
  title: 'Acceso y seguridad', menu: 'Acceso y seguridad',
  password: { title: 'Contraseña', lead: 'Al cambiarla se cierran sus otras sesiones.', done: 'La contraseña ha cambiado' },
  passkeys: {
    title: 'Claves de acceso', lead: 'Su móvil, ordenador o llave de seguridad inicia la sesión con la huella, la cara o un PIN. Sin contraseña ni código.', add: 'Añadir una clave de acceso', name: 'Nombre', nameHint: 'Para reconocer el dispositivo', host: 'Para', added: 'Añadida', used: 'Último uso',
    rename: (name: string) => `Cambiar el nombre de ${name}`, remove: (name: string) => `Eliminar ${name}`, removeTitle: (name: string) => `¿Eliminar ${name}?`, removeLead: 'Ya no podrá entrar aquí con ella. También puede borrarla del dispositivo.',
    addDone: 'La clave de acceso se ha añadido', gaveUp: 'El navegador no ha creado ninguna clave. Inténtelo de nuevo o elija otro dispositivo.', notHere: 'Las claves de acceso necesitan una página segura (https) abierta por su nombre.',
  },
  totp: {
    title: 'Códigos de una aplicación de autenticación', off: 'Desactivado', on: 'Activado',
    lead: 'Al iniciar sesión se pide además un código de una aplicación de su móvil: quien sepa su contraseña no entra sin él.',
    begin: 'Configurar', stop: 'Desactivar…', scan: 'Escanee esto con la aplicación y escriba el código que muestre.', secret: 'O escriba esta clave en la aplicación', code: 'Código', confirm: 'Activar',
    recoveryTitle: 'Códigos de recuperación', recovery: 'Cada uno sustituye a la aplicación una vez, si pierde el móvil. Guárdelos fuera del móvil: no se vuelven a mostrar.',
    download: 'Descargar', kept: 'Los he guardado', stopTitle: '¿Dejar de pedir el código?', stopLead: 'Desde entonces basta la contraseña para iniciar sesión.', stopSubmit: 'Desactivar', stopped: 'Ya no se pide ningún código',
  },
  sessions: {
    title: 'Dónde tiene sesión abierta', device: 'Navegador', source: 'Dirección', seen: 'Último uso', began: 'Inicio', here: 'esta', end: 'Cerrar sesión', endLabel: (device: string, source: string) => `Cerrar la sesión de ${device} en ${source}`,
    ended: 'Sesión cerrada', only: 'Solo tiene sesión abierta aquí.', unknown: 'Programa desconocido', on: (browser: string, system: string) => `${browser} en ${system}`,
  },
}

export const audit = {
  title: 'Registro de auditoría', count: (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'evento' : 'eventos'}`, empty: 'Todavía nada', emptyHint: 'Cada inicio de sesión y cada descarga de la configuración de un teléfono, también los fallidos, se guardan un año.',
  accessTable: 'Accesos y teléfonos, del más reciente al más antiguo', nobody: 'usuario desconocido',
  at: 'Cuándo', event: 'Qué', who: 'Quién', source: 'Desde', detail: 'Detalle', program: 'Programa',
  events: {
    signed_in: 'Inició sesión', sign_in_failed: 'Inicio fallido', signed_out: 'Cerró sesión', password_changed: 'Cambió la contraseña', password_reset_mailed: 'Enlace de contraseña enviado', email_confirmed: 'Correo confirmado', totp_enabled: 'Códigos activados', totp_disabled: 'Códigos desactivados', passkey_added: 'Clave de acceso añadida', passkey_removed: 'Clave de acceso eliminada', openid_linked: 'Cuenta del proveedor vinculada', openid_unlinked: 'Cuenta del proveedor desvinculada', phone_fetched: 'Teléfono configurado', phone_denied: 'Teléfono rechazado', retention_passed: 'Datos antiguos eliminados',
  } as Record<string, string>,
}
