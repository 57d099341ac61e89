import { Button } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useState } from 'react'
import { useTexts } from '../texts'
import type { Write } from './draft'
import { TryDialog } from './TryDialog'

type Props<D extends object> = {
  form: UseFormReturnType<D>
  saving: {
    pending: boolean
    save: (d: D, summary?: string) => void
    refused: (error: Error) => unknown
    write: (d: D) => Write | null
  }
  /** What people call the record that the form changes. */
  name: string
}

/** TryFirst offers, beside a form's own button, to see what its change would do before it is saved. */
export function TryFirst<D extends object>({ form, saving, name }: Props<D>) {
  const t = useTexts()
  const [trying, setTrying] = useState(false)
  const write = trying ? saving.write(form.values) : null
  const close = () => setTrying(false)
  return (
    <>
      <Button variant="subtle" disabled={!form.isDirty() || saving.pending} onClick={() => !form.validate().hasErrors && setTrying(true)}>{t.drafts.try}</Button>
      {write && (
        <TryDialog write={write} onClose={close}
          onRefused={(e) => {
            // What belongs to fields stands there; the rest stays before one's eyes.
            if (!saving.refused(e)) close()
          }}
          onApply={() => {
            close()
            saving.save(form.values, t.drafts.summary(name))
          }} />
      )}
    </>
  )
}
