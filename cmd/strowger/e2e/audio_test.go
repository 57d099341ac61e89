package e2e

import (
	"fmt"
	"testing"
	"time"
)

// TestSoftphonesAlone lets two baresips talk without an exchange between, so
// that a broken installation is not taken for a broken exchange.
func TestSoftphonesAlone(t *testing.T) {
	t.Parallel()
	b := newSoftphone(t, softphoneSetup{account: accountOf("102"), Domain: "127.0.0.1", Tone: 700})
	a := newSoftphone(t, softphoneSetup{account: accountOf("101"), Domain: "127.0.0.1", Tone: 500})
	talk(t, a, b, fmt.Sprintf("sip:%s@127.0.0.1:%d", b.setup.Username, b.setup.Port))
}

// talk calls from a to b, who answers by itself, and checks that each hears
// the other.
func talk(t *testing.T, a, b *softphone, to string) {
	t.Helper()
	marks := [2]int{a.mark(), b.mark()}
	calls := [2]int{a.calls(), b.calls()}
	a.do("dial", to)
	a.wait(marks[0], "CALL_ESTABLISHED")
	b.wait(marks[1], "CALL_ESTABLISHED")
	a.mustHear(calls[0], b.setup.Tone, 1.5)
	b.mustHear(calls[1], a.setup.Tone, 1.5)
	a.do("hangup", "")
	a.wait(marks[0], "CALL_CLOSED")
	b.wait(marks[1], "CALL_CLOSED")
}

// TestAudio lets two baresips of the exchange hear each other, in every codec
// that they share and by each transport.
func TestAudio(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, codecs, transport string }{
		{"PCMU", "pcmu", "udp"},
		{"PCMA over TCP", "pcma", "tcp"},
		{"G.722", "g722", "udp"},
		{"Opus", "opus/48000/2", "udp"},
	}
	s := newSite()
	for i := range cases {
		s.phone(fmt.Sprint(201 + 10*i))
		s.phone(fmt.Sprint(202 + 10*i))
	}
	x := newExchange(t, s)
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := x.as(t)
			as := func(s *softphoneSetup) { s.Codecs, s.Transport = c.codecs, c.transport }
			b := x.softphone(t, accountOf(fmt.Sprint(202+10*i)), 700, as).registered()
			a := x.softphone(t, accountOf(fmt.Sprint(201+10*i)), 500, as).registered()
			talk(t, a, b, fmt.Sprintf("sip:%s@%s;transport=%s", b.setup.Ext, x.sip(), c.transport))
			r := x.lastCall(t, a.setup.account)
			for _, leg := range r.Legs {
				if leg.Quality == nil || leg.Quality.Packets < 50 {
					t.Errorf("the record of leg %s says of its quality %+v", leg.Side, leg.Quality)
				}
			}
		})
	}
	t.Cleanup(x.idle)
}

// TestHoldStopsTheSound holds a call by baresip's own re-INVITE and takes it
// back.
func TestHoldStopsTheSound(t *testing.T) {
	t.Parallel()
	s := newSite()
	one, _ := s.phone("101")
	two, _ := s.phone("102")
	x := newExchange(t, s)
	u := mustUA(t, x, two).mustRegister(t)
	p := x.softphone(t, one, 500)
	mark := p.mark()
	p.do("dial", "sip:102@"+x.sip())
	c, err := u.Accept(20 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	c.media.Say(700)
	if err := c.Take(); err != nil {
		t.Fatal(err)
	}
	p.wait(mark, "CALL_ESTABLISHED")
	c.media.mustHear(t, 500)
	p.do("hold", "")
	eventually(t, 10*time.Second, "the callee is held", func() error {
		if len(c.saw("INVITE"))+len(c.saw("UPDATE")) == 0 {
			return fmt.Errorf("no re-INVITE")
		}
		return nil
	})
	p.do("resume", "")
	eventually(t, 10*time.Second, "the callee is taken back", func() error {
		if n := len(c.saw("INVITE")) + len(c.saw("UPDATE")); n < 2 {
			return fmt.Errorf("%d offers", n)
		}
		return nil
	})
	before := c.media.Packets()
	eventually(t, 10*time.Second, "sound comes again", func() error {
		if n := c.media.Packets() - before; n < 50 {
			return fmt.Errorf("%d packets", n)
		}
		return nil
	})
	c.media.mustHear(t, 500)
	c.mustHangUp(t)
	p.wait(mark, "CALL_CLOSED")
	x.idle()
}

// TestEcho hears itself, after the prompt that says so.
func TestEcho(t *testing.T) {
	t.Parallel()
	s := newSite()
	a, _ := s.phone("101")
	s.add("feature_codes", record{"id": "echo", "code": "*43", "action": "echo"})
	x := newExchange(t, s)
	u := mustUA(t, x, a).mustRegister(t)
	for range 2 {
		c, err := u.Dial("*43", "")
		if err != nil {
			t.Fatal(err)
		}
		c.mustAnswer(t)
		c.media.Say(500)
		c.media.mustHearFor(t, 500, 1)
		c.media.Say(900)
		c.media.mustHear(t, 900)
		c.media.steady(t)
		c.mustHangUp(t)
	}
	x.idle()
}
