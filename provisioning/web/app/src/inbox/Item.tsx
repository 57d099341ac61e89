import { Button, Group, Modal, Paper, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'

/** Item is one thing that came in: what it is, about it, and what one can do with it; under it what is played. */
export function Item({ title, about, badge, actions, children, strong = false }: { title: ReactNode; about: ReactNode; badge?: ReactNode; actions?: ReactNode; children?: ReactNode; strong?: boolean }) {
  return (
    <Paper component="li" withBorder px="sm" py={8}>
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Stack gap={0} miw={0}>
          <Group gap={8}>
            <Text size="sm" fw={strong ? 700 : 500}>{title}</Text>
            {badge}
          </Group>
          <Text size="sm" c="dimmed" component="div">{about}</Text>
        </Stack>
        <Group gap="xs" wrap="nowrap">{actions}</Group>
      </Group>
      {children}
    </Paper>
  )
}

export function Items({ children }: { children: ReactNode }) {
  const t = useTexts()
  return <Stack gap="xs" component="ul" p={0} m={0} style={{ listStyle: 'none' }} aria-label={t.inbox.list}>{children}</Stack>
}

/** Ask wants to be sure before something is gone. */
export function Ask({ title, lead, error, pending, onYes, onClose }: { title: string; lead: string; error: unknown; pending: boolean; onYes: () => void; onClose: () => void }) {
  const t = useTexts()
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t.common.close }}>
      <Stack>
        <Text size="sm">{lead}</Text>
        <Trouble error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>{t.common.cancel}</Button>
          <Button color="red" loading={pending} onClick={onYes}>{t.common.delete}</Button>
        </Group>
      </Stack>
    </Modal>
  )
}
