import type { Texts } from '../en'

export const lines: Pick<Texts, 'lines' | 'invite'> = {
  lines: {
    open: 'Medios de contacto…', titleOf: (who) => `Medios de contacto de ${who}`, add: 'Añadir medio de contacto', addFor: (who) => `Nuevo medio de contacto de ${who}`, edit: (name) => `Medio de contacto: ${name}`, of: 'Usuario', one: 'Medio de contacto', noneOfKind: 'Este usuario aún no tiene ninguno así.',
    count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'medio de contacto' : 'medios de contacto'}`, table: 'Medios de contacto', empty: 'Aún no hay medios de contacto', emptyHint: 'Añada una cuenta SIP para un teléfono, una línea de aplicación o un número al que desviar las llamadas.',
    phones: 'Teléfonos de mesa…', phonesTitle: (name) => `Teléfonos de mesa con ${name}`, phonesNone: 'Ningún teléfono de mesa la tiene todavía.', phone: 'Teléfono de mesa', phonesPut: 'Ponerla', phonesTake: (phone) => `Quitar de ${phone}`, phonesFirst: 'Aún no hay teléfonos de mesa. Añada uno aquí:', phonesHint: 'El teléfono recoge el cambio por sí mismo.',
    address: 'Lleva a', numbers: 'Números', outside: 'Llamadas externas', footer: 'Cuáles suenan y en qué orden se decide en el usuario, en llamadas entrantes.',
    fields: {
      kind: 'Tipo', label: 'Etiqueta', time_schedule_id: 'Horario', username: 'Usuario SIP', sip_username: 'Usuario', password: 'Contraseña SIP', codecs: 'Códecs', max_contacts: 'Teléfonos a la vez', srtp: 'Audio cifrado', number: 'Número', press_1: 'Quien contesta debe pulsar 1',
      allow_transfer: 'Permitir transferencias', domain: 'Dominio', port: 'Puerto', transport: 'Transporte', process_30x: 'Seguir las redirecciones', address: 'Correo electrónico',
    },
    kinds: { sip_account: 'Cuenta SIP', app: 'Línea de aplicación', pstn_forwarding: 'Desvío PSTN', sip_forwarding: 'Desvío SIP', email: 'Correo electrónico' },
    kindHints: { sip_account: 'Para un teléfono de mesa o un softphone', app: 'Una línea para todas las aplicaciones del usuario', pstn_forwarding: 'Las llamadas van a un número de teléfono', sip_forwarding: 'Las llamadas van a otro servidor SIP', email: 'Solo para entregas' },
    labelHint: 'Como «Oficina» o «Casa»', scheduleHint: 'Fuera de él, se omite', usernameHint: 'Con lo que entra el teléfono; no es el acceso web', passwordHint: 'Vacía: se crea una y se muestra una vez', codecsHint: 'En orden. Vacío: lo que se ofrezca', maxContactsHint: 'Vacío: 10',
    numberHint: 'Con prefijo del país, como +40745550100', press1Hint: 'Para que un buzón de voz ajeno no conteste la llamada.', press1Later: 'Aún no tiene efecto: mientras esté activado, el número no suena.', process30xHint: 'Seguir adonde indique el otro servidor.', addressHint: 'Adonde se envían los mensajes de voz y las grabaciones',
    madeTitle: (name) => `Acceso de ${name}`, madeLead: 'Escríbalo en el teléfono. La contraseña no se muestra de nuevo.',
    removeTitle: (name) => `¿Eliminar ${name}?`, removeLine: 'Se cierra la sesión de sus teléfonos; las llamadas en curso terminan. Sus números quedan libres, y los teléfonos de mesa y flujos que lo nombran lo pierden. Las grabaciones quedan.', removeApp: 'Se cierra la sesión de las aplicaciones del usuario, que necesitan una nueva invitación; las llamadas en curso terminan. Sus números quedan libres, y los flujos que la nombran la pierden. Las grabaciones quedan.', removeForwarding: 'Las llamadas ya no se desvían allí, y sus números quedan libres.', removeEmail: 'Ya no se envía nada allí.', removed: (name) => `${name} fue eliminado`,
  },
  invite: {
    first: 'Enviar invitación…', again: 'Reenviar invitación…', noEmail: 'El usuario no tiene un correo válido.', title: (who) => `Invitar a ${who}`, lead: (email) => `Una invitación a la aplicación va a ${email}. Vale 14 días y para un dispositivo.`, voids: 'El código enviado antes deja de valer.',
    send: 'Enviar', sendAgain: 'Reenviar', sent: (email) => `La invitación va a ${email}.`, failed: 'No se pudo enviar. El código vale igualmente: entréguelo usted.', unconfirmed: 'No se envía: nadie ha confirmado aún la dirección. Entréguela usted mismo.', noMail: 'No se envía: no hay servidor de correo. Entréguela usted mismo.', until: (at) => `Vale hasta ${at}.`, qr: 'Código QR de la invitación', copyCode: 'Copiar código', copyLink: 'Copiar enlace',
    hint: 'Escanéelo con la aplicación o escriba el código. No se muestra de nuevo.', app: 'Aplicación', acrobitsHint: 'Escanéelo dentro de Groundwire o Acrobits Softphone, o abra el enlace en el dispositivo que la tiene. O así o con Linphone: el código vale una vez. No se muestra de nuevo.',
    toLines: 'A los medios de contacto del usuario',
  },
}
