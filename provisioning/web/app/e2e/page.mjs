// What people do on a page, whichever it is: sign in, act on a row, choose from a
// list, look at it in the dark.
import assert from 'node:assert/strict'

/** enter fills in the sign-in page. */
export async function enter(page, login, password = `${login} password`) {
  await page.getByLabel('Login').fill(login)
  await page.getByRole('textbox', { name: 'Password' }).fill(password)
  await page.keyboard.press('Enter')
}

/** openPage is a page of the application for somebody who signs in on the way to it: the demo's administrator, or as. */
export async function openPage({ exchange, open }, path, { as, ...options } = {}) {
  const context = await open(options)
  const page = await context.newPage()
  page.on('pageerror', (e) => console.log('page error:', e.message))
  await page.goto(path)
  const [, login, password] = as ? [0, as] : exchange.printed().match(/login (\S+)\s+password (\S+)/)
  await enter(page, login, password)
  await page.locator('nav[aria-label=Pages]').waitFor({ state: 'attached' }) // folded away on a phone
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  return page
}

export const row = (page, name) => page.getByRole('row').filter({ hasText: name })

/** act chooses from the menu of what is called so. */
export async function act(page, name, action) {
  await page.getByRole('button', { name: `Actions for ${name}` }).click()
  await page.getByRole('menuitem', { name: action, exact: true }).click()
}

/** pick chooses the first such option, after which the list has folded away. */
export async function pick(page, box, option) {
  await box.click()
  await page.getByRole('option', { name: option }).first().click()
  await page.getByRole('option').first().waitFor({ state: 'hidden' })
}

/** coloured turns the colours of the system; the page follows. */
export async function coloured(page, colorScheme) {
  await page.emulateMedia({ colorScheme })
  await page.waitForFunction((wanted) => document.documentElement.getAttribute('data-mantine-color-scheme') === wanted, colorScheme)
}

/** settled waits until drawers have slid in, what was saved is no longer said, and no pointer colours a button. */
export async function settled(page) {
  await page.mouse.move(0, 0)
  await page.waitForFunction(() => !document.querySelector('.mantine-Notification-root'))
  await page.waitForTimeout(300)
}

/** fits wants a page that need not be moved sideways. */
export const fits = async (page, what) => assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${what} is wider than the phone`)
