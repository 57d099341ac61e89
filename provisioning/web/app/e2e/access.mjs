// Everything before one is inside. What the exchange says to a wrong password
// or a missing code is played here; that it says so is the API's own test.
import assert from 'node:assert/strict'
import { accessible, sessionOf, shot, signedIn } from './exchange.mjs'

const problem = (route, status, body) => route.fulfill({ status, contentType: 'application/problem+json', body: JSON.stringify({ status, ...body }) })

export async function signIn({ open }) {
  const context = await open()
  let signedInAs = null
  await context.route('**/api/v1/session', (route) => {
    const request = route.request()
    if (request.method() === 'DELETE') {
      assert.equal(request.headers()['x-csrf-token'], 'csrf')
      signedInAs = null
      return route.fulfill({ status: 204 })
    }
    if (request.method() === 'GET') return signedInAs ? route.fulfill({ json: signedInAs }) : problem(route, 401, { detail: 'not signed in' })
    const { login, password, code } = request.postDataJSON()
    if (login !== 'ada' || password !== 'correct horse') return problem(route, 401, { detail: 'The login or the password is wrong.' })
    if (!code) return problem(route, 401, { detail: 'A code is due.', need: 'code' })
    signedInAs = sessionOf()
    return route.fulfill({ json: signedInAs })
  })
  await context.route('**/api/v1/setup', (route) => route.fulfill({ json: { needed: false } }))
  await context.route('**/api/v1/me', (route) => route.fulfill({ json: { role: 'admin', organization: 'default' } }))
  const page = await context.newPage()
  const errors = []
  page.on('console', (m) => m.type() === 'error' && /Content Security Policy/.test(m.text()) && errors.push(m.text()))
  await page.goto('/me')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await accessible(page, 'the sign-in page')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('Missing').first().waitFor()
  await page.getByLabel('Login').fill('ada')
  await page.getByRole('textbox', { name: 'Password' }).fill('wrong')
  await page.keyboard.press('Enter')
  await page.getByText('The login or the password is wrong.').waitFor()
  await accessible(page, 'a refused sign-in')
  await shot(page, 'sign-in')
  await page.getByRole('textbox', { name: 'Password' }).fill('correct horse')
  await page.keyboard.press('Enter')
  await page.getByLabel('Code').fill('123456')
  await page.keyboard.press('Enter')
  await page.getByText('Walker & Sons').waitFor()
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

export async function forcedPassword({ open }) {
  const context = await open()
  let due = true
  await context.route('**/api/v1/session', (route) => route.fulfill({ json: sessionOf({ password_change_required: due }) }))
  await context.route('**/api/v1/session/password', (route) => {
    const { current, new: next } = route.request().postDataJSON()
    if (current !== 'old password') return problem(route, 422, { errors: [{ field: 'current', detail: 'is not the present password' }] })
    assert.equal(next, 'a new password')
    due = false
    return route.fulfill({ status: 204 })
  })
  await context.route('**/api/v1/me', (route) => route.fulfill({ json: { role: 'admin', organization: 'default' } }))
  const page = await context.newPage()
  await page.goto('/me')
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
  await page.getByLabel('Present password').fill('old password')
  await page.keyboard.press('Enter')
  await page.getByText('Walker & Sons').waitFor()
}

export async function firstRun({ open }) {
  const context = await open()
  let made = null
  await context.route('**/api/v1/session', (route) => (made ? route.fulfill({ json: sessionOf() }) : problem(route, 401, {})))
  await context.route('**/api/v1/setup', (route) => {
    if (route.request().method() === 'GET') return route.fulfill({ json: { needed: !made } })
    const body = route.request().postDataJSON()
    if (body.key !== 'the-key') return problem(route, 403, { detail: 'The key is wrong.' })
    made = body
    return route.fulfill({ json: sessionOf() })
  })
  await context.route('**/api/v1/me', (route) => route.fulfill({ json: { role: 'admin', organization: 'default' } }))
  const page = await context.newPage()
  await page.goto('/setup#key=another')
  await page.getByLabel('Name of the organization').fill('Walker & Sons')
  await page.getByLabel('Country').fill('ro')
  await page.getByLabel('First name').fill('Ada')
  await page.getByLabel('Last name').fill('Walker')
  await page.getByLabel('Email').fill('ada@example.com')
  await page.getByRole('textbox', { name: 'Password' }).fill('correct horse')
  await page.getByRole('button', { name: 'Set up' }).click()
  await page.getByText('The key is wrong.').waitFor()
  await accessible(page, 'the set-up page')
  await shot(page, 'set-up')
  await page.getByLabel('Set-up key').fill('the-key')
  await page.getByRole('button', { name: 'Set up' }).click()
  await page.getByRole('navigation').waitFor()
  assert.equal(made.login, 'ada@example.com')
  assert.equal(made.organization.country, 'RO')
}

export async function onAPhone({ exchange, open }) {
  const context = await open({ viewport: { width: 400, height: 800 }, hasTouch: true })
  await signedIn(context, exchange)
  const page = await context.newPage()
  await page.goto('/me')
  await page.getByRole('heading', { name: 'My account' }).waitFor()
  assert.equal(await page.getByRole('link', { name: 'My account' }).isVisible(), false)
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByRole('link', { name: 'My account' }).click()
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'the page is wider than the phone')
  await accessible(page, 'the shell on a phone')
}
