package transaction

import (
	"iter"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// compact are the short names of RFC 3261 §7.3.3 and of those after it.
var compact = [26]string{
	0: "Accept-Contact", 'b' - 'a': "Referred-By", 'c' - 'a': "Content-Type",
	'd' - 'a': "Request-Disposition", 'e' - 'a': "Content-Encoding", 'f' - 'a': "From",
	'i' - 'a': "Call-ID", 'j' - 'a': "Reject-Contact", 'k' - 'a': "Supported",
	'l' - 'a': "Content-Length", 'm' - 'a': "Contact", 'n' - 'a': "Identity-Info",
	'o' - 'a': "Event", 'r' - 'a': "Refer-To", 's' - 'a': "Subject", 't' - 'a': "To",
	'u' - 'a': "Allow-Events", 'v' - 'a': "Via", 'x' - 'a': "Session-Expires", 'y' - 'a': "Identity",
}

func longName(s string) string {
	if len(s) == 1 {
		if c := s[0] | 0x20; 'a' <= c && c <= 'z' && compact[c-'a'] != "" {
			return compact[c-'a']
		}
	}
	return s
}

// canonical is the usual spelling of the headers that are read at once, or ""
// for the others.
func canonical(s string) string {
	var want string
	switch len(s) {
	case 1:
		switch s = longName(s); s {
		case "Via", "From", "To", "Call-ID", "Content-Length", "Content-Type", "Contact":
			return s
		}
		return ""
	case 2:
		want = "To"
	case 3:
		want = "Via"
	case 4:
		if want = "From"; s[0]|0x20 == 'c' {
			want = "CSeq"
		}
	case 5:
		want = "Route"
	case 7:
		if want = "Contact"; len(s) > 4 && s[4] == '-' {
			want = "Call-ID"
		}
	case 12:
		switch s[0] | 0x20 {
		case 'm':
			want = "Max-Forwards"
		case 'r':
			want = "Record-Route"
		default:
			want = "Content-Type"
		}
	case 14:
		want = "Content-Length"
	default:
		return ""
	}
	if s == want || strings.EqualFold(s, want) {
		return want
	}
	return ""
}

var methods = [...]sip.RequestMethod{
	sip.INVITE, sip.ACK, sip.BYE, sip.CANCEL, sip.REGISTER, sip.OPTIONS, sip.PRACK, sip.UPDATE,
	sip.INFO, sip.SUBSCRIBE, sip.NOTIFY, sip.REFER, sip.MESSAGE, sip.PUBLISH,
}

// internMethod avoids that a method keeps its whole message in memory.
func internMethod(s string) sip.RequestMethod {
	for _, m := range methods {
		if string(m) == s {
			return m
		}
	}
	return sip.RequestMethod(s)
}

func headersOf(msg sip.Message) []sip.Header {
	switch m := msg.(type) {
	case *sip.Request:
		return m.Headers()
	case *sip.Response:
		return m.Headers()
	}
	return nil
}

// Header is the value of the first header of that long name, in any case, and
// whether there is one. Unlike sipgo's GetHeader it allocates nothing for
// headers that sipgo keeps as text.
func Header(msg sip.Message, name string) (string, bool) {
	for _, h := range headersOf(msg) {
		if n := h.Name(); len(n) == len(name) && strings.EqualFold(n, name) {
			return h.Value(), true
		}
	}
	return "", false
}

// Values are the comma-separated values of every header of that name, in order.
// Commas within quotes or angle brackets do not separate.
func Values(msg sip.Message, name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, h := range headersOf(msg) {
			if n := h.Name(); len(n) != len(name) || !strings.EqualFold(n, name) {
				continue
			}
			for v := range splitList(h.Value()) {
				if !yield(v) {
					return
				}
			}
		}
	}
}

// splitList cuts a header's value at its commas; empty pieces are left out.
func splitList(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start, angle := 0, false
		for i := 0; i <= len(s); i++ {
			if i < len(s) {
				switch s[i] {
				case '"':
					if i = quoteEnd(s, i); i < 0 {
						i = len(s)
					}
					i--
					continue
				case '<':
					angle = true
					continue
				case '>':
					angle = false
					continue
				case ',':
					if angle {
						continue
					}
				default:
					continue
				}
			}
			if v := strings.TrimSpace(s[start:i]); v != "" && !yield(v) {
				return
			}
			start = i + 1
		}
	}
}

// Contacts are all Contact values, in order. sipgo's Contact is the first one.
func Contacts(msg sip.Message) iter.Seq[*sip.ContactHeader] {
	return func(yield func(*sip.ContactHeader) bool) {
		for _, h := range headersOf(msg) {
			if c, ok := h.(*sip.ContactHeader); ok && !yield(c) {
				return
			}
		}
	}
}

// FromTag is the tag of From, or "".
func FromTag(msg sip.Message) string {
	if h := msg.From(); h != nil {
		v, _ := h.Params.Get("tag")
		return v
	}
	return ""
}

// ToTag is the tag of To, or "".
func ToTag(msg sip.Message) string {
	if h := msg.To(); h != nil {
		v, _ := h.Params.Get("tag")
		return v
	}
	return ""
}
