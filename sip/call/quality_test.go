package call

import (
	"testing"
	"time"

	"strowger/media"
)

// TestSeries: a call of any length is told from its beginning to its end in a
// bounded number of samples, and each sample is of its own time only.
func TestSeries(t *testing.T) {
	var q series
	var now media.Stats
	now.Codec = "PCMU"
	for i := 1; i <= 10*maxSamples; i++ {
		now.Received += 250
		if i > 5*maxSamples {
			now.Received -= 125
			now.Lost += 125 // the second half loses every other packet
		}
		q.look(time.Duration(i)*watchEvery, now)
		if len(q.samples) > maxSamples {
			t.Fatalf("%d samples after %d looks", len(q.samples), i)
		}
	}
	first, last := q.samples[0], q.samples[len(q.samples)-1]
	if len(q.samples) < maxSamples/2 || first.loss != 0 || last.loss != 5000 || first.mos <= last.mos || last.mos < 100 {
		t.Errorf("%d samples, from %+v to %+v", len(q.samples), first, last)
	}
	if end := 10 * maxSamples * int(watchEvery/time.Second); int(last.at) > end || int(last.at) < end*9/10 || int(first.at) > end/10 {
		t.Errorf("from %d s to %d s of %d", first.at, last.at, end)
	}
	for i, s := range q.samples[1:] {
		if s.at <= q.samples[i].at {
			t.Fatalf("sample %d at %d s follows one at %d s", i+1, s.at, q.samples[i].at)
		}
	}
	for range q.every {
		q.look(time.Hour, now) // what came since the last sample
	}
	before := len(q.samples)
	for range 2 * q.every {
		q.look(time.Hour, now) // nothing came
	}
	if len(q.samples) != before {
		t.Error("a sample of nothing")
	}
}

// TestSeriesRoom: a look at a leg that has its samples costs no memory.
func TestSeriesRoom(t *testing.T) {
	q := series{samples: make([]sample, 0, maxSamples)}
	var now media.Stats
	if n := testing.AllocsPerRun(1000, func() {
		now.Received += 250
		q.look(time.Minute, now)
	}); n != 0 {
		t.Errorf("%v allocations a look", n)
	}
}
