package digest

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Challenge is what a WWW-Authenticate or Proxy-Authenticate header asks.
type Challenge struct {
	Realm     string
	Nonce     string
	Opaque    string
	Algorithm Algorithm
	named     string // the algorithm as sent, "" when none was
	QOP       bool   // "auth" is among those offered
	OtherQOP  bool   // a qop is required, and "auth" is not among them
	Stale     bool
}

// ParseChallenge reads one challenge.
func ParseChallenge(header string) (Challenge, error) {
	var c Challenge
	if len(header) > maxHeader {
		return c, errLong
	}
	rest, ok := cutScheme(header)
	if !ok {
		return c, ErrScheme
	}
	s := scanner{rest: rest}
	for s.next() {
		switch {
		case strings.EqualFold(s.name, "realm"):
			c.Realm = unquote(s.value)
		case strings.EqualFold(s.name, "nonce"):
			c.Nonce = s.value
		case strings.EqualFold(s.name, "opaque"):
			c.Opaque = s.value
		case strings.EqualFold(s.name, "algorithm"):
			c.named, c.Algorithm = s.value, algorithm(s.value)
		case strings.EqualFold(s.name, "stale"):
			c.Stale = strings.EqualFold(s.value, "true")
		case strings.EqualFold(s.name, "qop"):
			for q := range strings.SplitSeq(s.value, ",") {
				if strings.EqualFold(trimSpace(q), "auth") {
					c.QOP = true
				}
			}
			c.OtherQOP = !c.QOP && trimSpace(s.value) != ""
		}
	}
	if s.err != nil {
		return Challenge{}, s.err
	}
	if c.Nonce == "" {
		return Challenge{}, errors.New("digest: nonce is missing")
	}
	if strings.ContainsAny(c.Nonce+c.Opaque, "\r\n") { // they go back as they came
		return Challenge{}, errors.New("digest: line break in a challenge")
	}
	return c, nil
}

// ErrNoChallenge says that nothing in a response is a challenge that we can
// answer.
var ErrNoChallenge = errors.New("digest: no challenge that can be answered")

// Choose takes the first challenge that can be answered: the sender puts what
// it prefers first (RFC 8760 §2.4).
func Choose(headers []string) (Challenge, error) {
	for _, h := range headers {
		c, err := ParseChallenge(h)
		if err == nil && c.Algorithm != Unsupported && !c.OtherQOP {
			return c, nil
		}
	}
	return Challenge{}, ErrNoChallenge
}

// Answer makes the value of the Authorization header that answers c, for the
// nc-th use of its nonce.
func (c Challenge) Answer(method, uri, username, password string, nc uint32) string {
	var mem [8]byte
	rand.Read(mem[:])
	return c.answer(method, uri, username, password, nc, hex.EncodeToString(mem[:]))
}

func (c Challenge) answer(method, uri, username, password string, nc uint32, cnonce string) string {
	count, qop := fmt.Sprintf("%08x", nc), "auth"
	if !c.QOP {
		count, qop, cnonce = "", "", ""
	}
	ha1 := HA1(c.Algorithm, username, c.Realm, password)
	var sum [64]byte
	b := make([]byte, 0, 320)
	b = append(b, `Digest username="`...)
	b = appendQuoted(b, username)
	b = append(b, `", realm="`...)
	b = appendQuoted(b, c.Realm)
	b = append(b, `", nonce="`...)
	b = append(b, c.Nonce...)
	b = append(b, `", uri="`...)
	b = append(b, uri...)
	b = append(b, `", response="`...)
	b = append(b, response(sum[:0], c.Algorithm, ha1, method, uri, c.Nonce, count, cnonce, qop)...)
	b = append(b, '"')
	if c.named != "" {
		b = append(b, ", algorithm="...)
		b = append(b, c.Algorithm.String()...)
	}
	if c.Opaque != "" {
		b = append(b, `, opaque="`...)
		b = append(b, c.Opaque...)
		b = append(b, '"')
	}
	if qop != "" {
		b = append(b, ", qop=auth, nc="...)
		b = append(b, count...)
		b = append(b, `, cnonce="`...)
		b = append(b, cnonce...)
		b = append(b, '"')
	}
	return string(b)
}
