package media

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// An Endpoint is our end of one stream: a port pair, who may speak to it, where
// it sends, and what it measured.
type Endpoint struct {
	// What each packet needs fills one cache line here and the first two of in:
	// to fetch such lines is most of what a packet costs beside the kernel. What
	// signalling compiled and packets follow is replaced, never edited.
	expect   atomic.Pointer[expectation]
	route    atomic.Pointer[route] // where what we hear goes; nil: on hold
	tap      atomic.Pointer[tapper]
	forward  atomic.Pointer[target] // target, or nil while a playback has the line
	inject   atomic.Pointer[injection]
	sent     atomic.Uint64
	lastSent atomic.Int64
	relay    *Relay

	in inbound // the loop's

	pair                 *pair
	target               atomic.Pointer[target] // where RTP goes; nil nowhere
	control              atomic.Pointer[target] // where RTCP goes
	onDigit              atomic.Pointer[func(byte, int)]
	rtcpSent, sendErrors atomic.Uint64

	// under relay.mu
	remote   Remote
	latched  [2]source // RTP, RTCP; zero: nobody yet
	deaf     source    // the source before the last change of address
	deafTill int64
	peer     *Endpoint // bridged with; itself: echo
	playing  *Playback
	gone     bool
	flows    uint32 // routes so far, without those that only replaced one to the same peer
	since    int64  // when media became due

	out generator // the loop's

	callbacks callbacks
	_         [24]byte // the next endpoint begins a cache line
}

// An expectation is what signalling said of the other side.
type expectation struct {
	epoch      uint32    // grows when what was latched no longer counts
	sdp        [2]source // RTP and RTCP addresses of the body
	signalling source    // host only
	formats    []Format
	events     uint8 // payload type of RFC 4733 events, 0 none
	rates      [128]uint32
	play       playable
	muted      bool
}

// A target is where packets of an endpoint go, in a cache line of its own.
type target struct {
	fd    int32
	wired bool // fd is connected
	to    sockaddr
	_     [24]byte
}

type tapper struct{ Tap }

func newEndpoint(r *Relay, q *pair) *Endpoint {
	e := &Endpoint{relay: r, pair: q, since: mono()}
	e.in.last.Store(never)
	e.out.init()
	return e
}

// Port is the RTP port; RTCP is on the one above.
func (e *Endpoint) Port() int { return int(e.pair.port) }

// SetRemote says who the other side is, from an offer or an answer. A repeated
// body changes nothing; a changed address is believed afresh.
func (e *Endpoint) SetRemote(m Remote) {
	m.Formats = slices.Clone(m.Formats)
	r := e.relay
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.gone {
		return
	}
	old := e.expect.Load()
	x := compile(m)
	if old != nil {
		x.epoch = old.epoch
		if x.sdp[0] == (source{}) {
			// c=0.0.0.0 and port 0 hold a call; they name no new place.
			x.sdp, x.muted = old.sdp, true
		} else if old.sdp[0] != (source{}) && (x.sdp[0] != old.sdp[0] || !x.signalling.sameHost(old.signalling)) {
			x.epoch++
			if e.latched[0].usable() && e.latched[0] != x.sdp[0] {
				// Its last packets may still be under way and must not
				// latch again.
				e.deaf, e.deafTill = e.latched[0], mono()+int64(late)
			}
			e.latched = [2]source{}
		} else if x.sdp[1] != old.sdp[1] {
			e.latched[1] = source{}
		}
	}
	if (old == nil || old.muted) && !x.muted {
		e.since = mono()
	}
	e.remote = m
	e.expect.Store(x)
	e.aim()
	if e.peer != nil {
		join(e, e.peer)
	}
}

func compile(m Remote) *expectation {
	x := &expectation{
		sdp:        [2]source{sourceOf(m.RTP), sourceOf(m.RTCP)},
		signalling: hostOf(m.Signalling),
		formats:    m.Formats,
		events:     m.EventPT,
		muted:      m.Muted,
	}
	if m.Mux {
		x.sdp[1] = x.sdp[0]
	} else if !x.sdp[1].usable() && x.sdp[0].usable() {
		x.sdp[1] = x.sdp[0]
		x.sdp[1].port++
	}
	for _, f := range m.Formats {
		if f.Rate > 0 {
			x.rates[f.PT&127] = uint32(f.Rate)
		}
		if x.events == 0 && strings.EqualFold(f.Name, "telephone-event") {
			x.events = f.PT
		}
	}
	x.play = choosePlayable(m.Formats)
	return x
}

// aim recomputes where packets go. Under relay.mu.
func (e *Endpoint) aim() {
	x := e.expect.Load()
	var media, control *target
	if x != nil && !x.muted && !e.gone {
		media = e.targetAt(e.heading(), even)
		ctl := e.latched[1]
		switch {
		case e.remote.Mux:
			control = media
		case ctl.usable():
			control = e.targetAt(ctl, odd)
		case e.latched[0].usable() && e.latched[0] != x.sdp[0]:
			// Behind a NAT the port above is the best guess, at the
			// address that is proven.
			ctl = e.latched[0]
			ctl.port++
			control = e.targetAt(ctl, odd)
		default:
			control = e.targetAt(x.sdp[1], odd)
		}
	}
	e.target.Store(media)
	e.control.Store(control)
	if e.playing != nil {
		media = nil
	}
	e.forward.Store(media)
}

// heading is where RTP is sent to. Under relay.mu.
func (e *Endpoint) heading() source {
	if e.latched[0].usable() {
		return e.latched[0]
	}
	return e.expect.Load().sdp[0]
}

func (e *Endpoint) targetAt(s source, which int) *target {
	if !s.usable() {
		return nil
	}
	if which == even && s == e.pair.wiredTo {
		return &target{fd: e.pair.fd[wired].Load(), wired: true}
	}
	fd := e.pair.fd[which].Load()
	if fd < 0 {
		return nil
	}
	to, ok := s.sockaddr(e.pair.family)
	if !ok {
		return nil
	}
	return &target{fd: fd, to: to}
}

// SetTap has t see each packet that this endpoint hears; nil removes it.
func (e *Endpoint) SetTap(t Tap) {
	if t == nil {
		e.tap.Store(nil)
		return
	}
	e.tap.Store(&tapper{t})
}

// OnDigit has f called once for each key pressed (RFC 4733), in order, on a
// goroutine that is no event loop's: it may wait, and holds up only what else
// this endpoint has to tell.
func (e *Endpoint) OnDigit(f func(digit byte, ms int)) {
	if f == nil {
		e.onDigit.Store(nil)
		return
	}
	e.onDigit.Store(&f)
}

// LastPacket is when RTP or RTCP last came, zero when none has.
func (e *Endpoint) LastPacket() time.Time {
	if at := e.in.last.Load(); at != never {
		return e.relay.wall().Add(time.Duration(at - mono()))
	}
	return time.Time{}
}

// Idle is how long nothing came while media was due; 0 while the remote side
// is muted.
func (e *Endpoint) Idle() time.Duration {
	e.relay.mu.Lock()
	since := e.since
	x := e.expect.Load()
	e.relay.mu.Unlock()
	if x != nil && x.muted {
		return 0
	}
	return time.Duration(max(0, mono()-max(since, e.in.last.Load())))
}

// Close ends the endpoint and gives its ports back. It may be called again.
func (e *Endpoint) Close() {
	r := e.relay
	r.mu.Lock()
	if e.gone {
		r.mu.Unlock()
		return
	}
	e.gone = true
	e.part()
	p := e.playing
	e.playing = nil
	e.aim()
	e.tap.Store(nil)
	e.onDigit.Store(nil)
	e.inject.Store(nil)
	e.pair.ep.Store(nil)
	delete(r.open, e)
	e.count(&r.past)
	r.mu.Unlock()
	if p != nil {
		p.state.CompareAndSwap(playing, stopping)
	}
	r.ports.give(e.pair)
}
