// Walks through the application as people do, in Chromium, before a real
// exchange. `npm run walk -- users` walks the parts whose names are given.
import { launch, startExchange } from './exchange.mjs'
import * as access from './access.mjs'
import * as calls from './calls.mjs'
import * as first from './first.mjs'
import * as program from './program.mjs'
import * as users from './users.mjs'

const parts = { first, access, users, program }
import * as media from './media.mjs'
import * as users from './users.mjs'

const parts = { first, access, media, users }
import * as lists from './lists.mjs'
import * as users from './users.mjs'

const parts = { first, access, users, lists }
import * as imports from './imports.mjs'
import * as revisions from './revisions.mjs'
import * as users from './users.mjs'

const parts = { first, access, users, imports, revisions }
const parts = { first, access, users, calls }
const asked = process.argv.slice(2)

const exchange = await startExchange()
const browser = await launch()
let failed = 0
try {
  for (const [part, steps] of Object.entries(parts)) {
    if (asked.length > 0 && !asked.includes(part)) continue
    for (const [step, walk] of Object.entries(steps)) {
      const began = Date.now()
      const contexts = []
      const open = async (options = {}) => {
        const context = await browser.newContext({ baseURL: exchange.url, locale: 'en-GB', viewport: { width: 1440, height: 900 }, ...options })
        contexts.push(context)
        return context
      }
      try {
        await walk({ exchange, open })
        console.log(`ok    ${part}: ${step} (${Date.now() - began} ms)`)
      } catch (e) {
        failed++
        console.log(`FAIL  ${part}: ${step}\n${e.stack}`)
      } finally {
        for (const c of contexts) await c.close()
      }
    }
  }
} finally {
  await browser.close()
  await exchange.stop()
}
process.exit(failed > 0 ? 1 : 0)
