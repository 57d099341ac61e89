// What one looks at about calls: those that are up and those that were, what
// became of them and why, what was said, and what would become of one.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { accessible, shot } from './exchange.mjs'
import { act, coloured, fits, openPage, pick, row, settled } from './page.mjs'
import { Phone } from './phone.mjs'

let made
/** site makes people, three of them with a phone, and calls of each kind; what Dan is asked is recorded. */
async function site(exchange) {
  if (made) return made
  const { api, sip } = exchange
  const phones = {}
  for (const [id, first, last, number, answers] of [['clara', 'Clara', 'Conti', '301', 200], ['dan', 'Dan', 'Dima', '302', 200], ['eva', 'Eva', 'Ek', '303', 0], ['finn', 'Finn', 'Falk', '304', 486]]) {
    await api('POST', '/users', { id, first_name: first, last_name: last, features: { voicemail: true }, ...(id === 'eva' && { login: id, password: `${id} password`, role: 'admin' }) })
    await api('POST', '/contact-methods', {
      id: `${id}-desk`, user_id: id, kind: 'sip_account', label: 'desk phone', sip_account: { username: `${id}-desk`, password: `secret-of-${id}` },
      inbound: { internal_numbers: [number], when_unavailable: { action: id === 'eva' ? 'voicemail' : 'none' } }, recording: { inbound_internal: id === 'dan' },
    })
    if (answers) phones[id] = await new Phone({ port: sip, username: `${id}-desk`, password: `secret-of-${id}`, answers }).open()
  }
  const call = await phones.clara.dial('302')
  assert.equal(call.status, 200)
  await pause(16_000) // long enough for some samples of how it is heard
  await call.hangUp()
  assert.equal((await phones.clara.dial('304')).status, 486)
  await eventually(async () => (await api('GET', '/calls?state=ended')).items.length === 2 && ['captured', 'delivered'].includes((await api('GET', '/recordings')).items[0]?.state))
  made = phones
  return made
}

/** eventually asks again until the exchange has written what comes a little later. */
async function eventually(look) {
  for (let i = 0; ; i++) {
    const found = await look()
    if (found) return found
    if (i > 200) throw new Error('it never came')
    await pause(50)
  }
}

export async function live(t) {
  const { exchange } = t
  const { clara } = await site(exchange)
  const page = await openPage(t, '/live')
  await page.getByText('No call is up').waitFor()
  await accessible(page, 'no live calls')
  const call = await clara.dial('302')
  assert.equal(call.status, 200)
  const talk = row(page, '302')
  await talk.getByText('Talking').waitFor()
  await talk.getByText(/MOS 4/).waitFor({ timeout: 15_000 })
  await talk.getByText('PCMU').waitFor()
  await accessible(page, 'live calls')
  await shot(page, 'live-light')
  await coloured(page, 'dark')
  await accessible(page, 'live calls in the dark')
  await shot(page, 'live-dark')
  await talk.getByRole('button', { name: /Hang up/ }).click()
  const ask = page.getByRole('dialog')
  await ask.getByText('hear that it is over').waitFor()
  await page.waitForTimeout(300)
  await accessible(page, 'whether to hang up')
  await ask.getByRole('button', { name: 'Cancel' }).click()
  assert.equal((await exchange.api('GET', '/calls?state=active')).items.length, 1)
  await talk.getByRole('button', { name: /Hang up/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Hang up', exact: true }).click()
  await page.getByText('No call is up').waitFor()
  assert.equal((await exchange.api('GET', '/calls?state=active')).items.length, 0)
}

export async function registered(t) {
  await site(t.exchange)
  const page = await openPage(t, '/registrations')
  await row(page, 'clara-desk').getByText('Walker/1.0').waitFor()
  await row(page, 'clara-desk').getByText('Clara Conti').waitFor()
  await accessible(page, 'registrations')
  await shot(page, 'registrations-light')
  await coloured(page, 'dark')
  await shot(page, 'registrations-dark')
  await page.getByRole('textbox', { name: 'Address' }).fill('FINN')
  await row(page, 'clara-desk').waitFor({ state: 'detached' })
  await act(page, 'finn-desk', 'Remove…')
  const ask = page.getByRole('dialog')
  await ask.getByText('until it registers again').waitFor()
  await ask.getByRole('button', { name: 'Remove' }).click()
  await page.getByText('Nothing matches').waitFor()
  assert.equal((await t.exchange.api('GET', '/registrations?aor=finn-desk')).items.length, 0)
  await page.getByRole('button', { name: 'Clear filters' }).first().click()
  await row(page, 'clara-desk').waitFor()
}

export async function history(t) {
  const { exchange } = t
  await site(exchange)
  const page = await openPage(t, '/calls')
  await page.getByText('Answered').first().waitFor()
  await accessible(page, 'the history')
  await shot(page, 'history-light')
  await coloured(page, 'dark')
  await shot(page, 'history-dark')
  assert.equal(await page.getByRole('row').count(), 3)
  await pick(page, page.getByRole('combobox', { name: 'Result' }), 'Busy')
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1)
  await page.reload() // the address has the filters
  await row(page, '304').first().waitFor()
  assert.equal(await row(page, '304').count(), 1)
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await page.getByLabel('To day').fill('2001-01-01')
  await page.getByText('Nothing matches').waitFor()
  await page.getByRole('button', { name: 'Clear filters' }).first().click()
  await page.getByRole('combobox', { name: 'User' }).fill('clara')
  await page.getByRole('option', { name: /Clara Conti/ }).click()
  await row(page, '304').first().waitFor()
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download CSV' }).click()])
  assert.match(await readFile(await download.path(), 'utf8'), /^id,direction,.*\n/)
  await page.getByRole('button', { name: /^Recording:/ }).first().click()
  await page.getByRole('img', { name: /Loudness/ }).waitFor()
  await accessible(page, 'a recording')
  await shot(page, 'history-player')
}

export async function oneCall(t) {
  const { exchange } = t
  await site(exchange)
  const call = await eventually(async () => (await exchange.api('GET', '/calls?state=ended&outcome.result=answered&number=302')).items.at(-1)) // the first of them, which was long enough to be measured over time
  const page = await openPage(t, `/calls/${call.id}`)
  await page.getByRole('heading', { name: 'Messages' }).waitFor()
  await page.getByRole('img', { name: /Loudness/ }).waitFor()
  await page.getByRole('img', { name: /MOS over time/ }).waitFor()
  const first = page.getByRole('button', { name: /INVITE/ }).first()
  await first.focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByText(/Call-ID/).first().waitFor()
  await accessible(page, 'the page of a call')
  if (process.env.STROWGER_SHOTS) await page.screenshot({ path: `${process.env.STROWGER_SHOTS}/call-light.png`, fullPage: true })
  await coloured(page, 'dark')
  await accessible(page, 'the page of a call in the dark')
  if (process.env.STROWGER_SHOTS) await page.screenshot({ path: `${process.env.STROWGER_SHOTS}/call-dark.png`, fullPage: true })
  await page.goto('/calls/none')
  await page.getByText('no such call').waitFor()
}

export async function inbox(t) {
  const { exchange } = t
  const { clara } = await site(exchange)
  // 303 has no phone: the call is answered by voicemail.
  const call = await clara.dial('303')
  assert.equal(call.status, 200)
  await pause(9000) // the greeting, the tone, some words
  await call.hangUp()
  const message = await eventually(async () => (await exchange.api('GET', '/voicemails')).items.find((v) => ['captured', 'delivered'].includes(v.state)))
  assert.equal(message.user_id, 'eva')
  const page = await openPage(t, '/inbox', { as: 'eva' })
  await page.getByRole('link', { name: /Inbox/ }).getByText('1').waitFor()
  const item = page.getByRole('listitem').filter({ hasText: '301' })
  await item.getByText('New').waitFor()
  await accessible(page, 'the inbox')
  await shot(page, 'inbox-light')
  await item.getByRole('button', { name: /^Play/ }).click()
  await page.getByRole('img', { name: /Loudness/ }).waitFor()
  await shot(page, 'inbox-player')
  await coloured(page, 'dark')
  await shot(page, 'inbox-dark')
  await item.getByRole('button', { name: /^Actions/ }).click()
  await page.getByRole('menuitem', { name: 'Mark as heard' }).click()
  await item.getByText('New').waitFor({ state: 'detached' })
  assert.equal((await exchange.api('GET', `/voicemails/${message.id}`)).read, true)
  await item.getByRole('button', { name: /^Actions/ }).click()
  await page.getByRole('menuitem', { name: 'Hand to somebody' }).click()
  const form = page.getByRole('dialog')
  await form.getByRole('button', { name: 'Hand over' }).click()
  await form.getByText('Choose somebody').waitFor()
  await form.getByRole('combobox', { name: 'To' }).fill('dan')
  await page.getByRole('option', { name: /Dan Dima/ }).click()
  await page.waitForTimeout(300)
  await accessible(page, 'handing a message over')
  await form.getByRole('button', { name: 'Hand over' }).click()
  await page.getByText('No messages').waitFor()
  assert.equal((await exchange.api('GET', `/voicemails/${message.id}`)).user_id, 'dan')
  await page.getByText('The company', { exact: true }).click()
  await item.getByText('for Dan Dima').waitFor()
  await page.getByRole('tab', { name: 'Missed calls' }).click()
  await page.getByRole('listitem').filter({ hasText: '304' }).waitFor()
  await shot(page, 'inbox-missed')
  await page.getByRole('tab', { name: 'Recordings' }).click()
  await page.getByRole('listitem').filter({ hasText: '302' }).waitFor()
  await page.getByRole('tab', { name: 'Messages' }).click()
  await page.getByText('Messages are not there yet').waitFor()
  await accessible(page, 'the place of messages')

  // Whoever leaves leaves it to somebody.
  await exchange.api('POST', '/users', { id: 'leo', first_name: 'Leo', last_name: 'Leaver' })
  await exchange.api('PATCH', `/voicemails/${message.id}`, { user_id: 'leo' })
  await page.goto('/users')
  await act(page, 'Leo Leaver', 'Delete user…')
  const leaving = page.getByRole('dialog')
  await leaving.getByText('1 message').waitFor()
  await leaving.getByRole('combobox', { name: 'Who gets the messages' }).fill('eva')
  await page.getByRole('option', { name: /^Eva/ }).click()
  await page.waitForTimeout(300)
  await accessible(page, 'who gets the messages')
  await shot(page, 'user-delete-messages')
  await leaving.getByText('I am aware that by deleting').click()
  await leaving.getByRole('button', { name: 'Delete', exact: true }).click()
  await leaving.waitFor({ state: 'detached' })
  await row(page, 'Leo Leaver').waitFor({ state: 'detached' })
  assert.equal((await exchange.api('GET', `/voicemails/${message.id}`)).user_id, 'eva')
  await page.goto('/inbox')
  await item.getByText('New').waitFor()
  await item.getByRole('button', { name: /^Actions/ }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText('No messages').waitFor()
  await assert.rejects(exchange.api('GET', `/voicemails/${message.id}`), /404/)
}

export async function simulate(t) {
  await site(t.exchange)
  const page = await openPage(t, '/simulator')
  await page.getByRole('button', { name: 'Ask' }).click()
  assert.equal(await page.getByText('Missing').count(), 2)
  await page.getByLabel('Who calls').fill('9999')
  await page.getByLabel('Whom').fill('303')
  await page.getByRole('button', { name: 'Ask' }).click()
  await page.getByText(/nobody has "9999"/).waitFor()
  assert.equal(await page.getByLabel('Whom').inputValue(), '303')
  await page.getByLabel('Who calls').fill('301')
  await page.getByRole('button', { name: 'Ask' }).click()
  await page.mouse.move(0, 0) // what is pointed at looks otherwise for a moment
  await page.getByText(/Rings Eva's desk phone for 25 s, then voicemail/).waitFor()
  await page.getByRole('img', { name: /step by step/ }).waitFor()
  await accessible(page, 'the simulator')
  await shot(page, 'simulator-light')
  await coloured(page, 'dark')
  await shot(page, 'simulator-dark')
  // The card of a user says the same.
  await page.goto('/users?full_name=eva')
  await page.getByRole('button', { name: 'Actions for Eva Ek' }).click()
  await page.getByRole('menuitem', { name: 'Edit user' }).click()
  const card = page.getByRole('dialog')
  await card.getByText('Will not ring now').waitFor()
  await card.getByText('no phone is registered').waitFor()
  await card.getByText(/rings Eva's desk phone/).first().waitFor()
  await page.waitForTimeout(300)
  await accessible(page, 'what happens to the calls of a user')
  await shot(page, 'outlook-light')
}

export async function ownPanel(t) {
  const { exchange } = t
  await site(exchange)
  await exchange.api('PATCH', '/users/eva', { role: 'user' })
  await exchange.api('POST', '/contact-methods', { id: 'eva-app', user_id: 'eva', kind: 'app' })
  await exchange.api('POST', '/app-devices', { id: 'eva-pixel', user_id: 'eva', os: 'Android', app_version: '1.0', name: 'Pixel' })
  const page = await openPage(t, '/me', { as: 'eva' })
  await page.getByRole('heading', { name: 'Call forwarding' }).waitFor()
  await page.getByText('Will not ring now').waitFor()
  const number = page.getByLabel('Forward to').first()
  const saveForward = page.locator('section', { has: page.getByRole('heading', { name: 'Call forwarding' }) }).getByRole('button', { name: 'Save' })
  await page.getByRole('switch', { name: 'Forward calls' }).check()
  await saveForward.click()
  await page.getByText('Type the number first').waitFor()
  await number.fill('nonsense')
  await saveForward.click()
  await page.getByText(/is not a telephone number/).waitFor()
  assert.equal(await number.inputValue(), 'nonsense')
  await accessible(page, 'a number that was refused')
  await number.fill('+40745550100')

  // The switch beside it is saved at once, and leaves what is typed; who leaves is asked.
  for (const on of [true, false]) {
    await page.getByRole('switch', { name: 'Do not disturb' }).click()
    await page.getByRole('switch', { name: 'Do not disturb', checked: on }).waitFor()
    assert.equal((await exchange.api('GET', '/users/eva')).do_not_disturb, on)
  }
  const leave = page.getByRole('dialog', { name: 'Leave without saving?' })
  const history = page.getByRole('navigation').getByRole('link', { name: 'Call history' })
  await history.click()
  await leave.waitFor()
  await accessible(page, 'whether to leave the own panel')
  if (process.env.STROWGER_SHOTS) await page.screenshot({ path: `${process.env.STROWGER_SHOTS}/me-leave.png` })
  await leave.getByRole('button', { name: 'Stay here' }).click()
  await leave.waitFor({ state: 'detached' })
  assert.deepEqual([new URL(page.url()).pathname, await number.inputValue()], ['/me', '+40745550100'])
  await saveForward.click()
  await eventually(async () => (await exchange.api('GET', '/users/eva')).forward.number === '+40745550100')
  const desk = page.getByRole('form', { name: 'desk phone' })
  const nothing = async () => {
    await desk.getByRole('combobox', { name: 'When I do not answer' }).click()
    await page.getByRole('option', { name: 'Do nothing' }).click()
  }
  await nothing()
  await history.click()
  await leave.getByRole('button', { name: 'Leave' }).click()
  await page.getByRole('heading', { name: 'Call history' }).waitFor()
  assert.equal((await exchange.api('GET', '/contact-methods/eva-desk')).inbound.when_unavailable.action, 'voicemail')
  await page.goBack()
  await nothing()
  await desk.getByRole('button', { name: 'Save' }).click()
  await eventually(async () => (await exchange.api('GET', '/contact-methods/eva-desk')).inbound.when_unavailable.action === 'none')
  // What is saved asks nobody.
  await desk.getByRole('button', { name: 'Save', disabled: true }).waitFor()
  await history.click()
  await page.getByRole('heading', { name: 'Call history' }).waitFor()
  await page.goBack()
  // What else is one's own: what is refused stays typed, the PIN is not shown again.
  const own = page.getByRole('form', { name: 'My settings' })
  const [mobile, pin] = [own.getByLabel('Mobile number'), own.getByRole('textbox', { name: 'Voicemail PIN' })]
  await mobile.fill('xyz')
  await pin.fill('12')
  await own.getByRole('button', { name: 'Save' }).click()
  await own.locator('[data-path="mobile_number"][aria-invalid]').waitFor()
  assert.deepEqual([await mobile.inputValue(), await pin.inputValue()], ['xyz', '12'])
  await mobile.fill('+40745550111')
  await own.getByRole('button', { name: 'Save' }).click()
  await own.getByText('must be 4 to 12 digits').waitFor()
  await settled(page)
  await accessible(page, 'a PIN that was refused')
  assert.equal((await exchange.api('GET', '/users/eva')).mobile_number, '')
  await pin.fill('471147')
  await own.getByRole('combobox', { name: 'Time zone' }).fill('Tokyo')
  await page.getByRole('option', { name: 'Asia/Tokyo' }).click()
  await own.getByRole('button', { name: 'Save' }).click()
  await eventually(async () => (await exchange.api('GET', '/users/eva')).mobile_number === '+40745550111')
  assert.equal((await exchange.api('GET', '/users/eva')).time_zone, 'Asia/Tokyo')
  await own.getByRole('button', { name: 'Save', disabled: true }).waitFor()
  assert.equal(await pin.inputValue(), '')
  await page.getByRole('button', { name: 'Remove Pixel' }).waitFor()
  await accessible(page, 'the own panel')
  if (process.env.STROWGER_SHOTS) await page.screenshot({ path: `${process.env.STROWGER_SHOTS}/me-light.png`, fullPage: true })
  await coloured(page, 'dark')
  if (process.env.STROWGER_SHOTS) await page.screenshot({ path: `${process.env.STROWGER_SHOTS}/me-dark.png`, fullPage: true })
  await page.getByRole('button', { name: 'Remove Pixel' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText('No app is activated').waitFor()
  await assert.rejects(exchange.api('GET', '/app-devices/eva-pixel'), /404/)
  await exchange.api('DELETE', '/contact-methods/eva-app?confirm=true')
  await exchange.api('PATCH', '/contact-methods/eva-desk', { inbound: { when_unavailable: { action: 'voicemail' } } })
  // What is for administrators is not there.
  assert.equal(await page.getByRole('link', { name: 'Registrations' }).count(), 0)
  await page.goto('/simulator')
  await page.getByText('There is no such page').waitFor()
  await page.goto('/calls')
  await page.getByRole('heading', { name: 'Call history' }).waitFor()
}

export async function onAPhone(t) {
  await site(t.exchange)
  const call = (await t.exchange.api('GET', '/calls?state=ended')).items[0]
  for (const [path, name] of [['/calls', 'history'], [`/calls/${call.id}`, 'call'], ['/inbox', 'inbox'], ['/registrations', 'registrations'], ['/simulator', 'simulator'], ['/live', 'live'], ['/me', 'me']]) {
    const page = await openPage(t, path, { viewport: { width: 390, height: 800 }, hasTouch: true })
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForTimeout(800) // the events never end: there is no idle to wait for
    fits(page, path)
    await accessible(page, `${path} on a phone`)
    await shot(page, `${name}-phone`)
    const fold = page.getByRole('button', { name: 'Filters' })
    assert.equal(await fold.count(), ['/calls', '/registrations'].includes(path) ? 1 : 0, `the filters of ${path}`)
    if (await fold.count()) {
      assert.equal(await page.getByRole('search').isVisible(), false, `the filters of ${path} are open`)
      await fold.click()
      await page.getByRole('search').getByRole('combobox', { name: 'User' }).waitFor()
    }
    await page.context().close()
  }
}
