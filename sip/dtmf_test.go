package sip_test

import (
	"context"
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"
	"github.com/pion/rtp"

	"strowger/media/audio"
	"strowger/media/dtmf"
	"strowger/media/sdp"
	"strowger/sip/siptest"
	"strowger/store"
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

// # ends a message, in RTP or by INFO.
func TestKeyEndsMessage(t *testing.T) {
	for name, press := range map[string]func(m *mouth, out *siptest.Call){
		"RTP": func(m *mouth, _ *siptest.Call) { m.e.SendDigit('#', 60) },
		"INFO": func(_ *mouth, out *siptest.Call) {
			for _, b := range [][]byte{[]byte("Signal=nonsense"), dtmf.InfoBody('#', 100)} {
				if res := out.Request(gosip.INFO, b, gosip.NewHeader("Content-Type", dtmf.TypeRelay)); res.StatusCode != 200 {
					t.Errorf("INFO: %d", res.StatusCode)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // greetings take their time
			x, _ := newExchange(t, options{extra: `{"contact_methods":[{"id":"l2","user_id":"u2","kind":"sip_account","sip_account":{"username":"ben"},"inbound":{"internal_numbers":["102"],"when_unavailable":{"action":"voicemail"}}}]}`})
			anna, m := x.phone("anna"), newMouth(t, 0)
			out := anna.Dial(x.flow(anna), "acme.test", "102", m.offers(events(101)))
			m.take(final(t, out, 200).Body())
			m.hears(1000)
			m.e.Play(audio.Sine(400, -10, -1), func(error) {})
			x.eventually("two seconds of message", func() bool { return m.e.Stats().Sent > 100 })
			press(m, out)
			x.eventually("the voicemail, before Anna hangs up", func() bool {
				all, err := x.store.Voicemails(context.Background(), "default", "", 10)
				return err == nil && len(all) == 1 && all[0].State == store.RecordingDelivered
			})
			out.Bye()
		})
	}
}
