package call

import (
	"math"
	"time"

	"strowger/media"
	"strowger/store"
)

// maxSamples is how many samples of a leg are kept. One more makes room: of two
// that follow each other one stays, and what comes is taken half as often. So a
// call of any length is told from its beginning to its end.
const maxSamples = 60

// A sample is a store.QualitySample in 8 bytes: calls are many.
type sample struct {
	at     uint16 // seconds since the call's start
	loss   uint16 // ten-thousandths
	jitter uint16 // hundredths of a millisecond
	mos    uint16 // hundredths, 0: not measured
}

// A series is how well a leg was heard as the call went on.
type series struct {
	samples []sample
	every   int // looks that one sample stands for
	looks   int // since the last sample
	last    media.Stats
}

// look takes a sample when one is due.
func (q *series) look(at time.Duration, now media.Stats) {
	q.every = max(q.every, 1)
	if q.looks++; q.looks < q.every {
		return
	}
	q.looks = 0
	s := now.Since(q.last)
	q.last = now
	if s.Received+s.Lost == 0 {
		return // on hold, or nothing came: the silence is seen as a gap
	}
	if len(q.samples) == maxSamples {
		for i := range maxSamples / 2 {
			q.samples[i] = q.samples[2*i+1]
		}
		q.samples = q.samples[:maxSamples/2]
		q.every *= 2
	}
	q.samples = append(q.samples, sample{
		at: small(at.Seconds()), loss: small(s.LossShare * 1e4), jitter: small(s.JitterMS * 1e2), mos: small(s.MOS * 1e2),
	})
}

func small(v float64) uint16 { return uint16(min(math.Round(v), math.MaxUint16)) }

// sampleQuality looks at both sides of a call that goes on.
func (c *Call) sampleQuality() {
	for _, l := range []*Leg{c.a, c.b} {
		if l == nil || l.row >= len(c.record.Legs) {
			continue
		}
		if e := l.audio(); e != nil {
			l.series.look(time.Since(c.record.StartedAt), e.Stats())
		}
	}
}

// quality is what the record keeps of it.
func (c *Call) quality() []store.LegQuality {
	var out []store.LegQuality
	for _, l := range c.all() {
		if len(l.series.samples) == 0 || l.row >= len(c.record.Legs) {
			continue
		}
		q := store.LegQuality{LegID: c.record.Legs[l.row].ID, Samples: make([]store.QualitySample, len(l.series.samples))}
		for i, s := range l.series.samples {
			q.Samples[i] = store.QualitySample{
				AtMS: int64(s.at) * 1000, Loss: float64(s.loss) / 1e4, JitterMS: float64(s.jitter) / 1e2, MOS: float64(s.mos) / 1e2,
			}
		}
		out = append(out, q)
	}
	return out
}
