package trunk

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/digest"
	"strowger/sip/transaction"
	"strowger/store"
)

// Errors of Answer.
var (
	ErrForeign  = errors.New("trunk: the challenge is not of the trunk's own realm")
	ErrNoSecret = errors.New("trunk: it has no user name and password")
	ErrRefused  = errors.New("trunk: its credentials were refused")
)

// Answer makes the header that answers a carrier's challenge of req. The
// challenge must be of the trunk's own realm: one that it used where a request
// was addressed to the carrier itself, and not to whoever a Contact or a
// redirection names. Nobody else gets an answer to calculate passwords from.
func (c *Carriers) Answer(org, id string, req *sip.Request, res *sip.Response) (sip.Header, error) {
	k := c.find(org, id)
	if k == nil {
		return nil, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	return k.answer(k.conf.Load(), k.secret(), req, res)
}

func (k *carrier) answer(conf *store.Trunk, password string, req *sip.Request, res *sip.Response) (sip.Header, error) {
	ask, reply := "WWW-Authenticate", "Authorization"
	if res.StatusCode == sip.StatusProxyAuthRequired {
		ask, reply = "Proxy-Authenticate", "Proxy-Authorization"
	}
	if conf.Auth.Username == "" || password == "" {
		return nil, ErrNoSecret
	}
	var asked []string
	for _, h := range res.Headers() {
		if strings.EqualFold(h.Name(), ask) {
			asked = append(asked, h.Value())
		}
	}
	challenge, err := digest.Choose(asked)
	if err != nil {
		return nil, err
	}
	if !k.ownRealm(conf, challenge.Realm, &req.Recipient) {
		return nil, fmt.Errorf("%w: %q at %s", ErrForeign, challenge.Realm, req.Recipient.Host)
	}
	if _, answered := transaction.Header(req, reply); answered && !challenge.Stale {
		return nil, ErrRefused // the same answer would be refused again
	}
	value := challenge.Answer(string(req.Method), req.Recipient.String(), conf.Auth.Username, password, 1)
	return sip.NewHeader(reply, value), nil
}

// ownRealm says whether a realm is the trunk's, and learns it where the
// carrier's own host asks.
func (k *carrier) ownRealm(conf *store.Trunk, realm string, uri *sip.Uri) bool {
	host := strings.Trim(uri.Host, "[]")
	own := strings.EqualFold(host, strings.Trim(conf.Host, "[]"))
	ip, err := netip.ParseAddr(host)
	k.mu.Lock()
	defer k.mu.Unlock()
	if !own && err == nil {
		own = slices.Contains(k.places, ip.Unmap())
	}
	known := slices.Contains(k.realms, realm)
	if own && !known && len(k.realms) < 8 {
		k.realms = append(k.realms, realm)
	}
	return own || known
}
