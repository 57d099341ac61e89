// A call flow from nothing to a number that leads into it, before a real exchange.
import assert from 'node:assert/strict'
import { accessible, shot } from './exchange.mjs'
import { act, coloured, fits, openPage, pick, row, settled } from './page.mjs'

async function looked(page, name) {
  await settled(page)
  await accessible(page, name)
  await shot(page, name)
  await coloured(page, 'dark')
  await accessible(page, `${name} in the dark`)
  await shot(page, `${name}-dark`)
  await coloured(page, 'light')
}

export async function draw(t) {
  const { api } = t.exchange
  await api('POST', '/time-schedules', { id: 'office', name: 'Office hours' })
  await api('POST', '/users', { id: 'anja', first_name: 'Anja', last_name: 'Auer', application_line: {} })
  await api('POST', '/users', { id: 'bert', first_name: 'Bert', last_name: 'Bohm', application_line: {} })
  const page = await openPage(t, '/call-flows')
  await page.getByText('No call flows yet').waitFor()
  await page.getByText('Stored; not in effect yet.').waitFor()
  await looked(page, 'flows-none')

  await page.getByRole('button', { name: 'Add call flow' }).first().click()
  const form = page.getByRole('dialog')
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByText('Missing').waitFor()
  await form.getByRole('textbox', { name: 'Name' }).fill('Main number')
  await form.getByRole('button', { name: 'Save' }).dblclick()
  await page.getByRole('heading', { level: 1, name: 'Main number' }).waitFor()
  const [made] = (await api('GET', '/call-flows')).items
  const stored = () => api('GET', `/call-flows/${made.id}`)

  // By keyboard: the first module, its schedule, and both ways on from it.
  const card = (name) => page.locator('svg.call-flow').getByRole('button', { name })
  await card(/^Time router/).press('Enter')
  await form.getByText('No time schedule is chosen.').waitFor()
  await pick(page, form.getByRole('combobox', { name: 'Time schedule' }), 'Office hours')
  await pick(page, form.getByRole('combobox', { name: 'open' }), 'New: Voice menu')
  await pick(page, form.getByRole('combobox', { name: 'closed' }), 'New: Voicemail')
  await form.getByRole('button', { name: 'Done' }).click()
  await form.waitFor({ state: 'detached' })
  await card(/^Voice menu/).press('Enter')
  await pick(page, form.getByRole('combobox', { name: '1', exact: true }), 'New: Ring group')
  await pick(page, form.getByRole('combobox', { name: 'wrong key' }), /Voice menu/)
  await looked(page, 'flow-module')
  await form.getByRole('button', { name: 'Done' }).click()
  await form.waitFor({ state: 'detached' })
  await card(/^Ring group/).press('Enter')
  await form.getByRole('textbox', { name: 'Name' }).fill('Sales')
  for (const who of ['Anja', 'Bert']) {
    await form.getByRole('combobox', { name: 'Add a user' }).fill(who)
    await page.getByRole('option', { name: who }).click()
  }
  await form.getByRole('textbox', { name: 'Seconds to ring' }).fill('soon')
  await pick(page, form.getByRole('combobox', { name: 'no answer' }), /^Voicemail/)
  await form.getByRole('button', { name: 'Done' }).click()
  await form.waitFor({ state: 'detached' })
  await page.getByText('Changes that are not saved').waitFor()

  // Refused: the module opens, its field says why, what was typed stays, nothing is saved.
  await page.getByRole('button', { name: 'Save' }).click()
  await form.getByText('"soon" must be a number').waitFor()
  assert.equal(await form.getByRole('textbox', { name: 'Seconds to ring' }).inputValue(), 'soon')
  assert.equal((await stored()).nodes.length, 1)
  await settled(page)
  await accessible(page, 'a module that was refused')
  await shot(page, 'flow-refused')
  await form.getByRole('textbox', { name: 'Seconds to ring' }).fill('20')
  await form.getByRole('button', { name: 'Done' }).click()
  await form.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved', { exact: true }).waitFor()
  await card(/Rings Anja Auer and Bert Bohm for 20 s/).waitFor()
  const nodes = (await stored()).nodes
  assert.deepEqual(nodes.map((n) => n.type), ['time_router', 'menu', 'voicemail', 'ring_group'])
  assert.deepEqual(nodes[3].settings, { user_ids: 'anja,bert', ring_s: '20' })
  assert.equal(nodes[1].exits.invalid, nodes[1].id)

  // What nobody reaches is said, and goes again.
  await page.getByRole('button', { name: 'Add module' }).click()
  await page.getByRole('menuitem', { name: 'Announcement' }).click()
  await form.getByText('No call comes here.').waitFor()
  await form.getByRole('button', { name: 'Done' }).click()
  await form.waitFor({ state: 'detached' })
  await page.getByRole('region', { name: 'Still to do' }).getByText('No call comes here.').waitFor()
  await looked(page, 'flow')
  await card(/^Announcement/).press('Enter')
  await form.getByRole('button', { name: 'Remove module' }).click()
  await form.waitFor({ state: 'detached' })
  assert.equal(await card(/^Announcement/).count(), 0)

  // Somebody else changes it meanwhile: other modules stay as they are, of the same ones one version is chosen.
  const rings = async (s) => {
    await card(/^Ring group. Sales/).press('Enter')
    await form.getByRole('textbox', { name: 'Seconds to ring' }).fill(s)
    await form.getByRole('button', { name: 'Done' }).click()
    await form.waitFor({ state: 'detached' })
  }
  const elsewhere = async (name, ring_s) => api('PATCH', `/call-flows/${made.id}`, { name, nodes: (await stored()).nodes.map((n) => (n.type === 'menu' ? { ...n, name: 'Choice' } : n.type === 'ring_group' ? { ...n, settings: { ...n.settings, ring_s } } : n)) })
  await page.getByRole('textbox', { name: 'Name' }).fill('Mine')
  await rings('25')
  await elsewhere('Theirs', '30')
  await page.getByRole('button', { name: 'Save' }).click()
  const clash = page.getByRole('dialog', { name: 'Changed meanwhile' })
  await row(clash, 'Seconds to ring').waitFor()
  assert.deepEqual(await row(clash, 'Seconds to ring').getByRole('cell').allInnerTexts(), ['25', '30'])
  await clash.getByText(/^Saved meanwhile by token /).waitFor()
  assert.equal(await clash.getByText('Choice').count(), 0, 'what only one of them changed is asked about')
  await clash.getByRole('group', { name: 'Module: Sales' }).getByRole('radio', { name: 'Keep theirs' }).check()
  await looked(page, 'flow-conflict')
  await clash.getByRole('button', { name: 'Back' }).click()
  await clash.waitFor({ state: 'detached' })
  assert.equal((await stored()).name, 'Theirs')
  await page.getByText('Changes that are not saved').waitFor()
  await page.getByRole('button', { name: 'Save' }).click()
  await clash.getByRole('group', { name: 'Module: Sales' }).getByRole('radio', { name: 'Keep theirs' }).check()
  await clash.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { level: 1, name: 'Mine' }).waitFor()
  await clash.waitFor({ state: 'detached' })
  const merged = await stored()
  assert.deepEqual([merged.name, merged.nodes.find((n) => n.type === 'menu').name, merged.nodes.find((n) => n.type === 'ring_group').settings.ring_s], ['Mine', 'Choice', '30'])

  // Who leaves by a link is asked first, and may stay.
  await page.getByRole('textbox', { name: 'Name' }).fill('Never saved')
  const leave = page.getByRole('dialog', { name: 'Leave without saving?' })
  await page.getByRole('link', { name: 'All call flows' }).click()
  await settled(page)
  await accessible(page, 'whether to leave')
  await shot(page, 'flow-leave')
  await leave.getByRole('button', { name: 'Stay here' }).click()
  await leave.waitFor({ state: 'detached' })
  assert.equal(await page.getByRole('textbox', { name: 'Name' }).inputValue(), 'Never saved')

  // By Back, too, each time; who stays has the page, its address and its text as before.
  for (const times of [1, 2]) {
    await page.goBack()
    await leave.getByRole('button', { name: 'Stay here' }).click()
    await leave.waitFor({ state: 'detached' })
    assert.equal(new URL(page.url()).pathname, `/call-flows/${made.id}`, `after Back, ${times}`)
    assert.equal(await page.getByRole('textbox', { name: 'Name' }).inputValue(), 'Never saved')
  }
  const entries = await page.evaluate(() => history.length)
  await page.evaluate(() => { history.back(); history.back() }) // who clicks twice is asked once
  await leave.getByRole('button', { name: 'Leave' }).click()
  await page.getByRole('heading', { level: 1, name: 'Call flows' }).waitFor()
  assert.deepEqual([new URL(page.url()).pathname, await page.evaluate(() => history.length)], ['/call-flows', entries])
  await page.goForward()
  await page.getByRole('heading', { level: 1, name: 'Mine' }).waitFor()
  await page.getByRole('textbox', { name: 'Name' }).fill('Never saved')
  await page.getByRole('navigation').getByRole('link', { name: 'Numbers', exact: true }).click()
  await leave.getByRole('button', { name: 'Leave' }).click()
  await page.getByRole('heading', { level: 1, name: 'Numbers' }).waitFor()
  assert.equal((await stored()).name, 'Mine')
}

export async function lead(t) {
  const { api } = t.exchange
  const [flow] = (await api('GET', '/call-flows')).items
  await api('PATCH', '/users/anja', { forward: { number: '+12025550188' } }) // nobody's yet
  await api('POST', '/numbers', { id: 'fl', e164: '+12025550188' })
  await api('POST', '/internal-numbers', { id: '7001', number: '7001', owner: { kind: 'call_flow', id: flow.id } })
  const page = await openPage(t, '/numbers')
  await page.getByRole('button', { name: '+12025550188', exact: true }).click()
  const form = page.getByRole('dialog')
  await pick(page, form.getByRole('combobox', { name: 'Assigned to' }), 'Call flow')
  await pick(page, form.getByRole('combobox', { name: 'Call flow' }), 'Mine')
  // A drawer with changes asks before its link leads away; Escape stays, and closes the question alone.
  await form.getByRole('link', { name: 'Open the call flow' }).click()
  const leave = page.getByRole('dialog', { name: 'Leave without saving?' })
  await settled(page)
  await accessible(page, 'whether to leave a drawer')
  await shot(page, 'drawer-leave')
  await page.keyboard.press('Escape')
  await leave.waitFor({ state: 'detached' })
  await form.getByRole('button', { name: 'Save' }).click()
  await form.waitFor({ state: 'detached' })
  await row(page, '+12025550188').getByRole('link', { name: 'Mine' }).click()
  await page.getByRole('heading', { level: 1, name: 'Mine' }).waitFor()
  await page.getByText('Calls to: +12025550188, 7001').waitFor()

  const phone = await openPage(t, `/call-flows/${flow.id}`, { viewport: { width: 390, height: 844 }, hasTouch: true })
  const list = phone.getByRole('list', { name: 'Modules' })
  await list.getByText('Rings Anja Auer and Bert Bohm for 30 s').waitFor()
  fits(phone, 'a flow')
  await looked(phone, 'flow-phone')
  await list.getByRole('button', { name: 'Sales' }).first().click()
  await settled(phone)
  await accessible(phone, 'a module on a phone')
  await shot(phone, 'flow-module-phone')

  await page.goto('/call-flows')
  const mine = row(page, 'Mine')
  await mine.getByText('+12025550188, 7001').waitFor()
  await mine.getByText('Anja Auer, Bert Bohm').waitFor()
  await page.getByRole('textbox', { name: 'Name' }).fill('nothing like it')
  await page.getByText('Nothing matches').waitFor()
  await page.getByRole('textbox', { name: 'Name' }).fill('min')
  await mine.waitFor()
  await looked(page, 'flows')

  const [line] = (await api('GET', '/contact-methods?user_id=bert')).items
  await api('PATCH', `/contact-methods/${line.id}`, { label: 'Desk', inbound: { when_unavailable: { action: 'forward', forward_to: '7001' } } })
  await act(page, 'Mine', 'Delete…')
  await form.getByText('belongs to nobody; calls to it are answered as not in use').waitFor()
  const leads = async (name) => form.getByRole('link', { name, exact: true }).getAttribute('href')
  assert.deepEqual([await leads('+12025550188'), await leads('Anja Auer'), await leads('Desk')], ['/numbers?id=fl', '/users?id=anja', `/users/bert/lines?id=${line.id}`])
  await settled(page)
  await accessible(page, 'the deletion of a flow')
  await shot(page, 'flow-delete')
  assert.equal(await form.getByRole('button', { name: 'Delete' }).isDisabled(), true)
  await form.getByRole('checkbox').check()
  await form.getByRole('button', { name: 'Delete' }).click()
  await mine.waitFor({ state: 'detached' })
  assert.equal((await api('GET', '/numbers/fl')).owner.kind, 'none')
  assert.equal((await api('GET', '/internal-numbers?number=7001')).items.length, 0)
}
