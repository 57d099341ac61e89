import { DeleteDialog } from '../edit/DeleteDialog'
import { useTexts } from '../texts'
import { flows, type Flow } from './flow'

/** RemoveFlow asks before a flow is deleted, and names the numbers that lead into it and what becomes of each. */
export function RemoveFlow({ flow, onClose, onDone }: { flow: Flow; onClose: () => void; onDone?: () => void }) {
  const t = useTexts()
  const f = t.flows
  const name = flow.name ?? flow.id
  const depends = async () => {
    const { value } = await flows.get(flow.id)
    return [
      ...(value.numbers ?? []).map((n) => ({ collection: 'numbers', id: n, label: n, consequence: f.losesNumber })),
      ...(value.internal_numbers ?? []).map((n) => ({ collection: 'internal_numbers', id: n, label: n, consequence: f.losesInternal })),
    ]
  }
  return (
    <DeleteDialog title={f.remove(name)} means={f.removeMeans} done={f.removed(name)} dependsKey={['call-flows', flow.id]} depends={depends} onClose={onClose}
      remove={async () => {
        await flows.remove(flow.id)
        onDone?.()
      }} />
  )
}
