import { ActionIcon, Box, Group, Menu, Paper, Stack, Text, Title } from '@mantine/core'
import { IconSettings } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { AccountMenu } from '../shell/AccountMenu'
import { useTexts } from '../texts'

/** Door is the frame of the pages before one is inside. */
export function Door({ title, lead, width = 380, children }: { title: string; lead?: string; width?: number; children: ReactNode }) {
  const t = useTexts()
  return (
    <Box component="main" px="md" py={{ base: 'md', xs: '8vh' }}>
      <Stack maw={width} mx="auto" gap="md">
        <Group justify="space-between" wrap="nowrap">
          <div className="brand">
            <img src="/icon.svg" alt="" width={28} height={28} />
            <Text fw={600}>strowger</Text>
          </div>
          <Menu position="bottom-end" width={210}>
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={t.account.appearance}>
                <IconSettings size={18} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <AccountMenu />
          </Menu>
        </Group>
        <Paper withBorder p="lg">
          <Stack gap="md">
            <div>
              <Title order={1}>{title}</Title>
              {lead && (
                <Text c="dimmed" size="sm" mt={4}>
                  {lead}
                </Text>
              )}
            </div>
            {children}
          </Stack>
        </Paper>
      </Stack>
    </Box>
  )
}
