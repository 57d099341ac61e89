import type { Texts } from '../en'

export const devices: Pick<Texts, 'phones' | 'appDevices'> = {
  phones: {
    title: 'Teléfonos de mesa', add: 'Añadir teléfono', edit: (name) => `Teléfono ${name}`, count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'teléfono' : 'teléfonos'}`, table: 'Teléfonos de mesa', search: 'Buscar por etiqueta',
    empty: 'Aún no hay teléfonos de mesa', emptyHint: 'Añada un teléfono con la dirección física que lleva detrás, dele la cuenta SIP de un usuario y escriba en el teléfono la dirección que se le muestra.',
    phone: 'Teléfono', macHint: 'Doce cifras y letras, detrás del teléfono', labelHint: 'Por ejemplo, dónde está', noLines: 'Aún sin líneas: el teléfono no puede llamar.', addLine: 'Añadir esta línea', takeLine: (n) => `Quitar la línea ${n}`, enabledHint: 'No: el teléfono no recibe configuración; la que tiene sigue valiendo.',
    certificateHint: 'Solo recibe su configuración quien muestre además el certificado que el fabricante puso en este teléfono. No sirve para teléfonos que llegan por un proxy inverso.', noCertificates: 'El servidor no pide certificado a los teléfonos: su operador debe arrancarlo con los certificados de los fabricantes (--device-ca).',
    fields: { label: 'Etiqueta', mac: 'Dirección física (MAC)', vendor: 'Fabricante', model: 'Modelo', lines: 'Líneas', last_fetch: 'Última descarga', enabled: 'Darle su configuración', require_certificate: 'Exigir su certificado', disabled: 'Desactivado', hotdesk: 'Hotdesking' },
    disabled: 'Desactivado', neverFetched: 'Nunca', redirects: 'Lista de redirección', redirectsHint: 'CSV para los servicios de redirección de los fabricantes. Es tan secreta como las contraseñas de los teléfonos.', allMakers: 'Todos los fabricantes',
    resync: 'Descargar su configuración ahora', resynced: (name) => `Se ha pedido a ${name} que descargue su configuración`, away: (name) => `${name} no está registrado y no se le puede pedir. Descarga su configuración al arrancar y una vez al día.`,
    rotate: 'Nueva dirección de configuración…', rotateTitle: (name) => `¿Dar a ${name} una dirección nueva?`, rotateMeans: 'La dirección actual deja de valer al instante. Escriba la nueva en el teléfono, o ya no descargará su configuración.', rotateSubmit: 'Nueva dirección', rotated: 'La dirección anterior ya no vale',
    url: 'Dirección de configuración', urlTitle: (name) => `Dónde descarga ${name} su configuración`, urlLead: 'Escriba esta dirección en el teléfono, o cópiela ahora: no se muestra de nuevo. Quien la tiene obtiene las contraseñas de sus líneas.',
    removeTitle: (name) => `¿Eliminar el teléfono ${name}?`, removeMeans: 'Ya no recibe configuración. Sus líneas siguen siendo de sus usuarios.', removed: (name) => `El teléfono ${name} fue eliminado`,
  },
  appDevices: {
    title: 'Dispositivos con la aplicación', count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'dispositivo' : 'dispositivos'}`, table: 'Dispositivos con la aplicación', search: 'Buscar por nombre',
    lead: 'Un dispositivo aparece aquí cuando alguien activa la aplicación con el código de una invitación. Cada uno tiene su propio acceso; al quitar uno, solo se cierra la sesión de ese.', toUsers: 'Invitar a usuarios',
    empty: 'Aún no hay dispositivos', emptyHint: 'Dé a un usuario una línea de aplicación y envíe una invitación. El dispositivo aparece cuando se escribe su código en la aplicación.',
    fields: { name: 'Nombre', user_id: 'Usuario', os: 'Sistema operativo', app_version: 'Versión', created_at: 'Creado' },
    remove: 'Quitar…', removeTitle: (name) => `¿Quitar ${name}?`, removeMeans: 'La aplicación se cierra al instante y ya no suena. Para usarla otra vez, su usuario necesita una invitación nueva.', removeSubmit: 'Quitar', removed: (name) => `${name} fue quitado`,
  },
}
