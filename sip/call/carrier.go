package call

import (
	"errors"
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/routing"
	"strowger/sip/transaction"
	"strowger/sip/transport"
	"strowger/sip/trunk"
	"strowger/store"
)

// silentCarrier is how long a carrier may say nothing at all before the next
// one is asked (product rule "Trunk failover"). One with several addresses has
// this time for all of them, but none less than silentAddress, in which an INVITE
// goes out twice.
const (
	silentCarrier = 3 * time.Second
	silentAddress = time.Second
)

// carriers is one target outside: its routes, tried one after the other. It
// counts as one branch of the ringing.
type carriers struct {
	call    *Call
	ring    *ringing
	target  *routing.Target
	routes  []*routing.TrunkRoute // not yet asked
	status  int                   // of the last failure
	why     reason
	settled bool
}

// A routeTry is one carrier being asked, at one of its addresses after the
// other.
type routeTry struct {
	all      *carriers
	route    *routing.TrunkRoute
	targets  []trunk.Target // not yet asked
	asked    trunk.Target
	attempt  int           // which address that is
	patience time.Duration // with each
	holds    bool          // one of the trunk's max_calls
	alive    bool          // said anything at all
	rings    bool          // a 18x: no failover after it
	silence  *transaction.Timer
	over     bool
}

// ringTrunk calls an external number by the first carrier that takes it.
func (c *Call) ringTrunk(r *ringing, t *routing.Target) {
	r.pending++
	k := &carriers{call: c, ring: r, target: t, status: 503, why: reason{q850: 34, text: "No circuit available"}}
	k.routes = c.inOrder(t.Routes)
	k.tryNext()
}

// inOrder are the routes as they are asked: as planned, but those of carriers
// that are known to be down come last.
func (c *Call) inOrder(routes []routing.TrunkRoute) (all []*routing.TrunkRoute) {
	var down []*routing.TrunkRoute
	for i := range routes {
		r := &routes[i]
		if c.x.Trunks.Up(c.snap.Organization.ID, r.TrunkID) {
			all = append(all, r)
		} else {
			down = append(down, r)
		}
	}
	if len(all) > 0 {
		for _, r := range down {
			c.decided("trunk", false, "trunk "+r.TrunkID+" is down and asked last", nil)
		}
	}
	return append(all, down...)
}

// tryNext asks the next carrier that has room.
func (k *carriers) tryNext() {
	c := k.call
	for len(k.routes) > 0 && !k.ring.ended && !c.over {
		route := k.routes[0]
		k.routes = k.routes[1:]
		org := c.snap.Organization.ID
		ok := c.x.Trunks.Acquire(org, route.TrunkID)
		if !ok && !c.plan.Emergency {
			c.decided("trunk", false, "trunk "+route.TrunkID+" carries all the calls it may", nil)
			continue
		}
		try := &routeTry{all: k, route: route, holds: ok}
		c.tries = append(c.tries, try)
		c.x.Trunks.Routes(org, route.TrunkID, func(targets []trunk.Target, err error) {
			c.shard.Post(func() {
				c.protect(func() {
					try.targets = targets
					try.resolved(err)
				})
			})
		})
		return
	}
	k.settle()
}

// settle is the end of all routes: the target as a whole has failed.
func (k *carriers) settle() {
	if k.settled {
		return
	}
	k.settled = true
	cause := causeOf(k.status)
	if k.status == 487 {
		cause = noAnswer
	}
	k.ring.branchEnded(cause, k.status, k.why)
}

func (t *routeTry) resolved(err error) {
	c := t.all.call
	if c.over || t.all.ring.ended || t.all.ring.done {
		t.finish()
		if !c.over {
			t.all.status = 487
			t.all.settle()
		}
		return
	}
	if err != nil {
		c.logger().Warn("a carrier's address can't be found", "trunk", t.route.TrunkID, "err", err)
		t.failed(503, reason{})
		return
	}
	c.decided("trunk", true, "trunk "+t.route.TrunkID, nil)
	t.patience = max(silentCarrier/time.Duration(max(1, len(t.targets))), silentAddress)
	t.try()
}

// try sends the INVITE to the carrier's next address.
func (t *routeTry) try() {
	if len(t.targets) == 0 {
		t.failed(t.all.status, t.all.why)
		return
	}
	target := t.targets[0]
	t.targets, t.asked, t.alive = t.targets[1:], target, false
	t.attempt++
	attempt := t.attempt
	c := t.all.call
	t.silence.Stop()
	t.silence = c.after(t.patience, t.silent)
	c.flow(target, func(flow transport.Flow, err error) {
		switch {
		case attempt != t.attempt:
			// Too late: the next address is being asked.
		case t.over || t.all.ring.done:
			t.finish()
		case err != nil:
			t.tried(false)
			t.all.status, t.all.why = 503, reason{q850: 38, text: "Network out of order"}
			t.try()
		default:
			c.call(&branch{
				ring: t.all.ring, target: t.all.target, shown: t.route.Shown, divs: t.route.Diversions, route: t,
				dest: dest{flow: flow, uri: uriAt(t.all.target.Number, target)},
			})
		}
	})
}

// heard is any answer of the carrier. What an address says that was given up
// comes too late.
func (t *routeTry) heard(l *Leg) {
	if !t.alive && l.state != legEnded {
		t.alive = true
		t.silence.Stop()
		t.tried(true)
	}
}

// tried lets later calls begin with an address that answers.
func (t *routeTry) tried(ok bool) {
	c := t.all.call
	c.x.Trunks.Tried(c.snap.Organization.ID, t.route.TrunkID, t.asked, ok)
}

// silent is an address that said nothing at all: the next one is asked, or the
// next carrier, and what this one may still say comes too late.
func (t *routeTry) silent() {
	if t.alive || t.over {
		return
	}
	c := t.all.call
	for _, l := range c.legs {
		if l.branch != nil && l.branch.route == t && l.state != legEnded {
			l.cancelled = true
			if l.client != nil {
				l.client.Cancel("")
			}
			l.ended(408)
			l.closeMedia()
		}
	}
	t.tried(false)
	t.all.status, t.all.why = 408, reason{q850: 41, text: "No answer from the carrier"}
	if len(t.targets) > 0 {
		c.decided("trunk", false, t.asked.Addr.String()+" of trunk "+t.route.TrunkID+" says nothing", nil)
	}
	t.try()
}

// ended is the final answer of one leg.
func (t *routeTry) ended(l *Leg, status int, why reason) {
	if t.over {
		return
	}
	switch {
	case l.cancelled:
		t.finish()
		t.all.status, t.all.why = 487, reason{}
		t.all.settle()
	case failover(status) && !t.rings:
		t.all.status, t.all.why = status, why
		if len(t.targets) > 0 {
			t.try()
			return
		}
		t.failed(status, why)
	default:
		// The callee's own answer is final.
		t.finish()
		t.all.status, t.all.why = status, why
		t.all.settle()
	}
}

// failed gives this carrier up and asks the next.
func (t *routeTry) failed(status int, why reason) {
	if t.over {
		return
	}
	t.finish()
	t.all.status, t.all.why = status, why
	t.all.call.decided("trunk", false, "trunk "+t.route.TrunkID+" failed with "+itoa(status), nil)
	t.all.tryNext()
}

// finish ends the try; a circuit that is not in use is given back.
func (t *routeTry) finish() {
	if !t.over {
		t.over = true
		t.silence.Stop()
		t.free()
	}
}

func (t *routeTry) free() {
	if t.holds {
		t.holds = false
		c := t.all.call
		c.x.Trunks.Release(c.snap.Organization.ID, t.route.TrunkID)
	}
}

// failover says whether an answer is the carrier's trouble, not the callee's.
func failover(status int) bool { return status >= 500 && status < 600 || status == 408 }

// ringURI calls a SIP forwarding.
func (c *Call) ringURI(r *ringing, t *routing.Target) {
	r.pending++
	proto, ok := transport.ParseProto(t.URI.Transport)
	if !ok {
		proto = transport.UDP
	}
	c.find(t.URI.Host, t.URI.Port, proto, nil, func(flow transport.Flow, err error) {
		switch {
		case err != nil:
			c.logger().Warn("a SIP forwarding's host can't be reached", "host", t.URI.Host, "err", err)
			r.branchEnded(failed, 503, reason{})
		case r.ended || r.done:
			r.branchEnded(noAnswer, 487, reason{})
		default:
			uri := sip.Uri{Scheme: "sip", User: t.URI.User, Host: t.URI.Host, Port: t.URI.Port}
			if proto != transport.UDP {
				uri.UriParams = sip.HeaderParams{{K: "transport", V: proto.String()}}
			}
			c.call(&branch{
				ring: r, target: t, shown: t.Shown, divs: c.diversions(t.Diversions),
				dest: dest{flow: flow, uri: uri},
			})
			r.end()
		}
	})
}

// redirected follows a 3xx of a SIP forwarding that may redirect. It reports
// whether another branch took over.
func (l *Leg) redirected(res *sip.Response) bool {
	b := l.branch
	c := l.call
	if res.StatusCode/100 != 3 || !b.target.Process30x || b.redirects >= 3 || l.cancelled {
		return false
	}
	contact := res.Contact()
	if contact == nil || contact.Address.Host == "" || contact.Address.Scheme != "sip" {
		return false
	}
	uri := contact.Address
	proto, ok := transport.ParseProto(uri.UriParams.GetOr("transport", "udp"))
	if !ok {
		return false
	}
	l.ended(res.StatusCode)
	l.closeMedia()
	own := l.flow.Remote().Addr()
	c.find(uri.Host, uri.Port, proto, func(a netip.Addr) bool { return sameReach(own, a) }, func(flow transport.Flow, err error) {
		if err != nil || b.ring.ended || b.ring.done {
			if err != nil {
				c.decided("redirect", false, "does not follow to "+uri.Host+": "+err.Error(), map[string]string{"status": itoa(res.StatusCode)})
			}
			b.ring.branchEnded(failed, 503, reason{})
			return
		}
		next := *b
		next.redirects++
		next.tries = 0
		next.dest = dest{flow: flow, uri: uri}
		c.decided("redirect", true, "follows to "+uri.Host, map[string]string{"status": itoa(res.StatusCode)})
		c.call(&next)
		b.ring.end() // the branch that redirected counted too
	})
	return true
}

// flow finds the way to a carrier's address and goes on as an event of the
// call.
func (c *Call) flow(t trunk.Target, then func(transport.Flow, error)) {
	c.x.Trunks.Flow(t, func(f transport.Flow, err error) {
		c.post(func() { then(f, err) })
	})
}

// find looks up a host and finds the way to its first address. One that may
// does not allow is not connected to; nil allows all.
func (c *Call) find(host string, port int, proto transport.Proto, may func(netip.Addr) bool, then func(transport.Flow, error)) {
	c.x.Trunks.Resolve(host, uint16(port), proto, func(targets []trunk.Target, err error) {
		c.post(func() {
			if err == nil && len(targets) == 0 {
				err = errNoAddress
			}
			if err == nil && may != nil && !may(targets[0].Addr.Addr()) {
				err = errReach
			}
			if err != nil {
				then(transport.Flow{}, err)
				return
			}
			c.flow(targets[0], then)
		})
	})
}

var (
	errNoAddress = errors.New("the name has no address")
	errReach     = errors.New("the address is not one that an outsider may send us to")
)

// sameReach says whether a peer at own may send us to next: to itself and to
// the internet, but to this machine or into a private network only from there.
func sameReach(own, next netip.Addr) bool {
	own, next = own.Unmap(), next.Unmap()
	switch {
	case next == own:
		return true
	case next.IsUnspecified() || next.IsMulticast() || !next.IsValid():
		return false
	case next.IsLoopback():
		return own.IsLoopback()
	case next.IsPrivate() || next.IsLinkLocalUnicast():
		return own.IsPrivate() || own.IsLinkLocalUnicast() || own.IsLoopback()
	}
	return true
}

// uriAt is the Request-URI of a number at a carrier.
func uriAt(number string, t trunk.Target) sip.Uri {
	uri := sip.Uri{Scheme: "sip", User: escapeUser(number), Host: t.Host, Port: int(t.Port)}
	if t.Proto != transport.UDP {
		uri.UriParams = sip.HeaderParams{{K: "transport", V: t.Proto.String()}}
	}
	return uri
}

// freeCircuits gives back what the call holds of carriers, at its end.
func (c *Call) freeCircuits() {
	for _, t := range c.tries {
		t.finish()
	}
}

// carrierOf is the trunk of a leg as configured when the call began.
func (c *Call) carrierOf(l *Leg) *store.Trunk {
	if l.trunk == "" {
		return nil
	}
	t, _ := c.snap.Trunks.Get(l.trunk)
	return t
}
