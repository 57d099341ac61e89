import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '../api/client'
import { collection } from '../api/collection'
import { useSession } from '../api/useSession'
import type { Data } from '../edit/merge'

export type Organization = Schemas['Organization'] & { id: string }

export const organizations = collection<Organization, Data>('/api/v1/organizations')

/** useOrganization is one's own organization, to be changed: it is not read again under somebody's hands. */
export function useOrganization() {
  const { id } = useSession().organization
  return useQuery({ queryKey: ['organization', id], queryFn: async () => (await organizations.get(id)).value, gcTime: 0, refetchOnWindowFocus: false })
}
