import { answer, client, type User } from '../api/client'
import { users } from '../api/collections'
import { DeleteDialog } from '../edit/DeleteDialog'
import { useTexts } from '../texts'
import { fullName } from './names'

/** RemoveUser asks before a user is deleted, with everything that goes with the user. */
export function RemoveUser({ user, onClose }: { user: User; onClose: () => void }) {
  const t = useTexts()
  return (
    <DeleteDialog title={t.users.removeTitle(fullName(user))} done={t.users.removeDone(fullName(user))} tick={t.users.removeTick} submit={t.users.removeSubmit} dependsKey={[user.id]}
      depends={async () => (await answer(client.GET('/api/v1/users/{id}/dependencies', { params: { path: { id: user.id } } }))).items ?? []}
      remove={() => users.remove(user.id, true)} onClose={onClose} />
  )
}
