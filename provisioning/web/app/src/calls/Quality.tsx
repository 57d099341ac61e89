import { Group, SimpleGrid, Stack, Table, Text } from '@mantine/core'
import type { Schemas } from '../api/client'
import { useTexts } from '../texts'
import { Mos } from './parts'
import { length, type Leg } from './words'

type Series = Schemas['LegQuality']
type Sample = Schemas['QualitySample']

const width = 320
const height = 84
const foot = 14

/** Quality is how well each leg was heard: as it went on, and in all. */
export function Quality({ legs, series }: { legs: Leg[]; series: Series[] }) {
  const t = useTexts()
  const measured = legs.filter((l) => l.quality)
  const sampled = series.filter((s) => (s.samples ?? []).length > 1)
  const sideOf = (id: string | undefined) => legs.find((l) => l.id === id)?.side ?? 'b'
  const percent = (v: number) => `${(v * 100).toFixed(v > 0 && v < 0.01 ? 2 : 1)} %`
  const ms = (v: number) => `${v.toFixed(1)} ms`
  return (
    <Stack gap="sm">
      {sampled.length === 0 ? <Text size="sm" c="dimmed">{t.calls.noSeries}</Text> : (
        <>
          <Group gap="md">
            {['a', 'b'].filter((side) => sampled.some((s) => sideOf(s.leg_id) === side)).map((side) => (
              <Text key={side} size="xs"><span className={`swatch wave-${side}`} aria-hidden /> {t.calls.sides[side]}</Text>
            ))}
          </Group>
          <SimpleGrid cols={{ base: 1, sm: 3 }}>
            <Plot title="MOS" series={sampled} sideOf={sideOf} value={(s) => s.mos ?? 0} least={1} most={4.5} shown={(v) => v.toFixed(1)} />
            <Plot title={t.calls.lossNow} series={sampled} sideOf={sideOf} value={(s) => s.loss ?? 0} least={0} most={0.02} shown={percent} />
            <Plot title={t.calls.jitter} series={sampled} sideOf={sideOf} value={(s) => s.jitter_ms ?? 0} least={0} most={10} shown={ms} />
          </SimpleGrid>
        </>
      )}
      {measured.length > 0 && (
        <div className="scroll" role="region" aria-label={t.calls.quality} tabIndex={0}>
          <Table verticalSpacing={4} horizontalSpacing="sm">
            <Table.Thead><Table.Tr>{[t.calls.leg, 'MOS', t.calls.lossNow, t.calls.jitter, t.calls.roundTrip, t.calls.packets, t.calls.codec].map((h) => <Table.Th key={h} scope="col">{h}</Table.Th>)}</Table.Tr></Table.Thead>
            <Table.Tbody>
              {measured.map((l) => (
                <Table.Tr key={l.id}>
                  <Table.Td>{t.calls.sides[l.side ?? '']} {l.peer}</Table.Td>
                  <Table.Td><Mos value={l.quality!.mos} none={t.calls.notMeasured} /></Table.Td>
                  <Table.Td className="digits">{percent(l.quality!.loss ?? 0)}</Table.Td>
                  <Table.Td className="digits">{ms(l.quality!.jitter_ms ?? 0)}</Table.Td>
                  <Table.Td className="digits">{l.quality!.round_trip_ms ? ms(l.quality!.round_trip_ms) : '–'}</Table.Td>
                  <Table.Td className="digits">{l.quality!.packets ?? 0}</Table.Td>
                  <Table.Td>{l.codec || '–'}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {measured.length === 0 && <Text size="sm" c="dimmed">{t.calls.notMeasured}</Text>}
    </Stack>
  )
}

function Plot({ title, series, sideOf, value, least, most, shown }: {
  title: string; series: Series[]; sideOf: (id: string | undefined) => string; value: (s: Sample) => number; least: number; most: number; shown: (v: number) => string
}) {
  const t = useTexts()
  const all = series.flatMap((s) => s.samples ?? [])
  const top = Math.max(most, ...all.map(value))
  const end = Math.max(1, ...all.map((s) => s.at_ms ?? 0))
  const x = (s: Sample) => ((s.at_ms ?? 0) / end) * width
  const y = (s: Sample) => height - ((Math.min(top, Math.max(least, value(s))) - least) / (top - least)) * height
  return (
    <figure style={{ margin: 0 }}>
      <Text component="figcaption" size="xs" fw={600}>{title}</Text>
      <svg className="plot" viewBox={`0 -4 ${width} ${height + foot + 6}`} width="100%" role="img" aria-label={t.calls.seriesLabel(title, shown(Math.min(...all.map(value))), shown(Math.max(...all.map(value))))}>
        <line className="axis" x1={0} x2={width} y1={0} y2={0} />
        <line className="axis" x1={0} x2={width} y1={height} y2={height} />
        {series.map((s) => (
          <g key={s.leg_id} className={`wave-${sideOf(s.leg_id)}`}>
            <path d={(s.samples ?? []).map((p, i) => `${i ? 'L' : 'M'}${x(p).toFixed(1)},${y(p).toFixed(1)}`).join(' ')} />
            {(s.samples ?? []).length <= 60 && (s.samples ?? []).map((p) => <circle key={p.at_ms} cx={x(p)} cy={y(p)} r={2}><title>{`${shown(value(p))} ${t.calls.seriesAt(length(p.at_ms ?? 0))}`}</title></circle>)}
          </g>
        ))}
        <text className="faint" x={2} y={10}>{shown(top)}</text>
        <text className="faint" x={2} y={height - 3}>{shown(least)}</text>
        <text className="faint" x={width} y={height + foot} textAnchor="end">{length(end)}</text>
      </svg>
    </figure>
  )
}
