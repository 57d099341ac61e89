import { Button, Code, CopyButton, Group, Modal, Stack, Text } from '@mantine/core'
import { useTexts } from '../texts'

/** SecretDialog shows what is never shown again, to be copied. */
export function SecretDialog({ title, lead, secrets, onClose }: { title: string; lead: string; secrets: { label: string; value: string }[]; onClose: () => void }) {
  const t = useTexts()
  return (
    <Modal opened onClose={onClose} title={title} size="lg" closeOnClickOutside={false} closeButtonProps={{ 'aria-label': t.common.close }}>
      <Stack gap="md">
        <Text size="sm">{lead}</Text>
        {secrets.map(({ label, value }) => (
          <div key={label}>
            <Text size="sm" fw={600} mb={4}>{label}</Text>
            <Group gap="xs" wrap="nowrap">
              <Code block flex={1} miw={0} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{value}</Code>
              <CopyButton value={value}>{({ copied, copy }) => <Button variant="default" onClick={copy} aria-label={`${t.common.copy}: ${label}`}>{copied ? t.common.copied : t.common.copy}</Button>}</CopyButton>
            </Group>
          </div>
        ))}
        <Group justify="flex-end"><Button onClick={onClose}>{t.common.close}</Button></Group>
      </Stack>
    </Modal>
  )
}
