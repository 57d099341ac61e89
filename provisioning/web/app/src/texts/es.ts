import type { Texts } from './en'
import { access, audit, security } from './es/access'
import { address } from './es/address'
import { calls } from './es/calls'
import { codes } from './es/codes'
import { devices } from './es/devices'
import { directory } from './es/directory'
import { drafts } from './es/drafts'
import { edit } from './es/edit'
import { fields } from './es/fields'
import { flows, nav as flowsNav } from './es/flows'
import { imports } from './es/imports'
import { inactive } from './es/inactive'
import { inbox } from './es/inbox'
import { lines } from './es/lines'
import { list } from './es/list'
import { media, nav as mediaNav } from './es/media'
import { numbers } from './es/numbers'
import { openid } from './es/openid'
import { outlook } from './es/outlook'
import { own } from './es/own'
import { people } from './es/people'
import { billing, plans } from './es/plans'
import { revisions } from './es/revisions'
import { trunks } from './es/trunks'

export const es: Texts = {
  name: 'Español',
  skip: 'Ir al contenido',
  menu: 'Menú',
  nav: {
    ...mediaNav, ...flowsNav, groups: { people: 'Personas', calls: 'Llamadas', telephony: 'Telefonía', company: 'Empresa' },
    main: 'Páginas', users: 'Usuarios', me: 'Mi cuenta', appDevices: 'Dispositivos', numbers: 'Números', internalNumbers: 'Números internos',
    trunks: 'Troncales', phones: 'Teléfonos de mesa', featureCodes: 'Códigos de función', tokens: 'Tokens de API', revisions: 'Cambios',
    inbox: 'Buzón', live: 'Llamadas en curso', history: 'Historial', registrations: 'Registros', simulator: 'Simulador',
    audit: 'Registro de auditoría', plans: 'Planes', inactive: 'Usuarios inactivos', directory: 'Directorio', docs: 'Referencia de la API',
  },
  account: { open: 'Cuenta y apariencia', signOut: 'Cerrar sesión', language: 'Idioma', appearance: 'Apariencia', system: 'Como el sistema', light: 'Claro', dark: 'Oscuro' },
  ...media,
  common: {
    save: 'Guardar', cancel: 'Cancelar', close: 'Cerrar', next: 'Siguiente', back: 'Atrás', retry: 'Reintentar', edit: 'Editar', delete: 'Eliminar', actions: 'Acciones', none: 'Ninguno',
    yes: 'Sí', no: 'No', search: 'Buscar', loading: 'Cargando…', copy: 'Copiar', copied: 'Copiado', saved: 'Guardado',
    previous: 'Página anterior', following: 'Página siguiente', notInEffect: 'Se guarda; aún no tiene efecto.',
  },
  errors: {
    title: 'No ha funcionado',
    offline: 'No se puede llegar a la centralita. Lo que escribió sigue aquí.',
    wait: (s) => `Demasiados intentos. Inténtelo de nuevo en ${s} s.`,
    missing: 'Falta',
    page: 'Esta página no existe.',
    toUsers: 'A los usuarios',
  },
  signIn: {
    title: 'Iniciar sesión', login: 'Usuario', loginHint: 'Su usuario o su correo electrónico', password: 'Contraseña', submit: 'Entrar',
    code: 'Código', codeHint: 'Seis cifras de su aplicación de autenticación, o un código de recuperación',
    organization: 'Organización', organizationHint: 'Varias organizaciones tienen este usuario. Indique la suya.',
  },
  setUp: {
    title: 'Configurar la centralita', lead: 'Nadie ha entrado aquí todavía. Cree el primer administrador.',
    key: 'Clave de configuración', keyHint: 'Está en el enlace que mostró `strowger serve`.',
    organization: 'Organización', organizationName: 'Nombre de la organización', country: 'País', countryHint: 'Dos letras; de los números nacionales', timeZone: 'Zona horaria', language: 'Idioma',
    you: 'Usted', submit: 'Configurar',
  },
  password: {
    title: 'Elija una contraseña nueva', lead: 'Su administrador pide una contraseña nueva antes de continuar.', current: 'Contraseña actual', next: 'Contraseña nueva', again: 'Contraseña nueva otra vez',
    differs: 'No son iguales.', short: 'Al menos 8 caracteres', submit: 'Cambiar la contraseña', generate: 'Generar', generated: 'Cópiela ahora: no se vuelve a mostrar.',
  },
  edit,
  list,
  trunks,
  ...codes,
  ...devices,
  ...lines,
  ...numbers,
  access, security, audit, openid,
  conflict: {
    title: 'Cambiado mientras tanto', lead: 'Otra persona lo cambió después de que usted lo abriera. ¿Qué versión se queda?',
    by: (who, at) => `Guardado entretanto por ${who}, ${at}.`, field: 'Campo', yours: 'La suya', theirs: 'La otra', keepYours: 'Guardar la mía', keepTheirs: 'Dejar la otra',
  },
  users: {
    title: 'Usuarios', add: 'Añadir usuario', columns: 'Columnas', table: 'Usuarios',
    search: 'Buscar por nombre', count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'usuario' : 'usuarios'}`,
    empty: 'Aún no hay usuarios', emptyHint: 'Los usuarios van primero: líneas, números y flujos de llamada les pertenecen. Añada uno.',
    noneFound: 'Nadie coincide', noneFoundHint: 'Quite un filtro, o busque una parte del nombre.',
    editCell: (field, who) => `Editar ${field} de ${who}`, hintInPlace: 'Doble clic en una celda para editarla. Intro guarda, Esc cancela.',
    fields: {
      avatar: 'Imagen', full_name: 'Nombre completo', first_name: 'Nombre', last_name: 'Apellido', job_title: 'Cargo', department: 'Departamento', email: 'Correo', time_schedule_id: 'Horario',
      call_flow_ids: 'Flujos de llamada', call_flow_id: 'Flujo de llamada', crm_user_id: 'Usuario de CRM', invitation: 'Invitación', app_devices: 'Dispositivos', sip_accounts: 'Cuentas SIP', pstn_forwardings: 'Desvío PSTN',
      sip_forwardings: 'Desvío SIP', last_seen: 'Visto por última vez', last_seen_before: 'Visto por última vez antes del', plan: 'Plan', direct_number: 'Número directo', extension: 'Extensión', mobile_number: 'Móvil', time_zone: 'Zona horaria', language: 'Idioma', login: 'Usuario',
      password: 'Contraseña', password_change_required: 'Cambiar la contraseña en el próximo inicio', role: 'Rol', voicemail_pin: 'PIN del buzón', reject_scope: 'Cuando un dispositivo rechaza',
      do_not_disturb: 'No molestar', 'forward.number': 'Desviar a', 'forward.enabled': 'Desviar llamadas', 'routing.mode': 'Llamadas entrantes', 'routing.ring_s': 'Segundos por paso',
    },
    hints: {
      login: 'El correo, si no se indica otro', password: 'Al menos 8 caracteres. Vacío para quien nunca entra.', passwordKeep: 'Déjela vacía para conservar la actual.',
      extension: 'Interna; nunca se muestra fuera', email: 'Allí llegan invitaciones y mensajes de voz', mobile_number: 'Con prefijo de país', crm_user_id: 'Su identificador en el CRM', forward: 'Todos los dispositivos siguen sonando; quien conteste allí debe pulsar 1.',
      direct_number: 'Números que nadie tiene. El principal no está hasta que se libere.', language: 'Si está vacío, el de la organización', time_zone: 'Si está vacía, la de la organización',
      voicemail_pin: 'Cifras; no se vuelve a mostrar', schedule: 'Siempre, si no se elige ninguno',
    },
    sections: { person: 'Persona', signIn: 'Acceso', work: 'Lugar en la organización', calls: 'Llamadas', features: 'Funciones' },
    roles: { user: 'Usuario: solo su panel', admin: 'Administrador' },
    admin: 'admin', neverSeen: 'Nunca',
    invitations: { none: 'Sin invitar', sent: 'Invitado', accepted: 'Aceptada', expired: 'Caducada', failed: 'Fallida' },
    rejects: { rfc: 'Rechazar termina la llamada, ocupado un dispositivo', all: 'Deja de sonar en todos', branch: 'Solo calla ese dispositivo' },
    routings: { fixed: 'Fijo: el dispositivo asignado', ring_all: 'Todos a la vez', sequence: 'Uno tras otro', schedule: 'Según horario' },
    features: { app: 'Aplicación móvil', web_calls: 'Llamadas web', operator_console: 'Consola de operadora', voicemail: 'Buzón de voz', fixed_mobile: 'Fijo-móvil', hotdesking: 'Puesto compartido', multiple_caller_ids: 'Varios números de llamada' },
    create: 'Usuario nuevo', change: 'Editar usuario', createDone: (who) => `${who} se ha añadido`, steps: { person: 'Usuario', line: 'Línea de aplicación' },
    configureLine: 'Configurar la línea de aplicación en el paso siguiente', configureLineHint: 'Una línea para las aplicaciones del usuario, creada junto con él. Donde hay un servidor de correo, la invitación sale enseguida.',
    nextNumber: 'Siguiente número libre', noNumbers: 'Ningún número está libre. Libere uno, o añada uno de su operador.', assignNumber: (who) => `Asignar un número directo a ${who}`,
    forward: 'Desvío de llamadas…', resetPassword: 'Poner otra contraseña…',
    remove: 'Eliminar usuario…', removeTitle: (who) => `¿Eliminar a ${who}?`,
    messagesTo: 'Quién recibe los mensajes', messagesToNobody: 'Nadie: se quedan en el buzón de la empresa',
    removeTick: 'Soy consciente de que al eliminar este usuario también elimino lo que depende de él', removeDone: (who) => `${who} se ha eliminado`, removeSubmit: 'Eliminar',
  },
  line: {
    inbound: 'Llamadas entrantes', outbound: 'Llamadas salientes', recording: 'Grabación',
    did_numbers: 'Números DID', did_numbersHint: 'Las llamadas a estos suenan aquí', internal_numbers: 'Números internos', internal_numbersHint: 'De 1 a 6 cifras e Intro. Vacío: el más bajo libre.',
    ring_timeout_s: 'Segundos de timbre', ring_timeout_sHint: 'Vacío: como la organización', action: 'Si no está disponible', actions: { none: 'No hacer nada', voicemail: 'Buzón de voz', forward: 'Desviar' },
    greeting_audio_id: 'Saludo del buzón', forward_to: 'Desviar a', forward_toHint: 'Como lo marcaría el usuario',
    external_enabled: 'Permitir llamadas externas', caller_ids: 'Números de llamada', caller_idsHint: 'El primero es el habitual', internal_caller_id: 'Número interno de llamada', anonymous: 'Llamar en anónimo',
    internal_announcement_id: 'Anuncio interno', external_announcement_id: 'Anuncio externo', announcement_to: 'Quién oye el anuncio', hearers: { callee: 'El llamado', caller: 'El llamante', both: 'Los dos' },
    flags: { inbound_internal: 'Entrante interna', inbound_external: 'Entrante externa', outbound_internal: 'Saliente interna', outbound_external: 'Saliente externa' },
    preset: 'Grabar', presets: { never: 'Nunca', always: 'Siempre', custom: 'Algunas' },
    on_demand: 'Grabar a petición', on_demandHint: 'Se inicia con un código de función.', on_demandMissing: 'Defina primero un código de función.', delivery_method_ids: 'Métodos de entrega', nothing: 'Aún no hay.',
  },
  drafts,
  fields,
  flows,
  imports,
  revisions,
  billing, directory, inactive, plans,
  address, calls, inbox, outlook, own, people,
}
