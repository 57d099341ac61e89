// Package registrar owns the bindings: which phone answers for which line,
// where, and until when; and, since REGISTER needs it first, the check of who
// sent a request. It decides nothing about calls: package call asks it for
// contacts when a leg is about to ring.
package registrar

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"

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

// Saved is where bindings survive a restart.
type Saved interface {
	SaveBindings(ctx context.Context, put []store.Binding, del []store.BindingKey) error
	SaveBindingsLater(put []store.Binding)
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

// Contact is one way to ring a line.
type Contact struct {
	URI        string         // the Contact as the phone gave it: the Request-URI
	Flow       transport.Flow // where to send
	Path       []string       // RFC 3327, URIs for Route headers, first hop first
	Q          int            // thousandths
	InstanceID string
	GRUU       string
	DeviceID   string
	UserAgent  string
	ExpiresAt  time.Time
	// Fallback are other flows to the same phone (RFC 5626): tried when this
	// one fails, never beside it.
	Fallback []Contact
}

type Registrar struct{ o Options }

// New starts a registrar; Close ends it.
func New(o Options) *Registrar { return &Registrar{o: o} }

// Load takes over the bindings of an earlier run. Call it before serving.
func (r *Registrar) Load(saved []store.Binding) {}

// Handle answers a REGISTER. respond is called at most once, perhaps later
// and from another goroutine, with the whole message; msg is valid until it
// returns.
func (r *Registrar) Handle(f transport.Flow, req *sip.Request, respond func(status int, msg []byte)) {
}

// Contacts are the live contacts of an AOR, highest q first, then the most
// recently refreshed. None of them has a dead flow.
func (r *Registrar) Contacts(org, aor string) []Contact { return nil }

// ContactByGRUU finds the phone behind a GRUU: the user part and "gr"
// parameter of a Request-URI.
func (r *Registrar) ContactByGRUU(org, user, gr string) []Contact { return nil }

// Registrations lists what is bound, by AOR.
func (r *Registrar) Registrations(org string) []store.Binding { return nil }

// Bound counts bindings by transport.
func (r *Registrar) Bound(p transport.Proto) int { return 0 }

// FlowClosed drops the bindings of a stream that ended.
func (r *Registrar) FlowClosed(f transport.Flow) {}

// Sync drops the bindings whose line, device or organization is gone, or
// whose password changed. Call it after every change of the configuration.
func (r *Registrar) Sync() {}

// Close stops sweeping and saves what is not yet on disk.
func (r *Registrar) Close() {}
