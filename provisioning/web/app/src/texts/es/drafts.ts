import type { Texts } from '../en'

export const drafts: Texts['drafts'] = {
  try: 'Probar antes…', title: 'Probar este cambio', lead: 'Todavía no se ha guardado nada. Lo que aplique estará entre los cambios y se podrá deshacer allí.', period: 'Comparar con las llamadas de', day: 'Las últimas 24 horas', week: 'Los últimos 7 días',
  changes: 'Qué cambia', calls: 'Llamadas que habrían ido a otra parte', looked: (n) => `Se ${n === 1 ? 'repasó 1 llamada' : `repasaron ${n} llamadas`}.`, more: 'Hay más; estas son las más recientes.',
  none: 'Ninguna llamada de ese tiempo habría ido a otra parte.', noCalls: 'No hubo llamadas en ese tiempo.', call: (from, to) => `${from} llamó a ${to}`, was: 'Ahora', would: 'Después', differ: (n) => `${n} serían distintas.`,
  apply: 'Aplicar', drop: 'Descartar', same: 'Esto no cambia nada.', summary: (who) => `cambiar ${who}`,
}
