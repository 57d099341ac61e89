package registrar

import (
	"hash/maphash"
	"net/netip"
	"time"
)

// A farewell is a REGISTER that was granted and left no binding behind which
// would know it again when it is sent once more: it removes, or asks. Its nonce
// is used up, so without a farewell the retransmission would be challenged, and
// before the answer that still waits for the disk.
type farewell struct {
	until  int64   // monotonic, as in a binding
	saving *commit // what the answer waits for; nil: it is out
}

// farewellKey is who sent it, and which of theirs it is.
type farewellKey struct {
	callID uint64 // hash, seeded
	cseq   uint32
	source netip.AddrPort
}

// farewellLife is how long a phone may send a request again over UDP (RFC 3261,
// Timer J).
const farewellLife = 32 * time.Second

func (r *Registrar) farewellKey(u *update) farewellKey {
	return farewellKey{maphash.String(r.seed, u.callID), u.cseq, u.flow.Remote()}
}

// farewell finds one. The caller holds the shard.
func (r *Registrar) farewell(s *shard, u *update) (known, wait bool) {
	if len(s.farewells) == 0 {
		return false, false
	}
	f, known := s.farewells[r.farewellKey(u)]
	return known && f.until > r.now(), f.saving != nil && !f.saving.done.Load()
}

// bid keeps a farewell. The caller holds the shard.
func (r *Registrar) bid(s *shard, u *update, saving *commit) {
	if u.flow.Proto().Reliable() {
		return // nothing is sent twice
	}
	if s.farewells == nil {
		s.farewells = make(map[farewellKey]farewell)
	}
	s.farewells[r.farewellKey(u)] = farewell{r.now() + int64(farewellLife), saving}
}

// forget drops the farewells of a shard that had their time.
func (r *Registrar) forget(s *shard) {
	now := r.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, f := range s.farewells {
		if f.until <= now {
			delete(s.farewells, k)
		}
	}
	if len(s.farewells) == 0 {
		s.farewells = nil // a map keeps the room that it once needed
	}
}
