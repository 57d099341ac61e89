package call

import (
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/media/sdp"
	"strowger/sip/dialog"
	"strowger/sip/transaction"
)

// adoptCaller makes the A leg of the INVITE.
func (c *Call) adoptCaller(tx *transaction.Server, req *sip.Request) *dialog.Refusal {
	l := c.newLeg('a', tx.Flow())
	l.tx, l.invite = tx, req
	l.trunk = c.facts.TrunkID
	l.allows = methodsOf(req)
	c.a = l
	c.recordCaller(l, req)
	tag := newTag()
	d, refusal := dialog.Accept(req, tag)
	if refusal != nil {
		l.dlg = &dialog.Dialog{LocalTag: tag} // enough to answer with
		return refusal
	}
	l.dlg = d
	c.x.table.addTag(c.shard, tag, l)
	l.tags = append(l.tags, tag)

	if l.timer, refusal = dialog.AnswerTimer(req); refusal != nil {
		return refusal
	}
	if body := req.Body(); len(body) > 0 {
		offer, err := sdp.Parse(body)
		if err != nil {
			return &dialog.Refusal{Status: 488, Phrase: "Not Acceptable Here", Cause: err}
		}
		if err := offer.Servable(); err != nil {
			return &dialog.Refusal{Status: 488, Phrase: "Not Acceptable Here", Cause: err}
		}
		l.offers.Receive()
		l.remote, l.theirs = offer, body
	}
	return nil
}

// open opens the caller's endpoints and points them at what it offered.
func (l *Leg) open() error {
	if l.remote == nil {
		return nil
	}
	if _, err := l.ports(l.remote); err != nil {
		return err
	}
	l.heard(l.remote, l.theirs)
	return nil
}

// pending is a 1xx or 2xx of the caller's that may not go out yet.
type pending struct {
	status int
	phrase string
	body   []byte
	rel    bool
}

// provisional sends the caller a 1xx. reliable asks for RFC 3262, which is
// used where the caller knows it.
func (l *Leg) provisional(status int, phrase string, body []byte, reliable bool) {
	if l.finalSent || l.tx == nil {
		return
	}
	must := dialog.HasToken(l.invite, "Require", "100rel")
	rel := status > 100 && (must || reliable && l.allows.rel100)
	if rel && len(l.invite.Body()) == 0 {
		// A reliable answer would have to carry an offer (RFC 3262 §5); the
		// 200 does as well.
		if must {
			return
		}
		rel = false
	}
	if l.waits() {
		l.queue = append(l.queue, pending{status, phrase, body, rel})
		return
	}
	if status >= 180 && l.state == legCalling {
		l.state = legRinging
	}
	res := l.response(status, phrase, body)
	if !rel {
		l.tx.Respond(res)
		return
	}
	l.rseq++
	res.AppendHeader(sip.NewHeader("Require", "100rel"))
	res.AppendHeader(sip.NewHeader("RSeq", itoa(int(l.rseq))))
	l.unacked = true
	if len(body) > 0 {
		l.offers.Close()
		l.settled = true
	}
	l.tx.Reliable(res, func() {
		l.call.protect(func() {
			if !l.call.over {
				l.call.logger().Warn("the caller never acknowledged a reliable answer", "status", status)
				l.call.refuse(504, "PRACK Timeout", reason{q850: 41})
			}
		})
	})
}

// prack is the caller's acknowledgement of a reliable answer.
func (l *Leg) prack(tx *transaction.Server, req *sip.Request) {
	rack, _ := transaction.Header(req, "RAck")
	want := itoa(int(l.rseq)) + " " + itoa(int(l.invite.CSeq().SeqNo)) + " INVITE"
	if !l.unacked || squeeze(rack) != want {
		tx.Respond(l.reply(tx, 481, "No Such Reliable Response"))
		return
	}
	l.unacked = false
	l.tx.PRACKed()
	if len(req.Body()) == 0 {
		tx.Respond(l.reply(tx, 200, "OK"))
		l.flush()
		return
	}
	// Whatever becomes of the offer, the answer has been acknowledged.
	l.offeredEarly(tx, req, l.talkOf(nil), func(body []byte) {
		res := l.reply(tx, 200, "OK")
		setBody(res, body)
		tx.Respond(res)
	}, l.flush)
}

// waits says whether an answer to the INVITE must wait: one reliable answer at
// a time (RFC 3262 §3), and none across an offer that is being answered.
func (l *Leg) waits() bool { return l.unacked || l.call.trade != nil }

// flush sends what had to wait.
func (l *Leg) flush() {
	for len(l.queue) > 0 && !l.waits() && !l.finalSent {
		p := l.queue[0]
		l.queue = l.queue[1:]
		if p.status < 200 {
			l.provisional(p.status, p.phrase, p.body, p.rel)
		} else {
			l.answer(p.body)
		}
	}
}

// answer sends the caller the 200.
func (l *Leg) answer(body []byte) {
	if l.finalSent || l.tx == nil {
		return
	}
	if l.waits() {
		l.queue = append(l.queue, pending{200, "OK", body, false})
		return
	}
	l.finalSent = true
	l.state = legAnswered
	if l.first != nil {
		body = nil // a newer answer than the INVITE's stands (RFC 3261 §13.2.1)
	}
	res := l.response(200, "OK", body)
	l.timer.Write(res, l.allows.timer)
	l.offers.Close()
	if l.remote == nil && len(body) > 0 {
		l.offers.Send() // the late offer, which the ACK answers
	}
	l.unheard = append(l.unheard, unheard{l.tx, l.invite.CSeq().SeqNo})
	l.tx.Respond(res)
	l.armTimer()
}

// final sends the caller a refusal.
func (l *Leg) final(status int, phrase string, refusal *dialog.Refusal, why reason) {
	if l.finalSent || l.tx == nil {
		return
	}
	l.finalSent = true
	l.queue = nil
	// A callee may have answered; the caller never learns of it.
	l.call.answered, l.call.record.AnsweredAt = time.Time{}, time.Time{}
	res := l.response(status, phrase, nil)
	if s := why.String(); s != "" {
		res.AppendHeader(sip.NewHeader("Reason", s))
	}
	if refusal != nil && refusal.MinSE > 0 {
		res.AppendHeader(sip.NewHeader("Min-SE", itoa(refusal.MinSE)))
	}
	l.tx.Respond(res)
	l.ended(status)
}

// response builds an answer to the INVITE.
func (l *Leg) response(status int, phrase string, body []byte) *sip.Response {
	res := transaction.NewResponse(l.invite, status, phrase, l.dlg.LocalTag)
	if status < 300 && status > 100 {
		l.introduce(res)
	}
	res.AppendHeader(l.call.x.signature().server)
	setBody(res, body)
	return res
}

// reply builds an answer to a request inside the dialog.
func (l *Leg) reply(tx *transaction.Server, status int, phrase string) *sip.Response {
	return transaction.NewResponse(tx.Request(), status, phrase, l.dlg.LocalTag)
}

// newDialog gives the caller's side another tag: a 200 whose answer is not the
// one an earlier 183 showed belongs to another dialog, as if the INVITE had
// forked (RFC 3261 §13.2.2.4).
func (l *Leg) newDialog() {
	tag := newTag()
	d := *l.dlg
	d.LocalTag = tag
	l.dlg = &d
	l.settled, l.untold = false, false
	if l.first != nil {
		// Nothing but the INVITE's offer counts there.
		l.heard(l.first, l.firstRaw)
		l.first, l.firstRaw = nil, nil
	}
	l.tags = append(l.tags, tag)
	l.call.x.table.addTag(l.call.shard, tag, l)
}

// An unheard 200 of ours is repeated until its ACK comes, which bears the
// number of the INVITE (RFC 3261 §13.2.2.4).
type unheard struct {
	tx  *transaction.Server
	seq uint32
}

// ack is the ACK of a 200 of ours; that of an earlier one may come again.
func (l *Leg) ack(req *sip.Request) {
	seq := req.CSeq().SeqNo
	i := slices.IndexFunc(l.unheard, func(u unheard) bool { return u.seq == seq })
	if i < 0 {
		return
	}
	newest := i == len(l.unheard)-1
	l.unheard[i].tx.Acked()
	l.unheard = slices.Delete(l.unheard, i, i+1)
	if on := l.onAck; newest && on != nil {
		l.onAck = nil
		on(req)
	}
}
