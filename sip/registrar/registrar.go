// Package registrar owns the bindings: which phone answers for which line,
// where, and until when; and, since REGISTER needs it first, the check of who
// sent a request. It decides nothing about calls: package call asks it for
// contacts when a leg is about to ring.
package registrar

import (
	"cmp"
	"hash/maphash"
	"log/slog"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"strowger/sip/transport"
	"strowger/store"
)

// Limits of a registration (contract, "SIP names").
const (
	MinExpires     = 30 * time.Second
	DefaultExpires = time.Hour
	MaxExpires     = 2 * time.Hour
	MaxContacts    = 10
)

// Network is what the registrar needs of the transport layer.
type Network interface {
	UDPTo(remote netip.AddrPort) (transport.Flow, bool)
	FlowByID(id uint64) (transport.Flow, bool)
	Shown(f transport.Flow) netip.AddrPort
}

// Options of a Registrar.
type Options struct {
	Auth    *Authenticator
	Network Network
	Saved   Saved // nil: nothing survives
	Log     *slog.Logger
	Now     func() time.Time // wall clock, for what people read; expiry is monotonic

	KeepAlive time.Duration // between two OPTIONS to a phone behind a NAT, default 30 s; negative: none
	// OnChange is told when the bindings of an AOR became others, not of a
	// plain refresh. It must not wait.
	OnChange func(org, aor string)
	// Counted is told how each REGISTER ended: one of the results below.
	Counted func(result string)
}

// Results of a REGISTER, for register_requests_total.
const (
	ResultOK         = "ok"
	ResultChallenge  = "challenge"
	ResultDenied     = "denied"  // a digest that does not verify
	ResultRefused    = "refused" // 4xx for another reason
	ResultRetransmit = "retransmission"
)

// A Registrar holds the bindings in memory; the disk follows (architecture,
// "What is not configuration").
type Registrar struct {
	o      Options
	start  time.Time // of its own, monotonic time
	seed   maphash.Seed
	sealer sealer
	shards [shards]shard

	flows struct {
		sync.Mutex
		of map[uint64]bound // by stream
	}
	unsaved unsaved
	saves   sync.WaitGroup // changes on their way to disk
	stop    chan struct{}
	stopped chan struct{}
}

const shards = 128

type shard struct {
	mu        sync.Mutex
	records   map[key]*record
	farewells map[farewellKey]farewell
}

// bound are the addresses of record with a binding over one stream: nearly
// always one.
type bound struct {
	first key
	more  map[key]struct{}
}

// New starts a registrar; Close ends it.
func New(o Options) *Registrar {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.KeepAlive == 0 {
		o.KeepAlive = 30 * time.Second
	}
	r := &Registrar{
		o: o, start: time.Now(), seed: maphash.MakeSeed(), sealer: newSealer(),
		stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	r.flows.of = make(map[uint64]bound)
	for i := range r.shards {
		r.shards[i].records = make(map[key]*record)
	}
	go r.sweep()
	return r
}

// Close stops sweeping and waits for what is on its way to disk. No request may
// come any more.
func (r *Registrar) Close() {
	close(r.stop)
	<-r.stopped
	r.saves.Wait()
}

func (r *Registrar) now() int64 { return int64(time.Since(r.start)) }

func (r *Registrar) shard(k key) *shard {
	return &r.shards[maphash.Comparable(r.seed, k)%shards]
}

func (r *Registrar) counted(result string) {
	if r.o.Counted != nil {
		r.o.Counted(result)
	}
}

func (r *Registrar) changed(k key) {
	if r.o.OnChange != nil {
		r.o.OnChange(k.org, k.aor)
	}
}

// Load takes over the bindings of an earlier run, which read goes through,
// except those that the configuration no longer knows. Call it before serving.
func (r *Registrar) Load(read func(func(*store.Binding) error) error) error {
	var saved []*store.Binding
	if err := read(func(b *store.Binding) error {
		saved = append(saved, b)
		return nil
	}); err != nil {
		return err
	}
	// The start waits for this. In order of names, what the configuration says
	// of them is found side by side, several times faster than here and there.
	slices.SortFunc(saved, func(a, b *store.Binding) int {
		return cmp.Or(strings.Compare(a.Org, b.Org), strings.Compare(a.AOR, b.AOR))
	})
	workers := runtime.GOMAXPROCS(0)
	dead := make([][]store.BindingKey, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			now, wall := r.now(), r.o.Now()
			for _, b := range saved[len(saved)*w/workers : len(saved)*(w+1)/workers] {
				if !r.takeOver(b, now, wall) {
					dead[w] = append(dead[w], keyOf(b))
				}
			}
		})
	}
	all.Wait()
	if c := (change{del: slices.Concat(dead...)}); r.o.Saved != nil && !c.empty() {
		r.save(c, nil)
	}
	return nil
}

// takeOver adds a saved binding, and says whether it still means anything.
func (r *Registrar) takeOver(saved *store.Binding, now int64, wall time.Time) bool {
	b, ok := revive(saved, now, wall)
	if !ok {
		return false
	}
	k := key{saved.Org, saved.AOR}
	s := r.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	rec := s.records[k]
	if rec == nil {
		rec = &record{lineID: saved.ContactMethodID, userID: saved.UserID}
	}
	if r.orphan(k, rec, b) {
		return false
	}
	// A phone that is back already knows better.
	if !slices.ContainsFunc(rec.bindings, func(o *binding) bool { return o.key(k) == b.key(k) }) {
		rec.bindings = append(rec.bindings, b)
		rec.sort()
	}
	s.records[k] = rec
	return true
}
