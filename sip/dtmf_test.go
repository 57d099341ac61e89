package sip_test

import (
	"testing"
	"time"

	"github.com/pion/rtp"

	"strowger/media/dtmf"
	"strowger/media/sdp"
)

// events are µ-law and telephone-event under a number of the phone's own.
func events(pt uint8) []sdp.Format {
	f := sdp.DefaultFormats()
	f[3].PT = pt
	return []sdp.Format{f[0], f[3]}
}

// A keypad is a phone that shows the keys pressed at the other end.
type keypad struct {
	*mouth
	own     uint8 // payload type under which it asked for them
	events  dtmf.Events
	pressed chan byte
}

func newKeypad(t *testing.T, hz float64, own uint8) *keypad {
	k := &keypad{mouth: newMouth(t, hz), own: own, pressed: make(chan byte, 64)}
	k.e.SetTap(k)
	return k
}

func (k *keypad) Packet(at time.Time, b []byte) {
	var p rtp.Packet
	if err := p.Unmarshal(b); err != nil {
		k.t.Error(err)
	}
	if p.PayloadType == k.own {
		if press, ok := k.events.Packet(p.Timestamp, p.Payload, 8000); ok {
			k.pressed <- press.Digit
		}
	}
	k.mouth.Packet(at, b)
}

// Keys pressed in a call reach the other phone once each, in their order, while
// both speak and under the payload type that it asked for.
func TestKeysBothWays(t *testing.T) {
	x, _ := newExchange(t, options{})
	anna, ben := x.phone("anna"), x.phone("ben")
	ma, mb := newKeypad(t, 400, 101), newKeypad(t, 700, 96)
	out := anna.Dial(x.flow(anna), "acme.test", "102", ma.offers(events(ma.own)))
	in := rings(t, ben)
	in.Respond(200, "OK", mb.offers(events(mb.own)))
	res := final(t, out, 200)
	mb.take(in.Invite.Body())
	ma.take(res.Body())
	ma.hears(700)
	mb.hears(400)
	for _, c := range []struct {
		name string
		from *keypad
		at   *keypad
		keys string
	}{{"Anna", ma, mb, "1590*#"}, {"Ben", mb, ma, "77AD"}} {
		for _, k := range []byte(c.keys) {
			c.from.e.SendDigit(k, 60)
		}
		for i := range len(c.keys) {
			select {
			case got := <-c.at.pressed:
				if got != c.keys[i] {
					t.Errorf("%s pressed %q, key %d came as %q", c.name, c.keys, i, got)
				}
			case <-time.After(within):
				t.Fatalf("key %d of %s's %q did not come", i, c.name, c.keys)
			}
		}
	}
	// The tones go on, and no key is heard twice.
	ma.hears(700)
	mb.hears(400)
	out.Bye()
	ended(t, in)
	if len(ma.pressed)+len(mb.pressed) > 0 {
		t.Errorf("%d keys too many at Anna's phone, %d at Ben's", len(ma.pressed), len(mb.pressed))
	}
}
