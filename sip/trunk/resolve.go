package trunk

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"strowger/sip/transport"
)

// Resolver asks the DNS. It may wait; it is never asked on a shard.
type Resolver interface {
	// SRV answers no records and no error for a name that has none.
	SRV(ctx context.Context, name string) ([]SRV, error)
	Addresses(ctx context.Context, host string) ([]netip.Addr, error)
}

// SRV is one service record (RFC 2782).
type SRV struct {
	Host             string
	Port             uint16
	Priority, Weight uint16
}

// Target is one place that takes calls.
type Target struct {
	Addr  netip.AddrPort
	Proto transport.Proto
	Host  string // as configured, for the Request-URI
	Port  uint16 // as configured; 0: none
}

// System is the resolver of the machine.
type System struct{}

// SRV looks a full name up ("_sip._udp.example.com").
func (System) SRV(ctx context.Context, name string) ([]SRV, error) {
	_, records, err := net.DefaultResolver.LookupSRV(ctx, "", "", name)
	var missing *net.DNSError
	if errors.As(err, &missing) && missing.IsNotFound {
		return nil, nil
	}
	if err != nil && len(records) == 0 {
		return nil, err
	}
	list := make([]SRV, 0, len(records))
	for _, r := range records {
		list = append(list, SRV{Host: strings.TrimSuffix(r.Target, "."), Port: r.Port, Priority: r.Priority, Weight: r.Weight})
	}
	return list, nil
}

// Addresses looks a host's addresses up.
func (System) Addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

// A query is a name and what is already known of the way there.
type query struct {
	host  string
	port  uint16          // 0: by SRV, else the default port
	proto transport.Proto // 0: by SRV, else UDP
}

// place is one answer with its SRV rank.
type place struct {
	addr             netip.AddrPort
	proto            transport.Proto
	priority, weight uint16
	group            int // addresses of one SRV record stay together
}

// names remembers what names mean. An answer is used for a minute, and then
// for as long as no newer one could be had: a dead DNS stops no carrier that
// was known, and nobody but the first caller ever waits.
type names struct {
	resolver Resolver
	mu       sync.Mutex
	known    map[query]*answer
}

const (
	fresh      = time.Minute
	freshError = 5 * time.Second // a failure is not asked for again sooner
	forget     = 24 * time.Hour
	patience   = 4 * time.Second // of one look-up
	maxNames   = 4096            // SIP forwards name hosts too
)

type answer struct {
	places  []place
	err     error
	at      time.Time // of places
	tried   time.Time
	asking  bool
	waiting []func([]Target, error)
}

func newNames(r Resolver) *names {
	return &names{resolver: r, known: make(map[query]*answer)}
}

var errNoAddress = errors.New("trunk: name has no address")

func (n *names) find(q query, done func([]Target, error)) {
	if ip, err := netip.ParseAddr(strings.Trim(q.host, "[]")); err == nil {
		p := q.proto
		if p == 0 {
			p = transport.UDP
		}
		port := q.port
		if port == 0 {
			port = p.DefaultPort()
		}
		done([]Target{{Addr: netip.AddrPortFrom(ip.Unmap(), port), Proto: p, Host: q.host, Port: q.port}}, nil)
		return
	}
	now := time.Now()
	n.mu.Lock()
	a := n.known[q]
	if a == nil {
		n.prune(now)
		a = &answer{}
		n.known[q] = a
	}
	usable := len(a.places) > 0 && now.Sub(a.at) < forget
	if !a.asking && (!usable || now.Sub(a.at) >= fresh) && (a.tried.IsZero() || now.Sub(a.tried) >= freshError) {
		a.asking, a.tried = true, now
		go n.ask(q, a)
	}
	switch {
	case usable:
		places := a.places
		n.mu.Unlock()
		done(order(q, places), nil)
	case a.asking:
		a.waiting = append(a.waiting, done)
		n.mu.Unlock()
	default:
		err := a.err
		n.mu.Unlock()
		done(nil, err)
	}
}

// prune bounds what is remembered. The caller holds the lock.
func (n *names) prune(now time.Time) {
	if len(n.known) < maxNames {
		return
	}
	for q, a := range n.known {
		if !a.asking && now.Sub(a.tried) > fresh {
			delete(n.known, q)
		}
	}
}

func (n *names) ask(q query, a *answer) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	places, err := n.lookUp(ctx, q)
	n.mu.Lock()
	a.asking, a.err = false, err
	if err == nil {
		a.places, a.at = places, time.Now()
	}
	waiting := a.waiting
	a.waiting = nil
	n.mu.Unlock()
	for _, done := range waiting {
		if err != nil {
			done(nil, err)
			continue
		}
		done(order(q, places), nil)
	}
}

// services are the SRV names of a protocol (RFC 3263 §4.1), without NAPTR:
// hardly a carrier publishes it.
func services(p transport.Proto) []struct {
	prefix string
	proto  transport.Proto
} {
	type service = struct {
		prefix string
		proto  transport.Proto
	}
	switch p {
	case transport.UDP:
		return []service{{"_sip._udp.", transport.UDP}}
	case transport.TCP:
		return []service{{"_sip._tcp.", transport.TCP}}
	case transport.TLS:
		return []service{{"_sips._tcp.", transport.TLS}}
	case 0:
		return []service{{"_sip._udp.", transport.UDP}, {"_sip._tcp.", transport.TCP}}
	}
	return nil
}

func (n *names) lookUp(ctx context.Context, q query) ([]place, error) {
	var places []place
	var failed error
	if q.port == 0 {
		for _, s := range services(q.proto) {
			records, err := n.resolver.SRV(ctx, s.prefix+q.host)
			if err != nil {
				failed = err
				continue
			}
			for i, r := range records {
				if r.Host == "" || r.Host == "." {
					continue // "decidedly not available" (RFC 2782)
				}
				ips, err := n.resolver.Addresses(ctx, r.Host)
				if err != nil {
					failed = err
					continue
				}
				for _, ip := range ips {
					places = append(places, place{netip.AddrPortFrom(ip.Unmap(), r.Port), s.proto, r.Priority, r.Weight, i})
				}
			}
			if len(places) > 0 {
				return places, nil
			}
		}
	}
	ips, err := n.resolver.Addresses(ctx, q.host)
	if err != nil {
		return nil, fmt.Errorf("look up %s: %w", q.host, err)
	}
	p := q.proto
	if p == 0 {
		p = transport.UDP
	}
	port := q.port
	if port == 0 {
		port = p.DefaultPort()
	}
	for _, ip := range ips {
		places = append(places, place{addr: netip.AddrPortFrom(ip.Unmap(), port), proto: p})
	}
	if len(places) == 0 {
		return nil, fmt.Errorf("look up %s: %w", q.host, errors.Join(errNoAddress, failed))
	}
	return places, nil
}

// order ranks places for one use: by priority, among equals by chance as their
// weights say (RFC 2782).
func order(q query, places []place) []Target {
	rest := slices.Clone(places)
	out := make([]Target, 0, len(rest))
	for len(rest) > 0 {
		best := rest[0].priority
		for _, p := range rest {
			best = min(best, p.priority)
		}
		total := 0
		seen := map[int]bool{}
		for _, p := range rest {
			if p.priority == best && !seen[p.group] {
				seen[p.group] = true
				total += int(p.weight)
			}
		}
		pick, group := rand.IntN(total+1), -1
		clear(seen)
		for _, p := range rest {
			if p.priority != best || seen[p.group] {
				continue
			}
			seen[p.group] = true
			group = p.group
			if pick -= int(p.weight); pick <= 0 {
				break
			}
		}
		kept := rest[:0]
		for _, p := range rest {
			if p.priority == best && p.group == group {
				out = append(out, Target{Addr: p.addr, Proto: p.proto, Host: q.host, Port: q.port})
			} else {
				kept = append(kept, p)
			}
		}
		rest = kept
	}
	return out
}
