package provisioning

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// guess makes one attempt and answers how long to wait instead.
func (g *guesses) guess(t *testing.T, address, login string) time.Duration {
	t.Helper()
	done, err := g.begin(address, login)
	if err == nil {
		done()
		return 0
	}
	var r *Refusal
	if !errors.As(err, &r) || r.Status != 429 {
		t.Fatal(err)
	}
	return r.RetryAfter
}

func TestGuessesSlowDown(t *testing.T) {
	now := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	g := newGuesses(func() time.Time { return now })
	// In a day of patient guessing, a source gets few tries at a login.
	tries := 0
	for end := now.Add(24 * time.Hour); now.Before(end); {
		wait := g.guess(t, "192.0.2.1", "boss")
		if wait == 0 {
			tries++
			continue
		}
		if wait > maxGuessWait {
			t.Fatalf("a wait of %v", wait)
		}
		if g.guess(t, "192.0.2.1", "BOSS") == 0 {
			t.Fatal("other letters are another login")
		}
		now = now.Add(wait)
	}
	if tries < 50 || tries > 120 {
		t.Errorf("%d tries in a day", tries)
	}
	// The login is not locked: from elsewhere it is as before.
	if wait := g.guess(t, "192.0.2.2", "boss"); wait != 0 {
		t.Errorf("elsewhere one waits %v", wait)
	}
	// Nor is the source, for others behind it, yet.
	now = now.Add(3 * time.Hour)
	if wait := g.guess(t, "192.0.2.1", "anna"); wait != 0 {
		t.Errorf("later another waits %v", wait)
	}
}

func TestGuessesOfOneSource(t *testing.T) {
	now := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	g := newGuesses(func() time.Time { return now })
	tries := 0
	for i := range 1000 { // another address of the /64 and another login each time
		if g.guess(t, fmt.Sprintf("2001:db8::%x", i+1), fmt.Sprint("login", i)) == 0 {
			tries++
		}
		// Signing in to one's own account in between does not help.
		if done, err := g.begin("2001:db8::1", "mallory"); err == nil {
			done()
			g.forgive("2001:db8::1", "mallory")
		}
	}
	if tries != freeSourceGuesses {
		t.Errorf("%d tries of one /64", tries)
	}
	if wait := g.guess(t, "2001:db8:0:1::1", "login"); wait != 0 {
		t.Errorf("the next /64 waits %v", wait)
	}
	// Forgotten on success.
	for range freePairGuesses {
		g.guess(t, "192.0.2.9", "anna")
	}
	if g.guess(t, "192.0.2.9", "anna") == 0 {
		t.Error("nothing is counted")
	}
	g.forgive("192.0.2.9", "anna")
	if wait := g.guess(t, "192.0.2.9", "anna"); wait != 0 {
		t.Errorf("after signing in one waits %v", wait)
	}
	// A clock that is put back makes nobody wait for years.
	for range freePairGuesses {
		g.guess(t, "192.0.2.10", "anna")
	}
	now = now.AddDate(-1, 0, 0)
	if wait := g.guess(t, "192.0.2.10", "anna"); wait != 0 {
		t.Errorf("with another clock one waits %v", wait)
	}
}

func TestGuessesAreBounded(t *testing.T) {
	g := newGuesses(time.Now)
	for i := range maxGuessers {
		g.guess(t, fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255), "boss")
	}
	if n := len(g.bySite); n > maxGuessers {
		t.Errorf("%d are remembered", n)
	}
	var held []func()
	for i := range maxTrying {
		done, err := g.begin(fmt.Sprintf("172.16.0.%d", i), "boss")
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, done)
	}
	var r *Refusal
	if _, err := g.begin("172.16.1.1", "boss"); !errors.As(err, &r) || r.Status != 503 || r.RetryAfter == 0 {
		t.Errorf("one more than can be looked at: %v", err)
	}
	for _, done := range held {
		done()
	}
	if wait := g.guess(t, "172.16.1.1", "boss"); wait != 0 {
		t.Errorf("then one waits %v", wait)
	}
}
