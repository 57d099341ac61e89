package sip_test

import (
	"net"
	"net/netip"
	"testing"

	"strowger/media/sdp"
)

// A call between two phones, each in its address family. What each is shown is
// in its own.
func TestCallsOverIPv6(t *testing.T) {
	if c, err := net.ListenPacket("udp", "[::1]:0"); err != nil {
		t.Skip("no IPv6 here")
	} else {
		c.Close()
	}
	const four, six = "127.0.0.1", "::1"
	for _, c := range []struct{ name, anna, ben string }{
		{"6 to 6", six, six}, {"6 to 4", six, four}, {"4 to 6", four, six},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, _ := newExchange(t, options{listen: []string{"udp://[::1]:0"}})
			anna, ben := x.phoneAt(c.anna, "anna"), x.phoneAt(c.ben, "ben")
			ma, mb := newMouthAt(t, c.anna, 400), newMouthAt(t, c.ben, 700)
			out := anna.Dial(x.flow(anna), "acme.test", "102", ma.offer())
			in := rings(t, ben)
			in.Respond(200, "OK", mb.offer())
			res := final(t, out, 200)
			for host, body := range map[string][]byte{c.ben: in.Invite.Body(), c.anna: res.Body()} {
				d, err := sdp.Parse(body)
				if err != nil {
					t.Fatal(err)
				}
				if want := netip.MustParseAddr(host); d.Origin.Addr != want || d.Media[0].Addr != want {
					t.Errorf("the phone at %s is shown\n%s", host, body)
				}
			}
			mb.take(in.Invite.Body())
			ma.take(res.Body())
			ma.hears(700)
			mb.hears(400)
			if res := out.Bye(); res.StatusCode != 200 {
				t.Errorf("BYE: %d", res.StatusCode)
			}
			ended(t, in)
			for _, l := range x.record().Legs {
				if l.Quality == nil || l.Quality.Packets == 0 || l.Quality.MOS < 4 {
					t.Errorf("leg %s: %+v", l.Side, l.Quality)
				}
			}
			x.idle()
		})
	}
}
