// Schedules, audio files, deliveries and the company's settings, before a real exchange.
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { accessible, shot } from './exchange.mjs'
import { act, coloured, fits, openPage, row, settled } from './page.mjs'

/** wav is a short sound. */
function wav(samples = 8000) {
  const b = Buffer.alloc(44 + 2 * samples)
  b.write('RIFF', 0)
  b.writeUInt32LE(36 + 2 * samples, 4)
  b.write('WAVEfmt ', 8)
  for (const [at, v] of [[16, 16], [24, 8000], [28, 16000], [40, 2 * samples]]) b.writeUInt32LE(v, at)
  for (const [at, v] of [[20, 1], [22, 1], [32, 2], [34, 16]]) b.writeUInt16LE(v, at)
  b.write('data', 36)
  for (let i = 0; i < samples; i++) b.writeInt16LE(Math.round(8000 * Math.sin(i / 4)), 44 + 2 * i)
  return b
}

async function inTheDark(page, name) {
  await settled(page)
  await coloured(page, 'dark')
  await accessible(page, `${name} in the dark`)
  await shot(page, `${name}-dark`)
}

async function onAPhone(t, path, name) {
  const page = await openPage(t, path, { viewport: { width: 390, height: 844 }, hasTouch: true })
  await page.waitForLoadState('networkidle')
  fits(page, path)
  await accessible(page, `${name} on a phone`)
  await shot(page, `${name}-phone`)
  return page
}

export async function schedules(t) {
  const { exchange } = t
  const page = await openPage(t, '/time-schedules')
  await page.getByText('No schedules yet').waitFor()
  await page.getByRole('button', { name: 'Add schedule' }).first().click()
  const form = page.getByRole('dialog')
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByText('Missing').waitFor()
  await form.getByLabel('Name').fill('Office hours')
  await form.getByRole('combobox', { name: 'Time zone' }).fill('Bucharest')
  await page.getByRole('option', { name: 'Europe/Bucharest' }).click()
  // By keyboard: two ranges on Monday, as people type them, to all weekdays.
  await form.getByRole('button', { name: 'Add hours on Monday' }).press('Enter')
  await form.getByLabel('Monday, hours 1 to').fill('12')
  await form.getByLabel('Monday, hours 1 to').press('Tab')
  await form.getByRole('button', { name: 'Add hours on Monday' }).press('Enter')
  await form.getByLabel('Monday, hours 2 from').fill('1330')
  await form.getByLabel('Monday, hours 2 to').fill('25:00')
  await form.getByLabel('Monday, hours 2 to').press('Tab')
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByText('A time is not one such as 08:30').waitFor()
  await form.getByLabel('Monday, hours 2 to').fill('18:00')
  await form.getByLabel('Monday, hours 2 to').press('Tab')
  await form.getByRole('button', { name: 'Copy Monday to…' }).press('Enter')
  await page.getByRole('menuitem', { name: 'Monday to Friday' }).click()
  await form.getByRole('button', { name: 'Add date' }).click()
  await form.getByLabel('Date 1', { exact: true }).fill('2026-12-25')
  await settled(page)
  await accessible(page, 'the form of a schedule')
  await shot(page, 'schedule-form')
  await inTheDark(page, 'schedule-form')
  await page.emulateMedia({ colorScheme: 'light' })
  await form.getByRole('button', { name: 'Save' }).click()
  await row(page, 'Office hours').getByText('Europe/Bucharest').waitFor()
  const [made] = (await exchange.api('GET', '/time-schedules?name=Office hours')).items
  assert.deepEqual(made.ranges, [
    { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '12:00' }, { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '13:30', to: '18:00' },
  ])
  assert.deepEqual(made.exceptions, [{ date: '2026-12-25', ranges: [] }])

  await exchange.api('POST', '/time-schedules', { id: 'always', name: 'Always', ranges: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '00:00', to: '24:00' }] })
  await exchange.api('POST', '/time-schedules', { id: 'never', name: 'Never' })
  await page.reload()
  await row(page, 'Always').getByText('Open', { exact: true }).waitFor()
  await row(page, 'Never').getByText('Closed', { exact: true }).waitFor()
  await accessible(page, 'the list of schedules')
  await shot(page, 'schedules')
  await inTheDark(page, 'schedules')

  // Somebody else changes it meanwhile.
  await act(page, 'Always', 'Edit…')
  await form.getByLabel('Name').fill('Mine')
  await exchange.api('PATCH', '/time-schedules/always', { name: 'Theirs' })
  await form.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Changed meanwhile').waitFor()
  await page.getByRole('button', { name: 'Save mine' }).click()
  await row(page, 'Mine').waitFor()

  // What is used is not deleted.
  await exchange.api('POST', '/users', { id: 'planned', first_name: 'Planned', last_name: 'User', time_schedule_id: 'always' })
  await act(page, 'Mine', 'Delete…')
  const ask = page.getByRole('dialog')
  await ask.getByRole('button', { name: 'Delete', exact: true }).click()
  await ask.getByText('is still used by').waitFor()
  await settled(page)
  await shot(page, 'schedule-used')
  await ask.getByRole('button', { name: 'Cancel' }).click()
  await act(page, 'Never', 'Delete…')
  await ask.getByRole('button', { name: 'Delete', exact: true }).click()
  await row(page, 'Never').waitFor({ state: 'detached' })

  const phone = await onAPhone(t, '/time-schedules', 'schedules')
  await phone.getByRole('button', { name: 'Office hours', exact: true }).click()
  await phone.getByRole('dialog').getByLabel('Name').waitFor()
  await settled(phone)
  await shot(phone, 'schedule-form-phone')
}

export async function audio(t) {
  const { exchange } = t
  const page = await openPage(t, '/audio-files')
  await page.getByText('No audio files yet').waitFor()
  await page.getByRole('button', { name: 'Add audio' }).first().click()
  const dialog = page.getByRole('dialog')
  const choose = async (name, buffer) => {
    const chooser = page.waitForEvent('filechooser')
    await dialog.getByRole('button', { name: 'Choose a file' }).click()
    await (await chooser).setFiles({ name, mimeType: 'application/octet-stream', buffer })
  }
  await choose('letter.mp3', Buffer.from('this is no sound'))
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText('not a sound file that is known here').waitFor()
  await choose('huge.wav', Buffer.alloc((20 << 20) + 1))
  await dialog.getByText('huge.wav is larger than 20 MB.').waitFor()
  // The connection breaks: it says so, and the file is still chosen.
  await choose('Welcome <b>home</b>.wav', wav())
  await dialog.getByLabel('Name').fill('Welcome')
  await page.context().setOffline(true)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText('cannot be reached').waitFor()
  await dialog.getByText('Welcome <b>home</b>.wav').waitFor()
  await settled(page)
  await accessible(page, 'the form of a sound')
  await shot(page, 'audio-form')
  await page.context().setOffline(false)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await row(page, 'Welcome').waitFor()
  const [made] = (await exchange.api('GET', '/audio-files')).items
  assert.deepEqual([made.name, made.duration_ms], ['Welcome', 1000])

  // It plays, renames, and stays as long as it is used.
  await page.getByLabel('Play Welcome').evaluate((a) => new Promise((done, fail) => {
    a.onerror = () => fail(new Error('it does not play'))
    a.onloadedmetadata = () => (a.duration > 0.9 ? done() : fail(new Error(`it has ${a.duration} s`)))
    a.load()
    a.preload = 'auto'
  }))
  await act(page, 'Welcome', 'Edit…')
  await page.getByRole('dialog').getByLabel('Name').fill('Welcome home')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await row(page, 'Welcome home').waitFor()
  await exchange.api('PATCH', '/organizations/default', { music_on_hold_audio_id: made.id })
  await act(page, 'Welcome home', 'Delete…')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByText('is still used by').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('Saved', { exact: true }).first().waitFor({ state: 'detached' })
  await page.getByText('Saved', { exact: true }).waitFor({ state: 'detached' })
  await accessible(page, 'the list of sounds')
  await shot(page, 'audio')
  await inTheDark(page, 'audio')
  await onAPhone(t, '/audio-files', 'audio')
}

export async function microphone(t) {
  const { exchange } = t
  const refused = await openPage(t, '/audio-files')
  await refused.getByRole('button', { name: 'Add audio' }).first().click()
  await refused.getByText('Microphone', { exact: true }).click()
  await refused.evaluate(() => (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))))
  await refused.getByRole('button', { name: 'Record', exact: true }).click()
  await refused.getByText('The browser may not use the microphone.').waitFor()
  await settled(refused)
  await shot(refused, 'audio-refused')

  const page = await openPage(t, '/audio-files')
  // A microphone that hums.
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = async () => {
      const context = new AudioContext()
      const to = context.createMediaStreamDestination()
      const hum = context.createOscillator()
      hum.connect(to)
      hum.start()
      return to.stream
    }
  })
  await page.getByRole('button', { name: 'Add audio' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Microphone', { exact: true }).click()
  await dialog.getByRole('button', { name: 'Record', exact: true }).click()
  await dialog.getByText('0:01').waitFor()
  await accessible(page, 'a recording under way')
  await shot(page, 'audio-recording')
  await dialog.getByRole('button', { name: 'Stop' }).click()
  await dialog.getByLabel('Listen before it is saved').waitFor()
  await shot(page, 'audio-recorded')
  await dialog.getByLabel('Name').fill('Spoken')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await row(page, 'Spoken').waitFor()
  const spoken = (await exchange.api('GET', '/audio-files')).items.find((a) => a.name === 'Spoken')
  assert.ok(spoken.duration_ms > 500, `${spoken.duration_ms} ms were recorded`)
}

export async function deliveries(t) {
  const { exchange } = t
  const page = await openPage(t, '/delivery-methods')
  await page.getByText('No delivery methods yet').waitFor()
  await page.getByRole('button', { name: 'Add method' }).first().click()
  const form = page.getByRole('dialog')
  await form.getByRole('textbox', { name: 'Name', exact: true }).fill('Archive')
  await form.getByRole('combobox', { name: 'Kind' }).click()
  await page.getByRole('option', { name: 'Disk' }).click()
  await form.getByLabel('Folder').fill('../../etc')
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByText('must be a folder below').waitFor()
  assert.equal(await form.getByRole('textbox', { name: 'Name', exact: true }).inputValue(), 'Archive')
  await form.getByLabel('Folder').fill('calls')
  await form.getByRole('button', { name: 'Save' }).click()
  await row(page, 'Archive').waitFor()
  await page.getByRole('button', { name: 'Test Archive' }).click()
  await row(page, 'Archive').getByText('It arrived:').waitFor()

  await page.getByRole('button', { name: 'Add method' }).click()
  await form.getByRole('textbox', { name: 'Name', exact: true }).fill('Partner')
  await form.getByRole('combobox', { name: 'Kind' }).click()
  await page.getByRole('option', { name: 'SFTP' }).click()
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByText('Missing').first().waitFor()
  await form.getByRole('textbox', { name: 'Host', exact: true }).fill('127.0.0.1')
  await form.getByRole('textbox', { name: 'User name' }).fill('pbx')
  await form.getByLabel('Password', { exact: true }).fill('hidden-word')
  await settled(page)
  await accessible(page, 'the form of a delivery method')
  await shot(page, 'method-form')
  await form.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: 'Test Partner' }).click()
  await row(page, 'Partner').getByText('no public address').waitFor()
  assert.ok(!JSON.stringify(await exchange.api('GET', '/delivery-methods')).includes('hidden-word'))
  // An edit that leaves the secret alone keeps it.
  await act(page, 'Partner', 'Edit…')
  await form.getByLabel('Port').fill('2222')
  await form.getByRole('button', { name: 'Save' }).click()
  await form.waitFor({ state: 'detached' })
  const partner = (await exchange.api('GET', '/delivery-methods')).items.find((m) => m.name === 'Partner')
  assert.equal(partner.settings.port, '2222')
  await settled(page)
  await accessible(page, 'the list of delivery methods')
  await shot(page, 'methods')
  await inTheDark(page, 'methods')
  await onAPhone(t, '/delivery-methods', 'methods')
}

export async function outbox(t) {
  const { exchange, open } = t
  const jobs = [
    { id: 'j1', kind: 'recording', what: 'rec-7', delivery_method_id: 'partner', state: 'dead', attempts: 34, created_at: '2026-11-20T09:00:00Z', since: '2026-11-20T09:00:00Z', ended_at: '2026-11-23T09:00:00Z', last_error: 'sftp partner.example.com: the host key is not the one that is pinned' },
    { id: 'j2', kind: 'mail', what: 'Welcome', state: 'dead', attempts: 1, created_at: '2026-11-21T09:00:00Z', since: '2026-11-21T09:00:00Z', ended_at: '2026-11-21T09:00:01Z', last_error: 'mail server mail.example.com: 550 nobody has that address' },
  ]
  const page = await openPage(t, '/deliveries')
  await page.getByText('Nothing is on its way').waitFor()
  await page.getByRole('combobox', { name: 'State' }).click()
  await page.getByRole('option', { name: 'Failed' }).click()
  await page.getByText('None of these').waitFor()
  assert.match(page.url(), /state=dead/)

  // Three days do not pass here: what has failed is shown as the exchange would answer it.
  const failed = await openPage(t, '/company')
  const asked = []
  await failed.route(/\/api\/v1\/deliveries/, (route) => {
    const [request, url] = [route.request(), new URL(route.request().url())]
    if (request.method() === 'GET') return route.fulfill({ json: { items: jobs.filter((j) => !url.searchParams.get('state') || j.state === url.searchParams.get('state')) } })
    asked.push(`${request.method()} ${url.pathname}`)
    const job = jobs.find((j) => url.pathname.includes(j.id))
    if (request.method() === 'DELETE') {
      jobs.splice(jobs.indexOf(job), 1)
      return route.fulfill({ status: 204 })
    }
    job.state = 'queued'
    return route.fulfill({ json: job })
  })
  await failed.goto('/deliveries?state=dead')
  await failed.getByText('the host key is not the one that is pinned').waitFor()
  await accessible(failed, 'what could not be delivered')
  await shot(failed, 'deliveries')
  await inTheDark(failed, 'deliveries')
  await failed.getByRole('button', { name: 'Retry rec-7' }).click()
  await row(failed, 'rec-7').waitFor({ state: 'detached' })
  await act(failed, 'Welcome', 'Discard…')
  await failed.getByRole('dialog').getByRole('button', { name: 'Discard' }).click()
  await failed.getByText('None of these').waitFor()
  assert.deepEqual(asked, ['POST /api/v1/deliveries/j1/retry', 'DELETE /api/v1/deliveries/j2'])
  await onAPhone(t, '/deliveries', 'deliveries')
}

/** mailSink is a server that refuses to speak, as one that is down for hours. */
async function nothingListens() {
  const s = createServer()
  await new Promise((done) => s.listen(0, '127.0.0.1', done))
  const { port } = s.address()
  await new Promise((done) => s.close(done))
  return port
}

export async function company(t) {
  const { exchange } = t
  const page = await openPage(t, '/company')
  await page.getByRole('textbox', { name: 'Name', exact: true }).first().waitFor()
  await page.waitForLoadState('networkidle')
  await accessible(page, 'the company settings')
  await shot(page, 'company')
  await page.getByRole('textbox', { name: 'Name', exact: true }).first().fill('Walker & Sons')
  await page.getByRole('switch', { name: 'Company voicemail' }).check()
  await page.getByLabel('Announce messages to').fill('nobody')
  await page.getByLabel('Extension range').fill('900-100')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  // Each mistake by its field, at once.
  await page.getByText('must be two numbers of 1 to 6 digits').waitFor()
  await page.getByText('must be an email address').waitFor()
  await shot(page, 'company-refused')
  assert.equal(await page.getByRole('textbox', { name: 'Name', exact: true }).first().inputValue(), 'Walker & Sons')
  assert.notEqual((await exchange.api('GET', '/organizations/default')).name, 'Walker & Sons', 'half of it was saved')
  await page.getByLabel('Extension range').fill('101-999')
  await page.getByLabel('Announce messages to').fill('front@example.com')
  await page.getByLabel('Host').fill('127.0.0.1')
  await page.getByLabel('Port').fill(String(await nothingListens()))
  await page.getByLabel('Sender').fill('PBX <pbx@example.com>')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved', { exact: true }).waitFor()
  const now = await exchange.api('GET', '/organizations/default')
  assert.deepEqual([now.name, now.voicemail.enabled, now.voicemail.email, now.extension_range, now.mail.host], ['Walker & Sons', true, 'front@example.com', '101-999', '127.0.0.1'])
  await page.getByLabel('Send a test mail to').fill('anna@example.com')
  await page.getByRole('button', { name: 'Send test mail' }).click()
  await page.getByText(/mail server 127.0.0.1/).waitFor()

  // Deleting is asked for twice.
  await page.getByLabel('Recordings', { exact: true }).fill('90')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('nobody can bring it back').waitFor()
  assert.equal((await exchange.api('GET', '/organizations/default')).retention.recording_days, 0)
  await page.getByLabel('I want what is older to be deleted').scrollIntoViewIfNeeded()
  await accessible(page, 'retention')
  await shot(page, 'company-retention')
  await page.getByLabel('I want what is older to be deleted').check()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('nobody can bring it back').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Discard changes' }).and(page.locator(':disabled')).waitFor() // read again
  assert.equal((await exchange.api('GET', '/organizations/default')).retention.recording_days, 90)
  await inTheDark(page, 'company')
  await onAPhone(t, '/company', 'company')
}
