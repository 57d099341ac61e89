import { Anchor, Group, Loader, Stack, Text } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useRef, useState, type MouseEvent } from 'react'
import { useTexts } from '../texts'
import { loudnessOf, outline } from './sound'

const width = 600
const half = 22
const slices = 300
/** A longer recording is only played: to draw it one would have to load it whole. */
const drawn = 12 << 20

/** Player plays a sound and draws it: the caller above the line, the called side below, or one side only. */
export function Player({ src, name, bytes, label, sides, onPlay }: { src: string; name: string; bytes: number; label: string; sides?: [string, string]; onPlay?: () => void }) {
  const t = useTexts()
  const audio = useRef<HTMLAudioElement>(null)
  const [place, setPlace] = useState(0)
  const wave = useQuery({
    queryKey: ['wave', src],
    enabled: bytes > 0 && bytes <= drawn,
    staleTime: Infinity,
    gcTime: 60_000,
    retry: false,
    queryFn: async () => {
      const response = await fetch(src)
      if (!response.ok) throw new Error(String(response.status))
      const sound = await new OfflineAudioContext(2, 1, 8000).decodeAudioData(await response.arrayBuffer())
      return loudnessOf(Array.from({ length: sound.numberOfChannels }, (_, i) => sound.getChannelData(i)), slices)
    },
  })
  const seek = (e: MouseEvent<SVGSVGElement>) => {
    const at = audio.current
    if (!at || !Number.isFinite(at.duration)) return
    const box = e.currentTarget.getBoundingClientRect()
    at.currentTime = ((e.clientX - box.left) / box.width) * at.duration
  }
  const [first, second] = wave.data ?? []
  return (
    <Stack gap={4} maw={640}>
      {wave.isLoading && <Loader size={14} aria-label={t.common.loading} />}
      {wave.isError && <Text size="xs" c="dimmed">{t.calls.noWave}</Text>}
      {first && (
        <svg className="wave" viewBox={`0 0 ${width} ${2 * half}`} preserveAspectRatio="none" role="img" aria-label={t.calls.wave} onClick={seek}>
          <path className="wave-a" d={outline(first, width, half, -half)} />
          <path className={second ? 'wave-b' : 'wave-a'} d={outline(second ?? first, width, half, half)} />
          <line className="wave-at" x1={place * width} x2={place * width} y1={0} y2={2 * half} />
        </svg>
      )}
      {second && sides && (
        <Group gap="md">
          <Text size="xs"><span className="swatch wave-a" aria-hidden /> {sides[0]}</Text>
          <Text size="xs"><span className="swatch wave-b" aria-hidden /> {sides[1]}</Text>
        </Group>
      )}
      <Group gap="sm" wrap="nowrap">
        <audio ref={audio} controls preload="metadata" src={src} aria-label={label} style={{ flex: 1, minWidth: 0, height: 36 }} onPlay={onPlay}
          onTimeUpdate={(e) => setPlace(e.currentTarget.duration ? e.currentTarget.currentTime / e.currentTarget.duration : 0)} />
        <Anchor href={src} download={name} aria-label={t.calls.downloadSound} title={t.calls.downloadSound} style={{ display: 'flex' }}><IconDownload size={20} aria-hidden /></Anchor>
      </Group>
    </Stack>
  )
}
