import { Paper, Stack, Text } from '@mantine/core'
import type { Icon } from '@tabler/icons-react'
import type { ReactNode } from 'react'

/** Empty says what a list without anything means and what to do next. */
export function Empty({ title, hint, icon: Picture, children }: { title: string; hint: string; icon: Icon; children?: ReactNode }) {
  return (
    <Paper withBorder p="xl">
      <Stack align="center" gap="xs">
        <Picture size={36} stroke={1.3} aria-hidden />
        <Text fw={600}>{title}</Text>
        <Text size="sm" c="dimmed" ta="center" maw={440}>{hint}</Text>
        {children}
      </Stack>
    </Paper>
  )
}
