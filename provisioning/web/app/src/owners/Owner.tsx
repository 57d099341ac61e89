import { Anchor, Select, Stack } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { Link } from 'wouter'
import type { Schemas } from '../api/client'
import { LineName, LineSelect } from '../lines/LineSelect'
import { useTexts } from '../texts'
import { useCallFlows } from '../users/options'
import { UserName, UserSelect } from '../users/UserSelect'

export type OwnerDraft = { kind: string; id: string }

export const ownerDraft = (o?: Schemas['Owner']): OwnerDraft => ({ kind: o?.kind ?? 'none', id: o?.id ?? '' })

/** OwnerName says who has a number. */
export function OwnerName({ owner }: { owner: Schemas['Owner'] | undefined }) {
  const t = useTexts()
  const flows = useCallFlows()
  const id = owner?.id ?? ''
  switch (owner?.kind) {
    case 'user':
      return <UserName id={id} />
    case 'contact_method':
      return <LineName id={id} />
    case 'call_flow':
      return <>{t.edit.what.call_flows}: <FlowLink id={id} name={flows.data?.find((f) => f.value === id)?.label ?? id} /></>
    case 'company':
      return <>{t.owners.kinds.company}</>
  }
  return <>{t.owners.kinds.none}</>
}

const FlowLink = ({ id, name }: { id: string; name: string }) => <Anchor component={Link} href={`/call-flows/${id}`} size="sm" underline="always">{name}</Anchor>

/** OwnerFields give a number to somebody, below `owner` in a form. */
export function OwnerFields<F extends { owner: OwnerDraft }>({ form, kinds }: { form: UseFormReturnType<F>; kinds: string[] }) {
  const t = useTexts()
  const flows = useCallFlows()
  const { kind, id } = form.values.owner
  const give = (owner: OwnerDraft) => {
    form.setFieldValue('owner' as never, owner as never)
    for (const field of ['owner', 'owner.kind', 'owner.id']) form.clearFieldError(field)
  }
  const set = (next: string) => give({ kind, id: next })
  const error = form.errors['owner.id'] ?? form.errors.owner
  return (
    <Stack gap="sm">
      <Select label={t.owners.owner} data={kinds.map((value) => ({ value, label: t.owners.kinds[value]! }))} value={kind} onChange={(v) => give({ kind: v ?? 'none', id: '' })} allowDeselect={false}
        error={form.errors['owner.kind'] ?? (kind === 'none' || kind === 'company' ? error : undefined)} />
      {kind === 'user' && <UserSelect label={t.owners.kinds.user!} value={id} onChange={set} error={error} />}
      {kind === 'contact_method' && <LineSelect value={id} onChange={set} error={error} />}
      {kind === 'call_flow' && <Select label={t.owners.kinds.call_flow} data={flows.data ?? []} value={id || null} onChange={(v) => set(v ?? '')} searchable nothingFoundMessage={t.line.nothing} error={error} description={t.common.notInEffect} />}
      {kind === 'call_flow' && id && <FlowLink id={id} name={t.owners.openFlow} />}
    </Stack>
  )
}
