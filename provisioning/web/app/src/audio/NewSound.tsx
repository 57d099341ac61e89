import { Alert, Button, FileButton, Group, Modal, Progress, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconMicrophone, IconPlayerStopFilled, IconUpload } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { mostBytes, useUpload, withoutExtension } from './upload'
import { wavOf } from './wav'

const accept = '.wav,.mp3,.ogg,.oga,.opus,.flac,.m4a,.mp4,audio/*'
const longest = 30 * 60 // seconds

/** NewSound takes a sound from a file or from the microphone, to be heard before it is saved. */
export function NewSound({ first, onClose }: { first?: File; onClose: () => void }) {
  const t = useTexts()
  const a = t.audio
  const [by, setBy] = useState<'file' | 'microphone'>('file')
  const [file, setFile] = useState<File | null>(null)
  const [name, setName] = useState('')
  const [wrong, setWrong] = useState('')
  const [over, setOver] = useState(false)
  const url = useObjectURL(file)
  const up = useUpload(() => {
    notifications.show({ message: t.common.saved })
    onClose()
  })
  const take = (f: File | null) => {
    up.clear()
    setWrong('')
    if (!f) return
    if (f.size > mostBytes) return setWrong(a.tooLarge(f.name))
    if (f.size === 0) return setWrong(a.emptyFile(f.name))
    setFile(f)
    setName((n) => n || withoutExtension(f.name))
  }
  useEffect(() => take(first ?? null), []) // eslint-disable-line
  const busy = up.progress !== null
  return (
    <Modal opened onClose={() => (busy ? undefined : onClose())} title={a.add} size="lg" closeButtonProps={{ 'aria-label': t.common.close }}>
      <form onSubmit={(e) => {
        e.preventDefault()
        if (file) void up.upload(file, file.name, name.trim())
      }}>
        <Stack gap="md">
          <SegmentedControl aria-label={a.source} value={by} disabled={busy} onChange={(v) => setBy(v as typeof by)} data={[{ value: 'file', label: a.fromFile }, { value: 'microphone', label: a.fromMicrophone }]} />
          {by === 'file' ? (
            <div className={`drop${over ? ' over' : ''}`} onDragOver={(e) => { e.preventDefault(); setOver(true) }} onDragLeave={() => setOver(false)}
              onDrop={(e) => { e.preventDefault(); setOver(false); if (!busy) take(e.dataTransfer.files[0] ?? null) }}>
              <IconUpload size={28} stroke={1.3} aria-hidden />
              <Text size="sm">{a.drop}</Text>
              <FileButton onChange={take} accept={accept}>{(props) => <Button variant="default" disabled={busy} {...props}>{a.choose}</Button>}</FileButton>
              <Text size="xs" c="dimmed">{a.forms}</Text>
            </div>
          ) : (
            <Recorder onRecorded={(blob) => take(new File([blob], `${a.recordingName}.wav`, { type: 'audio/wav' }))} onAgain={() => setFile(null)} />
          )}
          {wrong && <Alert color="red" variant="outline" role="alert" p="xs">{wrong}</Alert>}
          {file && url && (
            <Stack gap={4}>
              <Text size="sm">{a.chosen(file.name, Math.max(0.1, file.size / (1 << 20)).toFixed(1))}</Text>
              <audio controls src={url} aria-label={a.preview} style={{ width: '100%' }} />
            </Stack>
          )}
          <TextInput label={a.name} value={name} onChange={(e) => setName(e.currentTarget.value)} maxLength={200} />
          {busy && <Progress.Root size="lg"><Progress.Section value={100 * up.progress!} aria-label={a.progress} color="cyan.8"><Progress.Label>{up.progress! < 1 ? `${Math.round(100 * up.progress!)} %` : a.converting}</Progress.Label></Progress.Section></Progress.Root>}
          <Trouble error={up.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={busy ? up.cancel : onClose}>{t.common.cancel}</Button>
            <Button type="submit" loading={busy} disabled={!file}>{t.common.save}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function useObjectURL(file: Blob | null) {
  const [url, setURL] = useState('')
  useEffect(() => {
    if (!file) return setURL('')
    const made = URL.createObjectURL(file)
    setURL(made)
    return () => URL.revokeObjectURL(made)
  }, [file])
  return url
}

/** Recorder records from the microphone and shows that it hears something. */
function Recorder({ onRecorded, onAgain }: { onRecorded: (wav: Blob) => void; onAgain: () => void }) {
  const t = useTexts()
  const a = t.audio
  const [state, setState] = useState<'idle' | 'recording' | 'busy'>('idle')
  const [problem, setProblem] = useState('')
  const [seconds, setSeconds] = useState(0)
  const [level, setLevel] = useState(0)
  const stop = useRef<(() => void) | null>(null)
  const gone = useRef(false)
  useEffect(() => {
    gone.current = false
    return () => {
      gone.current = true
      stop.current?.()
    }
  }, [])
  const start = async () => {
    setProblem('')
    if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) return setProblem(a.noRecorder)
    let stream: MediaStream
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true })
    } catch (e) {
      const name = e instanceof DOMException ? e.name : ''
      return setProblem(name === 'NotAllowedError' ? a.denied : name === 'NotFoundError' ? a.noMicrophone : a.busyMicrophone)
    }
    if (gone.current) return stream.getTracks().forEach((x) => x.stop())
    onAgain()
    const recorder = new MediaRecorder(stream)
    const parts: Blob[] = []
    const context = new AudioContext()
    const meter = context.createAnalyser()
    context.createMediaStreamSource(stream).connect(meter)
    const samples = new Float32Array(meter.fftSize)
    const began = Date.now()
    const tick = setInterval(() => {
      meter.getFloatTimeDomainData(samples)
      setLevel(Math.min(100, 100 * Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length) * 4))
      const s = Math.floor((Date.now() - began) / 1000)
      setSeconds(s)
      if (s >= longest) stop.current?.()
    }, 100)
    recorder.ondataavailable = (e) => parts.push(e.data)
    recorder.onstop = async () => {
      clearInterval(tick)
      stream.getTracks().forEach((x) => x.stop())
      void context.close()
      if (gone.current) return
      setState('busy')
      try {
        onRecorded(await wavOf(new Blob(parts, { type: recorder.mimeType })))
      } catch {
        setProblem(a.unreadable)
      }
      setState('idle')
    }
    stop.current = () => {
      stop.current = null
      if (recorder.state !== 'inactive') recorder.stop()
    }
    recorder.start()
    setSeconds(0)
    setState('recording')
  }
  return (
    <div className="drop">
      {state === 'recording' ? (
        <>
          <Text size="xl" fw={600} role="timer">{`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`}</Text>
          <Progress value={level} w="100%" maw={280} aria-label={a.level} color="teal" transitionDuration={100} />
          <Button color="red" leftSection={<IconPlayerStopFilled size={16} aria-hidden />} onClick={() => stop.current?.()}>{a.stop}</Button>
        </>
      ) : (
        <>
          <IconMicrophone size={28} stroke={1.3} aria-hidden />
          <Text size="sm">{a.recordHint}</Text>
          <Button variant="default" loading={state === 'busy'} onClick={() => void start()}>{a.record}</Button>
        </>
      )}
      {problem && <Alert color="red" variant="outline" role="alert" p="xs">{problem}</Alert>}
    </div>
  )
}
