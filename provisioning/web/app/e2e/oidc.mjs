// Signing in with an OpenID Connect provider, which is one: it signs its tokens,
// wants the client's secret and the proof of PKCE, and shows a page of accounts.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accessible, person, shot, startExchange, totp } from './exchange.mjs'
import { enter } from './page.mjs'

const accounts = { una: 'una@example.com', omar: 'omar@example.com', nobody: 'nobody@example.com' }
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** provider vouches for its accounts to a client that knows the secret. */
async function provider(dir) {
  const certificate = join(dir, 'provider.pem')
  const key = join(dir, 'provider.key')
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=provider', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate], { stdio: 'ignore' })
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const codes = new Map() // what each was asked for with, and by whom
  const it = { certificate, refused: [], redeemed: 0 }
  const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, async (req, res) => {
    const url = new URL(req.url, it.issuer)
    const answer = (status, body) => res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return answer(200, { issuer: it.issuer, authorization_endpoint: `${it.issuer}/authorize`, token_endpoint: `${it.issuer}/token`, jwks_uri: `${it.issuer}/keys`, id_token_signing_alg_values_supported: ['RS256'] })
      case '/keys':
        return answer(200, { keys: [{ ...publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'k' }] })
      case '/authorize': {
        const links = Object.keys(accounts).map((account) => {
          const code = randomUUID()
          codes.set(code, { account, asked: url.searchParams })
          const back = `${url.searchParams.get('redirect_uri')}?${new URLSearchParams({ code, state: url.searchParams.get('state'), iss: it.issuer })}`
          return `<li><a href="${back.replaceAll('&', '&amp;')}">${account}</a></li>`
        })
        return res.writeHead(200, { 'Content-Type': 'text/html' }).end(`<!doctype html><title>Provider</title><h1>Who are you?</h1><ul>${links.join('')}</ul>`)
      }
      case '/token': {
        let body = ''
        for await (const chunk of req) body += chunk
        const form = new URLSearchParams(body)
        const { account, asked } = codes.get(form.get('code')) ?? {}
        codes.delete(form.get('code'))
        const wrong = !asked ? 'code' :
          req.headers.authorization !== `Basic ${Buffer.from('strowger:s3cret').toString('base64')}` ? 'client' :
          asked.get('code_challenge_method') !== 'S256' || createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url') !== asked.get('code_challenge') ? 'proof' :
          !asked.get('nonce') ? 'nonce' :
          form.get('redirect_uri') !== asked.get('redirect_uri') ? 'redirect_uri' : ''
        if (wrong) {
          it.refused.push(wrong)
          return answer(400, { error: 'invalid_grant' })
        }
        it.redeemed++
        const now = Math.floor(Date.now() / 1000)
        const claims = { iss: it.issuer, aud: 'strowger', sub: `account-${account}`, nonce: it.nonce ?? asked.get('nonce'), iat: now, exp: now + 300, email: accounts[account], email_verified: true }
        const text = `${encoded({ alg: 'RS256', kid: 'k', typ: 'JWT' })}.${encoded(claims)}`
        return answer(200, { access_token: 'x', token_type: 'Bearer', id_token: `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')}` })
      }
    }
    return answer(404, {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  it.issuer = `https://127.0.0.1:${server.address().port}`
  it.close = () => server.close()
  return it
}

export async function openID({ open }) {
  const dir = mkdtempSync(join(tmpdir(), 'strowger-provider-'))
  const id = await provider(dir)
  const exchange = await startExchange({ env: { SSL_CERT_FILE: id.certificate } })
  try {
    const operator = exchange.run('token', 'create', '--role', 'operator').split(/\s+/).at(-1)
    const set = await fetch(`${exchange.url}/api/v1/organizations/default`, {
      method: 'PATCH', headers: { Authorization: `Bearer ${operator}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ private_destinations: ['127.0.0.0/8'] }),
    })
    assert.equal(set.status, 200, await set.text())
    await person(exchange, 'ada')
    await person(exchange, 'una', { role: 'user', email: 'Una@example.com' })
    await person(exchange, 'omar', { role: 'user', email: 'omar@example.com' })
    const visit = async (path) => {
      const page = await (await open({ baseURL: exchange.url, ignoreHTTPSErrors: true })).newPage()
      page.on('pageerror', (e) => console.log('page error:', e.message))
      await page.goto(path)
      return page
    }

    // The administrator sets it up: first an address where nobody answers so.
    const admin = await visit('/sign-in-settings')
    await enter(admin, 'ada')
    await admin.getByLabel('Issuer').fill(`${id.issuer}/other`)
    await admin.getByLabel('Client ID').fill('strowger')
    await admin.getByLabel('Client secret').fill('s3cret')
    await admin.getByLabel('Words on the button').fill('Sign in with Example ID')
    await admin.getByRole('button', { name: 'Save' }).click()
    await admin.getByText('Saved').waitFor()
    await admin.getByRole('button', { name: 'Try the provider' }).click()
    await admin.getByRole('status').filter({ hasText: '404' }).waitFor()
    await admin.getByLabel('Issuer').fill(id.issuer)
    await admin.getByLabel('Client secret').fill('s3cret')
    await admin.getByRole('button', { name: 'Save' }).click()
    await admin.waitForFunction(() => document.querySelector('input[type=password]')?.value === '')
    await admin.getByRole('button', { name: 'Try the provider' }).click()
    await admin.getByText('It answers as a provider.').waitFor()
    await accessible(admin, 'the settings of sign-in')
    await shot(admin, 'openid-settings')

    // A user by the button, into the own panel.
    const page = await visit('/')
    const button = page.getByRole('link', { name: 'Sign in with Example ID' })
    await button.waitFor()
    await accessible(page, 'the sign-in page with a provider')
    await shot(page, 'openid-sign-in')
    await button.click()
    await page.getByRole('link', { name: 'una', exact: true }).click()
    await page.getByRole('heading', { name: 'My account' }).waitFor()
    assert.equal(new URL(page.url()).origin, exchange.url)
    const secret = await factor(page)

    // Whose email nobody has here is told so, and is not let in.
    const stranger = await visit('/')
    await stranger.getByRole('link', { name: 'Sign in with Example ID' }).click()
    await stranger.getByRole('link', { name: 'nobody', exact: true }).click()
    await stranger.getByText('There is no user here for that account.').waitFor()
    await accessible(stranger, 'a refused sign-in at a provider')
    await shot(stranger, 'openid-unknown')
    await stranger.goto('/me')
    await stranger.getByRole('heading', { name: 'Sign in' }).waitFor()

    // A token of another sign-in lets nobody in.
    id.nonce = 'another'
    await stranger.getByRole('link', { name: 'Sign in with Example ID' }).click()
    await stranger.getByRole('link', { name: 'omar', exact: true }).click()
    await stranger.getByText('What the sign-in provider answered does not hold.').waitFor()
    delete id.nonce
    await stranger.getByRole('link', { name: 'Sign in with Example ID' }).click()
    await stranger.getByRole('link', { name: 'omar', exact: true }).click()
    await stranger.getByRole('heading', { name: 'My account' }).waitFor()

    // The second factor of this exchange is asked for all the same, until the
    // administrator trusts that of the provider.
    const again = await visit('/')
    await again.getByRole('link', { name: 'Sign in with Example ID' }).click()
    await again.getByRole('link', { name: 'una', exact: true }).click()
    await again.getByRole('heading', { name: 'Confirm that it is you' }).waitFor()
    await accessible(again, 'the code after a provider')
    await shot(again, 'openid-code')
    await again.getByLabel('Code').fill('000000')
    await again.keyboard.press('Enter')
    await again.getByRole('alert').waitFor()
    await again.getByLabel('Code').fill(totp(secret, Date.now() + 30_000)) // that of now was used
    await again.keyboard.press('Enter')
    await again.getByRole('heading', { name: 'My account' }).waitFor()
    await admin.getByRole('switch', { name: /ask for none here/ }).check()
    await admin.getByRole('button', { name: 'Save' }).click()
    await until(async () => (await exchange.api('GET', '/organizations/default')).sign_in.openid.trust_second_factor)
    const trusted = await visit('/')
    await trusted.getByRole('link', { name: 'Sign in with Example ID' }).click()
    await trusted.getByRole('link', { name: 'una', exact: true }).click()
    await trusted.getByRole('heading', { name: 'My account' }).waitFor()
    assert.deepEqual([id.redeemed, id.refused], [6, []])
  } finally {
    await exchange.stop()
    id.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

/** factor sets up a second factor, and gives its secret. */
async function factor(page) {
  await page.goto('/security')
  await page.getByRole('button', { name: 'Set up' }).click()
  const secret = await page.locator('code').first().textContent()
  await page.getByLabel('Code', { exact: true }).fill(totp(secret))
  await page.getByRole('button', { name: 'Turn on' }).click()
  await page.getByRole('button', { name: 'I have kept them' }).click()
  return secret
}

/** until asks the exchange again until what was sent is there. */
async function until(look) {
  while (!(await look())) await new Promise((done) => setTimeout(done, 50))
}
