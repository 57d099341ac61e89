package call

import (
	"github.com/emiago/sipgo/sip"

	"strowger/media/dtmf"
	"strowger/media/sdp"
	"strowger/sip/dialog"
	"strowger/sip/transaction"
	"strowger/store"
)

// received is a request inside one of the call's dialogs.
func (l *Leg) received(tx *transaction.Server, req *sip.Request) {
	d := l.dlg
	e := l.earlyFrom(req)
	if e != nil {
		d = e.dlg
	}
	if refusal := d.Receive(req); refusal != nil {
		tx.Respond(l.reply(tx, refusal.Status, refusal.Phrase))
		return
	}
	if l.state == legAnswered {
		l.spokeFrom(tx.Flow())
	}
	switch req.Method {
	case sip.BYE:
		l.byeReceived(tx, req)
	case sip.INVITE, sip.UPDATE:
		if l.state != legAnswered && req.Method == sip.UPDATE {
			l.updatedEarly(tx, req, e)
			return
		}
		l.offered(tx, req)
	case sip.PRACK:
		if l.side == 'a' {
			l.prack(tx, req)
		} else {
			tx.Respond(l.reply(tx, 481, "No Such Reliable Response"))
		}
	case sip.OPTIONS:
		res := l.reply(tx, 200, "OK")
		res.AppendHeader(allowed)
		res.AppendHeader(acceptsSDP)
		res.AppendHeader(supported)
		tx.Respond(res)
	case sip.INFO:
		l.info(tx, req)
	default:
		res := l.reply(tx, 405, "Method Not Allowed")
		res.AppendHeader(allowed)
		tx.Respond(res)
	}
}

// byeReceived is the peer hanging up.
func (l *Leg) byeReceived(tx *transaction.Server, req *sip.Request) {
	c := l.call
	tx.Respond(l.reply(tx, 200, "OK"))
	if l.state != legAnswered {
		// A caller may end an early dialog with BYE instead of CANCEL
		// (RFC 3261 §15.1.2).
		if l.side == 'a' && !l.finalSent {
			c.cancelled(req)
		}
		return
	}
	l.ended(0)
	c.hungUpBy = "callee"
	if l == c.a {
		c.hungUpBy = "caller"
	}
	why := reasonOf(req)
	if c.outcome.Result == "" && (c.answered.IsZero() || !c.a.finalSent) {
		// Of a click-to-call whose callee has not answered, or while the
		// caller's 200 still waits.
		c.outcome = store.Outcome{Result: store.ResultCancelled, Code: 487, Reason: "Request Terminated", HungUpBy: c.hungUpBy}
		if l != c.a {
			c.outcome.Result, c.outcome.Code, c.outcome.Reason = store.ResultNoAnswer, 480, "Temporarily Unavailable"
		}
	}
	if o := c.other(l); o != nil && o.state == legAnswered {
		o.bye(why)
	} else if l != c.a && !c.a.finalSent {
		// The callee hung up while the caller's 200 still waited.
		c.a.final(480, "Temporarily Unavailable", nil, why)
	}
	c.finish(why)
}

// info relays what one peer tells the other, digits mostly.
func (l *Leg) info(tx *transaction.Server, req *sip.Request) {
	c := l.call
	o := c.other(l)
	if o == nil || o.state != legAnswered || len(req.Body()) == 0 {
		// A service of ours takes a key in whatever way it comes.
		if kind, e := req.ContentType(), l.audio(); o == nil && kind != nil && e != nil {
			if digit, ms, err := dtmf.ParseInfo(kind.Value(), req.Body()); err == nil {
				e.Press(digit, ms)
			}
		}
		tx.Respond(l.reply(tx, 200, "OK"))
		return
	}
	out := o.request(sip.INFO)
	for _, name := range []string{"Content-Type", "Info-Package", "Content-Disposition"} {
		if v, ok := transaction.Header(req, name); ok {
			out.AppendHeader(sip.NewHeader(name, clean(v)))
		}
	}
	out.SetBody(req.Body())
	c.owe(tx)
	o.send(out, func(res *sip.Response, err error) {
		switch {
		case err != nil:
			tx.Respond(l.reply(tx, 408, "Request Timeout"))
		case res.StatusCode >= 200:
			tx.Respond(l.reply(tx, res.StatusCode, phraseFor(res, phraseOf(res.StatusCode))))
		}
	})
}

// offered is a re-INVITE or an UPDATE: hold and resume, another address, other
// codecs, or nothing but a sign of life.
func (l *Leg) offered(tx *transaction.Server, req *sip.Request) {
	c := l.call
	if req.Method == sip.INVITE && (l.state != legAnswered || l.side == 'a' && len(l.unheard) > 0 && l.tx != nil && len(req.Body()) > 0 && !l.offers.Stable()) {
		res := l.reply(tx, 500, "Call Setup Pending")
		res.AppendHeader(sip.NewHeader("Retry-After", "2"))
		tx.Respond(res)
		return
	}
	timer, refusal := dialog.AnswerTimer(req)
	if refusal != nil {
		l.refuseOffer(tx, refusal)
		return
	}
	l.allows.timer = methodsOf(req).timer || l.allows.timer
	accept := func(body []byte) {
		res := l.reply(tx, 200, "OK")
		l.introduce(res)
		l.timer = timer
		timer.Write(res, l.allows.timer)
		l.armTimer()
		setBody(res, body)
		l.dlg.Refresh(req)
		if req.Method == sip.INVITE {
			l.unheard = append(l.unheard, unheard{tx, req.CSeq().SeqNo})
			tx.OnEnd(func(why transaction.EndReason) { c.protect(func() { l.inviteEnded(why) }) })
		}
		tx.Respond(res)
	}
	if len(req.Body()) == 0 {
		if req.Method == sip.INVITE {
			l.offerless(tx, accept)
		} else {
			accept(nil)
		}
		return
	}
	offer, err := sdp.Parse(req.Body())
	if err == nil {
		err = offer.Servable()
	}
	if err != nil {
		l.refuseOffer(tx, &dialog.Refusal{Status: 488, Phrase: "Not Acceptable Here", Cause: err})
		return
	}
	if refusal := l.offers.Receive(); refusal != nil {
		l.refuseOffer(tx, refusal)
		return
	}
	o := c.other(l)
	switch {
	case l.remote != nil && offer.Unchanged(l.remote):
		l.offers.Close()
		accept(l.local)
	case o != nil && o.state == legAnswered:
		l.relayOffer(tx, req, offer, o, accept)
	case o != nil && c.service == nil:
		// The caller's own 200 is still to come.
		l.offers.Close()
		l.refuseOffer(tx, &dialog.Refusal{Status: 491, Phrase: "Request Pending"})
	default:
		// The other side is a service of ours, or rings.
		l.answerHere(tx, req, offer, accept)
	}
}

// updatedEarly is an UPDATE in an early dialog.
func (l *Leg) updatedEarly(tx *transaction.Server, req *sip.Request, e *early) {
	if l.side == 'b' && e == nil || l.side == 'a' && l.tx == nil {
		tx.Respond(l.reply(tx, 481, "Call/Transaction Does Not Exist"))
		return
	}
	t := l.talkOf(e)
	accept := func(body []byte) {
		res := l.reply(tx, 200, "OK")
		l.introduce(res)
		setBody(res, body)
		t.dlg.Refresh(req)
		tx.Respond(res)
	}
	if len(req.Body()) == 0 {
		accept(nil)
		return
	}
	l.offeredEarly(tx, req, t, accept, l.call.a.flush)
}

func (l *Leg) refuseOffer(tx *transaction.Server, r *dialog.Refusal) {
	if tx.Request() == nil {
		return // the peer has had its answer: it gave up
	}
	res := l.reply(tx, r.Status, r.Phrase)
	if r.RetryAfter > 0 {
		res.AppendHeader(sip.NewHeader("Retry-After", itoa(r.RetryAfter)))
	}
	if r.MinSE > 0 {
		res.AppendHeader(sip.NewHeader("Min-SE", itoa(r.MinSE)))
	}
	if r.Cause != nil {
		l.call.say("offer refused", "leg", string(l.side), "status", r.Status, "err", r.Cause)
	}
	tx.Respond(res)
}
