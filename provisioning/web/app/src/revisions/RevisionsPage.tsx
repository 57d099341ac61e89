import { Accordion, Anchor, Box, Button, Group, Stack, Text } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import { Fragment, useState } from 'react'
import { Link, useSearchParams } from 'wouter'
import { revisions } from '../api/collections'
import type { Filter } from '../list/Filters'
import { askedOf, useList } from '../list/list'
import { ListFrame } from '../list/ListFrame'
import { useLanguage, useSay, useTexts } from '../texts'
import { BackDialog, type Back } from './BackDialog'
import { Changes } from './Changes'

const names = ['by~', 'summary~', 'path~', 'since', 'until']

/** RevisionsPage is every change of the configuration, and the way back. */
export default function RevisionsPage() {
  const t = useTexts()
  const r = t.revisions
  const { language } = useLanguage()
  const { summary } = useSay()
  const [address, setAddress] = useSearchParams()
  const undo = Number(address.get('undo'))
  const [back, setBack] = useState<Back | null>(undo > 0 ? { how: 'undo', number: undo } : null)
  const filters: Filter[] = [{ name: 'by~', label: r.by }, { name: 'summary~', label: r.summary }, { name: 'path~', label: r.path }, { name: 'since', label: r.since, day: 'start' }, { name: 'until', label: r.until, day: 'end' }]
  const list = useList(revisions, names, { asks: (found) => askedOf(found, filters) })
  const when = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
  const close = () => {
    setBack(null)
    if (!undo) return
    const next = new URLSearchParams(address)
    next.delete('undo')
    setAddress(next, { replace: true })
  }
  const lead = (
    <div>
      <Text size="sm" c="dimmed">{r.lead}</Text>
      <Text size="sm" c="dimmed">
        {r.tries}{' '}
        {([['/users', 'users'], ['/numbers', 'numbers'], ['/internal-numbers', 'internalNumbers'], ['/time-schedules', 'schedules']] as const).map(([path, page], i) => (
          <Fragment key={path}>{i > 0 && ', '}<Anchor component={Link} href={path} underline="always">{t.nav[page]}</Anchor></Fragment>
        ))}.
      </Text>
    </div>
  )
  return (
    <Box maw={900}>
      <ListFrame list={list as never} texts={r} filters={filters} icon={IconHistory} lead={lead}>
        <Accordion multiple chevronPosition="left" order={2}>
          {list.items.map((rev) => (
            <Accordion.Item key={rev.revision} value={String(rev.revision)}>
              <Accordion.Control>
                <Text size="sm" fw={600}>{summary(rev.summary ?? '')}</Text>
                <Text size="xs" c="dimmed">{`${r.number} ${rev.revision} · ${when.format(new Date(rev.at!))} · ${rev.by} · ${r.records(rev.change_count ?? 0)}`}</Text>
              </Accordion.Control>
              <Accordion.Panel>
                <Stack gap="sm">
                  <Changes changes={rev.changes ?? []} count={rev.change_count ?? 0} />
                  <Group gap="xs">
                    <Button size="xs" variant="default" onClick={() => setBack({ how: 'undo', number: rev.revision! })}>{r.undoOf(rev.revision!)}</Button>
                    <Button size="xs" variant="subtle" onClick={() => setBack({ how: 'restore', number: rev.revision! })}>{r.restoreOf(rev.revision!)}</Button>
                  </Group>
                </Stack>
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
      </ListFrame>
      {back && <BackDialog back={back} onClose={close} />}
    </Box>
  )
}
