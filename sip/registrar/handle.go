package registrar

import (
	"context"
	"hash/maphash"
	"log/slog"
	"net/netip"
	"strings"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/transport"
	"strowger/store"
)

// Handle answers a REGISTER. respond is called at most once with the whole
// message, which is valid until it returns; where the answer changes a
// binding that is once the change is on disk, on another goroutine. A
// retransmission that overtakes that is left to the answer under way.
func (r *Registrar) Handle(f transport.Flow, req *sip.Request, respond func(status int, msg []byte)) {
	h := handling{r: r, flow: f, source: f.Remote(), req: req, respond: respond}
	to := req.To()
	if to == nil || req.From() == nil || req.CallID() == nil || req.CSeq() == nil || req.Via() == nil {
		r.counted(ResultRefused)
		h.refuse(badRequest("Header missing"))
		return
	}
	user := unescape(to.Address.User)
	if r.again(&h, user) {
		return
	}
	acc, realm, v := r.o.Auth.check(h.source.Addr(), req, sip.StatusUnauthorized, user)
	if v != granted {
		if v == denied {
			r.counted(ResultDenied)
			r.o.Log.Debug("registration denied", "aor", user, "source", h.source)
		} else {
			r.counted(ResultChallenge)
		}
		h.challenge(realm, v == stale)
		return
	}
	if bad := r.mayRegister(&acc, &to.Address, user, req.Recipient.Host); bad != nil {
		r.counted(ResultRefused)
		h.refuse(bad)
		return
	}
	var u update
	if bad := u.read(f, req); bad != nil {
		r.counted(ResultRefused)
		h.refuse(bad)
		return
	}
	r.register(&h, &u, &acc)
}

// handling is one REGISTER being answered.
type handling struct {
	r       *Registrar
	flow    transport.Flow
	source  netip.AddrPort
	req     *sip.Request
	respond func(status int, msg []byte)
}

// tag is the To-tag: the same for a retransmission, as RFC 3261 §8.2.7 asks of
// who keeps no transaction.
func (h *handling) tag() uint64 {
	if id := h.req.CallID(); id != nil {
		return maphash.String(h.r.seed, string(*id))
	}
	return 1
}

func (h *handling) refuse(e *refusal) {
	m := newMessage()
	m.begin(h.req, h.source, e.status, e.phrase, h.tag())
	if e.header != "" {
		m.add(e.header, "\r\n")
	}
	m.end()
	h.respond(e.status, m.b)
	m.done()
}

func (h *handling) challenge(realm string, stale bool) {
	m := newMessage()
	m.begin(h.req, h.source, sip.StatusUnauthorized, "Unauthorized", h.tag())
	m.challenge(h.r.o.Auth, h.source.Addr(), h.req, realm, stale)
	m.end()
	h.respond(sip.StatusUnauthorized, m.b)
	m.done()
}

// mayRegister says whether a credential may bind this AOR: it must be its own.
func (r *Registrar) mayRegister(acc *Account, to *sip.Uri, user, host string) *refusal {
	if strings.EqualFold(to.Scheme, "tel") {
		return &refusal{status: 404, phrase: "Not Found"}
	}
	if user != acc.AOR {
		return &refusal{status: 403, phrase: "Not your address of record"}
	}
	if !strings.EqualFold(to.Host, host) {
		if org, _, ok := r.o.Auth.o.Accounts.Find(to.Host, acc.Username); ok && org != acc.Org {
			return &refusal{status: 403, phrase: "Not your address of record"}
		}
	}
	return nil
}

// again answers a retransmission as before: the nonce of a request that was
// served once is used up, so it can't be checked a second time, and need not
// be: nobody else knows this Call-ID and CSeq at this source.
func (r *Registrar) again(h *handling, user string) bool {
	org, _, ok := r.o.Auth.o.Accounts.Find(h.req.Recipient.Host, user)
	if !ok {
		return false
	}
	u := update{callID: string(*h.req.CallID()), cseq: h.req.CSeq().SeqNo, flow: h.flow}
	k := key{org, user}
	s := r.shard(k)
	s.mu.Lock()
	rec := s.records[k]
	if rec == nil {
		rec = &record{}
	}
	again, wait := rec.repeated(&u)
	if !again {
		again, wait = r.farewell(s, &u)
	}
	if !again || wait {
		s.mu.Unlock()
		if again {
			r.counted(ResultRetransmit)
		}
		return again
	}
	m := r.ok(h, &u, k, rec, r.now())
	s.mu.Unlock()
	r.counted(ResultRetransmit)
	h.respond(sip.StatusOK, m.b)
	m.done()
	return true
}

// ok writes the 200, with every binding that there is now. The caller holds
// the shard.
func (r *Registrar) ok(h *handling, u *update, k key, rec *record, now int64) *message {
	m := newMessage()
	m.begin(h.req, h.source, sip.StatusOK, "OK", h.tag())
	outbound := false
	for _, b := range rec.bindings {
		if b.expires <= now {
			continue
		}
		m.contact(r, k, b, now)
		outbound = outbound || b.regID() > 0 && b.flow == h.flow
	}
	for _, p := range u.path {
		m.add("Path: <", p, ">\r\n")
	}
	if outbound && u.outbound {
		m.add("Require: outbound\r\n")
	}
	m.end()
	return m
}

func (r *Registrar) register(h *handling, u *update, acc *Account) {
	k := key{acc.Org, acc.AOR}
	now := r.now()
	s := r.shard(k)
	s.mu.Lock()
	rec := s.records[k]
	if rec == nil {
		rec = &record{}
		if len(u.contacts) > 0 {
			// Not parts of a message, which the key would keep alive.
			k = key{strings.Clone(k.org), strings.Clone(k.aor)}
			s.records[k] = rec
		}
	}
	rec.lineID, rec.userID = acc.LineID, acc.UserID
	out := rec.register(k, u, acc, now)
	c, mark := r.persist(k, rec, &out, now)
	var m *message
	if out.refused == nil && !out.wait {
		m = r.ok(h, u, k, rec, now)
	}
	if len(rec.bindings) == 0 && s.records[k] == rec {
		delete(s.records, k)
	}
	later := m != nil && !c.empty()
	if m != nil && !out.again {
		if known, _ := rec.repeated(u); !known {
			r.bid(s, u, mark)
			mark.done.Store(!later)
		}
	}
	if !c.empty() {
		r.save(c, func() {
			mark.done.Store(true)
			if later {
				h.respond(sip.StatusOK, m.b)
				m.done()
			}
		})
	}
	s.mu.Unlock()

	if len(out.put) > 0 {
		r.settle(h.flow, k)
	}
	if out.changed {
		r.changed(k)
		if r.o.Log.Enabled(context.Background(), slog.LevelDebug) {
			r.o.Log.Debug("bindings changed", "org", k.org, "aor", k.aor, "source", h.source, "new", len(out.put), "gone", len(out.gone))
		}
	}
	switch {
	case out.refused != nil:
		r.counted(ResultRefused)
		h.refuse(out.refused)
	case out.again:
		r.counted(ResultRetransmit)
	default:
		r.counted(ResultOK)
	}
	if m != nil && !later {
		h.respond(sip.StatusOK, m.b)
		m.done()
	}
}

// settle looks once more at what a new binding rests on, now that whoever ends
// it can find it: its stream, and the line it is for.
func (r *Registrar) settle(f transport.Flow, k key) {
	if f.ID() != 0 {
		r.bind(f, k)
	}
	r.check(k)
}

// persist says what the disk must know before the phone, and hands over what
// it may know later. The caller holds the shard, so that both leave in order.
func (r *Registrar) persist(k key, rec *record, out *outcome, now int64) (c change, mark *commit) {
	mark = &commit{}
	for _, b := range out.put {
		b.stored = b.lasting()
	}
	if r.o.Saved == nil {
		return c, mark
	}
	for _, g := range out.gone {
		if g.b == nil || g.b.stored {
			c.del = append(c.del, g.key)
		}
	}
	wall := r.o.Now()
	for _, b := range out.put {
		if b.stored {
			b.saving = mark
			c.put = append(c.put, r.form(k, rec, b, now, wall))
			c.del = withoutKey(c.del, b.key(k)) // expired a moment ago, and back
		}
	}
	for _, b := range out.refreshed {
		if b.stored {
			r.o.Saved.SaveBindingsLater([]store.Binding{r.form(k, rec, b, now, wall)})
		}
	}
	return c, mark
}

func withoutKey(list []store.BindingKey, k store.BindingKey) []store.BindingKey {
	kept := list[:0]
	for _, o := range list {
		if o != k {
			kept = append(kept, o)
		}
	}
	return kept
}

// bind remembers that a stream carries an AOR, so that its end is quick.
func (r *Registrar) bind(f transport.Flow, k key) {
	r.flows.Lock()
	b, known := r.flows.of[f.ID()]
	switch {
	case !known:
		r.flows.of[f.ID()] = bound{first: k}
	case b.first != k:
		if b.more == nil {
			b.more = make(map[key]struct{})
			r.flows.of[f.ID()] = b
		}
		b.more[k] = struct{}{}
	}
	r.flows.Unlock()
	if !f.Alive() { // it ended before it was known here
		r.FlowClosed(f)
	}
}
