import { useQuery } from '@tanstack/react-query'
import { accessQuery, type Session } from './session'

/** useSession is whoever is signed in: pages are shown to nobody else. */
export function useSession(): Session {
  return useQuery(accessQuery).data!.session!
}
