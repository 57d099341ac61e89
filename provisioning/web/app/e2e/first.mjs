// From nothing to signed in, with nothing played: the link that serve prints,
// the first administrator, and what a wrong password is told.
import assert from 'node:assert/strict'
import { accessible, shot, startExchange } from './exchange.mjs'

export async function firstRun({ open }) {
  const exchange = await startExchange({ demo: false })
  try {
    const link = exchange.printed().match(/http:\S+\/setup#\S+/)?.[0]
    assert.ok(link, `no link in\n${exchange.printed()}`)
    const context = await open({ baseURL: exchange.url, timezoneId: 'Europe/Berlin' })
    const page = await context.newPage()
    await page.goto(link)
    await page.getByLabel('Name of the organization').fill('Walker & Sons')
    await accessible(page, 'the set-up page')
    await shot(page, 'set-up')
    await page.getByLabel('First name').fill('Ada')
    await page.getByLabel('Last name').fill('Walker')
    await page.getByLabel('Email').fill('ada@walker.example')
    await page.getByRole('textbox', { name: 'Password' }).fill('correct horse 9')
    const key = new URL(link).hash.slice(1)
    await page.getByLabel('Set-up key').fill('another')
    await page.getByRole('button', { name: 'Set up' }).click()
    await page.getByText('not the one that').waitFor()
    await page.getByLabel('Set-up key').fill(key)
    await page.getByRole('button', { name: 'Set up' }).click()
    await page.getByText('Walker & Sons').waitFor()
    assert.equal(new URL(page.url()).hash, '', 'the key stays in the address')
    const organization = await exchange.api('GET', '/organizations/default')
    assert.deepEqual([organization.name, organization.time_zone, organization.country], ['Walker & Sons', 'Europe/Berlin', 'GB'])

    await page.reload()
    await page.getByText('Walker & Sons').waitFor()
    await page.getByRole('button', { name: 'Account and appearance' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.getByLabel('Login').fill('ada@walker.example')
    await page.getByRole('textbox', { name: 'Password' }).fill('wrong')
    await page.keyboard.press('Enter')
    await page.getByText('The login or the password is wrong.').waitFor()
    await page.getByRole('textbox', { name: 'Password' }).fill('correct horse 9')
    await page.keyboard.press('Enter')
    await page.getByText('Walker & Sons').waitFor()

    // A change by the session itself, its token with it.
    await page.goto('/users')
    await page.getByText('ada@walker.example').first().waitFor()
    const wide = await page.locator('td').evaluateAll((cells) => cells.filter((c) => c.scrollWidth > c.clientWidth).map((c) => c.textContent))
    assert.deepEqual(wide, [], 'what stands in a cell reaches into the next')
    await shot(page, 'first-users')

    // The link is good once.
    const other = await open({ baseURL: exchange.url })
    const again = await other.newPage()
    await again.goto(link)
    await again.getByRole('heading', { name: 'Sign in' }).waitFor()
  } finally {
    await exchange.stop()
  }
}
