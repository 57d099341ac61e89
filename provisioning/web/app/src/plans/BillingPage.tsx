import { Text } from '@mantine/core'
import { IconReceipt } from '@tabler/icons-react'
import { billingEvents, type BillingEvent } from '../api/collections'
import { ListPage } from '../list/ListPage'
import { timeOf } from '../list/time'
import { useTexts } from '../texts'
import { usePlans } from '../users/options'
import { priceOf } from './plan'
import { PlanTabs } from './PlanTabs'

/** BillingPage is who came to a plan and who left it, for the next statement. */
export default function BillingPage() {
  const t = useTexts()
  const b = t.billing
  const plans = usePlans().data ?? []
  const named = (id: string) => plans.find((p) => p.value === id)?.label ?? id
  const what = (x: BillingEvent) => {
    if (!x.from) return b.came(named(x.to ?? ''))
    if (!x.to) return b.left(named(x.from))
    return x.from === x.to ? b.repriced(named(x.to)) : b.moved(named(x.from), named(x.to))
  }
  const price = (x: BillingEvent) => (!x.from || !x.to || x.from_price === x.to_price ? priceOf(x.to ? x.to_price : x.from_price, x.currency) : `${x.from_price} → ${priceOf(x.to_price, x.currency)}`)
  return (
    <PlanTabs at="/plans/billing">
      <ListPage all={billingEvents} texts={b} icon={IconReceipt} csv newestFirst="at" nameOf={(x) => x.user_name ?? x.id} lead={<Text size="sm" c="dimmed" maw={720}>{b.lead}</Text>}
        filters={[
          { name: 'user_id', label: b.fields.user_name!, user: true },
          { name: 'since', label: b.since, day: 'start' },
          { name: 'until', label: b.until, day: 'end' },
        ]}
        columns={[
          { id: 'at', label: b.fields.at!, cell: (x) => timeOf(x.at) },
          { id: 'user_name', label: b.fields.user_name!, cell: (x) => x.user_name || x.user_id },
          { id: 'what', label: b.fields.what!, cell: what },
          { id: 'price', label: b.fields.price!, cell: price },
          { id: 'by', label: b.fields.by!, cell: (x) => x.by, wide: true },
        ]}
      />
    </PlanTabs>
  )
}
