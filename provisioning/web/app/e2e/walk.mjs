// Walks through the application as people do, in Chromium, each part before a
// real exchange of its own. `npm run walk -- users` walks the parts whose names
// are given.
import * as access from './access.mjs'
import * as calls from './calls.mjs'
import * as drafts from './drafts.mjs'
import { launch, shot, startExchange } from './exchange.mjs'
import * as first from './first.mjs'
import * as flows from './flows.mjs'
import * as imports from './imports.mjs'
import * as languages from './languages.mjs'
import * as lists from './lists.mjs'
import * as media from './media.mjs'
import * as oidc from './oidc.mjs'
import * as plans from './plans.mjs'
import * as program from './program.mjs'
import * as revisions from './revisions.mjs'
import * as users from './users.mjs'

const parts = { first, access, oidc, users, lists, imports, revisions, drafts, media, plans, calls, flows, program, languages }
const asked = process.argv.slice(2)

const browser = await launch()
let failed = 0
try {
  for (const [part, steps] of Object.entries(parts)) {
    if (asked.length > 0 && !asked.includes(part)) continue
    const exchange = await startExchange()
    try {
      for (const [step, walk] of Object.entries(steps)) {
        const began = Date.now()
        const contexts = []
        // Without motion: what still unfolds is not where a click goes.
        const open = async (options = {}) => {
          const context = await browser.newContext({ reducedMotion: 'reduce', baseURL: exchange.url, locale: 'en-GB', viewport: { width: 1440, height: 900 }, ...options })
          contexts.push(context)
          return context
        }
        try {
          await walk({ exchange, open })
          console.log(`ok    ${part}: ${step} (${Date.now() - began} ms)`)
        } catch (e) {
          failed++
          console.log(`FAIL  ${part}: ${step}\n${e.stack}`)
          for (const page of contexts.flatMap((c) => c.pages())) await shot(page, `failed-${part}-${step}`)
        } finally {
          for (const c of contexts) await c.close()
        }
      }
    } finally {
      await exchange.stop()
    }
  }
} finally {
  await browser.close()
}
process.exit(failed > 0 ? 1 : 0)
