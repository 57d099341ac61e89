import { useState } from 'react'
import { answer, client, type User } from '../api/client'
import { DeleteDialog } from '../edit/DeleteDialog'
import { useTexts } from '../texts'
import { fullName } from './names'
import { UserSelect } from './UserSelect'

/** RemoveUser asks before a user is deleted, with everything that goes with the user, and who gets the user's messages. */
export function RemoveUser({ user, onClose }: { user: User; onClose: () => void }) {
  const t = useTexts()
  const [heir, setHeir] = useState('')
  return (
    <DeleteDialog title={t.users.removeTitle(fullName(user))} done={t.users.removeDone(fullName(user))} tick={t.users.removeTick} submit={t.users.removeSubmit} of={['users', user.id]}
      asks={(all, errors) => all.some((d) => d.collection === 'voicemails') && (
        <UserSelect label={t.users.messagesTo} placeholder={t.users.messagesToNobody} value={heir} onChange={setHeir} error={errors.messages_to} without={user.id} />
      )}
      asked={['messages_to']}
      remove={() => answer(client.DELETE('/api/v1/users/{id}', { params: { path: { id: user.id }, query: { confirm: true, ...(heir && { messages_to: heir }) } } }))} onClose={onClose} />
  )
}
