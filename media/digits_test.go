package media

import (
	"encoding/binary"
	"slices"
	"testing"

	"strowger/media/dtmf"
)

func withEvents(m Remote, pt uint8) Remote {
	m.Formats = append(slices.Clone(m.Formats), Format{PT: pt, Name: "telephone-event", Rate: 8000})
	m.EventPT = pt
	return m
}

// press sends a key as a phone does: 100 ms, three end packets.
func (p *phone) press(e *Endpoint, pt uint8, digit byte) int {
	code, _ := dtmf.Code(digit)
	n := 0
	for d := 160; d <= 800; d += 160 {
		for range 1 + 2*(d/800) {
			b := rtp(pt, p.seq, p.ts, p.ssrc, "    ")
			dtmf.Event{Code: code, End: d == 800, Volume: 10, Duration: uint16(d)}.Put(b[12:])
			p.raw(e.at(), b)
			p.seq++
			n++
		}
	}
	p.ts += 800
	return n
}

func TestDigitsRelayedAndReported(t *testing.T) {
	r := still(t, 10)
	a, b, ea, eb := call(t, r)
	ea.SetRemote(withEvents(a.remote(), 101))
	eb.SetRemote(withEvents(b.remote(), 96))
	var keys []byte
	ea.OnDigit(func(d byte, ms int) {
		keys = append(keys, d)
		if ms != 100 {
			t.Errorf("%c for %d ms", d, ms)
		}
	})
	var heard dtmf.Events
	var got []byte
	for _, k := range []byte("5*5#") {
		n := a.press(ea, 101, k)
		pump(t, r, n)
		r.telling.Wait()
		for range n {
			p, _ := b.recv()
			if p[1]&0x7f != 96 {
				t.Errorf("payload type %d, want 96", p[1])
			}
			if press, ok := heard.Packet(binary.BigEndian.Uint32(p[4:]), p[12:], 8000); ok {
				got = append(got, press.Digit)
			}
		}
	}
	if string(keys) != "5*5#" || string(got) != "5*5#" {
		t.Errorf("reported %q, relayed %q", keys, got)
	}
	if s := ea.Stats(); s.Lost != 0 || s.Codec == "telephone-event" && s.Received == 0 {
		t.Errorf("%+v", s)
	}
	// The other side takes no events: they are reported, and leave no gap.
	eb.SetRemote(b.remote())
	pump(t, r, a.press(ea, 101, '1'))
	r.telling.Wait()
	a.send(ea, "speech")
	pump(t, r, 1)
	first := binary.BigEndian.Uint16(b.hears("speech")[2:])
	if string(keys) != "5*5#1" {
		t.Errorf("reported %q", keys)
	}
	a.send(ea, "speech")
	pump(t, r, 1)
	if next := binary.BigEndian.Uint16(b.hears("speech")[2:]); next != first+1 {
		t.Errorf("%d after %d", next, first)
	}
}

// A phone that keeps to RFC 3264 sends under the numbers of the body that it
// was shown, which are the other side's.
func TestDigitsUnderTheNumberShown(t *testing.T) {
	r := still(t, 10)
	a, b, ea, eb := call(t, r)
	ea.SetRemote(withEvents(a.remote(), 101))
	eb.SetRemote(withEvents(b.remote(), 96))
	for _, c := range []struct {
		from, to *phone
		at       *Endpoint
		shown    uint8
	}{{a, b, ea, 96}, {b, a, eb, 101}} {
		var keys []byte
		c.at.OnDigit(func(d byte, ms int) {
			keys = append(keys, d)
			if ms != 100 {
				t.Errorf("%c for %d ms", d, ms)
			}
		})
		n := c.from.press(c.at, c.shown, '5')
		pump(t, r, n)
		r.telling.Wait()
		for range n {
			if p, _ := c.to.recv(); p[1]&0x7f != c.shown {
				t.Errorf("payload type %d, want %d", p[1]&0x7f, c.shown)
			}
		}
		if string(keys) != "5" {
			t.Errorf("sent under %d, reported %q", c.shown, keys)
		}
	}
	// A number that the phone itself gave to something else is that.
	m := withEvents(a.remote(), 101)
	m.Formats = append(m.Formats, Format{PT: 96, Name: "opus", Rate: 48000, Channels: 2})
	ea.SetRemote(m)
	ea.OnDigit(func(d byte, _ int) { t.Errorf("speech is the key %c", d) })
	pump(t, r, a.press(ea, 96, '6'))
	r.telling.Wait()
}

func TestDigitsAmongSpeech(t *testing.T) {
	r := still(t, 10)
	a, b, ea, eb := call(t, r)
	ea.SetRemote(withEvents(a.remote(), 101))
	eb.SetRemote(withEvents(b.remote(), 101))
	a.send(ea, "before")
	pump(t, r, 1)
	last := binary.BigEndian.Uint16(b.hears("before")[2:])
	eb.SendDigit('7', 100)
	eb.SendDigit('8', 60)
	var events dtmf.Events
	var presses []dtmf.Press
	speech, ends := 0, 0
	// The keys ride on the stream that is forwarded: no number is missing or
	// doubled, and between two keys speech passes.
	for speech < 20 {
		a.send(ea, "speech")
		pump(t, r, 1)
		p, _ := b.recv()
		for int16(binary.BigEndian.Uint16(p[2:])-last) <= 0 {
			t.Fatalf("%d after %d", binary.BigEndian.Uint16(p[2:]), last)
		}
		if n := binary.BigEndian.Uint16(p[2:]); n != last+1 {
			t.Errorf("%d after %d", n, last)
		}
		last = binary.BigEndian.Uint16(p[2:])
		if binary.BigEndian.Uint32(p[8:]) != a.ssrc {
			t.Errorf("SSRC %x", p[8:12])
		}
		if p[1]&0x7f != 101 {
			speech++
			continue
		}
		if p[13]&0x80 != 0 {
			ends++
		}
		if press, ok := events.Packet(binary.BigEndian.Uint32(p[4:]), p[12:], 8000); ok {
			presses = append(presses, press)
		}
	}
	if want := []dtmf.Press{{Digit: '7', MS: 100}, {Digit: '8', MS: 60}}; !slices.Equal(presses, want) {
		t.Errorf("sent %v, want %v", presses, want)
	}
	if ends != 6 {
		t.Errorf("%d packets ended two keys, want 3 each", ends)
	}
	if eb.inject.Load() != nil {
		t.Error("the injection did not end")
	}
}

// With nothing to ride on, the ticker sends the keys.
func TestDigitsOnTheirOwn(t *testing.T) {
	r := relay(t, Options{})
	p, e := newPhone(t, "127.0.0.2"), open(t, r)
	e.SendDigit('1', 80) // nobody is there yet
	e.SetRemote(withEvents(p.remote(), 101))
	e.SendDigit('x', 80)
	for _, k := range []byte("42") {
		e.SendDigit(k, 80)
	}
	var events dtmf.Events
	var got []byte
	var last uint16
	for n := 0; len(got) < 2; n++ {
		b, _ := p.recv()
		if seq := binary.BigEndian.Uint16(b[2:]); n > 0 && seq != last+1 {
			t.Errorf("%d after %d", seq, last)
		}
		last = binary.BigEndian.Uint16(b[2:])
		if press, ok := events.Packet(binary.BigEndian.Uint32(b[4:]), b[12:], 8000); ok {
			got = append(got, press.Digit)
		}
	}
	if string(got) != "42" {
		t.Errorf("sent %q", got)
	}
	await(t, "the end", func() bool { return e.inject.Load() == nil })
}
