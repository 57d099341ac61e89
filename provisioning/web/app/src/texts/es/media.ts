import type { Texts } from '../en'

export const nav = { schedules: 'Horarios', audio: 'Archivos de audio', methods: 'Métodos de entrega', deliveries: 'Entregas', company: 'Ajustes de la empresa' }

export const media: Pick<Texts, 'schedules' | 'audio' | 'deliveries' | 'company'> = {
  schedules: {
    count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'horario' : 'horarios'}`, removed: (n) => `${n} se eliminó`,
    lead: 'Cuándo se puede localizar a las personas y las líneas. Fuera de estas horas la llamada va a donde diga la línea.', add: 'Añadir horario', create: 'Nuevo horario', edit: (n) => `Editar ${n}`,
    remove: (n) => `Eliminar ${n}`, removeLead: 'El horario se elimina para siempre. Si algo lo usa todavía, no se elimina y se le dice qué.',
    empty: 'Todavía no hay horarios', emptyHint: 'Cree uno, por ejemplo «Horas de oficina», y elíjalo después en un usuario o una línea.',
    name: 'Nombre', zone: 'Zona horaria', zoneHint: (home) => `Si está vacía, la de la empresa: ${home}`, week: 'Semana', weekOf: (n) => `La semana de ${n}`, now: 'Ahora', open: 'Abierto', closed: 'Cerrado',
    weekHint: 'Escriba 9, 930 o 17:00. Un final anterior al comienzo pasa de medianoche; todo el día es de 00:00 a 24:00.', exceptions: 'Excepciones', exceptionsHint: 'Festivos y otras fechas. Las horas de una fecha sustituyen a las de su día de la semana; sin horas está cerrado.',
    days: { mon: 'Lunes', tue: 'Martes', wed: 'Miércoles', thu: 'Jueves', fri: 'Viernes', sat: 'Sábado', sun: 'Domingo' },
    hours: 'Horas', addRange: (of) => `Añadir horas: ${of}`, removeRange: (of, n) => `Quitar las horas ${n}: ${of}`, from: (of, n) => `${of}, horas ${n}, desde`, to: (of, n) => `${of}, horas ${n}, hasta`,
    copyOf: (day) => `Copiar ${day} a…`, toWeekdays: 'De lunes a viernes', toAll: 'Todos los días', addDate: 'Añadir fecha', date: (n) => `Fecha ${n}`, removeDate: (d) => `Quitar ${d}`,
    badTime: 'Una hora no es como 08:30, o un comienzo es igual a su final.', badDate: 'Falta una fecha.',
  },
  audio: {
    count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'archivo' : 'archivos'}`, removed: (n) => `${n} se eliminó`,
    lead: 'Saludos, avisos y música. Suelte un archivo en cualquier parte de esta página.', add: 'Añadir audio', empty: 'Todavía no hay archivos de audio', emptyHint: 'Suba un saludo o grabe uno aquí, y elíjalo después en una línea o en los ajustes de la empresa.',
    name: 'Nombre', length: 'Duración', listen: 'Escuchar', play: (n) => `Reproducir ${n}`, rename: (n) => `Cambiar el nombre de ${n}`, remove: (n) => `Eliminar ${n}`,
    removeLead: 'El audio se elimina para siempre. Si algo lo reproduce todavía, no se elimina y se le dice qué.',
    source: 'De dónde viene el sonido', fromFile: 'Un archivo', fromMicrophone: 'Micrófono', drop: 'Suelte aquí un archivo de sonido, o', choose: 'Elegir un archivo', forms: 'WAV, MP3, OGG, FLAC o M4A, como mucho 20 MB y media hora',
    chosen: (n, mb) => `${n}, ${mb} MB`, preview: 'Escuchar antes de guardar', tooLarge: (n) => `${n} tiene más de 20 MB.`, emptyFile: (n) => `${n} está vacío.`, progress: 'Subida', converting: 'Leyendo…',
    record: 'Grabar', stop: 'Parar', recordHint: 'Hable después de pulsar el botón. Puede escucharlo antes de guardarlo.', level: 'Volumen', recordingName: 'Grabación',
    denied: 'El navegador no puede usar el micrófono. Permítalo en el candado junto a la dirección y pulse Grabar otra vez.', noMicrophone: 'No hay ningún micrófono conectado.', busyMicrophone: 'No se puede usar el micrófono; quizá lo tenga otro programa.',
    noRecorder: 'Este navegador no puede grabar aquí: necesita HTTPS o una versión más nueva. Suba un archivo en su lugar.', unreadable: 'No se pudo leer la grabación. Inténtelo otra vez.',
  },
  deliveries: {
    count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'método' : 'métodos'}`, removed: (n) => `${n} se eliminó`,
    countJobs: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'entrega' : 'entregas'}`, noJobs: 'No hay nada en camino', noJobsHint: 'Lo próximo que se grabe y cada correo están aquí hasta que hayan llegado.', noneFound: 'Ninguna de estas', noneFoundHint: 'No hay nada en este estado. Quite el filtro para verlas todas.',
    said: 'Qué pasó', discard: 'Descartar…', discardSubmit: 'Descartar', discarded: 'La entrega se descartó',
    lead: 'A dónde se envían las grabaciones y los mensajes de voz, además de guardarse aquí.', add: 'Añadir método', create: 'Nuevo método de entrega', edit: (n) => `Editar ${n}`, remove: (n) => `Eliminar ${n}`,
    removeLead: 'Ya no se envía nada allí. Si una línea lo usa todavía, no se elimina y se le dice cuál.', empty: 'Todavía no hay métodos de entrega', emptyHint: 'Añada uno, pruébelo y elíjalo después en las líneas que se graban.',
    name: 'Nombre', kind: 'Tipo', where: 'Dónde', settings: 'Ajustes', test: 'Probar', testOf: (n) => `Probar ${n}`, arrived: (where, ms) => `Ha llegado: ${where} (${ms} ms)`, madeTitle: (name) => `Secreto de ${name}`, madeLead: 'Quien recibe los eventos comprueba con él la firma. Cópielo ahora: no se muestra de nuevo.', keep: 'Déjelo vacío para conservar el actual.',
    publicOnly: 'Solo se llega a direcciones públicas, salvo que un operador permita privadas a la organización.',
    kinds: { disk: 'Disco', email: 'Correo', sftp: 'SFTP', s3: 'S3', webdav: 'WebDAV', webhook: 'Webhook' },
    kindHints: {
      disk: 'Una carpeta en el directorio de datos de la centralita, donde puede montarse otro disco.', email: 'El audio como adjunto, con el servidor de correo de los ajustes de la empresa.', sftp: 'Un servidor que recibe archivos por SSH.',
      s3: 'Amazon S3 o cualquiera que hable igual.', webdav: 'Nextcloud, ownCloud y otros servidores WebDAV.', webhook: 'Un POST firmado a su propio programa (Standard Webhooks).',
    },
    fields: {
      path: 'Carpeta', to: 'Para', subject: 'Asunto', format: 'Audio en', max_mb: 'Como mucho (MB)', host: 'Servidor', port: 'Puerto', username: 'Usuario', password: 'Contraseña', private_key: 'Clave privada', passphrase: 'Contraseña de la clave', host_key: 'Clave del servidor',
      endpoint: 'Punto de acceso', bucket: 'Bucket', region: 'Región', prefix: 'Prefijo', path_style: 'Bucket en la ruta', access_key_id: 'Clave de acceso', secret_access_key: 'Clave secreta', session_token: 'Token de sesión', url: 'Dirección', content: 'Contenido', base_url: 'Dirección de esta centralita', secret: 'Secreto de la firma',
    },
    hints: {
      to: 'Una o varias, separadas por comas', max_mb: 'Los mayores no se envían; 15 si está vacío', port: 'Si está vacío, el habitual', host_key: 'SHA256:… o ssh-ed25519 AAAA…; si está vacía, la de la primera conexión', 'disk.path': 'Por ejemplo archivo/llamadas', 'sftp.path': 'En el servidor',
      endpoint: 'Por ejemplo https://s3.eu-central-1.amazonaws.com', 'webdav.url': 'Por ejemplo https://cloud.example.com/remote.php/dav/files/yo/llamadas', subject: 'Si está vacío, quién llamó a quién y cuándo', base_url: 'Para los enlaces al audio, por ejemplo https://pbx.example.com',
    },
    choices: { 'format.wav': 'WAV', 'format.mp3': 'MP3: la décima parte del tamaño', 'path_style.true': 'Sí', 'path_style.false': 'No', 'content.link': 'Un enlace al audio', 'content.audio': 'El propio audio' },
    outboxLead: 'Todo lo que está saliendo: grabaciones, mensajes de voz y correo. Una entrega se intenta durante tres días y después espera aquí.', state: 'Estado',
    states: { dead: 'Fallidas', queued: 'En espera', done: 'Enviadas' },
    since: 'Desde', what: 'Qué', method: 'Método', attempts: 'Intentos', nextTry: 'Próximo intento', mailServer: 'Servidor de correo', jobs: { recording: 'Grabación', voicemail: 'Mensaje de voz', mail: 'Correo' },
    retry: 'Reintentar', retryOf: (w) => `Reintentar ${w}`, discardTitle: '¿Descartar esta entrega?', discardLead: 'Ya no se intenta más. La grabación se queda en la centralita y dice quién descartó su entrega.',
  },
  company: {
    identity: 'Empresa', mainNumber: 'Número principal', mainNumberHint: 'Números que no tiene nadie', destinationHint: 'Quién lo contesta, como lo marcaría un usuario', sounds: 'Buzón de voz de la empresa y música',
    toAudio: 'Archivos de audio', standard: 'El saludo habitual', silence: 'Silencio', rules: 'Reglas generales', ringHint: 'Antes de dar una llamada por no contestada', rangeHint: 'De aquí salen las extensiones nuevas', maxCallsHint: 'A la vez; 0: sin límite', emergencyHint: 'Pasan siempre, pueda lo que pueda llamar la línea',
    billing: 'Contacto de facturación', mail: 'Servidor de correo', mailHint: 'Envía invitaciones, grabaciones y alarmas. Sin servidor se usa el del operador.', fromHint: 'Una dirección, o un nombre y una dirección entre <>', portHint: '0: el habitual', keep: 'Déjelo vacío para conservar la actual.',
    tls: { starttls: 'STARTTLS', tls: 'TLS desde el principio', none: 'Sin cifrar' }, testTo: 'Enviar un correo de prueba a', test: 'Enviar prueba', saveFirst: 'Guarde primero: la prueba usa lo guardado.', mailed: (where) => `Enviado: ${where}`,
    retention: 'Conservación', retentionHint: 'Lo más antiguo se elimina para siempre, como mucho una hora después de su plazo; el registro de auditoría guarda que así fue. Lo que aún espera su entrega se queda.', days: ' días', daysHint: '0: para siempre',
    retentionWarning: 'Todo lo que sea más antiguo desaparece en una hora y nadie puede recuperarlo.', retentionTick: 'Quiero que se elimine lo más antiguo', discard: 'Descartar los cambios',
    fields: {
      name: 'Nombre', country: 'País', time_zone: 'Zona horaria', language: 'Idioma', main_number: 'Número principal', main_destination: 'Lo contesta', 'voicemail.enabled': 'Buzón de voz de la empresa', 'voicemail.greeting_audio_id': 'Saludo', 'voicemail.email': 'Avisar de los mensajes a',
      music_on_hold_audio_id: 'Música en espera', ring_timeout_s: 'Segundos de timbre', extension_range: 'Rango de extensiones', max_calls: 'Máximo de llamadas', emergency_numbers: 'Números de emergencia', 'billing_contact.name': 'Nombre', 'billing_contact.email': 'Correo', 'billing_contact.phone': 'Teléfono',
      'mail.host': 'Servidor', 'mail.from': 'Remitente', 'mail.tls': 'Cifrado', 'mail.port': 'Puerto', 'mail.username': 'Usuario', 'mail.password': 'Contraseña', 'retention.recording_days': 'Grabaciones', 'retention.voicemail_days': 'Mensajes de voz', 'retention.call_days': 'Registros de llamadas',
    },
  },
}
