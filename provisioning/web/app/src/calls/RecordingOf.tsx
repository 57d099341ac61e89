import { Alert, Loader, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { answer, client } from '../api/client'
import { Refusal } from '../api/problem'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import type { Recording } from './data'
import { Player } from './Player'

const heard = ['captured', 'delivered']

/** RecordingOf plays a recording, or says why there is nothing to play. */
export function RecordingOf({ id }: { id: string }) {
  const t = useTexts()
  const found = useQuery({
    queryKey: ['recordings', id],
    retry: false,
    queryFn: async () => (await answer(client.GET('/api/v1/recordings/{id}', { params: { path: { id } } }))) as Recording,
  })
  if (found.isPending) return <Loader size="sm" aria-label={t.common.loading} />
  if (found.error instanceof Refusal && found.error.status === 404) return <Text size="sm">{t.calls.recordingGone}</Text>
  if (!found.data) return <Trouble error={found.error} retry={() => found.refetch()} />
  const r = found.data
  if (!heard.includes(r.state ?? '')) {
    return <Alert color="orange" variant="outline">{t.calls.recordingStates[r.state ?? ''] ?? r.state}{r.error ? ` ${r.error}` : ''}</Alert>
  }
  return (
    <Stack gap={6} py={6}>
      <Player src={`/api/v1/recordings/${encodeURIComponent(r.id)}/audio`} name={`${r.id}.wav`} bytes={r.bytes ?? 0} label={t.calls.recording} sides={[t.calls.caller, t.calls.called]} />
      {r.interrupted && <Text size="sm" c="dimmed">{t.calls.interrupted}</Text>}
    </Stack>
  )
}
