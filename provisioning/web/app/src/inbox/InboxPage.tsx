import { Badge, Group, SegmentedControl, Stack, Switch, Tabs, Title } from '@mantine/core'
import { IconMessage } from '@tabler/icons-react'
import { useState } from 'react'
import { useSearchParams } from 'wouter'
import { useSession } from '../api/useSession'
import { Empty } from '../list/Empty'
import { useTexts } from '../texts'
import { Missed } from './Missed'
import { Recordings } from './Recordings'
import { useUnread } from './unread'
import { Voicemails } from './Voicemails'

const tabs = ['voicemail', 'missed', 'recordings', 'messages'] as const

/** InboxPage is what came in while nobody answered, and what was kept of what was said: one's own, or the company's. */
export default function InboxPage() {
  const t = useTexts()
  const session = useSession()
  const unread = useUnread()
  const [address, setAddress] = useSearchParams()
  const tab = tabs.find((x) => x === address.get('tab')) ?? 'voicemail'
  const admin = session.role === 'admin'
  // Somebody who is no user of the exchange has nothing of one's own.
  const [whose, setWhose] = useState<'mine' | 'company'>(session.user_id ? 'mine' : 'company')
  const [onlyUnread, setOnlyUnread] = useState(false)
  const user = whose === 'mine' ? session.user_id : ''
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={1}>{t.inbox.title}</Title>
        {admin && session.user_id && (
          <SegmentedControl size="xs" value={whose} onChange={(v) => setWhose(v as typeof whose)} aria-label={t.inbox.whose} data={[{ value: 'mine', label: t.inbox.mine }, { value: 'company', label: t.inbox.company }]} />
        )}
      </Group>
      <Tabs value={tab} onChange={(v) => setAddress(v && v !== 'voicemail' ? { tab: v } : {}, { replace: true })} keepMounted={false}>
        <Tabs.List mb="sm">
          {tabs.map((x) => (
            <Tabs.Tab key={x} value={x} rightSection={x === 'voicemail' && unread ? <Badge size="sm" tt="none">{unread}</Badge> : undefined}>{t.inbox.tabs[x]}</Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="voicemail">
          <Stack gap="sm">
            <Switch size="sm" label={t.inbox.onlyUnread} checked={onlyUnread} onChange={(e) => setOnlyUnread(e.currentTarget.checked)} />
            <Voicemails key={`${user} ${onlyUnread}`} user={user} onlyUnread={onlyUnread} admin={admin} />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="missed"><Missed key={user} user={user} /></Tabs.Panel>
        <Tabs.Panel value="recordings"><Recordings key={user} user={user} admin={admin} /></Tabs.Panel>
        <Tabs.Panel value="messages"><Empty title={t.inbox.messagesEmpty} hint={t.inbox.messagesEmptyHint} icon={IconMessage} /></Tabs.Panel>
      </Tabs>
    </Stack>
  )
}
