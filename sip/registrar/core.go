package registrar

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unique"

	"strowger/store"
)

// An outcome is what an update came to.
type outcome struct {
	refused   *refusal
	again     bool // a retransmission: nothing was done
	wait      bool // the 200 of the first is still under way
	changed   bool // others see a change, and the disk must know before the phone
	put       []*binding
	refreshed []*binding // plain refreshes: the disk may know later
	gone      []gone
}

// gone is a binding that is no more.
type gone struct {
	b   *binding
	key store.BindingKey
}

// register applies an update to the bindings of one address of record: all of
// it, or nothing (RFC 3261 §10.3 steps 6 and 7).
func (rec *record) register(k key, u *update, acc *Account, now int64) (out outcome) {
	rec.expire(k, now, &out)
	if again, wait := rec.repeated(u); again {
		out.again, out.wait = true, wait
		return out
	}
	if u.wildcard {
		for _, b := range rec.bindings {
			if b.callID == u.callID && b.cseq >= u.cseq {
				out.refused = outOfOrder
				return out
			}
		}
		for _, b := range rec.bindings {
			out.gone = append(out.gone, gone{b, b.key(k)})
		}
		rec.bindings = nil
		out.changed = len(out.gone) > 0
		return out
	}
	for i := range u.contacts {
		w := &u.contacts[i]
		if w.expires > 0 && w.expires < MinExpires {
			out.refused = tooBrief
			return out
		}
		w.expires = min(w.expires, MaxExpires)
		if b := rec.find(w); b != nil && b.callID == u.callID && b.cseq >= u.cseq {
			out.refused = outOfOrder
			return out
		}
	}
	for i := range u.contacts {
		rec.apply(k, u, &u.contacts[i], acc, now, &out)
	}
	rec.trim(k, acc.MaxContacts, &out)
	return out
}

var (
	outOfOrder = badRequest("CSeq is not higher than that of an earlier REGISTER")
	tooBrief   = &refusal{status: 423, phrase: "Interval Too Brief", header: "Min-Expires: 30"}
)

// repeated says whether u was served before: same source, Call-ID and CSeq as
// a binding's. wait says that its answer has not gone out yet.
func (rec *record) repeated(u *update) (again, wait bool) {
	for _, b := range rec.bindings {
		if b.cseq == u.cseq && b.callID == u.callID && b.source() == u.flow.Remote() {
			again = true
			wait = wait || b.pending()
		}
	}
	return again, wait
}

func (rec *record) find(w *wish) *binding {
	for _, b := range rec.bindings {
		if b.is(w) {
			return b
		}
	}
	return nil
}

func (rec *record) remove(k key, b *binding, out *outcome) {
	for i, o := range rec.bindings {
		if o == b {
			rec.bindings = append(rec.bindings[:i:i], rec.bindings[i+1:]...)
			out.gone = append(out.gone, gone{b, b.key(k)})
			return
		}
	}
}

// expire drops what has had its time.
func (rec *record) expire(k key, now int64, out *outcome) {
	kept := rec.bindings[:0]
	for _, b := range rec.bindings {
		if b.expires > now {
			kept = append(kept, b)
		} else {
			out.gone = append(out.gone, gone{b, b.key(k)})
			out.changed = true
		}
	}
	clear(rec.bindings[len(kept):])
	rec.bindings = kept
}

func (rec *record) apply(k key, u *update, w *wish, acc *Account, now int64, out *outcome) {
	b := rec.find(w)
	if w.expires == 0 {
		if b != nil {
			rec.remove(k, b, out)
			out.changed = true
		}
		return
	}
	if b == nil {
		b = &binding{}
		b.take(u, w, acc, now)
		rec.bindings = append(rec.bindings, b)
		out.put = append(out.put, b)
		out.changed = true
		return
	}
	old, was := *b, b.key(k)
	b.take(u, w, acc, now)
	// The order is by age: what was refreshed last is the last to be replaced.
	rec.last(b)
	if old.plain(b) {
		out.refreshed = append(out.refreshed, b)
		return
	}
	out.changed = true
	out.put = append(out.put, b)
	if old.stored && (was != b.key(k) || !b.lasting()) {
		out.gone = append(out.gone, gone{nil, was})
	}
}

// sort puts the oldest first.
func (rec *record) sort() {
	slices.SortStableFunc(rec.bindings, func(a, b *binding) int { return cmp.Compare(a.updated, b.updated) })
}

// last moves b to the end.
func (rec *record) last(b *binding) {
	n := len(rec.bindings)
	for i, o := range rec.bindings {
		if o == b {
			copy(rec.bindings[i:], rec.bindings[i+1:])
			rec.bindings[n-1] = b
			return
		}
	}
}

// trim keeps to the limit: one more replaces the oldest (contract).
func (rec *record) trim(k key, limit int, out *outcome) {
	if limit <= 0 {
		limit = MaxContacts
	}
	for len(rec.bindings) > limit {
		b := rec.bindings[0]
		rec.remove(k, b, out)
		out.changed = true
		out.put = without(out.put, b)
		out.refreshed = without(out.refreshed, b)
	}
}

func without(list []*binding, b *binding) []*binding {
	for i, o := range list {
		if o == b {
			return append(list[:i:i], list[i+1:]...)
		}
	}
	return list
}

// plain says whether a refresh left everything as it was but the times. The
// first refresh after a restart is plain too, if the phone is where it was.
func (b *binding) plain(next *binding) bool {
	if b.flow != next.flow && (b.flow.Valid() || b.target() != next.target()) {
		return false
	}
	return !b.pending() && b.stored == next.lasting() && b.port == next.port && b.nat == next.nat &&
		b.q == next.q && b.params == next.params && b.device == next.device && b.gruu == next.gruu &&
		b.contact == next.contact && b.sameExtra(next)
}

func (b *binding) sameExtra(next *binding) bool {
	return b.instance() == next.instance() && b.regID() == next.regID() && slices.Equal(b.path(), next.path())
}

// take fills a binding from a wish. Strings that stay are copied out of the
// message, and only when they are new.
func (b *binding) take(u *update, w *wish, acc *Account, now int64) {
	if b.contact != w.uri {
		b.contact = w.uri // made for this
	}
	if b.callID != u.callID {
		b.callID = strings.Clone(u.callID)
	}
	if b.params == (unique.Handle[string]{}) || b.params.Value() != w.params {
		b.params = unique.Make(w.params)
	}
	if b.agent == (unique.Handle[string]{}) || b.agent.Value() != u.agent {
		b.agent = unique.Make(u.agent)
	}
	b.device = acc.DeviceID
	b.secret = fingerprint(acc)
	b.flow, b.port, b.nat = u.flow, w.port, w.nat
	b.q, b.cseq = uint16(w.q), u.cseq
	b.gruu = u.gruu && w.instance != ""
	b.granted = uint32(w.expires / time.Second)
	b.updated, b.expires = now, now+int64(w.expires)
	switch {
	case w.instance == "" && len(u.path) == 0:
		b.extra = nil
	case b.extra == nil || b.extra.remote.IsValid() || b.instance() != w.instance || b.regID() != w.regID || !slices.Equal(b.path(), u.path):
		b.extra = &extra{instance: strings.Clone(w.instance), regID: w.regID, path: u.path}
	}
}

// fingerprint is enough of a credential to see that it became another.
func fingerprint(acc *Account) uint32 {
	h := acc.HA1SHA256
	if len(h) < 8 {
		h = acc.HA1MD5
	}
	var n uint32
	for i := range min(len(h), 8) {
		n = n<<4 | uint32(hexDigit(h[i])&15)
	}
	return n
}
