package store

import (
	"sync"
	"time"
)

// A batcher gathers what many goroutines want written and has it written by one,
// so that they share a commit. What is asked for on the spot waits for the last
// commit to be a window old; what may lag waits longer.
type batcher[T any] struct {
	write  func([]T) error // with what was gathered, in the order it came
	window time.Duration   // least time between the beginnings of two commits
	lag    time.Duration   // most that a later item waits
	most   int             // later items that wait at most; more are refused

	mu      sync.Mutex
	items   []T
	waiting []func(error) // told what became of the commit
	closed  bool

	wake chan struct{} // one slot: something must be written on the spot
	some chan struct{} // one slot: something may be written later
	quit chan struct{}
	done chan struct{}
}

func newBatcher[T any](window, lag time.Duration, most int, write func([]T) error) *batcher[T] {
	b := &batcher[T]{
		write: write, window: window, lag: lag, most: most,
		wake: make(chan struct{}, 1), some: make(chan struct{}, 1),
		quit: make(chan struct{}), done: make(chan struct{}),
	}
	go b.run()
	return b
}

// now has items written with the next commit; then is called when they are on
// disk or will not be, on the batcher's goroutine: it must not wait.
func (b *batcher[T]) now(then func(error), items ...T) {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		then(ErrClosed)
		return
	}
	b.items = append(b.items, items...)
	b.waiting = append(b.waiting, then)
	b.mu.Unlock()
	signal(b.wake)
}

// wait is now for a caller who waits.
func (b *batcher[T]) wait(items ...T) error {
	done := make(chan error, 1)
	b.now(func(err error) { done <- err }, items...)
	return <-done
}

// later has items written within the lag. It answers false when too many wait
// already, which is when nothing can be written for a long time.
func (b *batcher[T]) later(items ...T) bool {
	b.mu.Lock()
	ok := !b.closed && len(b.items)+len(items) <= b.most
	if ok {
		b.items = append(b.items, items...)
	}
	b.mu.Unlock()
	if ok {
		signal(b.some)
	}
	return ok
}

// idle says whether nothing waits to be written.
func (b *batcher[T]) idle() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.items) == 0
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (b *batcher[T]) run() {
	defer close(b.done)
	var begun time.Time // of the last commit
	timer := time.NewTimer(b.lag)
	timer.Stop()
	defer timer.Stop()
	for {
		select {
		case <-b.quit:
			b.flush()
			return
		case <-b.some:
			// The first of the later ones starts the clock.
			timer.Reset(b.lag)
			select {
			case <-b.quit:
				b.flush()
				return
			case <-timer.C:
			case <-b.wake:
				timer.Stop()
				b.rest(begun)
			}
		case <-b.wake:
			b.rest(begun)
		}
		begun = time.Now()
		b.flush()
	}
}

// rest waits until the last commit is a window old.
func (b *batcher[T]) rest(begun time.Time) {
	if left := b.window - time.Since(begun); left > 0 {
		select {
		case <-time.After(left):
		case <-b.quit:
		}
	}
}

func (b *batcher[T]) flush() {
	b.mu.Lock()
	items, waiting := b.items, b.waiting
	b.items, b.waiting = nil, nil
	b.mu.Unlock()
	if len(items) == 0 && len(waiting) == 0 {
		return
	}
	var err error
	if len(items) > 0 {
		err = b.write(items)
	}
	for _, then := range waiting {
		then(err)
	}
}

// keep puts items whose writing failed back in front, as far as there is room.
func (b *batcher[T]) keep(items []T) (lost int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if room := b.most - len(b.items); len(items) > room {
		lost = len(items) - max(room, 0)
		items = items[lost:]
	}
	b.items = append(items, b.items...)
	signal(b.some)
	return lost
}

// close writes what is left and ends the goroutine.
func (b *batcher[T]) close() {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return
	}
	b.closed = true
	b.mu.Unlock()
	close(b.quit)
	<-b.done
}
