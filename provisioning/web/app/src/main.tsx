import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './shell/app.css'
import './calls/calls.css'

import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Router } from 'wouter'
import { Refusal } from './api/problem'
import { App } from './shell/App'
import { useAskedLocation } from './shell/location'
import { theme, variables } from './shell/theme'
import { LanguageProvider } from './texts'

// An answer is final, whatever it says; only silence is worth another attempt.
const silent = (error: unknown) => error instanceof Refusal && error.status === 0
const queries = new QueryClient({ defaultOptions: { queries: { retry: (n, error) => silent(error) && n < 2, staleTime: 15_000 } } })

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <LanguageProvider>
          <Notifications position="bottom-right" />
          <Router hook={useAskedLocation}><App /></Router>
        </LanguageProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
