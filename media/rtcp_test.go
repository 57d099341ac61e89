package media

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// senderReport carries an NTP time whose middle is ntp.
func senderReport(from uint32, ntp uint32, cname string) []byte {
	b := make([]byte, 28)
	b[0], b[1] = 0x80, typeSR
	binary.BigEndian.PutUint16(b[2:], 6)
	binary.BigEndian.PutUint32(b[4:], from)
	binary.BigEndian.PutUint32(b[10:], ntp)
	if cname == "" {
		return b
	}
	d := append([]byte{0x81, typeSDES, 0, 0}, binary.BigEndian.AppendUint32(nil, from)...)
	d = append(d, 1, byte(len(cname)))
	d = append(append(d, cname...), 0)
	for len(d)%4 != 0 {
		d = append(d, 0)
	}
	binary.BigEndian.PutUint16(d[2:], uint16(len(d)/4-1))
	return append(b, d...)
}

func receiverReport(from uint32, lost uint8, jitter, lsr, dlsr uint32) []byte {
	b := make([]byte, 32)
	b[0], b[1] = 0x81, typeRR
	binary.BigEndian.PutUint16(b[2:], 7)
	binary.BigEndian.PutUint32(b[4:], from)
	b[12] = lost
	binary.BigEndian.PutUint32(b[20:], jitter)
	binary.BigEndian.PutUint32(b[24:], lsr)
	binary.BigEndian.PutUint32(b[28:], dlsr)
	return b
}

// controlPhone has a second socket for RTCP.
func controlPhone(t *testing.T, p *phone) *phone {
	return newPhone(t, p.addr().Addr().String())
}

func TestControlIsForwarded(t *testing.T) {
	r := still(t, 10)
	a, b, ea, eb := call(t, r)
	ca, cb := controlPhone(t, a), controlPhone(t, b)
	for p, c := range map[*phone]*phone{a: ca, b: cb} {
		m := p.remote()
		m.RTCP = c.addr()
		if p == a {
			ea.SetRemote(m)
		} else {
			eb.SetRemote(m)
		}
	}
	const ntp = 0xabcd1234
	ca.raw(ea.controlAt(), senderReport(a.ssrc, ntp, "anna@10.1.2.3"))
	pump(t, r, 1)
	got, from := cb.recv()
	if from != eb.controlAt() || got[1] != typeSR || binary.BigEndian.Uint32(got[4:]) != a.ssrc || binary.BigEndian.Uint32(got[10:]) != ntp {
		t.Errorf("from %v: % x", from, got)
	}
	if !wholeControl(got) || strings.Contains(string(got), "anna") || strings.Contains(string(got), "10.1") {
		t.Errorf("a name went through: %q", got)
	}
	// b answers after 100 ms that it spent itself; the trip is measured on our clock.
	l := r.loops[0]
	eb.in.control.answered(l.now+int64(150*time.Millisecond), ntp, 65536/10)
	if rtt := eb.Stats().RoundTripMS; rtt < 49 || rtt > 51 {
		t.Errorf("round trip %v ms, want 50", rtt)
	}
	cb.raw(eb.controlAt(), receiverReport(b.ssrc, 64, 80, ntp, 0))
	pump(t, r, 1)
	if got, _ := ca.recv(); got[1] != typeRR || len(got) != 32 {
		t.Errorf("% x", got)
	}
	s := eb.Stats()
	if s.RemoteLossShare != 0.25 || s.RemoteJitterMS != 10 || s.LastPacket.IsZero() {
		t.Errorf("%+v", s)
	}
	if c := r.Counters(); c.RTCPReceived != 2 || c.RTCPSent != 2 || c.Received != 0 {
		t.Errorf("%+v", c)
	}
}

func TestControlSources(t *testing.T) {
	r := still(t, 10)
	a, b, ea, eb := call(t, r)
	cb := controlPhone(t, b)
	m := b.remote()
	m.RTCP = cb.addr()
	eb.SetRemote(m)
	rr := receiverReport(a.ssrc, 0, 0, 0, 0)
	refused := func(p *phone) {
		t.Helper()
		p.raw(ea.controlAt(), rr)
		pump(t, r, 1)
		cb.silent()
		p.silent()
	}
	passes := func(p *phone) {
		t.Helper()
		p.raw(ea.controlAt(), rr)
		pump(t, r, 1)
		cb.recv()
	}
	stranger := newPhone(t, "127.0.0.9")
	refused(stranger)
	nat1, nat2 := controlPhone(t, a), controlPhone(t, a)
	passes(nat1)  // any port of the host that signals, for the first
	refused(nat2) // the first has been believed
	a.send(ea, "x")
	pump(t, r, 1)
	b.hears("x")
	passes(nat2)      // the same host as the RTP and its SSRC: the NAT has moved it
	refused(stranger) // though it knows the SSRC
	// What comes back goes to where the last was believed.
	cb.raw(eb.controlAt(), receiverReport(b.ssrc, 0, 0, 0, 0))
	pump(t, r, 1)
	if got, _ := nat2.recv(); got[1] != typeRR {
		t.Errorf("% x", got)
	}
	for _, junk := range [][]byte{{}, {0x80}, {0x80, 201, 0, 9, 1, 1, 1, 1}, rtp(0, 1, 1, 1, "rtp"), append(receiverReport(1, 0, 0, 0, 0), 1)} {
		nat2.raw(ea.controlAt(), junk)
		pump(t, r, 1)
		cb.silent()
	}
}

func TestControlMuxed(t *testing.T) {
	r := still(t, 10)
	a, b, ea, eb := call(t, r)
	for p, e := range map[*phone]*Endpoint{a: ea, b: eb} {
		m := p.remote()
		m.Mux = true
		e.SetRemote(m)
	}
	a.raw(ea.at(), senderReport(a.ssrc, 5, ""))
	pump(t, r, 1)
	if got, from := b.recv(); got[1] != typeSR || from != eb.at() {
		t.Errorf("from %v: % x", from, got)
	}
	a.send(ea, "x")
	pump(t, r, 1)
	b.hears("x")
	newPhone(t, "127.0.0.9").raw(ea.at(), senderReport(a.ssrc, 6, ""))
	newPhone(t, a.addr().Addr().String()).raw(ea.at(), senderReport(a.ssrc, 6, ""))
	pump(t, r, 2)
	b.silent()
}

// Where the phone's RTP comes from somewhere else than its body says, its RTCP
// is sent to the same place, one port above.
func TestControlBehindNAT(t *testing.T) {
	r := still(t, 10)
	a, b, _, eb := call(t, r)
	m := b.remote()
	m.RTP = a.addr() // not where b's packets come from
	eb.SetRemote(m)
	b.send(eb, "x")
	pump(t, r, 1)
	r.mu.Lock()
	want := sourceOf(b.addr())
	want.port++
	to, _ := want.sockaddr(eb.pair.family)
	got := eb.control.Load().to
	r.mu.Unlock()
	if got != to {
		t.Errorf("RTCP goes to %+v, want %+v", got, to)
	}
}

// Whatever bytes come, from whoever is believed: no panic, and nothing longer
// or shorter goes out than came in.
func FuzzPackets(f *testing.F) {
	f.Add(rtp(0, 1, 2, 3, "payload"), true)
	f.Add(senderReport(1, 2, "c@n"), false)
	f.Add(receiverReport(1, 2, 3, 4, 5), false)
	f.Add(append([]byte{0xbf, 0x65, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1}, "\xbe\xde\x00\x01abcd\x05\x80\x00\xa0\x04"...), true)
	r := stillAt(f, 16000+os.Getpid()%1000*8, 4) // the fuzzer runs several processes
	l := r.loops[0]
	var ends [2]*Endpoint
	for i := range ends {
		e, err := r.Open(relayHost)
		if err != nil {
			f.Fatal(err)
		}
		ends[i] = e
		e.SetRemote(Remote{RTP: netipPort("127.0.0.2:9"), Signalling: relayHost, Formats: g711, EventPT: 101})
		e.OnDigit(func(d byte, ms int) {
			if d == 0 || ms < 0 {
				panic(fmt.Sprint("digit ", d, ms))
			}
		})
	}
	Bridge(ends[0], ends[1])
	from := sourceOf(netipPort("127.0.0.2:9"))
	ctl := from
	ctl.port++
	f.Fuzz(func(t *testing.T, b []byte, onRTP bool) {
		if len(b) > maxPacket {
			return
		}
		n := len(b)
		buf := make([]byte, maxPacket)
		copy(buf, b)
		l.queued = 0
		if onRTP {
			ends[0].hear(l, from, buf[:n])
		} else {
			ends[0].hearControl(l, ctl, buf[:n], 1)
		}
		for i := range l.queued {
			if len(l.queue[i].b) != n {
				t.Fatalf("%d bytes became %d", n, len(l.queue[i].b))
			}
		}
		l.queued = 0
	})
}
