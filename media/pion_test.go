package media

import (
	"testing"

	pion "github.com/pion/rtp"
)

// What a playback sends is one stream, in order, 20 ms a packet.
func TestPlaybackIsOneStream(t *testing.T) {
	p, e := newPhone(t, "127.0.0.2"), open(t, relay(t, Options{}))
	e.SetRemote(p.remote())
	e.Play(&frames{n: 1 << 20}, nil)
	var first pion.Packet
	for i := range 5 {
		b, _ := p.recv()
		var got pion.Packet
		if err := got.Unmarshal(b); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = *got.Clone()
		}
		if got.Version != 2 || got.SSRC != first.SSRC || got.SequenceNumber != first.SequenceNumber+uint16(i) ||
			got.Timestamp != first.Timestamp+uint32(i)*160 || got.Marker != (i == 0) || len(got.Payload) != 160 {
			t.Errorf("packet %d: %+v", i, got.Header)
		}
	}
}
