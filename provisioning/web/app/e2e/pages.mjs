// Every page of the application, for eyes and for scales: `node e2e/pages.mjs
// shots` writes pictures of each into STROWGER_SHOTS, light and dark, at a desk
// and on a phone; `node e2e/pages.mjs weight` says what each weighs and when it
// can be used, on a middling phone network and a slow processor.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launch, startExchange } from './exchange.mjs'
import { openPage } from './page.mjs'

const exchange = await startExchange()
const browser = await launch()

const open = (options) => browser.newContext({ baseURL: exchange.url, locale: 'en-GB', viewport: { width: 1440, height: 900 }, ...options })
const signedIn = (options) => openPage({ exchange, open }, '/', options)

/** settled waits for a page's heading, and until nothing of it is still loading. */
async function settled(page) {
  await page.locator('main h1').first().waitFor()
  await page.waitForFunction(() => !document.querySelector('main .mantine-Loader-root, main [aria-busy=true]'))
}

async function pagesOf(page) {
  const paths = await page.locator('nav a[href^="/"]:not([href^="/api"])').evaluateAll((links) => links.map((a) => a.getAttribute('href')))
  assert(paths.length > 1, 'the navigation is empty')
  return paths
}

const tasks = {
  async shots() {
    const to = process.env.STROWGER_SHOTS ?? 'shots'
    mkdirSync(to, { recursive: true })
    const faults = []
    for (const [size, viewport] of Object.entries({ desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } })) {
      for (const colorScheme of ['light', 'dark']) {
        const page = await signedIn({ viewport, colorScheme })
        for (const path of await pagesOf(page)) {
          await page.goto(path)
          await settled(page)
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
          if (wide > 0) faults.push(`${path} is ${wide} px too wide for a ${size}`)
          await page.screenshot({ path: join(to, `${path.slice(1).replaceAll('/', '-')}-${size}-${colorScheme}.png`) })
        }
        await page.context().close()
      }
    }
    console.log(`look at ${to}`)
    assert.deepEqual([...new Set(faults)], [])
  },

  async weight() {
    const page = await signedIn()
    const paths = await pagesOf(page)
    const state = await page.context().storageState()
    console.log('page'.padEnd(28), 'first visit'.padStart(14), 'usable after'.padStart(14), 'next visit'.padStart(14), 'usable after'.padStart(14))
    for (const path of paths) {
      const context = await browser.newContext({ baseURL: exchange.url, locale: 'en-GB', viewport: { width: 390, height: 844 }, storageState: state })
      const visitor = await context.newPage()
      const wire = await context.newCDPSession(visitor)
      await wire.send('Network.enable')
      await wire.send('Network.emulateNetworkConditions', { offline: false, latency: 60, downloadThroughput: 1.25e6, uploadThroughput: 4e5 }) // 10 Mbit/s
      await wire.send('Emulation.setCPUThrottlingRate', { rate: 4 })
      let bytes = 0
      wire.on('Network.loadingFinished', (e) => (bytes += e.encodedDataLength))
      const visit = async () => {
        bytes = 0
        const began = Date.now()
        await visitor.goto(path)
        await settled(visitor)
        return [`${(bytes / 1024).toFixed(0)} KiB`, `${Date.now() - began} ms`]
      }
      const figures = [...(await visit()), ...(await visit())]
      console.log(path.padEnd(28), ...figures.map((f) => f.padStart(14)))
      await context.close()
    }
  },
}

try {
  const task = tasks[process.argv[2]]
  if (!task) throw new Error(`want one of ${Object.keys(tasks).join(', ')}`)
  await task()
} finally {
  await browser.close()
  await exchange.stop()
}
