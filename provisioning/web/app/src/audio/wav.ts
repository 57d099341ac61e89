const rate = 16_000

/** wavOf is a recording of the browser's, in whatever form, as the exchange keeps it: WAV, 16-bit PCM, one channel, 16 kHz. */
export async function wavOf(recorded: Blob): Promise<Blob> {
  const context = new AudioContext()
  try {
    const decoded = await context.decodeAudioData(await recorded.arrayBuffer())
    const offline = new OfflineAudioContext(1, Math.max(1, Math.ceil(decoded.duration * rate)), rate)
    const source = offline.createBufferSource()
    source.buffer = decoded
    source.connect(offline.destination)
    source.start()
    return encodeWAV((await offline.startRendering()).getChannelData(0), rate)
  } finally {
    void context.close()
  }
}

/** encodeWAV writes samples from -1 to 1 as 16-bit PCM. */
export function encodeWAV(samples: Float32Array, rate: number): Blob {
  const v = new DataView(new ArrayBuffer(44 + 2 * samples.length))
  const text = (at: number, s: string) => [...s].forEach((c, i) => v.setUint8(at + i, c.charCodeAt(0)))
  text(0, 'RIFF')
  v.setUint32(4, 36 + 2 * samples.length, true)
  text(8, 'WAVEfmt ')
  v.setUint32(16, 16, true)
  v.setUint16(20, 1, true)
  v.setUint16(22, 1, true)
  v.setUint32(24, rate, true)
  v.setUint32(28, 2 * rate, true)
  v.setUint16(32, 2, true)
  v.setUint16(34, 16, true)
  text(36, 'data')
  v.setUint32(40, 2 * samples.length, true)
  samples.forEach((s, i) => v.setInt16(44 + 2 * i, Math.round(Math.max(-1, Math.min(1, s)) * 32767), true))
  return new Blob([v.buffer], { type: 'audio/wav' })
}
