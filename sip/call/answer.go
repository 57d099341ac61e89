package call

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/media/sdp"
	"strowger/sip/dialog"
	"strowger/store"
)

// answeredBy is the first 2xx: l has the call, the other branches end, and the
// caller is answered as soon as a capture that is due stands ready.
func (c *Call) answeredBy(l *Leg, res *sip.Response) {
	c.answering = true
	c.b = l
	if c.ring != nil {
		c.ring.stop()
		for _, o := range c.legs {
			if o != l && o.state != legEnded {
				o.cancel(elsewhere)
			}
		}
		c.ring = nil
	}
	seq := res.CSeq().SeqNo
	if c.a.remote == nil {
		c.lateOffer(l, res, seq)
		return
	}
	l.offers.Close()
	l.sendAck(seq, nil)
	if c.early != l {
		c.tradeOver(c.early)
	}
	answer, err := l.finalAnswer(res)
	if err == nil {
		var body []byte
		if c.early == l && l.voiceWon() && c.a.settled {
			body = c.a.local // the caller has its answer, and keeps it
		} else {
			body, err = c.showCaller(answer)
			l.untold = false
		}
		if err == nil {
			c.decided("answered", true, "answered by "+c.record.Legs[l.row].Peer, nil)
			c.whenCaptureReady(l, func() { c.answerCaller(body) })
			return
		}
	}
	c.logger().Warn("an answer that can't be used", "err", err)
	l.bye(reason{q850: 47, text: "unusable answer"})
	c.refuse(502, "Bad Gateway", reason{q850: 47, text: "unusable answer"})
}

// finalAnswer is what the callee who answered with res agreed to.
func (l *Leg) finalAnswer(res *sip.Response) (*sdp.Description, error) {
	raw := res.Body()
	e := l.earlyTag(l.dlg.RemoteTag)
	switch {
	case l.first != nil && l.voiceWon():
		return l.remote, nil // agreed on since, in the early dialog
	case len(raw) == 0 && e != nil && e.answer != nil:
		raw = e.answer // it came in a reliable 183
	case len(raw) == 0 && l.theirs != nil:
		raw = l.theirs // it came in a 183 that should have been reliable
	}
	return l.takeAnswer(raw)
}

// voiceWon says whether the early dialog that was heard is the one that was
// answered: the callee's side may have forked.
func (l *Leg) voiceWon() bool {
	return l.voice == nil || l.voice.dlg.RemoteTag == l.dlg.RemoteTag
}

// answerCaller sends the 200 and lets both hear each other.
func (c *Call) answerCaller(body []byte) {
	if c.over {
		return
	}
	c.early = nil
	c.answered = time.Now()
	c.record.AnsweredAt = c.answered
	if c.b != nil {
		bridge(c.a, c.b)
		c.recordAnswer(c.b)
		c.b.armTimer()
	}
	c.recordAnswer(c.a)
	if c.origin != nil {
		c.joinCaller()
	} else {
		c.a.answer(body)
	}
	if c.b != nil {
		c.tellOther()
	}
	if c.b != nil {
		c.say("answered", "by", c.record.Legs[c.b.row].Peer)
	}
	c.watch()
}

// joinCaller ends a click-to-call's ringback, and tells the caller's phone,
// which has been answered for a while, what the callee speaks.
func (c *Call) joinCaller() {
	c.origin.quiet()
	if c.b != nil && c.b.remote != nil {
		c.b.propagate(c.a, c.b.remote)
	}
}

// lateOffer is a call whose caller offered nothing: the callee's offer goes
// into the 200, and the answer comes with the caller's ACK.
func (c *Call) lateOffer(l *Leg, res *sip.Response, seq uint32) {
	giveUp := func(err error) {
		c.logger().Warn("a late offer that can't be used", "err", err)
		l.sendAck(seq, nil)
		l.bye(reason{q850: 47})
		c.hangUp("exchange", reason{q850: 47, text: "unusable session description"})
	}
	offer, err := sdp.Parse(res.Body())
	if err == nil {
		err = offer.Servable()
	}
	if err != nil {
		giveUp(err)
		return
	}
	if _, err = l.ports(offer); err != nil {
		giveUp(err)
		return
	}
	l.offers.Receive()
	l.heard(offer, res.Body())
	body, err := c.a.show(offer)
	if err != nil {
		giveUp(err)
		return
	}
	c.a.onAck = func(ack *sip.Request) {
		c.a.offers.Close()
		answer, err := sdp.Parse(ack.Body())
		if err == nil {
			err = sdp.CheckAnswer(offer, answer)
		}
		if err != nil {
			giveUp(err)
			return
		}
		c.a.heard(answer, ack.Body())
		c.captureFormats()
		shown, err := l.show(answer)
		if err != nil {
			giveUp(err)
			return
		}
		l.offers.Close()
		l.sendAck(seq, shown)
		bridge(c.a, l)
	}
	c.whenCaptureReady(l, func() { c.answerCaller(body) })
}

// A Watch period: how often an answered call looks whether both still send.
const (
	watchEvery   = 5 * time.Second
	silenceAsk   = 10 * time.Second // then an OPTIONS asks whether the peer lives
	silenceLimit = 15 * time.Second // then the call ends
)

// watch ends a call whose peer has vanished (product rule "Media"). Silence
// counts only where the peer should be sending.
func (c *Call) watch() {
	c.watchdog = c.after(watchEvery, func() {
		c.sampleQuality()
		for _, l := range []*Leg{c.a, c.b} {
			if l == nil || !l.due() {
				continue
			}
			idle := l.idle()
			switch {
			case idle >= silenceLimit:
				c.vanished(l, "no media for 15 s")
				return
			case idle >= silenceAsk:
				c.probe(l)
			}
		}
		if !c.over {
			c.watch()
		}
	})
}

// due says whether the leg's peer owes us packets.
func (l *Leg) due() bool {
	if l.state != legAnswered || l.remote == nil || l.held || l.mute || l.listening {
		return false
	}
	return l.audio() != nil && (l.call.service == nil)
}

func (l *Leg) idle() time.Duration {
	idle := time.Since(l.call.answered)
	for _, e := range l.media {
		if e != nil {
			idle = min(idle, e.Idle())
		}
	}
	return idle
}

// probe asks a silent peer whether it still has the dialog.
func (c *Call) probe(l *Leg) {
	l.send(l.request(sip.OPTIONS), func(res *sip.Response, err error) {
		if err != nil || res.StatusCode == 481 || res.StatusCode == 408 {
			c.vanished(l, "no media, and no dialog")
		}
	})
}

// vanished ends the call because the peer of l is gone.
func (c *Call) vanished(l *Leg, why string) {
	c.logger().Warn("a peer vanished", "leg", string(l.side), "why", why)
	c.outcome.Reason = why
	c.hangUp("exchange", reason{q850: 41, text: why})
}

// armTimer starts the leg's session timer (RFC 4028): we refresh at half the
// interval, or give up when the peer does not.
func (l *Leg) armTimer() {
	l.refresh.Stop()
	l.refresh, l.tooSmall = nil, 0
	if l.timer.Interval == 0 || l.state != legAnswered {
		return
	}
	l.expires = time.Now().Add(l.timer.ExpireAfter())
	if l.timer.Ours {
		l.refreshIn(l.timer.RefreshAfter())
	} else {
		l.letExpire()
	}
}

// refreshIn refreshes the session in d, or ends it if it is over by then.
func (l *Leg) refreshIn(d time.Duration) {
	if time.Until(l.expires) < d {
		l.letExpire()
		return
	}
	l.refresh = l.call.after(d, l.sendRefresh)
}

// letExpire ends a session that nobody refreshes (RFC 4028 §10).
func (l *Leg) letExpire() {
	l.refresh = l.call.after(max(time.Until(l.expires), 0), func() {
		l.call.logger().Warn("the session was not refreshed", "leg", string(l.side))
		l.call.outcome.Reason = "session timer expired"
		l.call.hangUp("exchange", reason{sip: 408, text: "Session timer expired"})
	})
}

// sendRefresh tells the peer that the session still stands.
func (l *Leg) sendRefresh() {
	if l.state != legAnswered {
		return
	}
	if !l.offers.Stable() {
		l.refreshIn(5 * time.Second)
		return
	}
	method := sip.INVITE
	if l.allows.update {
		method = sip.UPDATE
	}
	req := l.request(method)
	l.timer.Ask(req, dialogSeconds(l.minSE))
	if method == sip.INVITE {
		setBody(req, l.local)
		l.offers.Send()
	} else {
		setBody(req, nil)
	}
	var asked *ask
	settled := false
	asked = l.send(req, func(res *sip.Response, err error) {
		if settled {
			if err == nil && method == sip.INVITE && res.StatusCode/100 == 2 {
				l.ackAgain(res)
			}
			return
		}
		if err == nil && res.StatusCode < 200 {
			return
		}
		settled = true
		if method == sip.INVITE {
			l.offers.Close()
		}
		switch {
		case err != nil || res.StatusCode == 481 || res.StatusCode == 408 || asked.late && res.StatusCode >= 300:
			l.call.vanished(l, "the session refresh was not answered")
		case res.StatusCode < 300:
			if method == sip.INVITE {
				l.sendAck(res.CSeq().SeqNo, nil)
				l.refreshed(res)
			}
			l.dlg.Refresh(res)
			l.timer = dialog.TimerOf(res)
			l.armTimer()
		case res.StatusCode == 422 && l.tooSmall < 2 && dialog.MinSEOf(res) > l.timer.Interval:
			l.tooSmall++
			l.minSE = int(dialog.MinSEOf(res).Seconds())
			l.timer.Interval = dialog.MinSEOf(res)
			l.sendRefresh()
		case res.StatusCode == 422:
			l.letExpire() // it asked for what we offered, or never has enough
		case res.StatusCode == 491:
			l.refreshIn(glarePause(l))
		default:
			// It knows no timers or no UPDATE, but it answered: it lives.
			l.armTimer()
		}
	})
}

// refreshed takes the answer that came to a refresh by re-INVITE: the peer may
// have moved.
func (l *Leg) refreshed(res *sip.Response) {
	answer, err := sdp.Parse(res.Body())
	if err != nil || l.remote == nil || answer.Unchanged(l.remote) || len(answer.Media) != len(l.remote.Media) {
		return
	}
	l.heard(answer, res.Body())
	l.directions()
	l.call.captureFormats()
}

// glarePause is how long to wait after a 491: the owner of the Call-ID waits
// longer, so that the two do not meet again (RFC 3261 §14.1).
func glarePause(l *Leg) time.Duration {
	if l.side == 'b' {
		return 2100*time.Millisecond + randomMS(1900)
	}
	return randomMS(2000)
}

// resultAnswered is the outcome of a call that two people had.
func (c *Call) resultAnswered() store.Outcome {
	o := c.outcome
	o.Result, o.Code = store.ResultAnswered, 200
	if o.Reason == "" {
		o.Reason = "OK"
	}
	o.HungUpBy = c.hungUpBy
	return o
}
