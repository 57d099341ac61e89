package call

import (
	"time"

	"strowger/sip/registrar"
)

// silentFlow is how long a phone with another flow may say nothing at all on
// one: half a minute of retransmissions would outlast its ringing.
const silentFlow = 3 * time.Second

// waysTo are the flows to one phone that can be rung: the best, and those to be
// tried, each when the one before fails (RFC 5626 §5.3). A phone with none is
// absent.
func waysTo(c *registrar.Contact) (first dest, rest []dest, ok bool) {
	first, ok = wayOf(c)
	for i := range c.Fallback {
		if d, usable := wayOf(&c.Fallback[i]); usable && !ok {
			first, ok = d, true
		} else if usable {
			rest = append(rest, d)
		}
	}
	return first, rest, ok
}

func wayOf(c *registrar.Contact) (dest, bool) {
	uri, err := parseURI(c.URI)
	if err != nil || !c.Flow.Valid() {
		return dest{}, false
	}
	return dest{flow: c.Flow, uri: uri, routes: c.Path}, true
}

// flowFailed says whether a branch ended because its flow is dead. A phone's
// own refusal is the phone's, whatever flow it came by; 408 and 480 are an edge
// proxy's where one stands between.
func (l *Leg) flowFailed(status int, routes []string) bool {
	return l.unreached || status == 430 || len(routes) > 0 && (status == 408 || status == 480)
}

// expectWord gives a flow up that stays silent, where then is another to try.
func (l *Leg) expectWord(next func()) {
	l.silence = l.call.after(silentFlow, func() {
		if l.state != legCalling || l.cancelled {
			return
		}
		l.cancelled = true // what it may still say comes too late
		if l.client != nil {
			l.client.Cancel("")
		}
		l.ended(408)
		l.closeMedia()
		next()
	})
}

// nextFlow tries the branch again by the phone's next flow. It counts as the
// same branch.
func (l *Leg) nextFlow() {
	b, c := l.branch, l.call
	if b.ring.ended || b.ring.done {
		b.ring.branchEnded(noAnswer, 487, reason{})
		return
	}
	next := *b
	next.dest, next.others, next.tries = b.others[0], b.others[1:], 0
	c.decided("flow", true, "tries another flow of "+b.target.AOR+"'s phone", map[string]string{"to": next.dest.flow.Remote().String()})
	c.call(&next)
	b.ring.end() // the one that failed
}
