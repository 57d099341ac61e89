// Package trunk owns the carriers: where each is, whether it is up, our
// registrations with them, how many calls each carries, and our credentials,
// which go to nobody else. Which carrier a call takes is routing's decision.
package trunk

import (
	"context"
	"log/slog"
	"net/netip"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/transaction"
	"strowger/sip/transport"
	"strowger/store"
)

// Configuration is what the carriers need of the store.
type Configuration interface {
	Organizations() []string
	// Trunks lists the trunks of an organization; the revision changes when
	// any of them may have.
	Trunks(org string) (trunks []*store.Trunk, revision uint64)
	Password(org, trunkID string) (string, error)
	ByAddress(ip netip.Addr) (org, trunkID string, ok bool)
}

// Options of Carriers.
type Options struct {
	Configuration Configuration
	Transport     *transport.Layer
	Transactions  *transaction.Layer
	Resolver      Resolver // nil: the system's
	Log           *slog.Logger
	Product       string // of User-Agent
	OnChange      func(org, id string, up bool)
}

// Resolver asks the DNS. It may wait; it is never asked on a shard.
type Resolver interface {
	SRV(ctx context.Context, name string) ([]SRV, error)
	Addresses(ctx context.Context, host string) ([]netip.Addr, error)
}

// SRV is one service record (RFC 2782).
type SRV struct {
	Host             string
	Port             uint16
	Priority, Weight uint16
}

// Target is one place that a carrier takes calls at.
type Target struct {
	Addr  netip.AddrPort
	Proto transport.Proto
	Host  string // the carrier's name, for the Request-URI
	Port  uint16 // as configured, for the Request-URI; 0: none
}

type Carriers struct{ o Options }

// New makes the carriers; nothing is sent before Sync.
func New(o Options) *Carriers { return &Carriers{o: o} }

// Sync makes what runs agree with the configuration. Call it at the start and
// after every change.
func (c *Carriers) Sync() {}

// Routes finds the targets of a trunk in the order to try them. done runs once: at
// once where the answer is known, else later on another goroutine.
func (c *Carriers) Routes(org, id string, done func([]Target, error)) {}

// Flow finds or makes the way to a target: at once for UDP and live streams,
// else done runs later on another goroutine.
func (c *Carriers) Flow(t Target, done func(transport.Flow, error)) {}

// Resolve finds where a SIP URI's host answers, as Routes does for a trunk:
// for SIP forwarding. port 0 and proto 0 are left to the DNS.
func (c *Carriers) Resolve(host string, port uint16, proto transport.Proto, done func([]Target, error)) {
}

// Acquire takes one of the trunk's max_calls; false: it is full. Every
// Acquire that succeeded wants a Release.
func (c *Carriers) Acquire(org, id string) bool { return true }
func (c *Carriers) Release(org, id string)      {}

// Up says whether calls should be tried there: routes that are down come last.
func (c *Carriers) Up(org, id string) bool { return true }

// Identify says whose carrier a source is: by address, or because it is where
// we are registered.
func (c *Carriers) Identify(f transport.Flow, req *sip.Request) (org, id string, ok bool) {
	return "", "", false
}

// Answer makes the header that answers a carrier's challenge of req. It
// refuses challenges of anyone but the trunk's own realm.
func (c *Carriers) Answer(org, id string, req *sip.Request, res *sip.Response) (sip.Header, error) {
	return nil, nil
}

// Status lists the trunks of an organization.
func (c *Carriers) Status(org string) []store.TrunkStatus { return nil }

// Close unregisters from every carrier and waits for that until ctx ends.
func (c *Carriers) Close(ctx context.Context) error { return nil }
