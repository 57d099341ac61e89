import type { Schemas } from '../api/client'
import type { Problem } from '../api/problem'

type Words = Schemas['Words']

/** What the exchange says, in one language: by its English formats, of Go's fmt, and by the forms of revisions' summaries. */
export interface Sayings {
  refusals: Record<string, string>
  summaries: Record<string, string>
}

const sayings: Record<string, () => Promise<Sayings>> = { de: () => import('./de/refusals'), es: () => import('./es/refusals') }
const loaded: Record<string, Promise<Sayings | null>> = {}

/** sayingsIn are a language's; none of English, which the exchange speaks, nor where they cannot be had. */
export function sayingsIn(language: string): Promise<Sayings | null> {
  return (loaded[language] ??= sayings[language]?.().catch(() => {
    delete loaded[language] // to be asked for again
    return null
  }) ?? Promise.resolve(null))
}

const isWords = (v: unknown): v is Words => typeof v === 'object' && v !== null && 'text' in v

/** sentence fills the format of words in a language as fmt does; %[2]s is the second argument. */
export function sentence(words: Words, { refusals }: Sayings): string {
  const { text = '', args } = words
  let next = 0
  return (refusals[text] ?? text).replace(/%(?:\[(\d+)\])?([sqdv%])/g, (_, at: string | undefined, verb: string) => {
    if (verb === '%') return '%'
    const i = at ? Number(at) - 1 : next
    next = i + 1
    const arg = args?.[i]
    const said = isWords(arg) ? sentence(arg, { refusals, summaries: {} }) : String(arg ?? '')
    return verb === 'q' ? JSON.stringify(said) : said
  })
}

/** A sentence of its own begins with a capital, but for what somebody typed. */
function whole(words: Words, all: Sayings): string {
  const said = sentence(words, all)
  let first: unknown = words
  while (isWords(first)) {
    const format: string = all.refusals[first.text ?? ''] ?? first.text ?? ''
    if (!format.startsWith('%')) return said.charAt(0).toUpperCase() + said.slice(1)
    first = first.args?.[Number(/^%\[(\d+)\]/.exec(format)?.[1] ?? 1) - 1]
  }
  return said
}

/** translated is a problem in the words of a language; what has none stays English. */
export function translated(problem: Problem, all: Sayings): Problem {
  const errors = problem.errors?.map((e) => (e.words?.text ? { ...e, detail: whole(e.words, all) } : e))
  const detail = problem.words?.text
    ? whole(problem.words, all)
    : errors?.length ? errors.map((e) => (e.field ? `${e.field}: ${e.detail}` : e.detail)).join('; ') : problem.detail
  return { ...problem, ...(errors && { errors }), ...(detail !== undefined && { detail }) }
}

/** summaryIn is the summary of a revision in a language, if the exchange wrote it; what a person wrote stays. */
export function summaryIn(summary: string, { refusals, summaries }: Sayings): string {
  const exact = summaries[summary]
  if (exact) return exact
  for (const [form, said] of Object.entries(summaries)) {
    const [before, after] = form.split('%s')
    if (after === undefined || summary.length <= form.length - 2 || !summary.startsWith(before!) || !summary.endsWith(after)) continue
    const arg = summary.slice(before!.length, summary.length - after.length)
    // "create %s" is of a kind of record: one that we know.
    if (refusals[arg] || !/^\w+ %s$/.test(form)) return sentence({ text: said, args: [refusals[arg] ?? arg] }, { refusals: {}, summaries: {} })
  }
  return summary
}
