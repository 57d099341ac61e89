import type { outlook as en } from '../en/outlook'

export const outlook: typeof en = {
  simulator: 'Simulador', simulatorLead: 'Pregunta a la centralita qué haría con una llamada, y por qué. Ningún teléfono suena.', title: 'Qué pasa con una llamada', willRing: 'Ahora suena', wontRing: 'Ahora no suena',
  reasons: { no_line: 'ningún número ni línea lleva aquí', do_not_disturb: 'está activado «no molestar»', closed: 'el horario está cerrado', not_registered: 'ningún teléfono está registrado', refused: 'la llamada no llega a ningún teléfono' },
  when: { now: 'Ahora', night: 'De noche, a las 3' }, sides: { inside: 'de un compañero', outside: 'de fuera' }, calls: (to, side) => `Una llamada a ${to} ${side}`,
  from: 'Quién llama', fromHint: 'Una extensión, un usuario SIP o un número nuestro', outsideHint: 'El número de quien llama con prefijo de país; vacío: oculto', to: 'A quién', toHint: 'Como se marcaría', at: 'Cuándo', atHint: 'Vacío: ahora', inside: 'Dentro', outside: 'Fuera', where: 'Quien llama está', trunk: 'A través de', ask: 'Preguntar', noTrunks: 'No hay ningún operador por el que pueda venir una llamada de fuera.',
  answer: 'La respuesta', becauseOf: 'Por qué', statusOf: (n) => `Quien llama recibiría la respuesta ${n}`, flow: 'El camino de la llamada, paso a paso', caller: 'Quien llama', targets: { line: 'Teléfono', trunk: 'Fuera', uri: 'Dirección SIP', voicemail: 'Buzón de voz', service: 'Función' },
  causes: { 'at once': 'enseguida', declined: 'si rechaza', busy: 'si está ocupado', 'no answer': 'si nadie contesta', failed: 'si falla', absent: 'si no hay nadie', closed: 'si está cerrado', 'do not disturb': 'si no se le debe molestar' },
  seconds: (n) => `durante ${n} s`, recorded: 'grabada', refusedEnd: 'La llamada se rechaza', through: (who) => `por ${who}`,
}
