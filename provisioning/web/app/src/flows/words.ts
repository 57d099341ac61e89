import { useNames } from '../calls/data'
import { useTexts } from '../texts'
import type { Texts } from '../texts/en'
import { useAudioFiles, useSchedules } from '../users/options'
import { exitsOf, kinds, openExits, type FlowDraft, type Module } from './flow'

export const peopleOf = (s: Record<string, string>) => (s.user_ids ?? '').split(',').filter(Boolean)

/** exitName is what an exit is called: a key by itself, what a program answers as it says it. */
export const exitName = (t: Texts, exit: string) => t.flows.exitNames[exit] ?? exit

/** nameOf is what a module is called. */
export const nameOf = (t: Texts, m: Module) => m.name || t.flows.kinds[m.type] || m.type

/** A Speaker says in plain words what a module does. */
export type Speaker = (m: Module) => string

export function useSpeaker({ nodes }: FlowDraft): Speaker {
  const t = useTexts()
  const schedules = useSchedules().data ?? []
  const audio = useAudioFiles().data ?? []
  const users = useNames(nodes.flatMap((n) => [n.settings.user_id ?? '', ...peopleOf(n.settings)]))
  const named = (all: { value: string; label: string }[], id: string) => all.find((o) => o.value === id)?.label ?? id
  const says = t.flows.says
  return ({ type, settings: s }) => {
    const wants = kinds[type]?.wants
    const sound = s.audio_file_id ? named(audio, s.audio_file_id) : ''
    if (type === 'menu') return says.menu(sound)
    if (wants && !s[wants]) return says.nothing
    const who = users[s.user_id ?? ''] || s.user_id || ''
    const people = peopleOf(s).map((id) => users[id] || id)
    switch (type) {
      case 'time_router': return says.time_router(named(schedules, s.time_schedule_id!))
      case 'announcement': return says.announcement(sound)
      case 'user': return says.user(who)
      case 'ring_group': return says.ring_group(people, s.ring_s ?? '', s.order === 'in_turn')
      case 'queue': return says.queue(people, s.timeout_s ?? '')
      case 'external': return says.external(s.number!, s.ring_s ?? '')
      case 'voicemail': return says.voicemail(who)
      case 'directory': return says.directory
      case 'set_caller': return says.set_caller([s.name, s.number].filter(Boolean).join(', '))
      case 'webhook': return says.webhook(URL.canParse(s.url!) ? new URL(s.url!).host : s.url!)
      case 'hang_up': return says.hang_up
    }
    return ''
  }
}

/** todoOf is what a module still lacks, in plain words. */
export function todoOf(t: Texts, m: Module, found: Set<string>): string[] {
  const f = t.flows
  const wants = kinds[m.type]?.wants
  return [
    ...(found.has(m.id) ? [] : [f.unreached]),
    ...(wants && !m.settings[wants] ? [f.wants[wants]!] : []),
    ...openExits(m).map((x) => (x === 'keys' ? f.noKeys : f.openExit(exitName(t, x)))),
  ]
}

/** waysInWords are the exits that lead somewhere, as text. */
export const waysInWords = (t: Texts, m: Module, nodes: Module[]) =>
  exitsOf(m).filter((x) => m.exits[x]).map((x) => {
    const to = nodes.find((n) => n.id === m.exits[x])
    return { exit: exitName(t, x), to: to ? nameOf(t, to) : t.flows.gone, id: m.exits[x]! }
  })
