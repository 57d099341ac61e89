package call

import (
	"bytes"
	"time"

	"strowger/sip/transport"
	"strowger/store"
)

// lastWords is how long the messages of an ended call still find its ladder, at
// least: the answers to our BYE and CANCEL, the ACK of a refusal. The store takes
// them until it saves the call, which is sooner.
const lastWords = 500 * time.Millisecond

// A conversation is the messages of one Call-ID.
type conversation struct {
	ladder *store.Ladder
	over   bool // its call has ended; the same Call-ID may begin another
}

// Trace sees every message on the shard of its Call-ID and keeps those of
// calls, without credentials.
func (x *Exchange) Trace(f transport.Flow, out bool, callID string, data []byte) {
	if callID == "" {
		return // of no transaction: it is not on a shard
	}
	t := x.table.of(x.Transactions.ShardOf(callID))
	talk, known := t.conversations[callID]
	if (!known || talk.over) && !out && bytes.HasPrefix(data, []byte("INVITE ")) {
		if t.first == nil {
			t.first = new(store.Ladder)
		}
		t.first.Reset() // the last one started no call
		t.firstID = callID
		t.first.Add(time.Now(), f.Remote(), out, redact(data))
		return
	}
	if known {
		talk.ladder.Add(time.Now(), f.Remote(), out, redact(data))
	}
}

// redact takes out what proves who somebody is.
func redact(data []byte) []byte {
	if bytes.HasPrefix(data, []byte("SIP/2.0")) {
		return data // an answer proves nothing
	}
	var out []byte // nil as long as nothing was taken out
	removed := false
	for rest := data; len(rest) > 0; {
		line := rest
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			line = rest[:i+1]
		}
		switch {
		case line[0] == '\n' || line[0] == '\r': // the body follows
			if out == nil {
				return data
			}
			return append(out, rest...)
		case removed && (line[0] == ' ' || line[0] == '\t'): // the header goes on, RFC 3261 7.3.1
		case isCredentials(line):
			if out == nil {
				out = append(make([]byte, 0, len(data)), data[:len(data)-len(rest)]...)
			}
			name, _, _ := bytes.Cut(line, []byte(":"))
			out = append(append(out, name...), ": (removed)\r\n"...)
			removed = true
		default:
			removed = false
			if out != nil {
				out = append(out, line...)
			}
		}
		rest = rest[len(line):]
	}
	if out == nil {
		return data
	}
	return out
}

func isCredentials(line []byte) bool {
	switch line[0] {
	case 'a', 'A', 'p', 'P':
		name, _, found := bytes.Cut(line, []byte(":"))
		name = bytes.TrimSpace(name)
		return found && (bytes.EqualFold(name, []byte("Authorization")) || bytes.EqualFold(name, []byte("Proxy-Authorization")))
	}
	return false
}
