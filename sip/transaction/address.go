package transaction

import (
	"strings"

	"github.com/emiago/sipgo/sip"
)

// NameAddr is an address header's value: "Anna" <sip:anna@example.com>;tag=1.
type NameAddr struct {
	Name   string // as between the quotes, its escapes kept
	URI    sip.Uri
	Params sip.HeaderParams // values as they came: see Unquote
}

// ParseNameAddr reads one value, for headers that sipgo keeps as text or only
// in part: Refer-To, P-Asserted-Identity, Diversion and their like.
func ParseNameAddr(s string) (NameAddr, error) {
	var a NameAddr
	rest, err := parseAddress(s, &a.Name, &a.URI, &a.Params, nil)
	if err == nil && rest != len(s) {
		err = errComma
	}
	return a, err
}

// parseAddress reads one value and returns where it stopped: at a comma or at
// the end. Parameters go where there is room for them, as in parseParams.
func parseAddress(s string, name *string, uri *sip.Uri, params *sip.HeaderParams, room []sip.HeaderKV) (int, error) {
	i := skipSpace(s, 0)
	if i == len(s) {
		return i, errURI
	}
	if s[i] == '*' && (i+1 == len(s) || skipSpace(s, i+1) == len(s)) {
		uri.Host, uri.Wildcard = "*", true
		return len(s), nil
	}
	if s[i] == '"' {
		end := quoteEnd(s, i)
		if end < 0 {
			return i, errQuote
		}
		*name = s[i+1 : end-1]
		if i = skipSpace(s, end); i == len(s) || s[i] != '<' {
			return i, errBracket
		}
	} else {
		j := i
		for j < len(s) && s[j] != '<' && s[j] != ';' && s[j] != ',' && s[j] != '"' {
			j++
		}
		switch {
		case j < len(s) && s[j] == '<':
			*name = strings.TrimRight(s[i:j], " \t\r\n")
			i = j
		case j < len(s) && s[j] == '"':
			return j, errQuote
		default: // an addr-spec without brackets has no parameters of its own
			spec := strings.TrimRight(s[i:j], " \t\r\n")
			if strings.IndexByte(spec, '?') >= 0 {
				return i, errBracket // RFC 3261 §20: ? must be inside < >
			}
			if err := ParseURI(spec, uri); err != nil {
				return i, err
			}
			return parseParams(s, j, params, room)
		}
	}
	end := strings.IndexByte(s[i:], '>')
	if end < 0 {
		return i, errBracket
	}
	end += i
	if err := ParseURI(s[i+1:end], uri); err != nil {
		return i, err
	}
	return parseParams(s, end+1, params, room)
}

// parseParams reads *( SEMI name [ EQUAL value ] ), LWS allowed around both
// signs, and stops at a comma or at the end. One empty parameter at the end is
// forgiven, since phones exist that send it. Parameters are kept in room as long
// as they fit.
func parseParams(s string, i int, params *sip.HeaderParams, room []sip.HeaderKV) (int, error) {
	for {
		i = skipSpace(s, i)
		if i == len(s) || s[i] == ',' {
			return i, nil
		}
		if s[i] != ';' {
			return i, errParam
		}
		if i = skipSpace(s, i+1); i == len(s) {
			return i, nil
		}
		start := i
		for i < len(s) && isParamName(s[i]) {
			i++
		}
		if i == start {
			return i, errParam
		}
		name := lowerName(s[start:i])
		i = skipSpace(s, i)
		var value string
		if i < len(s) && s[i] == '=' {
			i = skipSpace(s, i+1)
			start = i
			if i < len(s) && s[i] == '"' {
				if i = quoteEnd(s, i); i < 0 {
					return start, errQuote
				}
			} else {
				for i < len(s) && s[i] != ';' && s[i] != ',' && !isLWS(s[i]) {
					if s[i] == '"' || s[i] < ' ' {
						return i, errQuote
					}
					i++
				}
			}
			value = s[start:i]
		}
		if params == nil {
			continue
		}
		if *params == nil {
			if *params = room[:0]; room == nil {
				*params = make(sip.HeaderParams, 0, 2)
			}
		}
		*params = append(*params, sip.HeaderKV{K: name, V: value})
	}
}

// parseVia reads one value, LWS allowed wherever §25.1 allows it.
func parseVia(s string, v *sip.ViaHeader, room []sip.HeaderKV) (int, error) {
	i := skipSpace(s, 0)
	var ok bool
	if v.ProtocolName, i, ok = word(s, i); !ok {
		return i, errParam
	}
	if v.ProtocolVersion, i, ok = slashWord(s, i); !ok {
		return i, errParam
	}
	if v.Transport, i, ok = slashWord(s, i); !ok {
		return i, errParam
	}
	if i == len(s) || !isLWS(s[i]) {
		return i, errHost
	}
	i = skipSpace(s, i)
	if i < len(s) && s[i] == '[' {
		end := strings.IndexByte(s[i:], ']')
		if end < 0 {
			return i, errHost
		}
		v.Host = s[i+1 : i+end] // sipgo keeps it bare here
		i += end + 1
	} else {
		start := i
		for i < len(s) && s[i] != ':' && s[i] != ';' && s[i] != ',' && !isLWS(s[i]) {
			i++
		}
		v.Host = s[start:i]
		if !isHost(v.Host) {
			return start, errHost
		}
	}
	i = skipSpace(s, i)
	if i < len(s) && s[i] == ':' {
		i = skipSpace(s, i+1)
		start := i
		for i < len(s) && '0' <= s[i] && s[i] <= '9' {
			i++
		}
		if v.Port, ok = decimal(s[start:i], 65535); !ok {
			return start, errPort
		}
	}
	i, err := parseParams(s, i, &v.Params, room)
	return i, err
}

func word(s string, i int) (string, int, bool) {
	start := i
	for i < len(s) && isToken(s[i]) {
		i++
	}
	return s[start:i], i, i > start
}

func slashWord(s string, i int) (string, int, bool) {
	if i = skipSpace(s, i); i == len(s) || s[i] != '/' {
		return "", i, false
	}
	return word(s, skipSpace(s, i+1))
}

func skipSpace(s string, i int) int {
	for i < len(s) && isLWS(s[i]) {
		i++
	}
	return i
}

func isLWS(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// quoteEnd is the index after the quoted string that begins at i, or -1.
func quoteEnd(s string, i int) int {
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// tokens is the token of RFC 3261 §25.1.
var tokens = func() (t [256]bool) {
	for c := '0'; c <= '9'; c++ {
		t[c] = true
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = true, true
	}
	for _, c := range "-.!%*_+`'~" {
		t[c] = true
	}
	return t
}()

func isToken(c byte) bool { return tokens[c] }

// isParamName is wider than token: feature tags and old phones use more.
func isParamName(c byte) bool {
	return tokens[c] || c == '[' || c == ']' || c == ':' || c == '/' || c == '$' || c == '&' || c == '@' || c >= 0x80
}

func allToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if !tokens[s[i]] {
			return false
		}
	}
	return s != ""
}
