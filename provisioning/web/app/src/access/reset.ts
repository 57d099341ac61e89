import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { answer, client } from '../api/client'
import { useWordsFor } from '../shell/Trouble'
import { useTexts } from '../texts'

/** useSendReset gives what mails a user a link to choose another password. */
export function useSendReset(): (userID: string) => void {
  const t = useTexts()
  const wordsFor = useWordsFor()
  const send = useMutation({
    mutationFn: (id: string) => answer(client.POST('/api/v1/users/{id}/password-reset', { params: { path: { id } } })),
    onSuccess: (sent) => notifications.show({ message: t.access.resetSent(sent.mailed_to ?? '') }),
    onError: (e) => notifications.show({ color: 'red', message: wordsFor(e) }),
  })
  return send.mutate
}
