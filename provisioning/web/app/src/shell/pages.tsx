import {
  IconAddressBook, IconAsterisk, IconBuilding, IconCalendarTime, IconDeviceLandlinePhone, IconDeviceMobile, IconDialpad,
  IconHash, IconHistory, IconInbox, IconKey, IconLogin2, IconMusic, IconPhoneCall,
  IconPlugConnected, IconRoute, IconSend, IconShieldCheck, IconSitemap, IconStack2, IconTruckDelivery, IconUser,
  IconUserOff, IconUsers, IconZoomQuestion, type Icon,
} from '@tabler/icons-react'
import { lazy, type ComponentType, type LazyExoticComponent } from 'react'
import type { Session } from '../api/session'
import { useUnread } from '../inbox/unread'
import type { Texts } from '../texts/en'

/** groups are the headings of the navigation, in their order. */
export const groups = ['people', 'calls', 'telephony', 'company'] as const

/** A Page is somewhere one can go. Without a group it is reached from another page only. */
export type Page = {
  path: string
  group?: (typeof groups)[number]
  label?: (t: Texts) => string
  icon?: Icon
  /** What there is new of it, as a short text; empty: nothing. */
  useNews?: () => string
  roles: Session['role'][]
  page: LazyExoticComponent<ComponentType>
}

const admin: Page['roles'] = ['admin']
const everybody: Page['roles'] = ['admin', 'user']

export const pages: Page[] = [
  { path: '/me', group: 'people', label: (t) => t.nav.me, icon: IconUser, roles: everybody, page: lazy(() => import('../own/MePage')) },
  { path: '/directory', group: 'people', label: (t) => t.nav.directory, icon: IconAddressBook, roles: everybody, page: lazy(() => import('../directory/DirectoryPage')) },
  { path: '/users', group: 'people', label: (t) => t.nav.users, icon: IconUsers, roles: admin, page: lazy(() => import('../users/UsersPage')) },
  { path: '/inactive-users', group: 'people', label: (t) => t.nav.inactive, icon: IconUserOff, roles: admin, page: lazy(() => import('../inactive/InactivePage')) },
  { path: '/imports', roles: admin, page: lazy(() => import('../imports/ImportPage')) },
  { path: '/users/:id/lines', roles: admin, page: lazy(() => import('../lines/LinesPage')) },
  { path: '/app-devices', group: 'people', label: (t) => t.nav.appDevices, icon: IconDeviceMobile, roles: admin, page: lazy(() => import('../app-devices/AppDevicesPage')) },
  { path: '/inbox', group: 'calls', label: (t) => t.nav.inbox, icon: IconInbox, useNews: useUnread, roles: everybody, page: lazy(() => import('../inbox/InboxPage')) },
  { path: '/live', group: 'calls', label: (t) => t.nav.live, icon: IconPhoneCall, roles: everybody, page: lazy(() => import('../calls/LivePage')) },
  { path: '/calls', group: 'calls', label: (t) => t.nav.history, icon: IconHistory, roles: everybody, page: lazy(() => import('../calls/HistoryPage')) },
  { path: '/calls/:id', roles: everybody, page: lazy(() => import('../calls/CallPage')) },
  { path: '/registrations', group: 'calls', label: (t) => t.nav.registrations, icon: IconPlugConnected, roles: admin, page: lazy(() => import('../calls/RegistrationsPage')) },
  { path: '/deliveries', group: 'calls', label: (t) => t.nav.deliveries, icon: IconTruckDelivery, roles: admin, page: lazy(() => import('../deliveries/DeliveriesPage')) },
  { path: '/simulator', group: 'calls', label: (t) => t.nav.simulator, icon: IconZoomQuestion, roles: admin, page: lazy(() => import('../outlook/SimulatorPage')) },
  { path: '/numbers', group: 'telephony', label: (t) => t.nav.numbers, icon: IconHash, roles: admin, page: lazy(() => import('../numbers/NumbersPage')) },
  { path: '/internal-numbers', group: 'telephony', label: (t) => t.nav.internalNumbers, icon: IconDialpad, roles: admin, page: lazy(() => import('../internal-numbers/InternalNumbersPage')) },
  { path: '/call-flows', group: 'telephony', label: (t) => t.nav.callFlows, icon: IconSitemap, roles: admin, page: lazy(() => import('../flows/FlowsPage')) },
  { path: '/call-flows/:id', roles: admin, page: lazy(() => import('../flows/FlowPage')) },
  { path: '/trunks', group: 'telephony', label: (t) => t.nav.trunks, icon: IconRoute, roles: admin, page: lazy(() => import('../trunks/TrunksPage')) },
  { path: '/phones', group: 'telephony', label: (t) => t.nav.phones, icon: IconDeviceLandlinePhone, roles: admin, page: lazy(() => import('../phones/PhonesPage')) },
  { path: '/time-schedules', group: 'telephony', label: (t) => t.nav.schedules, icon: IconCalendarTime, roles: admin, page: lazy(() => import('../schedules/SchedulesPage')) },
  { path: '/audio-files', group: 'telephony', label: (t) => t.nav.audio, icon: IconMusic, roles: admin, page: lazy(() => import('../audio/AudioPage')) },
  { path: '/delivery-methods', group: 'telephony', label: (t) => t.nav.methods, icon: IconSend, roles: admin, page: lazy(() => import('../deliveries/MethodsPage')) },
  { path: '/feature-codes', group: 'telephony', label: (t) => t.nav.featureCodes, icon: IconAsterisk, roles: admin, page: lazy(() => import('../feature-codes/FeatureCodesPage')) },
  { path: '/company', group: 'company', label: (t) => t.nav.company, icon: IconBuilding, roles: admin, page: lazy(() => import('../company/CompanyPage')) },
  { path: '/plans', group: 'company', label: (t) => t.nav.plans, icon: IconStack2, roles: admin, page: lazy(() => import('../plans/PlansPage')) },
  { path: '/plans/billing', roles: admin, page: lazy(() => import('../plans/BillingPage')) },
  { path: '/sign-in-settings', group: 'company', label: (t) => t.openid.nav, icon: IconLogin2, roles: admin, page: lazy(() => import('../sign-in/SignInSettingsPage')) },
  { path: '/revisions', group: 'company', label: (t) => t.nav.revisions, icon: IconHistory, roles: admin, page: lazy(() => import('../revisions/RevisionsPage')) },
  { path: '/audit', group: 'company', label: (t) => t.nav.audit, icon: IconShieldCheck, roles: admin, page: lazy(() => import('../audit/AuditPage')) },
  { path: '/tokens', group: 'company', label: (t) => t.nav.tokens, icon: IconKey, roles: admin, page: lazy(() => import('../tokens/TokensPage')) },
  { path: '/security', roles: everybody, page: lazy(() => import('../security/SecurityPage')) },
]
