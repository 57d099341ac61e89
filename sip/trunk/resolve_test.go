package trunk

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/transport"
	"strowger/store"
)

// look asks and says how long the answer took.
func (x *exchange) look(host string, port uint16, p transport.Proto) (list []string, took time.Duration, err error) {
	start := time.Now()
	done := make(chan struct{})
	x.carriers.Resolve(host, port, p, func(targets []Target, e error) {
		for _, t := range targets {
			list = append(list, t.Proto.String()+" "+t.Addr.String())
		}
		err = e
		close(done)
	})
	<-done
	return list, time.Since(start), err
}

func TestResolve(t *testing.T) {
	tests := []struct {
		name  string
		host  string
		port  uint16
		proto transport.Proto
		want  string
	}{
		{"an address", "203.0.113.1", 0, 0, "udp 203.0.113.1:5060"},
		{"an address with all said", "203.0.113.1", 5070, transport.TCP, "tcp 203.0.113.1:5070"},
		{"IPv6 in brackets", "[2001:db8::1]", 0, transport.TLS, "tls [2001:db8::1]:5061"},
		{"SRV", "srv.example", 0, transport.UDP, "udp 203.0.113.11:5080, udp 203.0.113.12:5090, udp [2001:db8::12]:5090"},
		{"SRV of another protocol", "srv.example", 0, transport.TCP, "tcp 203.0.113.13:5060"},
		{"SRV, protocol open", "srv.example", 0, 0, "udp 203.0.113.11:5080, udp 203.0.113.12:5090, udp [2001:db8::12]:5090"},
		{"only TCP published", "tcponly.example", 0, 0, "tcp 203.0.113.13:5060"},
		{"a port says no SRV", "srv.example", 5999, 0, "udp 203.0.113.50:5999"},
		{"no SRV", "plain.example", 0, transport.TCP, "tcp 203.0.113.60:5060"},
		{"SRV that says no", "refusing.example", 0, 0, "udp 203.0.113.70:5060"},
		{"SRV to nothing", "dangling.example", 0, 0, "udp 203.0.113.80:5060"},
		{"nothing", "nothing.example", 0, 0, "error: look up nothing.example: no such host"},
	}
	inBubble(t, nil, func(t *testing.T, x *exchange) {
		x.dns.srv["_sip._udp.srv.example"] = []SRV{{"b.example", 5090, 20, 0}, {"a.example", 5080, 10, 0}}
		x.dns.srv["_sip._tcp.srv.example"] = []SRV{{"c.example", 5060, 10, 0}}
		x.dns.srv["_sip._tcp.tcponly.example"] = []SRV{{"c.example", 5060, 10, 0}}
		x.dns.srv["_sip._udp.refusing.example"] = []SRV{{".", 0, 0, 0}}
		x.dns.srv["_sip._udp.dangling.example"] = []SRV{{"void.example", 5060, 0, 0}}
		for host, list := range map[string][]string{
			"a.example": {"203.0.113.11"}, "b.example": {"203.0.113.12", "2001:db8::12"}, "c.example": {"203.0.113.13"}, "srv.example": {"203.0.113.50"},
			"plain.example": {"::ffff:203.0.113.60"}, "refusing.example": {"203.0.113.70"}, "dangling.example": {"203.0.113.80"},
		} {
			x.dns.hosts[host] = addrs(list...)
		}
		for _, test := range tests {
			list, _, err := x.look(test.host, test.port, test.proto)
			got := strings.Join(list, ", ")
			if err != nil {
				got = "error: " + err.Error()
			}
			if got != test.want {
				t.Errorf("%s: got %s, want %s", test.name, got, test.want)
			}
		}
	})
}

// A DNS that is slow or dead makes nobody wait who was known.
func TestSlowDNS(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, x *exchange) {
		x.dns.hosts["sip.example"] = addrs("203.0.113.1")
		x.dns.set(nil, 2*time.Second)
		if list, took, err := x.look("sip.example", 5060, transport.UDP); err != nil || len(list) != 1 || took != 2*time.Second {
			t.Fatalf("%v %v %v", list, err, took)
		}
		for _, wait := range []time.Duration{0, 2 * time.Minute, time.Hour} {
			time.Sleep(wait)
			if list, took, err := x.look("SIP.example", 5060, transport.UDP); err != nil || len(list) != 1 || took != 0 {
				t.Errorf("after %v: %v %v %v", wait, list, err, took)
			}
		}
		x.dns.mu.Lock()
		x.dns.hosts["sip.example"] = addrs("203.0.113.2")
		x.dns.mu.Unlock()
		time.Sleep(2 * time.Minute)
		x.look("sip.example", 5060, transport.UDP)
		time.Sleep(3 * time.Second)
		if list, _, _ := x.look("sip.example", 5060, transport.UDP); !slices.Equal(list, []string{"udp 203.0.113.2:5060"}) {
			t.Errorf("a change is not seen: %v", list)
		}
		x.dns.set(errors.New("dead"), time.Hour)
		for range 10 {
			time.Sleep(time.Hour)
			if list, took, err := x.look("sip.example", 5060, transport.UDP); err != nil || len(list) != 1 || took != 0 {
				t.Fatalf("dead DNS: %v %v %v", list, err, took)
			}
		}
		// Who is not known waits, but not for ever, and not again at once.
		if _, took, err := x.look("new.example", 5060, transport.UDP); err == nil || took != patience {
			t.Errorf("%v after %v", err, took)
		}
		asked := x.dns.asked
		if _, took, err := x.look("new.example", 5060, transport.UDP); err == nil || took != 0 || x.dns.asked != asked {
			t.Errorf("%v after %v", err, took)
		}
		time.Sleep(25 * time.Hour)
		if _, _, err := x.look("sip.example", 5060, transport.UDP); err == nil {
			t.Error("an answer of more than a day ago is used")
		}
		time.Sleep(2 * time.Hour)
	})
}

func TestNamesAreBounded(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, x *exchange) {
		for i := range 3 * maxNames {
			x.look(fmt.Sprintf("n%d.example", i), 5060, transport.UDP)
			if i%1000 == 0 {
				time.Sleep(2 * time.Minute)
			}
		}
		if n := len(x.carriers.names.known); n > 2*maxNames {
			t.Errorf("%d names remembered", n)
		}
	})
}

// RFC 2782: by priority, then as often as the weights say, none lost.
func TestOrder(t *testing.T) {
	var places []place
	for i, p := range []struct{ priority, weight uint16 }{{10, 60}, {10, 20}, {10, 20}, {20, 0}, {20, 0}} {
		places = append(places, place{netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 5060), transport.UDP, p.priority, p.weight, i})
	}
	first := make([]int, 5)
	const n = 20000
	for range n {
		list := order(query{host: "x"}, places)
		if len(list) != 5 {
			t.Fatalf("%d targets", len(list))
		}
		seen := map[byte]bool{}
		for i, target := range list {
			last := target.Addr.Addr().As4()[3]
			if seen[last] || (i < 3) != (last < 3) {
				t.Fatalf("order %v", list)
			}
			seen[last] = true
		}
		first[list[0].Addr.Addr().As4()[3]]++
	}
	for i, share := range []float64{0.6, 0.2, 0.2} {
		if got := float64(first[i]) / n; got < share-0.05 || got > share+0.05 {
			t.Errorf("place %d is first %.2f of the time, want %.2f", i, got, share)
		}
	}
}

// Of several machines the one that answers is tried first.
func TestFailover(t *testing.T) {
	trunk := named("main", func(t *store.Trunk) { t.OptionsPingS = 60 })
	inBubble(t, []*store.Trunk{trunk}, func(t *testing.T, x *exchange) {
		x.dns.srv["_sip._udp.sip.carrier.example"] = []SRV{{"a.example", 5060, 10, 0}, {"b.example", 5060, 20, 0}}
		x.dns.hosts["a.example"], x.dns.hosts["b.example"] = addrs("203.0.113.10"), addrs("203.0.113.20")
		p := x.provider("udp://203.0.113.20:5060") // a is not there
		defer p.Close()
		first := func() string {
			out := ""
			x.carriers.Routes("default", "main", func(list []Target, err error) {
				if err != nil || len(list) != 2 {
					t.Errorf("routes %v, %v", list, err)
					return
				}
				out = list[0].Addr.String()
			})
			synctest.Wait()
			return out
		}
		x.carriers.Sync()
		synctest.Wait()
		if got := first(); got != "203.0.113.10:5060" {
			t.Errorf("before anything is known: %s", got)
		}
		time.Sleep(10 * time.Second)
		if got := first(); got != "203.0.113.20:5060" {
			t.Errorf("after the first did not answer: %s", got)
		}
		if !x.carriers.Up("default", "main") || len(p.got(sip.OPTIONS)) == 0 {
			t.Error("one machine that answers is enough")
		}
		q := x.provider("udp://203.0.113.10:5060")
		defer q.Close()
		time.Sleep(3 * time.Minute)
		if got := first(); got != "203.0.113.10:5060" {
			t.Errorf("after the first is back: %s", got)
		}
		x.carriers.Routes("default", "nobody", func(_ []Target, err error) {
			if !errors.Is(err, ErrUnknown) {
				t.Errorf("got %v", err)
			}
		})
	})
}

func TestFlow(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, x *exchange) {
		p := x.provider("tcp://203.0.113.10:5060")
		defer p.Close()
		tcp := Target{Addr: netip.MustParseAddrPort("203.0.113.10:5060"), Proto: transport.TCP}
		var mu sync.Mutex // the first may have dialled before the last asks
		var flows []transport.Flow
		for range 3 { // while the first dials
			x.carriers.Flow(tcp, func(f transport.Flow, err error) {
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				flows = append(flows, f)
			})
		}
		synctest.Wait()
		at := len(flows)
		x.carriers.Flow(tcp, func(f transport.Flow, err error) { flows = append(flows, f) })
		if at != 3 || len(flows) != 4 || flows[0] != flows[1] || flows[0] != flows[3] || !flows[0].Alive() {
			t.Errorf("one stream for all: %v", flows)
		}
		called := false
		x.carriers.Flow(Target{Addr: netip.MustParseAddrPort("203.0.113.10:5060"), Proto: transport.UDP}, func(f transport.Flow, err error) {
			called = err == nil && f.Remote().String() == "203.0.113.10:5060"
		})
		if !called {
			t.Error("UDP is there at once")
		}
		var failed error
		x.carriers.Flow(Target{Addr: netip.MustParseAddrPort("203.0.113.99:5060"), Proto: transport.TCP}, func(_ transport.Flow, err error) { failed = err })
		synctest.Wait()
		if failed == nil {
			t.Error("nobody listens there")
		}
	})
}

// Over TCP the registration says so, and refreshes over the same stream.
func TestRegistrationOverTCP(t *testing.T) {
	trunk := registering("main")
	trunk.Transport = "tcp"
	inBubble(t, []*store.Trunk{trunk}, func(t *testing.T, x *exchange) {
		x.dns.hosts["sip.carrier.example"] = addrs("203.0.113.10")
		p := x.provider("tcp://203.0.113.10:5060")
		defer p.Close()
		p.expires = 60
		x.carriers.Sync()
		time.Sleep(5 * time.Minute)
		reqs := p.got(sip.REGISTER)
		if len(reqs) < 5 || reqs[0].Via().Transport != "TCP" || !strings.Contains(reqs[0].Contact().Value(), "transport=tcp") {
			t.Errorf("%d REGISTERs, first\n%v", len(reqs), reqs)
		}
		if n := x.tp.Streams(); n != 1 {
			t.Errorf("%d streams", n)
		}
	})
}
