import { ActionIcon, Select, TextInput, type ComboboxData } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import type { User } from '../api/client'
import { users } from '../api/collections'
import { Refusal } from '../api/problem'
import { Conflict, useChange } from '../edit/change'
import { ConflictDialog } from '../edit/ConflictDialog'
import { useWordsFor } from '../shell/Trouble'
import { useTexts } from '../texts'
import { fullName } from './names'

export type EditableField = 'first_name' | 'last_name' | 'job_title' | 'department' | 'email' | 'time_schedule_id' | 'crm_user_id' | 'plan' | 'extension'

/** EditableCell is a field of a user that is edited where it stands. Enter saves, Esc cancels; an offered choice is saved as it is made. */
export function EditableCell({ user, field, shown, choices }: { user: User; field: EditableField; shown?: string; choices?: ComboboxData }) {
  const t = useTexts()
  const wordsFor = useWordsFor()
  const [base, setBase] = useState<User | null>(null) // the user as editing began; null: not editing
  const [text, setText] = useState('')
  const pencil = useRef<HTMLButtonElement>(null)
  const wasEditing = useRef(false)
  const change = useChange(users, () => stop())
  const label = t.users.fields[field]!
  const name = t.users.editCell(label, fullName(user))

  useEffect(() => {
    // Whoever edits with the keyboard goes on from where it began.
    if (wasEditing.current && !base) pencil.current?.focus()
    wasEditing.current = base !== null
  }, [base])

  const start = () => {
    change.reset()
    setText(user[field] ?? '')
    setBase(user)
  }
  const stop = () => {
    change.reset()
    setBase(null)
  }
  const save = (value: string, upon = base) => {
    if (!upon || change.isPending) return
    if (value === (upon[field] ?? '')) return stop()
    change.mutate({ base: upon, patch: { [field]: value } })
  }

  if (!base) {
    return (
      <div className="cell" onDoubleClick={start}>
        <span className="value" title={shown ?? user[field]}>{shown ?? user[field]}</span>
        <ActionIcon ref={pencil} className="pencil" variant="subtle" color="gray" size="sm" aria-label={name} onClick={start}>
          <IconPencil size={14} aria-hidden />
        </ActionIcon>
      </div>
    )
  }
  const conflict = change.error instanceof Conflict ? (change.error as Conflict<User>) : null
  const error = change.error && !conflict ? (change.error instanceof Refusal && change.error.fields[field]) || wordsFor(change.error) : undefined
  const common = { size: 'xs', 'aria-label': name, autoFocus: true, error, miw: 150, disabled: change.isPending } as const
  return (
    <>
      {choices ? (
        <Select {...common} data={choices} value={text || null} clearable={field === 'time_schedule_id'} searchable defaultDropdownOpened comboboxProps={{ width: 'max-content' }}
          onChange={(v) => { setText(v ?? ''); save(v ?? '') }} onKeyDown={(e) => e.key === 'Escape' && stop()} onBlur={() => !change.isPending && !change.error && stop()} />
      ) : (
        <TextInput {...common} value={text} onChange={(e) => setText(e.currentTarget.value)}
          onKeyDown={(e) => {
            if (e.key === 'Enter') save(text)
            if (e.key === 'Escape') { e.stopPropagation(); stop() }
          }}
          onBlur={() => text === (base[field] ?? '') && stop()} />
      )}
      <ConflictDialog conflict={conflict} collection="users" onTheirs={stop} onMine={() => conflict && save(text, conflict.now)} />
    </>
  )
}
