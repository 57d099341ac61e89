import { Text, TextInput } from '@mantine/core'
import { IconMusic } from '@tabler/icons-react'
import { useState } from 'react'
import type { Schemas } from '../api/client'
import { collection } from '../api/collection'
import { DeleteDialog } from '../edit/DeleteDialog'
import { EditDrawer } from '../edit/EditDrawer'
import { ListPage } from '../list/ListPage'
import { useTexts } from '../texts'
import './audio.css'
import { NewSound } from './NewSound'

type AudioFile = Schemas['AudioFile'] & { id: string }
const sounds = collection<AudioFile, { name: string }>('/api/v1/audio-files')

const length = (ms = 0) => {
  const s = Math.max(1, Math.round(ms / 1000))
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`
}

/** AudioPage lists greetings, announcements and music: to be heard, renamed and replaced. */
export default function AudioPage() {
  const t = useTexts()
  const a = t.audio
  const [dropped, setDropped] = useState<File | null>(null)
  return (
    <div style={{ minHeight: '60vh' }} onDragOver={(e) => e.preventDefault()}
      onDrop={(e) => {
        e.preventDefault()
        setDropped(e.dataTransfer.files[0] ?? null)
      }}>
      <ListPage all={sounds} icon={IconMusic} nameOf={(r) => r.name ?? ''} lead={<Text size="sm" c="dimmed" maw={720}>{a.lead}</Text>} filters={[{ name: 'name~', label: a.name }]}
        texts={{ title: t.nav.audio, table: t.nav.audio, add: a.add, count: a.count, empty: a.empty, emptyHint: a.emptyHint }}
        columns={[
          { id: 'name', sort: 'name', label: a.name, cell: (r) => r.name },
          { id: 'length', sort: 'duration_ms', label: a.length, cell: (r) => length(r.duration_ms) },
          { id: 'listen', label: a.listen, cell: (r) => <audio controls preload="none" src={`/api/v1/audio-files/${encodeURIComponent(r.id)}/audio`} aria-label={a.play(r.name ?? '')} className="player" /> },
        ]}
        form={(file, close) => (file ? <Rename file={file} onClose={close} /> : <NewSound onClose={close} />)}
        remove={(r, close) => <DeleteDialog title={a.remove(r.name ?? '')} means={a.removeLead} done={a.removed(r.name ?? '')} remove={() => sounds.remove(r.id)} onClose={close} />} />
      {dropped && <NewSound first={dropped} onClose={() => setDropped(null)} />}
    </div>
  )
}

function Rename({ file, onClose }: { file: AudioFile; onClose: () => void }) {
  const t = useTexts()
  return (
    <EditDrawer all={sounds} record={file} title={t.audio.rename(file.name ?? '')} size="md" draft={(r) => ({ name: r?.name ?? '' })} input={(d) => ({ name: d.name.trim() })}
      validate={(d) => (d.name.trim() ? {} : { name: t.errors.missing }) as Record<string, string>} onClose={onClose}>
      {(form) => <TextInput label={t.audio.name} data-autofocus {...form.getInputProps('name')} />}
    </EditDrawer>
  )
}
