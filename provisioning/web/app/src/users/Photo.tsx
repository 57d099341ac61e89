import { Avatar, Button, FileButton, Group, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconPhoto } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { User } from '../api/client'
import { useReread } from '../edit/change'
import { useWordsFor } from '../shell/Trouble'
import { useTexts } from '../texts'
import { fullName } from './names'
import { deletePhoto, photoURL, putPhoto } from './photo'

/** UserAvatar is a user's photo, or the initials. */
export function UserAvatar({ user, size, own = false }: { user: User; size?: number; own?: boolean }) {
  return <Avatar {...(size && { size })} src={photoURL({ user, own }) ?? null} name={fullName(user)} alt="" aria-hidden imageProps={{ loading: 'lazy', decoding: 'async' }} />
}

/** PhotoField shows a user's photo and changes it: chosen, dropped or taken away, each saved at once. */
export function PhotoField({ user, own = false }: { user: User; own?: boolean }) {
  const t = useTexts()
  const p = t.people.photo
  const reread = useReread()
  const wordsFor = useWordsFor()
  const [photo, setPhoto] = useState(user.photo ?? '')
  const [over, setOver] = useState(false)
  const done = (version: string) => {
    setPhoto(version)
    reread()
    notifications.show({ message: t.common.saved, closeButtonProps: { 'aria-label': t.common.close } })
  }
  const change = useMutation({
    mutationFn: async (file: Blob | null) => (file ? ((await putPhoto({ user, own }, file)).photo ?? '') : deletePhoto({ user, own }).then(() => '')),
    onSuccess: done,
  })
  const take = (file: File | null | undefined) => {
    if (file && !change.isPending) change.mutate(file)
  }
  return (
    <Group wrap="nowrap" gap="md" className="drop-photo" data-over={over || undefined} role="group" aria-label={p.title}
      onDragOver={(e) => { e.preventDefault(); setOver(true) }} onDragLeave={() => setOver(false)}
      onDrop={(e) => { e.preventDefault(); setOver(false); take(e.dataTransfer.files[0]) }}>
      <Avatar size={72} src={photoURL({ user: { id: user.id, photo }, own }) ?? null} name={fullName(user)} alt={photo ? p.of(fullName(user)) : ''} />
      <Stack gap={6}>
        <Group gap="xs">
          <FileButton onChange={take} accept="image/jpeg,image/png,image/webp" inputProps={{ 'aria-label': p.choose }}>
            {(props) => <Button size="compact-sm" variant="default" leftSection={<IconPhoto size={14} aria-hidden />} loading={change.isPending} {...props}>{photo ? p.another : p.choose}</Button>}
          </FileButton>
          {photo && <Button size="compact-sm" variant="subtle" color="red" disabled={change.isPending} onClick={() => change.mutate(null)}>{p.remove}</Button>}
        </Group>
        {change.error ? <Text size="xs" c="var(--mantine-color-error)" role="alert">{wordsFor(change.error)}</Text> : <Text size="xs" c="dimmed">{p.hint}</Text>}
      </Stack>
    </Group>
  )
}
