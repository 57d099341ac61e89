import type { people as en } from '../en/people'

export const people: typeof en = {
  photo: {
    title: 'Foto', choose: 'Elegir una foto', another: 'Elegir otra', remove: 'Quitar', of: (name) => `Foto de ${name}`,
    hint: 'O suelte aquí una imagen JPEG, PNG o WebP. Se conserva el cuadrado del centro y se guarda enseguida.',
  },
  means: {
    title: 'Formas de iniciar sesión', lead: 'Para quien ha perdido un teléfono o una llave. Lo que quite aquí deja de valer enseguida y queda en el registro de auditoría.',
    password: 'Contraseña', hasPassword: 'Puesta', noPassword: 'Ninguna: nadie entra con ella', code: 'Códigos de una aplicación', codeOn: (left) => `Se piden; quedan ${left} códigos de recuperación`, codeOff: 'No se piden', reset: 'Dejar de pedir', resetOf: 'Dejar de pedir códigos',
    passkey: 'Clave de acceso', noPasskeys: 'Ninguna', used: (at) => `último uso ${at}`, neverUsed: 'sin usar', removePasskey: (name) => `Quitar la clave de acceso ${name}`,
    openid: 'Cuenta del proveedor', noOpenID: 'Ninguna vinculada', since: (at) => `desde ${at}`, unlink: 'Desvincular', remove: 'Quitar',
    resetTitle: '¿Dejar de pedir códigos?', resetMeans: (name) => `${name} entra solo con la contraseña hasta que configure otra aplicación. La aplicación y los códigos de recuperación anteriores ya no sirven.`, resetDone: 'Ya no se piden códigos',
    passkeyTitle: (key) => `¿Quitar la clave de acceso «${key}»?`, passkeyMeans: (name) => `Nadie entra ya con ella. ${name} puede añadir otra en «Seguridad» después de iniciar sesión.`, passkeyDone: 'La clave de acceso se ha quitado',
    unlinkTitle: '¿Desvincular la cuenta?', unlinkMeans: (name) => `La próxima cuenta del proveedor cuya dirección corresponda a ${name} se tomará por este usuario.`, unlinkDone: 'La cuenta está desvinculada',
  },
  apps: { title: 'Aplicaciones', none: 'No hay ninguna aplicación activada. Envíe una invitación desde la lista.', now: 'conectada ahora', not: 'sin conexión', added: (at) => `añadida ${at}`, remove: (name) => `Quitar ${name}` },
}
