// A real exchange on free ports in a directory of its own, and a real browser
// before it.
import { execFileSync, spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { chromium } from 'playwright-core'

const root = resolve(import.meta.dirname, '../../../..')

function freePort() {
  return new Promise((done, fail) => {
    const s = createServer().on('error', fail)
    s.listen(0, '127.0.0.1', () => {
      const { port } = s.address()
      s.close(() => done(port))
    })
  })
}

/** startExchange serves a demo, or an empty store, with env besides its own; STROWGER_BINARY names a program that is built already. */
export async function startExchange({ demo = true, env = {} } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'strowger-walk-'))
  let binary = process.env.STROWGER_BINARY
  if (!binary) {
    binary = join(dir, 'strowger')
    execFileSync('go', ['build', '-o', binary, './cmd/strowger'], { cwd: root, env: { ...process.env, CGO_ENABLED: '0' }, stdio: 'inherit' })
  }
  const [http, sip] = [await freePort(), await freePort()]
  const data = join(dir, 'data')
  const run = (...args) => execFileSync(binary, args, { env: { ...process.env, STROWGER_DATA: data }, encoding: 'utf8' }).trim()
  const url = `http://127.0.0.1:${http}`
  let child, ended
  let printed = ''
  const start = async (...flags) => {
    child = spawn(binary, ['serve', ...flags, '--data', data, '--http', `127.0.0.1:${http}`, '--sip', `udp://127.0.0.1:${sip}`], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.on('data', (b) => (printed += b))
    child.stderr.on('data', (b) => (printed += b))
    ended = new Promise((done) => child.on('exit', done))
    for (let i = 0; ; i++) {
      const ready = await fetch(`${url}/readyz`).then((r) => r.ok, () => false)
      if (ready) break
      if (child.exitCode !== null || i > 600) throw new Error(`the exchange does not start:\n${printed}`)
      await pause(100)
    }
  }
  await start(...(demo ? ['--demo'] : []))
  const token = run('token', 'create', '--role', 'admin').split(/\s+/).at(-1)
  const api = async (method, path, body) => {
    const r = await fetch(`${url}/api/v1${path}`, { method, headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) })
    if (!r.ok) throw new Error(`${method} ${path}: ${r.status} ${await r.text()}`)
    return r.status === 204 ? undefined : r.json()
  }
  return {
    url, token, run, api, sip, start,
    printed: () => printed,
    /** kill is kill -9; start goes on from what is on disk. */
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async stop() {
      child.kill('SIGINT')
      child.kill('SIGINT') // the second one does not wait for calls
      await ended
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })

/** person makes a user of their own for a walk, an administrator unless it is said. */
export const person = (exchange, login, over = {}) =>
  exchange.api('POST', '/users', { first_name: login[0].toUpperCase() + login.slice(1), last_name: 'Walker', login, password: `${login} password`, role: 'admin', ...over })

/** totp is the code of a secret (RFC 6238). */
export function totp(secret, at = Date.now()) {
  let bits = ''
  for (const c of secret) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const mac = createHmac('sha1', key).update(step).digest()
  return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

const axe = readFileSync(join(import.meta.dirname, '../node_modules/axe-core/axe.min.js'), 'utf8')

/** accessible wants a page that axe finds nothing to say against. */
export async function accessible(page, what) {
  // The policy lets no script of ours into the document; the debugger may.
  await page.evaluate(axe)
  // A colour on its way from one to the other is neither; what turns for ever is no such thing.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((a) => a.effect?.getTiming().iterations !== Infinity).map((a) => a.finished)))
  // Menus are drawn at the end of the document, outside its landmarks.
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'], rules: { region: { enabled: false } } }))
  if (violations.length > 0) {
    const said = violations.map((v) => `${v.id}: ${v.help}\n${v.nodes.map((n) => `  ${n.target.join(' ')} ${n.any.map((a) => a.message).join('; ')}`).join('\n')}`)
    throw new Error(`${what} is not accessible:\n${said.join('\n')}`)
  }
}

/** shots writes pictures of pages where STROWGER_SHOTS says, to be looked at. */
export async function shot(page, name) {
  if (process.env.STROWGER_SHOTS) await page.screenshot({ path: join(process.env.STROWGER_SHOTS, `${name}.png`) })
}
