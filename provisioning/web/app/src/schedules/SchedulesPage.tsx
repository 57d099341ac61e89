import { Badge, Text } from '@mantine/core'
import { IconCalendarTime } from '@tabler/icons-react'
import { DeleteDialog } from '../edit/DeleteDialog'
import { ListPage } from '../list/ListPage'
import { useTexts } from '../texts'
import { ScheduleDrawer, schedules, useHome } from './ScheduleDrawer'
import './schedules.css'
import { openAt, weekOf, type Exception } from './week'
import { WeekBar } from './WeekBar'

/** SchedulesPage lists opening hours, drawn, with whether each is open now. */
export default function SchedulesPage() {
  const t = useTexts()
  const s = t.schedules
  const home = useHome()
  return (
    <ListPage all={schedules} icon={IconCalendarTime} every={60} filters={[{ name: 'name~', label: s.name }]} nameOf={(r) => r.name ?? ''} lead={<Text size="sm" c="dimmed" maw={720}>{s.lead}</Text>}
      texts={{ title: t.nav.schedules, table: t.nav.schedules, add: s.add, count: s.count, empty: s.empty, emptyHint: s.emptyHint }}
      columns={[
        { id: 'name', sort: 'name', label: s.name, cell: (r) => r.name },
        {
          id: 'now', label: s.now,
          cell: (r) => {
            const open = openAt(weekOf(r.ranges), (r.exceptions ?? []) as Exception[], r.time_zone || home, new Date())
            return <Badge variant={open ? 'filled' : 'default'} color="teal.9" tt="none" miw="max-content">{open ? s.open : s.closed}</Badge>
          },
        },
        { id: 'week', label: s.week, cell: (r) => <WeekBar week={weekOf(r.ranges)} label={s.weekOf(r.name ?? '')} /> },
        { id: 'zone', sort: 'time_zone', label: s.zone, cell: (r) => r.time_zone || home },
        { id: 'exceptions', label: s.exceptions, cell: (r) => (r.exceptions ?? []).length || '', wide: true },
      ]}
      form={(schedule, close) => <ScheduleDrawer {...(schedule && { schedule })} onClose={close} />}
      remove={(r, close) => <DeleteDialog title={s.remove(r.name ?? '')} means={s.removeLead} done={s.removed(r.name ?? '')} remove={() => schedules.remove(r.id)} onClose={close} />} />
  )
}
