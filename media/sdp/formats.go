package sdp

import (
	"fmt"
	"strconv"
	"strings"
)

// formats makes one Format of each payload type, named if it is a static one.
func (m *Media) formats() error {
	m.Formats = make([]Format, 0, len(m.tokens))
	var seen [2]uint64
	for _, t := range m.tokens {
		n, err := strconv.ParseUint(t, 10, 8)
		if err != nil || n > 127 {
			return fmt.Errorf("%q is no RTP payload type", t)
		}
		pt := uint8(n)
		if seen[pt>>6]&(1<<(pt&63)) != 0 {
			continue
		}
		seen[pt>>6] |= 1 << (pt & 63)
		f := static[pt]
		f.PT, f.Channels = pt, max(f.Channels, 1)
		m.Formats = append(m.Formats, f)
	}
	return nil
}

// format finds the payload type that an attribute is about, nil for none of the line's.
func (m *Media) format(token string) *Format {
	n, err := strconv.ParseUint(token, 10, 8)
	if err != nil {
		return nil
	}
	for i := range m.Formats {
		if uint64(m.Formats[i].PT) == n {
			return &m.Formats[i]
		}
	}
	return nil
}

// encoding reads name/rate/channels.
func (f *Format) encoding(enc string) {
	name, rest, _ := strings.Cut(enc, "/")
	rate, channels, _ := strings.Cut(rest, "/")
	f.Name, f.Channels = strings.TrimSpace(name), 1
	f.Rate, _ = strconv.Atoi(strings.TrimSpace(rate))
	if channels != "" {
		if n, err := strconv.Atoi(strings.TrimSpace(channels)); err == nil && n > 0 && n < 256 {
			f.Channels = n
		}
	}
	if f.Rate < 0 || f.Rate > 1<<30 {
		f.Rate = 0
	}
}

// eventPT chooses among several telephone-events the one with the clock of the
// first codec (RFC 4733 2.1), else the first.
func eventPT(formats []Format) (pt uint8) {
	rate := 8000
	for _, f := range formats {
		if f.speech() {
			rate = f.Rate
			break
		}
	}
	for _, f := range formats {
		if f.Is("telephone-event") {
			if f.Rate == rate {
				return f.PT
			}
			if pt == 0 {
				pt = f.PT
			}
		}
	}
	return pt
}

// static payload types (RFC 3551 6) that are still met without an rtpmap.
var static = [128]Format{
	0: {Name: "PCMU", Rate: 8000, Channels: 1}, 3: {Name: "GSM", Rate: 8000, Channels: 1},
	4: {Name: "G723", Rate: 8000, Channels: 1}, 5: {Name: "DVI4", Rate: 8000, Channels: 1},
	6: {Name: "DVI4", Rate: 16000, Channels: 1}, 7: {Name: "LPC", Rate: 8000, Channels: 1},
	8: {Name: "PCMA", Rate: 8000, Channels: 1}, 9: {Name: "G722", Rate: 8000, Channels: 1},
	10: {Name: "L16", Rate: 44100, Channels: 2}, 11: {Name: "L16", Rate: 44100, Channels: 1},
	12: {Name: "QCELP", Rate: 8000, Channels: 1}, 13: {Name: "CN", Rate: 8000, Channels: 1},
	14: {Name: "MPA", Rate: 90000, Channels: 1}, 15: {Name: "G728", Rate: 8000, Channels: 1},
	16: {Name: "DVI4", Rate: 11025, Channels: 1}, 17: {Name: "DVI4", Rate: 22050, Channels: 1},
	18: {Name: "G729", Rate: 8000, Channels: 1}, 25: {Name: "CelB", Rate: 90000, Channels: 1},
	26: {Name: "JPEG", Rate: 90000, Channels: 1}, 28: {Name: "nv", Rate: 90000, Channels: 1},
	31: {Name: "H261", Rate: 90000, Channels: 1}, 32: {Name: "MPV", Rate: 90000, Channels: 1},
	33: {Name: "MP2T", Rate: 90000, Channels: 1}, 34: {Name: "H263", Rate: 90000, Channels: 1},
}
