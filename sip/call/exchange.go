package call

import (
	"context"
	"sync"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/dialog"
	"strowger/sip/transport"
	"strowger/store"
)

// Count is the number of live calls.
func (x *Exchange) Count() int { return int(x.table.live.Load()) }

// Active lists the live calls of an organization, newest first is up to the
// reader.
func (x *Exchange) Active(org string) []store.Call {
	var mu sync.Mutex
	var out []store.Call
	x.each(func(t *shardTable) {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range t.calls {
			if c.record.Org == org {
				out = append(out, c.snapshot())
			}
		}
	})
	return out
}

// snapshot is the call's record as it stands, for readers elsewhere.
func (c *Call) snapshot() store.Call {
	r := c.record
	r.UserIDs = append([]string(nil), r.UserIDs...)
	r.RecordingIDs = append([]string(nil), r.RecordingIDs...)
	r.Legs = append([]store.CallLeg(nil), r.Legs...)
	for _, l := range c.all() {
		if l.row < len(r.Legs) {
			if e := l.audio(); e != nil {
				s := e.Stats()
				r.Legs[l.row].Codec = s.Codec
				if s.Received > 0 {
					r.Legs[l.row].Quality = &store.Quality{MOS: s.MOS, Loss: s.LossShare, JitterMS: s.JitterMS, Packets: s.Received, RoundTrip: s.RoundTripMS}
				}
			}
		}
	}
	return r
}

// LiveTrace is the trace of a call that has not ended.
func (x *Exchange) LiveTrace(org, id string) (*store.Trace, bool) {
	var found *store.Trace
	var mu sync.Mutex
	x.each(func(t *shardTable) {
		if c := t.calls[id]; c != nil && c.record.Org == org {
			mu.Lock()
			defer mu.Unlock()
			found = &store.Trace{
				CallID: id, Sentence: c.plan.Sentence,
				Decisions: append([]store.Decision(nil), c.trace...), Ladder: c.ladder.Steps(), Quality: c.quality(),
			}
		}
	})
	return found, found != nil
}

// HangUp ends a call for an administrator. It reports false when there is no
// such call.
func (x *Exchange) HangUp(org, id string) bool {
	var found bool
	var mu sync.Mutex
	x.each(func(t *shardTable) {
		if c := t.calls[id]; c != nil && c.record.Org == org {
			mu.Lock()
			found = true
			mu.Unlock()
			c.protect(func() { c.hangUp("exchange", reason{q850: 16, text: "Ended by an administrator"}) })
		}
	})
	return found
}

// HangUpAll ends every call: the exchange stops.
func (x *Exchange) HangUpAll() {
	x.each(func(t *shardTable) {
		for _, c := range t.calls {
			c.protect(func() { c.hangUp("exchange", reason{q850: 41, text: "Exchange stops"}) })
		}
	})
}

// Wait is until what calls started aside is done.
func (x *Exchange) Wait(ctx context.Context) {
	done := make(chan struct{})
	go func() { x.table.asides.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// Stray takes a response without a transaction. A 2xx that comes after its
// call has ended is acknowledged and hung up, or the phone would stay off the
// hook (RFC 3261 §13.2.2.4).
func (x *Exchange) Stray(f transport.Flow, res *sip.Response) {
	cseq := res.CSeq()
	if cseq == nil || cseq.MethodName != sip.INVITE || res.StatusCode/100 != 2 {
		return
	}
	from, to := res.From(), res.To()
	local, _ := from.Params.Get("tag")
	s := x.Transactions.ShardOf(res.CallID().Value())
	if l := x.table.of(s).legs[local]; l != nil && l.dlg != nil && l.state == legAnswered {
		return // a live call's own transaction takes care of repeats
	}
	base := dialog.New(res.CallID().Value(), local, dialog.Party{Name: from.DisplayName, URI: from.Address}, dialog.Party{Name: to.DisplayName, URI: to.Address}, to.Address)
	d, _ := base.Establish(res)
	d.SetSeq(cseq.SeqNo)
	ack, bye := d.Ack(cseq.SeqNo), d.Request(sip.BYE)
	ack.AppendHeader(&hopsOfARequest)
	bye.AppendHeader(&hopsOfARequest)
	s.SendAck(f, ack)
	var by store.TrunkRef
	if carriers := x.Trunks.Identify(f.Remote().Addr(), ""); len(carriers) > 0 {
		by = carriers[0]
	}
	(&ask{x: x, shard: s, flow: f, dlg: d, req: bye, org: by.Org, trunk: by.TrunkID, call: d.CallID}).send()
}
