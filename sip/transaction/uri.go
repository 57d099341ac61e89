package transaction

import (
	"errors"
	"net/netip"
	"strings"

	"github.com/emiago/sipgo/sip"
)

var (
	errURI     = errors.New("not a URI")
	errHost    = errors.New("URI without a valid host")
	errPort    = errors.New("URI with an invalid port")
	errParam   = errors.New("empty or broken parameter")
	errQuote   = errors.New("unterminated quoted string")
	errBracket = errors.New("no < or > around the URI")
	errComma   = errors.New("comma outside quotes")
)

// ParseURI reads a URI as RFC 3261 §25.1 writes it. A SIP or SIPS URI is taken
// apart; of others the scheme is known and Raw is the rest. Escapes stay as
// they are: see Unescape. An IPv6 host keeps its brackets, as in sipgo.
func ParseURI(s string, u *sip.Uri) error {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c <= ' ', c == 0x7f, c == '<', c == '>', c == '"':
			return errURI
		}
	}
	colon := strings.IndexByte(s, ':')
	if colon <= 0 || !isScheme(s[:colon]) {
		return errURI
	}
	switch scheme := s[:colon]; {
	case scheme == "sip", strings.EqualFold(scheme, "sip"):
		u.Scheme = "sip"
	case strings.EqualFold(scheme, "sips"):
		u.Scheme = "sips"
	default:
		if sip.ParseUri(s, u) != nil { // its schemes are letters only
			*u = sip.Uri{Scheme: strings.ToLower(scheme), Host: s[colon+1:]}
		}
		return nil
	}
	s = s[colon+1:]

	// The user part may hold ; ? / and : but never @ (RFC 3261 §25.1), so the
	// first @ ends it, wherever parameters seem to begin.
	if at := strings.IndexByte(s, '@'); at >= 0 {
		if at == 0 {
			return errURI
		}
		u.User = s[:at]
		if c := strings.IndexByte(u.User, ':'); c >= 0 {
			u.User, u.Password = u.User[:c], u.User[c+1:]
		}
		s = s[at+1:]
	}
	end := len(s)
	if len(s) > 0 && s[0] == '[' {
		end = strings.IndexByte(s, ']') + 1
		if end <= 0 {
			return errHost
		}
		if ip, err := netip.ParseAddr(s[1 : end-1]); err != nil || !ip.Is6() || ip.Zone() != "" {
			return errHost
		}
	} else {
		if i := strings.IndexAny(s, ":;?"); i >= 0 {
			end = i
		}
		if !isHost(s[:end]) {
			return errHost
		}
	}
	u.Host, s = s[:end], s[end:]
	if len(s) > 0 && s[0] == ':' {
		end = 1
		for end < len(s) && s[end] != ';' && s[end] != '?' {
			end++
		}
		port, ok := decimal(s[1:end], 65535)
		if !ok {
			return errPort
		}
		u.Port, s = port, s[end:]
	}
	if len(s) > 0 && s[0] == ';' {
		end = len(s)
		if i := strings.IndexByte(s, '?'); i >= 0 {
			end = i
		}
		if !splitParams(s[1:end], ';', &u.UriParams) {
			return errParam
		}
		s = s[end:]
	}
	if len(s) > 0 && s[0] == '?' {
		if !splitParams(s[1:], '&', &u.Headers) {
			return errParam
		}
		s = ""
	}
	if s != "" {
		return errHost
	}
	return nil
}

// splitParams cuts a=b;c at sep. Names are lower-cased: they are
// case-insensitive, and sipgo's look-ups are not.
func splitParams(s string, sep byte, p *sip.HeaderParams) bool {
	list := make(sip.HeaderParams, 0, strings.Count(s, string(rune(sep)))+1)
	for s != "" {
		kv := s
		if i := strings.IndexByte(s, sep); i >= 0 {
			kv, s = s[:i], s[i+1:]
		} else {
			s = ""
		}
		if kv == "" {
			return false
		}
		k, v, _ := strings.Cut(kv, "=")
		if k == "" {
			return false
		}
		list = append(list, sip.HeaderKV{K: lowerName(k), V: v})
	}
	*p = list
	return true
}

// lowerName lower-cases without allocating where nothing changes.
func lowerName(s string) string {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return strings.ToLower(s)
		}
	}
	return s
}

// isScheme is ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ), RFC 3986 §3.1.
func isScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case 'a' <= c|0x20 && c|0x20 <= 'z':
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		default:
			return false
		}
	}
	return s != ""
}

// isHost admits names, IPv4 addresses and the underscore that some phones use.
func isHost(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case 'a' <= c|0x20 && c|0x20 <= 'z', '0' <= c && c <= '9', c == '-', c == '.', c == '_', c >= 0x80:
		default:
			return false
		}
	}
	return s != ""
}

func decimal(s string, most int) (int, bool) {
	if s == "" {
		return 0, false
	}
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		if n = n*10 + int(s[i]-'0'); n > most {
			return 0, false
		}
	}
	return n, true
}

// Unescape turns %41 into A. What is no escape stays. Two user parts are the
// same when their unescaped forms are (RFC 3261 §19.1.4).
func Unescape(s string) string {
	i := strings.IndexByte(s, '%')
	if i < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	b = append(b, s[:i]...)
	for ; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, lo := hex(s[i+1]), hex(s[i+2])
			if hi >= 0 && lo >= 0 {
				b = append(b, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

func hex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// SameUser compares the user parts of two URIs, escapes undone.
func SameUser(a, b string) bool {
	return a == b || Unescape(a) == Unescape(b)
}

// Unquote takes the quotes and backslashes off a parameter value. Values are
// kept as they came, quotes included, so that they leave as they came.
func Unquote(v string) string {
	if len(v) < 2 || v[0] != '"' || v[len(v)-1] != '"' {
		return v
	}
	v = v[1 : len(v)-1]
	if strings.IndexByte(v, '\\') < 0 {
		return v
	}
	b := make([]byte, 0, len(v))
	for i := 0; i < len(v); i++ {
		if v[i] == '\\' && i+1 < len(v) {
			i++
		}
		b = append(b, v[i])
	}
	return string(b)
}
