package media

import "sync"

// callbacks are what an endpoint tells to signalling: keys, and how playbacks
// ended. They run one after the other, in the order in which things happened,
// and on no event loop: signalling takes time that the packets of other calls do
// not have, and may wait for the loop. Keys and endings are few, so a goroutine
// comes with the first that waits and goes with the last.
type callbacks struct {
	mu      sync.Mutex
	due     []func()
	running bool
}

// tell has f run soon. It does not wait.
func (e *Endpoint) tell(f func()) {
	c := &e.callbacks
	c.mu.Lock()
	c.due = append(c.due, f)
	start := !c.running
	c.running = true
	c.mu.Unlock()
	if start {
		e.relay.start(c.run)
	}
}

func (c *callbacks) run() {
	for {
		c.mu.Lock()
		due := c.due
		c.due = nil
		c.running = len(due) > 0
		c.mu.Unlock()
		if len(due) == 0 {
			return
		}
		for _, f := range due {
			f()
		}
	}
}

// start runs f on a goroutine that Close waits for. After it nobody does: there
// is little left to tell.
func (r *Relay) start(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.told {
		go f()
		return
	}
	r.telling.Go(f)
}
