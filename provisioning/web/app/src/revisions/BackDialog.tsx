import { Alert, Button, Group, Loader, Modal, ScrollArea, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { answer, client } from '../api/client'
import { Refusal } from '../api/problem'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { Changes } from './Changes'

export interface Back {
  how: 'undo' | 'restore'
  number: number
}

function goBack({ how, number }: Back, dry_run: boolean) {
  const params = { path: { number: String(number) }, query: dry_run ? { dry_run } : {} }
  return answer(how === 'undo' ? client.POST('/api/v1/revisions/{number}/undo', { params }) : client.POST('/api/v1/revisions/{number}/restore', { params }))
}

/** BackDialog shows what a way back would change, and goes it. */
export function BackDialog({ back, onClose }: { back: Back; onClose: () => void }) {
  const t = useTexts()
  const r = t.revisions
  const queries = useQueryClient()
  const preview = useQuery({ queryKey: ['back', back], queryFn: () => goBack(back, true), gcTime: 0, retry: false })
  const go = useMutation({
    mutationFn: () => goBack(back, false),
    onSuccess: (done) => {
      notifications.show({ message: r.done(done.revision!), closeButtonProps: { 'aria-label': t.common.close } })
      void queries.invalidateQueries()
      onClose()
    },
  })
  const undo = back.how === 'undo'
  const none = preview.data?.change_count === 0
  const refused = go.error ?? preview.error
  const others = refused instanceof Refusal ? refused.problem.dependencies ?? [] : []
  return (
    <Modal opened onClose={onClose} size="lg" title={undo ? r.undoTitle(back.number) : r.restoreTitle(back.number)} closeButtonProps={{ 'aria-label': t.common.close }} scrollAreaComponent={ScrollArea.Autosize}>
      <Stack gap="md">
        {preview.isPending && <Loader size="sm" aria-label={t.common.loading} />}
        {refused instanceof Refusal && refused.status === 409 ? (
          <Alert role="alert" color="red" variant="outline" title={r.cannot}>
            <Text size="sm">{refused.message}</Text>
            {others.map((d) => <Text key={`${d.collection}/${d.id}`} size="sm">{`${t.edit.what[d.collection ?? ''] ?? d.collection}: ${d.label || d.id}`}</Text>)}
          </Alert>
        ) : <Trouble error={refused} />}
        {preview.data && !(none && preview.data.secrets_stay) && <Text size="sm">{none ? r.nothing : undo ? r.undoLead : r.restoreLead}</Text>}
        {preview.data?.secrets_stay && <Text size="sm">{none ? r.onlySecrets : r.secretsStay}</Text>}
        {preview.data && <Changes changes={(preview.data.changes ?? []).slice(0, 50)} count={preview.data.change_count ?? 0} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>{t.common.cancel}</Button>
          <Button disabled={!preview.data || none} loading={go.isPending} onClick={() => go.mutate()}>{r.submit}</Button>
        </Group>
      </Stack>
    </Modal>
  )
}
