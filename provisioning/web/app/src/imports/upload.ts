import { session, type Schemas } from '../api/client'
import { inWords, Refusal } from '../api/problem'

export type Import = Schemas['Import']

/** The fields that a column may hold, those that people have first. */
export const importFields = [
  'first_name', 'last_name', 'email', 'job_title', 'department', 'mobile_number', 'extension', 'direct_number', 'login', 'role', 'plan', 'language', 'time_zone',
  'time_schedule_id', 'crm_user_id', 'forward.number', 'forward.enabled', 'do_not_disturb', 'reject_scope', 'routing.mode', 'routing.ring_s', 'password_change_required',
] as const

export const maxSize = 20 << 20

/** upload sends a file and tells how much of it is there, 0 to 1; fetch could not tell. */
export function upload(file: File, told: (part: number) => void): Promise<Import> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest()
    const lost = () => fail(new Refusal(0, { status: 0 }))
    request.open('POST', '/api/v1/imports')
    if (session.csrf) request.setRequestHeader('X-CSRF-Token', session.csrf)
    request.upload.onprogress = (e) => e.lengthComputable && told(e.loaded / e.total)
    request.onerror = lost
    request.onabort = lost
    request.onload = () => {
      let said: unknown
      try {
        said = JSON.parse(request.responseText)
      } catch {
        return lost()
      }
      if (request.status === 201) return done(said as Import)
      if (request.status === 401) session.ended()
      void inWords({ status: request.status, ...(said as object) }).then((problem) => fail(new Refusal(request.status, problem)))
    }
    const form = new FormData()
    form.append('file', file)
    request.send(form)
  })
}

/** The field of each column, by the column's name; '' leaves it out. */
export type Mapping = Record<string, string>

/** mappingOf is what the last run was told, else what the exchange guessed. */
export const mappingOf = (found: Import): Mapping => found.mapping ?? Object.fromEntries((found.columns ?? []).filter((c) => c.name).map((c) => [c.name!, c.field ?? '']))

/** faultsOf finds what is wrong with a mapping: columns that are one field twice, and whether the first name is missing. */
export function faultsOf(mapping: Mapping): { twice: Set<string>; noFirst: boolean } {
  const fields = Object.values(mapping).filter(Boolean)
  const twice = new Set(Object.keys(mapping).filter((c) => mapping[c] && fields.indexOf(mapping[c]!) !== fields.lastIndexOf(mapping[c]!)))
  return { twice, noFirst: !fields.includes('first_name') }
}
