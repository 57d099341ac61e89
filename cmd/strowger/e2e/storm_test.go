package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"testing"
	"time"
)

// TestStorm lets very many phones register, kills the exchange, and has all of
// them come back at once when it serves again: none may be refused or locked
// out, though they all have one address and half of them answer a challenge of
// the exchange that is gone. Until they are back, calls reach them from what was
// saved. STROWGER_STORM says how many; `make storm` takes 50,000.
func TestStorm(t *testing.T) {
	n := 2000
	if testing.Short() || raceDetector {
		n = 500
	}
	if v := os.Getenv("STROWGER_STORM"); v != "" {
		var err error
		if n, err = strconv.Atoi(v); err != nil || n < 1 || n > 800_000 {
			t.Fatalf("STROWGER_STORM: %q is no number of phones", v)
		}
	} else {
		t.Parallel()
	}
	s := newSite()
	accounts := make([]account, n)
	for i := range accounts {
		accounts[i], _ = s.phone(fmt.Sprint(100_000 + i))
	}
	a, _ := s.phone("91")
	b, _ := s.phone("92")
	x := newExchange(t, s, "--log-level", "warn")
	from, to := mustUA(t, x, a).mustRegister(t), mustUA(t, x, b).mustRegister(t)
	all := newSwarm(t, x, accounts)

	first := all.register()
	x.kill() // with the last phone's 200
	t.Logf("at first: %v", first)
	if first.ended[200] != n {
		t.Fatalf("registered %d of %d phones", first.ended[200], n)
	}
	want := all.contacts()
	want[a.LineID], want[b.LineID] = uriOf(from.contact()), uriOf(to.contact())

	began := time.Now()
	x.start()
	t.Logf("ready %.2f s after the start", time.Since(began).Seconds())
	x.wantBound(t, want)
	call, called := connect(t, from, to, b.Ext)
	call.mustHangUp(t)
	called.mustEnd(t, 5*time.Second)

	storm := all.register()
	t.Logf("the storm: %v", storm)
	x.wantServed(t, storm, n)
	from.mustRegister(t) // nobody at this address is banned
	call, called = connect(t, from, to, b.Ext)
	call.mustHangUp(t)
	called.mustEnd(t, 5*time.Second)
	x.wantBound(t, want)
	x.stop()
	x.run("check")
}

// wantServed checks that everybody was registered and nothing held against
// anybody.
func (x *exchange) wantServed(t testing.TB, w wave, n int) {
	t.Helper()
	if w.ended[200] != n {
		t.Errorf("registered %d of %d phones: by status %v", w.ended[200], n, w.ended)
	}
	if ok := x.sum("strowger_register_requests_total", `result="ok"`); int(ok) < n {
		t.Errorf("%v registrations were counted", ok)
	}
	for _, result := range []string{"denied", "refused"} {
		if n := x.sum("strowger_register_requests_total", `result="`+result+`"`); n != 0 {
			t.Errorf("%v registrations were %s", n, result)
		}
	}
	if bans := list[record](x, "/bans"); len(bans) != 0 {
		t.Errorf("bans %v", bans)
	}
	if n := x.sum("strowger_sip_dropped_total"); n != 0 {
		t.Errorf("%v messages were dropped", n)
	}
}

// wantBound checks that these lines have one binding each, to these contacts,
// and that there are no others.
func (x *exchange) wantBound(t testing.TB, contacts map[string]string) {
	t.Helper()
	found := everything[registration](x, "/registrations")
	wrong := 0
	for _, r := range found {
		if contacts[r.ContactMethodID] != r.Contact {
			wrong++
		}
	}
	if len(found) != len(contacts) || wrong > 0 {
		t.Errorf("%d bindings of %d phones, %d of them wrong", len(found), len(contacts), wrong)
	}
}

// everything answers all pages of a collection.
func everything[T any](x *exchange, path string) []T {
	x.t.Helper()
	var all []T
	for cursor := ""; ; {
		var page struct {
			Items []T    `json:"items"`
			Next  string `json:"next_cursor"`
		}
		x.api(http.MethodGet, path+"?limit=1000&cursor="+url.QueryEscape(cursor), nil, &page)
		all = append(all, page.Items...)
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}
