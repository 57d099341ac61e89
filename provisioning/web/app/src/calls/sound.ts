/** A picture of a sound: for each channel the loudness of each slice, 0 to 1. */
export type Loudness = number[][]

/** loudnessOf is the greatest swing of each of `slices` equal parts of each channel. */
export function loudnessOf(channels: Float32Array[], slices: number): Loudness {
  return channels.map((samples) => {
    const out: number[] = []
    for (let i = 0; i < slices; i++) {
      const end = Math.floor(((i + 1) * samples.length) / slices)
      let most = 0
      for (let n = Math.floor((i * samples.length) / slices); n < end; n++) most = Math.max(most, Math.abs(samples[n]!))
      out.push(Math.min(1, most))
    }
    return out
  })
}

/** outline draws the loudness of one channel as the area between it and a base line, upwards or downwards. */
export function outline(loud: number[], width: number, base: number, height: number): string {
  const step = width / Math.max(1, loud.length)
  const points = loud.map((v, i) => `${(i * step).toFixed(1)},${(base + v * height).toFixed(1)} ${((i + 1) * step).toFixed(1)},${(base + v * height).toFixed(1)}`)
  return `M0,${base} L${points.join(' ')} L${width},${base} Z`
}
