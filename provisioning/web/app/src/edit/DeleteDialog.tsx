import { Anchor, Badge, Button, Checkbox, Group, Loader, Modal, Stack, Table, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { Link } from 'wouter'
import type { Schemas } from '../api/client'
import { Refusal } from '../api/problem'
import { Trouble } from '../shell/Trouble'
import { useSay, useTexts } from '../texts'
import { useReread } from './change'
import { dependencies, type Depended } from './dependencies'
import { fieldErrors } from './errors'

type Props = {
  title: string
  /** What the deletion means, in plain words. */
  means?: string
  /** What else may go or change with it. */
  of?: Depended
  /** The box that must be ticked where something depends on it. */
  tick?: string
  submit?: string
  done: string
  /** What is to be chosen first, given what depends on the record and what was wrong with the choice. */
  asks?: (all: Schemas['Dependency'][], errors: Record<string, string>) => ReactNode
  /** The names under which the API knows what was chosen. */
  asked?: string[]
  remove: () => Promise<unknown>
  onClose: () => void
}

/** DeleteDialog says what goes with a record and what that means, before it goes, or what must let go of it first. */
export function DeleteDialog({ title, means, of, tick, submit, done, asks, asked = [], remove, onClose }: Props) {
  const t = useTexts()
  const reread = useReread()
  const [aware, setAware] = useState(false)
  const found = useQuery({ queryKey: ['dependencies', of], queryFn: () => dependencies(of!), enabled: Boolean(of), gcTime: 0 })
  const removal = useMutation({
    mutationFn: remove,
    onSuccess: () => {
      notifications.show({ message: done })
      reread()
      onClose()
    },
  })
  const waits = Boolean(of) && !found.data
  const many = (found.data?.length ?? 0) > 0
  const { fields, rest } = removal.error ? fieldErrors(removal.error, (path) => asked.includes(path)) : { fields: {} as Record<string, string>, rest: null }
  const holders = removal.error instanceof Refusal ? (removal.error.problem.dependencies ?? []) : []
  return (
    <Modal opened onClose={onClose} size={of ? 'lg' : 'md'} title={title} closeButtonProps={{ 'aria-label': t.common.close }}>
      <Stack gap="md">
        {of && found.isPending && <Loader size="sm" aria-label={t.common.loading} />}
        {means && <Text size="sm">{means}</Text>}
        {found.data && !many && <Text size="sm">{t.edit.removeNone}</Text>}
        {many && (
          <>
            <Text size="sm">{t.edit.removeLead}</Text>
            <Dependencies all={found.data!} />
            {asks?.(found.data!, fields)}
            <Checkbox label={tick ?? t.edit.removeTick} checked={aware} onChange={(e) => setAware(e.currentTarget.checked)} />
          </>
        )}
        <Trouble error={found.error ?? rest} />
        {holders.length > 0 && <Dependencies all={holders} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>{t.common.cancel}</Button>
          <Button color="red" loading={removal.isPending} disabled={waits || (many && !aware)} onClick={() => removal.mutate()}>{submit ?? t.common.delete}</Button>
        </Group>
      </Stack>
    </Modal>
  )
}

/** pageOf is where a record can be changed; contact methods stand on their user's page. */
function pageOf(d: Schemas['Dependency']): string | undefined {
  const id = encodeURIComponent(d.id ?? '')
  switch (d.collection) {
    case 'organizations':
      return '/company'
    case 'contact_methods':
      return d.user_id ? `/users/${encodeURIComponent(d.user_id)}/lines?id=${id}` : undefined
    case 'call_flows':
      return `/call-flows/${id}`
    case 'devices':
      return `/phones?id=${id}`
    case 'voicemails':
      return '/inbox'
    case 'users':
    case 'numbers':
    case 'internal_numbers':
    case 'trunks':
    case 'time_schedules':
    case 'delivery_methods':
    case 'feature_codes':
    case 'plans':
      return `/${d.collection.replaceAll('_', '-')}?id=${id}`
  }
  return undefined
}

function Dependencies({ all }: { all: Schemas['Dependency'][] }) {
  const t = useTexts()
  const { say } = useSay()
  const nameOf = (d: Schemas['Dependency']) => {
    if (d.count) return t.edit.messages(d.count)
    // An application line that has no label is called so, and here in the page's language.
    if (d.kind === 'app' && d.label === 'application line') return t.lines.kinds.app
    return d.label || d.id
  }
  return (
    <Table verticalSpacing={6}>
      <Table.Tbody>
        {all.map((d) => (
          <Table.Tr key={`${d.collection}/${d.id}/${d.field}/${d.consequence}`}>
            <Table.Td><Badge variant="default" tt="none" fw={500} miw="max-content">{t.edit.what[d.collection ?? ''] ?? d.collection}</Badge></Table.Td>
            <Table.Td>
              <Text size="sm" fw={600}>{pageOf(d) ? <Anchor component={Link} href={pageOf(d)!} underline="always">{nameOf(d)}</Anchor> : nameOf(d)}</Text>
              <Text size="sm">{say(d.words, d.consequence)}</Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
