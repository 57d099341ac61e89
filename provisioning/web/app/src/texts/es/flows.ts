import type { Texts } from '../en'

export const nav = { callFlows: 'Flujos de llamada' }

const list = (all: string[]) => (all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} y ${all.at(-1)}`)
const seconds = (s: string) => (s ? ` durante ${s} s` : '')

export const flows: Texts['flows'] = {
  count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'flujo' : 'flujos'}`, lead: 'Qué pasa con una llamada, paso a paso: horarios, menús, grupos, colas. Los números llevan a un flujo.',
  add: 'Añadir flujo', create: 'Nuevo flujo de llamada', empty: 'Aún no hay flujos de llamada', emptyHint: 'Añada uno, por ejemplo «Centralita», conecte sus módulos y asígnele después un número.', first: 'Primer módulo', firstHint: 'Donde empiezan las llamadas; los demás se añaden en la página del flujo',
  name: 'Nombre', numbers: 'Números', noNumbers: 'Aún sin número', modules: 'Módulos', people: 'Lleva a', toNumbers: 'Asignar números', back: 'Todos los flujos', callsTo: 'Llamadas a',
  remove: (n) => `¿Eliminar ${n}?`, removeMeans: 'El flujo y sus módulos se eliminan para siempre. Los desvíos hacia él no llevarán a ninguna parte.', removed: (n) => `${n} fue eliminado`, conflict: 'Otra persona guardó este flujo después de que usted lo abriera. Lo que solo uno de los dos cambió se conserva. Elija qué versión de esto se queda:', takenOut: 'Quitado', changedHere: 'Modificado', stays: '¿Qué versión se queda?', keepMine: 'Conservar la mía', allTheirs: 'La otra en todo',
  addModule: 'Añadir módulo', removeModule: 'Quitar módulo', lastModule: 'Un flujo tiene al menos un módulo.', discard: 'Descartar cambios', unsaved: 'Cambios sin guardar', done: 'Listo',
  view: 'Mostrar como', drawing: 'Dibujo', list: 'Lista', drawn: (n) => `Dibujo de ${n}`, hint: 'Tab va de módulo en módulo, Intro abre uno.', module: (n) => `Módulo: ${n}`, title: 'Flujo de llamada',
  begins: 'Aquí empiezan las llamadas', begin: 'Que las llamadas empiecen aquí', settings: 'Ajustes', exits: 'Cómo sigue', noExits: 'La llamada termina aquí.', nowhere: 'A ninguna parte aún: cuelga', existing: 'Módulos de este flujo', fresh: 'Un módulo nuevo', newOf: (kind) => `Nuevo: ${kind}`, ownExit: 'Otra respuesta', addExit: 'Añadir respuesta', ownExitHint: 'Como la llama su programa',
  todo: 'Por hacer', todoNone: 'Todas las salidas están conectadas.', unreached: 'Aquí no llega ninguna llamada.', openExit: (exit) => `Nada sigue a «${exit}».`, noKeys: 'Ninguna tecla lleva a nada.',
  wants: { user_id: 'No hay ningún usuario elegido.', user_ids: 'No hay nadie elegido.', time_schedule_id: 'No hay ningún horario elegido.', audio_file_id: 'No hay ningún audio elegido.', number: 'Falta el número.', url: 'Falta la dirección.' },
  refused: 'No se guardó: algunos módulos aún no están bien.', gone: 'Ese módulo ya no existe', secretKeep: 'Déjelo vacío para conservar el actual.', addPerson: 'Añadir un usuario', takePerson: (n) => `Quitar: ${n}`,
  fields: { user_id: 'Usuario', user_ids: 'Usuarios', time_schedule_id: 'Horario', audio_file_id: 'Archivo de audio', timeout_s: 'Espera máxima (s)', attempts: 'Intentos', ring_s: 'Segundos de timbre', order: 'Quién suena', max_callers: 'Máximo en espera', number: 'Número', name: 'Nombre mostrado', url: 'Dirección', secret: 'Secreto de firma' },
  hints: { 'menu.audio_file_id': 'Dice qué hace cada tecla', 'queue.audio_file_id': 'Se oye mientras se espera', 'voicemail.audio_file_id': 'Vacío: el saludo habitual', 'directory.audio_file_id': 'Vacío: la locución habitual', number: 'Como lo marcaría un usuario', url: 'Su programa responde por dónde sigue la llamada' },
  orders: { all: 'Todos a la vez', in_turn: 'Uno tras otro' },
  kinds: { time_router: 'Por horario', announcement: 'Locución', menu: 'Menú de voz', user: 'Usuario', ring_group: 'Grupo de timbre', queue: 'Cola', external: 'Número', voicemail: 'Buzón de voz', directory: 'Directorio', set_caller: 'Nombre de quien llama', webhook: 'Webhook', hang_up: 'Colgar' },
  exitNames: { open: 'abierto', closed: 'cerrado', next: 'después', timeout: 'espera agotada', invalid: 'tecla errónea', unavailable: 'no disponible', no_answer: 'sin respuesta', full: 'llena', empty: 'nadie', failed: 'falló', not_found: 'no encontrado', keys: 'teclas' },
  says: {
    time_router: (what) => `Según ${what}`, announcement: (what) => `Reproduce ${what}`, menu: (what) => (what ? `Reproduce ${what} y espera una tecla` : 'Espera una tecla'),
    user: (who) => `Llama a ${who}`, ring_group: (who, s, turn) => `Llama a ${list(who)}${turn ? ' por turno' : ''}${seconds(s)}`, queue: (who, s) => `Se espera a ${list(who)}${s ? `, como máximo ${s} s` : ''}`,
    external: (n, s) => `Llama al ${n}${seconds(s)}`, voicemail: (who) => `Buzón de ${who}`, directory: 'Se deletrea un nombre', set_caller: (what) => (what ? `Muestra ${what}` : 'Aún no cambia nada'), webhook: (host) => `Pregunta a ${host}`, hang_up: 'La llamada termina',
    nothing: 'Aún sin ajustar',
  },
}
