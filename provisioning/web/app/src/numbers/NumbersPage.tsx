import { Badge, Fieldset, Select, SimpleGrid, TextInput } from '@mantine/core'
import { IconHash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { numbers, trunks, type DirectNumber } from '../api/collections'
import { changeRecord } from '../edit/change'
import { DeleteDialog } from '../edit/DeleteDialog'
import { EditDrawer } from '../edit/EditDrawer'
import { ListPage } from '../list/ListPage'
import { OwnerFields, OwnerName, ownerDraft } from '../owners/Owner'
import { useTexts } from '../texts'

const owners = ['none', 'user', 'contact_method', 'company', 'call_flow']

const useTrunks = () => useQuery({ queryKey: ['trunks', 'options'], staleTime: 60_000, queryFn: async () => (await trunks.list({}, 1000)).items.map((x) => ({ value: x.id, label: x.name || x.id })) })

/** NumbersPage is the DIDs of the organization, and who has each. */
export default function NumbersPage() {
  const t = useTexts()
  const n = t.numbers
  const carriers = useTrunks().data ?? []
  const [freeing, setFreeing] = useState<DirectNumber | null>(null)
  return (
    <>
      <ListPage all={numbers} texts={n} icon={IconHash} csv nameOf={(x) => x.e164 ?? x.id}
        filters={[
          { name: 'e164~', label: n.fields.e164!, placeholder: n.search },
          { name: 'label~', label: n.fields.label! },
          { name: 'owner.kind', label: t.owners.owner, choices: owners.map((value) => ({ value, label: t.owners.kinds[value]! })) },
          { name: 'trunk_id', label: n.fields.trunk_id!, choices: carriers },
        ]}
        columns={[
          { id: 'e164', sort: 'e164', label: n.fields.e164!, cell: (x) => x.e164 },
          { id: 'label', sort: 'label', label: n.fields.label!, cell: (x) => x.label },
          { id: 'owner', sort: 'owner.id', label: t.owners.owner, cell: (x) => (x.owner?.kind === 'none' ? <Badge variant="outline" color="gray" tt="none">{t.owners.kinds.none}</Badge> : <OwnerName owner={x.owner} />) },
          { id: 'trunk_id', sort: 'trunk_id', label: n.fields.trunk_id!, cell: (x) => carriers.find((c) => c.value === x.trunk_id)?.label ?? x.trunk_id, wide: true },
        ]}
        actions={(x) => [{ label: n.unassign, onClick: () => setFreeing(x), ...(x.owner?.kind === 'none' && { cannot: n.isFree }) }]}
        form={(x, close) => (
          <EditDrawer all={numbers} {...(x && { record: x })} title={x ? n.edit(x.e164 ?? '') : n.add} tries={x?.e164 ?? ''} onClose={close}
            draft={(r) => ({ e164: r?.e164 ?? '', label: r?.label ?? '', trunk_id: r?.trunk_id ?? '', owner: ownerDraft(r?.owner) })} input={(d) => d}
            validate={(d) => ({ e164: d.e164.trim() ? null : t.errors.missing, 'owner.id': d.owner.id || d.owner.kind === 'none' || d.owner.kind === 'company' ? null : t.errors.missing })}>
            {(form, fresh) => (
              <>
                <Fieldset legend={n.number}>
                  <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
                    <TextInput label={n.fields.e164} description={fresh ? n.e164Hint : n.e164Fixed} type="tel" required disabled={!fresh} {...(fresh && { 'data-autofocus': true })} {...form.getInputProps('e164')} />
                    <TextInput label={n.fields.label} description={n.labelHint} {...(!fresh && { 'data-autofocus': true })} {...form.getInputProps('label')} />
                    <Select label={n.fields.trunk_id} description={n.trunkHint} data={carriers} clearable nothingFoundMessage={t.line.nothing} {...form.getInputProps('trunk_id')} value={form.values.trunk_id || null} onChange={(v) => form.setFieldValue('trunk_id', v ?? '')} />
                  </SimpleGrid>
                </Fieldset>
                <Fieldset legend={n.assignment}><OwnerFields form={form} kinds={owners} /></Fieldset>
              </>
            )}
          </EditDrawer>
        )}
        remove={(x, close) => <DeleteDialog title={n.removeTitle(x.e164 ?? '')} means={n.removeMeans} done={n.removed(x.e164 ?? '')} of={['numbers', x.id]} remove={() => numbers.remove(x.id)} onClose={close} />}
      />
      {freeing && (
        <DeleteDialog title={n.unassignTitle(freeing.e164 ?? '')} means={n.unassignMeans} submit={n.unassignSubmit} done={n.unassigned(freeing.e164 ?? '')} of={['numbers', freeing.id]}
          remove={() => changeRecord(numbers, { base: freeing, patch: { owner: { kind: 'none', id: '' } } })} onClose={() => setFreeing(null)} />
      )}
    </>
  )
}
