import { Badge, Button, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconTruckDelivery } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { Link } from 'wouter'
import { answer, client, type Schemas } from '../api/client'
import { collection } from '../api/collection'
import { useReread } from '../edit/change'
import { DeleteDialog } from '../edit/DeleteDialog'
import { ListPage } from '../list/ListPage'
import { useWordsFor } from '../shell/Trouble'
import { useLanguage } from '../texts'
import { useDeliveryMethods } from '../users/options'

type Job = Schemas['Job'] & { id: string }
const deliveries = collection<Job, never>('/api/v1/deliveries')
const color: Record<string, string> = { dead: 'red.9', queued: 'gray.7', done: 'teal.9' }

/** DeliveriesPage is the outbox: what was given up, what waits, what has arrived. */
export default function DeliveriesPage() {
  const { texts: t, language } = useLanguage()
  const d = t.deliveries
  const methods = useDeliveryMethods().data
  const at = (time?: string) => (time && !time.startsWith('0001') ? new Date(time).toLocaleString(language, { dateStyle: 'short', timeStyle: 'medium' }) : '')
  const name = (j: Job) => j.what || j.id
  const via = (j: Job) => (j.kind === 'mail' ? d.mailServer : (methods?.find((m) => m.value === j.delivery_method_id)?.label ?? j.delivery_method_id))
  return (
    <ListPage all={deliveries} icon={IconTruckDelivery} every={10} nameOf={name} lead={<Text size="sm" c="dimmed" maw={720}>{d.outboxLead}</Text>} csv
      tools={<Button variant="default" component={Link} href="/delivery-methods">{t.nav.methods}</Button>}
      filters={[
        { name: 'state', label: d.state, choices: Object.entries(d.states).map(([value, label]) => ({ value, label })) },
        { name: 'kind', label: d.what, choices: Object.entries(d.jobs).map(([value, label]) => ({ value, label })) },
        { name: 'delivery_method_id', label: d.method, choices: methods ?? [] },
      ]}
      texts={{ title: t.nav.deliveries, table: t.nav.deliveries, count: d.countJobs, empty: d.noJobs, emptyHint: d.noJobsHint, noneFound: d.noneFound, noneFoundHint: d.noneFoundHint }}
      columns={[
        { id: 'what', label: d.what, cell: (j) => `${d.jobs[j.kind ?? ''] ?? j.kind}: ${name(j)}` },
        { id: 'state', label: d.state, cell: (j) => <Badge tt="none" miw="max-content" variant={j.state === 'queued' ? 'default' : 'filled'} color={color[j.state ?? ''] ?? 'gray.7'}>{d.states[j.state ?? '']}</Badge> },
        { id: 'method', label: d.method, cell: via },
        { id: 'since', label: d.since, cell: (j) => at(j.created_at), wide: true },
        { id: 'attempts', label: d.attempts, cell: (j) => j.attempts },
        { id: 'next', label: d.nextTry, cell: (j) => at(j.next_try) },
        { id: 'said', label: d.said, cell: (j) => <Text size="sm" style={{ whiteSpace: 'normal', overflowWrap: 'anywhere', minWidth: 180 }}>{(j.state === 'done' ? j.where : j.last_error) || ''}</Text> },
        { id: 'retry', label: d.retry, cell: (j) => j.state !== 'done' && <Retry id={j.id} name={name(j)} /> },
      ]}
      removeLabel={d.discard}
      remove={(j, close) => <DeleteDialog title={d.discardTitle} means={d.discardLead} submit={d.discardSubmit} done={d.discarded} remove={() => deliveries.remove(j.id)} onClose={close} />} />
  )
}

function Retry({ id, name }: { id: string; name: string }) {
  const { texts: t } = useLanguage()
  const reread = useReread()
  const wordsFor = useWordsFor()
  const retry = useMutation({
    mutationFn: () => answer(client.POST('/api/v1/deliveries/{id}/retry', { params: { path: { id } } })),
    onError: (e) => notifications.show({ color: 'red', message: wordsFor(e) }),
    onSettled: reread,
  })
  return <Button size="compact-sm" variant="default" loading={retry.isPending} aria-label={t.deliveries.retryOf(name)} onClick={() => retry.mutate()}>{t.deliveries.retry}</Button>
}
