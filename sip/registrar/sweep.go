package registrar

import (
	"bytes"
	"net/netip"
	"strconv"
	"time"

	"strowger/sip/transaction"
	"strowger/sip/transport"
	"strowger/store"
)

// sweep visits one shard after the other, all of them within a keepalive
// interval: no binding has a timer, and what is due for many phones is spread
// over the interval.
func (r *Registrar) sweep() {
	defer close(r.stopped)
	interval := r.o.KeepAlive
	if interval < 0 {
		interval = 30 * time.Second
	}
	tick := time.NewTicker(max(interval/shards, time.Millisecond))
	defer tick.Stop()
	// Expiry goes round four times as fast: presence should not lag.
	const faster = 4
	resaved := time.Now()
	for n := 0; ; n++ {
		select {
		case <-r.stop:
			return
		case <-tick.C:
		}
		for i := range faster {
			s := &r.shards[(n*faster+i)%shards]
			r.expire(s)
			r.forget(s)
		}
		if now := time.Now(); now.Sub(resaved) >= retryAfter {
			resaved = now
			r.resave()
		}
		if r.o.KeepAlive > 0 {
			r.keepAlive(&r.shards[n%shards])
		}
	}
}

// expire drops the bindings of a shard that had their time.
func (r *Registrar) expire(s *shard) {
	r.drop(s, func(_ key, _ *record, b *binding, now int64) bool { return b.expires <= now })
}

// drop removes bindings of one shard, from memory and from disk. It looks at
// the given records, or at all.
func (r *Registrar) drop(s *shard, unwanted func(k key, rec *record, b *binding, now int64) bool, only ...key) {
	var c change
	var changed []key
	now := r.now()
	s.mu.Lock()
	visit := func(k key, rec *record) {
		n := len(rec.bindings)
		kept := rec.bindings[:0]
		for _, b := range rec.bindings {
			if !unwanted(k, rec, b, now) {
				kept = append(kept, b)
			} else if b.stored {
				c.del = append(c.del, b.key(k))
			}
		}
		if len(kept) == n {
			return
		}
		clear(rec.bindings[len(kept):])
		rec.bindings = kept
		changed = append(changed, k)
		if len(kept) == 0 {
			delete(s.records, k)
		}
	}
	if len(only) == 0 {
		for k, rec := range s.records {
			visit(k, rec)
		}
	}
	for _, k := range only {
		if rec := s.records[k]; rec != nil {
			visit(k, rec)
		}
	}
	if r.o.Saved != nil && len(c.del) > 0 {
		r.save(c, nil)
	}
	s.mu.Unlock()
	for _, k := range changed {
		r.changed(k)
	}
}

// Remove drops the binding that has b's AOR, contact, instance and reg-id, and
// says whether there was one.
func (r *Registrar) Remove(b *store.Binding) (found bool) {
	k := key{b.Org, b.AOR}
	r.drop(r.shard(k), func(_ key, _ *record, have *binding, _ int64) bool {
		this := have.contact == b.Contact && have.instance() == b.InstanceID && have.regID() == b.RegID
		found = found || this
		return this
	}, k)
	return found
}

// FlowClosed drops the bindings of a stream that ended.
func (r *Registrar) FlowClosed(f transport.Flow) {
	id := f.ID()
	if id == 0 {
		return
	}
	r.flows.Lock()
	b, known := r.flows.of[id]
	delete(r.flows.of, id)
	r.flows.Unlock()
	if !known {
		return
	}
	r.dropFlow(b.first, id)
	for k := range b.more {
		r.dropFlow(k, id)
	}
}

func (r *Registrar) dropFlow(k key, id uint64) {
	r.drop(r.shard(k), func(_ key, _ *record, b *binding, _ int64) bool { return b.flow.ID() == id }, k)
}

// orphan says whether a binding has lost what it rests on in the
// configuration.
func (r *Registrar) orphan(k key, rec *record, b *binding) bool {
	acc, ok := r.o.Auth.o.Accounts.Registered(k.org, rec.lineID, b.device)
	if !ok || acc.AOR != k.aor {
		return true
	}
	rec.userID = acc.UserID
	return b.secret != 0 && b.secret != fingerprint(&acc)
}

// Sync drops the bindings whose line, device or organization is gone, or whose
// password is another than they were made with. Call it after every change of
// the configuration: it looks at no more than what changed.
func (r *Registrar) Sync() {
	r.o.Auth.o.Accounts.Changed(func(org, aor string) { r.check(key{org, aor}) })
}

// check drops the bindings of an AOR that have lost what they rest on.
func (r *Registrar) check(k key) {
	r.drop(r.shard(k), func(k key, rec *record, b *binding, _ int64) bool { return r.orphan(k, rec, b) }, k)
}

// keepAliveBranch starts the branch of every keepalive, so that the answers are
// known at the first look and go no further.
const keepAliveBranch = "z9hG4bKka."

// IsKeepAlive says whether a response with this top branch answers one of our
// keepalives: it may be dropped.
func IsKeepAlive(branch []byte) bool { return bytes.HasPrefix(branch, []byte(keepAliveBranch)) }

// keepAlive sends OPTIONS to the phones of a shard that are behind a NAT: it
// is what keeps their pinhole open. Nothing waits for the answers; a phone that
// gives none is kept until it expires.
func (r *Registrar) keepAlive(s *shard) {
	type ping struct {
		flow    transport.Flow
		contact string
	}
	var pings []ping
	now := r.now()
	s.mu.Lock()
	for _, rec := range s.records {
		for _, b := range rec.bindings {
			if b.nat && b.expires > now && len(b.path()) == 0 && b.proto() == transport.UDP {
				if f, ok := r.flow(b); ok {
					pings = append(pings, ping{f, b.contact})
				}
			}
		}
	}
	s.mu.Unlock()
	for _, p := range pings {
		m := newMessage()
		m.options(p.contact, p.flow.Proto(), r.o.Network.Shown(p.flow))
		if err := p.flow.Send(m.b); err != nil {
			r.o.Log.Debug("keepalive not sent", "to", p.flow.Remote(), "err", err)
		}
		m.done()
	}
}

// options writes a keepalive.
func (m *message) options(contact string, proto transport.Proto, us netip.AddrPort) {
	tag := transaction.NewTag()
	m.add("OPTIONS ", contact, " SIP/2.0\r\nVia: SIP/2.0/", proto.Via(), " ")
	m.b = us.AppendTo(m.b)
	m.add(";rport;branch=", keepAliveBranch, tag, "\r\nMax-Forwards: 70\r\nFrom: <sip:")
	m.b = us.AppendTo(m.b)
	m.add(">;tag=", tag, "\r\nTo: <", contact, ">\r\nCall-ID: ka.", tag, "@", us.Addr().String(),
		"\r\nCSeq: 1 OPTIONS\r\nContact: <sip:")
	m.b = us.AppendTo(m.b)
	m.add(">\r\nContent-Length: ", strconv.Itoa(0), "\r\n\r\n")
}
