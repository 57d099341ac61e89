// A file of users: dropped, matched, checked, mended, imported, taken back.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { accessible, shot } from './exchange.mjs'
import { fits, openPage } from './page.mjs'

const choose = (page, name, text) => page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })

const good = '\ufeffVorname;'.replace(';', ',') + 'Nachname,E-Mail,Abteilung,Shoe size\r\nPaula,Import,paula@example.com,"Sales, East",38\r\nPetra,Import,petra@example.com,Sales,40\r\n'

export async function importFile(t) {
  const { exchange } = t
  await exchange.api('POST', '/users', { first_name: 'Petra', last_name: 'Import' })
  const page = await openPage(t, '/users')
  await page.getByRole('link', { name: 'Import CSV' }).click()
  await page.getByRole('heading', { name: 'Import users' }).waitFor()
  await accessible(page, 'where a file is dropped')
  await shot(page, 'import-drop')

  // Refused, in words that name what is wrong.
  await choose(page, 'bad.csv', 'first_name;email\nA;a@x.org\n')
  await page.getByText('want commas').waitFor()
  await choose(page, 'bad.csv', 'first_name\nA,B\n')
  await page.getByText('line 2 has 2 cells').waitFor()
  await shot(page, 'import-refused')
  await accessible(page, 'a file that is refused')

  await choose(page, 'people.csv', good + 'Otto,Import,no address,,\r\n')
  await page.getByText('people.csv: 3 rows').waitFor()
  assert.equal(await page.getByLabel('Field: Vorname').first().inputValue(), 'First name')
  assert.equal(await page.getByLabel('Field: Shoe size').first().inputValue(), 'Leave out')
  await accessible(page, 'the columns of a file')
  await shot(page, 'import-columns')
  await page.getByRole('button', { name: 'Check the file' }).click()
  await page.getByText('1 to add, 1 to skip, 1 with a mistake').waitFor()
  await page.getByRole('row').filter({ hasText: 'no address' }).getByText('Mistake').waitFor()
  await page.mouse.move(0, 0)
  await page.waitForTimeout(200) // the button is as it is when nobody points at it
  await accessible(page, 'rows with mistakes')
  await shot(page, 'import-problems')
  assert.equal(await page.getByRole('button', { name: /^Import \d/ }).count(), 0)

  // Mended and sent again.
  await page.getByRole('button', { name: 'Another file' }).click()
  await choose(page, 'people.csv', good)
  await page.getByRole('button', { name: 'Check the file' }).click()
  const submit = page.getByRole('button', { name: 'Import 1 user' })
  await submit.waitFor()
  assert.equal(await submit.isDisabled(), true)
  await page.getByText('have agreed').click()
  await submit.click()
  await page.getByText('1 user was added').waitFor()
  await accessible(page, 'an import that is done')
  await shot(page, 'import-done')
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download the report' }).click()])
  assert.match(await readFile(await download.path(), 'utf8'), /3,skipped,first_name,a user has this full name/)
  const [paula] = (await exchange.api('GET', '/users?email=paula@example.com')).items
  assert.equal(paula.department, 'Sales, East')

  await page.getByRole('link', { name: 'Undo this import' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('User: Paula Import').waitFor()
  await page.waitForTimeout(300)
  await accessible(page, 'what an undo changes')
  await shot(page, 'undo-preview')
  await dialog.getByRole('button', { name: 'Take it back' }).click()
  await dialog.waitFor({ state: 'detached' })
  assert.equal((await exchange.api('GET', '/users?email=paula@example.com')).items.length, 0)
}

export async function lostConnection(t) {
  const page = await openPage(t, '/imports')
  await page.route('**/api/v1/imports', (route) => route.abort('connectionreset'))
  await choose(page, 'people.csv', good)
  await page.getByText('The connection was lost during the upload').waitFor()
}

// The exchange is killed twice, while the page is open: once when the file was checked,
// and once in the middle of the import.
export async function exchangeKilled(t) {
  const { exchange } = t
  const people = 8000
  const crowd = 'Vorname,Nachname,E-Mail\r\n' + Array.from({ length: people }, (_, i) => `Kim${i},Killed,kim${i}@example.com\r\n`).join('')
  const page = await openPage(t, '/imports')
  const lost = page.getByText('The connection to the exchange is lost')
  const submit = page.getByRole('button', { name: `Import ${people} users` })
  const imported = async () => (await exchange.api('GET', '/revisions')).items.filter((r) => r.summary.startsWith('import users from crowd.csv'))
  await choose(page, 'crowd.csv', crowd)
  await page.getByText(`crowd.csv: ${people} rows`).waitFor()
  await page.getByRole('switch').uncheck()
  await page.getByRole('button', { name: 'Check the file' }).click()
  await submit.waitFor()

  await exchange.kill()
  await page.getByText('have agreed').click()
  await submit.click()
  await lost.waitFor()
  await accessible(page, 'an import without its exchange')
  await shot(page, 'import-lost')
  await exchange.start()
  await lost.waitFor({ state: 'detached' })
  await page.getByText('The connection was lost for a while. Nothing was imported so far.').waitFor()
  // What was chosen and checked is there when the page is opened again.
  await page.reload()
  await submit.waitFor()
  assert.equal(await page.getByRole('switch').isChecked(), false)

  await page.getByText('have agreed').click()
  const asked = page.waitForRequest((r) => r.url().endsWith('/run'))
  await submit.click()
  await asked
  await page.getByText(/^Importing: [1-9]/).waitFor()
  await exchange.kill()
  await lost.waitFor()
  await exchange.start()
  // It may have been saved just before.
  const stopped = page.getByText('The exchange stopped before this was over')
  const done = page.getByText(`${people} users were added`)
  await stopped.or(done).waitFor()
  const saved = await done.isVisible()
  console.log(`      killed ${saved ? 'after' : 'before'} it was saved`)
  assert.equal((await imported()).length, saved ? 1 : 0)
  assert.equal((await exchange.api('GET', '/users?last_name=Killed&limit=1')).items.length, saved ? 1 : 0)
  await accessible(page, 'what became of an import that was cut short')
  await shot(page, 'import-interrupted')
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.setViewportSize({ width: 390, height: 800 })
  await accessible(page, 'the same on a phone in the dark')
  await shot(page, 'import-interrupted-phone-dark')
  if (!saved) {
    await page.getByRole('button', { name: 'Check the file' }).click()
    await submit.click()
    await done.waitFor()
  }
  assert.equal((await imported()).length, 1)
}

// What became of an import is told in each language, also where its report is missing.
export async function toldInEachLanguage(t) {
  const cut = {
    id: 'cut', file_name: 'people.csv', size: 20, row_count: 2, columns: [{ name: 'Vorname', field: 'first_name' }], sample: [{ row: 2, action: '', cells: ['Paula'] }],
    progress: 0, created: 0, skipped: 0, failed: 0, revision: 0, problems: [], report: false, merge_duplicates: false, mapping: { Vorname: 'first_name' }, expires_at: '2099-01-01T00:00:00Z',
  }
  const storageState = await (await openPage(t, '/users')).context().storageState()
  for (const [locale, lost, interrupted, noReport] of [
    ['en-GB', 'The connection to the exchange is lost', 'The exchange stopped before this was over', 'There is no report of each row'],
    ['de-DE', 'Die Verbindung zur Telefonanlage ist unterbrochen', 'Die Telefonanlage wurde mittendrin beendet', 'Es gibt keinen Bericht über die Zeilen'],
    ['es-ES', 'Se perdió la conexión con la centralita', 'La centralita se detuvo antes de terminar', 'No hay informe de las filas'],
  ]) {
    const page = await (await t.open({ locale, storageState })).newPage()
    const answers = [
      (route) => route.abort('connectionrefused'),
      (route) => route.fulfill({ json: { ...cut, state: 'interrupted', error: 'the exchange stopped' } }),
      (route) => route.fulfill({ json: { ...cut, state: 'done', progress: 1, created: 2, revision: 7 } }),
    ]
    let at = 0
    await page.route('**/api/v1/imports/cut', (route) => answers[at](route))
    await page.goto('/imports?id=cut')
    await page.getByText(lost).waitFor()
    at = 1
    await page.getByText(interrupted).waitFor()
    await shot(page, `import-interrupted-${locale}`)
    at = 2
    await page.reload()
    await page.getByText(noReport).waitFor()
    await accessible(page, `an import without its report, ${locale}`)
    await shot(page, `import-no-report-${locale}`)
  }
}

export async function onAPhone(t) {
  const page = await openPage(t, '/imports', { viewport: { width: 390, height: 800 }, hasTouch: true, colorScheme: 'dark' })
  await choose(page, 'people.csv', good)
  await page.getByText('people.csv: 2 rows').waitFor()
  await fits(page, 'an import')
  await accessible(page, 'an import on a phone in the dark')
  await shot(page, 'import-phone-dark')
}
