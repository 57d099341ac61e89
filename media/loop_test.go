package media

import "testing"

// A loop that is woken late finds more than it can take at once: it must go on
// without a rest, or it never catches up and packets are lost.
func TestFullBatchIsFollowedAtOnce(t *testing.T) {
	r := &Relay{}
	l, err := newLoop(r)
	if err != nil {
		t.Fatal(err)
	}
	l.batched = true
	for _, c := range []struct {
		served int
		rests  bool
	}{{0, true}, {1, true}, {batch - 1, true}, {batch, false}, {3, true}} {
		for i := range c.served {
			l.evs[i].Fd = -1 // a poke, which costs nothing
		}
		l.window = mono() // no new measurement
		l.pass(c.served)
		if got := l.rest(l.lastWake) > 0; got != c.rests {
			t.Errorf("after %d packets at once: rests %v", c.served, got)
		}
	}
}
