package call

import (
	"github.com/emiago/sipgo/sip"

	"strowger/media/sdp"
	"strowger/sip/dialog"
	"strowger/sip/transaction"
)

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
	var asked *ask
	asked = o.send(out, func(res *sip.Response, err error) {
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
			switch {
			case err == nil && asked.late:
				// A 408 would end the dialog of the one who asked.
				status, phrase = 504, phraseOf(504)
			case status >= 300 && status < 400 || status == 401 || status == 407:
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
				asked.Cancel("")
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
			c.logger().Warn("an ACK with an answer that can't be read", "err", err)
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
func (l *Leg) propagate(o *Leg, d *sdp.Description) { l.tell(o, d, 0) }

// mostGlares is how often a change is held back by an offer of the peer's. Each
// may take as long as a person does, but not all of them.
const mostGlares = 30

// tell is propagate after a number of glares.
func (l *Leg) tell(o *Leg, d *sdp.Description, glares int) {
	c := l.call
	again := func() {
		if glares >= mostGlares {
			c.logger().Warn("a change could not be told to the other side", "leg", string(o.side), "glares", glares)
			return
		}
		// Both offered at once (RFC 3261 §14.1); what is told then is what
		// holds then.
		c.after(glarePause(o), func() {
			if l.state == legAnswered && o.state == legAnswered && l.remote != nil {
				l.tell(o, l.remote, glares+1)
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
			c.logger().Warn("a change could not be told to the other side", "leg", string(o.side), "err", err)
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
