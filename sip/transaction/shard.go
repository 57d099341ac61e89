package transaction

import (
	"hash/maphash"
	"math"
	"runtime/debug"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/transport"
)

// What may wait for a busy shard, in bytes of buffers, of which a datagram takes
// 4 KB. What begins something new is dropped first, and retransmission brings it
// back; the rest is for what says that it belongs to a call, which anybody can say.
const (
	maxBacklogNew = 32 << 20
	maxBacklog    = 64 << 20
	keptBacklog   = 32 << 10 // entries of a queue that is kept for the next time
)

// A Shard runs whatever belongs to its Call-IDs, one thing after the other. It
// has no goroutine: who brings work does it, and the work that others bring
// meanwhile, unless somebody is at it already.
type Shard struct {
	l     *Layer
	index int

	mu      sync.Mutex
	running bool
	queue   []work
	spare   []work
	backlog int // bytes of the buffers in queue and of those that drain is at

	// All below belongs to whoever runs the shard.
	timers  timerHeap
	short   lifetime // T4
	long    lifetime // 64*T1
	wake    *time.Timer
	wakeAt  int64 // of wake, or math.MaxInt64
	most    int   // of servers
	servers map[key]*Server
	merged  map[key]*Server
	clients map[key]*Client
	streams map[uint64]*Client // by flow, chained
	out     []byte             // what is being written
	head    transport.Head     // of a message that had to wait
}

// work is a function or a message.
type work struct {
	f    func()
	flow transport.Flow
	data *[]byte
}

func newShard(l *Layer, i int) *Shard {
	s := &Shard{
		l: l, index: i, wakeAt: math.MaxInt64, most: max(1, l.o.MaxServers/l.o.Shards),
		servers: make(map[key]*Server), merged: make(map[key]*Server),
		clients: make(map[key]*Client), streams: make(map[uint64]*Client),
	}
	s.short.d = int64(l.o.T4)
	s.long.d = 64 * int64(l.o.T1)
	return s
}

// Index is the shard's number, from 0.
func (s *Shard) Index() int { return s.index }

// Layer is the layer of the shard.
func (s *Shard) Layer() *Layer { return s.l }

// Post runs f on the shard: here and now if the shard is idle, else by whoever
// runs it, in the order of the posts. It never runs f within other work of the
// shard. Don't hold a lock that f takes.
func (s *Shard) Post(f func()) {
	s.mu.Lock()
	if s.running {
		s.queue = append(s.queue, work{f: f})
		s.mu.Unlock()
		return
	}
	s.running = true
	s.mu.Unlock()
	s.run(f)
	s.drain()
}

// message is Post for what the network brought: no copy when the shard is idle.
func (s *Shard) message(f transport.Flow, h *transport.Head, data []byte) {
	s.mu.Lock()
	if s.running {
		most := maxBacklog
		if h.IsRequest() && len(h.ToTag) == 0 {
			most = maxBacklogNew
		}
		if s.backlog >= most {
			s.mu.Unlock()
			s.l.drop("backlog")
			return
		}
		b := getScratch()
		*b = append((*b)[:0], data...)
		s.backlog += cap(*b)
		s.queue = append(s.queue, work{flow: f, data: b})
		s.mu.Unlock()
		return
	}
	s.running = true
	s.mu.Unlock()
	s.handle(f, h, data)
	s.drain()
}

// drain does what was posted meanwhile, sets the next wake-up, and leaves.
func (s *Shard) drain() {
	done := 0 // bytes of buffers
	for {
		s.mu.Lock()
		s.backlog -= done
		done = 0
		if len(s.queue) == 0 {
			s.schedule()
			s.running = false
			s.mu.Unlock()
			return
		}
		list := s.queue
		s.queue = s.spare[:0]
		s.mu.Unlock()
		for i := range list {
			w := &list[i]
			if w.f != nil {
				s.run(w.f)
			} else {
				if transport.Look(*w.data, &s.head) {
					s.handle(w.flow, &s.head, *w.data)
				}
				done += cap(*w.data)
				putScratch(w.data)
			}
			list[i] = work{}
		}
		if cap(list) > keptBacklog {
			list = nil
		}
		s.spare = list[:0]
	}
}

func (s *Shard) run(f func()) {
	defer s.l.caught()
	f()
}

func (s *Shard) handle(f transport.Flow, h *transport.Head, data []byte) {
	defer s.l.caught()
	s.receive(f, h, data)
}

// caught keeps a panic from ending more than the work that it happened in.
func (l *Layer) caught() {
	if p := recover(); p != nil {
		l.panics.Add(1)
		l.log.Error("transaction: panic on a shard", "panic", p, "stack", string(debug.Stack()))
	}
}

// now is monotonic: nanoseconds since the layer began.
func (l *Layer) now() int64 { return int64(time.Since(l.began)) }

// After runs f on the shard once d has passed. Call it on the shard.
func (s *Shard) After(d time.Duration, f func()) *Timer {
	t := &Timer{sh: s, owner: firerFunc(f)}
	t.start(d)
	return t
}

func (t *Timer) start(d time.Duration) {
	t.Stop()
	t.at = t.sh.l.now() + int64(max(d, 0))
	t.sh.timers.push(t)
}

// schedule sets the one runtime timer to what is due first. The lock is held,
// so that nobody enters between the look and the setting.
func (s *Shard) schedule() {
	next := int64(math.MaxInt64)
	if len(s.timers) > 0 {
		next = s.timers[0].at
	}
	for _, l := range [...]*lifetime{&s.short, &s.long} {
		if l.first != nil {
			next = min(next, l.first.at+lifetimeSlack)
		}
	}
	if next >= s.wakeAt || s.l.closed.Load() {
		return // what is set comes early enough
	}
	s.wakeAt = next
	d := time.Duration(max(0, next-s.l.now()))
	if s.wake == nil {
		s.wake = time.AfterFunc(d, s.tick)
	} else {
		s.wake.Reset(d)
	}
}

// tick is the runtime timer's function.
func (s *Shard) tick() { s.Post(s.expire) }

// expire fires what is due.
func (s *Shard) expire() {
	s.wakeAt = math.MaxInt64
	now := s.l.now()
	for len(s.timers) > 0 && s.timers[0].at <= now {
		t := s.timers[0]
		s.timers.remove(t)
		s.fire(t)
	}
	for _, l := range [...]*lifetime{&s.short, &s.long} {
		for l.first != nil && l.first.at <= now {
			w := l.first
			w.cancel()
			w.owner.expire()
		}
	}
}

func (s *Shard) fire(t *Timer) {
	defer s.l.caught()
	t.owner.fire(t)
}

// NewCallID makes a Call-ID of ours whose call runs on this shard.
func (s *Shard) NewCallID() string {
	b := appendRandom(make([]byte, 0, 26), 24)
	for {
		id := appendRandom(b, 2)
		if s.l.shardOf(id) == s {
			return string(id)
		}
	}
}

// key names a transaction: a hash under two seeds that nobody outside knows.
type key struct{ a, b uint64 }

type hasher struct{ a, b maphash.Seed }

func (x *hasher) sum(p []byte) key {
	return key{maphash.Bytes(x.a, p), maphash.Bytes(x.b, p)}
}

// Kinds of keys.
const (
	kindInvite = 'I' // INVITE, and the ACK and CANCEL that belong to it
	kindOther  = 'O'
	kindMerged = 'M'
	kindClient = 'C'
)

// serverKey names a server transaction (RFC 3261 §17.2.3). Beyond branch and
// sent-by it takes in what every message of the transaction repeats, and where
// it came from, so that a careless branch or a forged one matches nothing.
func (s *Shard) serverKey(kind byte, f transport.Flow, h *transport.Head) key {
	b := append(s.out[:0], kind)
	ip := f.Remote().Addr().As16()
	b = append(b, ip[:]...)
	b = append(append(b, h.Branch...), 0)
	b = append(append(b, h.SentBy...), 0)
	b = appendIdentity(b, h)
	if kind == kindOther {
		b = append(b, h.Method...)
	}
	s.out = b[:0]
	return s.l.hash.sum(b)
}

// mergedKey names a request whatever way it took (RFC 3261 §8.2.2.2).
func (s *Shard) mergedKey(h *transport.Head) key {
	b := append(s.out[:0], kindMerged)
	b = appendIdentity(b, h)
	b = append(b, h.Method...)
	s.out = b[:0]
	return s.l.hash.sum(b)
}

func appendIdentity(b []byte, h *transport.Head) []byte {
	b = append(append(b, h.CallID...), 0)
	b = append(append(b, h.FromTag...), 0)
	return append(b, byte(h.CSeq), byte(h.CSeq>>8), byte(h.CSeq>>16), byte(h.CSeq>>24))
}

func (s *Shard) clientKey(branch, method []byte) key {
	b := append(s.out[:0], kindClient)
	b = append(append(b, branch...), 0)
	b = append(b, method...)
	s.out = b[:0]
	return s.l.hash.sum(b)
}

// Kept is how many transactions wait for stragglers or are under way.
func (s *Shard) kept() int { return len(s.servers) + len(s.clients) }

// SendAck writes the ACK of a 2xx, with a Via of its own and no transaction
// (RFC 3261 §13.2.2.4).
func (s *Shard) SendAck(f transport.Flow, ack *sip.Request) error {
	branch := s.l.newBranch()
	s.out = s.appendRequest(s.out[:0], f, ack, "ACK", branch[:])
	return s.write(f, s.out, "ACK", 0, ack)
}
