package store

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Here is how a ladder names the exchange itself.
const Here = "strowger"

// A Ladder collects the SIP messages of a call in the form in which the
// database keeps them: it costs a call what their text takes, and saving it
// costs a copy. The zero Ladder is empty. It may be added to until it is saved,
// after its call has ended too: the last answers come then.
type Ladder struct {
	mu     sync.Mutex
	chunks [][]byte
	steps  int
	saved  bool
}

// ladderChunk is what most calls' messages fill once or twice.
const ladderChunk = 4 << 10 // bytes

// chunks of ended calls serve new ones: they were a tenth of all that a call
// allocated.
var chunks = sync.Pool{New: func() any { return new([ladderChunk]byte) }}

// ladderLimit bounds what one call keeps of its messages.
const ladderLimit = 400

// Add appends a message that came from peer, or was sent to it. What comes
// after saving, or is one too many, is left out.
func (l *Ladder) Add(at time.Time, peer netip.AddrPort, sent bool, message []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.saved || l.steps >= ladderLimit {
		return
	}
	text := len(message)
	var addr [64]byte
	name := peer.AppendTo(addr[:0])
	const numbers = 2*binary.MaxVarintLen64 + 8 // no more for tags, lengths and the time
	room := text + len(name) + len(Here) + 2*numbers
	if n := len(l.chunks); n == 0 || cap(l.chunks[n-1])-len(l.chunks[n-1]) < room {
		l.chunks = append(l.chunks, newChunk(room))
	}
	b := l.chunks[len(l.chunks)-1]

	// The size of a step stands before it: it is written behind, then moved.
	b = append(b, 1<<1|wireBytes)
	at0 := len(b)
	ns := at.UnixNano()
	b = append(b, 1<<1|wireVarint)
	b = binary.AppendUvarint(b, uint64(ns<<1)^uint64(ns>>63))
	from, to := name, []byte(Here)
	if sent {
		from, to = to, from
	}
	b = appendBytes(b, 2, from)
	b = appendBytes(b, 3, to)
	b = append(b, 5<<1|wireBytes)
	b = binary.AppendUvarint(b, uint64(text))
	size := len(b) - at0 + text
	var head [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(head[:], uint64(size))
	b = append(b, head[:n]...)
	copy(b[at0+n:], b[at0:len(b)-n])
	copy(b[at0:], head[:n])
	l.chunks[len(l.chunks)-1] = append(b, message...)
	l.steps++
}

func newChunk(room int) []byte {
	if room > ladderChunk {
		return make([]byte, 0, room)
	}
	return chunks.Get().(*[ladderChunk]byte)[:0]
}

// Reset empties l, whose memory serves others from here on.
func (l *Ladder) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.empty()
}

// seal ends l, which is saved.
func (l *Ladder) seal() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.empty()
	l.saved = true
}

func (l *Ladder) empty() {
	for _, c := range l.chunks {
		if cap(c) == ladderChunk {
			chunks.Put((*[ladderChunk]byte)(c[:ladderChunk]))
		}
	}
	l.chunks, l.steps = nil, 0
}

func appendBytes(b []byte, num uint64, s []byte) []byte {
	b = binary.AppendUvarint(b, num<<1|wireBytes)
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// Steps reads the messages.
func (l *Ladder) Steps() []LadderStep {
	steps, _ := ladderSteps(string(l.appendTo(nil)))
	return steps
}

// appendTo appends the messages as they are stored.
func (l *Ladder) appendTo(b []byte) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.chunks {
		b = append(b, c...)
	}
	return b
}

func ladderSteps(data string) (steps []LadderStep, ok bool) {
	ok = decode(data, func(c *codec) { list(c, 1, &steps, (*LadderStep).fields) })
	for i := range steps {
		if s := &steps[i]; s.Summary == "" {
			s.Summary = startLine(s.Message)
		}
	}
	return steps, ok
}

// startLine is a message's first line without its version.
func startLine(message string) string {
	line, _, _ := strings.Cut(message, "\n")
	line = strings.TrimRight(line, "\r")
	if s, ok := strings.CutPrefix(line, "SIP/2.0 "); ok {
		return s
	}
	return strings.TrimSuffix(line, " SIP/2.0")
}
