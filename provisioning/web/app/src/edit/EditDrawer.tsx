import { Button, Drawer, Group, Stack } from '@mantine/core'
import { useForm, type UseFormReturnType } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import type { ReactNode } from 'react'
import type { Collection } from '../api/collection'
import { collectionOf } from '../drafts/draft'
import { TryFirst } from '../drafts/TryFirst'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'
import { ConflictDialog } from './ConflictDialog'
import { patchOf, type Data } from './merge'
import { useSave } from './save'
import { useUnsaved } from './Unsaved'

type Props<R extends { id: string }, I, D extends object> = {
  all: Collection<R, I>
  /** The record that is changed; none: a new one. */
  record?: R
  title: string
  /** The record as the form shows it; without one, a new record. */
  draft: (record?: R) => D
  /** The form as the API takes it. */
  input: (d: D) => I
  /** What is wrong with the form before it is sent, by field. */
  validate?: (d: D) => Record<string, ReactNode>
  formPath?: (path: string) => string
  /** What people call the record, where its changes can be tried on the last calls first. */
  tries?: string
  /** What stands below the fields and is not a part of the form. */
  after?: ReactNode
  size?: string
  onClose: () => void
  /** Instead of closing, with what was saved. */
  onDone?: (record: R, fresh: boolean) => void
  children: (form: UseFormReturnType<D>, fresh: boolean) => ReactNode
}

/** EditDrawer makes a new record or changes one, beside the list that it is in. */
export function EditDrawer<R extends { id: string }, I, D extends object>({ all, record, title, draft, input, validate, formPath, tries, after, size = 'lg', onClose, onDone, children }: Props<R, I, D>) {
  const t = useTexts()
  const form = useForm<D>({ initialValues: draft(record), ...(validate && { validate: (d) => validate(d) as never }) })
  const unsaved = useUnsaved(form.isDirty())
  const saving = useSave<R, I, D>({
    all, form, create: input, onSame: onClose, ...(record && { record }), ...(formPath && { formPath }),
    patch: (was, d) => patchOf(input(draft(was)) as Data, input(d) as Data) as Partial<I>,
    onDone: (saved, fresh) => {
      unsaved.settled()
      if (onDone) return onDone(saved, fresh)
      notifications.show({ message: t.common.saved })
      onClose()
    },
  })
  return (
    <Drawer opened onClose={onClose} position="right" size={size} title={title} closeButtonProps={{ 'aria-label': t.common.close }} closeOnClickOutside={!form.isDirty()} closeOnEscape={!unsaved.asking}>
      <form onSubmit={form.onSubmit((d) => saving.save(d))} noValidate>
        <Stack gap="md">
          {children(form, !record)}
          <Trouble error={saving.error} />
          <Group justify="flex-end" className="form-end">
            <Button variant="default" onClick={onClose}>{t.common.cancel}</Button>
            {record && tries && <TryFirst form={form} saving={saving} name={tries} />}
            <Button type="submit" loading={saving.pending}>{t.common.save}</Button>
          </Group>
        </Stack>
      </form>
      {after}
      <ConflictDialog conflict={saving.conflict} collection={collectionOf(all)} onTheirs={onClose} onMine={saving.saveMine} />
      {unsaved.question}
    </Drawer>
  )
}
