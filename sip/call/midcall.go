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
		res.AppendHeader(sip.NewHeader("Allow", allow))
		res.AppendHeader(sip.NewHeader("Accept", sdpType))
		res.AppendHeader(sip.NewHeader("Supported", supported))
		tx.Respond(res)
	case sip.INFO:
		l.info(tx, req)
	default:
		res := l.reply(tx, 405, "Method Not Allowed")
		res.AppendHeader(sip.NewHeader("Allow", allow))
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
		if h, e := req.GetHeader("Content-Type"), l.audio(); o == nil && h != nil && e != nil {
			if digit, ms, err := dtmf.ParseInfo(h.Value(), req.Body()); err == nil {
				e.Press(digit, ms)
			}
		}
		tx.Respond(l.reply(tx, 200, "OK"))
		return
	}
	out := o.request(sip.INFO)
	for _, name := range []string{"Content-Type", "Info-Package", "Content-Disposition"} {
		if h := req.GetHeader(name); h != nil {
			out.AppendHeader(sip.NewHeader(name, clean(h.Value())))
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
	if req.Method == sip.INVITE && (l.state != legAnswered || l.side == 'a' && !l.acked && l.tx != nil && len(req.Body()) > 0 && !l.offers.Stable()) {
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
		res.AppendHeader(sip.NewHeader("Contact", l.contact()))
		res.AppendHeader(sip.NewHeader("Allow", allow))
		res.AppendHeader(sip.NewHeader("Supported", supported))
		l.timer = timer
		timer.Write(res, l.allows.timer)
		l.armTimer()
		setBody(res, body)
		l.dlg.Refresh(req)
		if req.Method == sip.INVITE {
			l.reinvite = tx
			l.acked = false
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
		res.AppendHeader(sip.NewHeader("Contact", l.contact()))
		res.AppendHeader(sip.NewHeader("Allow", allow))
		res.AppendHeader(sip.NewHeader("Supported", supported))
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
		l.call.log.Info("offer refused", "leg", string(l.side), "status", r.Status, "err", r.Cause)
	}
	tx.Respond(res)
}

// relayOffer carries an offer to the other leg and its answer back.
func (l *Leg) relayOffer(tx *transaction.Server, req *sip.Request, offer *sdp.Description, o *Leg, accept func([]byte)) {
	c := l.call
	if !o.offers.Send() {
		l.offers.Close()
		l.refuseOffer(tx, &dialog.Refusal{Status: 491, Phrase: "Request Pending"})
		return
	}
	before, version := o.local, o.origin.Version
	undo := func() {
		o.offers.Close()
		l.offers.Close()
		o.local, o.origin.Version = before, version
	}
	body, err := o.show(offer)
	if err != nil {
		undo()
		l.refuseOffer(tx, &dialog.Refusal{Status: 503, Phrase: "No Media Ports", Cause: err})
		return
	}
	method := sip.INVITE
	if req.Method == sip.UPDATE && o.allows.update {
		method = sip.UPDATE
	}
	out := o.request(method)
	o.timer.Ask(out, dialogSeconds(o.minSE))
	setBody(out, body)
	var settled bool
	c.owe(tx)
	client := o.send(out, func(res *sip.Response, err error) {
		if settled {
			if err == nil && method == sip.INVITE && res.StatusCode/100 == 2 {
				o.ackAgain(res)
			}
			return
		}
		if err == nil && res.StatusCode < 200 {
			return
		}
		settled = true
		if err != nil || res.StatusCode >= 300 {
			undo()
			status, phrase := 408, "Request Timeout"
			if err == nil {
				status, phrase = res.StatusCode, phraseFor(res, phraseOf(res.StatusCode))
			}
			if status >= 300 && status < 400 || status == 401 || status == 407 {
				status, phrase = 488, "Not Acceptable Here"
			}
			l.refuseOffer(tx, &dialog.Refusal{Status: status, Phrase: phrase})
			if err != nil || res.StatusCode == 481 {
				c.vanished(o, "the other side has no dialog any more")
			}
			return
		}
		if method == sip.INVITE {
			o.sendAck(res.CSeq().SeqNo, nil)
		}
		o.dlg.Refresh(res)
		o.timer = dialog.TimerOf(res)
		o.armTimer()
		o.offers.Close()
		l.offers.Close()
		answer, err := sdp.Parse(res.Body())
		if err == nil {
			err = sdp.CheckAnswer(offer, answer)
		}
		if err != nil {
			l.refuseOffer(tx, &dialog.Refusal{Status: 488, Phrase: "Not Acceptable Here", Cause: err})
			return
		}
		if _, err := l.ports(offer); err != nil {
			l.refuseOffer(tx, &dialog.Refusal{Status: 503, Phrase: "No Media Ports", Cause: err})
			return
		}
		l.heard(offer, req.Body())
		o.heard(answer, res.Body())
		back, err := l.show(answer)
		if err != nil {
			l.refuseOffer(tx, &dialog.Refusal{Status: 503, Phrase: "No Media Ports", Cause: err})
			return
		}
		l.directions()
		bridge(c.a, c.b)
		c.captureFormats()
		accept(back)
	})
	if req.Method == sip.INVITE {
		// The answer is what the other side makes of it: it may have said yes.
		tx.OnCancel(func(*sip.Request) {
			if !settled && !c.over {
				client.Cancel("")
			}
		})
	}
}

// directions notes who sends on both legs after an exchange.
func (l *Leg) directions() {
	o := l.call.other(l)
	l.listening = o != nil && o.held
	if o != nil {
		o.listening = l.held
	}
	state := func(x *Leg) string {
		if x.held || x.listening {
			return "held"
		}
		return "answered"
	}
	l.call.record.Legs[l.row].State = state(l)
	if o != nil {
		l.call.record.Legs[o.row].State = state(o)
	}
}

// offerless is a re-INVITE without an offer: the peer wants ours, and answers
// it in its ACK. What changes by that is then offered to the other side.
func (l *Leg) offerless(tx *transaction.Server, accept func([]byte)) {
	c := l.call
	if l.local == nil || !l.offers.Send() {
		l.refuseOffer(tx, &dialog.Refusal{Status: 491, Phrase: "Request Pending"})
		return
	}
	l.onAck = func(ack *sip.Request) {
		l.offers.Close()
		if len(ack.Body()) == 0 {
			return
		}
		answer, err := sdp.Parse(ack.Body())
		if err != nil {
			c.log.Warn("an ACK with an answer that can't be read", "err", err)
			return
		}
		same := l.remote != nil && answer.Unchanged(l.remote)
		l.heard(answer, ack.Body())
		if o := c.other(l); !same && o != nil && o.state == legAnswered {
			l.propagate(o, answer)
		}
	}
	accept(l.local)
}

// propagate tells the other leg, by a re-INVITE of ours, what changed here.
func (l *Leg) propagate(o *Leg, d *sdp.Description) {
	c := l.call
	again := func() {
		// Both offered at once (RFC 3261 §14.1); what is told then is what
		// holds then.
		c.after(glarePause(o), func() {
			if l.state == legAnswered && o.state == legAnswered && l.remote != nil {
				l.propagate(o, l.remote)
			}
		})
	}
	if !o.offers.Send() {
		again()
		return
	}
	body, err := o.show(d)
	if err != nil {
		o.offers.Close()
		return
	}
	req := o.request(sip.INVITE)
	o.timer.Ask(req, dialogSeconds(o.minSE))
	setBody(req, body)
	settled := false
	o.send(req, func(res *sip.Response, err error) {
		if err == nil && res.StatusCode < 200 {
			return
		}
		if settled {
			if err == nil && res.StatusCode/100 == 2 {
				o.ackAgain(res)
			}
			return
		}
		settled = true
		o.offers.Close()
		if err == nil && res.StatusCode == 491 {
			again()
			return
		}
		if err != nil || res.StatusCode >= 300 {
			c.log.Warn("a change could not be told to the other side", "leg", string(o.side), "err", err)
			if err != nil || res.StatusCode == 481 || res.StatusCode == 408 {
				c.vanished(o, "the other side has no dialog any more")
			}
			return
		}
		o.sendAck(res.CSeq().SeqNo, nil)
		o.dlg.Refresh(res)
		if answer, err := sdp.Parse(res.Body()); err == nil {
			o.heard(answer, res.Body())
			l.directions()
			bridge(c.a, c.b)
			c.captureFormats()
		}
	})
}

// answerHere answers an offer without asking anybody.
func (l *Leg) answerHere(tx *transaction.Server, req *sip.Request, offer *sdp.Description, accept func([]byte)) {
	ports, err := l.ports(offer)
	if err != nil {
		l.offers.Close()
		l.refuseOffer(tx, &dialog.Refusal{Status: 503, Phrase: "No Media Ports", Cause: err})
		return
	}
	body := l.versioned(func(o sdp.Origin) []byte {
		var b []byte
		if b, _, err = sdp.Answer(offer, o, ports, spoken, sdp.SendRecv); err != nil {
			return l.local
		}
		return b
	})
	l.offers.Close()
	if err != nil {
		l.refuseOffer(tx, &dialog.Refusal{Status: 488, Phrase: "Not Acceptable Here", Cause: err})
		return
	}
	l.heard(offer, req.Body())
	accept(body)
}
