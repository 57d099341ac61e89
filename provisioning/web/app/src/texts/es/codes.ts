import type { Texts } from '../en'

export const codes: Pick<Texts, 'featureCodes' | 'tokens'> = {
  featureCodes: {
    title: 'Códigos de función', add: 'Añadir código', edit: (code) => `Código de función ${code}`, count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'código' : 'códigos'}`, table: 'Códigos de función', search: 'Parte del código',
    empty: 'Aún no hay códigos de función', emptyHint: 'Un código de función se marca para que la centralita haga algo, como *43 para una prueba de eco. Añada los que conoce su gente.', hint: 'De 1 a 8 cifras, * y #, como *43', effect: 'Efecto', works: 'En vigor',
    fields: { code: 'Código', action: 'Acción' },
    actions: {
      record_toggle: 'Iniciar o detener la grabación', record_pause: 'Pausar la grabación', dnd_on: 'Activar no molestar', dnd_off: 'Desactivar no molestar', dnd_toggle: 'Activar o desactivar no molestar', forward_set: 'Desviar las llamadas a un número', forward_clear: 'Terminar el desvío', call_back: 'Llamar al último que llamó',
      anonymous: 'Llamar de forma anónima', caller_id: 'Elegir el número que se muestra', pickup: 'Capturar la llamada de otro', pickup_group: 'Capturar en el grupo', park: 'Aparcar una llamada', retrieve: 'Recuperar una llamada aparcada', voicemail: 'Escuchar el buzón de voz', hotdesk_login: 'Hotdesking: entrar', hotdesk_logout: 'Hotdesking: salir',
      conference: 'Sala de conferencias', echo: 'Prueba de eco', transfer_blind: 'Transferir enseguida', transfer_attended: 'Transferir tras consultar',
    },
    removeTitle: (code) => `¿Eliminar el código ${code}?`, removeMeans: 'Quien lo marque ya no obtendrá nada.', removed: (code) => `${code} fue eliminado`,
  },
  tokens: {
    title: 'Tokens de API', add: 'Crear token', edit: (name) => `Token ${name}`, count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'token' : 'tokens'}`, table: 'Tokens de API', search: 'Buscar por etiqueta',
    empty: 'Aún no hay tokens de API', emptyHint: 'Los programas usan la API con un token. Cree uno para cada programa, así cada uno se puede revocar por separado.', labelHint: 'Qué programa lo usa', roleHint: 'Hasta dónde llega; no se puede cambiar después', expiryHint: 'El último día en que vale. Vacío: hasta que se revoque',
    fields: { label: 'Etiqueta', role: 'Función', user_id: 'Usuario', prefix: 'Empieza por', expires_at: 'Caduca', created_at: 'Creado', created_by: 'Creado por' },
    roles: { operator: 'Operador: todas las organizaciones', admin: 'Administrador', user: 'Usuario: solo lo suyo' },
    never: 'Nunca', token: 'Token', madeTitle: (name) => `Token ${name}`, madeLead: 'Cópielo ahora y guárdelo como una contraseña: no se muestra de nuevo.',
    revoke: 'Revocar…', revokeSubmit: 'Revocar', removeTitle: (name) => `¿Revocar el token ${name}?`, removeMeans: 'Los programas que lo usan se rechazan al instante. No se puede recuperar.', removed: (name) => `El token ${name} fue revocado`,
  },
}
