package sip_test

import (
	"context"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	gosip "github.com/emiago/sipgo/sip"

	"strowger/media"
	"strowger/media/audio"
	"strowger/media/sdp"
	"strowger/store"
	"strowger/store/storetest"
)

// muLaw is PCMU under a number of its own, as phones do with codecs that have
// none.
func muLaw(pt uint8) []sdp.Format { return []sdp.Format{{PT: pt, Name: "PCMU", Rate: 8000}} }

// speaks has the mouth send its tone under a number to where a body says.
func (m *mouth) speaks(pt uint8, body []byte) {
	m.t.Helper()
	m.take(body)
	d, err := sdp.Parse(body)
	if err != nil {
		m.t.Fatal(err)
	}
	a := d.Media[d.Audio()]
	m.e.SetRemote(media.Remote{RTP: netip.AddrPortFrom(a.Addr, uint16(a.Port)), Signalling: a.Addr, Formats: muLaw(pt)})
}

// recorded waits for the one recording and wants 400 Hz left and 700 Hz right.
func (x *exchange) recorded() *store.CallRecording {
	x.t.Helper()
	var recs []*store.CallRecording
	x.eventually("a finished recording", func() bool {
		var err error
		recs, err = x.store.Recordings(context.Background(), "default", "", 10)
		return err == nil && len(recs) == 1 && (recs[0].State == store.RecordingDelivered || recs[0].State == store.RecordingFailed)
	})
	r := recs[0]
	if r.State != store.RecordingDelivered {
		x.t.Fatalf("%+v", r)
	}
	left, right := stereo(x.t, filepath.Join(x.dir, r.File))
	if l, r := audio.ToneLevel(left, 8000, 400), audio.ToneLevel(right, 8000, 700); l < -20 || r < -20 {
		x.t.Errorf("caller left %v dB at 400 Hz, callee right %v dB at 700 Hz", l, r)
	}
	return r
}

// Both sides are on the recording under whatever numbers they speak: their own
// or those that they were shown.
func TestRecordingOfDynamicNumbers(t *testing.T) {
	for _, c := range []struct {
		name              string
		late              bool  // Anna answers Ben's offer in her ACK
		slow              bool  // and the ledger is slower than that
		anna, ben         uint8 // as each gives
		annaSays, benSays uint8 // as each sends
	}{
		{name: "as shown", anna: 96, ben: 97, annaSays: 97, benSays: 96},
		{name: "their own", anna: 96, ben: 97, annaSays: 96, benSays: 97},
		{name: "a late offer, their own", late: true, anna: 96, ben: 97, annaSays: 96, benSays: 97},
		{name: "a late offer, as shown", late: true, anna: 96, ben: 97, annaSays: 97, benSays: 96},
		{name: "a late offer and a slow ledger", late: true, slow: true, anna: 96, ben: 97, annaSays: 96, benSays: 97},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options{ben: `,"recording":{"inbound_internal":true}`}
			var ledger *slowLedger
			if c.slow {
				ledger = newSlowLedger(t)
				o.store = storetest.Open(t, ledger, store.Options{})
			}
			x, _ := newExchange(t, o)
			anna, ben := x.phone("anna"), x.phone("ben")
			ma, mb := newMouth(t, 400), newMouth(t, 700)
			var offer []byte
			if !c.late {
				offer = ma.offers(muLaw(c.anna))
			}
			out := anna.Dial(x.flow(anna), "acme.test", "102", offer)
			out.AckWith(func(*gosip.Response) []byte {
				if !c.late {
					return nil
				}
				return ma.offers(muLaw(c.anna))
			})
			in := rings(t, ben)
			in.Respond(200, "OK", mb.offers(muLaw(c.ben)))
			res := final(t, out, 200)
			waitFor(t, in.Acked, "the ACK")
			if c.slow {
				ledger.goOn()
				x.eventually("a capture", func() bool {
					all, err := x.store.Recordings(context.Background(), "default", "", 10)
					return err == nil && len(all) == 1 && all[0].State == store.RecordingCapturing
				})
			}
			shown := in.Invite.Body()
			if c.late {
				shown = in.Ack().Body()
			}
			ma.speaks(c.annaSays, res.Body())
			mb.speaks(c.benSays, shown)
			x.eventually("a second of talk", func() bool { return ma.e.Stats().Received > 50 && mb.e.Stats().Received > 50 })
			out.Bye()
			ended(t, in)
			r := x.recorded()
			if late := strings.Contains(r.Error, "are missing: the disk was slow"); late != c.slow || !late && r.Error != "" {
				t.Errorf("error %q", r.Error)
			}
		})
	}
}

// A slowLedger is a store that writes no recording before it is told to.
type slowLedger struct {
	store.Backend
	ready chan struct{}
}

func newSlowLedger(t *testing.T) *slowLedger {
	return &slowLedger{storetest.Bolt(t, filepath.Join(t.TempDir(), "slow.db")), make(chan struct{})}
}

func (s *slowLedger) goOn() { close(s.ready) }

func (s *slowLedger) Commit(ctx context.Context, ops []store.Op) error {
	for _, op := range ops {
		if op.Bucket == store.BucketRecordings {
			<-s.ready
		}
	}
	return s.Backend.Commit(ctx, ops)
}
