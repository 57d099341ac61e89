import type { own as en } from '../en/own'

export const own: typeof en = {
  calls: 'Llamadas para mí', forward: 'Desvío de llamadas', forwardNumber: 'Desviar a', forwardHint: 'Un número de fuera. Todos sus dispositivos siguen sonando; quien conteste allí debe pulsar 1 para tomar la llamada.', forwardOn: 'Desviar las llamadas', forwardMissing: 'Escriba primero el número',
  disturb: 'No molestar', disturbHint: 'Ningún teléfono suyo suena; para quien llama vale lo que diga «Cuando no contesto».', lines: 'Mis líneas', noLines: 'Todavía no tiene línea. Su administrador le crea una.',
  when: 'Cuando no contesto', to: 'Desviar a', toHint: 'Como lo marcaría', callerId: 'Número que ven los demás', callerIdNone: 'El número de la empresa', anonymous: 'Llamar de forma anónima', devices: 'Mis dispositivos con la aplicación', noDevices: 'No hay ninguna aplicación activada. Pida una invitación.',
  removeDevice: (name) => `Quitar ${name}`, removeTitle: '¿Quitar este dispositivo?', removeLead: (name) => `${name} se desconecta enseguida y deja de sonar. Para volver a usarlo necesita una invitación nueva.`, added: 'añadido', about: 'Sobre mí', kinds: { app: 'Aplicación', sip_account: 'Teléfono', pstn_forwarding: 'Teléfono de fuera', sip_forwarding: 'Dirección SIP' },
  personal: 'Mis ajustes', languageHint: 'De sus páginas, teléfonos y correos. Lo que elija en el menú de este navegador tiene aquí preferencia.', pinHint: 'De 4 a 12 cifras; no se vuelve a mostrar. Déjelo vacío para conservar el actual.',
}
