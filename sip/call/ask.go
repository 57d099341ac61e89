package call

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/dialog"
	"strowger/sip/transaction"
	"strowger/sip/transport"
)

// An ask is a request of ours inside a dialog, until its final answer. Where a
// carrier challenges it, it goes out once more with the trunk's credentials.
type ask struct {
	x     *Exchange
	shard *transaction.Shard
	flow  transport.Flow
	dlg   *dialog.Dialog
	req   *sip.Request

	// Nil of a request whose answer interests nobody. It may outlive the call,
	// as a BYE does, and must not hold it.
	leg *Leg
	on  func(*sip.Response, error)

	org, trunk, call string // ids; trunk is empty where no carrier is asked
	tries            int    // answers to challenges
	cancelled        bool
	client           *transaction.Client

	patience *transaction.Timer // of a re-INVITE that got a 1xx
	late     bool               // it was given up after that
}

// finalIn is how long a peer that has sent a 1xx to a re-INVITE may take for its
// final answer: 64*T1, as for any other request. A first INVITE rings; this one
// holds up what else is to be negotiated.
const finalIn = 32 * time.Second

// send sends a request and hands its answers to on, as events of the call.
// What comes after the call's end is nobody's.
func (l *Leg) send(req *sip.Request, on func(*sip.Response, error)) *ask {
	return l.ask(l.hop(), l.dlg, req, on)
}

// ask is send in whichever dialog of the leg, by whichever way. on is nil where
// the answer interests nobody.
func (l *Leg) ask(by transport.Flow, d *dialog.Dialog, req *sip.Request, on func(*sip.Response, error)) *ask {
	c := l.call
	if on == nil && l.trunk == "" { // a phone challenges nobody: nothing is kept for its answer
		c.shard.Send(by, req, func(*sip.Response, error) {})
		return nil
	}
	a := &ask{x: c.x, shard: c.shard, flow: by, dlg: d, req: req, on: on, org: c.snap.Organization.ID, trunk: l.trunk, call: c.id}
	if on != nil {
		a.leg = l
	}
	if to, lost := l.redial(by); lost {
		a.connect(to)
	} else {
		a.send()
	}
	return a
}

func (a *ask) send() {
	if a.leg != nil && a.req.Method == sip.INVITE {
		a.leg.asked = a.req // its ACK carries the same credentials
	}
	a.client = a.shard.Send(a.flow, a.req, a.answered)
}

// Cancel gives a re-INVITE up.
func (a *ask) Cancel(reason string) {
	a.cancelled = true
	if a.client != nil { // else its connection is still being made
		a.client.Cancel(reason)
	}
}

func (a *ask) answered(res *sip.Response, err error) {
	switch {
	case err != nil || res.StatusCode >= 200:
		a.patience.Stop()
	case a.patience == nil && a.leg != nil && a.req.Method == sip.INVITE:
		a.patience = a.leg.call.after(finalIn, func() {
			a.late = true
			a.Cancel("")
		})
	}
	if err == nil && (res.StatusCode == 401 || res.StatusCode == 407) && a.prove(res) {
		return
	}
	if l := a.leg; l != nil && !l.call.over {
		l.call.protect(func() { a.on(res, err) })
	}
}

// prove answers a carrier's challenge by the request with credentials, numbered
// as the next one of the dialog (RFC 3261 §22.2). It reports false where that
// can't be done or helps nobody any more.
func (a *ask) prove(res *sip.Response) bool {
	if a.trunk == "" || a.cancelled || a.tries >= 2 || a.leg != nil && a.leg.call.over {
		return false
	}
	h, err := a.x.Trunks.Answer(a.org, a.trunk, a.req, res)
	if err != nil {
		a.x.Log.Warn("can't answer a carrier's challenge inside a dialog", "call", a.call, "trunk", a.trunk, "method", string(a.req.Method), "err", err)
		return false
	}
	a.tries++
	a.patience = nil
	a.dlg.SetSeq(a.dlg.Seq() + 1)
	a.req = again(a.req, a.dlg.Seq(), h)
	a.send()
	return true
}

// again is req as number seq of its dialog, with the credentials in h instead
// of those that it has.
func again(req *sip.Request, seq uint32, h sip.Header) *sip.Request {
	next := sip.NewRequest(req.Method, req.Recipient)
	for _, old := range req.Headers() {
		switch {
		case old.Name() == "CSeq":
			next.AppendHeader(&sip.CSeqHeader{SeqNo: seq, MethodName: req.Method})
		case old.Name() != h.Name():
			next.AppendHeader(old)
		}
	}
	next.AppendHeader(h)
	if body := req.Body(); len(body) > 0 {
		next.SetBody(body)
	}
	return next
}
