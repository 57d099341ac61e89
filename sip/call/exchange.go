package call

import (
	"bytes"
	"context"
	"sync"
	"time"

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
				Decisions: append([]store.Decision(nil), c.trace...), Ladder: c.ladder.Steps(),
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
	for _, req := range []*sip.Request{d.Ack(cseq.SeqNo), d.Request(sip.BYE)} {
		mf := sip.MaxForwardsHeader(70)
		req.AppendHeader(&mf)
		if req.Method == sip.ACK {
			s.SendAck(f, req)
		} else {
			s.Send(f, req, func(*sip.Response, error) {})
		}
	}
}

// ladderLimit bounds what one call keeps of its messages.
const ladderLimit = 400

// Trace sees every message on the shard of its Call-ID and keeps those of
// calls, without credentials.
func (x *Exchange) Trace(f transport.Flow, out bool, callID string, data []byte) {
	if callID == "" {
		return // of no transaction: it is not on a shard
	}
	t := x.table.of(x.Transactions.ShardOf(callID))
	c := t.byCallID[callID]
	if c == nil {
		if !out && bytes.HasPrefix(data, []byte("INVITE ")) {
			t.first, t.firstID = store.Ladder{}, callID // of the call that it is about to start
			t.first.Add(time.Now(), f.Remote(), out, redact(data))
		}
		return
	}
	if c.ladder.Len() < ladderLimit {
		c.ladder.Add(time.Now(), f.Remote(), out, redact(data))
	}
}

// redact takes out what proves who somebody is.
func redact(data []byte) []byte {
	if bytes.HasPrefix(data, []byte("SIP/2.0")) {
		return data // an answer proves nothing
	}
	var out []byte // nil as long as nothing was taken out
	removed := false
	for rest := data; len(rest) > 0; {
		line := rest
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			line = rest[:i+1]
		}
		switch {
		case line[0] == '\n' || line[0] == '\r': // the body follows
			if out == nil {
				return data
			}
			return append(out, rest...)
		case removed && (line[0] == ' ' || line[0] == '\t'): // the header goes on, RFC 3261 7.3.1
		case isCredentials(line):
			if out == nil {
				out = append(make([]byte, 0, len(data)), data[:len(data)-len(rest)]...)
			}
			name, _, _ := bytes.Cut(line, []byte(":"))
			out = append(append(out, name...), ": (removed)\r\n"...)
			removed = true
		default:
			removed = false
			if out != nil {
				out = append(out, line...)
			}
		}
		rest = rest[len(line):]
	}
	if out == nil {
		return data
	}
	return out
}

func isCredentials(line []byte) bool {
	switch line[0] {
	case 'a', 'A', 'p', 'P':
		name, _, found := bytes.Cut(line, []byte(":"))
		name = bytes.TrimSpace(name)
		return found && (bytes.EqualFold(name, []byte("Authorization")) || bytes.EqualFold(name, []byte("Proxy-Authorization")))
	}
	return false
}
