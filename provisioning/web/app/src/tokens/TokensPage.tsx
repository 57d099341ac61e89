import { Select, TextInput } from '@mantine/core'
import { IconKey } from '@tabler/icons-react'
import { useState } from 'react'
import { tokens, type Token } from '../api/collections'
import { DeleteDialog } from '../edit/DeleteDialog'
import { EditDrawer } from '../edit/EditDrawer'
import { SecretDialog } from '../edit/SecretDialog'
import { ListPage } from '../list/ListPage'
import { timeOf } from '../list/time'
import { useTexts } from '../texts'
import { UserName, UserSelect } from '../users/UserSelect'
import { expiryOf } from './expiry'

/** TokensPage is the tokens that programs use the API with. */
export default function TokensPage() {
  const t = useTexts()
  const k = t.tokens
  const [made, setMade] = useState<Token | null>(null)
  const roles = ['admin', 'user'].map((value) => ({ value, label: k.roles[value]! }))
  return (
    <>
      <ListPage all={tokens} texts={k} icon={IconKey} csv nameOf={(x) => x.label || x.prefix || x.id} removeLabel={k.revoke}
        filters={[{ name: 'label~', label: k.fields.label!, placeholder: k.search }, { name: 'role', label: k.fields.role!, choices: roles }, { name: 'user_id', label: k.fields.user_id!, user: true }]}
        columns={[
          { id: 'label', sort: 'label', label: k.fields.label!, cell: (x) => x.label || x.id },
          { id: 'role', sort: 'role', label: k.fields.role!, cell: (x) => k.roles[x.role ?? ''] ?? x.role },
          { id: 'user_id', sort: 'user_id', label: k.fields.user_id!, cell: (x) => (x.user_id ? <UserName id={x.user_id} /> : '') },
          { id: 'created_by', sort: 'created_by', label: k.fields.created_by!, cell: (x) => (x.created_by ? <UserName id={x.created_by} /> : ''), wide: true },
          { id: 'prefix', sort: 'prefix', label: k.fields.prefix!, cell: (x) => `${x.prefix}…`, wide: true },
          { id: 'expires_at', sort: 'expires_at', label: k.fields.expires_at!, cell: (x) => timeOf(x.expires_at) || k.never },
          { id: 'created_at', sort: 'created_at', label: k.fields.created_at!, cell: (x) => timeOf(x.created_at), wide: true },
        ]}
        form={(x, close) => (
          <EditDrawer all={tokens} {...(x && { record: x })} title={x ? k.edit(x.label || x.id) : k.add} onClose={close} size="md"
            draft={(r) => ({ label: r?.label ?? '', role: r?.role ?? 'admin', user_id: r?.user_id ?? '', expires_at: r?.expires_at?.slice(0, 10) ?? '' })}
            input={({ expires_at, user_id, ...d }) => ({ ...d, ...(d.role === 'user' && { user_id }), ...(!x && expires_at && { expires_at: expiryOf(expires_at) }) })}
            validate={(d) => ({ label: d.label.trim() ? null : t.errors.missing, user_id: d.role !== 'user' || d.user_id ? null : t.errors.missing })}
            onDone={(saved) => {
              if (saved.token) setMade(saved)
              close()
            }}>
            {(form, fresh) => (
              <>
                <TextInput label={k.fields.label} description={k.labelHint} required data-autofocus {...form.getInputProps('label')} />
                {fresh && (
                  <>
                    <Select label={k.fields.role} description={k.roleHint} data={roles} allowDeselect={false} {...form.getInputProps('role')} />
                    {form.values.role === 'user' && <UserSelect label={k.fields.user_id!} required value={form.values.user_id} onChange={(v) => { form.setFieldValue('user_id', v); form.clearFieldError('user_id') }} error={form.errors.user_id} />}
                    <TextInput type="date" label={k.fields.expires_at} description={k.expiryHint} {...form.getInputProps('expires_at')} />
                  </>
                )}
              </>
            )}
          </EditDrawer>
        )}
        remove={(x, close) => <DeleteDialog title={k.removeTitle(x.label || x.id)} means={k.removeMeans} submit={k.revokeSubmit} done={k.removed(x.label || x.id)} remove={() => tokens.remove(x.id)} onClose={close} />}
      />
      {made?.token && <SecretDialog title={k.madeTitle(made.label ?? '')} lead={k.madeLead} secrets={[{ label: k.token, value: made.token }]} onClose={() => setMade(null)} />}
    </>
  )
}
