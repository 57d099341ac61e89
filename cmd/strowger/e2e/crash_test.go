package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestKill kills the exchange with SIGKILL while it saves, imports, registers,
// records, takes messages and deletes what is old, again and again: at random
// moments, in the middle of an import or of a deletion, and right after it has
// acknowledged something. Whatever was acknowledged must be there afterwards. STROWGER_KILLS says how often; `make kills` does it 100 times.
func TestKill(t *testing.T) {
	t.Parallel()
	rounds := 7 // one of each kind
	if testing.Short() {
		rounds = 1
	}
	if v := os.Getenv("STROWGER_KILLS"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			t.Fatalf("STROWGER_KILLS: %v", err)
		}
		rounds = n
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)

	s := newSite()
	s.phone("101")
	_, recorded := s.phone("102")
	recorded.with("recording.inbound_internal", true).with("recording.delivery_method_ids", []string{"shelf"})
	s.add("delivery_methods", record{"id": "shelf", "name": "Shelf", "kind": "disk"}).with("settings.path", "shelf")
	s.phone("103")
	_, line := s.phone("104")
	s.withVoicemail(line)
	at := map[string]int{"101": freePort(t, "127.0.0.1"), "102": freePort(t, "127.0.0.1"), "103": freePort(t, "127.0.0.1")}
	const registering = 40
	var crowd []string
	for i := range registering {
		ext := fmt.Sprint(200 + i)
		s.phone(ext)
		crowd = append(crowd, ext)
		at[ext] = freePort(t, "127.0.0.1")
	}
	x := prepare(t)
	x.apply(s)
	x.token = lastWord(x.run("token", "create"))
	p := &promises{x: x, users: map[string]string{}, lines: map[string]bool{}, told: map[string]int{}}
	p.age(t, rand.New(rand.NewPCG(seed, 0)))
	x.start()
	x.greet(t, accountOf("104"), 1500, 0.3)
	for n := range rounds {
		chance := rand.New(rand.NewPCG(seed, uint64(n)))
		p.round(t, n, chance, at, crowd)
		p.look(t)
		if n%2 == 1 { // in the other rounds the next start finds all as the kill left it
			x.wantSound(t)
			p.age(t, chance)
		}
		began := time.Now()
		x.start()
		up := time.Since(began)
		if up > slow(2*time.Second) {
			t.Errorf("round %d: serving again after %v", n, up)
		}
		p.wantKept(t)
		if out, err := x.try("", "check"); err != nil {
			t.Errorf("round %d, running: %v\n%s", n, err, out)
		}
		if t.Failed() {
			t.Fatalf("round %d", n)
		}
		t.Logf("round %d: serving again after %.2f s; promised so far: %s", n, up.Seconds(), p)
	}
	p.wantDelivered(t)
	p.wantPassed(t)
	x.idle()
	x.stop()
	x.run("check")
	p.wantGone(t)
	t.Logf("at the end: %s", p)
}

// wantSound checks the store that a kill left: all that may be wrong is what the
// next start finishes.
func (x *exchange) wantSound(t testing.TB) {
	t.Helper()
	out, err := x.try("", "check")
	if err == nil {
		return
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	for _, line := range lines[:len(lines)-1] { // the last one counts
		if !strings.HasSuffix(line, ": unfinished: the next start of the exchange salvages it") {
			t.Error(err)
			return
		}
	}
	if len(lines) < 2 {
		t.Error(err)
	}
}

// round lets everybody work until the kill.
func (p *promises) round(t *testing.T, n int, chance *rand.Rand, at map[string]int, crowd []string) {
	t.Helper()
	dead, killed := context.WithCancel(t.Context())
	defer killed()
	r := &round{promises: p, n: n, dead: dead, done: make(chan string)}
	var phones []*ua
	phone := func(ext string) *ua { // at the same place in every round
		u, err := newUAAt(p.x, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: at[ext]}, accountOf(ext))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(u.Close)
		phones = append(phones, u)
		return u
	}
	from, to, talker := phone("101"), phone("102").mustRegister(t), phone("103")
	var some [2][]*ua
	for i, ext := range crowd {
		some[i%2] = append(some[i%2], phone(ext))
	}
	var busy sync.WaitGroup
	work := func(f func(chance *rand.Rand) error) {
		own := rand.New(rand.NewPCG(chance.Uint64(), 0))
		busy.Go(func() {
			if err := f(own); dead.Err() == nil && !errors.Is(err, errKilled) {
				t.Errorf("round %d: %v", n, err)
			}
		})
	}
	for w := range some {
		work(func(*rand.Rand) error { return r.save(w) })
		work(func(*rand.Rand) error { return r.register(some[w]) })
	}
	work(func(chance *rand.Rand) error { return r.call(from, to, chance) })
	work(func(chance *rand.Rand) error { return r.leave(talker, "104", chance) })
	work(r.bring)
	work(r.watch)

	moment := time.NewTimer(time.Duration(100+chance.IntN(5000)) * time.Millisecond)
	after, nth, later := "", 0, time.Duration(0)
	switch n % 7 {
	case 1:
		after, nth = didConfirm, 1
	case 2:
		after, nth = didRecord, 1+chance.IntN(3)
	case 3:
		after, nth = didSave, 1+chance.IntN(200)
	case 4:
		after, nth = didDelete, 1
	case 5:
		after, nth = []string{didBegin, didBegin, didImport, didUndo}[chance.IntN(4)], 1+chance.IntN(2)
		if after == didBegin { // in its middle
			later = time.Duration(chance.IntN(600)) * time.Millisecond
		}
	case 6:
		after, nth = didRegister, 1+chance.IntN(500)
	}
	if after != "" {
		moment.Reset(slow(20 * time.Second)) // it may never come
	}
	for waiting := true; waiting; {
		select {
		case what := <-r.done:
			if what == after {
				nth--
				waiting = nth > 0
			}
			if !waiting && later > 0 {
				moment.Reset(later)
				waiting, after = true, ""
			}
		case <-moment.C:
			waiting = false
		}
	}
	p.x.kill()
	killed()
	for _, u := range phones {
		u.Close()
	}
	busy.Wait()
}

// TestDrain asks the exchange to end while somebody talks: the call goes on,
// new ones are told to come back later.
func TestDrain(t *testing.T) {
	t.Parallel()
	s := newSite()
	a, _ := s.phone("101")
	b, _ := s.phone("102")
	x := newExchange(t, s, "--drain", "30s")
	from, to := mustUA(t, x, a).mustRegister(t), mustUA(t, x, b).mustRegister(t)
	caller, callee := connect(t, from, to, "102")
	caller.media.Say(500)
	callee.media.mustHear(t, 500)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		x.stop()
	}()
	eventually(t, 5*time.Second, "the exchange is not ready any more", func() error {
		res, err := http.Get("http://" + x.http + "/readyz")
		if err != nil {
			return err
		}
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return fmt.Errorf("/readyz: %s", res.Status)
		}
		return nil
	})
	second, err := from.Dial("102", "")
	if err != nil {
		t.Fatal(err)
	}
	second.mustGet(t, 503).wantHeader(t, "Retry-After", `^\d+$`)
	callee.media.mustHear(t, 500)
	caller.mustHangUp(t)
	callee.mustEnd(t, 5*time.Second)
	select {
	case <-ended:
	case <-time.After(slow(10 * time.Second)):
		t.Fatal("the exchange still runs after its last call")
	}
	x.start()
	if n := len(x.registrationsOf(b)); n != 1 {
		t.Errorf("%d bindings after the restart", n)
	}
}
