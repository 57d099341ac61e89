import type { Schemas } from '../api/client'

/** stepsOf puts the targets that ring together beside each other, in the order they are tried. */
export function stepsOf(targets: Schemas['Explained'][]): Schemas['Explained'][][] {
  const out = new Map<number, Schemas['Explained'][]>()
  for (const e of targets) out.set(e.step ?? 0, [...(out.get(e.step ?? 0) ?? []), e])
  return [...out.entries()].sort(([a], [b]) => a - b).map(([, step]) => step)
}
