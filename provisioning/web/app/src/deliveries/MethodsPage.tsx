import { Alert, Badge, Button, Stack, Text } from '@mantine/core'
import { IconSend } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { answer, client } from '../api/client'
import { DeleteDialog } from '../edit/DeleteDialog'
import { SecretDialog } from '../edit/SecretDialog'
import { ListPage } from '../list/ListPage'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { kinds } from './kinds'
import { MethodDrawer, methods, type Made, type Method } from './MethodDrawer'

/** MethodsPage lists where recordings go, and tries each. */
export default function MethodsPage() {
  const t = useTexts()
  const d = t.deliveries
  const [made, setMade] = useState<Made | null>(null)
  return (
    <>
      <ListPage all={methods} icon={IconSend} nameOf={(m) => m.name ?? ''} lead={<Text size="sm" c="dimmed" maw={720}>{d.lead}</Text>}
        tools={<Button variant="default" component={Link} href="/deliveries">{t.nav.deliveries}</Button>}
        filters={[{ name: 'name~', label: d.name }, { name: 'kind', label: d.kind, choices: kinds.map((value) => ({ value, label: d.kinds[value]! })) }]}
        texts={{ title: t.nav.methods, table: t.nav.methods, add: d.add, count: d.count, empty: d.empty, emptyHint: d.emptyHint }}
        columns={[
          { id: 'name', sort: 'name', label: d.name, cell: (m) => m.name },
          { id: 'kind', sort: 'kind', label: d.kind, cell: (m) => <Badge variant="default" tt="none" fw={500} miw="max-content">{d.kinds[m.kind ?? '']}</Badge> },
          { id: 'where', label: d.where, cell: where },
          { id: 'test', label: d.test, cell: (m) => <Try key={m.updated_at} method={m} /> },
        ]}
        form={(method, close) => <MethodDrawer {...(method && { method })} onMade={setMade} onClose={close} />}
        remove={(m, close) => <DeleteDialog title={d.remove(m.name ?? '')} means={d.removeLead} done={d.removed(m.name ?? '')} remove={() => methods.remove(m.id)} onClose={close} />} />
      {made && <SecretDialog title={d.madeTitle(made.name)} lead={d.madeLead} secrets={[{ label: d.fields.secret!, value: made.secret }]} onClose={() => setMade(null)} />}
    </>
  )
}

function where(m: Method): string {
  const s = (m.settings ?? {}) as Record<string, string>
  return s.to || s.url || (s.endpoint && `${s.endpoint} ${s.bucket}`) || (s.host && `${s.username}@${s.host}`) || s.path || ''
}

/** Try delivers something small and says what came of it, in the server's own words. */
function Try({ method }: { method: Method }) {
  const t = useTexts()
  const d = t.deliveries
  const trial = useMutation({ mutationFn: () => answer(client.POST('/api/v1/delivery-methods/{id}/test', { params: { path: { id: method.id } } })) })
  return (
    <Stack gap={4} align="flex-start" style={{ whiteSpace: 'normal' }}>
      <Button size="compact-sm" variant="default" loading={trial.isPending} aria-label={d.testOf(method.name ?? '')} onClick={() => trial.mutate()}>{d.test}</Button>
      <div role="status">
        {trial.data && (
          <Alert p={6} variant="outline" color={trial.data.ok ? 'teal' : 'red'} maw={420}>
            <Text size="xs" style={{ overflowWrap: 'anywhere' }}>{trial.data.ok ? d.arrived(trial.data.where ?? '', trial.data.took_ms ?? 0) : trial.data.error}</Text>
          </Alert>
        )}
      </div>
      <Trouble error={trial.error} />
    </Stack>
  )
}
