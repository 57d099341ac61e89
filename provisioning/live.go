package provisioning

import (
	"context"
	"errors"

	"strowger/store"
)

// Live is what provisioning may ask of the running exchange. On a stopped
// store there is none, and what needs it answers [ErrNotRunning].
type Live interface {
	Registrations(org string) []store.Binding
	// Unregister takes away the binding that has b's AOR, contact, instance and
	// reg-id. It answers store.ErrNotFound when there is none.
	Unregister(b *store.Binding) error
	ActiveCalls(org string) []store.Call
	Trace(org, callID string) (*store.Trace, bool)
	HangUp(org, callID string) error
	// Dial rings fromLine (a contact method's id) and, once it is answered,
	// calls to, a string as its user would dial it.
	Dial(ctx context.Context, org, fromLine, to string) (callID string, err error)
	TrunkStatus(org string) []store.TrunkStatus
	Bans() []store.Ban
	// Resync asks a desk phone to fetch its configuration now, and answers how many
	// of its registrations were asked.
	Resync(org, deviceID string) (asked int, err error)
}

// ErrNotRunning is answered where only a running exchange can do what was
// asked.
var ErrNotRunning = errors.New("the exchange is not running")
