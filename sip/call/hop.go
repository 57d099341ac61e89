package call

import (
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/routing"
	"strowger/sip/transport"
	"strowger/sip/trunk"
)

// hop is where requests inside the dialog go. Phones get them where they spoke
// from last, or NAT would eat them; carriers where their Contact or
// Record-Route says, when that is an address.
func (l *Leg) hop() transport.Flow {
	if l.trunk == "" {
		l.follow()
		return l.flow
	}
	if l.flow.Proto() != transport.UDP {
		return l.flow
	}
	to, ok := l.named()
	if !ok || to == l.flow.Remote() {
		return l.flow
	}
	if f, ok := l.call.x.Transport.UDPTo(to); ok {
		return f
	}
	return l.flow
}

// named is the address that the dialog's next hop is given as, unless it is a
// name, or one where its peer may not send us.
func (l *Leg) named() (netip.AddrPort, bool) {
	next := l.dlg.NextHop()
	addr, err := netip.ParseAddr(trimBrackets(next.Host))
	own := l.flow.Remote().Addr()
	if err != nil || addr.IsLoopback() != own.IsLoopback() {
		return netip.AddrPort{}, false
	}
	port := uint16(next.Port)
	if port == 0 {
		port = l.flow.Proto().DefaultPort()
	}
	return netip.AddrPortFrom(addr, port), true
}

// spokeFrom notes the flow by which a request of the dialog came. A NAT that was
// restarted, or a phone that went from Wi-Fi to a mobile network, has the same
// dialog somewhere else.
func (l *Leg) spokeFrom(f transport.Flow) {
	l.spoke = time.Now()
	if l.flow == f || !f.Valid() || l.trunk != "" && f.Proto() == transport.UDP {
		return // a carrier over UDP may speak from one port and listen at another
	}
	l.moveTo(f)
}

// follow goes to where a phone has registered from since it spoke in the dialog.
func (l *Leg) follow() {
	aor := l.aor()
	if aor == "" || len(l.dlg.Routes) > 0 { // an edge proxy in between knows better
		return
	}
	c := l.call
	f, ok := c.x.Registrar.Moved(c.snap.Organization.ID, aor, &l.dlg.Target, l.flow, l.spoke)
	if ok {
		l.spoke = time.Now()
		l.moveTo(f)
	}
}

func (l *Leg) moveTo(f transport.Flow) {
	l.call.logger().Info("a peer speaks from elsewhere now", "leg", string(l.side), "from", l.flow.Remote().String(), "to", f.Remote().String())
	l.flow = f
}

// aor is whose phone is at the other end, empty where it is none of ours.
func (l *Leg) aor() string {
	switch {
	case l.trunk != "":
	case l.branch == nil:
		if line, ok := l.call.snap.Line(l.call.plan.Caller.LineID); ok {
			return line.AOR()
		}
	case l.branch.target.Kind == routing.TargetLine:
		return l.branch.target.AOR
	}
	return ""
}

// redial is where a carrier is found whose connection was lost: it did not keep
// it for the length of a call, which it need not. False where there is nothing
// to redial.
func (l *Leg) redial(f transport.Flow) (trunk.Target, bool) {
	if l.trunk == "" || !f.Proto().Reliable() || f.Alive() {
		return trunk.Target{}, false
	}
	to, ok := l.named()
	if !ok {
		to = f.Remote() // right where it was us who had called
	}
	return trunk.Target{Addr: to, Proto: f.Proto()}, true
}

// connect opens a way to a carrier and sends the request by it.
func (a *ask) connect(t trunk.Target) {
	a.x.Trunks.Flow(t, func(f transport.Flow, err error) {
		a.shard.Post(func() {
			switch {
			case err != nil:
				a.answered(nil, err)
			case a.cancelled:
				a.answered(sip.NewResponseFromRequest(a.req, 487, "Request Terminated", nil), nil)
			default:
				if l := a.leg; l != nil && !l.call.over {
					l.moveTo(f)
				}
				a.flow = f
				a.send()
			}
		})
	})
}
