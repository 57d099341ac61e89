// What an administrator does with the plain records of telephony, before a real
// exchange.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { accessible, shot } from './exchange.mjs'
import { act, fits, openPage, pick, row } from './page.mjs'
import { Phone } from './phone.mjs'

let made = false
async function pageAt(t, path, options) {
  const { api } = t.exchange
  if (!made) {
    await api('POST', '/users', { id: 'lea', first_name: 'Lea', last_name: 'Lind', email: 'lea@example.com', application_line: { id: 'lea-app' } })
    await api('POST', '/users', { id: 'tom', first_name: 'Tom', last_name: 'Thorn' })
    await api('POST', '/trunks', { id: 'carrier', name: 'Northern', host: '127.0.0.1', port: 9, addresses: ['192.0.2.10'] })
    for (const n of ['81', '82', '83', '84']) await api('POST', '/numbers', { id: `n${n}`, e164: `+402155501${n}`, trunk_id: 'carrier' })
  }
  made = true
  const page = await openPage(t, path, options)
  await page.getByRole('status').filter({ hasText: /\d/ }).first().waitFor()
  return page
}

const settle = (page) => page.waitForTimeout(300) // it has faded in

export async function numbers(t) {
  const { api } = t.exchange
  const page = await pageAt(t, '/numbers')
  await row(page, '+40215550181').getByText('Nobody').waitFor()
  await accessible(page, 'the numbers')
  await shot(page, 'numbers')

  await page.getByRole('button', { name: 'Add number' }).click()
  const form = page.getByRole('dialog')
  await form.getByRole('textbox', { name: 'Number' }).fill('0215')
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByText(/E\.164/).waitFor() // refused, beside the field; the text stays
  assert.equal(await form.getByRole('textbox', { name: 'Number' }).inputValue(), '0215')
  await form.getByRole('textbox', { name: 'Number' }).fill('+40215550190')
  await pick(page, form.getByRole('combobox', { name: 'Assigned to' }), 'User')
  const user = form.getByRole('combobox', { name: 'User' })
  await user.fill('thorn')
  await page.getByRole('option', { name: 'Tom Thorn' }).click()
  await settle(page)
  await accessible(page, 'the form of a number')
  await shot(page, 'number-new')
  await form.getByRole('button', { name: 'Save' }).dblclick()
  await row(page, '+40215550190').getByText('Tom Thorn').waitFor()
  assert.equal((await api('GET', '/users/tom')).direct_number, '+40215550190')

  // A second one is refused, and it is said why.
  await row(page, '+40215550181').getByRole('button', { name: '+40215550181', exact: true }).click()
  await pick(page, form.getByRole('combobox', { name: 'Assigned to' }), 'User')
  await form.getByRole('combobox', { name: 'User' }).fill('thorn')
  await page.getByRole('option', { name: 'Tom Thorn' }).click()
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByText(/already has the direct number/).waitFor()
  await shot(page, 'number-refused')
  await form.getByRole('button', { name: 'Cancel' }).click()

  await act(page, '+40215550190', 'Unassign…')
  await page.getByRole('dialog').getByText('loses it').waitFor()
  await settle(page)
  await accessible(page, 'the question before a number is free')
  await page.getByRole('dialog').getByRole('button', { name: 'Unassign' }).click()
  await row(page, '+40215550190').getByText('Nobody').waitFor()
  assert.equal((await api('GET', '/users/tom')).direct_number, '')

  await pick(page, page.getByRole('combobox', { name: 'Assigned to' }), 'Company')
  await page.waitForURL(/owner\.kind=company/)
  await row(page, '+40215550181').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Clear filters' }).click()
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download CSV' }).click()])
  assert.match(await readFile(await file.path(), 'utf8'), /\+40215550190/)
  await act(page, '+40215550190', 'Delete…')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await row(page, '+40215550190').waitFor({ state: 'detached' })

  for (const [column, sort] of [['Number', '-e164'], ['Assigned to', 'owner.id'], ['Trunk', 'trunk_id'], ['Trunk', '-trunk_id']]) {
    await page.getByRole('columnheader', { name: column, exact: true }).getByRole('button').click()
    await page.waitForURL(new RegExp(`sort=${sort}$`))
    const want = (await api('GET', `/numbers?sort=${sort}`)).items.map((n) => n.e164)
    await page.waitForFunction((want) => [...document.querySelectorAll('tbody tr')].map((r) => r.querySelector('td').textContent).join() === want.join(), want)
  }
  await accessible(page, 'sorted numbers')
}

export async function internalNumbers(t) {
  const { api } = t.exchange
  const page = await pageAt(t, '/internal-numbers')
  await row(page, 'Lea Lind').waitFor()
  await accessible(page, 'the internal numbers')
  await shot(page, 'internal-numbers')
  await page.getByRole('button', { name: 'Add internal number' }).click()
  const form = page.getByRole('dialog')
  await form.getByRole('textbox', { name: 'Number' }).fill('112')
  await form.getByRole('combobox', { name: 'User' }).fill('lea')
  await page.getByRole('option', { name: /Lea Lind/ }).click()
  await pick(page, form.getByRole('combobox', { name: 'Contact method' }), /Application line/)
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByText(/emergency/).waitFor()
  await form.getByRole('textbox', { name: 'Number' }).fill('8112')
  await form.getByRole('button', { name: 'Save' }).click()
  await row(page, '8112').getByText('Lea Lind').waitFor()
  assert.ok((await api('GET', '/contact-methods/lea-app')).inbound.internal_numbers.includes('8112'))
  // Who sends calls to it is named first.
  await api('PATCH', '/organizations/default', { main_destination: '8112' })
  await act(page, '8112', 'Free…')
  await form.getByText(/leads to 8112: .*callers will hear that nobody is there/).waitFor()
  assert.equal(await form.getByRole('link', { name: 'Demo company' }).getAttribute('href'), '/company')
  await accessible(page, 'freeing an internal number')
  await shot(page, 'internal-number-free')
  assert.equal(await form.getByRole('button', { name: 'Free' }).isDisabled(), true)
  await form.getByRole('checkbox').check()
  await form.getByRole('button', { name: 'Free' }).click()
  await row(page, '8112').waitFor({ state: 'detached' })
}

export async function trunks(t) {
  const { api } = t.exchange
  const page = await pageAt(t, '/trunks')
  await row(page, 'Northern').waitFor()
  await accessible(page, 'the trunks')
  await page.getByRole('button', { name: 'Add trunk' }).click()
  const form = page.getByRole('dialog')
  await form.getByRole('textbox', { name: 'Name', exact: true }).fill('Second')
  await form.getByRole('textbox', { name: 'Host' }).fill('sip.example.net')
  await pick(page, form.getByRole('combobox', { name: 'Authentication' }), 'By registration')
  await form.getByRole('textbox', { name: 'Username' }).fill('us')
  await form.getByRole('textbox', { name: 'Password' }).fill('the secret')
  await form.locator('[data-path="addresses"]').fill('everywhere')
  await page.keyboard.press('Enter')
  await form.locator('[data-path="prefixes"]').fill('+44')
  await page.keyboard.press('Enter')
  await pick(page, form.getByRole('combobox', { name: 'Forwarded calls show' }), 'Who forwarded it only')
  await settle(page)
  await accessible(page, 'the form of a trunk')
  await shot(page, 'trunk-new')
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByText(/must be an IP address/).waitFor()
  assert.equal(await form.getByRole('textbox', { name: 'Password' }).inputValue(), 'the secret')
  await form.locator('[data-path="addresses"]').press('Backspace')
  await form.getByRole('button', { name: 'Save' }).click()
  await row(page, 'Second').getByText('Not registered').waitFor()
  await shot(page, 'trunks')
  await page.emulateMedia({ colorScheme: 'dark' })
  await accessible(page, 'the trunks in the dark')
  await shot(page, 'trunks-dark')
  await page.emulateMedia({ colorScheme: 'light' })
  const [second] = (await api('GET', '/trunks?name=Second')).items
  assert.deepEqual([second.auth.mode, second.auth.username, second.prefixes, second.forwarded_identity], ['register', 'us', ['+44'], 'forwarder'])

  // Somebody else changes the same field meanwhile.
  await act(page, 'Second', 'Edit…')
  await form.getByRole('textbox', { name: 'Priority' }).fill('7')
  await api('PATCH', `/trunks/${second.id}`, { priority: 5 })
  await form.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('dialog', { name: 'Changed meanwhile' }).getByRole('button', { name: 'Save mine' }).click()
  await row(page, 'Second').getByText('7', { exact: true }).waitFor()

  // What numbers still name is not deleted.
  await act(page, 'Northern', 'Delete…')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByText(/must let go of it first/).first().waitFor()
  await page.getByRole('dialog').getByRole('link', { name: /^\+\d+$/ }).first().waitFor()
  await settle(page)
  await accessible(page, 'a refused delete')
  await shot(page, 'trunk-needed')
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await act(page, 'Second', 'Delete…')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await row(page, 'Second').waitFor({ state: 'detached' })
}

export async function featureCodes(t) {
  const { api } = t.exchange
  const page = await pageAt(t, '/feature-codes')
  await accessible(page, 'the feature codes')
  await page.getByRole('button', { name: 'Add feature code' }).click()
  const form = page.getByRole('dialog')
  await form.getByRole('textbox', { name: 'Code' }).fill('112')
  await pick(page, form.getByRole('combobox', { name: 'Action' }), 'Call anonymously')
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByText(/emergency/).waitFor()
  await form.getByRole('textbox', { name: 'Code' }).fill('*8765')
  await form.getByRole('button', { name: 'Save' }).click()
  await row(page, '*8765').getByText('Call anonymously').waitFor()
  await shot(page, 'feature-codes')
  assert.equal((await api('GET', '/feature-codes?code=*8765')).items[0].action, 'anonymous')
  await act(page, '*8765', 'Delete…')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await row(page, '*8765').waitFor({ state: 'detached' })
}

export async function contactMethods(t) {
  const { api } = t.exchange
  const page = await pageAt(t, '/users')
  await act(page, 'Lea Lind', 'Contact methods…')
  await page.getByRole('heading', { name: 'Contact methods of Lea Lind' }).waitFor()
  await row(page, 'Application line').first().waitFor()
  await page.getByRole('button', { name: 'Add contact method' }).click()
  const form = page.getByRole('dialog')
  await form.getByRole('textbox', { name: 'SIP user name' }).fill('lea desk')
  await form.getByRole('textbox', { name: 'Label' }).fill('Desk')
  await form.locator('[data-path="sip_account.codecs"]').fill('PCMA')
  await page.keyboard.press('Enter')
  await form.locator('[data-path="line.inbound.did_numbers"]').click()
  await page.getByRole('option', { name: '+40215550182' }).click()
  await form.getByRole('switch', { name: 'Enable external outbound calls' }).check()
  await form.locator('[data-path="line.outbound.caller_ids"]').click()
  await page.getByRole('option', { name: '+40215550182' }).last().click()
  await form.getByRole('switch', { name: 'Inbound external' }).check()
  await settle(page)
  await accessible(page, 'the form of a SIP account')
  await shot(page, 'line-new')
  await form.getByRole('button', { name: 'Save' }).click()
  await form.locator('[data-path="sip_account.username"][aria-invalid]').waitFor()
  await form.getByRole('textbox', { name: 'SIP user name' }).fill('lea-desk')
  await form.getByRole('button', { name: 'Save' }).click()
  const secret = page.getByRole('dialog', { name: 'Sign-in of Desk' })
  await secret.getByText('not shown again').waitFor()
  await settle(page)
  await accessible(page, 'a password that is shown once')
  await shot(page, 'line-secret')
  await secret.getByRole('button', { name: 'Close' }).last().click()
  await row(page, 'lea-desk').waitFor()
  const [desk] = (await api('GET', '/contact-methods?label=Desk')).items
  assert.deepEqual([desk.user_id, desk.sip_account.codecs, desk.inbound.did_numbers, desk.outbound.caller_ids, desk.outbound.external_enabled, desk.recording.inbound_external], ['lea', ['PCMA'], ['+40215550182'], ['+40215550182'], true, true])

  // A change keeps what it does not name, its number most of all.
  await act(page, 'Desk', 'Edit…')
  await form.getByRole('textbox', { name: 'Label' }).fill('Office')
  await form.getByRole('button', { name: 'Save' }).click()
  await row(page, 'Office').getByText('+40215550182').waitFor()

  for (const [kind, fill, want] of [
    ['PSTN forwarding', [['Number', '+40745550100']], '+40745550100'],
    ['SIP forwarding', [['User name', 'lea'], ['Domain', 'sip.example.org']], 'lea@sip.example.org'],
    ['Email address', [['Email address', 'box@example.com']], 'box@example.com'],
  ]) {
    await page.getByRole('button', { name: 'Add contact method' }).click()
    await pick(page, form.getByRole('combobox', { name: 'Kind' }), kind)
    for (const [name, value] of fill) await form.getByRole('textbox', { name, exact: false }).first().fill(value)
    if (kind === 'PSTN forwarding') await form.getByRole('switch', { name: 'Allow transfer' }).check()
    await form.getByRole('button', { name: 'Save' }).click()
    await row(page, want).first().waitFor()
  }
  const [away] = (await api('GET', '/contact-methods?user_id=lea&kind=pstn_forwarding')).items
  assert.deepEqual([away.pstn_forwarding.number, away.pstn_forwarding.allow_transfer], ['+40745550100', true])
  await accessible(page, 'the contact methods')
  await shot(page, 'lines')
  await act(page, 'PSTN forwarding +40745550100', 'Delete…')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await row(page, '+40745550100').waitFor({ state: 'detached' })
}

export async function invitation(t) {
  const { api } = t.exchange
  const page = await pageAt(t, '/users')
  await page.getByRole('button', { name: 'Actions for Tom Thorn' }).click()
  await page.getByRole('menuitem', { name: /Send invitation/ }).getByText('no valid email').waitFor()
  await settle(page)
  await accessible(page, 'the actions of a user')
  await shot(page, 'user-actions')
  await page.keyboard.press('Escape')
  await act(page, 'Lea Lind', 'Send invitation…')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Send' }).click()
  await dialog.getByRole('img', { name: 'QR code' }).waitFor()
  assert.match(await dialog.locator('code').innerText(), /^\w{4}-\w{4}-\w{4}$/)
  assert.ok(await dialog.getByRole('img', { name: 'QR code' }).evaluate((i) => i.complete && i.naturalWidth > 0), 'the QR code is not drawn')
  await settle(page)
  await accessible(page, 'an invitation')
  await shot(page, 'invitation')
  const code = await dialog.locator('code').innerText()
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await page.getByRole('button', { name: 'Actions for Lea Lind' }).click()
  await page.getByRole('menuitem', { name: 'Resend invitation…' }).waitFor()
  await page.keyboard.press('Escape')

  // Another browser opens the link that was sent: it says what to do. An app takes
  // the code there, once, and registers with what it is given.
  const stranger = await (await t.open()).newPage()
  await stranger.goto(`/a/${code}`)
  await stranger.getByRole('heading', { name: 'Your telephone app' }).waitFor()
  await stranger.getByText(code).waitFor()
  await accessible(stranger, 'the page of an invitation')
  await shot(stranger, 'invitation-opened')
  const activate = () => stranger.request.post('/api/v1/app-devices/activate', { data: { code, os: 'Android 16', app_version: '3.1.4', name: 'Lea’s phone' } })
  const { sip: given } = await (await activate()).json()
  assert.ok(!(await activate()).ok(), 'a code was good twice')
  await stranger.reload()
  assert.equal(await stranger.getByText(code).count(), 0)
  const app = await new Phone({ port: t.exchange.sip, user: given.user, username: given.username, password: given.password }).open()
  const registered = async () => (await api('GET', '/registrations')).items.length
  assert.equal(await registered(), 1)

  // The device is there; who removes it ends its registration.
  await page.goto('/app-devices')
  await row(page, 'Lea’s phone').getByText('Lea Lind').waitFor()
  assert.match(await row(page, 'Lea’s phone').innerText(), /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/)
  await accessible(page, 'the app devices')
  await shot(page, 'app-devices')
  await page.getByRole('textbox', { name: 'Operating system' }).fill('ios')
  await page.getByText('Nothing matches').waitFor()
  await page.getByRole('button', { name: 'Clear filters' }).first().click()
  await act(page, 'Lea’s phone', 'Remove…')
  await page.getByRole('dialog').getByText('new invitation').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await page.getByText('No app devices yet').waitFor()
  assert.equal(await registered(), 0)
  app.close()
  await accessible(page, 'no app devices')
  await shot(page, 'app-devices-none')
}

export async function phones(t) {
  const { api } = t.exchange
  const page = await pageAt(t, '/phones')
  await accessible(page, 'no desk phones')
  await page.getByRole('button', { name: 'Add phone' }).first().click()
  const form = page.getByRole('dialog')
  await form.getByRole('textbox', { name: 'Hardware address' }).fill('00:15:65')
  await form.getByRole('textbox', { name: 'Label' }).fill('Reception')
  await form.getByRole('combobox', { name: 'User' }).fill('ash')
  await page.getByRole('option', { name: /Anna Ash/ }).click()
  await form.getByRole('combobox', { name: 'Contact method' }).click()
  await page.getByRole('option').first().click()
  await form.getByRole('button', { name: 'Add this line' }).click()
  await form.getByText('1. Anna Ash').waitFor()
  await settle(page)
  await accessible(page, 'the form of a phone')
  await shot(page, 'phone-new')
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByText(/12 hexadecimal digits/).waitFor()
  await form.getByRole('textbox', { name: 'Hardware address' }).fill('00:15:65:AB:CD:EF')
  await form.getByRole('button', { name: 'Save' }).click()
  const address = page.getByRole('dialog', { name: 'Where Reception fetches' })
  const first = await address.locator('pre').innerText()
  assert.match(first, /^http:.*\/p\/\w+\/$/)
  await settle(page)
  await accessible(page, 'the address of a phone')
  await address.getByRole('button', { name: 'Close' }).last().click()
  await row(page, 'Reception').getByText('Anna Ash').waitFor()
  await shot(page, 'phones')
  await act(page, 'Reception', 'Fetch its configuration now')
  await page.getByRole('alert').getByText('Reception is not registered').waitFor()
  await accessible(page, 'a phone that cannot be asked')
  await act(page, 'Reception', 'New provisioning address…')
  await page.getByRole('dialog').getByRole('button', { name: 'New address' }).click()
  await address.waitFor()
  assert.notEqual(await address.locator('pre').innerText(), first)
  await address.getByRole('button', { name: 'Close' }).last().click()
  await page.getByRole('button', { name: 'Redirect list' }).click()
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Yealink' }).click()])
  assert.match(await readFile(await file.path(), 'utf8'), /001565abcdef/)

  // The same from the side of who has the line.
  const [reception] = (await api('GET', '/devices')).items
  const [held] = reception.lines
  const line = await api('GET', `/contact-methods/${held.contact_method_id}`)
  const lines = async () => (await api('GET', `/devices/${reception.id}`)).lines
  await page.goto(`/users/${line.user_id}/lines`)
  await act(page, line.label || `SIP account ${line.sip_account.username}`, 'Desk phones…')
  const desks = page.getByRole('dialog')
  await desks.getByRole('link', { name: 'Reception' }).waitFor()
  await settle(page)
  await accessible(page, 'the phones of a line')
  await shot(page, 'line-phones')
  await desks.getByRole('button', { name: 'Take off Reception' }).click()
  await desks.getByText('No desk phone has it yet').waitFor()
  assert.deepEqual(await lines(), [])
  await pick(page, desks.getByRole('combobox', { name: 'Desk phone' }), 'Reception')
  await desks.getByRole('button', { name: 'Put on it' }).click()
  await desks.getByRole('link', { name: 'Reception' }).waitFor()
  assert.deepEqual(await lines(), [held])
  await page.goto('/phones')
  await act(page, 'Reception', 'Delete…')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText('No desk phones yet').waitFor()
  assert.equal((await api('GET', '/devices')).items.length, 0)
}

export async function tokens(t) {
  const { exchange } = t
  const page = await pageAt(t, '/tokens')
  await page.getByRole('button', { name: 'Create token' }).first().click()
  const form = page.getByRole('dialog')
  await form.getByRole('textbox', { name: 'Label' }).fill('Wallboard')
  await form.getByLabel('Expires').fill('2020-01-01')
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByText('is in the past').waitFor()
  await form.getByLabel('Expires').fill('2099-01-01')
  await pick(page, form.getByRole('combobox', { name: 'Role' }), 'User')
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByText('Missing').waitFor()
  await form.getByRole('combobox', { name: 'User' }).fill('lind')
  await page.getByRole('option', { name: /Lea Lind/ }).click()
  await settle(page)
  await accessible(page, 'the form of a token')
  await form.getByRole('button', { name: 'Save' }).click()
  const secret = page.getByRole('dialog', { name: 'Token Wallboard' })
  const text = await secret.locator('pre').innerText()
  const ask = () => fetch(`${exchange.url}/api/v1/me`, { headers: { Authorization: `Bearer ${text}` } })
  assert.equal((await ask()).status, 200)
  await settle(page)
  await accessible(page, 'a token that is shown once')
  await shot(page, 'token-secret')
  await secret.getByRole('button', { name: 'Close' }).last().click()
  await row(page, 'Wallboard').getByText('Lea Lind').waitFor()
  await accessible(page, 'the tokens')
  await shot(page, 'tokens')
  await act(page, 'Wallboard', 'Revoke…')
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await row(page, 'Wallboard').waitFor({ state: 'detached' })
  assert.equal((await ask()).status, 401)
}

export async function onAPhone(t) {
  const page = await pageAt(t, '/trunks', { viewport: { width: 390, height: 800 }, hasTouch: true, colorScheme: 'dark' })
  await page.getByText('Northern').first().waitFor()
  await fits(page, 'the list of trunks')
  await accessible(page, 'trunks on a phone')
  await shot(page, 'trunks-phone')
  for (const path of ['/numbers', '/internal-numbers', '/phones', '/feature-codes', '/tokens', '/app-devices', '/users/lea/lines']) {
    await page.goto(path)
    await page.getByRole('status').filter({ hasText: /\d/ }).first().waitFor()
    await fits(page, path)
    await accessible(page, `${path} on a phone`)
    await shot(page, `phone${path.replaceAll('/', '-')}`)
  }
  await page.getByRole('button', { name: 'Add contact method' }).first().click()
  await page.getByRole('dialog').getByRole('textbox', { name: 'SIP user name' }).waitFor()
  await settle(page)
  await fits(page, 'the form of a contact method')
  await shot(page, 'phone-line-new')
}
