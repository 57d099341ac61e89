package registrar

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"strowger/sip/digest"
	"strowger/sip/transport"
)

// Phones, calls, the sweep, the configuration and the end of streams at once:
// for the race detector, and because nothing may be lost or left over.
func TestAllAtOnce(t *testing.T) {
	x := newExchange(t, Options{KeepAlive: 20 * time.Millisecond})
	const users = 8
	for i := range users {
		x.people.add("default", fmt.Sprintf("u%d", i), fmt.Sprintf("u%d", i), "secret")
	}
	stop := make(chan struct{})
	var others, phones sync.WaitGroup
	for _, f := range []func(){
		x.reg.Sync,
		func() { x.reg.Contacts("default", "u1") },
		func() { x.reg.Registrations("default"); x.reg.Bound() },
		func() { x.people.change("u0", func(a *Account) { a.UserID += "x" }) },
		func() { x.reg.ContactByGRUU("default", "u2", "urn:uuid:2") },
	} {
		others.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					f()
				}
			}
		})
	}
	for i := range users {
		phones.Go(func() {
			user := fmt.Sprintf("u%d", i)
			address := fmt.Sprintf("198.51.100.%d:5060", i+1)
			flow, _ := x.tp.UDPTo(netip.MustParseAddrPort(address))
			for n := 1; n <= 24; n++ {
				f := flow
				var end func() error
				if n%3 == 0 {
					end, f = stream(t, x)
				}
				ch, _ := digest.ParseChallenge(string(digest.AppendChallenge(nil, digest.SHA256, "strowger", x.auth.nonces.Append(nil, f.Remote().Addr()), false)))
				done := make(chan int, 1)
				x.reg.Handle(f, register(t, "pbx.example.com", user, address, n, ch.Answer("REGISTER", "sip:pbx.example.com", user, "secret", 1)),
					func(status int, _ []byte) { done <- status })
				if status := <-done; status != 200 {
					t.Errorf("%s: %d", user, status)
				}
				if end != nil {
					end()
				}
			}
		})
	}
	phones.Wait()
	close(stop)
	others.Wait()
	x.tp.Close() // every stream ends
	for i := range users {
		if n := len(x.reg.Contacts("default", fmt.Sprintf("u%d", i))); n != 0 {
			t.Errorf("u%d has %d contacts, its last stream is closed", i, n)
		}
	}
	x.reg.Close()
	if len(x.disk.all()) != 0 {
		t.Errorf("on disk %v", x.disk.all())
	}
}

// stream is a new one from outside.
func stream(t *testing.T, x *exchange) (func() error, transport.Flow) {
	c, err := x.net.DialStream(t.Context(), netip.AddrPort{}, netip.MustParseAddrPort(ours))
	if err != nil {
		t.Error(err)
		return nil, transport.Flow{}
	}
	for range 1000 {
		if f, ok := x.tp.StreamTo(transport.TCP, netip.MustParseAddrPort(c.LocalAddr().String())); ok {
			return c.Close, f
		}
		time.Sleep(time.Millisecond) // until the listener has taken it
	}
	t.Error("the stream was not accepted")
	return c.Close, transport.Flow{}
}
