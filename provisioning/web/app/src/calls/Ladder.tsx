import { Code, CopyButton, Button, Group, Stack, Text } from '@mantine/core'
import { useRef, useState, type KeyboardEvent } from 'react'
import { useLanguage, useTexts } from '../texts'
import { exchangeOf, keyOf, railsOf, shortOf, toneOf, type Step } from './ladder'

const row = 26
const head = 38
const gap = 210
const left = 118

/** Ladder draws who sent what to whom and when; one message at a time is shown whole. */
export function Ladder({ steps, names }: { steps: Step[]; names: Record<string, string> }) {
  const t = useTexts()
  const { language } = useLanguage()
  const [chosen, setChosen] = useState<number | null>(null)
  const rows = useRef<(SVGGElement | null)[]>([])
  const exchange = exchangeOf(steps)
  const rails = railsOf(steps, exchange)
  const x = (who: string | undefined) => left + 60 + rails.indexOf(who ?? '') * gap
  const width = left + 120 + (rails.length - 1) * gap + 90
  const height = head + steps.length * row + 12
  const named = (who: string | undefined) => (who === exchange ? t.calls.exchange : (names[who ?? ''] ?? who ?? ''))
  const clock = (at: string | undefined) => (at ? new Date(at).toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 }) : '')
  const words = (summary: string) => t.calls.ladderWords[keyOf(summary)]
  const onKey = (e: KeyboardEvent, i: number) => {
    if (e.key === 'Enter' || e.key === ' ') setChosen(chosen === i ? null : i)
    else if (e.key === 'ArrowDown') rows.current[i + 1]?.focus()
    else if (e.key === 'ArrowUp') rows.current[i - 1]?.focus()
    else return
    e.preventDefault()
  }
  const shown = chosen === null ? undefined : steps[chosen]
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">{t.calls.ladderHint}</Text>
      <div className="scroll" role="region" aria-label={t.calls.ladder} tabIndex={0} style={{ maxHeight: '70vh' }}>
        <svg className="ladder" width={width} height={height} role="group" aria-label={t.calls.ladderLabel}>
          {rails.map((who) => (
            <g key={who} aria-hidden>
              <line className="rail" x1={x(who)} x2={x(who)} y1={head - 10} y2={height} />
              <text className="who" x={x(who)} y={15} textAnchor="middle">{named(who)}</text>
              {who !== exchange && named(who) !== who && <text className="faint" x={x(who)} y={27} textAnchor="middle">{who}</text>}
            </g>
          ))}
          {steps.map((s, i) => {
            const y = head + i * row
            const [from, to] = [x(s.from), x(s.to)]
            const way = Math.sign(to - from) || 1
            const summary = s.summary ?? ''
            const short = shortOf(summary)
            const say = words(summary)
            return (
              <g key={i} ref={(g) => { rows.current[i] = g }} role="button" tabIndex={0} aria-pressed={chosen === i} className={toneOf(summary)}
                aria-label={t.calls.message(say ? `${short} (${say})` : short, named(s.from), named(s.to), clock(s.at))}
                onClick={() => setChosen(chosen === i ? null : i)} onKeyDown={(e) => onKey(e, i)}>
                <rect className="row" x={2} y={y} width={width - 4} height={row} rx={3} />
                <text className="faint digits" x={8} y={y + 17}>{`${clock(s.at)} `}</text>
                <line className="arrow" x1={from} x2={to - way * 7} y1={y + 20} y2={y + 20} />
                <path className="tip" d={`M${to},${y + 20} l${-way * 8},-4 v8 z`} />
                <text x={(from + to) / 2} y={y + 14} textAnchor="middle">{short}</text>
              </g>
            )
          })}
        </svg>
      </div>
      {shown && (
        <Stack gap={4} role="region" aria-label={t.calls.whole}>
          <Group justify="space-between">
            <Text size="sm" fw={600}>{shortOf(shown.summary ?? '')}{words(shown.summary ?? '') ? `: ${named(shown.from)} ${words(shown.summary ?? '')}` : ''}</Text>
            <CopyButton value={shown.message ?? ''}>{({ copied, copy }) => <Button size="compact-xs" variant="default" onClick={copy}>{copied ? t.common.copied : t.common.copy}</Button>}</CopyButton>
          </Group>
          <Code block className="sip" tabIndex={0}>{shown.message}</Code>
        </Stack>
      )}
    </Stack>
  )
}
