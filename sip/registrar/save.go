package registrar

import (
	"sync"
	"sync/atomic"
	"time"

	"strowger/store"
)

// Saved is where bindings survive a restart. It keeps what it is given in order.
type Saved interface {
	// SaveBindingsThen must not wait; then is told once the change is on disk,
	// or will not be.
	SaveBindingsThen(put []store.Binding, del []store.BindingKey, then func(error))
	SaveBindingsLater(put []store.Binding)
}

// A commit is a change on its way to disk. Bindings point at the last of theirs.
type commit struct{ done atomic.Bool }

// A change is what one REGISTER or one sweep did.
type change struct {
	put []store.Binding
	del []store.BindingKey
}

func (c *change) empty() bool { return len(c.put)+len(c.del) == 0 }

// unsaved are the bindings that the disk would not take: they are saved as
// they are then, when it is tried again.
type unsaved struct {
	sync.Mutex
	keys map[store.BindingKey]struct{}
	told time.Time // when it was logged
}

// save hands a change to the store; then may be nil. It is called with the
// shard held, so that changes leave in the order they were made, and then must
// not take it: a store that is closed calls it at once.
func (r *Registrar) save(c change, then func()) {
	r.saves.Add(1)
	r.o.Saved.SaveBindingsThen(c.put, c.del, func(err error) {
		defer r.saves.Done()
		if err != nil {
			r.refused(c, err)
		}
		if then != nil {
			then()
		}
	})
}

// refused remembers what the disk would not take. The phones are served all the
// same: a full disk must not take the telephones away.
func (r *Registrar) refused(c change, err error) {
	r.unsaved.Lock()
	defer r.unsaved.Unlock()
	if r.unsaved.keys == nil {
		r.unsaved.keys = make(map[store.BindingKey]struct{})
	}
	for _, k := range c.del {
		r.unsaved.keys[k] = struct{}{}
	}
	for i := range c.put {
		r.unsaved.keys[keyOf(&c.put[i])] = struct{}{}
	}
	if now := time.Now(); now.Sub(r.unsaved.told) > time.Minute {
		r.unsaved.told = now
		r.o.Log.Error("bindings can't be saved; a restart would lose them", "waiting", len(r.unsaved.keys), "err", err)
	}
}

// retryAfter is how long the disk is left alone after a refusal.
const retryAfter = 2 * time.Second

// resave tries the disk again.
func (r *Registrar) resave() {
	r.unsaved.Lock()
	keys := r.unsaved.keys
	r.unsaved.keys = nil
	r.unsaved.Unlock()
	for id := range keys {
		k := key{id.Org, id.AOR}
		s := r.shard(k)
		s.mu.Lock()
		c := change{del: []store.BindingKey{id}}
		if rec := s.records[k]; rec != nil {
			for _, b := range rec.bindings {
				if b.stored && b.key(k) == id {
					c = change{put: []store.Binding{r.form(k, rec, b, r.now(), r.o.Now())}}
				}
			}
		}
		r.save(c, nil)
		s.mu.Unlock()
	}
}

// keyOf is the key of a stored binding. A flow of a phone is the same binding
// behind another Contact (RFC 5626 §6).
func keyOf(b *store.Binding) store.BindingKey {
	k := store.BindingKey{Org: b.Org, AOR: b.AOR, Contact: b.Contact, InstanceID: b.InstanceID, RegID: b.RegID}
	if k.RegID > 0 && k.InstanceID != "" {
		k.Contact = ""
	}
	return k
}
