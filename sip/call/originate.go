package call

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/media"
	"strowger/media/audio"
	"strowger/media/sdp"
	"strowger/routing"
	"strowger/sip/dialog"
	"strowger/sip/registrar"
	"strowger/store"
)

// ErrAbsent is answered when nothing is registered for the line that should
// ring first.
var ErrAbsent = errors.New("no phone is registered for the line that should ring first")

// originRing is how long a click-to-call lets the caller's own phones ring.
const originRing = 30 * time.Second

// An originator rings the caller's own phones for a click-to-call; the one
// that answers becomes the A leg.
type originator struct {
	call *Call
	legs []*Leg
	tone *media.Playback
}

// Dial rings the phones of a line and, once one is answered, calls to for it,
// as if it had been dialled there. It returns when the phones have been rung.
func (x *Exchange) Dial(_ context.Context, snap *store.Snapshot, lineID, to string) (string, error) {
	line, ok := snap.Line(lineID)
	if !ok {
		return "", store.ErrNotFound
	}
	contacts := x.Registrar.Contacts(snap.Organization.ID, snap.AOR(line))
	if len(contacts) == 0 {
		return "", ErrAbsent
	}
	facts := routing.Facts{Now: time.Now(), LineID: lineID, To: to, FromUser: snap.AOR(line)}
	shards := x.Transactions.Shards()
	shard := shards[rand.IntN(len(shards))]
	id := newID()
	c := &Call{
		x: x, shard: shard, snap: snap, plan: routing.Decide(snap, facts), facts: facts,
		id: id, maxFwd: 69,
	}
	shard.Post(func() { c.protect(func() { c.originate(contacts) }) })
	return id, nil
}

func (c *Call) originate(contacts []registrar.Contact) {
	c.open("")
	if r := c.admit(); r != nil {
		c.a = c.newLeg('a', contacts[0].Flow)
		c.a.finalSent = true
		c.outcome = store.Outcome{Result: store.ResultRefused, Code: r.Status, Reason: r.Cause.Error(), HungUpBy: "exchange"}
		c.finish(reason{q850: 42})
		return
	}
	c.decided("click_to_call", true, "rings the caller's own phones first", nil)
	o := &originator{call: c}
	c.origin = o
	for i := range contacts {
		if first, rest, ok := waysTo(&contacts[i]); ok {
			o.ring(first, rest)
		}
	}
	if len(o.legs) == 0 {
		c.a = c.newLeg('a', contacts[0].Flow)
		c.a.finalSent = true
		o.failed(480)
		return
	}
	c.a = o.legs[0] // until one answers
	c.after(originRing, func() {
		if c.a.state != legAnswered {
			o.failed(480)
		}
	})
}

// ring sends our own offer to one phone of the caller, others being further
// flows to it.
func (o *originator) ring(d dest, others []dest) {
	c := o.call
	l := c.newLeg('a', d.flow)
	l.finalSent = true // there is no INVITE of the caller's to answer
	e, err := c.x.Relay.Open(l.bindAddr())
	if err != nil {
		c.logger().Error("no media for a click-to-call", "err", err)
		return
	}
	l.media = []*media.Endpoint{e}
	c.x.Metrics.sessionOpened()
	body := l.versioned(func(or sdp.Origin) []byte { return sdp.Offer(or, e.Port(), sdp.DefaultFormats(), sdp.SendRecv) })
	l.offers.Send()
	host := c.snap.Organization.Domain
	if host == "" {
		host = hostOf(c.x.Transport.Shown(d.flow).Addr())
	}
	tag := newTag()
	from := dialog.Party{Name: quotable(c.plan.Called.Name), URI: sip.Uri{Scheme: "sip", User: escapeUser(c.facts.To), Host: host}}
	to := dialog.Party{URI: sip.Uri{Scheme: "sip", User: escapeUser(c.facts.FromUser), Host: host}}
	l.dlg = dialog.New(c.shard.NewCallID(), tag, from, to, d.uri)
	l.dlg.Routes = d.routes
	c.x.table.addTag(c.shard, tag, l)
	c.x.table.addCallID(c, l.dlg.CallID)
	l.tags = append(l.tags, tag)
	l.timer = dialog.Timer{Interval: dialog.SessionInterval}
	c.record.Legs = append(c.record.Legs, store.CallLeg{
		ID: c.id + "-a" + itoa(len(o.legs)), Side: "a", UserID: c.plan.Caller.UserID, ContactMethodID: c.plan.Caller.LineID,
		Peer: c.record.From, Target: d.flow.Remote().String(), State: "calling", SIPCallID: l.dlg.CallID, StartedAt: time.Now(),
	})
	o.legs = append(o.legs, l)
	req := l.request(sip.INVITE)
	l.timer.Ask(req, dialog.MinSession)
	// Phones that know it pick up by themselves: the user asked for this call.
	req.AppendHeader(sip.NewHeader("Alert-Info", "<http://127.0.0.1>;info=alert-autoanswer;delay=0"))
	setBody(req, body)
	l.asked = req
	l.client = c.shard.Send(l.flow, req, func(res *sip.Response, err error) {
		c.protect(func() { o.answer(l, d, others, res, err) })
	})
	if len(others) > 0 {
		l.expectWord(func() { o.ring(others[0], others[1:]) })
	}
}

// answer takes an answer of one of the caller's phones.
func (o *originator) answer(l *Leg, d dest, others []dest, res *sip.Response, err error) {
	c := o.call
	l.silence.Stop()
	switch {
	case err != nil || res.StatusCode >= 300:
		if l.state == legEnded || l.state == legAnswered {
			return
		}
		status := 408
		if err == nil {
			status = res.StatusCode
		}
		l.ended(status)
		l.unreached = err != nil
		if len(others) > 0 && !l.cancelled && !c.over && c.a.state != legAnswered && l.flowFailed(status, d.routes) {
			o.ring(others[0], others[1:])
			return
		}
		for _, other := range o.legs {
			if other.state != legEnded {
				return
			}
		}
		o.failed(status)
	case res.StatusCode < 200:
		if res.StatusCode > 100 && l.state == legCalling {
			l.state = legRinging
			c.record.Legs[l.row].State = "ringing"
		}
	case l.state == legAnswered:
		l.ackAgain(res)
	default:
		d, _ := l.dlg.Establish(res)
		if c.over || l.cancelled || c.a.state == legAnswered {
			l.dismiss(d, res)
			l.ended(487)
			return
		}
		o.pickedUp(l, d, res)
	}
}

func (o *originator) pickedUp(l *Leg, d *dialog.Dialog, res *sip.Response) {
	c := o.call
	l.dlg, l.state = d, legAnswered
	l.allows, l.timer = methodsOf(res), dialog.TimerOf(res)
	l.offers.Close()
	l.sendAck(res.CSeq().SeqNo, nil)
	c.a = l
	c.recordAnswerAt(l, time.Now())
	o.cancel(l, elsewhere)
	answer, err := sdp.Parse(res.Body())
	if err == nil {
		err = answer.Servable()
	}
	if err != nil {
		c.logger().Warn("an answer that can't be read", "err", err)
		c.hangUp("exchange", reason{q850: 47, text: "unusable answer"})
		return
	}
	l.heard(answer, res.Body())
	l.armTimer()
	if e := l.audio(); e != nil {
		o.tone = e.Play(audio.Ringback(c.snap.Organization.Country), func(error) {})
	}
	c.run(c.plan.First)
}

// quiet ends the ringback.
func (o *originator) quiet() {
	if o != nil && o.tone != nil {
		o.tone.Stop()
		o.tone = nil
	}
}

// cancel ends what still rings at the caller's own phones, all but one.
func (o *originator) cancel(but *Leg, why reason) {
	if o == nil {
		return
	}
	for _, l := range o.legs {
		if l != but && l.client != nil && l.state != legEnded && l.state != legAnswered {
			l.cancelled = true
			l.client.Cancel(why.String())
		}
	}
}

// failed is no phone of the caller's picking up.
func (o *originator) failed(status int) {
	c := o.call
	c.outcome = store.Outcome{Result: resultOf(status), Code: status, Reason: "the caller's own phone did not answer", HungUpBy: "exchange"}
	if rejects(status) && status != 480 {
		c.outcome.Reason, c.outcome.HungUpBy = "the caller's own phone refused", "caller"
	}
	c.finish(reason{q850: 19, text: "No answer"})
}
