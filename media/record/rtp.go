package record

import "encoding/binary"

// rtpPacket is what rendering needs of an RTP packet (RFC 3550, 5.1).
type rtpPacket struct {
	pt      uint8
	seq     uint16
	ts      uint32
	ssrc    uint32
	payload []byte // within the datagram
}

// parseRTP reads b; false if it is no RTP, or RTCP that shares the port (RFC
// 5761, 4: payload types 64 to 95 with the marker bit set).
func parseRTP(b []byte) (p rtpPacket, ok bool) {
	if len(b) < 12 || b[0]>>6 != 2 || b[1] >= 192 && b[1] <= 223 {
		return p, false
	}
	p.pt = b[1] & 0x7f
	p.seq = binary.BigEndian.Uint16(b[2:])
	p.ts = binary.BigEndian.Uint32(b[4:])
	p.ssrc = binary.BigEndian.Uint32(b[8:])
	at := 12 + 4*int(b[0]&15)
	if b[0]&0x10 != 0 { // header extension
		if len(b) < at+4 {
			return p, false
		}
		at += 4 + 4*int(binary.BigEndian.Uint16(b[at+2:]))
	}
	end := len(b)
	if b[0]&0x20 != 0 { // padding
		end -= int(b[end-1])
	}
	if at > end {
		return p, false
	}
	p.payload = b[at:end]
	return p, true
}
