package media

import "strings"

const dropped = 0xff // in a payload type map

// A route is where an endpoint's packets go and how their payload types are
// renumbered. It is replaced, never edited.
type route struct {
	to    *Endpoint
	flow  uint32       // the same for routes that carry on one stream
	shown *expectation // of to, whose formats the body had that the sender was shown
	pt    [128]uint8
}

// Bridge makes packets of a leave through b and the other way. Whatever either
// was bridged with before is let go.
func Bridge(a, b *Endpoint) {
	r := a.relay
	r.mu.Lock()
	defer r.mu.Unlock()
	if a == b || a.gone || b.gone || b.relay != r || a.peer == b && b.peer == a {
		return
	}
	a.part()
	b.part()
	a.peer, b.peer = b, a
	join(a, b)
}

// Echo sends back what is heard, as a stream of our own.
func (e *Endpoint) Echo() {
	e.relay.mu.Lock()
	defer e.relay.mu.Unlock()
	if e.gone || e.peer == e {
		return
	}
	e.part()
	e.peer = e
	join(e, e)
}

// Unbridge stops forwarding in both directions.
func (e *Endpoint) Unbridge() {
	e.relay.mu.Lock()
	defer e.relay.mu.Unlock()
	e.part()
}

// part lets the peer go. Under relay.mu.
func (e *Endpoint) part() {
	if e.peer != nil {
		e.peer.route.Store(nil)
		e.peer.peer = nil
	}
	e.route.Store(nil)
	e.peer = nil
}

// join compiles both routes; a running stream carries on. Under relay.mu.
func join(a, b *Endpoint) {
	connect(a, b)
	if a != b {
		connect(b, a)
	}
}

func connect(from, to *Endpoint) {
	if old := from.route.Load(); old == nil || old.to != to {
		from.flows++
	}
	r := &route{to: to, flow: from.flows, shown: to.expect.Load()}
	r.pt = renumber(from.expect.Load(), r.shown)
	from.route.Store(r)
}

// renumber maps the payload types of one side to those of the other where both
// know the codec by different numbers. A number that the sender did not
// declare passes as it is: by RFC 3264 it may be using the receiver's.
func renumber(from, to *expectation) (m [128]uint8) {
	for i := range m {
		m[i] = uint8(i)
	}
	if from == nil || to == nil {
		return m
	}
	for _, f := range from.formats {
		pt := f.PT & 127
		if strings.EqualFold(f.Name, "telephone-event") {
			if int(f.Rate) == 8000 || f.PT == from.events {
				m[pt] = event(to)
			}
			continue
		}
		if g, ok := match(to.formats, f); ok {
			m[pt] = g
		}
	}
	if from.events != 0 {
		m[from.events&127] = event(to)
	}
	return m
}

func event(x *expectation) uint8 {
	if x.events == 0 {
		return dropped // RFC 4733 2.4.1: nobody asked for it
	}
	return x.events & 127
}

// match finds f's number among formats; the same number wins over another that
// fits as well.
func match(formats []Format, f Format) (pt uint8, ok bool) {
	for _, g := range formats {
		if !strings.EqualFold(f.Name, g.Name) || f.Rate != g.Rate || max(f.Channels, 1) != max(g.Channels, 1) {
			continue
		}
		if g.PT == f.PT {
			return g.PT & 127, true
		}
		if !ok || fmtpAlike(f, g) {
			pt, ok = g.PT&127, true
		}
	}
	return pt, ok
}

// fmtpAlike tells apart the several entries that one codec may have, such as
// the packetization modes of H264.
func fmtpAlike(a, b Format) bool {
	return strings.EqualFold(strings.ReplaceAll(a.Fmtp, " ", ""), strings.ReplaceAll(b.Fmtp, " ", ""))
}
