import { expect, test } from 'vitest'
import { settingsOf } from './kinds'

test('what was emptied is taken away, and of a new method not mentioned', () => {
  expect(settingsOf('webdav', { url: 'https://a', username: ' ' }, false)).toEqual({ url: 'https://a', username: null })
  expect(settingsOf('webdav', { url: 'https://a', username: '' }, true)).toEqual({ url: 'https://a' })
})

test('a secret that is left empty stays as it is', () => {
  expect(settingsOf('sftp', { host: 'h', username: 'u', port: '1', host_key: 'k', path: 'p', private_key: 'new' }, false)).toEqual({ host: 'h', username: 'u', port: '1', host_key: 'k', path: 'p', private_key: 'new' })
})

test('settings of another kind are left behind', () => {
  expect(settingsOf('disk', { path: 'calls', url: 'https://a' }, true)).toEqual({ path: 'calls' })
})
