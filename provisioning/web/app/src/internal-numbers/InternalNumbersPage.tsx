import { Fieldset, TextInput } from '@mantine/core'
import { IconDialpad } from '@tabler/icons-react'
import { internalNumbers } from '../api/collections'
import { DeleteDialog } from '../edit/DeleteDialog'
import { EditDrawer } from '../edit/EditDrawer'
import { ListPage } from '../list/ListPage'
import { OwnerFields, OwnerName, ownerDraft } from '../owners/Owner'
import { useTexts } from '../texts'

const owners = ['contact_method', 'user', 'call_flow']

/** InternalNumbersPage is the internal numbers and who has each. */
export default function InternalNumbersPage() {
  const t = useTexts()
  const n = t.internalNumbers
  return (
    <ListPage all={internalNumbers} texts={n} icon={IconDialpad} csv nameOf={(x) => x.number ?? x.id} removeLabel={n.free}
      filters={[
        { name: 'number~', label: n.fields.number!, placeholder: n.search },
        { name: 'owner.kind', label: t.owners.owner, choices: owners.map((value) => ({ value, label: t.owners.kinds[value]! })) },
      ]}
      columns={[
        { id: 'number', sort: 'number', label: n.fields.number!, cell: (x) => x.number },
        { id: 'owner', sort: 'owner.id', label: t.owners.owner, cell: (x) => <OwnerName owner={x.owner} /> },
      ]}
      form={(x, close) => (
        <EditDrawer all={internalNumbers} {...(x && { record: x })} title={x ? n.edit(x.number ?? '') : n.add} tries={x?.number ?? ''} onClose={close}
          draft={(r) => ({ number: r?.number ?? '', owner: r ? ownerDraft(r.owner) : { kind: 'contact_method', id: '' } })} input={(d) => d}
          validate={(d) => ({ number: d.number.trim() ? null : t.errors.missing, 'owner.id': d.owner.id ? null : t.errors.missing })}>
          {(form, fresh) => (
            <>
              <TextInput label={n.fields.number} description={fresh ? n.hint : n.fixed} inputMode="numeric" required disabled={!fresh} data-autofocus {...form.getInputProps('number')} />
              <Fieldset legend={n.assignment}><OwnerFields form={form} kinds={owners} /></Fieldset>
            </>
          )}
        </EditDrawer>
      )}
      remove={(x, close) => <DeleteDialog title={n.removeTitle(x.number ?? '')} means={n.removeMeans} submit={n.removeSubmit} done={n.removed(x.number ?? '')} of={['internal-numbers', x.id]} remove={() => internalNumbers.remove(x.id)} onClose={close} />}
    />
  )
}
