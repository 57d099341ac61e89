package provisioning

import (
	"net/netip"
	"sync"
	"time"

	"strowger/store"
)

// How guessing is slowed down. A source is an IPv4 address or an IPv6 /64.
const (
	freePairGuesses   = 5  // of one source at one login
	freeSourceGuesses = 30 // of one source at any login: a whole office may be behind it
	freeCodeGuesses   = 10 // at the second factor of a user, whose password was right
	firstGuessWait    = time.Second
	maxGuessWait      = 15 * time.Minute
	guessMemory       = 2 * time.Hour
	maxGuessers       = 20_000
	maxTrying         = 64 // sign-ins that are looked at or wait for it
)

// guesses slows down who guesses, and nobody else: what is counted is a source's
// failures, at one login and at all. Failures are never counted by login alone, so
// that nobody can be kept from signing in by others who use the wrong password.
type guesses struct {
	now func() time.Time

	mu     sync.Mutex
	bySite map[guesser]*guessed

	trying chan struct{}
}

// A guesser is a source at one login, or at all when login is empty.
type guesser struct{ source, login string }

type guessed struct {
	failures int
	last     time.Time
	until    time.Time // nothing is looked at before
}

func newGuesses(now func() time.Time) *guesses {
	return &guesses{now: now, bySite: map[guesser]*guessed{}, trying: make(chan struct{}, maxTrying)}
}

// sourceOf is the source that an address counts for.
func sourceOf(address string) string {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	return limitKey(addr).String()
}

// begin lets an attempt be looked at, or says when to come again. It counts as a
// failure until it is forgiven: of many at once no more get through than one after
// the other. done is to be called when it was looked at.
func (g *guesses) begin(address, login string) (done func(), err error) {
	return g.admit(guessers(sourceOf(address), login))
}

// admit is begin for any guessers, each with the failures that it has free.
func (g *guesses) admit(sites map[guesser]int) (done func(), err error) {
	now := g.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	var wait time.Duration
	for site := range sites {
		if at := g.bySite[site]; at != nil {
			// More than the longest wait is a clock that was put back.
			if left := at.until.Sub(now); left <= maxGuessWait {
				wait = max(wait, left)
			}
		}
	}
	if wait > 0 {
		return nil, &Refusal{Status: 429, RetryAfter: wait, Detail: store.Say("too many attempts failed; try again later")}
	}
	select {
	case g.trying <- struct{}{}:
	default:
		return nil, &Refusal{Status: 503, RetryAfter: time.Second, Detail: store.Say("too many sign in at this moment; try again")}
	}
	for site, free := range sites {
		g.count(site, free, now)
	}
	return func() { <-g.trying }, nil
}

// guessers are those that an attempt counts for, and how many failures each has
// free. Behind a loopback address may be everybody: a proxy that does not say who
// comes to it.
func guessers(source, login string) map[guesser]int {
	sites := map[guesser]int{{source, loginKey(login)}: freePairGuesses}
	if addr, err := netip.ParseAddr(source); err != nil || !addr.IsLoopback() {
		sites[guesser{source: source}] = freeSourceGuesses
	}
	return sites
}

// codeGuesser is whoever knows a user's password.
func codeGuesser(org, userID string) guesser { return guesser{login: "code " + org + " " + userID} }

// forget forgets the failures of one.
func (g *guesses) forget(site guesser) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.bySite, site)
}

func loginKey(login string) string { return "login " + store.Fold(shorten(login, 254)) }

func (g *guesses) count(site guesser, free int, now time.Time) {
	at := g.bySite[site]
	if at == nil {
		if len(g.bySite) >= maxGuessers {
			g.makeRoom(now)
		}
		at = &guessed{}
		g.bySite[site] = at
	}
	if now.Sub(at.last) > guessMemory {
		at.failures = 0
	}
	at.failures++
	at.last = now
	at.until = time.Time{}
	if over := at.failures - free; over >= 0 {
		at.until = now.Add(min(maxGuessWait, firstGuessWait<<min(over, 20)))
	}
}

// makeRoom forgets the one of a few, taken at random, that was quiet for longest.
func (g *guesses) makeRoom(now time.Time) {
	var oldest guesser
	var quiet time.Duration = -1
	looked := 0
	for site, at := range g.bySite {
		if d := now.Sub(at.last).Abs(); d > quiet {
			oldest, quiet = site, d
		}
		if looked++; looked == 32 {
			break
		}
	}
	delete(g.bySite, oldest)
}

// forgive forgets a source's failures at a login once it has signed in there. What
// it failed at others stays: an account of one's own is no way to go on guessing.
func (g *guesses) forgive(address, login string) {
	source := sourceOf(address)
	g.mu.Lock()
	defer g.mu.Unlock()
	pair := guesser{source, loginKey(login)}
	at := g.bySite[pair]
	if at == nil {
		return
	}
	delete(g.bySite, pair)
	whole := guesser{source: source}
	if all := g.bySite[whole]; all != nil {
		all.failures -= at.failures
		if all.failures < freeSourceGuesses {
			all.until = time.Time{}
		}
		if all.failures <= 0 {
			delete(g.bySite, whole)
		}
	}
}
