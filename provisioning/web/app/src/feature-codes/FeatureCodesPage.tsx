import { Select, TextInput } from '@mantine/core'
import { IconAsterisk } from '@tabler/icons-react'
import { featureCodes } from '../api/collections'
import { DeleteDialog } from '../edit/DeleteDialog'
import { EditDrawer } from '../edit/EditDrawer'
import { ListPage } from '../list/ListPage'
import { useTexts } from '../texts'

/** What has an effect on calls; the rest is stored, and answered 501 where it is dialled. */
const inEffect = new Set(['echo', 'anonymous'])

/** FeatureCodesPage is what can be dialled to have the exchange do something. */
export default function FeatureCodesPage() {
  const t = useTexts()
  const c = t.featureCodes
  const actions = Object.entries(c.actions).map(([value, label]) => ({ value, label }))
  return (
    <ListPage all={featureCodes} texts={c} icon={IconAsterisk} csv nameOf={(x) => x.code ?? x.id}
      filters={[{ name: 'code~', label: c.fields.code!, placeholder: c.search }, { name: 'action', label: c.fields.action!, choices: actions }]}
      columns={[
        { id: 'code', sort: 'code', label: c.fields.code!, cell: (x) => x.code },
        { id: 'action', sort: 'action', label: c.fields.action!, cell: (x) => c.actions[x.action ?? ''] ?? x.action },
        { id: 'effect', label: c.effect, cell: (x) => (inEffect.has(x.action ?? '') ? c.works : t.common.notInEffect) },
      ]}
      form={(x, close) => (
        <EditDrawer all={featureCodes} {...(x && { record: x })} title={x ? c.edit(x.code ?? '') : c.add} onClose={close} size="md"
          draft={(r) => ({ code: r?.code ?? '', action: r?.action ?? '' })} input={(d) => d}
          validate={(d) => ({ code: d.code.trim() ? null : t.errors.missing, action: d.action ? null : t.errors.missing })}>
          {(form) => (
            <>
              <TextInput label={c.fields.code} description={c.hint} required data-autofocus {...form.getInputProps('code')} />
              <Select label={c.fields.action} data={actions} description={form.values.action && !inEffect.has(form.values.action) ? t.common.notInEffect : undefined} required searchable nothingFoundMessage={t.line.nothing} {...form.getInputProps('action')} value={form.values.action || null} onChange={(v) => form.setFieldValue('action', v ?? '')} />
            </>
          )}
        </EditDrawer>
      )}
      remove={(x, close) => <DeleteDialog title={c.removeTitle(x.code ?? '')} means={c.removeMeans} done={c.removed(x.code ?? '')} remove={() => featureCodes.remove(x.id)} onClose={close} />}
    />
  )
}
