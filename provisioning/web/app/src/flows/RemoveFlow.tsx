import { answer, client } from '../api/client'
import { DeleteDialog } from '../edit/DeleteDialog'
import { useTexts } from '../texts'
import { flows, type Flow } from './flow'

/** RemoveFlow asks before a flow is deleted, and names the numbers that lead into it, who forwards calls to those, and what becomes of each. */
export function RemoveFlow({ flow, onClose, onDone }: { flow: Flow; onClose: () => void; onDone?: () => void }) {
  const t = useTexts()
  const f = t.flows
  const name = flow.name ?? flow.id
  const loses: Record<string, string> = { numbers: f.losesNumber, internal_numbers: f.losesInternal }
  const depends = async () => {
    const { items } = await answer(client.GET('/api/v1/call-flows/{id}/dependencies', { params: { path: { id: flow.id } } }))
    return (items ?? []).map((d) => ({ ...d, consequence: loses[d.collection ?? ''] ?? f.losesForward }))
  }
  return (
    <DeleteDialog title={f.remove(name)} means={f.removeMeans} done={f.removed(name)} dependsKey={['call-flows', flow.id]} depends={depends} onClose={onClose}
      remove={async () => {
        await flows.remove(flow.id)
        onDone?.()
      }} />
  )
}
