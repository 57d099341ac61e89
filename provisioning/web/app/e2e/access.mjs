// Everything before one is inside, and what lets one in, before a real exchange:
// codes are computed here as an authenticator app does, mail is taken here as a
// mail server does.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { accessible, person, shot, startExchange, totp } from './exchange.mjs'
import { enter, fits, settled } from './page.mjs'

const menu = async (page, item) => {
  await page.getByRole('button', { name: 'Account and appearance' }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

export async function signIn({ exchange, open }) {
  await person(exchange, 'ada')
  const context = await open()
  const page = await context.newPage()
  const errors = []
  page.on('console', (m) => m.type() === 'error' && /Content Security Policy/.test(m.text()) && errors.push(m.text()))
  await page.goto('/me')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await accessible(page, 'the sign-in page')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('Missing').first().waitFor()
  await enter(page, 'ada', 'wrong')
  await page.getByText('The login or the password is wrong.').waitFor()
  await accessible(page, 'a refused sign-in')
  await shot(page, 'sign-in')
  await enter(page, 'ada')
  await page.getByRole('heading', { name: 'My account' }).waitFor()
  await accessible(page, 'the shell')

  // Dark stays dark when the page is loaded again; a language too.
  await page.getByRole('button', { name: 'Account and appearance' }).click()
  await page.getByRole('menuitem', { name: 'Dark' }).waitFor()
  await page.waitForTimeout(300) // it has faded in
  await accessible(page, 'the menu of the account')
  await page.getByRole('menuitem', { name: 'Dark' }).click()
  assert.equal(await page.locator('html').getAttribute('data-mantine-color-scheme'), 'dark')
  await page.getByRole('menuitem', { name: 'Deutsch' }).click()
  await page.reload()
  await page.getByRole('heading', { name: 'Mein Konto' }).waitFor()
  assert.equal(await page.locator('html').getAttribute('lang'), 'de')
  assert.equal(await page.locator('html').getAttribute('data-mantine-color-scheme'), 'dark')
  await accessible(page, 'the shell in the dark')
  await page.getByRole('button', { name: 'Konto und Darstellung' }).click()
  await page.getByRole('menuitem', { name: 'Abmelden' }).click()
  await page.getByRole('heading', { name: 'Anmelden' }).waitFor()
  assert.deepEqual(errors, [], 'the content policy stood in the way')
}

export async function ownLanguage({ exchange, open }) {
  await person(exchange, 'uwe', { language: 'de' })
  const context = await open() // of a browser that speaks English
  const page = await context.newPage()
  await page.goto('/me')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await enter(page, 'uwe')
  await page.getByRole('heading', { name: 'Mein Konto' }).waitFor()
  assert.equal(await page.locator('html').getAttribute('lang'), 'de')
  await page.reload()
  const own = page.getByRole('form', { name: 'Meine Einstellungen' })
  await own.getByRole('combobox', { name: 'Sprache' }).click()
  await page.getByRole('option', { name: 'Español' }).click()
  await own.getByRole('button', { name: 'Speichern' }).click()
  await page.getByRole('heading', { name: 'Mi cuenta' }).waitFor()
  assert.equal((await exchange.api('GET', '/users?login=uwe')).items[0].language, 'es')
  // What is chosen in the browser goes before it.
  await page.getByRole('button', { name: 'Cuenta y apariencia' }).click()
  await page.getByRole('menuitem', { name: 'English' }).click()
  await page.reload()
  await page.getByRole('heading', { name: 'My account' }).waitFor()
}

export async function forcedPassword({ exchange, open }) {
  await person(exchange, 'new', { password_change_required: true })
  const page = await (await open()).newPage()
  await page.goto('/me')
  await enter(page, 'new')
  await page.getByLabel('Present password').fill('wrong')
  await page.getByRole('textbox', { name: 'New password', exact: true }).fill('a new password')
  await page.getByLabel('New password again').fill('another one')
  await page.keyboard.press('Enter')
  await page.getByText('The two are not the same.').waitFor()
  await page.getByLabel('New password again').fill('a new password')
  await page.keyboard.press('Enter')
  await page.getByText('is not the present password').waitFor()
  await accessible(page, 'the forced change of a password')
  await shot(page, 'password')
  await page.getByLabel('Present password').fill('new password')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'My account' }).waitFor()
}

// The password, the second factor and the sessions are one's own to look after.
export async function security({ exchange, open }) {
  await person(exchange, 'cleo', { role: 'user' })
  const other = await (await open()).newPage()
  await other.goto('/')
  await enter(other, 'cleo')
  await other.getByRole('heading', { name: 'My account' }).waitFor()
  const page = await (await open()).newPage()
  await page.goto('/')
  await enter(page, 'cleo')
  await menu(page, 'Sign-in and security')
  await page.getByRole('heading', { name: 'Sign-in and security' }).waitFor()
  await page.getByText('Chrome on Linux').first().waitFor()
  await accessible(page, 'one’s own security')
  await shot(page, 'security')

  // A session elsewhere ends.
  await page.getByRole('button', { name: /^Sign out Chrome/ }).click()
  await page.getByText('You are signed in here only.').waitFor()
  await other.reload()
  await other.getByRole('heading', { name: 'Sign in' }).waitFor()

  // The second factor: a wrong code, the right one, recovery codes.
  await page.getByRole('button', { name: 'Set up' }).click()
  const secret = await page.locator('code').first().textContent()
  await page.getByLabel('Code', { exact: true }).fill('000000')
  await page.getByRole('button', { name: 'Turn on' }).click()
  await page.getByText('is not what the app shows now').waitFor()
  await accessible(page, 'setting up the second factor')
  await shot(page, 'security-totp')
  await page.getByLabel('Code', { exact: true }).fill(totp(secret))
  await page.getByRole('button', { name: 'Turn on' }).click()
  await page.getByRole('heading', { name: 'Recovery codes' }).waitFor()
  const codes = await page.locator('code').allTextContents()
  assert.equal(codes.length, 10)
  await accessible(page, 'the recovery codes')
  await shot(page, 'security-recovery')
  await page.getByRole('button', { name: 'I have kept them' }).click()
  await enter(other, 'cleo')
  await other.getByLabel('Code').fill('123456')
  await other.keyboard.press('Enter')
  await other.getByText('The code is wrong').waitFor()
  await shot(other, 'sign-in-code')
  await other.getByLabel('Code').fill(totp(secret, Date.now() + 30_000)) // that of now was used
  await other.keyboard.press('Enter')
  await other.getByRole('heading', { name: 'My account' }).waitFor()

  // Another password ends the other session; this one goes on.
  await page.getByLabel('Present password').fill('wrong')
  await page.getByRole('textbox', { name: 'New password', exact: true }).fill('another password')
  await page.getByLabel('New password again').fill('another password')
  await page.keyboard.press('Enter')
  await page.getByText('is not the present password').waitFor()
  await page.getByLabel('Present password').fill('cleo password')
  await page.keyboard.press('Enter')
  await page.getByText('The password was changed').waitFor()
  await other.reload()
  await enter(other, 'cleo', 'another password')
  await other.getByLabel('Code').fill(codes[0])
  await other.keyboard.press('Enter')
  await other.getByRole('heading', { name: 'My account' }).waitFor()

  // Off again, with the password once more.
  await page.getByRole('button', { name: 'Turn off…' }).click()
  await page.getByRole('dialog').getByLabel('Present password').fill('cleo password')
  await page.keyboard.press('Enter')
  await page.getByText('is not the present password').waitFor()
  await accessible(page, 'turning the second factor off')
  await page.getByRole('dialog').getByLabel('Present password').fill('another password')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Set up' }).waitFor()
}

// A passkey of an authenticator that the browser is given: added, and then signed
// in with, without a login.
export async function passkeys({ exchange, open }) {
  await person(exchange, 'eva', { role: 'user' })
  const baseURL = exchange.url.replace('127.0.0.1', 'localhost') // browsers take passkeys for names only
  const page = await (await open({ baseURL })).newPage()
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  })
  await page.goto('/security')
  await enter(page, 'eva')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByLabel('Name', { exact: true }).fill('My laptop')
  await page.getByRole('dialog').getByLabel('Present password').fill('wrong')
  await page.keyboard.press('Enter')
  await page.getByText('is not the present password').waitFor()
  await accessible(page, 'adding a passkey')
  await page.getByRole('dialog').getByLabel('Present password').fill('eva password')
  await page.keyboard.press('Enter')
  await page.getByText('The passkey was added').waitFor()
  await page.getByRole('cell', { name: 'My laptop', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Rename My laptop' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('Laptop')
  await page.keyboard.press('Enter')
  await page.getByRole('cell', { name: 'Laptop', exact: true }).waitFor()
  await accessible(page, 'the passkeys')
  await shot(page, 'security-passkeys')

  await menu(page, 'Sign out')
  await shot(page, 'sign-in-passkey')
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.getByRole('heading', { name: 'Sign-in and security' }).waitFor()
  const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId })
  assert.equal(credentials.length, 1)

  // What is removed opens nothing.
  await page.getByRole('button', { name: 'Remove Laptop' }).click()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('cell', { name: 'Laptop', exact: true }).waitFor({ state: 'detached' })
  await menu(page, 'Sign out')
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.getByText('The passkey is not known here.').waitFor()
}

/** mailbox is a mail server that keeps what it is given. */
async function mailbox() {
  const mails = []
  const server = createServer((socket) => {
    let body = null
    let rest = ''
    const say = (line) => socket.write(`${line}\r\n`)
    say('220 mail.example.com')
    socket.on('error', () => {})
    socket.on('data', (b) => {
      rest += b.toString('utf8')
      for (let end; (end = rest.indexOf('\r\n')) >= 0; rest = rest.slice(end + 2)) {
        const line = rest.slice(0, end)
        if (body !== null) {
          if (line !== '.') { body += `${line}\n`; continue }
          mails.push(body.replace(/=\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))))
          server.emit('mail')
          body = null
          say('250 taken')
        } else if (/^DATA/i.test(line)) { body = ''; say('354 go on') }
        else if (/^QUIT/i.test(line)) { say('221 bye'); socket.end() }
        else say('250 mail.example.com')
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: server.address().port,
    next: async (n) => { while (mails.length < n) await once(server, 'mail'); return mails[n - 1] },
    close: () => server.close(),
  }
}

/** mailsTo has an exchange send its mail to a mailbox. */
async function mailsTo(exchange, mail) {
  const operator = exchange.run('token', 'create', '--role', 'operator').split(/\s+/).at(-1)
  const set = await fetch(`${exchange.url}/api/v1/organizations/default`, {
    method: 'PATCH', headers: { Authorization: `Bearer ${operator}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ private_destinations: ['127.0.0.0/8'], mail: { host: '127.0.0.1', port: mail.port, tls: 'none', from: 'pbx@example.com' } }),
  })
  assert.equal(set.status, 200, await set.text())
}

export async function forgotten({ open }) {
  const exchange = await startExchange()
  const mail = await mailbox()
  try {
    await mailsTo(exchange, mail)
    await person(exchange, 'boss')
    const { id } = await person(exchange, 'dora', { role: 'user', email: 'dora@example.com' })
    const context = await open({ baseURL: exchange.url })
    const page = await context.newPage()
    await page.goto('/')
    await page.getByRole('link', { name: 'Forgot the password?' }).click()
    await page.getByRole('heading', { name: 'Choose a new password' }).waitFor()
    await page.getByLabel('Login or email address').fill('dora@example.com')
    await page.keyboard.press('Enter')
    await page.getByText('a mail is on its way').waitFor()
    await accessible(page, 'asking for a link')
    await shot(page, 'forgot')
    const link = (await mail.next(1)).match(/http:\S+\/reset#\S+/)[0]
    await page.goto(link)
    await page.getByRole('textbox', { name: 'New password', exact: true }).fill('a new password')
    await page.getByLabel('New password again').fill('not the same')
    await page.keyboard.press('Enter')
    await page.getByText('The two are not the same.').waitFor()
    await accessible(page, 'choosing a password with a link')
    await shot(page, 'reset')
    await page.getByLabel('New password again').fill('a new password')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'To sign-in' }).click()
    await enter(page, 'dora', 'a new password')
    await page.getByRole('heading', { name: 'My account' }).waitFor()

    // The link was good once.
    const again = await (await open({ baseURL: exchange.url, viewport: { width: 390, height: 800 } })).newPage()
    await again.goto(link)
    await again.getByRole('textbox', { name: 'New password', exact: true }).fill('a third password')
    await again.getByLabel('New password again').fill('a third password')
    await again.keyboard.press('Enter')
    await again.getByText('This link opens nothing any more').waitFor()
    await accessible(again, 'a link that was used')
    await shot(again, 'reset-used-phone')

    // An administrator has one sent; who has no email cannot be sent one.
    const admin = await (await open({ baseURL: exchange.url })).newPage()
    await admin.goto('/users')
    await enter(admin, 'boss')
    await admin.getByRole('button', { name: 'Actions for Dora Walker' }).click()
    await admin.getByRole('menuitem', { name: 'Mail a link for a new password' }).click()
    await admin.getByText('The link is on its way to dora@example.com').waitFor()
    assert.match(await mail.next(2), /http:\S+\/reset#\S+/)
    await admin.getByRole('button', { name: 'Actions for Boss Walker' }).click()
    await admin.getByRole('menu', { name: 'Actions for Boss Walker' }).getByRole('menuitem', { name: 'Mail a link for a new password' }).click() // the other may still be closing
    await admin.getByText('the user has no valid one').waitFor()

    // The audit log has all of it.
    await admin.getByRole('link', { name: 'Audit log' }).click()
    await admin.getByText('with a mailed link').waitFor()
    await admin.mouse.move(700, 800)
    await accessible(admin, 'the audit log')
    await shot(admin, 'audit')
    await admin.getByRole('combobox', { name: 'What' }).click()
    await admin.getByRole('option', { name: 'Password changed' }).click()
    await admin.getByRole('row').nth(2).waitFor({ state: 'detached' })
    await admin.getByLabel('Who').fill('nobody at all')
    await admin.getByText('Nothing matches').waitFor()
    const saved = admin.waitForEvent('download')
    await admin.getByRole('button', { name: 'Clear filters' }).first().click()
    await admin.getByRole('button', { name: 'Download CSV' }).click()
    assert.equal((await saved).suggestedFilename(), 'audit.csv')
    const { password_change_required: due } = await exchange.api('GET', `/users/${id}`)
    assert.equal(due, false)
  } finally {
    mail.close()
    await exchange.stop()
  }
}

// A new address of who has joined is mailed a link; the password confirms it; until
// then lists, forms and the user's own page say that nobody has.
export async function newAddress({ open }) {
  const exchange = await startExchange()
  const mail = await mailbox()
  try {
    await mailsTo(exchange, mail)
    await person(exchange, 'boss')
    const { id } = await person(exchange, 'dora', { role: 'user', email: 'dora@example.com', application_line: {} })
    const code = (await mail.next(1)).match(/\/a\/(\w+)/)[1]
    await exchange.api('POST', '/app-devices/activate', { code, os: 'android', app_version: '1', name: 'Pixel' })

    const context = await open({ baseURL: exchange.url })
    const admin = await context.newPage()
    await admin.goto('/users')
    await enter(admin, 'boss')
    await admin.getByRole('button', { name: 'Actions for Dora Walker' }).click()
    await admin.getByRole('menuitem', { name: 'Edit user' }).click()
    const form = admin.getByRole('dialog', { name: /Edit user/ })
    await form.getByRole('textbox', { name: 'Email', exact: true }).fill('dora at example')
    await form.getByText('A link to confirm it is mailed to a new address.').waitFor()
    await form.getByRole('button', { name: 'Save' }).click()
    await form.getByText('must be an email address').waitFor()
    await form.getByRole('textbox', { name: 'Email', exact: true }).fill('dora@example.org')
    await settled(admin)
    await shot(admin, 'address-changing')
    await form.getByRole('button', { name: 'Save' }).click()
    await admin.getByRole('row').filter({ hasText: 'dora@example.org' }).getByText('not confirmed').waitFor()
    const letters = [await mail.next(2), await mail.next(3)]
    const [asks, tells] = letters[0].includes('/verify#') ? letters : letters.reverse()
    assert.match(asks, /^To: .*dora@example\.org/m)
    assert.match(tells, /^To: .*dora@example\.com/m)
    await settled(admin)
    await accessible(admin, 'an address that nobody has confirmed')
    await shot(admin, 'address-list')

    // The form says so too, and has the link mailed again; the one before is void.
    await admin.getByRole('button', { name: 'Actions for Dora Walker' }).click()
    await admin.getByRole('menuitem', { name: 'Mail the link to confirm the email again' }).waitFor()
    await admin.getByRole('menuitem', { name: 'Edit user' }).click()
    await form.getByText('The link that was mailed there is good until').waitFor()
    await form.getByRole('button', { name: 'Mail the link again' }).click()
    await admin.getByText('is on its way to dora@example.org').waitFor()
    await settled(admin)
    await accessible(admin, 'a form with an address that nobody has confirmed')
    await shot(admin, 'address-form')
    const first = asks.match(/http:\S+\/verify#\S+/)[0]
    const link = (await mail.next(4)).match(/http:\S+\/verify#\S+/)[0]
    assert.notEqual(link, first)

    // Her own page says that she has mail.
    const page = await (await open({ baseURL: exchange.url })).newPage()
    await page.goto('/me')
    await enter(page, 'dora')
    await page.getByText('Follow the link that was mailed there').waitFor()
    await accessible(page, 'one’s own page with an address that one has not confirmed')
    await shot(page, 'address-own')
    await page.goto(first)
    await page.reload() // the key stays in no history
    await page.getByRole('heading', { name: 'This link confirms nothing any more' }).waitFor()
    await accessible(page, 'a link that confirms nothing')
    const other = await (await open({ baseURL: exchange.url, viewport: { width: 390, height: 800 }, colorScheme: 'dark' })).newPage()
    await other.goto(first)
    await other.getByRole('heading', { name: 'This link confirms nothing any more' }).waitFor()
    await shot(other, 'address-dead-phone')
    await other.goto('about:blank')
    await other.goto(link)
    await other.getByText('It was entered for Dora Walker at').waitFor()
    await other.getByText('dora@example.org', { exact: true }).waitFor()
    assert.ok(!other.url().includes('#'), 'the key stays in the address')
    await other.getByRole('button', { name: 'Confirm the address' }).click()
    await other.getByText(/missing/i).waitFor()
    await other.getByLabel('Your password').fill('a guess')
    await other.keyboard.press('Enter')
    await other.getByText('is not the present password').waitFor()
    await accessible(other, 'confirming an address')
    await fits(other, 'confirming an address')
    await shot(other, 'address-confirm-phone')
    await other.getByLabel('Your password').fill('dora password')
    await other.keyboard.press('Enter')
    await other.getByRole('heading', { name: 'The address is confirmed' }).waitFor()
    await accessible(other, 'a confirmed address')
    await shot(other, 'address-confirmed-phone')
    await admin.reload()
    await admin.getByRole('row').filter({ hasText: 'dora@example.org' }).waitFor()
    await admin.getByText('not confirmed').waitFor({ state: 'detached' })
    assert.equal((await exchange.api('GET', `/users/${id}`)).email_verification.state, 'verified')
    await admin.goto('/audit')
    await admin.getByRole('cell', { name: 'Email confirmed' }).waitFor()
  } finally {
    mail.close()
    await exchange.stop()
  }
}

export async function onAPhone({ exchange, open }) {
  await person(exchange, 'pia')
  const context = await open({ viewport: { width: 390, height: 800 }, hasTouch: true, colorScheme: 'dark' })
  const page = await context.newPage()
  await page.goto('/me')
  await enter(page, 'pia')
  await page.getByRole('heading', { name: 'My account' }).waitFor()
  assert.equal(await page.getByRole('link', { name: 'My account' }).isVisible(), false)
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByRole('link', { name: 'My account' }).click()
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
  assert.equal(await fits(), true, 'the page is wider than the phone')
  await accessible(page, 'the shell on a phone')
  await menu(page, 'Sign-in and security')
  await page.getByText('Chrome on Linux').first().waitFor()
  await page.getByRole('button', { name: 'Set up' }).click()
  await page.getByLabel('Code', { exact: true }).waitFor()
  assert.equal(await fits(), true, 'the security page is wider than the phone')
  await accessible(page, 'security on a phone')
  await shot(page, 'security-phone-dark')
  await page.goto('/audit')
  await page.getByText('Signed in').first().waitFor()
  assert.equal(await fits(), true, 'the audit log is wider than the phone')
  await accessible(page, 'the audit log on a phone')
  await shot(page, 'audit-phone-dark')
}
