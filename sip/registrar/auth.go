package registrar

import (
	"net/netip"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/transport"
)

// AuthOptions of an Authenticator.
type AuthOptions struct {
	Accounts Accounts
	// Penalize is told of digests that do not verify, and of nothing else.
	Penalize func(addr netip.Addr, reason string) bool
}

// Authenticator says who sent a request.
type Authenticator struct{ o AuthOptions }

func NewAuthenticator(o AuthOptions) *Authenticator { return &Authenticator{o: o} }

// Authenticate returns the account behind a request, or else the response
// that refuses it: status is 401 or 407.
func (a *Authenticator) Authenticate(f transport.Flow, req *sip.Request, status int) (Account, *sip.Response) {
	return Account{}, nil
}
