import { beforeEach, expect, test, vi } from 'vitest'
import { Tab, type Browser } from './leaving'

/** A history as a browser's: it moves later, in the order it was told to, and says so. */
class Fake extends EventTarget implements Browser {
  entries = [{ url: new URL('http://exchange/users'), state: null as { at?: number } | null }]
  i = 0
  due: number[] = []
  location = { href: '', pathname: '', search: '' }
  history
  constructor() {
    super()
    const set = (i: number) => {
      this.i = i
      const { href, pathname, search } = this.entries[i]!.url
      Object.assign(this.location, { href, pathname, search })
    }
    set(0)
    const fake = this
    this.history = {
      get state() { return fake.entries[fake.i]!.state },
      go: (by?: number) => void this.due.push(by!),
      pushState: (state: unknown, _: string, to?: string | URL | null) => {
        this.entries.splice(this.i + 1, Infinity, { url: new URL(to!, this.location.href), state: state as { at: number } })
        set(this.i + 1)
        this.dispatchEvent(new Event('pushState'))
      },
      replaceState: (state: unknown, _: string, to?: string | URL | null) => {
        this.entries[this.i] = { url: new URL(to ?? this.location.href, 'http://exchange/'), state: state as { at: number } }
        set(this.i)
        this.dispatchEvent(new Event('replaceState'))
      },
    }
    this.move = () => {
      for (let by = this.due.shift(); by !== undefined; by = this.due.shift()) {
        if (!this.entries[this.i + by]) continue
        set(this.i + by)
        this.dispatchEvent(new Event('popstate'))
      }
    }
  }
  /** What was told before happens now. */
  move: () => void
}

let browser: Fake
let tab: Tab
let asked: (() => void)[]
const at = () => [tab.place.pathname + tab.place.search, browser.location.pathname + browser.location.search]
const press = (...by: number[]) => {
  browser.due.push(...by)
  browser.move()
}

beforeEach(() => {
  browser = new Fake()
  tab = new Tab(browser)
  asked = []
  for (const to of ['/numbers', '/call-flows', '/call-flows/main', '/plans']) tab.go(to)
  press(-1)
  expect(at()).toEqual(['/call-flows/main', '/call-flows/main'])
})

test('Back goes back where nobody asks', () => {
  press(-1)
  expect(at()).toEqual(['/call-flows', '/call-flows'])
})

for (const [what, by, to] of [['Back', -1, '/call-flows'], ['Forward', 1, '/plans'], ['a leap back', -3, '/users']] as const) {
  test(`${what} is taken back, asks each time, and leads on once one may leave`, () => {
    const stop = tab.askBefore((go) => asked.push(go))
    for (const times of [1, 2]) {
      press(by)
      expect(at()).toEqual(['/call-flows/main', '/call-flows/main'])
      expect(asked).toHaveLength(times)
    }
    asked.at(-1)!()
    browser.move()
    expect(at()).toEqual([to, to])
    expect(asked).toHaveLength(2)
    expect(browser.entries.map((e) => e.url.pathname)).toEqual(['/users', '/numbers', '/call-flows', '/call-flows/main', '/plans'])
    stop()
    press(-by)
    expect(at()).toEqual(['/call-flows/main', '/call-flows/main'])
  })
}

test('nobody sees the page that Back led to before it is taken back', () => {
  tab.askBefore((go) => asked.push(go))
  const seen: string[] = []
  browser.addEventListener('popstate', () => seen.push(tab.place.pathname))
  press(-1)
  expect(seen).toEqual(['/call-flows/main', '/call-flows/main'])
})

// Some browsers go back twice and then where they were told, others forget that.
for (const forgets of [false, true]) {
  test(`who presses Back again before it is taken back is asked once${forgets ? ', though the browser forgets the way back' : ''}`, () => {
    vi.useFakeTimers()
    tab.askBefore((go) => asked.push(go))
    if (forgets) browser.addEventListener('popstate', () => browser.due.splice(1), { once: true })
    press(-1, -1)
    expect(at()[0]).toEqual('/call-flows/main')
    for (let i = 0; i < 3; i++) {
      vi.runOnlyPendingTimers()
      browser.move()
    }
    expect(at()).toEqual(['/call-flows/main', '/call-flows/main'])
    expect([asked.length, vi.getTimerCount()]).toEqual([1, 0])
    asked[0]!()
    browser.move()
    expect(at()).toEqual(['/call-flows', '/call-flows'])
    vi.useRealTimers()
  })
}

test('a link within the page has its place, too', () => {
  tab.askBefore((go) => asked.push(go))
  browser.entries.splice(browser.i + 1, Infinity, { url: new URL('/call-flows/main#main', browser.location.href), state: null })
  press(1)
  press(-2)
  expect(at()).toEqual(['/call-flows/main', '/call-flows/main'])
  expect([asked.length, browser.i]).toEqual([1, 4])
})

test('a link asks where it leads to another page, and not within the page', () => {
  const stop = tab.askBefore((go) => asked.push(go))
  tab.go('/call-flows/main?id=a', { replace: true })
  expect([asked.length, at()[0]]).toEqual([0, '/call-flows/main?id=a'])
  tab.go('/numbers')
  expect([asked.length, at()[0]]).toEqual([1, '/call-flows/main?id=a'])
  asked[0]!()
  expect(at()).toEqual(['/numbers', '/numbers'])
  stop()
})

test('who asked last is asked, and who asked before once that one is gone', () => {
  const heard: string[] = []
  tab.askBefore(() => heard.push('page'))
  const stop = tab.askBefore(() => heard.push('drawer'))
  press(-1)
  stop()
  press(-1)
  expect(heard).toEqual(['drawer', 'page'])
})

test('the places of a history are known after a reload', () => {
  tab = new Tab(browser)
  tab.askBefore((go) => asked.push(go))
  press(-2)
  expect(at()).toEqual(['/call-flows/main', '/call-flows/main'])
  expect(asked).toHaveLength(1)
})
