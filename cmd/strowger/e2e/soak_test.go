package e2e

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestSoak lets calls, registrations, changes of the configuration and
// malformed packets run at once for as long as STROWGER_SOAK says, and looks
// afterwards whether anything was left behind: goroutines, calls, media
// sessions, file descriptors, memory. `make soak` runs it under the race
// detector.
func TestSoak(t *testing.T) {
	length := os.Getenv("STROWGER_SOAK")
	if length == "" {
		t.Skip("STROWGER_SOAK is not set: run 'make soak'")
	}
	d, err := time.ParseDuration(length)
	if err != nil {
		t.Fatalf("STROWGER_SOAK: %v", err)
	}
	seed := rand.Uint64()
	t.Logf("%v, seed %d", d, seed)

	const pairs, crowd = 12, 60
	s := newSite()
	for i := range 2 * pairs {
		_, line := s.phone(fmt.Sprint(1000 + i))
		line.with("inbound.ring_timeout_s", 2)
		line.with("recording.outbound_internal", i%4 == 0)
		if i%6 == 5 {
			s.withVoicemail(line)
		}
	}
	for i := range crowd {
		s.phone(fmt.Sprint(5000 + i))
	}
	x := newExchange(t, s, "--log-level", "warn")
	k := &soak{x: x, packets: captures(t), seed: seed}

	// The first part lets caches and pools fill, so that what is compared is
	// growth.
	k.run(t, pairs, crowd, max(d/6, 5*time.Second))
	before := k.settle(t, nil)
	k.run(t, pairs, crowd, d)
	after := k.settle(t, &before)
	t.Logf("calls %d (%d recorded or messages), registrations %d, changes %d, malformed packets %d",
		k.calls.Load(), k.captures.Load(), k.registers.Load(), k.changes.Load(), k.junk.Load())
	t.Logf("before %+v", before)
	t.Logf("after  %+v", after)
	if k.calls.Load() == 0 || k.registers.Load() == 0 || k.changes.Load() == 0 || k.junk.Load() == 0 {
		t.Error("a part of the soak did nothing")
	}
	if n := x.sum("strowger_recordings_total", `state="failed"`); n != 0 {
		t.Errorf("%v recordings failed", n)
	}
	x.stop()
	x.run("check")
}

type soak struct {
	x       *exchange
	packets [][]byte
	seed    uint64
	rounds  int

	calls, captures, registers, changes, junk atomic.Int64
}

// left is what an idle exchange holds.
type left struct {
	Goroutines, Files int
	HeapMB            float64
}

func (l left) over(before left) error {
	switch {
	case l.Goroutines > before.Goroutines+8:
		return fmt.Errorf("%d goroutines, before %d", l.Goroutines, before.Goroutines)
	case l.Files > before.Files+8:
		return fmt.Errorf("%d open files, before %d", l.Files, before.Files)
	case l.HeapMB > 1.5*before.HeapMB+24:
		return fmt.Errorf("%.0f MB on the heap, before %.0f", l.HeapMB, before.HeapMB)
	}
	return nil
}

// settle waits until nothing is left of the work, and until the exchange has
// given back what it had before, if that is known. Transactions live for 32 s
// after a call.
func (k *soak) settle(t *testing.T, before *left) left {
	t.Helper()
	k.x.idle()
	var now left
	look := func() error {
		samples, err := k.x.metrics()
		if err != nil {
			return err
		}
		files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", k.x.cmd.Process.Pid))
		if err != nil {
			return err
		}
		// A media port once used stays bound, so that the next call has it
		// sooner: those are as many as the range has.
		var first, last int
		if _, err := fmt.Sscanf(k.x.rtp, "%d-%d", &first, &last); err != nil {
			return err
		}
		media, err := boundBetween(first, last)
		if err != nil {
			return err
		}
		now = left{Goroutines: int(samples["go_goroutines"]), Files: len(files) - media, HeapMB: samples["go_memstats_heap_alloc_bytes"] / (1 << 20)}
		if now.Goroutines == 0 {
			return fmt.Errorf("/metrics has no go_goroutines")
		}
		if before == nil {
			return nil
		}
		return now.over(*before)
	}
	http.DefaultClient.CloseIdleConnections()
	if before == nil {
		settled := time.NewTimer(2 * time.Second)
		<-settled.C
	}
	eventually(t, 40*time.Second, "the exchange gives back what it took", look)
	return now
}

// run does everything at once for so long.
func (k *soak) run(t *testing.T, pairs, crowd int, d time.Duration) {
	t.Helper()
	k.rounds++
	var busy sync.WaitGroup
	stop := make(chan struct{})
	over := func() bool {
		select {
		case <-stop:
			return true
		default:
			return false
		}
	}
	work := func(id uint64, f func(r *rand.Rand) error) {
		r := rand.New(rand.NewPCG(k.seed, id+uint64(k.rounds)<<32))
		busy.Go(func() {
			for !over() {
				if err := f(r); err != nil {
					t.Errorf("soak: %v", err)
					return
				}
			}
		})
	}
	var phones []*ua
	for i := range pairs {
		a := mustUA(t, k.x, accountOf(fmt.Sprint(1000+2*i))).mustRegister(t)
		b := mustUA(t, k.x, accountOf(fmt.Sprint(1001+2*i))).mustRegister(t)
		phones = append(phones, a, b)
		work(uint64(i), func(r *rand.Rand) error { return k.call(r, a, b) })
	}
	for i := range crowd {
		u := mustUA(t, k.x, accountOf(fmt.Sprint(5000+i)))
		work(uint64(1000+i), func(r *rand.Rand) error { return k.register(r, u, over) })
	}
	work(2000, k.change)
	work(2001, k.ask)
	for i := range 2 {
		work(uint64(3000+i), k.throw)
	}
	end := time.NewTimer(d)
	<-end.C
	close(stop)
	busy.Wait()
	for _, u := range phones { // the next run has phones of its own
		if status, res, err := u.Register(0); err != nil || status != 200 {
			t.Errorf("unregistering: %v %s", err, res.start)
		}
		u.Close()
	}
}

// call is one call of a pair, in one of the ways that calls go.
func (k *soak) call(r *rand.Rand, a, b *ua) error {
	if r.IntN(2) == 0 {
		a, b = b, a
	}
	if r.IntN(20) == 0 { // long before the registration ends, in an hour
		if status, res, err := b.Register(3600); err != nil || status != 200 {
			return fmt.Errorf("refreshing: %w %s", err, res.start)
		}
	}
	c, err := a.Dial(b.Ext, "")
	if err != nil {
		return err
	}
	defer c.media.Close()
	c.media.Say(500)
	way := r.IntN(10)
	in, err := b.Accept(20 * time.Second)
	if err != nil {
		select {
		case m := <-c.answeredBy:
			return fmt.Errorf("%w; the caller got %s", err, m.start)
		default:
			return err
		}
	}
	defer in.media.Close()
	in.media.Say(700)
	in.Ring()
	k.calls.Add(1)
	switch way {
	case 0: // busy: 486, or a message
		in.Refuse(486, "Busy Here")
	case 1: // the caller gives up
		if err := awaitRinging(c); err != nil {
			return err
		}
		if err := c.Cancel(); err != nil {
			return err
		}
	case 2: // nobody answers
	default:
		if err := in.Take(); err != nil {
			return err
		}
	}
	final, err := c.Answered()
	if err != nil {
		return err
	}
	if way < 3 {
		if final.status()/100 == 2 { // its voicemail, or an answer before the CANCEL
			k.captures.Add(1)
			pause(r, 300)
			return c.HangUp()
		}
		select {
		case <-in.Gone:
		case <-time.After(slow(10 * time.Second)):
			return fmt.Errorf("a branch that was taken back (%d) still stands", way)
		}
		return nil
	}
	if final.status() != 200 {
		return fmt.Errorf("INVITE: %s", final.start)
	}
	pause(r, 1500)
	if way == 3 {
		for i, direction := range []string{"sendonly", "sendrecv"} {
			if res, err := c.Request("INVITE", "", c.media.sdp(2+i, direction)); err != nil || res.status() != 200 {
				return fmt.Errorf("re-INVITE: %w %s", err, res.start)
			}
			pause(r, 200)
		}
	}
	for _, side := range []*uaCall{c, in} {
		if side.media.Packets() == 0 && way > 3 {
			deadline := time.Now().Add(slow(5 * time.Second))
			for side.media.Packets() == 0 {
				if time.Now().After(deadline) {
					return fmt.Errorf("a call without sound")
				}
				time.Sleep(10 * time.Millisecond)
			}
		}
	}
	ends, hears := c, in
	if r.IntN(2) == 0 {
		ends, hears = in, c
	}
	if err := ends.HangUp(); err != nil {
		return err
	}
	select {
	case <-hears.Gone:
		return nil
	case <-time.After(slow(10 * time.Second)):
		return fmt.Errorf("BYE never reached the other side")
	}
}

func awaitRinging(c *uaCall) error {
	for {
		select {
		case m := <-c.Progress:
			if m.status() == 180 {
				return nil
			}
		case <-time.After(slow(10 * time.Second)):
			return fmt.Errorf("no 180")
		}
	}
}

func pause(r *rand.Rand, most int) {
	time.Sleep(time.Duration(20+r.IntN(most)) * time.Millisecond)
}

// register comes, refreshes or goes.
func (k *soak) register(r *rand.Rand, u *ua, over func() bool) error {
	expires := 3600
	if r.IntN(4) == 0 {
		expires = 0
	}
	status, res, err := u.Register(expires)
	if err != nil {
		return err
	}
	if status != 200 {
		return fmt.Errorf("REGISTER: %s", res.start)
	}
	k.registers.Add(1)
	for range 10 {
		if over() {
			_, _, err := u.Register(0)
			return err
		}
		pause(r, 150)
	}
	return nil
}

// change saves something through the API.
func (k *soak) change(r *rand.Rand) error {
	line := accountOf(fmt.Sprint(5000 + r.IntN(60))).LineID
	id := fmt.Sprintf("soak-%x", r.Uint64())
	for _, step := range []struct {
		method, path string
		body         any
	}{
		{http.MethodPatch, "/contact-methods/" + line, record{}.with("inbound.ring_timeout_s", 5+r.IntN(20))},
		{http.MethodPost, "/users", record{"id": id, "first_name": "Soak"}},
		{http.MethodPost, "/contact-methods", record{"id": id, "user_id": id, "kind": "sip_account"}.with("sip_account.username", id)},
		{http.MethodPatch, "/users/" + id, record{"last_name": "Test", "do_not_disturb": true}},
		{http.MethodDelete, "/users/" + id + "?confirm=true", nil},
	} {
		status, out, err := k.x.request(step.method, step.path, step.body)
		if err != nil {
			return err
		}
		if status/100 != 2 {
			return fmt.Errorf("%s %s: %d %s", step.method, step.path, status, out)
		}
		k.changes.Add(1)
		pause(r, 50)
	}
	return nil
}

// ask reads what operators look at.
func (k *soak) ask(r *rand.Rand) error {
	paths := []string{"/calls?state=active", "/calls?state=ended&limit=50", "/registrations?limit=1000", "/recordings", "/voicemails", "/revisions", "/trunks", "/users?limit=200"}
	path := paths[r.IntN(len(paths))]
	status, out, err := k.x.request(http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("GET %s: %d %s", path, status, out)
	}
	status, out, err = k.x.request(http.MethodPost, "/routes/explain", record{"from": "1000", "to": "1001"})
	if err != nil || status != http.StatusOK {
		return fmt.Errorf("explain: %d %s %w", status, out, err)
	}
	pause(r, 100)
	return nil
}

// throw sends malformed packets. Each burst comes from an address of its own,
// because a source of many is soon not listened to any more.
func (k *soak) throw(r *rand.Rand) error {
	from := net.IPv4(127, byte(8+r.IntN(200)), byte(r.IntN(256)), byte(1+r.IntN(254)))
	conn, err := net.DialUDP("udp4", &net.UDPAddr{IP: from}, &net.UDPAddr{IP: net.ParseIP(k.x.ip), Port: k.x.port})
	if err != nil {
		return err
	}
	defer conn.Close()
	for range 40 {
		if _, err := conn.Write(mutate(r, k.packets)); err == nil {
			k.junk.Add(1)
		}
		time.Sleep(2 * time.Millisecond)
	}
	stream, err := net.DialTCP("tcp4", &net.TCPAddr{IP: from}, &net.TCPAddr{IP: net.ParseIP(k.x.ip), Port: k.x.port})
	if err != nil {
		return nil // it may refuse strangers who come too often
	}
	defer stream.Close()
	_ = stream.SetDeadline(time.Now().Add(5 * time.Second))
	for range 3 {
		if _, err := stream.Write(mutate(r, k.packets)); err != nil {
			break
		}
		k.junk.Add(1)
	}
	return nil
}
