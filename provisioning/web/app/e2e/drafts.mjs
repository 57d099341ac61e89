// A change is tried on calls that were really made, applied, and undone: with
// the owner of numbers, a time schedule and a contact method.
import assert from 'node:assert/strict'
import { accessible, shot } from './exchange.mjs'
import { coloured, openPage, pick } from './page.mjs'
import { Phone } from './phone.mjs'

let called = false
/** calls makes people with phones, of whom Clara has called each way to Dan. */
async function calls({ api, sip }) {
  if (called) return
  called = true
  const always = { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '00:00', to: '24:00' }
  await api('POST', '/time-schedules', { id: 'shop', name: 'Shop hours', ranges: [always] })
  await api('POST', '/trunks', { id: 'carrier', name: 'Northern', host: '127.0.0.1', port: 9, addresses: ['192.0.2.10'] })
  const phones = {}
  for (const [id, first, last, number] of [['clara', 'Clara', 'Conti', '301'], ['dan', 'Dan', 'Dima', '302'], ['eva', 'Eva', 'Ek', '303']]) {
    await api('POST', '/users', { id, first_name: first, last_name: last, ...(id === 'dan' && { time_schedule_id: 'shop' }) })
    await api('POST', '/contact-methods', {
      id: `${id}-desk`, user_id: id, kind: 'sip_account', label: 'desk phone', sip_account: { username: `${id}-desk`, password: `secret-of-${id}` },
      inbound: { internal_numbers: [number] }, outbound: { external_enabled: true },
    })
    phones[id] = await new Phone({ port: sip, username: `${id}-desk`, password: `secret-of-${id}` }).open()
  }
  await api('POST', '/numbers', { id: 'main', e164: '+40215550191', trunk_id: 'carrier', owner: { kind: 'user', id: 'dan' } })
  try {
    for (const number of ['302', '+40215550191']) {
      const call = await phones.clara.dial(number)
      assert.equal(call.status, 200, number)
      await call.hangUp()
    }
    for (let ended = 0; ended < 2; ) ended = (await api('GET', '/calls?state=ended')).items.length
  } finally {
    for (const phone of Object.values(phones)) phone.close()
  }
}

/** form opens the one of a record in a list. */
async function form(t, path, name) {
  await calls(t.exchange)
  const page = await openPage(t, path)
  await page.getByRole('button', { name, exact: true }).click()
  return { page, drawer: page.getByRole('dialog').first() }
}

/** tried presses the button, and gives what stands in the page of the calls. */
async function tried(page, drawer) {
  await drawer.getByRole('button', { name: 'Try it first' }).click()
  const dialog = page.getByRole('dialog', { name: 'Try this change' })
  const found = dialog.getByRole('region', { name: 'Calls that would have gone elsewhere' })
  await found.getByRole('status').filter({ hasText: /gone through again/ }).waitFor()
  await page.waitForTimeout(300) // it has faded in
  return { dialog, found, said: await found.innerText() }
}

/** takenBack finds the change among the others, and undoes it. */
async function takenBack(page, summary) {
  await page.goto('/revisions')
  await page.getByRole('button', { name: new RegExp(summary.replaceAll('+', '\\+')) }).first().click()
  await page.getByRole('button', { name: /^Undo change/ }).first().click()
  const ask = page.getByRole('dialog')
  await ask.getByRole('button', { name: 'Take it back' }).click()
  await ask.waitFor({ state: 'detached' })
}

export async function owner(t) {
  const { api } = t.exchange
  const { page, drawer } = await form(t, '/numbers', '+40215550191')
  assert.equal(await drawer.getByRole('button', { name: 'Try it first' }).isDisabled(), true)
  await drawer.getByRole('combobox', { name: 'User' }).fill('eva')
  await page.getByRole('option', { name: 'Eva Ek' }).click()
  const { dialog, said } = await tried(page, drawer)
  // The call to the number, and not the one to the internal number.
  assert.match(said, /2 calls were gone through again\. 1 would differ\./)
  assert.match(said, /301 called \+40215550191\s+Now: .*Dan.*\s+Then: .*Eva/)
  await accessible(page, 'a change that is tried on calls')
  await shot(page, 'draft-calls')
  await coloured(page, 'dark')
  await shot(page, 'draft-calls-dark')
  await dialog.getByRole('button', { name: 'Drop' }).click()
  await dialog.waitFor({ state: 'detached' })
  assert.equal((await api('GET', '/numbers/main')).owner.id, 'dan')
  await drawer.getByRole('button', { name: 'Try it first' }).click()
  await dialog.getByRole('button', { name: 'Apply' }).click()
  await drawer.waitFor({ state: 'detached' })
  assert.equal((await api('GET', '/numbers/main')).owner.id, 'eva')
  await takenBack(page, 'change +40215550191')
  assert.equal((await api('GET', '/numbers/main')).owner.id, 'dan')
  await page.getByText('before it is saved').waitFor()
  await page.getByRole('link', { name: 'Internal numbers' }).last().click()
  await page.getByRole('heading', { name: 'Internal numbers' }).waitFor()
}

export async function internalNumber(t) {
  const { api } = t.exchange
  const { page, drawer } = await form(t, '/internal-numbers', '302')
  await drawer.getByRole('combobox', { name: 'User' }).fill('eva')
  await page.getByRole('option', { name: /Eva Ek/ }).click()
  await pick(page, drawer.getByRole('combobox', { name: 'Contact method' }), /desk phone/)
  const { dialog, said } = await tried(page, drawer)
  assert.match(said, /301 called 302\s+Now: .*Dan.*\s+Then: .*Eva/)
  await dialog.getByRole('button', { name: 'Apply' }).click()
  await drawer.waitFor({ state: 'detached' })
  assert.deepEqual((await api('GET', '/contact-methods/eva-desk')).inbound.internal_numbers.toSorted(), ['302', '303'])
  await takenBack(page, 'change 302')
  assert.deepEqual((await api('GET', '/contact-methods/dan-desk')).inbound.internal_numbers, ['302'])
}

export async function schedule(t) {
  const { api } = t.exchange
  const { page, drawer } = await form(t, '/time-schedules', 'Shop hours')
  const remove = drawer.getByRole('button', { name: /^Remove/ })
  while ((await remove.count()) > 0) await remove.first().click()
  const { dialog, said } = await tried(page, drawer)
  assert.match(said, /2 would differ\./)
  assert.match(said, /301 called 302\s+Now: .*Dan/)
  await shot(page, 'draft-schedule')
  await dialog.getByRole('button', { name: 'Apply' }).click()
  await drawer.waitFor({ state: 'detached' })
  assert.equal((await api('GET', '/time-schedules/shop')).ranges.length, 0)
  await takenBack(page, 'change Shop hours')
  assert.ok((await api('GET', '/time-schedules/shop')).ranges.length > 0)
}

export async function line(t) {
  const { api } = t.exchange
  const { page, drawer } = await form(t, '/users/dan/lines', 'desk phone')
  await pick(page, drawer.getByRole('combobox', { name: 'When unavailable' }), 'Voicemail')
  const { dialog, said } = await tried(page, drawer)
  assert.match(said, /2 calls were gone through again/)
  await dialog.getByRole('button', { name: 'Apply' }).click()
  await drawer.waitFor({ state: 'detached' })
  assert.equal((await api('GET', '/contact-methods/dan-desk')).inbound.when_unavailable.action, 'voicemail')
  await takenBack(page, 'change desk phone')
  assert.equal((await api('GET', '/contact-methods/dan-desk')).inbound.when_unavailable.action, 'none')
}

export async function refused(t) {
  const { api } = t.exchange
  const { page, drawer } = await form(t, '/users/dan/lines', 'desk phone')
  const name = drawer.getByRole('textbox', { name: 'SIP user name' })
  await name.fill('clara-desk')
  await drawer.getByRole('button', { name: 'Try it first' }).click()
  await drawer.getByText('clara-desk is already that of the contact method desk phone of Clara Conti').waitFor()
  await page.getByRole('dialog', { name: 'Try this change' }).waitFor({ state: 'detached' })
  assert.equal(await name.getAttribute('aria-invalid'), 'true')
  const said = await name.evaluate((input) => input.getAttribute('aria-describedby').split(' ').map((id) => document.getElementById(id)?.textContent).join(' '))
  assert.match(said, /already that of the contact method/)
  assert.equal(await name.inputValue(), 'clara-desk')
  await accessible(page, 'a change that was refused when it was tried')
  await shot(page, 'draft-refused')
  assert.equal((await api('GET', '/contact-methods/dan-desk')).sip_account.username, 'dan-desk')
}
