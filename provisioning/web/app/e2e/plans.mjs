// What users may have and what it costs, before a real exchange.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { accessible, shot } from './exchange.mjs'
import { act, fits, openPage, row } from './page.mjs'

async function pageAt(t, path, options) {
  const page = await openPage(t, path, options)
  await page.getByRole('status').filter({ hasText: /\d/ }).first().waitFor()
  return page
}

const settle = (page) => page.waitForTimeout(300) // it has faded in

export async function plans(t) {
  const { api } = t.exchange
  await api('POST', '/users', { id: 'lea', first_name: 'Lea', last_name: 'Lind' })
  const page = await pageAt(t, '/plans')
  await row(page, 'Basic').getByText(/used, no limit/).waitFor()
  await page.getByRole('button', { name: 'Add plan' }).click()
  const form = page.getByRole('dialog')
  await form.getByRole('textbox', { name: 'Name' }).fill('Gold')
  await form.getByRole('textbox', { name: 'Price' }).fill('cheap')
  await form.getByRole('textbox', { name: 'Seats' }).fill('2')
  await form.getByRole('switch', { name: 'Conference room' }).click({ force: true })
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByText(/an amount such as 12\.50/).waitFor() // refused, beside the field
  assert.equal(await form.getByRole('textbox', { name: 'Name' }).inputValue(), 'Gold')
  await form.getByRole('textbox', { name: 'Price' }).fill('19,90')
  for (const usual of ['Mobile app', 'Voicemail']) await form.getByRole('switch', { name: usual }).click({ force: true })
  await settle(page)
  await accessible(page, 'the form of a plan')
  await shot(page, 'plan-new')
  await form.getByRole('button', { name: 'Save' }).dblclick()
  await row(page, 'Gold').getByText('0 used, 2 free').waitFor()
  await row(page, 'Gold').getByText('19.90 EUR').waitFor()
  const gold = (await api('GET', '/plans?name=Gold')).items
  assert.deepEqual(gold.map((p) => [p.includes.conference_room, p.includes.hotdesking, p.includes.app]), [[true, false, true]])

  // The plan is offered to users at once.
  await page.goto('/users')
  await act(page, 'Lea Lind', 'Edit user')
  await page.getByRole('dialog').getByRole('combobox', { name: 'Plan' }).click()
  await page.getByRole('option', { name: 'Gold' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.goto('/plans')
  await row(page, 'Gold').getByText('1 used, 1 free').waitFor()
  await accessible(page, 'the plans')
  await shot(page, 'plans')
  await act(page, 'Gold', 'Delete…')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByText(/give them another one first/).first().waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()

  await page.getByRole('tab', { name: 'Billing events' }).click()
  await row(page, 'Lea Lind').getByText('Basic → Gold').waitFor()
  assert.equal(await page.getByRole('columnheader').first().getAttribute('aria-sort'), 'descending')
  await accessible(page, 'the billing events')
  await shot(page, 'billing')
  await page.getByLabel('From').fill('2099-01-01')
  await page.getByText('Nothing matches').waitFor()
  await page.getByLabel('From').fill('2020-01-01')
  await row(page, 'Lea Lind').first().waitFor()
  await page.getByRole('combobox', { name: 'User' }).fill('lind')
  await page.getByRole('option', { name: 'Lea Lind' }).click()
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download CSV' }).click()])
  assert.match(await readFile(await file.path(), 'utf8'), /lea.*gold|gold.*lea|Lea Lind/i)
}

export async function directory(t) {
  const { api } = t.exchange
  await api('POST', '/users', { first_name: 'Nina', last_name: 'Noor', department: 'Workshop', job_title: 'Foreman', application_line: {} })
  const page = await pageAt(t, '/directory')
  await page.getByRole('textbox', { name: 'Name' }).fill('noor nina')
  await page.getByRole('status').filter({ hasText: '1 person' }).waitFor()
  const line = row(page, 'Nina Noor')
  const { extension } = (await api('GET', '/users?full_name=noor')).items[0]
  assert.equal(await line.getByRole('link').getAttribute('href'), `tel:${extension}`)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await line.getByRole('button', { name: /^Copy the number/ }).click()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), extension)
  await page.getByRole('textbox', { name: 'Name' }).fill('')
  await page.getByRole('status').filter({ hasNotText: '1 person' }).first().waitFor()
  await settle(page)
  await accessible(page, 'the directory')
  await shot(page, 'directory')
}

export async function inactive(t) {
  // Everybody of the demo is new, so that nobody is inactive.
  await t.exchange.api('POST', '/users', { id: 'old', first_name: 'Olga', last_name: 'Old' })
  const page = await pageAt(t, '/inactive-users')
  await page.getByText('Nobody is inactive').waitFor()
  await accessible(page, 'no inactive users')
  await shot(page, 'inactive-none')
  // Old users are shown as the exchange would answer them.
  const old = { id: 'old', first_name: 'Olga', last_name: 'Old', last_seen: '2025-01-02', created_at: '2024-01-01T00:00:00Z', department: 'Sales', extension: '105', email: 'olga@example.com' }
  await page.route('**/api/v1/users?*', (route) => (new URL(route.request().url()).searchParams.get('last_seen_before') ? route.fulfill({ json: { items: [old] } }) : route.fallback()))
  await page.getByText('180 days').click()
  await row(page, 'Olga Old').getByText('2025-01-02').waitFor()
  await accessible(page, 'the inactive users')
  await shot(page, 'inactive')
  await act(page, 'Olga Old', 'Delete user…')
  await page.getByRole('dialog').getByText('Delete Olga Old?').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText('Olga Old was deleted').waitFor()
  assert.equal((await t.exchange.api('GET', '/users?id=old')).items.length, 0)
}

export async function onAPhone(t) {
  for (const path of ['/plans', '/plans/billing', '/inactive-users', '/directory']) {
    const page = await pageAt(t, path, { viewport: { width: 390, height: 800 }, hasTouch: true, colorScheme: 'dark' })
    fits(page, path)
    await accessible(page, `${path} on a phone`)
    await settle(page)
    await shot(page, `phone${path.replaceAll('/', '-')}`)
  }
}

// What calls do not do yet says so wherever it is set.
export async function notYet(t) {
  const { api } = t.exchange
  await api('POST', '/users', { id: 'nora', first_name: 'Nora', last_name: 'Nord' })
  await api('POST', '/contact-methods', { id: 'nora-out', user_id: 'nora', kind: 'pstn_forwarding', label: 'Outside', pstn_forwarding: { number: '+40745550177' } })
  await api('POST', '/contact-methods', { id: 'nora-desk', user_id: 'nora', kind: 'sip_account', label: 'Desk', sip_account: { username: 'nora-desk', password: 'secret-of-nora' } })
  await api('POST', '/trunks', { id: 'northern', name: 'Northern', host: '127.0.0.1', port: 9, addresses: ['192.0.2.10'] })
  for (const [path, who, action, fields] of [
    ['/users', 'Nora Nord', 'Edit user', [['switch', 'Forward calls'], ['textbox', 'Voicemail PIN'], ...['Web calls', 'Operator console', 'Fixed-mobile', 'Hotdesking'].map((f) => ['switch', f])]],
    ['/plans', 'Basic', 'Edit…', ['Web calls', 'Operator console', 'Fixed-mobile', 'Hotdesking', 'Conference room'].map((f) => ['switch', f])],
    ['/users/nora/lines', 'Outside', 'Edit…', [['switch', 'Who answers must press 1'], ['switch', 'Allow transfer']]],
    ['/users/nora/lines', 'Desk', 'Edit…', [['combobox', 'Encrypted media'], ['combobox', 'Internal announcement'], ['combobox', 'External announcement']]],
    ['/trunks', 'Northern', 'Edit…', [['combobox', 'Encrypted media']]],
  ]) {
    const page = await pageAt(t, path)
    await act(page, who, action)
    const form = page.getByRole('dialog')
    for (const [role, name] of fields) {
      const field = form.getByRole(role, { name }).first()
      await field.waitFor()
      const said = await field.evaluate((e) => (e.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' '))
      assert.match(said, /not in effect yet/i, `${who}: ${name}`)
    }
    await settle(page)
    await accessible(page, `the form of ${who}`)
    await shot(page, `not-yet-${who}`)
  }
}
