import { IconUser, IconUsers, type Icon } from '@tabler/icons-react'
import { lazy, type ComponentType, type LazyExoticComponent } from 'react'
import type { Session } from '../api/session'
import type { Texts } from '../texts/en'

/** groups are the headings of the navigation, in their order. */
export const groups = ['people', 'calls', 'telephony', 'company'] as const

/** A Page is somewhere one can go. Without a group it is reached from another page only. */
export type Page = {
  path: string
  group?: (typeof groups)[number]
  label?: (t: Texts) => string
  icon?: Icon
  roles: Session['role'][]
  page: LazyExoticComponent<ComponentType>
}

const admin: Page['roles'] = ['admin']
const everybody: Page['roles'] = ['admin', 'user']

export const pages: Page[] = [
  { path: '/users', group: 'people', label: (t) => t.nav.users, icon: IconUsers, roles: admin, page: lazy(() => import('../users/UsersPage')) },
  { path: '/me', group: 'people', label: (t) => t.nav.me, icon: IconUser, roles: everybody, page: lazy(() => import('../users/MePage')) },
]
