import type { Texts } from '../en'

export const edit: Texts['edit'] = {
  removeNone: 'Nada más depende de esto.', removeLead: 'Esto desaparece o cambia también:', removeTick: 'Soy consciente de que esto también desaparece o cambia',
  leaveTitle: '¿Salir sin guardar?', leave: 'Sus cambios en esta página aún no están guardados. Se pierden si sale.', leaveSubmit: 'Salir', stay: 'Quedarme aquí',
  messages: (n) => `${n} ${n === 1 ? 'mensaje' : 'mensajes'}`,
  what: {
    contact_methods: 'Medio de contacto', app_devices: 'Dispositivo con la aplicación', numbers: 'Número', internal_numbers: 'Número interno', devices: 'Teléfono de mesa', call_flows: 'Flujo de llamada', voicemails: 'Buzón de voz', tokens: 'Token de API',
    users: 'Usuario', trunks: 'Troncal', organizations: 'Empresa', time_schedules: 'Horario', audio_files: 'Archivo de audio', delivery_methods: 'Método de entrega', feature_codes: 'Código de función', plans: 'Plan',
  },
}
