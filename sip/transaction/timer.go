package transaction

import "time"

// Timer is a one-shot timer of a shard. Its function runs on the shard.
type Timer struct {
	sh    *Shard
	at    int64 // nanoseconds since the layer began
	pos   int   // in the heap, 1-based; 0 when idle
	owner firer
}

type firer interface{ fire(*Timer) }

type firerFunc func()

func (f firerFunc) fire(*Timer) { f() }

// Stop ends the timer. It may be called on the shard only, again and again.
func (t *Timer) Stop() {
	if t != nil && t.pos != 0 {
		t.sh.timers.remove(t)
	}
}

// timerHeap is a 4-ary heap: shallow, and its entries know their place.
type timerHeap []*Timer

func (h *timerHeap) push(t *Timer) {
	*h = append(*h, t)
	t.pos = len(*h)
	h.up(len(*h) - 1)
}

func (h *timerHeap) remove(t *Timer) {
	i, last := t.pos-1, len(*h)-1
	t.pos = 0
	if i != last {
		(*h)[i] = (*h)[last]
		(*h)[i].pos = i + 1
	}
	(*h)[last] = nil
	*h = (*h)[:last]
	if i < last {
		h.down(i)
		h.up(i)
	}
}

func (h timerHeap) up(i int) {
	for i > 0 {
		p := (i - 1) / 4
		if h[p].at <= h[i].at {
			return
		}
		h.swap(i, p)
		i = p
	}
}

func (h timerHeap) down(i int) {
	for {
		best := i
		for c := 4*i + 1; c <= 4*i+4 && c < len(h); c++ {
			if h[c].at < h[best].at {
				best = c
			}
		}
		if best == i {
			return
		}
		h.swap(i, best)
		i = best
	}
}

func (h timerHeap) swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].pos, h[j].pos = i+1, j+1
}

// A wait is one entry of a lifetime: the end of a transaction that only waits
// for stragglers.
type wait struct {
	prev, next *wait
	list       *lifetime
	at         int64
	owner      expirer
}

type expirer interface{ expire() }

// lifetime is a queue of waits that all last equally long, so that the first in
// is the first out and nothing needs sorting.
type lifetime struct {
	d           int64
	first, last *wait
	n           int
}

// lifetimeSlack lets many waits end in one go.
const lifetimeSlack = int64(200 * time.Millisecond)

func (l *lifetime) add(w *wait, now int64) {
	w.cancel()
	w.list, w.at = l, now+l.d
	w.prev, w.next = l.last, nil
	if l.last != nil {
		l.last.next = w
	} else {
		l.first = w
	}
	l.last = w
	l.n++
}

func (w *wait) cancel() {
	l := w.list
	if l == nil {
		return
	}
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		l.first = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	} else {
		l.last = w.prev
	}
	w.list, w.prev, w.next = nil, nil, nil
	l.n--
}
