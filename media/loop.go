package media

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	tick = 20 * time.Millisecond // of everything that we generate

	// Above busyRate packets a second a loop collects before it wakes again: one
	// wake-up then serves several packets. It collects for gather, and longer
	// where the packet that waits the longest, until the batch after it is sent,
	// still waits no longer than worstWait. A loop that found all it can take at
	// once does not wait: on a busy machine it may be woken late, and has to
	// catch up.
	busyRate  = 2000
	gather    = time.Millisecond
	worstWait = 1400 * time.Microsecond
	measure   = 50 * time.Millisecond
	// A goroutine that never yields for 10 ms has the runtime interrupt its
	// thread and watch it closely, which costs more than yielding before that.
	yieldEvery = 8 * time.Millisecond
	// urgency is the nice value of a loop's thread: on a busy machine a call is
	// heard to stutter long before anybody sees a page that comes late.
	urgency = -10

	maxPacket = 1984 // what is longer is no media that came over an Ethernet; an odd multiple of a cache line
	batch     = 64   // packets read before they are sent on
)

// A loop waits for packets on the sockets of its pairs and serves them, one
// goroutine for thousands of calls. All that it owns is touched by no one else.
type loop struct {
	relay *Relay
	ep    int // epoll
	wake  int // eventfd

	// epoch is odd while the loop is inside packets, even while it waits.
	epoch atomic.Uint64

	mu      sync.Mutex
	added   []job // handed over at the next wake-up
	stopped bool

	jobs     []job
	nextTick int64

	now      int64     // monotonic, of this batch
	wall     time.Time // of this batch, once somebody asked
	batched  bool
	full     bool  // the last batch may have left packets behind
	window   int64 // start of the rate's measurement
	packets  int   // since window
	lastWake int64
	yielded  int64

	from syscall.RawSockaddrInet6
	evs  [batch]syscall.EpollEvent
	bufs [batch][maxPacket]byte // one for each event
	out  [maxPacket]byte        // what we make ourselves

	// queue is what goes out when the whole batch is read: a burst keeps the
	// kernel's paths warm and wakes a peer on this machine once.
	queue  [batch]departure
	queued int

	strays atomic.Uint64 // packets to pairs without a call
}

// A job runs every 20 ms on its loop until it returns false.
type job interface {
	tick(l *loop) bool
	// drop ends a job whose loop closes.
	drop()
}

func newLoop(r *Relay) (*loop, error) {
	ep, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("media: epoll: %w", err)
	}
	const nonblock, cloexec = syscall.O_NONBLOCK, syscall.O_CLOEXEC
	fd, _, errno := syscall.Syscall(syscall.SYS_EVENTFD2, 0, nonblock|cloexec, 0)
	if errno != 0 {
		syscall.Close(ep)
		return nil, fmt.Errorf("media: eventfd: %w", errno)
	}
	l := &loop{relay: r, ep: ep, wake: int(fd)}
	ev := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: -1}
	if err := syscall.EpollCtl(ep, syscall.EPOLL_CTL_ADD, l.wake, &ev); err != nil {
		syscall.Close(l.wake)
		syscall.Close(ep)
		return nil, fmt.Errorf("media: epoll: %w", err)
	}
	return l, nil
}

// watch adds one socket of a pair.
func (l *loop) watch(fd, index, which int) error {
	ev := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(index), Pad: int32(which)}
	if err := syscall.EpollCtl(l.ep, syscall.EPOLL_CTL_ADD, fd, &ev); err != nil {
		return fmt.Errorf("media: epoll: %w", err)
	}
	return nil
}

// add starts j on the loop's ticker. It fails when the loop has ended.
func (l *loop) add(j job) bool {
	l.mu.Lock()
	stopped := l.stopped
	if !stopped {
		l.added = append(l.added, j)
	}
	l.mu.Unlock()
	if !stopped {
		l.poke()
	}
	return !stopped
}

func (l *loop) poke() {
	var one [8]byte
	binary.NativeEndian.PutUint64(one[:], 1)
	_, _ = syscall.Write(l.wake, one[:]) // EAGAIN: it is awake already
}

func (l *loop) run() {
	defer l.end()
	// No other goroutine runs with the priority of the loop's thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer hurry()()
	for !l.pass(l.wait()) {
	}
}

// pass serves n events and the jobs that are due; true means stop.
func (l *loop) pass(n int) (stop bool) {
	l.epoch.Add(1)
	l.now = mono()
	l.lastWake, l.wall = l.now, time.Time{}
	for i := range n {
		ev := &l.evs[i]
		if ev.Fd < 0 {
			stop = l.woken()
			continue
		}
		if i&15 == 15 {
			l.now = mono()
		}
		l.serve(&l.relay.ports.pairs[ev.Fd], int(ev.Pad), &l.bufs[i])
	}
	l.flush()
	l.packets += n
	l.full = n == len(l.evs)
	if len(l.jobs) > 0 && l.now >= l.nextTick {
		l.runJobs()
	}
	l.epoch.Add(1)
	if since := l.now - l.window; since > int64(measure) {
		l.batched = int64(l.packets)*int64(time.Second) > busyRate*since
		l.window, l.packets = l.now, 0
	}
	return stop
}

// A departure is a packet that waits for the end of its batch.
type departure struct {
	e       *Endpoint
	t       *target
	b       []byte
	control bool
}

// send queues b, which is one of l.bufs.
func (l *loop) send(e *Endpoint, t *target, b []byte, control bool) {
	l.queue[l.queued] = departure{e, t, b, control}
	l.queued++
}

func (l *loop) flush() {
	for i := range l.queued {
		d := &l.queue[i]
		e := d.e
		if errno := d.t.send(e, d.b); errno != 0 {
			e.sendErrors.Add(1)
		} else if d.control {
			e.rtcpSent.Add(1)
		} else {
			e.went(l.now)
		}
		*d = departure{}
	}
	l.queued = 0
}

// wait returns how many events there are. It sleeps as long as nothing comes
// and no job is due.
func (l *loop) wait() int {
	if l.batched {
		if left := l.rest(mono()); left > 0 {
			if l.now-l.yielded > int64(yieldEvery) {
				l.yielded = l.now
				yield()
			}
			nanosleep(left)
		}
		if n := epollPoll(l.ep, l.evs[:]); n > 0 {
			return n
		}
	}
	ms := -1
	if len(l.jobs) > 0 {
		left := l.nextTick - mono()
		if left <= 0 {
			return epollPoll(l.ep, l.evs[:])
		}
		ms = int((left + int64(time.Millisecond) - 1) / int64(time.Millisecond))
	}
	return epollSleep(l.ep, l.evs[:], ms)
}

// rest is how long, in nanoseconds, to collect before the next look.
func (l *loop) rest(now int64) int64 {
	if !l.batched || l.full {
		return 0
	}
	work := now - l.lastWake // the next batch will take about as long
	return max(0, int64(gather)-work, int64(worstWait)-2*work)
}

// woken takes what was handed over; true means stop.
func (l *loop) woken() bool {
	var b [8]byte
	_, _ = syscall.Read(l.wake, b[:])
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.added) > 0 && len(l.jobs) == 0 {
		l.nextTick = l.now
	}
	l.jobs = append(l.jobs, l.added...)
	clear(l.added)
	l.added = l.added[:0]
	return l.stopped
}

// wallNow is one reading for a whole batch.
func (l *loop) wallNow() time.Time {
	if l.wall.IsZero() {
		l.wall = l.relay.wall()
	}
	return l.wall
}

func (l *loop) runJobs() {
	l.nextTick += int64(tick)
	if l.now-l.nextTick > int64(5*tick) {
		l.nextTick = l.now + int64(tick) // the machine slept: do not hurry after it
	}
	kept := l.jobs[:0]
	for _, j := range l.jobs {
		if j.tick(l) {
			kept = append(kept, j)
		}
	}
	clear(l.jobs[len(kept):])
	l.jobs = kept
}

func (l *loop) stop() {
	l.mu.Lock()
	l.stopped = true
	l.mu.Unlock()
	l.poke()
}

func (l *loop) end() {
	l.mu.Lock()
	jobs := append(l.jobs, l.added...)
	l.jobs, l.added = nil, nil
	l.mu.Unlock()
	for _, j := range jobs {
		j.drop()
	}
}

// stuck is far more than a loop needs for one batch.
const stuck = 200 * time.Millisecond

// quiesce waits until no loop is inside a packet that it began before. It gives
// up on a loop that stands still: one whose tap or source waits, as it must not.
func (r *Relay) quiesce() bool {
	end := mono() + int64(stuck)
	for _, l := range r.loops {
		for e := l.epoch.Load(); e&1 == 1 && l.epoch.Load() == e; {
			if mono() > end {
				return false
			}
			runtime.Gosched()
		}
	}
	return true
}
