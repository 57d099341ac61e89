import { Fragment, type ReactNode } from 'react'
import { useLanguage } from '../texts'
import { fieldOf } from './fields'
import { same, type Data } from './merge'

/** useField is what people call the field at a path of a record; the path, where it has no name. */
export function useField() {
  const { texts: t, language } = useLanguage()
  return (collection: string, path: string, ...records: Data[]) => {
    for (const record of records) {
      const field = fieldOf(t, language, collection, path, record)
      if (field) return field
    }
    return { label: path }
  }
}

/** Value is what a field of a record holds, in words. */
export function Value({ collection, path, value, record }: { collection: string; path: string; value: unknown; record: Data }) {
  const { texts: t } = useLanguage()
  const field = useField()(collection, path, record)
  const one = (v: unknown): ReactNode => {
    if (typeof v === 'boolean') return v ? t.common.yes : t.common.no
    if (field.show) return field.show(v, record)
    return typeof v === 'object' ? JSON.stringify(v) : String(v)
  }
  if (same(value, '') || (Array.isArray(value) && value.length === 0)) return <>{t.revisions.blank}</>
  return <>{Array.isArray(value) ? value.map((v, i) => <Fragment key={i}>{i > 0 && ', '}{one(v)}</Fragment>) : one(value)}</>
}
