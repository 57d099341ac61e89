package provisioning

import (
	"sync"
	"time"
)

// maxAwaited of one kind; one more takes the place of another.
const maxAwaited = 4096

// awaited are what browsers are expected to come back for. They are gone with the
// process: the browser begins again.
type awaited[T any] struct {
	mu  sync.Mutex
	all map[string]until[T]
}

type until[T any] struct {
	time.Time
	one T
}

// put keeps one for a while, under a name that nobody guesses.
func (a *awaited[T]) put(now time.Time, life time.Duration, one T) (id string) {
	id = randomToken()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.all == nil {
		a.all = map[string]until[T]{}
	}
	if len(a.all) >= maxAwaited {
		for old, other := range a.all {
			if now.After(other.Time) || len(a.all) >= maxAwaited {
				delete(a.all, old)
			}
		}
	}
	a.all[id] = until[T]{now.Add(life), one}
	return id
}

// look answers one that is still good.
func (a *awaited[T]) look(now time.Time, id string) (one T, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	found, ok := a.all[id]
	return found.one, ok && now.Before(found.Time)
}

// take is look, and it is not good any more.
func (a *awaited[T]) take(now time.Time, id string) (one T, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	found, ok := a.all[id]
	delete(a.all, id)
	return found.one, ok && now.Before(found.Time)
}
