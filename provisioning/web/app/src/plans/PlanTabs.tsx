import { Tabs } from '@mantine/core'
import type { ReactNode } from 'react'
import { useLocation } from 'wouter'
import { useTexts } from '../texts'

/** PlanTabs lead from what a plan is to who came to one and who left it. */
export function PlanTabs({ at, children }: { at: '/plans' | '/plans/billing'; children: ReactNode }) {
  const t = useTexts()
  const [, go] = useLocation()
  return (
    <Tabs value={at} onChange={(to) => to && go(to)} keepMounted={false}>
      <Tabs.List>
        <Tabs.Tab value="/plans">{t.plans.title}</Tabs.Tab>
        <Tabs.Tab value="/plans/billing">{t.billing.title}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value={at} pt="sm">{children}</Tabs.Panel>
    </Tabs>
  )
}
