package record

import (
	"testing"

	"github.com/pion/rtp"
)

func TestParseRTP(t *testing.T) {
	fixed := string([]byte{0x80, 0x88, 1, 2, 0, 0, 0, 3, 0, 0, 0, 4})
	first := func(b byte, rest string) []byte { return []byte(string([]byte{b}) + fixed[1:] + rest) }
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"plain":        {first(0x80, "voice"), "voice"},
		"empty":        {first(0x80, ""), ""},
		"sources":      {first(0x82, "aaaabbbbvoice"), "voice"},
		"extension":    {first(0x90, "\x12\x34\x00\x01xxxxvoice"), "voice"},
		"padding":      {first(0xa0, "voice\x00\x00\x03"), "voice"},
		"all of these": {first(0xb1, "aaaa\xbe\xde\x00\x01\x10x\x00\x00voice\x01"), "voice"},
	} {
		var p rtp.Packet
		if !parseRTP(&p, c.b) || string(p.Payload) != c.want || p.PayloadType != 8 || p.SequenceNumber != 0x102 || p.Timestamp != 3 || p.SSRC != 4 {
			t.Errorf("%s: %+v", name, p)
		}
	}
	rtcp := first(0x80, "voice")
	rtcp[1] = 200
	for name, b := range map[string][]byte{
		"nothing":           nil,
		"short":             []byte(fixed[:11]),
		"version 1":         first(0x40, "voice"),
		"RTCP":              rtcp,
		"sources missing":   first(0x8f, "voice"),
		"extension cut off": first(0x90, "\x12\x34\x00\x09xxxx"),
		"too much padding":  first(0xa0, "voice\xff"),
	} {
		if parseRTP(new(rtp.Packet), b) {
			t.Errorf("%s was taken", name)
		}
	}
	var p rtp.Packet
	b := first(0xb1, "aaaa\xbe\xde\x00\x01\x10x\x00\x00voice\x01")
	if n := testing.AllocsPerRun(100, func() { parseRTP(&p, b) }); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}
