package sip_test

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"strowger/media"
	"strowger/media/audio"
	"strowger/media/sdp"
	"strowger/sip/siptest"
	"strowger/store"
)

// A mouth is a phone's microphone and loudspeaker: it plays one tone and keeps
// what it hears.
type mouth struct {
	t     *testing.T
	e     *media.Endpoint
	relay *media.Relay
	host  netip.Addr
	hz    float64

	mu    sync.Mutex
	heard []int16
}

func newMouth(t *testing.T, hz float64) *mouth {
	t.Helper()
	return newMouthAt(t, "127.0.0.1", hz)
}

func newMouthAt(t *testing.T, host string, hz float64) *mouth {
	t.Helper()
	addr := netip.MustParseAddr(host)
	relay, err := media.New(media.Options{PortMin: 42000, PortMax: 42999, Loops: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { relay.Close() })
	e, err := relay.Open(addr)
	if err != nil {
		t.Fatal(err)
	}
	m := &mouth{t: t, e: e, relay: relay, host: addr, hz: hz}
	e.SetTap(m)
	return m
}

// Packet keeps what is heard: G.711 µ-law after a plain RTP header.
func (m *mouth) Packet(_ time.Time, rtp []byte) {
	if len(rtp) > 12 && rtp[1]&0x7f == 0 {
		m.mu.Lock()
		m.heard = audio.DecodeULaw(m.heard, rtp[12:])
		m.mu.Unlock()
	}
}

func (m *mouth) offer() []byte {
	return m.offers(sdp.DefaultFormats()[:1])
}

func (m *mouth) offers(f []sdp.Format) []byte {
	return sdp.Offer(sdp.Origin{ID: 7, Version: 7, Addr: m.host}, m.e.Port(), f, sdp.SendRecv)
}

// take points the mouth at what a body says, and lets it speak.
func (m *mouth) take(body []byte) {
	m.t.Helper()
	d, err := sdp.Parse(body)
	if err != nil {
		m.t.Fatal(err)
	}
	a := d.Media[d.Audio()]
	m.e.SetRemote(media.Remote{RTP: netip.AddrPortFrom(a.Addr, uint16(a.Port)), Formats: a.Formats, EventPT: a.EventPT, Signalling: a.Addr})
	if m.hz > 0 {
		m.e.Play(audio.Sine(m.hz, -10, -1), func(error) {})
	}
}

// forget drops what was heard so far.
func (m *mouth) forget() {
	m.mu.Lock()
	m.heard = nil
	m.mu.Unlock()
}

// hears waits until the last 200 ms were hz.
func (m *mouth) hears(hz float64) {
	m.t.Helper()
	m.hearsAt(hz, -15)
}

// hearsAt is hears for a tone of at least so many dB.
func (m *mouth) hearsAt(hz, level float64) {
	m.t.Helper()
	deadline := time.Now().Add(within)
	for {
		m.mu.Lock()
		pcm := append([]int16(nil), m.heard[max(0, len(m.heard)-1600):]...)
		m.mu.Unlock()
		if len(pcm) == 1600 && audio.ToneLevel(pcm, 8000, hz) > level {
			return
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("%v Hz was not heard", hz)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// calls is a call with a tone each way: 400 Hz from a, 700 Hz from b.
func speaking(t *testing.T, x *exchange, a, b *siptest.Agent, to string) (out, in *siptest.Call, ma, mb *mouth) {
	t.Helper()
	ma, mb = newMouth(t, 400), newMouth(t, 700)
	out = a.Dial(x.flow(a), "acme.test", to, ma.offer())
	in = rings(t, b)
	in.Respond(200, "OK", mb.offer())
	res := final(t, out, 200)
	mb.take(in.Invite.Body())
	ma.take(res.Body())
	ma.hears(700)
	mb.hears(400)
	return out, in, ma, mb
}

func TestBothHearEachOther(t *testing.T) {
	x, _ := newExchange(t, options{})
	anna, ben := x.phone("anna"), x.phone("ben")
	out, in, _, _ := speaking(t, x, anna, ben, "102")
	out.Bye()
	ended(t, in)
	r := x.record()
	for _, l := range r.Legs {
		if l.Codec == "" || l.Quality == nil || l.Quality.Packets == 0 || l.Quality.MOS < 4 {
			t.Errorf("leg %s: codec %q, quality %+v", l.Side, l.Codec, l.Quality)
		}
	}
}

func TestEcho(t *testing.T) {
	x, _ := newExchange(t, options{extra: `{"feature_codes":[{"id":"echo","code":"*43","action":"echo"}]}`})
	anna := x.phone("anna")
	m := newMouth(t, 400)
	out := anna.Dial(x.flow(anna), "acme.test", "*43", m.offer())
	m.take(final(t, out, 200).Body())
	m.hears(400)
	if res := out.Bye(); res.StatusCode != 200 {
		t.Errorf("BYE: %d", res.StatusCode)
	}
	x.idle()
}

func TestRecordingOfBothSides(t *testing.T) {
	x, _ := newExchange(t, options{ben: `,"recording":{"inbound_internal":true}`})
	anna, ben := x.phone("anna"), x.phone("ben")
	out, in, _, _ := speaking(t, x, anna, ben, "102")
	out.Bye()
	ended(t, in)
	var recs []*store.CallRecording
	x.eventually("a rendered recording", func() bool {
		var err error
		recs, err = x.store.Recordings(context.Background(), "default", "", 10)
		return err == nil && len(recs) == 1 && recs[0].State == store.RecordingDelivered
	})
	rec := recs[0]
	if r := x.record(); len(r.RecordingIDs) != 1 || r.RecordingIDs[0] != rec.ID || rec.CallID != r.ID {
		t.Errorf("call %+v does not point at recording %+v", r.RecordingIDs, rec)
	}
	if len(rec.UserIDs) != 1 || rec.UserIDs[0] != "u2" {
		t.Errorf("recorded for %v, want Ben", rec.UserIDs)
	}
	left, right := stereo(t, filepath.Join(x.dir, rec.File))
	if audio.ToneLevel(left, 8000, 400) < -20 || audio.ToneLevel(right, 8000, 700) < -20 {
		t.Errorf("caller left %v dB at 400 Hz, callee right %v dB at 700 Hz", audio.ToneLevel(left, 8000, 400), audio.ToneLevel(right, 8000, 700))
	}
	if audio.ToneLevel(left, 8000, 700) > -40 {
		t.Error("the callee is heard on the caller's side")
	}
}

// stereo reads the middle second of a two-channel WAV file.
func stereo(t *testing.T, path string) (left, right []int16) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := audio.NewWAVReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if r.Format.Channels != 2 {
		t.Fatalf("%d channels", r.Format.Channels)
	}
	buf := make([]int16, 1<<20)
	var pcm []int16
	for {
		n, err := r.Read(buf)
		pcm = append(pcm, buf[:n]...)
		if err != nil || n == 0 {
			break
		}
	}
	frames := len(pcm) / 2
	for i := frames / 2; i < min(frames, frames/2+1600); i++ {
		left, right = append(left, pcm[2*i]), append(right, pcm[2*i+1])
	}
	return left, right
}

func TestVoicemail(t *testing.T) {
	x, _ := newExchange(t, options{extra: `{"contact_methods":[{"id":"l2","user_id":"u2","kind":"sip_account","sip_account":{"username":"ben"},"inbound":{"internal_numbers":["102"],"when_unavailable":{"action":"voicemail"}}}]}`})
	anna := x.phone("anna")
	m := newMouth(t, 0)
	out := anna.Dial(x.flow(anna), "acme.test", "102", m.offer())
	m.take(final(t, out, 200).Body())
	// The greeting, then the tone; then Anna speaks and hangs up.
	m.hears(1000)
	m.e.Play(audio.Sine(400, -10, -1), func(error) {})
	x.eventually("two seconds of message", func() bool {
		calls := x.server.ActiveCalls("default")
		return len(calls) == 1 && m.e.Stats().Sent > 100
	})
	out.Bye()
	var all []*store.Voicemail
	x.eventually("the voicemail", func() bool {
		var err error
		all, err = x.store.Voicemails(context.Background(), "default", "", 10)
		return err == nil && len(all) == 1 && all[0].State == store.RecordingDelivered
	})
	v := all[0]
	if v.UserID != "u2" || v.From != "101" || v.DurationMS < 1500 || v.SHA256 == "" {
		t.Errorf("voicemail: %+v", v)
	}
	f, err := os.Open(filepath.Join(x.dir, v.File))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := audio.NewWAVReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if r.Format.Channels != 1 {
		t.Errorf("%d channels, want mono", r.Format.Channels)
	}
	pcm := make([]int16, v.DurationMS*8)
	n, _ := r.Read(pcm)
	if level := audio.ToneLevel(pcm[n/2:n/2+1600], 8000, 400); level < -20 {
		t.Errorf("400 Hz at %v dB", level)
	}
}
