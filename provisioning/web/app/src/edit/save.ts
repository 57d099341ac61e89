import type { UseFormReturnType } from '@mantine/form'
import { useMutation } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import type { Collection } from '../api/collection'
import { writeOf, type Write } from '../drafts/draft'
import { Conflict, useChange, useReread } from './change'
import { fieldErrors } from './errors'

/** has says whether a form has a field, by its path. */
function has(values: object, path: string): boolean {
  let v: unknown = values
  for (const name of path.split('.')) {
    if (typeof v !== 'object' || v === null || !(name in v)) return false
    v = (v as Record<string, unknown>)[name]
  }
  return true
}

/** A Saving is how the values D of a form become a record R. */
export interface Saving<R extends { id: string }, I, D> {
  all: Collection<R, I>
  /** The record that is changed; none: a new one. */
  record?: R
  form: UseFormReturnType<D>
  /** What makes a new record of the form. */
  create: (d: D) => I
  /** What the form changed of the record. */
  patch: (was: R, d: D) => Partial<I>
  /** The form's name of a field, where the API has another. */
  formPath?: (path: string) => string
  onDone: (record: R, fresh: boolean) => void
  /** Nothing was changed. */
  onSame: () => void
  /** The fields that were refused, by the form's names. */
  onRefused?: (fields: string[]) => void
}

/**
 * useSave saves a form. What is refused stands beside its fields, and the typed
 * text stays; what belongs to no field is error. Whoever sends twice makes one
 * record.
 */
export function useSave<R extends { id: string }, I, D extends object>(s: Saving<R, I, D>) {
  const reread = useReread()
  const [base, setBase] = useState(s.record)
  const formPath = s.formPath ?? ((path) => path)
  const known = (path: string) => has(s.form.values, formPath(path))
  // One key for one form: whoever clicks twice, or again after the connection
  // broke, makes one record.
  const key = useRef(crypto.randomUUID())
  const refused = (error: Error): unknown => {
    if (error instanceof Conflict) return null
    const found = fieldErrors(error, known)
    const fields = Object.fromEntries(Object.entries(found.fields).map(([path, words]) => [formPath(path), words]))
    s.form.setErrors(fields)
    s.onRefused?.(Object.keys(fields))
    key.current = crypto.randomUUID() // what is sent next is another request
    return found.rest
  }
  const create = useMutation({
    mutationFn: (d: D) => s.all.create(s.create(d), key.current),
    onSuccess: (made) => {
      reread()
      s.onDone(made, true)
    },
    onError: refused,
  })
  const change = useChange(s.all, (changed) => s.onDone(changed, false))
  const pending = create.isPending || change.isPending
  const save = (d: D, summary?: string, upon = base) => {
    if (pending) return
    if (!upon || !s.record) return create.mutate(d)
    const patch = s.patch(s.record, d)
    if (Object.keys(patch).length === 0) return s.onSame()
    change.mutate({ base: upon, patch, ...(summary && { summary }) }, { onError: refused })
  }
  const conflict = change.error instanceof Conflict ? (change.error as Conflict<R>) : null
  const error = create.error ?? (conflict ? null : change.error)
  return {
    /** Saves the form; with a summary, as a draft is applied. */
    save,
    /** Puts what an error says beside the fields, and gives back what belongs to none. */
    refused,
    /** What the form would change of its record, to be tried; null where it has none. */
    write: (d: D): Write | null => (s.record ? writeOf(s.all, s.record.id, s.patch(s.record, d)) : null),
    pending,
    conflict,
    error: error ? fieldErrors(error, known).rest : null,
    /** Saves the form upon what somebody else saved meanwhile. */
    saveMine() {
      if (!conflict) return
      setBase(conflict.now)
      save(s.form.values, undefined, conflict.now)
    },
  }
}
