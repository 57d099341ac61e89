package record

import "github.com/pion/rtp"

// parseRTP reads b into p, whose payload lies within b; false if it is no RTP,
// or RTCP that shares the port (RFC 5761, 4: payload types 64 to 95 with the
// marker bit set). A p that is used again costs no allocation.
func parseRTP(p *rtp.Packet, b []byte) bool {
	return len(b) >= 12 && (b[1] < 192 || b[1] > 223) && p.Unmarshal(b) == nil && p.Version == 2
}
