// What the exchange refuses, in the language of the pages.
import { accessible, person, shot } from './exchange.mjs'
import { settled } from './page.mjs'

const spoken = {
  de: {
    signIn: ['Anmeldename', 'Passwort'], wrong: 'Anmeldename oder Passwort ist falsch.',
    add: 'Rufnummer hinzufügen', number: 'Rufnummer', save: 'Speichern', noNumber: '„0215“ ist keine Rufnummer mit „+“ und 2 bis 15 Ziffern',
    actions: 'Aktionen für', remove: 'Löschen', removeUser: 'Benutzer löschen …', lost: /^wird gelöscht; die Apps werden abgemeldet/,
    held: 'Zeitplan Bürozeit: wird noch verwendet von Benutzer Ada Walker', holds: 'verwendet es und muss es zuerst abgeben',
    changes: ['Benutzer geändert', 'Zeitplan angelegt'],
  },
  es: {
    signIn: ['Usuario', 'Contraseña'], wrong: 'El usuario o la contraseña no son correctos.',
    add: 'Añadir número', number: 'Número', save: 'Guardar', noNumber: '«0215» no es un número con «+» y de 2 a 15 cifras',
    actions: 'Acciones para', remove: 'Eliminar', removeUser: 'Eliminar usuario…', lost: /^se elimina; se cierra la sesión de las aplicaciones/,
    held: 'Horario Bürozeit: todavía en uso por usuario Ada Walker', holds: 'lo usa, y antes debe dejar de usarlo',
    changes: ['Cambio de usuario', 'Alta de horario'],
  },
}

async function refused({ exchange, open }, language) {
  const w = spoken[language]
  const login = `ada${language}`
  const { id } = await person(exchange, login, { first_name: 'Ada', language, application_line: {} })
  const schedule = await exchange.api('POST', '/time-schedules', { name: 'Bürozeit' })
  await exchange.api('PATCH', `/users/${id}`, { time_schedule_id: schedule.id })

  const page = await (await open({ locale: language })).newPage()
  await page.goto('/numbers')
  const [user, password] = w.signIn
  await page.getByLabel(user).fill(login)
  await page.getByRole('textbox', { name: password }).fill('wrong')
  await page.keyboard.press('Enter')
  await page.getByText(w.wrong).waitFor()
  await page.getByRole('textbox', { name: password }).fill(`${login} password`)
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')

  // Beside a field.
  await page.getByRole('button', { name: w.add }).first().click()
  await dialog.getByRole('textbox', { name: w.number, exact: true }).fill('0215')
  await dialog.getByRole('button', { name: w.save }).click()
  await dialog.getByText(w.noNumber, { exact: true }).waitFor()
  await settled(page)
  await accessible(page, `a field that is refused, in ${language}`)
  await shot(page, `refused-field-${language}`)

  // What stands against a deletion, and what goes with one.
  await page.goto('/time-schedules')
  await act(page, 'Bürozeit', w)
  await page.getByRole('menuitem', { name: w.remove }).click()
  await dialog.getByRole('button', { name: w.remove }).click()
  await dialog.getByText(w.held, { exact: true }).waitFor()
  await dialog.getByText(w.holds, { exact: true }).waitFor()
  await settled(page)
  await accessible(page, `a deletion that is refused, in ${language}`)
  await shot(page, `refused-deletion-${language}`)
  await page.goto(`/users?full_name=Ada`)
  await act(page, 'Ada Walker', w)
  await page.getByRole('menuitem', { name: w.removeUser }).click()
  await dialog.getByText(w.lost).first().waitFor()
  await settled(page)
  await shot(page, `deletion-${language}`)

  await page.goto('/revisions')
  for (const change of w.changes) await page.getByRole('button', { name: change }).first().waitFor()
  await settled(page)
  await accessible(page, `the changes, in ${language}`)
  await shot(page, `changes-${language}`)

  // The next language's are their own.
  await exchange.api('DELETE', `/users/${id}?confirm=true`)
  await exchange.api('DELETE', `/time-schedules/${schedule.id}`)
}

const act = (page, name, w) => page.getByRole('button', { name: `${w.actions} ${name}` }).click()

export const german = (t) => refused(t, 'de')
export const spanish = (t) => refused(t, 'es')
