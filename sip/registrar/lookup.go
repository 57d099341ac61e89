package registrar

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/transport"
	"strowger/store"
)

// Contact is one way to ring a line.
type Contact struct {
	URI        string         // the Contact as the phone gave it: the Request-URI
	Flow       transport.Flow // where to send
	Path       []string       // RFC 3327, URIs for Route headers, first hop first
	Q          int            // thousandths
	InstanceID string
	GRUU       string // the public one, if it was asked for
	DeviceID   string // of an app device
	UserAgent  string
	ExpiresAt  time.Time
	// Fallback are other flows to the same phone (RFC 5626 §7): each is tried
	// when the one before fails, never beside it.
	Fallback []Contact

	updated int64
	regID   int
}

// Contacts are the live contacts of an AOR, highest q first, then the most
// recently refreshed. None of them has a dead flow.
func (r *Registrar) Contacts(org, aor string) []Contact {
	return r.contacts(key{org, aor}, nil)
}

func (r *Registrar) contacts(k key, want func(*binding) bool) []Contact {
	now, wall := r.now(), r.o.Now()
	s := r.shard(k)
	s.mu.Lock()
	rec := s.records[k]
	if rec == nil {
		s.mu.Unlock()
		return nil
	}
	live := make([]binding, 0, len(rec.bindings))
	for _, b := range rec.bindings {
		if b.expires > now && (want == nil || want(b)) {
			live = append(live, *b)
		}
	}
	s.mu.Unlock()

	list := make([]Contact, 0, len(live))
	for i := range live {
		b := &live[len(live)-1-i] // the newest first, where times are equal too
		f, ok := r.flow(b)
		if !ok {
			continue
		}
		c := Contact{
			URI: b.contact, Flow: f, Path: b.path(), Q: int(b.q), InstanceID: b.instance(),
			DeviceID: b.device, UserAgent: b.agent.Value(), ExpiresAt: wall.Add(b.left(now)),
			updated: b.updated, regID: b.regID(),
		}
		if b.gruu {
			c.GRUU = r.publicGRUU(k, b)
		}
		list = append(list, c)
	}
	slices.SortStableFunc(list, func(a, b Contact) int {
		return cmp.Or(cmp.Compare(b.Q, a.Q), cmp.Compare(b.updated, a.updated))
	})
	return flows(list)
}

// flows puts the flows of one phone together.
func flows(list []Contact) []Contact {
	var out []Contact
	for _, c := range list {
		if c.regID > 0 {
			if i := slices.IndexFunc(out, func(o Contact) bool { return o.regID > 0 && o.InstanceID == c.InstanceID }); i >= 0 {
				out[i].Fallback = append(out[i].Fallback, c)
				continue
			}
		}
		out = append(out, c)
	}
	return out
}

// flow is the way to a binding; false when its stream is dead. A dead stream
// is never dialled again: behind it may be a NAT, and then somebody else.
func (r *Registrar) flow(b *binding) (transport.Flow, bool) {
	if b.flow.Valid() && b.port == b.flow.Remote().Port() {
		return b.flow, b.flow.Alive()
	}
	if b.proto() != transport.UDP || r.o.Network == nil {
		return transport.Flow{}, false
	}
	return r.o.Network.UDPTo(b.target())
}

// Moved is the flow of the phone with a Contact, where that registered by
// another one than was since a time: after its NAT forgot its port, or over a
// new connection. It reports false where it did not, and where two phones have
// that Contact, each behind a NAT of its own.
func (r *Registrar) Moved(org, aor string, contact *sip.Uri, was transport.Flow, since time.Time) (f transport.Flow, moved bool) {
	k, now, after := key{org, aor}, r.now(), int64(since.Sub(r.start))
	s := r.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	rec := s.records[k]
	if rec == nil {
		return f, false
	}
	if !slices.ContainsFunc(rec.bindings, func(b *binding) bool { return b.updated > after }) {
		return f, false // nearly always: nothing is parsed
	}
	var at *binding
	for _, b := range rec.bindings {
		if b.expires <= now || b.proto() != was.Proto() || !samePlace(b.contact, contact) {
			continue
		}
		if at != nil {
			return f, false
		}
		at = b
	}
	if at == nil || at.updated <= after {
		return f, false
	}
	f, ok := r.flow(at)
	return f, ok && f != was
}

// samePlace says whether two Contacts name one port, whatever their parameters:
// what a phone adds to those of its calls and of its registrations differs.
func samePlace(contact string, u *sip.Uri) bool {
	var c sip.Uri
	return sip.ParseUri(contact, &c) == nil && unescape(c.User) == unescape(u.User) && strings.EqualFold(c.Host, u.Host) && c.Port == u.Port
}

// RegisteredFrom says whether a phone registered an AOR from exactly there: the
// port counts, for behind an address may be many.
func (r *Registrar) RegisteredFrom(org, aor string, source netip.AddrPort) bool {
	k, now := key{org, aor}, r.now()
	s := r.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	rec := s.records[k]
	return rec != nil && slices.ContainsFunc(rec.bindings, func(b *binding) bool {
		return b.expires > now && b.source() == source
	})
}

// Registrations lists what is bound, by AOR and age.
func (r *Registrar) Registrations(org string) []store.Binding {
	now, wall := r.now(), r.o.Now()
	var list []store.Binding
	r.each(func(k key, rec *record) {
		if k.org != org {
			return
		}
		for _, b := range rec.bindings {
			if b.expires > now {
				list = append(list, r.form(k, rec, b, now, wall))
			}
		}
	})
	slices.SortFunc(list, func(a, b store.Binding) int {
		return cmp.Or(cmp.Compare(a.AOR, b.AOR), a.UpdatedAt.Compare(b.UpdatedAt), cmp.Compare(a.Contact, b.Contact))
	})
	return list
}

// Bound counts the live bindings by transport, for the registrations metric.
func (r *Registrar) Bound() map[string]int {
	now := r.now()
	n := make(map[string]int)
	r.each(func(_ key, rec *record) {
		for _, b := range rec.bindings {
			if b.expires > now {
				n[b.proto().String()]++
			}
		}
	})
	return n
}

// each visits every record, one shard locked at a time.
func (r *Registrar) each(f func(key, *record)) {
	for i := range r.shards {
		s := &r.shards[i]
		s.mu.Lock()
		for k, rec := range s.records {
			f(k, rec)
		}
		s.mu.Unlock()
	}
}
