import { useQuery } from '@tanstack/react-query'
import { answer, client } from '../api/client'

const limit = 1000
const staleTime = 60_000

export interface Option {
  value: string
  label: string
}

const byName = (items: { id?: string; name?: string }[] | null | undefined): Option[] => (items ?? []).map((x) => ({ value: x.id!, label: x.name || x.id! }))

export const useSchedules = () =>
  useQuery({ queryKey: ['time-schedules'], staleTime, queryFn: async () => byName((await answer(client.GET('/api/v1/time-schedules', { params: { query: { limit } } }))).items) })

/** usePlans lists the organization's plans. */
export const usePlans = () =>
  useQuery({ queryKey: ['plans'], staleTime, queryFn: async () => byName((await answer(client.GET('/api/v1/plans', { params: { query: { limit } } }))).items) })

export const useCallFlows = () =>
  useQuery({ queryKey: ['call-flows'], staleTime, queryFn: async () => byName((await answer(client.GET('/api/v1/call-flows', { params: { query: { limit } } }))).items) })

export const useAudioFiles = () =>
  useQuery({ queryKey: ['audio-files'], staleTime, queryFn: async () => byName((await answer(client.GET('/api/v1/audio-files', { params: { query: { limit } } }))).items) })

export const useDeliveryMethods = () =>
  useQuery({ queryKey: ['delivery-methods'], staleTime, queryFn: async () => byName((await answer(client.GET('/api/v1/delivery-methods', { params: { query: { limit } } }))).items) })

export const useFeatureCodes = () =>
  useQuery({ queryKey: ['feature-codes'], staleTime, queryFn: async () => (await answer(client.GET('/api/v1/feature-codes', { params: { query: { limit } } }))).items ?? [] })

/** useNumbers lists the organization's DIDs; free ones only those that nobody owns. */
export const useNumbers = (free: boolean, enabled = true) =>
  useQuery({
    queryKey: ['numbers', free],
    enabled,
    staleTime: 0, // what was free may be gone, and others are free now
    queryFn: async () => {
      const found = await answer(client.GET('/api/v1/numbers', { params: { query: { limit, ...(free && { 'owner.kind': 'none' }) } } }))
      return (found.items ?? []).map((n): Option => ({ value: n.e164!, label: n.label ? `${n.e164} (${n.label})` : n.e164! }))
    },
  })
