import type { Plan } from '../api/collections'
import type { Schemas } from '../api/client'

const features = ['app', 'voicemail', 'web_calls', 'operator_console', 'fixed_mobile', 'hotdesking', 'multiple_caller_ids', 'conference_room'] as const

type Included = Record<(typeof features)[number], boolean> & { direct_numbers: number | string }

/** A PlanDraft is a plan as the form shows it, every member there. */
export interface PlanDraft {
  name: string
  price: string
  currency: string
  seats: number | string
  includes: Included
}

/** included are the features of a plan that are on. */
export const included = (p: Plan) => features.filter((f) => p.includes?.[f])

export function draftOf(p?: Plan): PlanDraft {
  const on = Object.fromEntries(features.map((f) => [f, p?.includes?.[f] ?? false])) as Record<(typeof features)[number], boolean>
  return { name: p?.name ?? '', price: p?.price ?? '', currency: p?.currency ?? '', seats: p?.seats ?? 0, includes: { ...on, direct_numbers: p?.includes?.direct_numbers ?? 1 } }
}

/** inputOf is the plan as the API takes it; a comma in a price is the point that it is in German and Spanish. */
export function inputOf(d: PlanDraft): Schemas['PlanView'] {
  return { ...d, price: d.price.trim().replace(',', '.'), seats: Number(d.seats), includes: { ...d.includes, direct_numbers: Number(d.includes.direct_numbers) } }
}

/** priceOf is an amount with its currency. */
export const priceOf = (price: string | undefined, currency: string | undefined) => (price ? `${price} ${currency ?? ''}`.trim() : '')
