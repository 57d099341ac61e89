package store

// A Watcher is woken when the configuration has changed. It is level-triggered:
// one slot, nothing queues. Whoever is woken compares Store.Revision, or the
// snapshots, with what it saw last.
type Watcher struct {
	st *Store
	c  chan struct{}
}

// Watch begins to watch. The first wake-up comes with the next change.
func (st *Store) Watch() *Watcher {
	w := &Watcher{st: st, c: make(chan struct{}, 1)}
	st.watchMu.Lock()
	defer st.watchMu.Unlock()
	st.watchers[w] = struct{}{}
	return w
}

// C is where the wake-up comes.
func (w *Watcher) C() <-chan struct{} { return w.c }

// Close ends it. C stays open and silent.
func (w *Watcher) Close() {
	w.st.watchMu.Lock()
	defer w.st.watchMu.Unlock()
	delete(w.st.watchers, w)
}

func (st *Store) wake() {
	st.watchMu.Lock()
	defer st.watchMu.Unlock()
	for w := range st.watchers {
		select {
		case w.c <- struct{}{}:
		default: // it has not looked since the last one
		}
	}
}
