import { ActionIcon, Alert, Button, Fieldset, Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { collection } from '../api/collection'
import { accessQuery } from '../api/session'
import { EditDrawer } from '../edit/EditDrawer'
import { useTexts } from '../texts'
import { rangesOf, valid, weekOf, type Exception, type Schedule, type Week } from './week'
import { Spans, WeekEditor } from './WeekEditor'

export const zones = Intl.supportedValuesOf('timeZone').concat('UTC').filter((z, i, all) => all.indexOf(z) === i)

interface Draft {
  name: string
  time_zone: string
  week: Week
  exceptions: Exception[]
}

const inputOf = (d: Draft) => ({ name: d.name.trim(), time_zone: d.time_zone, ranges: rangesOf(d.week), exceptions: d.exceptions })

export const schedules = collection<Schedule, ReturnType<typeof inputOf>>('/api/v1/time-schedules')

const draftOf = (s?: Schedule): Draft => ({
  name: s?.name ?? '', time_zone: s?.time_zone ?? '', week: weekOf(s?.ranges),
  exceptions: (s?.exceptions ?? []).map((e) => ({ date: e.date ?? '', ranges: (e.ranges ?? []).map((r) => ({ from: r.from ?? '', to: r.to ?? '' })) })),
})

/** useHome is the time zone of the organization. */
export const useHome = () => useQuery(accessQuery).data?.session?.organization.time_zone ?? 'UTC'

export function ScheduleDrawer({ schedule, onClose }: { schedule?: Schedule; onClose: () => void }) {
  const t = useTexts()
  const s = t.schedules
  const home = useHome()
  return (
    <EditDrawer all={schedules} {...(schedule && { record: schedule })} title={schedule ? s.edit(schedule.name ?? '') : s.create} size="xl" tries={schedule?.name ?? ''} draft={draftOf} input={inputOf} onClose={onClose}
      formPath={(path) => (path === 'ranges' ? 'week' : path)}
      validate={(d) => ({
        ...(!d.name.trim() && { name: t.errors.missing }),
        ...(!Object.values(d.week).flat().every(valid) && { week: s.badTime }),
        ...(d.exceptions.some((e) => !e.date) ? { exceptions: s.badDate } : !d.exceptions.every((e) => e.ranges.every(valid)) && { exceptions: s.badTime }),
      })}>
      {(form) => {
        const { week, exceptions, time_zone: zone } = form.values
        return (
          <>
            <Group grow align="flex-start">
              <TextInput label={s.name} required data-autofocus {...form.getInputProps('name')} />
              <Select label={s.zone} placeholder={s.zoneHint(home)} searchable clearable limit={50} data={zones} {...form.getInputProps('time_zone')} value={zone || null} onChange={(v) => form.setFieldValue('time_zone', v ?? '')} />
            </Group>
            <Fieldset legend={s.week}>
              <WeekEditor week={week} zone={zone || home} onChange={(w) => form.setFieldValue('week', w)} />
              <Text size="xs" c="dimmed" mt="xs">{s.weekHint}</Text>
              {form.errors.week && <Alert color="red" variant="outline" mt="xs" p="xs" role="alert">{form.errors.week}</Alert>}
            </Fieldset>
            <Fieldset legend={s.exceptions}>
              <Stack gap="xs">
                <Text size="xs" c="dimmed">{s.exceptionsHint}</Text>
                {exceptions.map((e, i) => (
                  <Group key={i} gap="xs" align="center">
                    <TextInput type="date" size="xs" aria-label={s.date(i + 1)} value={e.date} onChange={(x) => form.setFieldValue('exceptions', exceptions.with(i, { ...e, date: x.currentTarget.value }))} />
                    <Spans spans={e.ranges} of={e.date || s.date(i + 1)} onChange={(ranges) => form.setFieldValue('exceptions', exceptions.with(i, { ...e, ranges }))} />
                    <ActionIcon variant="subtle" color="gray" aria-label={s.removeDate(e.date || String(i + 1))} onClick={() => form.setFieldValue('exceptions', exceptions.toSpliced(i, 1))}><IconTrash size={16} aria-hidden /></ActionIcon>
                  </Group>
                ))}
                {form.errors.exceptions && <Alert color="red" variant="outline" p="xs" role="alert">{form.errors.exceptions}</Alert>}
                <Button size="xs" variant="default" leftSection={<IconPlus size={14} aria-hidden />} style={{ alignSelf: 'flex-start' }} onClick={() => form.setFieldValue('exceptions', [...exceptions, { date: '', ranges: [] }])}>{s.addDate}</Button>
              </Stack>
            </Fieldset>
          </>
        )
      }}
    </EditDrawer>
  )
}
