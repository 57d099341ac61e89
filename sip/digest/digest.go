// Package digest owns Digest access authentication as SIP uses it (RFC 3261
// §22, RFC 7616, RFC 8760): challenges and their nonces, reading and checking
// what a phone answers, and our own answers to a carrier's challenge. Who has
// which credential, and what a failure costs the source, it leaves to others.
package digest

import (
	"errors"
	"fmt"
	"strings"
)

// Algorithm is a hash that a challenge may name.
type Algorithm uint8

const (
	MD5         Algorithm = iota // also when none is named
	SHA256                       // RFC 8760
	Unsupported                  // anything else, the -sess forms too
)

func (a Algorithm) String() string {
	switch a {
	case MD5:
		return "MD5"
	case SHA256:
		return "SHA-256"
	}
	return "unsupported"
}

func algorithm(s string) Algorithm {
	switch {
	case s == "", strings.EqualFold(s, "MD5"):
		return MD5
	case strings.EqualFold(s, "SHA-256"):
		return SHA256
	}
	return Unsupported
}

// Credentials is what an Authorization or Proxy-Authorization header says. Its
// strings are parts of the header that was parsed.
type Credentials struct {
	Username  string
	Realm     string
	Nonce     string
	URI       string
	Response  string
	CNonce    string
	Opaque    string
	QOP       string // "auth", or "" for a client that knows none
	Algorithm Algorithm
	NC        uint32 // 0 without QOP
	ncText    string // as sent: the hash covers the text
}

var (
	// ErrScheme says that the header is of another scheme than Digest.
	ErrScheme = errors.New("digest: not the Digest scheme")
	errLong   = errors.New("digest: header over 4096 bytes")
)

// maxHeader bounds what a stranger can make us scan and hash.
const maxHeader = 4096

// Parse reads the value of an Authorization header. A parameter that appears
// twice is an error: two readers must not be able to see two truths.
func Parse(header string) (Credentials, error) {
	var c Credentials
	if len(header) > maxHeader {
		return c, errLong
	}
	rest, ok := cutScheme(header)
	if !ok {
		return c, ErrScheme
	}
	var seen uint16
	once := func(bit uint16, name string) error {
		if seen&bit != 0 {
			return fmt.Errorf("digest: %s appears twice", name)
		}
		seen |= bit
		return nil
	}
	s := scanner{rest: rest}
	for s.next() {
		var err error
		switch {
		case strings.EqualFold(s.name, "username"):
			c.Username, err = unquote(s.value), once(1, "username")
		case strings.EqualFold(s.name, "realm"):
			c.Realm, err = unquote(s.value), once(2, "realm")
		case strings.EqualFold(s.name, "nonce"):
			c.Nonce, err = s.value, once(4, "nonce")
		case strings.EqualFold(s.name, "uri"):
			c.URI, err = s.value, once(8, "uri")
		case strings.EqualFold(s.name, "response"):
			c.Response, err = s.value, once(16, "response")
		case strings.EqualFold(s.name, "cnonce"):
			c.CNonce, err = s.value, once(32, "cnonce")
		case strings.EqualFold(s.name, "opaque"):
			c.Opaque, err = s.value, once(64, "opaque")
		case strings.EqualFold(s.name, "qop"):
			c.QOP, err = s.value, once(128, "qop")
		case strings.EqualFold(s.name, "algorithm"):
			c.Algorithm, err = algorithm(s.value), once(256, "algorithm")
		case strings.EqualFold(s.name, "nc"):
			c.ncText, err = s.value, once(512, "nc")
		}
		if err != nil {
			return Credentials{}, err
		}
	}
	if s.err != nil {
		return Credentials{}, s.err
	}
	return c, c.check(seen)
}

// check says what is missing. Without qop a client sends neither nc nor cnonce
// (RFC 2069); with it both are due.
func (c *Credentials) check(seen uint16) error {
	for i, name := range [...]string{"username", "realm", "nonce", "uri", "response"} {
		if seen&(1<<i) == 0 {
			return fmt.Errorf("digest: %s is missing", name)
		}
	}
	if c.QOP == "" {
		return nil
	}
	if c.CNonce == "" {
		return errors.New("digest: cnonce is missing")
	}
	nc, ok := parseNC(c.ncText)
	if !ok {
		return fmt.Errorf("digest: nc %.12q: want 8 hexadecimal digits", c.ncText)
	}
	c.NC = nc
	return nil
}

func parseNC(s string) (uint32, bool) {
	if len(s) != 8 {
		return 0, false
	}
	var n uint32
	for i := range len(s) {
		v := unhex(s[i])
		if v > 15 {
			return 0, false
		}
		n = n<<4 | uint32(v)
	}
	return n, true
}

func unhex(c byte) byte {
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

func cutScheme(header string) (string, bool) {
	const scheme = "digest"
	header = strings.TrimLeft(header, " \t")
	if len(header) <= len(scheme) || !strings.EqualFold(header[:len(scheme)], scheme) {
		return "", false
	}
	if c := header[len(scheme)]; c != ' ' && c != '\t' && c != '\r' && c != '\n' {
		return "", false
	}
	return header[len(scheme)+1:], true
}

// scanner walks a comma-separated list of name=value, the value a token or a
// quoted string. It allocates nothing: value is what stands between the
// quotes, escapes included.
type scanner struct {
	rest        string
	name, value string
	err         error
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func trimSpace(s string) string {
	for len(s) > 0 && isSpace(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func (s *scanner) next() bool {
	r := s.rest
	for len(r) > 0 && (isSpace(r[0]) || r[0] == ',') {
		r = r[1:]
	}
	if r == "" {
		return false
	}
	eq := strings.IndexByte(r, '=')
	if eq < 0 {
		s.err = fmt.Errorf("digest: %.20q has no value", r)
		return false
	}
	s.name = trimSpace(r[:eq])
	if s.name == "" || strings.ContainsAny(s.name, " \t\r\n,\"") {
		s.err = fmt.Errorf("digest: %.20q is no parameter name", s.name)
		return false
	}
	r = r[eq+1:]
	for len(r) > 0 && isSpace(r[0]) {
		r = r[1:]
	}
	if len(r) > 0 && r[0] == '"' {
		end := closingQuote(r)
		if end < 0 {
			s.err = fmt.Errorf("digest: %s: quote is not closed", s.name)
			return false
		}
		s.value, r = r[1:end], r[end+1:]
		for len(r) > 0 && isSpace(r[0]) {
			r = r[1:]
		}
		if len(r) > 0 && r[0] != ',' {
			s.err = fmt.Errorf("digest: %s: text after the closing quote", s.name)
			return false
		}
		s.rest = r
		return true
	}
	end := strings.IndexByte(r, ',')
	if end < 0 {
		end = len(r)
	}
	s.value, s.rest = trimSpace(r[:end]), r[end:]
	return true
}

// closingQuote finds the quote that ends the quoted string at the start of s.
func closingQuote(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

func unquote(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b = append(b, s[i])
	}
	return string(b)
}
