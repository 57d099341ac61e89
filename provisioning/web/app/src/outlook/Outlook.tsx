import { Badge, Group, Loader, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { answer, client } from '../api/client'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'

/** Outlook says in plain words what happens to a call for a user or a number, now and at night, and whether a phone would ring now. */
export function Outlook({ user, number }: { user?: string; number?: string }) {
  const t = useTexts()
  const found = useQuery({
    queryKey: ['outlook', user ?? '', number ?? ''],
    refetchInterval: 15_000,
    queryFn: () => (user ? answer(client.GET('/api/v1/users/{id}/outlook', { params: { path: { id: user } } })) : answer(client.GET('/api/v1/numbers/{id}/outlook', { params: { path: { id: number! } } }))),
  })
  if (found.isPending) return <Loader size="sm" aria-label={t.common.loading} />
  const o = found.data
  if (!o) return <Trouble error={found.error} retry={() => found.refetch()} />
  const views = o.views ?? []
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Badge tt="none" variant="outline" color={o.rings ? 'teal' : 'orange'} c="var(--mantine-color-text)">{o.rings ? t.outlook.willRing : t.outlook.wontRing}</Badge>
        {!o.rings && <Text size="sm">{t.outlook.reasons[o.reason ?? ''] ?? o.why}</Text>}
      </Group>
      {views.filter((v) => v.when === 'now').map((v) => {
        const night = views.find((n) => n.when === 'night' && n.side === v.side && n.to === v.to)
        return (
          <div key={`${v.side} ${v.to}`}>
            <Text size="xs" c="dimmed">{t.outlook.calls(v.to ?? '', t.outlook.sides[v.side ?? ''] ?? '')}</Text>
            <Text size="sm"><Text span fw={600} size="sm">{t.outlook.when.now}:</Text> {v.sentence}</Text>
            {night && <Text size="sm"><Text span fw={600} size="sm">{t.outlook.when.night}:</Text> {night.sentence}</Text>}
          </div>
        )
      })}
    </Stack>
  )
}
