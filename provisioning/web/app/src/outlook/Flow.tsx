import type { Schemas } from '../api/client'
import { useTexts } from '../texts'
import { stepsOf } from './steps'

const width = 360
const line = 20
const gap = 46
const pad = 12

/** Flow draws the way of a call downwards: each box is what rings together, the words before it are why it comes to that. */
export function Flow({ from, targets, status, sentence, names }: { from: string; targets: Schemas['Explained'][]; status: number; sentence: string; names: Record<string, string> }) {
  const t = useTexts()
  const named = (e: Schemas['Explained']) => {
    const kind = t.outlook.targets[e.kind ?? ''] ?? e.kind
    const whose = names[e.contact_method_id ?? ''] || names[e.user_id ?? ''] || ''
    const what = e.number || e.uri || e.action || e.aor || ''
    return [kind, [whose, what && `(${what})`].filter(Boolean).join(' ')].filter(Boolean).join(': ')
  }
  const boxes = stepsOf(targets).map((step) => {
    const [first] = step
    const about = [first!.for_s ? t.outlook.seconds(first!.for_s) : '', step.some((e) => e.recorded) ? t.outlook.recorded : '', first!.trunk_ids?.length ? t.outlook.through(first!.trunk_ids.map((id) => names[id] || id).join(' / ')) : ''].filter(Boolean).join(', ')
    return { when: t.outlook.causes[first!.when ?? ''] ?? first!.when ?? '', lines: [...step.map(named), ...(about ? [about] : [])], faint: about ? step.length : -1, bad: false }
  })
  if (boxes.length === 0) boxes.push({ when: t.outlook.causes['at once']!, lines: [`${t.outlook.refusedEnd}: ${status}`], faint: -1, bad: true })
  const all = [{ when: '', lines: [`${t.outlook.caller}: ${from}`], faint: -1, bad: false }, ...boxes]
  let y = 2
  const placed = all.map((b) => {
    const at = y
    const height = b.lines.length * line + pad
    y += height + gap
    return { ...b, y: at, height }
  })
  const short = (s: string) => (s.length > 50 ? `${s.slice(0, 49)}…` : s)
  return (
    <svg className="flow" viewBox={`0 0 ${width} ${y - gap + 4}`} width="100%" style={{ maxWidth: 460 }} role="img" aria-label={`${t.outlook.flow}: ${sentence}`}>
      {placed.map((b, i) => (
        <g key={i}>
          {i > 0 && (
            <>
              <line className="link" x1={width / 2} x2={width / 2} y1={b.y - gap} y2={b.y - 7} />
              <path className="tip" d={`M${width / 2},${b.y} l-4,-8 h8 z`} />
              <text className="faint" x={width / 2 + 10} y={b.y - gap / 2 + 4}>{b.when}</text>
            </>
          )}
          <rect className={`box${i === 0 ? ' start' : ''}${b.bad ? ' bad' : ''}`} x={14} y={b.y} width={width - 28} height={b.height} rx={6} />
          {b.lines.map((text, n) => <text key={n} className={n === b.faint ? 'faint' : ''} x={width / 2} y={b.y + pad / 2 + line * n + 14} textAnchor="middle">{short(text)}<title>{text}</title></text>)}
        </g>
      ))}
    </svg>
  )
}
