import { Fragment } from 'react'
import { useTexts } from '../texts'
import { openExits, type FlowDraft } from './flow'
import { card, column, layout, port, readingOrder, start, waysOf } from './layout'
import { exitName, nameOf, todoOf, waysInWords, type Speaker } from './words'

type Props = {
  draft: FlowDraft
  numbers: string[]
  says: Speaker
  reached: Set<string>
  /** The modules of which something was refused. */
  faulty: (id: string) => boolean
  chosen: string | undefined
  onChoose: (id: string) => void
}

const clip = (s: string, most: number) => (s.length > most ? `${s.slice(0, most - 1)}…` : s)

/** broken breaks a text into two lines at most. */
function broken(s: string, most: number): string[] {
  if (s.length <= most) return [s]
  const at = s.lastIndexOf(' ', most)
  const cut = at > most / 3 ? at : most
  return [s.slice(0, cut), clip(s.slice(cut).trim(), most)]
}

/** FlowDrawing draws a flow from left to right. Each card is a button that opens its module. */
export function FlowDrawing({ draft, numbers, says, reached, faulty, chosen, onChoose }: Props) {
  const t = useTexts()
  const f = t.flows
  const drawn = layout(draft)
  const byId = new Map(draft.nodes.map((n) => [n.id, n]))
  const at = (id: string) => drawn.places.get(id)!
  const ids = readingOrder(drawn)
  const first = at(start)
  const lines = numbers.length > 0 ? [...numbers.slice(0, 2), ...(numbers.length > 2 ? [`+${numbers.length - 2}`] : [])] : [f.noNumbers]
  // What leads past other columns goes below their cards, each way a little lower.
  const long = drawn.edges.filter((e) => !e.back && at(e.to).x - at(e.from).x > column * 1.5)
  const far = (from: string, to: string, x: number, y: number, target: number) => {
    const nth = long.findIndex((e) => e.from === from && e.to === to)
    if (nth < 0) return undefined
    const b = at(to)
    const passed = [...drawn.places.values()].filter((p) => p.x > x && p.x < b.x && drawn.main.has(p.id) === drawn.main.has(to))
    const low = passed.reduce((most, p) => Math.max(most, p.y + p.height), y) + 26 + nth * 7
    return `M${x},${y} C${x + 70},${y} ${x + 30},${low} ${x + 100},${low} H${b.x - 90} C${b.x - 30},${low} ${b.x - 70},${target} ${b.x - 8},${target}`
  }
  return (
    <div className="scroll flow-board" role="region" aria-label={f.drawn(draft.name)} tabIndex={0}>
      <svg className="call-flow" width={drawn.width} height={drawn.height} role="group" aria-label={f.drawn(draft.name)}>
        <g aria-hidden>
          {drawn.edges.map((e) => {
            const [a, b] = [at(e.from), at(e.to)]
            const ways = e.from === start ? [] : waysOf(byId.get(e.from)!)
            const y = a.y + (e.from === start ? 37 : 17 + ways.findIndex(([to]) => to === e.to) * port)
            const label = clip(e.exits.map((x) => exitName(t, x)).join(', '), 17)
            const x = a.x + card.width
            if (e.back) {
              const [x1, x2] = [a.x + card.width * 0.65, b.x + card.width * 0.35]
              const [y1, y2] = [a.y + a.height, b.y + b.height]
              const low = Math.max(y1, y2) + 22
              return (
                <g key={`${e.from}>${e.to}`} className="back">
                  <path className="link" d={`M${x1},${y1} C${x1},${low} ${x2},${low} ${x2},${y2 + 8}`} />
                  <path className="tip" d={`M${x2},${y2} l-4,8 h8 z`} />
                  <text className="faint" x={x1 + 6} y={y1 + 13}>{label}</text>
                </g>
              )
            }
            const target = b.y + 26
            const bend = Math.max(40, (b.x - x) / 2)
            return (
              <g key={`${e.from}>${e.to}`}>
                <path className="link" d={far(e.from, e.to, x, y, target) ?? `M${x},${y} C${x + bend},${y} ${b.x - bend},${target} ${b.x - 8},${target}`} />
                <path className="tip" d={`M${b.x},${target} l-8,-4 v8 z`} />
                <text className="faint label" x={x + 7} y={y - 4}>{label}</text>
              </g>
            )
          })}
          {draft.nodes.flatMap((n) => {
            const p = at(n.id)
            const from = waysOf(n).length
            return openExits(n).map((exit, i) => {
              const y = p.y + 17 + (from + i) * port
              const x = p.x + card.width
              return (
                <g key={`${n.id}/${exit}`} className="open">
                  <path className="link" d={`M${x},${y} h94`} />
                  <circle cx={x + 98} cy={y} r={4} />
                  <text className="label" x={x + 7} y={y - 4}>{clip(exitName(t, exit), 17)}</text>
                </g>
              )
            })
          })}
        </g>
        <g aria-hidden>
          <rect className="start" x={first.x} y={first.y} width={card.width} height={card.height} rx={card.height / 2} />
          <text className="faint" x={first.x + card.width / 2} y={first.y + 22} textAnchor="middle">{f.callsTo}</text>
          {lines.slice(0, 2).map((text, i) => <text key={text} x={first.x + card.width / 2} y={first.y + 40 + i * 17} textAnchor="middle">{i === 1 && lines.length > 2 ? `${text} ${lines[2]}` : text}</text>)}
        </g>
        {ids.map((id) => {
          const m = byId.get(id)!
          const p = at(id)
          const todo = todoOf(t, m, reached)
          const ways = waysInWords(t, m, draft.nodes)
          const say = [f.kinds[m.type], m.name, says(m), ...ways.map((w) => `${w.exit}: ${w.to}`), ...todo].filter(Boolean).join('. ')
          return (
            <Fragment key={id}>
              <g role="button" tabIndex={0} aria-label={say} aria-pressed={chosen === id} className={`card${todo.length > 0 ? ' todo' : ''}${faulty(id) ? ' bad' : ''}`}
                onClick={() => onChoose(id)} onKeyDown={(e) => {
                  if (e.key !== 'Enter' && e.key !== ' ') return
                  e.preventDefault()
                  onChoose(id)
                }}>
                <rect className="box" x={p.x} y={p.y} width={card.width} height={p.height} rx={6} />
                <title>{say}</title>
              </g>
              <g aria-hidden pointerEvents="none">
                <text className="faint" x={p.x + 12} y={p.y + 19}>{m.name ? f.kinds[m.type] : ''}</text>
                <text className="name" x={p.x + 12} y={p.y + (m.name ? 36 : 22)}>{clip(nameOf(t, m), 27)}</text>
                {broken(says(m), 34).map((line, i) => <text key={i} x={p.x + 12} y={p.y + (m.name ? 53 : 41) + i * 15}>{line}</text>)}
                {(todo.length > 0 || faulty(id)) && <text className="mark" x={p.x + card.width - 12} y={p.y + 20} textAnchor="end">!</text>}
              </g>
            </Fragment>
          )
        })}
      </svg>
    </div>
  )
}
