package digest

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"net/netip"
	"sync"
	"time"
)

// A nonce is 5 bytes of milliseconds since the start, 12 random bytes and 16
// bytes of HMAC-SHA-256 over both and the address that it was made for, in 44
// characters of base64url.
const (
	stampLen  = 5
	randLen   = 12
	macLen    = 16
	nonceLen  = stampLen + randLen + macLen
	nonceText = 44
	addrLen   = 16
)

// NonceLife is how long a nonce may be used.
const NonceLife = 60 * time.Second

// Nonces makes nonces and knows its own again without having kept them. What
// it keeps is how far each nonce that a valid credential used has been
// counted, for as long as the nonce lives. Time is monotonic: a jump of the
// wall clock ages no nonce. Its key dies with the process, so a nonce of an
// earlier run is stale and can't be replayed. A nonce is good for the address
// that it was sent to: who uses it there has read it there.
type Nonces struct {
	start      time.Time
	life       int64 // milliseconds
	ipad, opad [sha256.BlockSize]byte
	shards     [nonceShards]nonceShard
}

const (
	nonceShards = 16
	// nonceCap bounds one generation of one shard. Only valid credentials get
	// in, so 16 × 2 × 32,768 is some 17,000 new nonces answered a second.
	nonceCap = 32768
)

// nonceShard counts in two generations, each a life long, so that dropping
// the old is dropping a map.
type nonceShard struct {
	mu      sync.Mutex
	now     map[uint64]window
	before  map[uint64]window
	rotated int64 // milliseconds since start
	floor   int64 // nonces issued before are stale: their counts were dropped
}

// window is the highest nc seen and which of the 32 below it were: requests
// over UDP overtake each other.
type window struct {
	top  uint32
	seen uint32 // bit i: top-1-i
}

// NewNonces makes a source of nonces; life 0 means [NonceLife].
func NewNonces(life time.Duration) *Nonces {
	if life <= 0 {
		life = NonceLife
	}
	n := &Nonces{start: time.Now(), life: life.Milliseconds()}
	var key [32]byte
	rand.Read(key[:]) // never fails: the runtime ends the process instead
	for i := range n.ipad {
		var k byte
		if i < len(key) {
			k = key[i]
		}
		n.ipad[i], n.opad[i] = k^0x36, k^0x5c
	}
	return n
}

func (n *Nonces) now() int64 { return time.Since(n.start).Milliseconds() }

// mac is HMAC-SHA-256 written out, because its fixed lengths need no
// allocation.
func (n *Nonces) mac(msg *[nonceLen]byte, source netip.Addr) [sha256.Size]byte {
	var inner [sha256.BlockSize + stampLen + randLen + addrLen]byte
	copy(inner[:], n.ipad[:])
	copy(inner[sha256.BlockSize:], msg[:stampLen+randLen])
	addr := source.As16()
	copy(inner[sha256.BlockSize+stampLen+randLen:], addr[:])
	in := sha256.Sum256(inner[:])
	var outer [sha256.BlockSize + sha256.Size]byte
	copy(outer[:], n.opad[:])
	copy(outer[sha256.BlockSize:], in[:])
	return sha256.Sum256(outer[:])
}

// Append appends a new nonce for source.
func (n *Nonces) Append(dst []byte, source netip.Addr) []byte {
	var raw [nonceLen]byte
	stamp := uint64(n.now())
	raw[0] = byte(stamp >> 32)
	binary.BigEndian.PutUint32(raw[1:], uint32(stamp))
	rand.Read(raw[stampLen : stampLen+randLen])
	sum := n.mac(&raw, source)
	copy(raw[stampLen+randLen:], sum[:macLen])
	return base64.RawURLEncoding.AppendEncode(dst, raw[:])
}

// Ticket is a nonce of ours that has not aged: what [Nonces.Use] counts.
type Ticket struct {
	id     uint64
	issued int64
}

// Check says whether nonce is ours, was made for source, and is young enough.
// False means stale: the nonce of an earlier run can't be told from a forged one,
// and neither is a wrong password.
func (n *Nonces) Check(nonce string, source netip.Addr) (Ticket, bool) {
	if len(nonce) != nonceText {
		return Ticket{}, false
	}
	var text [nonceText]byte
	copy(text[:], nonce)
	var raw [nonceLen]byte
	if m, err := base64.RawURLEncoding.Decode(raw[:], text[:]); err != nil || m != nonceLen {
		return Ticket{}, false
	}
	sum := n.mac(&raw, source)
	if subtle.ConstantTimeCompare(sum[:macLen], raw[stampLen+randLen:]) != 1 {
		return Ticket{}, false
	}
	issued := int64(raw[0])<<32 | int64(binary.BigEndian.Uint32(raw[1:]))
	if age := n.now() - issued; age < 0 || age >= n.life {
		return Ticket{}, false
	}
	return Ticket{id: binary.BigEndian.Uint64(raw[stampLen:]), issued: issued}, true
}

// Use counts one use of a nonce by a valid credential and says whether it was
// the first with this nc. nc 0 is a client without qop: it gets one use. False
// means stale too.
func (n *Nonces) Use(t Ticket, nc uint32) bool {
	s := &n.shards[t.id%nonceShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rotate(n.now(), n.life)
	if t.issued < s.floor {
		return false
	}
	w, known := s.now[t.id]
	if !known {
		w, known = s.before[t.id]
	}
	if nc == 0 {
		if known {
			return false
		}
		w = window{top: ^uint32(0), seen: ^uint32(0)} // used up
	} else if !w.take(nc) {
		return false
	}
	s.now[t.id] = w
	return true
}

func (w *window) take(nc uint32) bool {
	if nc > w.top {
		switch d := nc - w.top; {
		case d > 32:
			w.seen = 0
		case d == 32:
			w.seen = 1 << 31
		default:
			w.seen = w.seen<<d | 1<<(d-1)
		}
		w.top = nc
		return true
	}
	d := w.top - nc // 0: the top itself
	if d == 0 || d > 32 || w.seen&(1<<(d-1)) != 0 {
		return false
	}
	w.seen |= 1 << (d - 1)
	return true
}

// rotate starts a new generation when the present one is a life old, or full.
// A full one pushes counts out that are still needed, so every nonce that may
// have one there becomes stale: memory stays bounded and nothing is replayed.
func (s *nonceShard) rotate(now, life int64) {
	age := now - s.rotated
	switch {
	case s.now == nil, age >= 2*life:
		s.before = nil
	case age >= life:
		s.before = s.now
	case len(s.now) >= nonceCap:
		s.before, s.floor = s.now, s.rotated+1
	default:
		return
	}
	s.now, s.rotated = make(map[uint64]window), now
}
