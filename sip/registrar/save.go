package registrar

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"strowger/store"
)

// A saver commits changes in the order they were made, one commit at a time:
// what arrives while one is under way goes into the next. So ten thousand
// phones at once cost a few hundred commits and one goroutine.
type saver struct {
	saved Saved
	log   *slog.Logger

	mu      sync.Mutex
	queue   []change
	closing bool
	wake    chan struct{} // one slot
	done    chan struct{}

	// Changes that the disk refused: they are tried again, and no phone waits
	// for them.
	backlog map[store.BindingKey]*store.Binding // nil: delete
	told    time.Time
}

// A change is what one REGISTER or one sweep did.
type change struct {
	put  []store.Binding
	del  []store.BindingKey
	then func() // runs once the disk knows, or has refused
}

func newSaver(saved Saved, log *slog.Logger) *saver {
	s := &saver{saved: saved, log: log, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go s.run()
	return s
}

func (s *saver) add(c change) {
	s.mu.Lock()
	s.queue = append(s.queue, c)
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// retry is how long the disk is left alone after a refusal.
const retry = 2 * time.Second

func (s *saver) run() {
	defer close(s.done)
	var again <-chan time.Time
	for {
		select {
		case <-s.wake:
		case <-again:
			again = nil
		}
		s.mu.Lock()
		batch, closing := s.queue, s.closing
		s.queue = nil
		s.mu.Unlock()
		s.commit(batch)
		if closing {
			return
		}
		if len(s.backlog) > 0 && again == nil {
			again = time.After(retry)
		}
	}
}

func (s *saver) commit(batch []change) {
	put, del := s.merge(batch)
	if len(put)+len(del) > 0 {
		// No deadline: a commit ends, and a phone that gives up asks again.
		if err := s.saved.SaveBindings(context.Background(), put, del); err != nil {
			s.refused(put, del, err)
		} else {
			clear(s.backlog)
		}
	}
	for i := range batch {
		if batch[i].then != nil {
			batch[i].then()
		}
	}
}

// merge makes one commit of many: of what was done to one binding the last
// counts.
func (s *saver) merge(batch []change) (put []store.Binding, del []store.BindingKey) {
	simple := len(s.backlog) == 0
	for i := range batch {
		put = append(put, batch[i].put...)
		simple = simple && (len(batch[i].del) == 0 || len(batch) == 1)
	}
	if simple {
		if len(batch) == 1 {
			del = batch[0].del
		}
		return put, del
	}
	last := make(map[store.BindingKey]*store.Binding, len(put))
	for k, b := range s.backlog {
		last[k] = b
	}
	for i := range batch {
		for _, k := range batch[i].del {
			last[k] = nil
		}
		for j := range batch[i].put {
			b := &batch[i].put[j]
			last[keyOf(b)] = b
		}
	}
	put = nil
	for k, b := range last {
		if b == nil {
			del = append(del, k)
		} else {
			put = append(put, *b)
		}
	}
	return put, del
}

// refused keeps what the disk would not take. The phones are served all the
// same: a full disk must not take the telephones away.
func (s *saver) refused(put []store.Binding, del []store.BindingKey, err error) {
	if s.backlog == nil {
		s.backlog = make(map[store.BindingKey]*store.Binding)
	}
	for _, k := range del {
		s.backlog[k] = nil
	}
	for i := range put {
		s.backlog[keyOf(&put[i])] = &put[i]
	}
	if now := time.Now(); now.Sub(s.told) > time.Minute {
		s.told = now
		s.log.Error("bindings can't be saved; they would be lost in a restart", "waiting", len(s.backlog), "err", err)
	}
}

func keyOf(b *store.Binding) store.BindingKey {
	return store.BindingKey{Org: b.Org, AOR: b.AOR, Contact: b.Contact, InstanceID: b.InstanceID, RegID: b.RegID}
}

// close commits what is left and ends the goroutine.
func (s *saver) close() {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
	<-s.done
}
