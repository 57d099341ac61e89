/** What somebody is asked before they leave: go leads where they wanted to. */
export type Ask = (go: () => void) => void

/** What Tab uses of a browser's window. */
export type Browser = Pick<Window, 'addEventListener'> & { history: Pick<History, 'state' | 'go' | 'pushState' | 'replaceState'>; location: Pick<Location, 'href' | 'pathname' | 'search'> }

/** Where one is: the entry's place among those of the tab's history, and its address. */
interface Place {
  at: number
  pathname: string
  search: string
}

// How long the browser may take to go back before it is told again, in milliseconds.
const quiet = 100

/**
 * A Tab is where one is in the application. Whoever would leave the page while
 * somebody asks stays until they have answered: by a link, which is simply not
 * followed, and by Back or Forward, which have happened when one hears of them and
 * are taken back. For that each entry of the history holds its place in it.
 */
export class Tab {
  /** Where one is; while Back is being taken back, where one still is. */
  place: Place
  private readonly asking: Ask[] = []
  /** While Back is being taken back, how many entries it led over. */
  private wanted?: number
  private again?: ReturnType<typeof setTimeout>
  private free = false

  constructor(private readonly browser: Browser) {
    const { history } = browser
    if (typeof history.state?.at !== 'number') history.replaceState({ ...history.state, at: 0 }, '')
    this.place = this.look()
    // The router has the history tell of what is pushed and replaced. It listens to
    // that itself, later than this: what it finds is the new place.
    for (const event of ['pushState', 'replaceState']) browser.addEventListener(event, () => (this.place = this.look()))
    browser.addEventListener('popstate', () => this.popped())
  }

  /** askBefore has whoever is asked decide when something leads to another page, until it is taken back. */
  askBefore(ask: Ask): () => void {
    this.asking.push(ask)
    return () => {
      const i = this.asking.indexOf(ask)
      if (i >= 0) this.asking.splice(i, 1)
    }
  }

  /** go leads to an address, at once or once nobody asks to stay. */
  go(to: string, { replace = false, state }: { replace?: boolean; state?: unknown } = {}) {
    const { history, location } = this.browser
    const follow = () => history[replace ? 'replaceState' : 'pushState']({ ...(state as object), at: this.place.at + (replace ? 0 : 1) }, '', to)
    if (new URL(to, location.href).pathname === this.place.pathname) follow()
    else this.ask(follow)
  }

  private ask(go: () => void) {
    const ask = this.asking.at(-1)
    if (ask) ask(go)
    else go()
  }

  private look(): Place {
    const { history, location } = this.browser
    return { at: history.state?.at ?? this.place.at, pathname: location.pathname, search: location.search }
  }

  private popped() {
    const { history } = this.browser
    if (typeof history.state?.at !== 'number') return history.replaceState({ at: this.place.at + 1 }, '') // a link within the page
    const now = this.look()
    if (this.wanted !== undefined) return this.returning()
    const leaves = now.pathname !== this.place.pathname && this.asking.length > 0 && !this.free
    this.free = false
    if (!leaves) return (this.place = now)
    this.wanted = now.at - this.place.at
    history.go(-this.wanted)
    this.wait()
  }

  /** Asks once one is back where one was. */
  private returning() {
    clearTimeout(this.again)
    if (this.look().at !== this.place.at) return this.wait()
    const by = this.wanted!
    this.wanted = undefined
    this.ask(() => {
      this.free = true
      this.browser.history.go(by)
    })
  }

  /** Whoever presses Back twice ends somewhere else, or the browser forgets the way back: what it still does is over soon. */
  private wait() {
    this.again = setTimeout(() => {
      const by = this.place.at - this.look().at
      if (by !== 0) this.browser.history.go(by)
      this.returning()
    }, quiet)
  }
}
