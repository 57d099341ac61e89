import type { Texts } from '../en'

export const imports: Texts['imports'] = {
  title: 'Importar usuarios', lead: 'Un archivo CSV con una línea de encabezado y una línea por usuario. Solo el nombre es obligatorio.', open: 'Importar CSV…',
  drop: 'Suelte aquí un archivo CSV o elija uno', choose: 'Elegir un archivo', limits: 'Como máximo 20 MB, separado por comas, en UTF-8. El «CSV UTF-8» de Excel sirve.',
  uploading: 'Subiendo', lost: 'Se perdió la conexión durante la subida. No se conservó nada; envíe el archivo otra vez.', large: 'El archivo supera los 20 MB.',
  file: (name, rows) => `${name}: ${rows} ${rows === 1 ? 'fila' : 'filas'}`, other: 'Otro archivo',
  columns: 'Columnas', column: 'Columna del archivo', values: 'Primeros valores', field: 'Campo', leaveOut: 'Omitir', needFirst: 'Ninguna columna es el nombre. Elija una.', twice: 'Otra columna ya es este campo.', unnamed: (n) => `Columna ${n}, sin nombre`,
  preview: 'Primeras filas', row: 'Fila', duplicates: 'Omitir a quienes ya están', duplicatesHint: 'El mismo correo o, si no, el mismo nombre completo. Se informa de cada uno.',
  check: 'Comprobar el archivo', checking: 'Comprobando', importing: 'Importando', cancel: 'Cancelar la importación', cancelled: 'Cancelado. No se importó nada.',
  sums: (created, skipped, failed) => `${created} por añadir, ${skipped} por omitir, ${failed} con errores`,
  mend: 'Todas las filas o ninguna: corrija en su archivo las filas de abajo, u omita una columna, y compruebe otra vez.', problems: 'Filas por revisar', first: (n) => `Las primeras ${n}. El informe las tiene todas.`,
  action: { failed: 'Error', skipped: 'Omitida', created: 'Añadida' }, what: 'Qué', why: 'Por qué',
  consent: 'Las personas de este archivo han aceptado que se las registre aquí. Se guardan mi nombre y la hora.',
  submit: (n) => `Importar ${n} ${n === 1 ? 'usuario' : 'usuarios'}`, nobody: 'Nadie en este archivo es nuevo.',
  done: (n) => (n === 1 ? 'Se añadió 1 usuario' : `Se añadieron ${n} usuarios`), refused: 'No se importó nada', report: 'Descargar el informe', toUsers: 'A los usuarios', undo: 'Deshacer esta importación…', gone: 'El archivo subido ya no se conserva. Elíjalo otra vez.',
  waiting: 'Se perdió la conexión con la centralita. Se vuelve a intentar…', interrupted: 'La centralita se detuvo antes de terminar', runAgain: 'No se importó nada. Compruebe el archivo e impórtelo otra vez.', wasLost: 'La conexión se perdió por un momento. Hasta ahora no se ha importado nada.', noReport: 'No hay informe de las filas: la centralita se detuvo antes de escribirlo. «Deshacer» muestra a todos los que se añadieron.',
}
