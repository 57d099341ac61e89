// Package dtmf owns keys pressed on a phone: RFC 4733 events, SIP INFO bodies
// and in-band tones, each read as one digit per press. What a digit means is
// for its callers.
package dtmf

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Bodies of SIP INFO that carry a key.
const (
	TypeRelay = "application/dtmf-relay" // Signal= and Duration=
	TypePlain = "application/dtmf"       // the bare digit
)

// defaultMS is how long a key counts when INFO does not say.
const defaultMS = 160

// ErrNotDTMF is the answer to a content type that carries no keys.
var ErrNotDTMF = errors.New("dtmf: not a body with a key")

// ParseInfo reads the body of a SIP INFO: application/dtmf-relay
// (Signal= and Duration=) or application/dtmf (a bare digit).
func ParseInfo(contentType string, body []byte) (digit byte, ms int, err error) {
	kind, _, _ := strings.Cut(contentType, ";")
	text := strings.TrimSpace(string(body))
	ms = defaultMS
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case TypePlain:
		digit, err = key(text)
		return digit, ms, err
	case TypeRelay:
	default:
		return 0, 0, ErrNotDTMF
	}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			name, value, ok = strings.Cut(line, ":")
		}
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "signal":
			if digit, err = key(value); err != nil {
				return 0, 0, err
			}
		case "duration":
			n, err := strconv.Atoi(value)
			if err != nil || n < 0 {
				return 0, 0, fmt.Errorf("dtmf: Duration %q is no number of milliseconds", value)
			}
			if n > 0 {
				ms = min(n, 10000)
			}
		}
	}
	if digit == 0 {
		return 0, 0, errors.New("dtmf: no Signal in the body")
	}
	return digit, ms, nil
}

// key reads a digit, or the number of an event from 10 to 16, which some phones
// write for * # and A to D.
func key(s string) (byte, error) {
	if len(s) == 1 {
		if code, ok := Code(s[0]); ok {
			return Digit(code), nil
		}
	}
	if n, err := strconv.ParseUint(s, 10, 8); err == nil && n >= 10 {
		if d := Digit(uint8(n)); d != 0 {
			return d, nil
		}
	}
	if len(s) > 16 {
		s = s[:16]
	}
	return 0, fmt.Errorf("dtmf: %q is no key", s)
}

// InfoBody is the application/dtmf-relay body for a key.
func InfoBody(digit byte, ms int) []byte {
	return fmt.Appendf(nil, "Signal=%c\r\nDuration=%d\r\n", digit, ms)
}
