package registrar

import (
	"net/netip"
	"strings"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/digest"
	"strowger/sip/transaction"
	"strowger/sip/transport"
)

// AuthOptions of an Authenticator.
type AuthOptions struct {
	Accounts Accounts
	// Penalize is told of digests that do not verify, and of nothing else: a
	// request without credentials and a stale nonce never count.
	Penalize func(addr netip.Addr, reason string) bool
	// Barred says whether a source has had its guesses for now; nil: none has.
	Barred func(addr netip.Addr) bool
}

// Authenticator says who sent a request (product rule "Authentication").
type Authenticator struct {
	o      AuthOptions
	nonces *digest.Nonces
}

func NewAuthenticator(o AuthOptions) *Authenticator {
	return &Authenticator{o: o, nonces: digest.NewNonces(0)}
}

// A verdict is what a request's credentials came to. All but granted are
// answered with a new challenge, and look the same to who asks.
type verdict uint8

const (
	unproven verdict = iota // no credentials for our realm
	stale                   // over a nonce that has had its time, or was never sent there
	denied                  // wrong password, or no such user
	mistaken                // the right password for another request
	granted
)

// Authenticate returns the account behind a request other than REGISTER, or else
// the 407 that refuses it; tag makes its To-tag.
func (a *Authenticator) Authenticate(f transport.Flow, req *sip.Request, tag func() string) (Account, *sip.Response) {
	user := ""
	if from := req.From(); from != nil {
		user = unescape(from.Address.User)
	}
	acc, realm, v := a.check(f.Remote().Addr(), req, sip.StatusProxyAuthRequired, user)
	if v == granted {
		return acc, nil
	}
	res := transaction.NewResponse(req, sip.StatusProxyAuthRequired, "", tag())
	var nonce [48]byte
	var room [256]byte
	n := a.nonces.Append(nonce[:0], f.Remote().Addr())
	for _, alg := range algorithmsFor(req) {
		res.AppendHeader(sip.NewHeader("Proxy-Authenticate", string(digest.AppendChallenge(room[:0], alg, realm, n, v == stale))))
	}
	length := sip.ContentLengthHeader(0)
	res.AppendHeader(&length)
	return Account{}, res
}

// check looks at the credentials of a request. user is whom the request
// claims to be before it has proven anything; it decides nothing but which
// organization's realm is asked for where the host does not say.
func (a *Authenticator) check(source netip.Addr, req *sip.Request, status int, user string) (Account, string, verdict) {
	host := req.Recipient.Host
	c, org, realm, ok := a.credentials(req, status, host)
	if !ok {
		_, realm, _ = a.o.Accounts.Find(host, user)
		return Account{}, realm, unproven
	}
	acc, known := a.o.Accounts.Account(org, c.Username)
	if !known {
		acc = Account{HA1MD5: digest.FakeHA1MD5, HA1SHA256: digest.FakeHA1SHA256}
	}
	// Over a nonce that was not sent there nothing is verified. To count a wrong
	// password would let anybody have an address banned, by writing it as a
	// sender's; to say that a password was right would let anybody try them all.
	ticket, fresh := a.nonces.Check(c.Nonce, source)
	if !fresh {
		return Account{}, realm, stale
	}
	if a.o.Barred != nil && a.o.Barred(source) {
		return Account{}, realm, denied
	}
	right := c.Verify(string(req.Method), acc.HA1MD5, acc.HA1SHA256)
	switch {
	case !right || !known:
		if a.o.Penalize != nil {
			a.o.Penalize(source, transport.AuthFailed)
		}
		return Account{}, realm, denied
	case !sameResource(c.URI, &req.Recipient):
		return Account{}, realm, mistaken
	case !a.nonces.Use(ticket, c.NC):
		return Account{}, realm, stale
	}
	return acc, realm, granted
}

// credentials finds the header that is meant for us: a request may carry
// others, for other realms. One that can't be read proves nothing.
func (a *Authenticator) credentials(req *sip.Request, status int, host string) (digest.Credentials, string, string, bool) {
	name := "Authorization"
	if status == sip.StatusProxyAuthRequired {
		name = "Proxy-Authorization"
	}
	for _, h := range req.Headers() {
		if !sameName(h.Name(), name) {
			continue
		}
		c, err := digest.Parse(h.Value())
		if err != nil {
			continue
		}
		if org, realm, _ := a.o.Accounts.Find(host, c.Username); c.Realm == realm {
			return c, org, realm, true
		}
	}
	return digest.Credentials{}, "", "", false
}

// Claims says whether a request carries credentials of an account of ours, good
// or bad.
func (a *Authenticator) Claims(req *sip.Request) bool {
	for _, status := range [...]int{sip.StatusProxyAuthRequired, sip.StatusUnauthorized} {
		if c, org, _, ok := a.credentials(req, status, req.Recipient.Host); ok {
			if _, known := a.o.Accounts.Account(org, c.Username); known {
				return true
			}
		}
	}
	return false
}

// sameResource says whether the uri of the credentials names what the request
// names. Phones leave out the port and the parameters of their own outbound
// proxy, and that is all they may leave out (RFC 7616 §3.4.6).
func sameResource(uri string, r *sip.Uri) bool {
	scheme, rest, ok := strings.Cut(uri, ":")
	if !ok {
		return false
	}
	if !strings.EqualFold(scheme, "sip") && !strings.EqualFold(scheme, "sips") {
		return uri == r.String()
	}
	user := ""
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		user, rest = rest[:at], rest[at+1:]
		user, _, _ = strings.Cut(user, ":")
	}
	if end := strings.IndexAny(rest, ";?"); end >= 0 {
		rest = rest[:end]
	}
	host, port := splitHost(rest)
	if user != r.User && unescape(user) != unescape(r.User) {
		return false
	}
	return strings.EqualFold(host, trimBrackets(r.Host)) && (port == "" || r.Port == 0 || atoi(port) == r.Port)
}

// splitHost takes "host", "host:port", "[v6]" and "[v6]:port" apart.
func splitHost(s string) (host, port string) {
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return s, ""
		}
		return s[1:end], strings.TrimPrefix(s[end+1:], ":")
	}
	host, port, _ = strings.Cut(s, ":")
	return host, port
}

func trimBrackets(host string) string {
	if len(host) > 1 && host[0] == '[' && host[len(host)-1] == ']' {
		return host[1 : len(host)-1]
	}
	return host
}

// atoi reads a small decimal; -1 when it is none.
func atoi(s string) int {
	if s == "" || len(s) > 9 {
		return -1
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return -1
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// unescape undoes %-escapes (RFC 3261 §19.1.2); what is no escape stays.
func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := hexDigit(s[i+1]), hexDigit(s[i+2]); hi < 16 && lo < 16 {
				b = append(b, hi<<4|lo)
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

// sameName compares header and parameter names, which have no case.
func sameName(a, b string) bool { return a == b || len(a) == len(b) && strings.EqualFold(a, b) }
