import type { Schemas, User } from './client'
import { collection } from './collection'

type Kept<T> = T & { id: string }

export type Line = Kept<Schemas['ContactMethod']>
export type DirectNumber = Kept<Schemas['Number']>
export type InternalNumber = Kept<Schemas['InternalNumber']>
export type Trunk = Kept<Schemas['TrunkView']>
export type Phone = Kept<Schemas['DeviceView']>
export type AppDevice = Kept<Schemas['AppDevice']>
export type FeatureCode = Kept<Schemas['FeatureCode']>
export type Plan = Kept<Schemas['PlanView']>
export type BillingEvent = Kept<Schemas['BillingEvent']>
export type Colleague = Kept<Schemas['DirectoryEntry']>
export type CallRecord = Kept<Schemas['Call']>
export type Registration = Kept<Schemas['Registration']>
export type AccessEvent = Kept<Schemas['AccessEvent']>
export type Revision = Kept<Schemas['RevisionView']>
export type Token = Kept<Schemas['TokenView']>

export const users = collection<User, Schemas['UserInput']>('/api/v1/users')
export const contactMethods = collection<Line, Schemas['ContactMethod']>('/api/v1/contact-methods')
export const numbers = collection<DirectNumber, Schemas['Number']>('/api/v1/numbers')
export const internalNumbers = collection<InternalNumber, Schemas['InternalNumber']>('/api/v1/internal-numbers')
export const trunks = collection<Trunk, Schemas['Trunk']>('/api/v1/trunks')
export const phones = collection<Phone, Schemas['Device']>('/api/v1/devices')
export const appDevices = collection<AppDevice, Schemas['AppDevice']>('/api/v1/app-devices')
export const featureCodes = collection<FeatureCode, Schemas['FeatureCode']>('/api/v1/feature-codes')
export const plans = collection<Plan, Schemas['PlanView']>('/api/v1/plans')
export const billingEvents = collection<BillingEvent, never>('/api/v1/billing-events')

export const calls = collection<CallRecord, never>('/api/v1/calls')
export const registrations = collection<Registration, never>('/api/v1/registrations')
export const accessEvents = collection<AccessEvent, never>('/api/v1/audit')

const changes = collection<Revision, never>('/api/v1/revisions')
/** revisions is a collection of change sets, which have numbers for ids. */
export const revisions: typeof changes = {
  ...changes,
  async list(filters, limit, cursor) {
    const page = await changes.list(filters, limit, cursor)
    return { ...page, items: page.items.map((r) => ({ ...r, id: String(r.revision) })) }
  },
}

const colleagues = collection<Colleague, never>('/api/v1/directory')
/** directory is a collection of people who have no id here: their number names them. */
export const directory: typeof colleagues = {
  ...colleagues,
  async list(filters, limit, cursor) {
    const page = await colleagues.list(filters, limit, cursor)
    return { ...page, items: page.items.map((c) => ({ ...c, id: c.extension ?? '' })) }
  },
}

export const tokens = collection<Token, Schemas['TokenView']>('/api/v1/tokens')
