import { expect, test } from 'vitest'
import { de } from './de'
import { en } from './en'
import { es } from './es'
import { languagesWith, preferred, spoken } from './index'

function paths(v: object, at = ''): string[] {
  return Object.entries(v).flatMap(([k, x]) => (typeof x === 'object' ? paths(x, `${at}${k}.`) : [`${at}${k}`]))
}

// The types want each section; what a section holds by key, such as the fields of
// a user, they do not.
test.each([['de', de], ['es', es]])('%s says everything that English says, and nothing else', (_, other) => {
  expect(paths(other).sort()).toEqual(paths(en).sort())
})

test('no text is empty', () => {
  for (const all of [en, de, es]) {
    const walk = (v: unknown): void => {
      if (typeof v === 'string') expect(v).not.toBe('')
      else if (v && typeof v === 'object') Object.values(v).forEach(walk)
    }
    walk(all)
  }
})

test('the first language that we have is taken', () => {
  expect(preferred(null, 'fr-FR', 'de-AT', 'en')).toBe('de')
  expect(preferred('es')).toBe('es')
  expect(preferred('fr')).toBe('en')
})

test('one is spoken to as one chose here, then as one is known, then as the browser, then as the organization is', () => {
  const session = (language: string, organization = 'es') => ({ language, organization: { id: '', name: '', language: organization, time_zone: '', country: '' } })
  expect(spoken('es', session('de'), ['en-GB'])).toBe('es')
  expect(spoken(null, session('de-AT'), ['en-GB'])).toBe('de')
  expect(spoken(null, session(''), ['fr', 'de'])).toBe('de')
  expect(spoken(null, session('fr'), ['fr'])).toBe('es')
  expect(spoken(null, null, ['fr'])).toBe('en')
})

test('a language that is stored stays to be seen', () => {
  expect(languagesWith('pt-BR').map((l) => l.value)).toEqual(['en', 'de', 'es', 'pt-BR'])
  expect(languagesWith('de')).toEqual(languagesWith())
})
