import { expect, test } from 'vitest'
import * as de from './de/refusals'
import * as es from './es/refusals'
import said from './refusals.json'
import { sentence, summaryIn, translated } from './words'

/** The places of a format that are filled, in order. */
const filled = (format: string) => {
  let next = 0
  return [...format.matchAll(/%(?:\[(\d+)\])?[sqdv]/g)].map((m) => (next = m[1] ? Number(m[1]) : next + 1)).sort()
}

test.each([['de', de], ['es', es]])('all that the exchange says is there in %s, filled at the same places, and nothing else', (_, all) => {
  for (const kind of ['refusals', 'summaries'] as const) {
    expect(Object.keys(all[kind]).sort()).toEqual([...said[kind]].sort())
    for (const [english, other] of Object.entries(all[kind])) expect([english, filled(other)]).toEqual([english, filled(english)])
  }
})

const noun = (text: string) => ({ text })

test('words are filled as fmt does', () => {
  const holder = { text: 'the %s %s of %s', args: [noun('contact method'), 'Büro', 'Ana Pop'] }
  const used = { text: '%s: %s', args: [{ text: 'the %s %s', args: [noun('time schedule'), 'Tag'] }, { text: 'is still used by %s', args: [{ text: '%s, %s', args: [holder, '…'] }] }] }
  expect(sentence(used, de)).toBe('Zeitplan Tag: wird noch verwendet von Kontaktweg Büro von Ana Pop, …')
  expect(sentence(used, es)).toBe('horario Tag: todavía en uso por medio de contacto Büro de Ana Pop, …')
  expect(sentence({ text: '%d must be %d to %d', args: [700, 0, 600] }, de)).toBe('700 muss zwischen 0 und 600 liegen')
})

test('what a language does not have is said in English', () => {
  expect(sentence({ text: '%q has no %[2]s, 100%%', args: ['a"b', noun('user')] }, de)).toBe('"a\\"b" has no Benutzer, 100%')
})

test('a problem speaks the language, with capitals but for what somebody typed', () => {
  const problem = { status: 422, detail: 'x', errors: [
    { field: 'email', detail: '"a" must be an email address', words: { text: '%q must be an email address', args: ['a'] } },
    { field: 'name', detail: 'must be given', words: { text: 'must be given' } },
    { field: '', detail: 'new' },
  ] }
  const found = translated(problem as never, es)
  expect(found.errors?.map((e) => e.detail)).toEqual(['«a» no es una dirección de correo', 'Hay que indicarlo', 'new'])
  expect(found.detail).toBe('email: «a» no es una dirección de correo; name: Hay que indicarlo; new')
  const typed = { text: '%s is already that of %s', args: ['ana', { text: 'the company' }] }
  expect(translated({ status: 409, detail: '', words: typed }, de).detail).toBe('ana ist schon vergeben: das Unternehmen')
  const record = { text: '%s: %s', args: [{ text: 'the %s %s', args: [noun('user'), 'Ana'] }, noun('stands in the way')] }
  expect(translated({ status: 409, detail: '', words: record }, es).detail).toBe('Usuario Ana: lo impide')
  expect(translated({ status: 500, detail: 'oops' }, de).detail).toBe('oops')
})

test('summaries that the exchange wrote are told, those of people stay', () => {
  const told = ['change user', 'undo revision 12', 'import users from a, b.csv, consent given', 'change own password', 'change the tariff']
  expect(told.map((s) => summaryIn(s, de))).toEqual(['Benutzer geändert', 'Änderung 12 rückgängig gemacht', 'Benutzer aus a, b.csv importiert, Einwilligung liegt vor', 'Eigenes Passwort geändert', 'change the tariff'])
})
