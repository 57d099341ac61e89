import type { Texts } from '../en'

export const trunks: Texts['trunks'] = {
  title: 'Troncales', add: 'Añadir troncal', edit: (name) => `Troncal ${name}`, count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'troncal' : 'troncales'}`, table: 'Troncales', search: 'Buscar por nombre',
  empty: 'Aún no hay troncales', emptyHint: 'Una troncal es un operador: por ella salen y entran las llamadas externas. Añada una con la dirección y el acceso que le dio su operador.',
  state: 'Estado', states: { up: 'Activa', down: 'Caída', unknown: 'Sin comprobar' }, registered: 'Registrada', unregistered: 'Sin registrar', everyNumber: 'Todos los números', noLimit: 'Sin límite',
  sections: { carrier: 'Operador', auth: 'Autenticación', routing: 'Llamadas que salen por aquí', identity: 'Quién aparece como llamante' },
  fields: {
    name: 'Nombre', host: 'Servidor', port: 'Puerto', transport: 'Transporte', country: 'País', srtp: 'Audio cifrado', 'auth.mode': 'Autenticación', 'auth.username': 'Usuario', 'auth.password': 'Contraseña', addresses: 'Direcciones del operador',
    prefixes: 'Prefijos', priority: 'Prioridad', max_calls: 'Máximo de llamadas a la vez', options_ping_s: 'Segundos entre comprobaciones', trusted_identity: 'Confiar en el llamante que indica el operador', forwarded_identity: 'Las llamadas desviadas muestran', identity_headers: 'Enviar Remote-Party-ID',
  },
  modes: { address: 'Por dirección', digest: 'Por digest', register: 'Por registro' },
  modeHints: { address: 'El operador nos conoce por nuestra dirección y no pide contraseña.', digest: 'El operador pide usuario y contraseña en cada llamada.', register: 'Nos registramos en el operador, y él envía las llamadas adonde estamos.' },
  srtps: { off: 'No', preferred: 'Preferido', required: 'Obligatorio' },
  diversions: { diversion: 'El llamante original y quién la desvió (Diversion)', original: 'Solo el llamante original', forwarder: 'Solo quién la desvió' },
  diversionsShort: { diversion: 'Diversion', original: 'Original', forwarder: 'Quien desvía' },
  hints: {
    host: 'Adónde van las llamadas: un nombre o una dirección', port: 'Vacío: por DNS; si no, 5060', country: 'Dos letras; de los números nacionales del operador. Vacío: el de la empresa', password: 'Se guarda cifrada; no se muestra de nuevo', passwordKeep: 'Déjela vacía para conservar la actual.',
    addresses: 'Las llamadas desde ellas son del operador: direcciones o rangos como 192.0.2.0/24, y Entrar', prefixes: 'Los números que empiezan así salen por aquí, como +40, y Entrar. Gana el más largo. Vacío: todos los números', priority: 'Primero la menor', max_calls: 'Vacío: sin límite',
    options_ping_s: 'Vacío: nunca; entonces solo una llamada muestra si responde', trusted_identity: 'Solo con un operador que consta que lo comprueba.',
  },
  removeTitle: (name) => `¿Eliminar la troncal ${name}?`, removeMeans: 'Ya no saldrán ni entrarán llamadas por ella; las que están en curso terminan. Los números que la nombran deben soltarla antes.', removed: (name) => `La troncal ${name} fue eliminada`,
}
