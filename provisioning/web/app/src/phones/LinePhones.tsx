import { ActionIcon, Anchor, Button, Group, Loader, Modal, Select, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconX } from '@tabler/icons-react'
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { phones, type Line } from '../api/collections'
import { useReread } from '../edit/change'
import { lineName } from '../lines/LineSelect'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { phoneName } from './makers'

const offered = 20
const most = 100

/** LinePhones puts a line on desk phones and takes it off them, from the side of its user. */
export function LinePhones({ line, onClose }: { line: Line; onClose: () => void }) {
  const t = useTexts()
  const l = t.lines
  const reread = useReread()
  const [adding, setAdding] = useState('')
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed, 250)
  const on = useQuery({ queryKey: ['devices', 'with', line.id], queryFn: () => phones.list({ contact_method_id: line.id }, most) })
  const found = useQuery({ queryKey: ['devices', 'search', search], placeholderData: keepPreviousData, queryFn: () => phones.list(search ? { 'label~': search } : {}, offered) })
  const change = useMutation({
    mutationFn: async ({ id, put }: { id: string; put: boolean }) => {
      const { value, etag } = await phones.get(id)
      const others = (value.lines ?? []).filter((x) => x.contact_method_id !== line.id)
      await phones.change(id, { lines: put ? [...others, { contact_method_id: line.id }] : others }, etag)
    },
    onSuccess: () => {
      setAdding('')
      reread()
    },
  })
  const has = on.data?.items ?? []
  const choices = (found.data?.items ?? []).filter((x) => !has.some((h) => h.id === x.id)).map((x) => ({ value: x.id, label: phoneName(x) }))
  const none = found.data?.items.length === 0 && !search
  return (
    <Modal opened onClose={onClose} size="md" title={l.phonesTitle(lineName(line, t))} closeButtonProps={{ 'aria-label': t.common.close }}>
      <Stack gap="sm">
        {on.isPending && <Loader size="sm" aria-label={t.common.loading} />}
        {on.data && has.length === 0 && <Text size="sm" c="dimmed">{l.phonesNone}</Text>}
        {has.map((x) => (
          <Group key={x.id} justify="space-between" wrap="nowrap">
            <Anchor component={Link} href={`/phones?id=${encodeURIComponent(x.id)}`} size="sm" underline="always">{phoneName(x)}</Anchor>
            <ActionIcon variant="subtle" color="gray" aria-label={l.phonesTake(phoneName(x))} disabled={change.isPending} onClick={() => change.mutate({ id: x.id, put: false })}><IconX size={16} aria-hidden /></ActionIcon>
          </Group>
        ))}
        {none ? <Text size="sm">{l.phonesFirst} <Anchor component={Link} href="/phones" underline="always">{t.nav.phones}</Anchor></Text> : (
          <Group align="flex-end" wrap="nowrap">
            <Select flex={1} label={l.phone} data={choices} value={adding || null} onChange={(v) => setAdding(v ?? '')} onSearchChange={setTyped} searchable clearable filter={({ options }) => options} nothingFoundMessage={t.line.nothing} />
            <Button disabled={!adding} loading={change.isPending} onClick={() => change.mutate({ id: adding, put: true })}>{l.phonesPut}</Button>
          </Group>
        )}
        <Text size="xs" c="dimmed">{l.phonesHint}</Text>
        <Trouble error={on.error ?? found.error ?? change.error} />
      </Stack>
    </Modal>
  )
}
