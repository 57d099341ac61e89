package call

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/media/sdp"
	"strowger/routing"
	"strowger/sip/dialog"
	"strowger/sip/transaction"
	"strowger/sip/transport"
	"strowger/sip/trunk"
)

// call sends the INVITE of one branch.
func (c *Call) call(b *branch) *Leg {
	l := c.newLeg('b', b.dest.flow)
	l.branch = b
	if b.route != nil {
		l.trunk = b.route.route.TrunkID
	}
	c.legs = append(c.legs, l)
	c.recordCallee(l)
	if b.route == nil {
		b.ring.pending++ // a carrier's target counts as a whole, not by its legs
	}
	var body []byte
	if offer := c.offer(); offer != nil {
		var err error
		if body, err = l.show(offer); err != nil {
			c.logger().Error("no media for a branch", "err", err)
			l.fail(503, reason{q850: 34, text: "No media ports"})
			return l
		}
		l.offers.Send()
	}
	tag := newTag()
	local, remote := l.parties()
	l.dlg = dialog.New(c.shard.NewCallID(), tag, local, remote, b.dest.uri)
	l.dlg.Routes = b.dest.routes
	c.x.table.addTag(c.shard, tag, l)
	c.x.table.addCallID(c, l.dlg.CallID)
	l.tags = append(l.tags, tag)
	c.record.Legs[l.row].SIPCallID = l.dlg.CallID
	l.timer = dialog.Timer{Interval: dialog.SessionInterval}
	l.sendInvite(body)
	if len(b.others) > 0 {
		l.expectWord(l.nextFlow)
	}
	return l
}

// sendInvite sends the branch's INVITE, the first one or the next after a
// challenge or a 422.
func (l *Leg) sendInvite(body []byte, extra ...sip.Header) {
	c := l.call
	req := l.dlg.Request(sip.INVITE)
	mf := sip.MaxForwardsHeader(uint32(c.maxFwd))
	req.AppendHeader(&mf)
	req.AppendHeader(l.contact())
	req.AppendHeader(allowed)
	if len(body) > 0 {
		req.AppendHeader(supported)
	} else {
		// Without an offer a reliable 183 would have to carry one, and its
		// PRACK the answer; the 200 does as well.
		req.AppendHeader(supportedNoRel)
	}
	req.AppendHeader(c.x.signature().userAgent)
	l.timer.Ask(req, dialogSeconds(l.minSE))
	l.identify(req)
	for _, h := range extra {
		req.AppendHeader(h)
	}
	setBody(req, body)
	if l.tooLarge(req) {
		l.overStream(func() {
			l.dlg.SetSeq(l.dlg.Seq() - 1) // the one above was never sent
			l.sendInvite(body, extra...)
		})
		return
	}
	l.asked = req
	l.client = c.shard.Send(l.flow, req, l.invited)
	if !c.sentCall {
		c.sentCall = true
		c.x.Metrics.setup(c.received)
	}
}

// tooLarge says whether a request belongs on a stream (RFC 3261 §18.1.1).
// Phones are reached by the flow that they registered over, whatever the size.
func (l *Leg) tooLarge(req *sip.Request) bool {
	return l.flow.Proto() == transport.UDP && l.branch.target.Kind != routing.TargetLine && !l.streamed &&
		transaction.WireSize(req) > transport.UDPLimit
}

// overStream finds a TCP connection to the same address and goes on; where
// there is none to be had, UDP must do.
func (l *Leg) overStream(then func()) {
	l.streamed = true
	l.call.flow(trunk.Target{Addr: l.flow.Remote(), Proto: transport.TCP}, func(f transport.Flow, err error) {
		if l.state == legEnded {
			return
		}
		if err == nil {
			l.flow = f
		}
		if l.cancelled {
			l.fail(487, reason{})
			return
		}
		then()
	})
}

// invited takes an answer to the branch's INVITE. It is called for as long as
// the transaction lives, also after the call's end has been decided.
func (l *Leg) invited(res *sip.Response, err error) {
	l.call.protect(func() {
		l.silence.Stop()
		switch {
		case err != nil:
			l.lost(err)
		case res.StatusCode < 200:
			l.progress(res)
		case res.StatusCode < 300:
			l.accepted(res)
		default:
			l.refused(res)
		}
	})
}

// lost is a branch without an answer: 408, or 503 when it could not be sent.
func (l *Leg) lost(err error) {
	status := 408
	if isTransport(err) {
		status = 503
	}
	if l.state != legEnded {
		l.unreached = true
		l.fail(status, reason{q850: 41, text: "no answer from the network"})
	}
}

// progress is a 1xx.
func (l *Leg) progress(res *sip.Response) {
	c := l.call
	if l.branch.route != nil {
		l.branch.route.heard(l)
	}
	if res.StatusCode == 100 || l.state == legEnded || l.state == legAnswered || c.over {
		return
	}
	if l.branch.route != nil {
		l.branch.route.rings = true
	}
	e := l.earlyOf(res)
	reliable := dialog.HasToken(res, "Require", "100rel")
	if reliable && e != nil {
		if !l.acknowledge(e, res) {
			return // a retransmission, or out of order
		}
		e.update = e.update || dialog.HasToken(res, "Allow", "UPDATE")
		if e.answer == nil && len(res.Body()) > 0 {
			e.answer = res.Body()
			e.offers.Close()
		}
	}
	if l.cancelled {
		return
	}
	if l.state == legCalling {
		l.state = legRinging
		c.record.Legs[l.row].State = "ringing"
	}
	switch {
	case len(res.Body()) > 0 && res.StatusCode != 199:
		l.earlyMedia(e, res, reliable)
	case res.StatusCode == 180 || res.StatusCode == 183:
		if c.early == nil {
			c.a.provisional(180, "Ringing", nil, reliable)
		}
	case res.StatusCode == 182:
		c.a.provisional(182, "Queued", nil, reliable)
	}
}

// earlyMedia lets the caller hear what the first early dialog with media
// sends; the others are heard once they answer.
func (l *Leg) earlyMedia(e *early, res *sip.Response, reliable bool) {
	c := l.call
	if c.early != nil && (c.early != l || l.voice != nil && l.voice != e) || l.first != nil {
		return
	}
	answer, err := l.takeAnswer(res.Body())
	if err != nil || c.a.remote == nil {
		if c.early == nil {
			c.a.provisional(180, "Ringing", nil, reliable)
		}
		return
	}
	body, err := c.showCaller(answer)
	if err != nil {
		c.logger().Error("no early media", "err", err)
		return
	}
	c.early, l.voice = l, e
	c.origin.quiet()
	bridge(c.a, l)
	c.a.provisional(res.StatusCode, phraseFor(res, "Session Progress"), body, reliable)
}

// takeAnswer reads the answer to our offer and points the leg's media at it.
func (l *Leg) takeAnswer(raw []byte) (*sdp.Description, error) {
	answer, err := sdp.Parse(raw)
	if err != nil {
		return nil, err
	}
	if offer := l.call.offer(); offer != nil {
		if err := sdp.CheckAnswer(offer, answer); err != nil {
			return nil, err
		}
	}
	l.heard(answer, raw)
	return answer, nil
}

// showCaller makes the caller's view of d, opening its media the first time.
// Where the caller was shown another answer before, this one comes in another
// dialog.
func (c *Call) showCaller(d *sdp.Description) ([]byte, error) {
	if c.origin != nil {
		return c.a.local, nil // it was answered long ago; a re-INVITE will tell
	}
	shown := c.a.local
	if c.a.remote != nil && shown == nil {
		if err := c.a.open(); err != nil {
			return nil, err
		}
	}
	body, err := c.a.show(d)
	if err == nil && shown != nil && string(body) != string(shown) {
		c.a.newDialog()
	}
	return body, err
}

// accepted is a 2xx.
func (l *Leg) accepted(res *sip.Response) {
	c := l.call
	tag := res.To().Params.GetOr("tag", "")
	if l.state == legAnswered && tag == l.dlg.RemoteTag {
		l.ackAgain(res)
		return
	}
	d, _ := l.dlg.Establish(res)
	if e := l.earlyOf(res); e != nil {
		// The early dialog becomes the confirmed one: what is still asked in it
		// goes on in its numbers.
		d, _ = e.dlg.Establish(res)
		*e.dlg = *d
		d = e.dlg
	}
	if l.state == legAnswered || l.state == legEnded || l.cancelled || c.over || c.answering {
		// Too late, or a second one of a fork: it hangs up at once.
		l.dismiss(d, res)
		if l.state != legAnswered && l.state != legEnded {
			l.fail(487, reason{})
		}
		return
	}
	l.dlg, l.spoke = d, time.Now()
	l.state = legAnswered
	l.allows = methodsOf(res)
	l.timer = dialog.TimerOf(res)
	if l.branch.route != nil {
		l.branch.route.heard(l)
	}
	c.answeredBy(l, res)
}

// dismiss acknowledges a 2xx that nobody wants any more and ends its dialog.
func (l *Leg) dismiss(d *dialog.Dialog, res *sip.Response) {
	ack := d.Ack(res.CSeq().SeqNo)
	l.common(ack)
	if len(l.local) == 0 && len(res.Body()) > 0 {
		if offer, err := sdp.Parse(res.Body()); err == nil {
			setBody(ack, offer.Relay(l.origin, make([]int, len(offer.Media)), sdp.RelayOptions{}))
		}
	}
	l.call.shard.SendAck(l.flow, ack)
	bye := d.Request(sip.BYE)
	l.common(bye)
	bye.AppendHeader(sip.NewHeader("Reason", elsewhere.String()))
	l.ask(l.flow, d, bye, nil)
}

// sendAck acknowledges the 2xx with which the leg's peer answered.
func (l *Leg) sendAck(seq uint32, body []byte) {
	l.lastAck = l.ackOf(seq, body)
	l.call.shard.SendAck(l.hop(), l.lastAck)
}

func (l *Leg) ackOf(seq uint32, body []byte) *sip.Request {
	ack := l.dlg.Ack(seq)
	l.common(ack)
	if l.asked != nil && l.asked.CSeq().SeqNo == seq {
		for _, h := range l.asked.Headers() {
			if name := h.Name(); name == "Authorization" || name == "Proxy-Authorization" {
				ack.AppendHeader(h) // RFC 3261 §22.1
			}
		}
	}
	setBody(ack, body)
	return ack
}

// ackAgain answers a repeated 2xx with the same ACK.
func (l *Leg) ackAgain(res *sip.Response) {
	if l.lastAck != nil && l.lastAck.CSeq().SeqNo == res.CSeq().SeqNo {
		l.call.shard.SendAck(l.hop(), l.ackOf(res.CSeq().SeqNo, l.lastAck.Body()))
	}
}

// refused is a final answer from 300 on.
func (l *Leg) refused(res *sip.Response) {
	if l.state == legEnded {
		return
	}
	if l.branch.route != nil {
		l.branch.route.heard(l)
	}
	if !l.cancelled && l.retry(res) {
		return
	}
	if l.redirected(res) {
		return
	}
	l.fail(res.StatusCode, reasonOf(res))
}

// retry sends the INVITE again where the answer asks for something that we
// have: credentials for a carrier, a longer session interval.
func (l *Leg) retry(res *sip.Response) bool {
	b := l.branch
	if b.tries >= 2 {
		return false
	}
	switch {
	case (res.StatusCode == 401 || res.StatusCode == 407) && l.trunk != "":
		h, err := l.call.x.Trunks.Answer(l.call.snap.Organization.ID, l.trunk, l.asked, res)
		if err != nil {
			l.call.logger().Warn("can't answer a carrier's challenge", "trunk", l.trunk, "err", err)
			return false
		}
		b.tries++
		l.sendInvite(l.local, h)
		return true
	case res.StatusCode == 422:
		b.tries++
		l.minSE = int(dialog.MinSEOf(res).Seconds())
		l.timer.Interval = max(l.timer.Interval, dialog.MinSEOf(res))
		l.sendInvite(l.local)
		return true
	}
	return false
}

// fail ends the branch with a status and lets the ringing go on without it.
func (l *Leg) fail(status int, why reason) {
	if l.state == legEnded {
		return
	}
	l.ended(status)
	l.closeMedia() // a branch that failed needs no ports for the rest of the call
	b := l.branch
	c := l.call
	c.tradeOver(l)
	if c.early == l {
		c.early = nil
	}
	if b.route != nil {
		b.route.ended(l, status, why)
		return
	}
	if len(b.others) > 0 && !l.cancelled && l.flowFailed(status, b.dest.routes) {
		l.nextFlow()
		return
	}
	k := causeOf(status)
	if l.cancelled {
		k, status = noAnswer, 487
	}
	b.ring.branchEnded(k, status, why)
}

// cancel gives the branch up.
func (l *Leg) cancel(why reason) {
	if l.cancelled || l.state == legEnded || l.state == legAnswered {
		return
	}
	l.cancelled = true
	if l.client != nil { // else nothing was sent yet
		l.client.Cancel(why.String())
	}
}

// earlyOf is the early dialog that res belongs to.
func (l *Leg) earlyOf(res *sip.Response) *early {
	tag := res.To().Params.GetOr("tag", "")
	if tag == "" {
		return nil
	}
	for _, e := range l.earlies {
		if e.dlg.RemoteTag == tag {
			return e
		}
	}
	if len(l.earlies) >= 16 || res.StatusCode >= 200 {
		return nil
	}
	d, _ := l.dlg.Establish(res)
	e := &early{dlg: d}
	if len(l.local) > 0 {
		e.offers.Send()
	}
	l.earlies = append(l.earlies, e)
	return e
}

// acknowledge sends the PRACK of a reliable 1xx (RFC 3262 §4). It reports
// false for one that was seen before or came out of order.
func (l *Leg) acknowledge(e *early, res *sip.Response) bool {
	rseq, ok := transaction.Header(res, "RSeq")
	if !ok {
		return true
	}
	n := uint32(atoi(rseq))
	if n == 0 || e.rseq != 0 && n != e.rseq+1 {
		return false
	}
	e.rseq = n
	prack := e.dlg.Request(sip.PRACK)
	l.common(prack)
	prack.AppendHeader(sip.NewHeader("RAck", itoa(int(n))+" "+itoa(int(res.CSeq().SeqNo))+" INVITE"))
	l.ask(l.flow, e.dlg, prack, nil)
	return true
}
