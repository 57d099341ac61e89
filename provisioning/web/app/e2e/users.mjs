// What an administrator does with users, before a real exchange.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { accessible, shot } from './exchange.mjs'
import { coloured, fits, openPage, row } from './page.mjs'

const people = [
  { id: 'anna', first_name: 'Anna', last_name: 'Berg', email: 'anna@example.com', job_title: 'Team Lead', department: 'Customer Care', time_schedule_id: 'office', crm_user_id: 'CRM-7', role: 'admin', application_line: { id: 'anna-app' } },
  { id: 'ion', first_name: 'Ion', last_name: 'Albu', email: 'ion@example.com', job_title: 'Engineer', department: 'Research' },
  { id: 'maria', first_name: 'María', last_name: 'Ñandú', department: 'Customer Care' },
]

async function site({ api }) {
  await api('POST', '/time-schedules', { id: 'office', name: 'Office hours', ranges: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '17:00' }] })
  for (const p of people) await api('POST', '/users', p)
  await api('POST', '/call-flows', { id: 'front', name: 'Front desk', entry: 'a', nodes: [{ id: 'a', type: 'user', settings: { user_id: 'anna' } }] })
}

let made = false
async function usersPage(t, options) {
  if (!made) await site(t.exchange)
  made = true
  const page = await openPage(t, '/users', options)
  await page.getByText('Berg').first().waitFor()
  return page
}

export async function look(t) {
  const page = await usersPage(t)
  await accessible(page, 'the list of users')
  await shot(page, 'users-light')
  await coloured(page, 'dark')
  await accessible(page, 'the list of users in the dark')
  await shot(page, 'users-dark')
}

export async function filter(t) {
  const page = await usersPage(t)
  await page.keyboard.press('/')
  await page.keyboard.type('berg a')
  await row(page, 'Albu').waitFor({ state: 'detached' })
  assert.equal(await row(page, 'anna@example.com').count(), 1)
  assert.match(page.url(), /full_name=berg\+a/)
  await page.keyboard.press('Escape')
  await row(page, 'Albu').waitFor()
  await page.getByRole('textbox', { name: 'Department', exact: true }).fill('care')
  await row(page, 'Albu').waitFor({ state: 'detached' })
  assert.equal(await row(page, 'Customer Care').count(), 2)
  await page.getByRole('combobox', { name: 'Call flow' }).click()
  await page.getByRole('option', { name: 'Front desk' }).click()
  await row(page, 'Ñandú').waitFor({ state: 'detached' })
  await page.reload() // the address has the filters
  await row(page, 'anna@example.com').waitFor()
  assert.equal(await row(page, 'Customer Care').count(), 1)
  await page.getByRole('textbox', { name: 'Full name' }).fill('nobody at all')
  await page.getByText('Nobody matches').waitFor()
  await accessible(page, 'a list without anybody')
  await page.getByRole('button', { name: 'Clear filters' }).first().click()
  await row(page, 'Albu').waitFor()
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download CSV' }).click()])
  const csv = await readFile(await download.path(), 'utf8')
  assert.match(csv, /^id,created_at,.*\n/)
  assert.match(csv, /Ñandú/)
}

export async function editInPlace(t) {
  const { exchange } = t
  const page = await usersPage(t)
  await row(page, 'Albu').getByText('Engineer').dblclick()
  const cell = page.getByLabel('Edit Job title of Ion Albu')
  await cell.fill('Chief Engineer')
  await cell.press('Enter')
  await row(page, 'Albu').getByText('Chief Engineer').waitFor()
  assert.equal((await exchange.api('GET', '/users/ion')).job_title, 'Chief Engineer')

  // Esc leaves everything as it was.
  await row(page, 'Albu').getByRole('button', { name: 'Edit Department of Ion Albu' }).click()
  await page.getByRole('textbox', { name: 'Edit Department of Ion Albu' }).fill('Nowhere')
  await page.keyboard.press('Escape')
  await row(page, 'Albu').getByText('Research').waitFor()
  assert.equal((await exchange.api('GET', '/users/ion')).department, 'Research')

  // What the exchange refuses stands beside the cell, and the text stays.
  await row(page, 'Albu').getByText('ion@example.com').dblclick()
  const email = page.getByRole('textbox', { name: 'Edit Email of Ion Albu' })
  await email.fill('no address')
  await email.press('Enter')
  await page.getByText(/address/).last().waitFor()
  assert.equal(await email.inputValue(), 'no address')
  await shot(page, 'users-refused')
  await accessible(page, 'a cell that was refused')
  await email.press('Escape')

  // An offered choice is saved as it is made.
  await row(page, 'Albu').getByRole('button', { name: 'Edit Time schedule of Ion Albu' }).click()
  await page.getByRole('option', { name: 'Office hours' }).click()
  await row(page, 'Albu').getByText('Office hours').waitFor()
  assert.equal((await exchange.api('GET', '/users/ion')).time_schedule_id, 'office')
}

export async function changedMeanwhile(t) {
  const { exchange } = t
  const page = await usersPage(t)
  await row(page, 'Ñandú').getByText('Customer Care').dblclick()
  const cell = page.getByRole('textbox', { name: 'Edit Department of María Ñandú' })
  await cell.fill('Mine')
  await exchange.api('PATCH', '/users/maria', { department: 'Theirs', job_title: 'Agent' })
  await cell.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Changed meanwhile' })
  await dialog.getByRole('cell', { name: 'Theirs', exact: true }).waitFor()
  await dialog.getByText(/^Saved meanwhile by token /).waitFor()
  await page.waitForTimeout(300) // the dialog has faded in
  await accessible(page, 'two versions')
  await shot(page, 'users-conflict')
  await dialog.getByRole('button', { name: 'Save mine' }).click()
  await row(page, 'Ñandú').getByText('Mine').waitFor()
  const now = await exchange.api('GET', '/users/maria')
  assert.deepEqual([now.department, now.job_title], ['Mine', 'Agent'])
  await exchange.api('PATCH', '/users/maria', { department: 'Customer Care' })
}

export async function create(t) {
  const { exchange } = t
  const page = await usersPage(t)
  await page.getByRole('button', { name: 'Add user' }).click()
  const form = page.getByRole('dialog')
  await form.getByRole('button', { name: 'Save' }).click()
  assert.equal(await form.getByText('Missing').count(), 2)
  await form.getByLabel('First name').fill('Zoe')
  await form.getByLabel('Last name').fill('Zamfir')
  await form.getByLabel('Email').fill('zoe')
  await form.getByLabel('Department').fill('Sales')
  await form.getByRole('button', { name: 'Generate' }).click()
  await form.getByText('Copy it now').waitFor()
  await form.getByRole('switch', { name: 'Change the password at the next login' }).check()
  await form.getByRole('switch', { name: 'Configure application line' }).check()
  await accessible(page, 'the form of a new user')
  await shot(page, 'user-new')
  await form.getByRole('button', { name: 'Next' }).click()
  await form.getByLabel('Internal numbers').fill('777')
  await page.keyboard.press('Enter')
  await form.getByText('Always', { exact: true }).click()
  await accessible(page, 'the form of a new line')
  await shot(page, 'user-new-line')
  await form.getByRole('button', { name: 'Save' }).click()
  // The address is refused; the form goes back to it and has kept all else.
  await form.getByLabel('Email').waitFor()
  assert.equal(await form.getByLabel('Department').inputValue(), 'Sales')
  await form.getByLabel('Email').fill('zoe@example.com')
  await form.getByRole('button', { name: 'Next' }).click()
  await form.getByRole('button', { name: 'Save' }).click()
  await row(page, 'Zamfir').getByText('777').waitFor()
  const [zoe] = (await exchange.api('GET', '/users?last_name=Zamfir')).items
  assert.deepEqual([zoe.extension, zoe.password_change_required], ['777', true])
  const [line] = (await exchange.api('GET', `/contact-methods?user_id=${zoe.id}`)).items
  assert.deepEqual([line.kind, line.outbound.external_enabled, line.recording.outbound_external], ['app', true, true])
}

export async function change(t) {
  const { exchange } = t
  const page = await usersPage(t)
  await exchange.api('PATCH', '/users/ion', { language: 'pt-BR' })
  await page.reload()
  await page.getByRole('button', { name: 'Actions for Ion Albu' }).click()
  await page.getByRole('menuitem', { name: 'Call forwarding…' }).click()
  const form = page.getByRole('dialog')
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-path') === 'forward.number')
  await form.getByLabel('Forward to').fill('+40745550100')
  await form.getByRole('switch', { name: 'Forward calls' }).check()
  await form.getByRole('combobox', { name: 'Language' }).click()
  assert.deepEqual(await page.getByRole('option').allTextContents(), ['English', 'Deutsch', 'Español', 'pt-BR'])
  await page.getByRole('option', { name: 'Español' }).click()
  await page.waitForTimeout(300)
  await accessible(page, 'the form of a user')
  await shot(page, 'user-edit')
  await form.getByRole('button', { name: 'Save' }).click()
  await form.waitFor({ state: 'detached' })
  const ion = await exchange.api('GET', '/users/ion')
  assert.deepEqual([ion.forward, ion.language], [{ number: '+40745550100', enabled: true }, 'es'])
}

// A red square of 4 pixels a side.
const picture = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAEElEQVR4nGP4z8AARwzEcQCukw/x0F8jngAAAABJRU5ErkJggg==', 'base64')

export async function photo(t) {
  const { exchange } = t
  const page = await usersPage(t)
  await page.getByRole('button', { name: 'Actions for Ion Albu' }).click()
  await page.getByRole('menuitem', { name: 'Edit user' }).click()
  const form = page.getByRole('dialog')
  const field = form.getByRole('group', { name: 'Photo' })
  const choose = field.locator('input[type=file]')
  await choose.setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: Buffer.from('<svg onload="alert(1)"/>') })
  await field.getByRole('alert').getByText('want a JPEG, PNG or WebP picture').waitFor()
  assert.equal((await exchange.api('GET', '/users/ion')).photo, '')
  await choose.setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: picture })
  await field.getByRole('img', { name: 'Photo of Ion Albu' }).waitFor()
  const version = (await exchange.api('GET', '/users/ion')).photo
  assert.notEqual(version, '')
  const shown = await field.locator('img').evaluate(async (img) => { await img.decode(); return [img.naturalWidth, new URL(img.src).search] })
  assert.deepEqual(shown, [4, `?v=${version}`])
  await page.waitForTimeout(300)
  await accessible(page, 'the form of a user with a photo')
  await shot(page, 'user-photo')
  // Another one is dropped there.
  const dropped = page.waitForResponse((r) => r.request().method() === 'PUT' && r.url().endsWith('/photo') && r.ok())
  await field.evaluate((node, base64) => {
    const data = new DataTransfer()
    data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], 'drop.png', { type: 'image/png' }))
    node.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }))
  }, picture.toString('base64'))
  await dropped
  await page.keyboard.press('Escape')
  // The list shows it, and asks for rows once.
  const asked = []
  page.on('request', (r) => asked.push(new URL(r.url())))
  await page.reload()
  await row(page, 'Albu').locator('img').waitFor()
  // The page before may still have asked for its own, until the new one's first script.
  const fresh = asked.slice(asked.findLastIndex((u) => u.pathname === '/scheme.js'))
  assert.equal(fresh.filter((u) => u.pathname === '/api/v1/users').length, 1, asked.map((u) => u.pathname + u.search).join(' '))
  await shot(page, 'users-photo')
  await page.getByRole('button', { name: 'Actions for Ion Albu' }).click()
  await page.getByRole('menuitem', { name: 'Edit user' }).click()
  await field.getByRole('button', { name: 'Remove' }).click()
  await field.getByRole('button', { name: 'Remove' }).waitFor({ state: 'detached' })
  assert.equal((await exchange.api('GET', '/users/ion')).photo, '')
}

export async function waysToSignIn(t) {
  const { exchange } = t
  const page = await usersPage(t)
  const invitation = await exchange.api('POST', '/users/anna/invitation').catch(() => null)
  if (invitation) await exchange.api('POST', '/app-devices/activate', { code: invitation.code, name: 'Pixel', os: 'Android 17', app_version: '1.2' })
  // What an exchange answers of somebody with a key, an app and an account.
  let kept = { password: true, totp: true, recovery_codes: 7, passkeys: [{ id: 'k1', name: 'Blue key', host: 'pbx.example', created_at: '2026-05-01T10:00:00Z', used_at: '2026-11-20T08:30:00Z' }], openid: { issuer: 'https://id.example.com', since: '2026-06-01T00:00:00Z' } }
  const gone = []
  await page.route('**/api/v1/users/anna/{sign-in,totp,openid,passkeys/*}', (route) => {
    const request = route.request()
    if (request.method() === 'GET') return route.fulfill({ json: kept })
    const what = new URL(request.url()).pathname.split('/anna/')[1]
    gone.push(what)
    kept = { ...kept, ...(what === 'totp' && { totp: false }), ...(what === 'openid' && { openid: undefined }), ...(what.startsWith('passkeys/') && { passkeys: [] }) }
    return route.fulfill({ status: 204 })
  })
  await page.goto('/users?id=anna') // as other pages link to it
  const form = page.getByRole('dialog', { name: /Anna Berg/ })
  const ways = form.getByRole('group', { name: 'Ways to sign in' })
  await ways.getByText('Blue key').scrollIntoViewIfNeeded()
  await page.waitForTimeout(300)
  await accessible(page, 'the ways to sign in')
  await shot(page, 'user-sign-in')
  for (const [act, yes, means] of [['Remove passkey Blue key', 'Remove', 'It signs nobody in any more.'], ['Stop asking for codes', 'Stop asking', 'signs in with the password alone'], ['Unlink', 'Unlink', 'The next account of the provider']]) {
    await ways.getByRole('button', { name: act }).click()
    const ask = page.getByRole('dialog').filter({ hasText: means })
    await ask.getByText(means).waitFor()
    await ask.getByRole('button', { name: yes, exact: true }).click()
    await ask.waitFor({ state: 'detached' })
  }
  await ways.getByText('None linked').waitFor()
  assert.deepEqual(gone, ['passkeys/k1', 'totp', 'openid'])
  await page.unroute('**/api/v1/users/anna/{sign-in,totp,openid,passkeys/*}')
  await page.reload()
  await ways.getByText('None: nobody signs in with one').waitFor() // as she is before the exchange itself
  if (invitation) {
    const apps = form.getByRole('group', { name: 'Apps' })
    await apps.getByText('Android 17 1.2').waitFor()
    await apps.getByText('not connected').waitFor()
    await apps.getByRole('button', { name: 'Remove Pixel' }).click()
    await page.getByRole('dialog').last().getByRole('button', { name: /Remove/ }).click()
    await apps.getByText('No app is activated').waitFor()
    assert.deepEqual((await exchange.api('GET', '/app-devices?user_id=anna')).items, [])
  }
}

// Links from other pages name a record in the address.
export async function linked(t) {
  const { exchange } = t
  const page = await usersPage(t)
  await page.goto('/users?id=ion')
  const form = page.getByRole('dialog', { name: /Ion Albu/ })
  await form.waitFor()
  await form.getByRole('button', { name: 'Cancel' }).click()
  await form.waitFor({ state: 'detached' })
  assert.equal(new URL(page.url()).search, '')
  await page.goto('/users?id=nobody')
  await page.getByRole('alert').getByText('no such user').waitFor()
  const [trunk] = (await exchange.api('GET', '/trunks')).items
  await page.goto(`/trunks?id=${trunk.id}`)
  await page.getByRole('dialog').getByLabel('Name').first().waitFor()
  await page.reload() // the address still has it
  await page.getByRole('dialog').getByLabel('Name').first().waitFor()
}

export async function remove(t) {
  const { exchange } = t
  const page = await usersPage(t)
  await exchange.api('POST', '/users', { id: 'gone', first_name: 'Gone', last_name: 'Tomorrow', application_line: {} })
  await page.reload()
  await page.getByRole('button', { name: 'Actions for Gone Tomorrow' }).click()
  await page.getByRole('menuitem', { name: 'Delete user…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('the apps are signed out and need a new code').waitFor()
  await page.waitForTimeout(300)
  await accessible(page, 'what goes with a user')
  await shot(page, 'user-delete')
  const submit = dialog.getByRole('button', { name: 'Delete', exact: true })
  assert.equal(await submit.isDisabled(), true)
  await dialog.getByText('I am aware that by deleting').click()
  await submit.click()
  await row(page, 'Tomorrow').waitFor({ state: 'detached' })
  await assert.rejects(exchange.api('GET', '/users/gone'), /404/)
}

export async function onAPhone(t) {
  const page = await usersPage(t, { viewport: { width: 400, height: 800 }, hasTouch: true })
  fits(page, 'the list')
  await accessible(page, 'users on a phone')
  await shot(page, 'users-phone')
  await page.getByRole('button', { name: 'Filters' }).click()
  await page.getByRole('textbox', { name: 'Full name' }).fill('berg')
  await page.getByText('Ion Albu').waitFor({ state: 'detached' })
  await shot(page, 'users-phone-filter')
  await page.getByRole('button', { name: 'Add user' }).click()
  await page.getByLabel('First name').waitFor()
  await page.waitForTimeout(300)
  fits(page, 'the form')
  await shot(page, 'user-new-phone')
}

export async function directNumber(t) {
  const { exchange } = t
  const page = await usersPage(t)
  const [trunk] = (await exchange.api('GET', '/trunks')).items
  // One that nobody has, one of somebody, and the company's: the first alone is offered.
  const { main_number: main } = await exchange.api('GET', '/organizations/default')
  assert.match(main, /^\+\d+$/)
  await exchange.api('POST', '/numbers', { e164: '+40215550177', trunk_id: trunk.id })
  await exchange.api('POST', '/numbers', { e164: '+40215550178', trunk_id: trunk.id, owner: { kind: 'user', id: 'ion' } })
  await page.getByRole('button', { name: 'Assign a direct number to María Ñandú' }).click()
  await page.getByRole('menuitem', { name: '+40215550177' }).waitFor()
  await page.waitForTimeout(300)
  await accessible(page, 'the numbers that nobody has')
  const offered = await page.getByRole('menuitem', { name: /^\+/ }).allInnerTexts()
  assert.equal(offered.includes('+40215550178') || offered.includes(main), false, `${offered} are offered`)
  await page.getByRole('menuitem', { name: '+40215550177' }).click()
  await row(page, 'Ñandú').getByText('+40215550177').waitFor()
  assert.equal((await exchange.api('GET', '/users/maria')).direct_number, '+40215550177')

  // The next free one, whichever that is; and none when none is free.
  await exchange.api('POST', '/numbers', { e164: '+40215550179', trunk_id: trunk.id })
  const free = (await exchange.api('GET', '/numbers?owner.kind=none&limit=1000')).items.map((n) => n.e164).sort()
  await page.getByRole('button', { name: 'Edit Direct number of María Ñandú' }).click()
  await page.getByRole('menuitem', { name: 'Next free number' }).click()
  await row(page, 'Ñandú').getByText(free[0]).waitFor()
  assert.equal((await exchange.api('GET', '/users/maria')).direct_number, free[0])
}

export async function paging(t) {
  const { exchange } = t
  for (let i = 0; i < 60; i++) await exchange.api('POST', '/users', { first_name: 'Ina', last_name: `zzz ${String(i).padStart(2, '0')}` })
  const page = await usersPage(t)
  await page.getByText('Page 1').waitFor()
  await page.getByText('50+ users').waitFor()
  await page.getByRole('button', { name: 'Next page' }).click()
  await row(page, 'zzz 59').waitFor()
  assert.equal(await row(page, 'Albu').count(), 0)
  await page.reload() // the address has the page
  await row(page, 'zzz 59').waitFor()
  await page.goBack()
  await row(page, 'Albu').waitFor()
  await page.goForward()
  await row(page, 'zzz 59').waitFor()
  assert.equal(await page.getByRole('button', { name: 'Next page' }).isDisabled(), true)
  await page.getByRole('button', { name: 'Previous page' }).click()
  await row(page, 'Albu').waitFor()
}

export async function sorted(t) {
  const { exchange } = t
  const page = await usersPage(t)
  const head = (name) => page.getByRole('columnheader', { name, exact: true })
  const names = async () => (await page.getByRole('row').filter({ has: page.getByRole('cell') }).allTextContents())
  const shown = async (query) => {
    const { items } = await exchange.api('GET', `/users?limit=50${query}`)
    await page.waitForFunction((want) => {
      const rows = [...document.querySelectorAll('tbody tr')].map((r) => r.textContent)
      return rows.length === want.length && want.every((name, i) => rows[i].includes(name))
    }, items.map((u) => u.last_name))
    return (await names()).length
  }
  assert.equal(await head('Last name').getAttribute('aria-sort'), 'ascending')
  await head('Extension').getByRole('button').focus()
  await page.keyboard.press('Enter')
  await page.waitForURL(/sort=extension/)
  await shown('&sort=extension')
  assert.equal(await head('Extension').getAttribute('aria-sort'), 'ascending')
  assert.equal(await head('Last name').getAttribute('aria-sort'), null)
  await page.keyboard.press('Enter')
  await page.waitForURL(/sort=-extension/)
  assert.equal(await shown('&sort=-extension'), 50)
  assert.equal(await head('Extension').getAttribute('aria-sort'), 'descending')
  await accessible(page, 'a sorted list')
  await shot(page, 'users-sorted')
  await coloured(page, 'dark')
  await accessible(page, 'a sorted list in the dark')
  await shot(page, 'users-sorted-dark')
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download CSV' }).click()])
  const ids = (await readFile(await download.path(), 'utf8')).trim().split('\n').slice(1).map((line) => line.split(',')[0])
  assert.deepEqual(ids, (await exchange.api('GET', '/users?limit=1000&sort=-extension')).items.map((u) => u.id))

  // A page of it, which the address has; another order begins with its first.
  await page.getByRole('button', { name: 'Next page' }).click()
  await page.getByText('Page 2').waitFor()
  assert.match(page.url(), /sort=-extension&cursor=/)
  await page.reload()
  await row(page, 'zzz 59').waitFor()
  assert.equal(await head('Extension').getAttribute('aria-sort'), 'descending')
  await head('Last name').getByRole('button').click()
  await page.getByText('Page 1').waitFor()
  await shown('')
  assert.equal(new URL(page.url()).search, '')
  await page.goBack()
  await page.getByText('Page 2').waitFor()
  await row(page, 'zzz 59').waitFor()

  // What one looks for stays, and the order with it.
  await page.getByRole('textbox', { name: 'Full name' }).fill('zzz 0')
  await page.waitForURL(/full_name=zzz\+0&sort=-extension$/)
  await shown('&full_name=zzz+0&sort=-extension')
}

export async function sortedOnAPhone(t) {
  const page = await usersPage(t, { viewport: { width: 400, height: 800 }, hasTouch: true })
  const cards = page.getByRole('list', { name: 'Users' }).getByRole('listitem')
  const by = page.getByRole('combobox', { name: 'Sort by' })
  assert.equal(await by.inputValue(), 'Last name')
  await by.click()
  await page.getByRole('option', { name: 'First name' }).click()
  await page.waitForURL(/sort=first_name/)
  await cards.first().getByText('Ada', { exact: false }).or(cards.first().getByText('Anna', { exact: false })).waitFor()
  const down = page.getByRole('button', { name: 'Descending' })
  assert.equal(await down.getAttribute('aria-pressed'), 'false')
  await down.click()
  await page.waitForURL(/sort=-first_name/)
  await cards.first().getByText('Zoe').waitFor()
  assert.equal(await down.getAttribute('aria-pressed'), 'true')
  fits(page, 'a sorted list')
  await accessible(page, 'a sorted list on a phone')
  await shot(page, 'users-sorted-phone')
}
