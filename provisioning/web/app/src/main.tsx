import '@mantine/core/styles.css'

import { Anchor, MantineProvider, Stack, Text, Title } from '@mantine/core'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider defaultColorScheme="auto">
      <Stack component="main" p="xl">
        <Title>strowger</Title>
        <Text>
          What the exchange can do is at <Anchor href="/api/docs">/api/docs</Anchor>.
        </Text>
      </Stack>
    </MantineProvider>
  </StrictMode>,
)
