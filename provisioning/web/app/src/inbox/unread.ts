import { useQuery } from '@tanstack/react-query'
import { answer, client } from '../api/client'
import { useSession } from '../api/useSession'

/** One's own messages that one has not heard; more than these are told as so many and more. */
const most = 99

export function useUnread(): string {
  const { user_id } = useSession()
  const found = useQuery({
    queryKey: ['voicemails', 'unread', user_id],
    enabled: user_id !== '',
    refetchInterval: 60_000,
    queryFn: async () => (await answer(client.GET('/api/v1/voicemails', { params: { query: { user_id, read: 'false', limit: most } } }))),
  })
  const n = found.data?.items?.length ?? 0
  return n === 0 ? '' : found.data?.next_cursor ? `${n}+` : String(n)
}
