package transaction

import (
	"errors"
	"hash/maphash"
	"log/slog"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/transport"
)

// Errors that a transaction's user is told.
var (
	ErrTimeout   = errors.New("transaction: no final response in time")
	ErrTransport = errors.New("transaction: the message could not be sent")
	ErrEnded     = errors.New("transaction: already answered")
)

// Handler gets what transactions do not settle among themselves. Every method
// is called on the Call-ID's shard and must not wait.
type Handler interface {
	// Request begins a server transaction.
	Request(tx *Server, req *sip.Request)
	// Ack is the ACK of a 2xx.
	Ack(f transport.Flow, req *sip.Request)
	// Stray is a 2xx of an INVITE of ours that no transaction waits for any more.
	Stray(f transport.Flow, res *sip.Response)
}

// Options of a Layer.
type Options struct {
	Handler Handler

	// Register, if set, gets every REGISTER on the goroutine that read it,
	// without a transaction; it answers by Reply. When it is false the request
	// goes to Handler like any other.
	Register func(f transport.Flow, req *sip.Request) (handled bool)

	Shards     int           // default GOMAXPROCS
	T1, T2, T4 time.Duration // default 500 ms, 4 s, 5 s (RFC 3261 §17)

	// MaxServers is how many server transactions are kept at once, 1.2 KB each
	// once answered. Beyond it requests outside a dialog are refused with 503.
	// The default, 262,144, is some 4,000 calls a second.
	MaxServers int

	Log *slog.Logger

	// Unwanted, if set, knows by its branch a response that nobody waits for: it
	// is dropped and counted on the goroutine that read it.
	Unwanted func(branch []byte) bool

	// Trace, if set, sees every message of the transactions, on the shard.
	// data is valid until it returns.
	Trace func(f transport.Flow, out bool, callID string, data []byte)

	// Dropped, if set, counts what is thrown away, by reason.
	Dropped func(reason string)

	// Count, if set, counts messages; status is 0 for a request.
	Count func(out bool, method string, status int)
}

// Layer turns the messages of a transport layer into transactions.
type Layer struct {
	tp     *transport.Layer
	o      Options
	log    *slog.Logger
	shards []*Shard
	seed   maphash.Seed // chooses the shard
	hash   hasher
	began  time.Time
	closed atomic.Bool
	panics atomic.Uint64
}

// New takes over tp's messages: call it before tp listens.
func New(tp *transport.Layer, o Options) *Layer {
	if o.Shards <= 0 {
		o.Shards = runtime.GOMAXPROCS(0)
	}
	if o.MaxServers <= 0 {
		o.MaxServers = 1 << 18
	}
	if o.T1 <= 0 {
		o.T1 = 500 * time.Millisecond
	}
	if o.T2 <= 0 {
		o.T2 = 4 * time.Second
	}
	if o.T4 <= 0 {
		o.T4 = 5 * time.Second
	}
	l := &Layer{tp: tp, o: o, log: o.Log, seed: maphash.MakeSeed(), hash: hasher{maphash.MakeSeed(), maphash.MakeSeed()}, began: time.Now()}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	for i := range o.Shards {
		l.shards = append(l.shards, newShard(l, i))
	}
	tp.Serve(l.receive)
	tp.OnClosed(func(f transport.Flow) {
		for _, s := range l.shards {
			s.Post(func() { s.flowEnded(f) })
		}
	})
	return l
}

// Transport is the layer below.
func (l *Layer) Transport() *transport.Layer { return l.tp }

// Shards are all shards; which of them is a call's is ShardOf's to say.
func (l *Layer) Shards() []*Shard { return l.shards }

// ShardOf is where everything of that Call-ID runs.
func (l *Layer) ShardOf(callID string) *Shard {
	return l.shards[maphash.String(l.seed, callID)%uint64(len(l.shards))]
}

func (l *Layer) shardOf(callID []byte) *Shard {
	return l.shards[maphash.Bytes(l.seed, callID)%uint64(len(l.shards))]
}

// Panics is how many pieces of work ended in a panic.
func (l *Layer) Panics() uint64 { return l.panics.Load() }

// Kept is how many transactions are under way or wait for stragglers.
func (l *Layer) Kept() int {
	n := make(chan int, len(l.shards))
	for _, s := range l.shards {
		s.Post(func() { n <- s.kept() })
	}
	sum := 0
	for range l.shards {
		sum += <-n
	}
	return sum
}

// Close stops every timer. Close the transport first.
func (l *Layer) Close() {
	l.closed.Store(true)
	for _, s := range l.shards {
		s.Post(func() {
			if s.wake != nil {
				s.wake.Stop()
			}
		})
	}
}

// receive is the transport's handler: it finds the shard.
func (l *Layer) receive(f transport.Flow, h *transport.Head, data []byte) {
	if l.closed.Load() {
		return
	}
	if h.Method == nil {
		if l.o.Unwanted != nil && l.o.Unwanted(h.Branch) {
			l.count(false, string(internMethod(string(h.CSeqMethod))), h.Status)
			return
		}
		if h.Bad == "" && h.Body > 0 {
			l.shardOf(h.CallID).message(f, h, data)
		}
		return
	}
	if h.Bad != "" || h.Body == 0 {
		l.refuse(f, h, data, framing(h))
		return
	}
	if l.o.Register != nil && h.Is("REGISTER") {
		req, fault := parseRequest(data, h, f.Proto().Reliable())
		if fault != nil {
			l.refuse(f, h, data, fault)
			return
		}
		if l.o.Register(received(f, req), req) {
			l.count(false, "REGISTER", 0) // else its transaction counts it
			return
		}
	}
	l.shardOf(h.CallID).message(f, h, data)
}

// refuse answers from the bytes alone what can't or shall not be served. A
// malformed request counts against its source, and beyond a source's share it
// is not answered.
func (l *Layer) refuse(f transport.Flow, h *transport.Head, data []byte, fault *Fault) {
	if fault.Status == 400 || fault.Status == 505 || fault.Status == 0 {
		if !l.tp.Penalize(f.Remote().Addr(), transport.Malformed) {
			return
		}
	}
	if fault.Status == 0 || h.Is("ACK") {
		return
	}
	l.log.Debug("request refused", "from", f.Remote(), "status", fault.Status, "why", fault.Header)
	b := getScratch()
	defer putScratch(b)
	*b = appendRefusal((*b)[:0], data, f.Remote(), fault.Status, fault.Phrase, l.tagOf(h), fault.Extra)
	if len(*b) == 0 {
		return
	}
	l.count(false, string(h.Method), 0)
	l.count(true, string(h.Method), fault.Status)
	_ = f.Send(*b)
}

// tagOf is a To-tag that retransmissions of a request get again, so that
// answering them needs no memory.
func (l *Layer) tagOf(h *transport.Head) string {
	var b [256]byte
	p := append(b[:0], 'T')
	p = append(append(p, h.Branch...), 0)
	p = appendIdentity(p, h)
	tag := tagFrom(l.hash.sum(p))
	return string(tag[:])
}

func tagFrom(k key) (b [16]byte) {
	v := k.a
	for i := range b {
		b[i] = alphabet[v&31]
		if v >>= 5; i == 11 {
			v = k.b
		}
	}
	return b
}

func (l *Layer) drop(reason string) {
	if l.o.Dropped != nil {
		l.o.Dropped(reason)
	}
}

func (l *Layer) count(out bool, method string, status int) {
	if l.o.Count != nil {
		l.o.Count(out, method, status)
	}
}
