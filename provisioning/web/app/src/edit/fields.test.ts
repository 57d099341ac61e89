import { expect, test } from 'vitest'
import { settings } from '../deliveries/kinds'
import { kinds } from '../flows/flow'
import { silent } from '../revisions/changes'
import { de } from '../texts/de'
import { en } from '../texts/en'
import { es } from '../texts/es'
import { fieldOf, whole } from './fields'

type Schema = { $ref?: string; type?: string; properties?: Record<string, Schema>; items?: Schema; additionalProperties?: unknown }

// Written by .ci/web, which runs this too.
const written = Object.values(import.meta.glob<{ components: { schemas: Record<string, Schema> } }>('../../openapi.json', { eager: true, import: 'default' }))
const languages = { en, de, es }

/** fieldsIn are the paths of all values of a schema; `{}` stands for names that are free. */
function fieldsIn(all: Record<string, Schema>, of: Schema, at = ''): string[] {
  const schema = of.$ref ? all[of.$ref.split('/').at(-1)!]! : of
  if (!schema.properties) return [schema.additionalProperties ? `${at}.{}` : at]
  return Object.entries(schema.properties).flatMap(([name, s]) => (silent.has(name) && !at ? [] : fieldsIn(all, s, at ? `${at}.${name}` : name)))
}

const named = (collection: string, path: string, record = {}) => Object.entries(languages).filter(([language, t]) => !fieldOf(t, language, collection, path, record)?.label).map(([language]) => `${language}: ${collection} ${path}`)

// Whoever gives a record another field names it here, or people read its name in the API.
test('every field of every collection has a name in each language', () => {
  const schemas = written[0]?.components.schemas ?? {}
  expect(schemas, 'there is no openapi.json: run .ci/web').toHaveProperty('Site')
  const collections = Object.entries(schemas.Site!.properties!)
  expect(collections.length).toBeGreaterThan(10)
  const missing = collections.flatMap(([collection, { items }]) => [...new Set(fieldsIn(schemas, items!).map(whole))].filter((path) => !path.endsWith('.{}')).flatMap((path) => named(collection, path)))
  expect(missing).toEqual([])
})

test('every setting of a delivery method has a name', () => {
  expect(Object.values(settings).flat().flatMap(({ name }) => named('delivery_methods', `settings.${name}`))).toEqual([])
})

test('every setting and every exit of a module has a name, beside that of its module', () => {
  const missing = Object.entries(kinds).flatMap(([type, kind]) => {
    const nodes = [{ id: 'm.1', type, name: '' }]
    const paths = ['name', 'type', ...Object.keys(kind.fields).map((f) => `settings.${f}`), ...kind.exits.map((x) => `exits.${x}`)]
    return paths.flatMap((path) => named('call_flows', `nodes.m.1.${path}`, { nodes }))
  })
  expect(missing).toEqual([])
  expect(fieldOf(en, 'en', 'call_flows', 'nodes.m.1.settings.timeout_s', { nodes: [{ id: 'm.1', type: 'menu', name: 'Day' }] })?.label).toBe('Day: Longest wait (s)')
})

test('a name that nobody gave is none', () => {
  expect(fieldOf(en, 'en', 'numbers', 'colour', {})).toBeUndefined()
})
