package media

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"testing"
)

func TestPortsOldestFirst(t *testing.T) {
	r := relay(t, Options{PortMin: 30401, PortMax: 30409}) // pairs 30402, 30404, 30406, 30408
	var ends []*Endpoint
	var got []int
	for range 4 {
		e := open(t, r)
		ends, got = append(ends, e), append(got, e.Port())
	}
	if want := []int{30402, 30404, 30406, 30408}; !slices.Equal(got, want) {
		t.Fatalf("ports %v, want %v", got, want)
	}
	if _, err := r.Open(relayHost); !errors.Is(err, ErrNoPorts) {
		t.Fatalf("a fifth pair: %v", err)
	}
	for _, i := range []int{2, 0, 3, 1} {
		ends[i].Close()
		ends[i].Close()
	}
	got = nil
	for range 4 {
		got = append(got, open(t, r).Port())
	}
	if want := []int{30406, 30402, 30408, 30404}; !slices.Equal(got, want) {
		t.Errorf("ports again %v, want %v", got, want)
	}
}

// A pair that has just been given back is the last choice.
func TestPortsRest(t *testing.T) {
	r := still(t, 3)
	first := open(t, r)
	port := first.Port()
	first.Close()
	if free, rested := r.ports.rested(mono()); free != 3 || rested != 2 {
		t.Errorf("%d free, %d rested", free, rested)
	}
	if free, rested := r.ports.rested(mono() + int64(rest)); free != 3 || rested != 3 {
		t.Errorf("2 s later: %d free, %d rested", free, rested)
	}
	for range 2 {
		if e := open(t, r); e.Port() == port {
			t.Errorf("port %d did not rest", port)
		}
	}
	if e := open(t, r); e.Port() != port {
		t.Errorf("under pressure port %d is given, want %d", e.Port(), port)
	}
}

func TestPortsTakenByOthers(t *testing.T) {
	a, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 30420})
	if err != nil {
		t.Skip(err)
	}
	defer a.Close()
	b, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 30423})
	if err != nil {
		t.Skip(err)
	}
	defer b.Close()
	r := relay(t, Options{PortMin: 30420, PortMax: 30425})
	for range 2 { // fresh, and resting behind pairs that can't be had
		e := open(t, r)
		if e.Port() != 30424 {
			t.Errorf("port %d, want 30424: the RTP of one pair and the RTCP of the other are taken", e.Port())
		}
		e.Close()
	}
	open(t, r)
	if _, err := r.Open(relayHost); !errors.Is(err, ErrNoPorts) {
		t.Error(err)
	}
	if _, err := r.Open(netip.MustParseAddr("192.0.2.77")); err == nil || errors.Is(err, ErrNoPorts) {
		t.Errorf("an address that is not ours: %v", err)
	}
}

// A pair that changes its address is bound anew.
func TestPortsOnAnotherAddress(t *testing.T) {
	r := relay(t, Options{PortMin: 30430, PortMax: 30431})
	for _, host := range []string{"127.0.0.1", "127.0.0.8", "127.0.0.1"} {
		e, err := r.Open(netip.MustParseAddr(host))
		if err != nil {
			t.Fatal(err)
		}
		p := newPhone(t, "127.0.0.2")
		e.SetRemote(p.remote())
		e.Echo()
		p.send(e, host)
		p.hears(host)
		e.Close()
		if c := r.Counters(); c.PairsBound != 1 || c.PairsFree != 1 || c.EndpointsOpen != 0 {
			t.Errorf("%+v", c)
		}
	}
}

// What the last caller's phone still sent when the pair changed hands is not
// heard in the next call, though it comes from the same phone.
func TestPortsAreDrained(t *testing.T) {
	r := still(t, 1)
	p := newPhone(t, "127.0.0.2")
	e := open(t, r)
	e.Close()
	for range 3 {
		p.send(e, "of the call before")
		p.raw(e.controlAt(), []byte{0x80, 201, 0, 1, 0, 0, 0, 1})
	}
	next := open(t, r)
	next.SetRemote(p.remote())
	next.Echo()
	p.send(next, "mine")
	pump(t, r, 1)
	p.hears("mine")
	if s := next.Stats(); s.Received != 1 || next.in.control.received.Load() != 0 {
		t.Errorf("%+v", s)
	}
}

func TestOptions(t *testing.T) {
	for _, o := range []Options{{PortMin: 5, PortMax: 5}, {PortMin: 5, PortMax: 6}, {PortMin: 40000, PortMax: 70000}, {PortMin: 9, PortMax: 2}, {PortMin: -4, PortMax: 10}} {
		if r, err := New(o); err == nil {
			r.Close()
			t.Errorf("%+v was taken", o)
		}
	}
	r := relay(t, Options{})
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := r.Open(relayHost); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

// However endpoints come and go, a pair has one owner, comes back once, and the
// one that was free the longest goes first.
func TestPortsAlways(t *testing.T) {
	r := still(t, 12)
	rnd := rand.New(rand.NewPCG(7, 7))
	var queue []int // the model: ports in the order of their release
	for i := range 12 {
		queue = append(queue, 30000+2*i)
	}
	var held []*Endpoint
	for range 2000 {
		if rnd.IntN(2) == 0 && len(held) > 0 {
			i := rnd.IntN(len(held))
			held[i].Close()
			queue = append(queue, held[i].Port())
			held = slices.Delete(held, i, i+1)
			continue
		}
		e, err := r.Open(relayHost)
		if len(queue) == 0 {
			if !errors.Is(err, ErrNoPorts) {
				t.Fatal(err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if e.Port() != queue[0] {
			t.Fatalf("port %d, want %d", e.Port(), queue[0])
		}
		queue, held = queue[1:], append(held, e)
	}
	if c := r.Counters(); c.EndpointsOpen != len(held) || c.PairsFree != len(queue) {
		t.Errorf("%+v", c)
	}
}

// Once as many pairs are bound as descriptors allow, bound ones that have rested
// are used before new ones are bound.
func TestPortsKeepDescriptors(t *testing.T) {
	r := still(t, 8)
	r.ports.keep = 2
	first, second := open(t, r), open(t, r)
	a, b := first.Port(), second.Port()
	first.Close()
	second.Close()
	e := open(t, r) // nothing bound has rested
	if e.Port() == a || e.Port() == b {
		t.Fatalf("port %d did not rest", e.Port())
	}
	e.Close()
	for i := range r.ports.pairs {
		r.ports.pairs[i].freedAt -= int64(rest)
	}
	for _, want := range []int{a, b} {
		if e := open(t, r); e.Port() != want {
			t.Errorf("port %d, want %d", e.Port(), want)
		}
	}
	if c := r.Counters(); c.PairsBound != 3 {
		t.Errorf("%d pairs bound", c.PairsBound)
	}
}

// A callback may open endpoints, and have those of its own loop bound elsewhere:
// the loop does not wait for it.
func TestOpenFromCallback(t *testing.T) {
	r := relay(t, Options{PortMin: 30440, PortMax: 30447, Loops: 1})
	p, e := newPhone(t, "127.0.0.2"), open(t, r)
	open(t, r).Close()
	e.SetRemote(withEvents(p.remote(), 101))
	got := make(chan error, 1)
	e.OnDigit(func(byte, int) {
		for range 3 {
			if _, err := r.Open(netip.MustParseAddr("127.0.0.8")); err != nil {
				got <- err
				return
			}
		}
		got <- nil
	})
	p.press(e, 101, '1')
	if err := <-got; err != nil {
		t.Error(err)
	}
}

// rested reports how many of the free pairs have rested.
func (p *ports) rested(now int64) (free, rested int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	rested = p.unbound.count
	for i := range p.resting.count {
		if now-p.pairs[p.resting.ring[(p.resting.head+i)%len(p.resting.ring)]].freedAt >= int64(rest) {
			rested++
		}
	}
	return p.free(), rested
}
