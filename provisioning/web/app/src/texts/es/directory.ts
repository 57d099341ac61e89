import type { Texts } from '../en'

export const directory: Texts['directory'] = {
  title: 'Directorio', count: (n, more) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'persona' : 'personas'}`, table: 'Compañeros', search: 'Buscar por nombre',
  empty: 'Nadie tiene aún un número interno', emptyHint: 'Las personas aparecen aquí cuando un administrador les da una línea con un número interno.',
  fields: { name: 'Nombre', extension: 'Número interno', job_title: 'Cargo', department: 'Departamento' },
  call: (who, number) => `Llamar a ${who}, ${number}`, copy: (who, number) => `Copiar el número de ${who}, ${number}`,
}
