import { DeleteDialog } from '../edit/DeleteDialog'
import { useTexts } from '../texts'
import { flows, type Flow } from './flow'

/** RemoveFlow asks before a flow is deleted, and names the numbers that lead into it, who forwards calls to those, and what becomes of each. */
export function RemoveFlow({ flow, onClose, onDone }: { flow: Flow; onClose: () => void; onDone?: () => void }) {
  const t = useTexts()
  const f = t.flows
  const name = flow.name ?? flow.id
  return (
    <DeleteDialog title={f.remove(name)} means={f.removeMeans} done={f.removed(name)} of={['call-flows', flow.id]} onClose={onClose}
      remove={async () => {
        await flows.remove(flow.id)
        onDone?.()
      }} />
  )
}
