import { Button, Group, Loader, Modal, ScrollArea, Select, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { answer, client } from '../api/client'
import { Changes } from '../revisions/Changes'
import { Trouble } from '../shell/Trouble'
import { useLanguage, useTexts } from '../texts'
import { asRecords, type Write } from './draft'

const hour = 3_600_000

/** TryDialog shows what a write would change and which calls would have gone elsewhere, before it is saved. */
export function TryDialog({ write, onApply, onRefused, onClose }: { write: Write; onApply: () => void; onRefused: (error: Error) => void; onClose: () => void }) {
  const t = useTexts()
  const d = t.drafts
  const { language } = useLanguage()
  const [hours, setHours] = useState('24')
  const [now] = useState(() => Date.now())
  const preview = useQuery({
    queryKey: ['draft', write, hours, now], gcTime: 0, retry: false,
    queryFn: () => answer(client.POST('/api/v1/drafts/preview', { body: { writes: [write], since: new Date(now - Number(hours) * hour).toISOString() } })).catch((e: unknown) => {
      throw asRecords(e)
    }),
  })
  const { error } = preview
  useEffect(() => {
    if (error) onRefused(error)
    // Once for each refusal, whatever the form does with it.
  }, [error])
  const p = preview.data
  const when = new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'short' })
  return (
    <Modal opened onClose={onClose} size="xl" title={d.title} closeButtonProps={{ 'aria-label': t.common.close }} scrollAreaComponent={ScrollArea.Autosize}>
      <Stack gap="md">
        <Text size="sm" c="dimmed">{d.lead}</Text>
        <Select size="xs" w={220} label={d.period} data={[{ value: '24', label: d.day }, { value: '168', label: d.week }]} value={hours} allowDeselect={false} onChange={(v) => setHours(v ?? '24')} />
        {preview.isPending && <Loader size="sm" aria-label={t.common.loading} />}
        <Trouble error={error} />
        {p && (
          <>
            <section aria-labelledby="try-changes">
              <Title order={2} size="h5" id="try-changes" mb={4}>{d.changes}</Title>
              {p.change_count === 0 ? <Text size="sm">{d.same}</Text> : <Changes changes={(p.changes ?? []).slice(0, 50)} count={p.change_count!} />}
            </section>
            <section aria-labelledby="try-calls">
              <Title order={2} size="h5" id="try-calls" mb={4}>{d.calls}</Title>
              <Text size="sm" role="status">
                {p.calls_looked === 0 ? d.noCalls : `${d.looked(p.calls_looked!)} ${p.calls_differ === 0 ? d.none : d.differ(p.calls_differ!)}`}{p.more_calls && ` ${d.more}`}
              </Text>
              <Stack gap="xs" mt="xs">
                {(p.calls ?? []).map((c) => (
                  <div key={c.id}>
                    <Text size="sm" fw={600}>{`${when.format(new Date(c.started_at!))}: ${d.call(c.from!, c.to!)}`}</Text>
                    <Text size="sm">{`${d.was}: ${c.was}`}</Text>
                    <Text size="sm">{`${d.would}: ${c.would}`}</Text>
                  </div>
                ))}
              </Stack>
            </section>
          </>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>{d.drop}</Button>
          <Button disabled={!p || p.change_count === 0} onClick={onApply}>{d.apply}</Button>
        </Group>
      </Stack>
    </Modal>
  )
}
