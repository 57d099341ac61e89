// Package trunk owns the carriers: where each is, whether it is up, our
// registrations with them, how many calls each carries, and our credentials,
// which go to nobody else. Which carrier a call takes is routing's decision.
package trunk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"strowger/sip/transaction"
	"strowger/sip/transport"
	"strowger/store"
)

// Configuration is what the carriers need of the store.
type Configuration interface {
	Organizations() []string
	// Trunks lists the trunks of an organization. A trunk that changed is
	// another pointer.
	Trunks(org string) []*store.Trunk
	// Password is "" when the trunk has none.
	Password(org, trunkID string) (string, error)
	// ByAddress lists the trunks that have a source among their addresses, the
	// narrowest first.
	ByAddress(ip netip.Addr) []store.TrunkRef
}

// Options of Carriers.
type Options struct {
	Configuration Configuration
	Transport     *transport.Layer
	Transactions  *transaction.Layer
	Resolver      Resolver // nil: the system's
	Log           *slog.Logger
	Product       string // of User-Agent
	// OnChange is told when a trunk goes up or down. It must not wait, and runs
	// on a shard: it may not call Sync.
	OnChange func(org, id string, up bool)
}

// Carriers are all trunks of all organizations.
type Carriers struct {
	o     Options
	names *names
	dials dials
	where places

	// turn is whose it is to change which carriers there are: it keeps two
	// looks at the configuration, and what is posted after each, in one order.
	// Sync and Close hold it while they post, which is why nothing on a shard
	// may call them. mu is taken on shards and never held while posting: a post
	// runs whatever else waits for its shard, an INVITE to be identified too.
	turn     sync.Mutex
	mu       sync.Mutex
	carriers map[ref]*carrier
	closed   bool
	ending   sync.WaitGroup // carriers that unregister
}

// A ref names a trunk.
type ref struct{ org, id string }

// ErrUnknown says that there is no such trunk.
var ErrUnknown = errors.New("trunk: no such trunk")

// New makes the carriers; nothing is sent before Sync.
func New(o Options) *Carriers {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Resolver == nil {
		o.Resolver = System{}
	}
	return &Carriers{o: o, names: newNames(o.Resolver), carriers: make(map[ref]*carrier)}
}

// Sync makes what runs agree with the configuration: it looks at what is, not
// at what happened. Call it at the start and after every change, and never on a
// shard.
func (c *Carriers) Sync() {
	c.turn.Lock()
	defer c.turn.Unlock()
	type wanted struct {
		conf     *store.Trunk
		password string
	}
	want := make(map[ref]wanted)
	for _, org := range c.o.Configuration.Organizations() {
		for _, t := range c.o.Configuration.Trunks(org) {
			pw, err := c.o.Configuration.Password(org, t.ID)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				c.o.Log.Error("a trunk's password can't be read", "org", org, "trunk", t.ID, "err", err)
			}
			want[ref{org, t.ID}] = wanted{t, pw}
		}
	}
	var gone []*carrier
	var changed []func()
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return
	}
	for r, k := range c.carriers {
		if _, ok := want[r]; !ok {
			delete(c.carriers, r)
			gone = append(gone, k)
		}
	}
	for r, w := range want {
		k := c.carriers[r]
		if k == nil {
			k = newCarrier(c, r)
			c.carriers[r] = k
		}
		if follow := k.configure(w.conf, w.password); follow != nil {
			changed = append(changed, func() { k.shard.Post(follow) })
		}
	}
	c.mu.Unlock()
	for _, k := range gone {
		c.end(k)
	}
	for _, post := range changed {
		post()
	}
}

// end lets a carrier unregister. The caller has the turn.
func (c *Carriers) end(k *carrier) {
	c.ending.Add(1)
	k.shard.Post(func() { k.leave(c.ending.Done) })
}

// Close unregisters from every carrier and waits for that until ctx ends. Never
// call it on a shard.
func (c *Carriers) Close(ctx context.Context) error {
	c.turn.Lock()
	c.mu.Lock()
	var all []*carrier
	if !c.closed {
		c.closed = true
		all = slices.Collect(maps.Values(c.carriers))
	}
	c.mu.Unlock()
	for _, k := range all {
		c.end(k)
	}
	c.turn.Unlock()
	done := make(chan struct{})
	go func() {
		c.ending.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("unregister from carriers: %w", ctx.Err())
	}
}

func (c *Carriers) find(org, id string) *carrier {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.carriers[ref{org, id}]
}

// Routes finds the targets of a trunk in the order to try them: those that
// answered last come first. done runs once, at once where the names are known,
// else later on another goroutine.
func (c *Carriers) Routes(org, id string, done func([]Target, error)) {
	k := c.find(org, id)
	if k == nil {
		done(nil, fmt.Errorf("%w: %s", ErrUnknown, id))
		return
	}
	k.targets(done)
}

// Tried notes whether a target of a trunk said anything, for those who ask after.
func (c *Carriers) Tried(org, id string, t Target, ok bool) {
	if k := c.find(org, id); k != nil {
		k.tried(t, ok)
	}
}

// Resolve finds where a SIP URI's host answers, as Routes does for a trunk:
// for SIP forwarding. A port or protocol of 0 is left to the DNS.
func (c *Carriers) Resolve(host string, port uint16, proto transport.Proto, done func([]Target, error)) {
	c.names.find(query{host: strings.ToLower(host), port: port, proto: proto}, done)
}

// Acquire takes one of the trunk's max_calls; false: it is full. Every
// Acquire that succeeded wants a Release.
func (c *Carriers) Acquire(org, id string) bool {
	k := c.find(org, id)
	if k == nil {
		return false
	}
	most := int32(k.conf.Load().MaxCalls)
	for {
		n := k.calls.Load()
		if most > 0 && n >= most {
			return false
		}
		if k.calls.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// Release gives a call back. A trunk that went in the meantime has nothing to
// count.
func (c *Carriers) Release(org, id string) {
	k := c.find(org, id)
	if k == nil {
		return
	}
	for {
		n := k.calls.Load()
		if n == 0 || k.calls.CompareAndSwap(n, n-1) {
			return
		}
	}
}

// Up says whether calls should be tried there: routes that are down come last.
func (c *Carriers) Up(org, id string) bool {
	k := c.find(org, id)
	return k != nil && k.status().Up
}

// Identify lists whose carrier a source may be, the likeliest first: those that
// have it among their addresses, then those that are registered there. But where
// we are registered with the user name that is called, no other is meant. Which
// of several organizations a call is for is left to the number that it calls.
// Nobody may change the list.
func (c *Carriers) Identify(source netip.Addr, user string) []store.TrunkRef {
	source = source.Unmap()
	var called, registered []ref
	if c.where.has(source) {
		c.mu.Lock()
		for r, k := range c.carriers {
			if !k.isRegisteredAt(source) {
				continue
			}
			registered = append(registered, r)
			if user == k.contactUser() {
				called = append(called, r)
			}
		}
		c.mu.Unlock()
	}
	if len(called) > 0 {
		return sorted(called)
	}
	byAddress := c.o.Configuration.ByAddress(source)
	if len(registered) == 0 {
		return byAddress
	}
	return slices.Concat(byAddress, sorted(registered))
}

// IsCarrier says whether a source is a carrier's: by a trunk's addresses, or
// because that is where its calls go. It may be asked for every message.
func (c *Carriers) IsCarrier(source netip.Addr) bool {
	source = source.Unmap()
	return c.where.has(source) || len(c.o.Configuration.ByAddress(source)) > 0
}

func sorted(refs []ref) []store.TrunkRef {
	slices.SortFunc(refs, func(a, b ref) int {
		return cmp.Or(strings.Compare(a.org, b.org), strings.Compare(a.id, b.id))
	})
	list := make([]store.TrunkRef, len(refs))
	for i, r := range refs {
		list[i] = store.TrunkRef{Org: r.org, TrunkID: r.id}
	}
	return list
}

// Status lists the trunks of an organization, by id.
func (c *Carriers) Status(org string) []store.TrunkStatus {
	c.mu.Lock()
	var list []store.TrunkStatus
	for r, k := range c.carriers {
		if r.org == org {
			list = append(list, k.status())
		}
	}
	c.mu.Unlock()
	slices.SortFunc(list, func(a, b store.TrunkStatus) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// places are where the hosts of trunks are, and of how many trunks.
type places struct {
	mu sync.RWMutex
	of map[netip.Addr]int
}

func (p *places) has(a netip.Addr) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.of[a] > 0
}

// move takes a trunk from its old places to new ones.
func (p *places) move(from, to []netip.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil {
		p.of = make(map[netip.Addr]int)
	}
	for _, a := range to {
		p.of[a]++
	}
	for _, a := range from {
		if p.of[a]--; p.of[a] == 0 {
			delete(p.of, a)
		}
	}
}

// dials are the streams being opened: one for each target, whoever asks.
type dials struct {
	mu      sync.Mutex
	waiting map[Target][]func(transport.Flow, error)
}

const dialTimeout = 4 * time.Second

// Flow finds or makes the way to a target: done runs at once for UDP and live
// streams, else later on another goroutine.
func (c *Carriers) Flow(t Target, done func(transport.Flow, error)) {
	if t.Proto == transport.UDP {
		f, ok := c.o.Transport.UDPTo(t.Addr)
		if !ok {
			done(transport.Flow{}, transport.ErrNoFlow)
			return
		}
		done(f, nil)
		return
	}
	if f, ok := c.o.Transport.StreamTo(t.Proto, t.Addr); ok {
		done(f, nil)
		return
	}
	c.dials.mu.Lock()
	defer c.dials.mu.Unlock()
	if c.dials.waiting == nil {
		c.dials.waiting = make(map[Target][]func(transport.Flow, error))
	}
	first := c.dials.waiting[t] == nil
	c.dials.waiting[t] = append(c.dials.waiting[t], done)
	if !first {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
		defer cancel()
		f, err := c.o.Transport.Dial(ctx, t.Proto, t.Addr)
		c.dials.mu.Lock()
		waiting := c.dials.waiting[t]
		delete(c.dials.waiting, t)
		c.dials.mu.Unlock()
		for _, d := range waiting {
			d(f, err)
		}
	}()
}
