// What was changed, and the way back.
import assert from 'node:assert/strict'
import { accessible, shot } from './exchange.mjs'
import { coloured, fits, openPage } from './page.mjs'

let made = false
async function revisions(t, options) {
  const { exchange } = t
  if (!made) {
    await exchange.api('POST', '/users', { id: 'rev', first_name: 'Rea', last_name: 'Vision', login: 'rea', department: 'Sales' })
    await exchange.api('PATCH', '/users/rev', { department: 'Research', do_not_disturb: true, reject_scope: 'all', password: 'long enough' })
  }
  made = true
  const page = await openPage(t, '/revisions', options)
  await page.getByText('change user').first().waitFor()
  return page
}

export async function look(t) {
  const page = await revisions(t)
  await page.getByRole('button', { name: /change user/ }).first().click()
  await page.getByText('Research').waitFor()
  await page.getByText('A password was set').first().waitFor()
  await page.waitForTimeout(300)
  await accessible(page, 'the changes')
  await shot(page, 'revisions-light')
  await coloured(page, 'dark')
  await accessible(page, 'the changes in the dark')
  await shot(page, 'revisions-dark')
  await page.getByRole('textbox', { name: 'Record' }).fill('users/nobody')
  await page.getByText('No change matches').waitFor()
  await page.getByRole('button', { name: 'Clear filters' }).first().click()
  await page.getByText('change user').first().waitFor()
}

export async function undo(t) {
  const { exchange } = t
  const page = await revisions(t)
  // The list moves when the filter takes effect, and a click that meets it lands on nothing.
  await page.getByRole('button', { name: /create call flow/ }).first().waitFor()
  await page.getByRole('textbox', { name: 'Record' }).fill('users/rev')
  await page.getByRole('button', { name: /create call flow/ }).first().waitFor({ state: 'detached' })
  const [{ revision }] = (await exchange.api('GET', '/revisions?path~=users/rev')).items
  await page.getByRole('button', { name: /change user/ }).first().click()
  await page.getByRole('button', { name: `Undo change ${revision}…` }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Sales').waitFor()
  await dialog.getByRole('button', { name: 'Take it back' }).click()
  await dialog.waitFor({ state: 'detached' })
  assert.equal((await exchange.api('GET', '/users/rev')).department, 'Sales')

  // What was changed again since is refused, and named.
  await page.getByText('undo revision').first().waitFor()
  await page.getByRole('button', { name: /^Undo change/ }).first().click()
  await dialog.getByText('It cannot be taken back').waitFor()
  await dialog.getByText('User: Rea Vision').waitFor()
  await page.waitForTimeout(300)
  await accessible(page, 'an undo that is refused')
  await shot(page, 'undo-refused')
  assert.equal(await dialog.getByRole('button', { name: 'Take it back' }).isDisabled(), true)
}

export async function inWords(t) {
  const { api } = t.exchange
  const page = await revisions(t)
  const office = { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '17:00' }
  await api('POST', '/users', { id: 'wanda', first_name: 'Wanda', last_name: 'Wort', application_line: {} })
  await api('POST', '/time-schedules', { id: 'hours', name: 'Shop hours' })
  await api('POST', '/trunks', { id: 'north', name: 'Northern', host: '127.0.0.1', port: 9 })
  await api('POST', '/numbers', { id: 'word', e164: '+40215550177' })
  await api('POST', '/call-flows', { id: 'day', name: 'Day', entry: 'end', nodes: [{ id: 'end', type: 'hang_up' }, { id: 'menu', type: 'menu', name: 'Choice' }] })
  const [line] = (await api('GET', '/contact-methods?user_id=wanda')).items
  await api('PATCH', '/numbers/word', { trunk_id: 'north', owner: { kind: 'contact_method', id: line.id } })
  await api('PATCH', '/time-schedules/hours', { ranges: [office] })
  await api('PATCH', `/contact-methods/${line.id}`, { label: 'Desk', time_schedule_id: 'hours', inbound: { when_unavailable: { action: 'voicemail' } } })
  await api('PATCH', '/call-flows/day', { nodes: [{ id: 'end', type: 'user', settings: { user_id: 'wanda' } }, { id: 'menu', type: 'menu', name: 'Choice', settings: { timeout_s: '7' }, exits: { timeout: 'end' } }] })
  await page.reload()
  const said = async (change, ...wanted) => {
    await page.getByRole('button', { name: new RegExp(change) }).first().click()
    for (const [field, before, after] of wanted) {
      const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: field, exact: true }) }).filter({ hasText: after }).first()
      await row.getByText(after, { exact: true }).waitFor()
      assert.equal(await row.getByRole('deletion').innerText(), before)
      assert.equal(await row.getByRole('insertion').innerText(), after)
    }
  }
  await said('change number', ['Trunk', 'empty', 'Northern'], ['Assigned to', 'Nobody', 'Wanda Wort: Desk'])
  await said('change time schedule', ['Week', 'empty', 'Monday–Friday 09:00–17:00'])
  await said('change contact method', ['Label', 'empty', 'Desk'], ['Time schedule', 'empty', 'Shop hours'], ['When unavailable', 'Do nothing', 'Voicemail'])
  await said('change call flow', ['User: Kind', 'Hang up', 'User'], ['User: User', 'empty', 'Wanda Wort'], ['Choice: Longest wait (s)', 'empty', '7'], ['Choice: waited too long', 'empty', 'User'])
  await said('change user', ['Do not disturb', 'No', 'Yes'], ['When one device rejects a call', 'Decline ends the call, busy one device', 'Stops ringing everywhere'])
  await accessible(page, 'changes in words')
  await page.setViewportSize({ width: 1440, height: 1500 })
  await page.waitForTimeout(300) // it has unfolded
  await shot(page, 'revisions-words')
}

export async function onAPhone(t) {
  const page = await revisions(t, { viewport: { width: 390, height: 800 }, hasTouch: true })
  await fits(page, 'the list of changes')
  await accessible(page, 'the changes on a phone')
  await shot(page, 'revisions-phone')
  assert.equal(await page.getByRole('search').isVisible(), false, 'the filters are open')
  await page.getByRole('button', { name: 'Filters' }).click()
  await page.getByRole('textbox', { name: 'Record' }).waitFor()
  await page.waitForTimeout(300) // they have unfolded
  await shot(page, 'revisions-phone-filters')
}

export async function tryFirst(t) {
  const { exchange } = t
  await exchange.api('POST', '/users', { id: 'try', first_name: 'Tryphon', last_name: 'Tournesol' })
  const page = await openPage(t, '/users?full_name=Tournesol')
  await page.getByRole('button', { name: 'Actions for Tryphon Tournesol' }).click()
  await page.getByRole('menuitem', { name: 'Call forwarding…' }).click()
  const form = page.getByRole('dialog', { name: 'Edit user' })
  assert.equal(await form.getByRole('button', { name: 'Try it first' }).isDisabled(), true)
  await form.getByLabel('Forward to').fill('+40745550100')
  await form.getByRole('switch', { name: 'Forward calls' }).check()
  await form.getByRole('button', { name: 'Try it first' }).click()
  const dialog = page.getByRole('dialog', { name: 'Try this change' })
  await dialog.getByText('User: Tryphon Tournesol').waitFor()
  await dialog.getByText('There was no call at that time.').waitFor()
  await page.waitForTimeout(300)
  await accessible(page, 'a change that is tried')
  await shot(page, 'draft-try')
  await dialog.getByRole('button', { name: 'Drop' }).click()
  await dialog.waitFor({ state: 'detached' })
  assert.equal((await exchange.api('GET', '/users/try')).forward.number, '')
  await form.getByRole('button', { name: 'Try it first' }).click()
  await dialog.getByRole('button', { name: 'Apply' }).click()
  await form.waitFor({ state: 'detached' })
  assert.equal((await exchange.api('GET', '/users/try')).forward.number, '+40745550100')
  assert.equal((await exchange.api('GET', '/revisions?limit=1')).items[0].summary, 'change Tryphon Tournesol')
}
