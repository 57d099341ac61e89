// Package call is the B2BUA: it walks a routing plan, rings legs, answers the
// caller and keeps both sides in step until one hangs up. Who may call whom is
// decided before, by package routing; how a message reaches a peer is
// packages transaction's and transport's, how sound does, package media's.
//
// A call lives on the shard of its caller's Call-ID and is touched by nothing
// else: transactions, timers and media post to it, what waits (names, disk)
// runs aside and posts back. No field of a Call or a Leg needs a lock.
package call

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/media"
	"strowger/media/record"
	"strowger/routing"
	"strowger/sip/dialog"
	"strowger/sip/registrar"
	"strowger/sip/transaction"
	"strowger/sip/transport"
	"strowger/sip/trunk"
	"strowger/store"
)

// An Exchange is what calls need of the house; the server has one.
type Exchange struct {
	Store        *store.Store
	Transport    *transport.Layer
	Transactions *transaction.Layer
	Registrar    *registrar.Registrar
	Trunks       *trunk.Carriers
	Relay        *media.Relay
	Recorder     *record.Recorder
	Metrics      *Metrics
	Log          *slog.Logger
	DataDir      string
	Product      string // of User-Agent and Server

	table  table
	signed signature
}

// An Incoming is an INVITE that proved where it comes from, and the plan for
// it.
type Incoming struct {
	Tx       *transaction.Server
	Req      *sip.Request
	Snapshot *store.Snapshot
	Facts    routing.Facts
	Plan     routing.Plan
	Received time.Time
}

// A Call is an A leg, its B legs and what was decided.
type Call struct {
	x     *Exchange
	shard *transaction.Shard
	snap  *store.Snapshot
	plan  routing.Plan
	facts routing.Facts

	id       string
	received time.Time
	maxFwd   int // for the B legs; an INVITE that had 0 left was refused before

	a    *Leg
	legs []*Leg // every B leg, in the order they were called
	b    *Leg   // the one that answered

	ring    *ringing // the step under way, nil once answered or over
	early   *Leg     // whose early media the caller hears
	history []routing.Diversion

	answering bool // a B leg has answered, the caller's 200 is on its way
	answered  time.Time
	over      bool
	hungUpBy  string
	outcome   store.Outcome

	capture    *capture // recording under way
	service    *service // voicemail, echo, a spoken refusal
	watchdog   *transaction.Timer
	counted    bool // among the organization's calls
	holdsTrunk bool // one of the caller's carrier's max_calls
	sentCall   bool // the first INVITE of a B leg went out: setup is measured once

	record  store.Call
	trace   []store.Decision
	ladder  *store.Ladder
	origin  *originator // of a click-to-call
	tries   []*routeTry
	trade   *trade                // an offer of an early dialog that waits for its answer
	owed    []*transaction.Server // requests inside a dialog that wait for the other side
	callIDs []string
}

// Start takes a call over. It runs on the shard of the INVITE's Call-ID.
func (x *Exchange) Start(in Incoming) {
	id := newID()
	c := &Call{
		x: x, shard: in.Tx.Shard(), snap: in.Snapshot, plan: in.Plan, facts: in.Facts,
		id: id, received: in.Received, maxFwd: 69,
	}
	if mf := in.Req.MaxForwards(); mf != nil {
		c.maxFwd = int(*mf) - 1
	}
	c.open(in.Req.CallID().Value())
	defer c.guard()

	if refusal := c.adoptCaller(in.Tx, in.Req); refusal != nil {
		c.outcome = store.Outcome{Result: resultOf(refusal.Status), Code: refusal.Status, Reason: refusal.Phrase, HungUpBy: "exchange"}
		if refusal.Cause != nil {
			c.say("the INVITE is refused", "status", refusal.Status, "err", refusal.Cause)
		}
		c.a.final(refusal.Status, refusal.Phrase, refusal, reason{})
		c.finish(reason{})
		return
	}
	if r := c.admit(); r != nil {
		c.refuse(r.Status, r.Phrase, reason{q850: 42, text: r.Cause.Error()})
		return
	}
	in.Tx.OnCancel(func(cancel *sip.Request) { c.protect(func() { c.cancelled(cancel) }) })
	in.Tx.OnEnd(func(why transaction.EndReason) { c.protect(func() { c.a.inviteEnded(why) }) })
	c.run(c.plan.First)
}

// admit counts the call against what its organization and its carrier may have
// at once. Emergency calls always pass.
func (c *Call) admit() *dialog.Refusal {
	org := c.snap.Organization
	n := c.x.table.calls(org.ID).Add(1)
	c.counted = true
	if c.plan.Emergency {
		return nil
	}
	if org.MaxCalls > 0 && n > int64(org.MaxCalls) {
		return &dialog.Refusal{Status: 503, Phrase: "Service Unavailable", Cause: errTooMany}
	}
	if t := c.facts.TrunkID; t != "" {
		if c.holdsTrunk = c.x.Trunks.Acquire(org.ID, t); !c.holdsTrunk {
			return &dialog.Refusal{Status: 503, Phrase: "Service Unavailable", Cause: errTrunkFull}
		}
	}
	return nil
}

var (
	errTooMany   = errors.New("the organization has all the calls that it may have at once")
	errTrunkFull = errors.New("the trunk carries all the calls that it may carry")
)

// protect runs f, an event of the call. A panic ends this call and no other.
func (c *Call) protect(f func()) {
	defer c.guard()
	f()
}

func (c *Call) guard() {
	if p := recover(); p != nil {
		c.x.Metrics.Panics.Inc()
		c.logger().Error("a call failed and is ended", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		func() {
			defer func() { recover() }() // the ending may stumble over the same thing
			c.hangUp("exchange", reason{q850: 41, text: "internal error"})
		}()
		c.close()
	}
}

// post runs f on the call's shard, unless the call is over by then.
func (c *Call) post(f func()) {
	c.shard.Post(func() {
		if !c.over {
			c.protect(f)
		}
	})
}

// after runs f on the shard in d.
func (c *Call) after(d time.Duration, f func()) *transaction.Timer {
	return c.shard.After(d, func() {
		if !c.over {
			c.protect(f)
		}
	})
}

// aside runs work, which may wait, on a goroutine of its own and then done on
// the shard. done runs even when the call is over: it may have to clean up.
func (c *Call) aside(work func(context.Context), done func()) {
	c.x.table.asides.Add(1)
	go func() {
		defer c.x.table.asides.Done()
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		work(ctx)
		c.shard.Post(func() { c.protect(done) })
	}()
}

// run does one step of the plan.
func (c *Call) run(s routing.Step) {
	switch s := s.(type) {
	case *routing.Ring:
		c.startRinging(s)
	case *routing.Divert:
		c.history = append([]routing.Diversion{s.By}, c.history...)
		if !s.Silent {
			c.a.provisional(181, "Call Is Being Forwarded", nil, false)
		}
		c.run(s.Next)
	case *routing.Voicemail:
		c.startVoicemail(s)
	case *routing.Service:
		c.startService(s)
	case *routing.Refuse:
		c.startRefusal(s)
	default:
		panic(fmt.Sprintf("call: unhandled step %T", s))
	}
}

// cancelled is the caller giving up before an answer. The transaction has
// answered the CANCEL.
func (c *Call) cancelled(cancel *sip.Request) {
	if c.over || c.a.finalSent {
		return // the 200 was faster (RFC 3261 §9.2); the caller will send BYE
	}
	c.hungUpBy = "caller"
	c.outcome = store.Outcome{Result: store.ResultCancelled, Code: 487, Reason: "Request Terminated", HungUpBy: "caller"}
	c.a.final(487, "Request Terminated", nil, reason{})
	c.finish(reasonOf(cancel))
}

// inviteEnded is the end of an INVITE transaction of the leg's peer.
func (l *Leg) inviteEnded(why transaction.EndReason) {
	c := l.call
	if c.over {
		return
	}
	switch why {
	case transaction.EndNoAck:
		c.logger().Warn("the answer was never acknowledged", "leg", string(l.side))
		c.hangUp("exchange", reason{q850: 41, text: "no ACK"})
	case transaction.EndTransport:
		c.logger().Warn("the peer can't be reached any more", "leg", string(l.side))
		c.hangUp("exchange", reason{q850: 41, text: "peer unreachable"})
	}
}

// refuse ends an unanswered call with a final answer to the caller.
func (c *Call) refuse(status int, phrase string, why reason) {
	if c.outcome.Result == "" {
		c.outcome = store.Outcome{Result: resultOf(status), Code: status, Reason: phrase, HungUpBy: "exchange"}
	}
	if c.a.finalSent {
		c.a.bye(why)
	} else {
		c.a.final(status, phrase, nil, why)
	}
	c.finish(why)
}

// hangUp ends the call from our side, in whatever state it is.
func (c *Call) hangUp(by string, why reason) {
	if c.over {
		return
	}
	c.hungUpBy = by
	if !c.a.finalSent {
		c.refuse(480, "Temporarily Unavailable", why)
		return
	}
	if c.outcome.Result == "" && c.answered.IsZero() {
		c.outcome = store.Outcome{Result: store.ResultCancelled, Code: 487, Reason: why.text, HungUpBy: by}
	}
	c.a.bye(why)
	c.finish(why)
}

// finish ends every B leg that still lives, closes the media and writes the
// record. The caller's side has had its last message by now.
func (c *Call) finish(why reason) {
	if c.over {
		return
	}
	c.origin.cancel(nil, why)
	for _, l := range c.legs {
		if l.state == legAnswered {
			l.bye(why)
		} else if l.state != legEnded {
			l.cancel(why)
		}
	}
	c.close()
}

// close gives back what the call holds. It is the last thing that happens to
// it, and happens once.
func (c *Call) close() {
	if c.over {
		return
	}
	c.over = true
	if c.ring != nil {
		c.ring.stop()
		c.ring = nil
	}
	c.watchdog.Stop()
	if c.service != nil {
		c.service.stop()
	}
	if c.capture != nil {
		c.capture.finish()
	}
	c.freeCircuits()
	if c.counted {
		c.x.table.calls(c.snap.Organization.ID).Add(-1)
	}
	if c.holdsTrunk {
		c.x.Trunks.Release(c.snap.Organization.ID, c.facts.TrunkID)
	}
	c.writeRecord()
	c.origin.quiet()
	for _, tx := range c.owed {
		c.terminated(tx)
	}
	for _, l := range c.all() {
		l.release()
	}
	c.x.table.remove(c)
}

// owe notes a request that the other side has to answer, so that it gets an
// answer even if the call ends before (RFC 3261 §15.1.2).
func (c *Call) owe(tx *transaction.Server) {
	c.owed = slices.DeleteFunc(c.owed, func(tx *transaction.Server) bool { return tx.Request() == nil })
	c.owed = append(c.owed, tx)
}

// terminated answers a request that the end of the call has overtaken.
func (c *Call) terminated(tx *transaction.Server) {
	if req := tx.Request(); req != nil {
		tx.Respond(transaction.NewResponse(req, 487, "Request Terminated", ""))
	}
}

// all are the call's legs, the caller's first.
func (c *Call) all() []*Leg {
	out := make([]*Leg, 0, 1+len(c.legs))
	if c.a != nil {
		out = append(out, c.a)
	}
	if c.origin != nil {
		for _, l := range c.origin.legs {
			if l != c.a {
				out = append(out, l)
			}
		}
	}
	return append(out, c.legs...)
}

// other is who the peer of l talks to, nil before an answer.
func (c *Call) other(l *Leg) *Leg {
	if l == c.a {
		return c.b
	}
	return c.a
}
