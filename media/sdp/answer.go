package sdp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	pion "github.com/pion/sdp/v3"
)

// DefaultFormats are what we offer when we speak first: what we can produce
// and record, and what phones have.
func DefaultFormats() []Format {
	return []Format{
		{PT: 0, Name: "PCMU", Rate: 8000, Channels: 1},
		{PT: 8, Name: "PCMA", Rate: 8000, Channels: 1},
		{PT: 9, Name: "G722", Rate: 8000, Channels: 1},
		{PT: 101, Name: "telephone-event", Rate: 8000, Channels: 1, Fmtp: "0-16"},
	}
}

// Offer is our own offer of one audio line: to voicemail's caller, or in place
// of the offer that an INVITE came without.
func Offer(o Origin, port int, formats []Format, dir Direction) []byte {
	s := shell(o, 1)
	return marshal(s.WithMedia(audioLine(port, "RTP/AVP", formats, dir, 20, false)))
}

func audioLine(port int, proto string, formats []Format, dir Direction, ptimeMS int, mux bool) *pion.MediaDescription {
	m := &pion.MediaDescription{MediaName: pion.MediaName{Media: "audio", Port: pion.RangedPort{Value: port}, Protos: []string{proto}}}
	for _, f := range formats {
		channels := f.Channels
		if channels == 1 {
			channels = 0 // not written
		}
		m.WithCodec(f.PT, f.Name, uint32(f.Rate), uint16(channels), f.Fmtp)
	}
	m.WithValueAttribute("ptime", strconv.Itoa(ptimeMS))
	if mux {
		m.WithPropertyAttribute("rtcp-mux")
	}
	return m.WithPropertyAttribute(dir.String())
}

// Answer is our answer when the call ends with us (voicemail, echo). can are
// the codecs that we speak, dir what we are willing to do. The first audio line
// with a codec in common is taken on ports[i]; all others are rejected. chosen
// is the offerer's line as it was agreed: the formats that may be sent to it,
// in its order, under its numbers.
func Answer(offer *Description, o Origin, ports []int, can []string, dir Direction) (body []byte, chosen *Description, err error) {
	if err := offer.Servable(); err != nil {
		return nil, nil, err
	}
	take := -1
	var formats []Format
	for i := range offer.Media {
		m := &offer.Media[i]
		if m.Kind != "audio" || !m.Active() || !m.Plain() || i >= len(ports) || ports[i] == 0 {
			continue
		}
		if formats = common(m, can); len(formats) > 0 {
			take = i
			break
		}
	}
	if take < 0 {
		return nil, nil, ErrNoCommonCodec
	}
	s := shell(o, len(offer.Media))
	agreedOn := *offer
	chosen = &agreedOn
	chosen.Media = slices.Clone(offer.Media)
	for i := range offer.Media {
		m := &offer.Media[i]
		c := &chosen.Media[i]
		if i != take {
			s.WithMedia(m.relay(0, RelayOptions{}))
			c.Port, c.Formats, c.EventPT = 0, nil, 0
			continue
		}
		agreed := dir.And(m.Direction.Reverse())
		s.WithMedia(audioLine(ports[i], m.Proto, formats, agreed, 20, m.RTCPMux))
		c.Formats, c.EventPT, c.Direction = formats, eventPT(formats), agreed.Reverse()
	}
	return marshal(s), chosen, nil
}

// common are the offered formats that are in can, and telephone-event beside them.
func common(m *Media, can []string) []Format {
	var out []Format
	speech := false
	for _, f := range m.Formats {
		switch {
		case f.Is("telephone-event"):
			if f.PT == m.EventPT {
				out = append(out, f)
			}
		case f.speech() && slices.ContainsFunc(can, f.Is) && f.Rate == rateOf(f.Name):
			out = append(out, f)
			speech = true
		}
	}
	if !speech {
		return nil
	}
	return out
}

// rateOf is the RTP clock at which we speak a codec.
func rateOf(name string) int {
	if strings.EqualFold(name, "opus") {
		return 48000
	}
	return 8000
}

// CheckAnswer holds an answer against its offer (RFC 3264 6): as many m= lines,
// of the same kinds and protocols, none revived, and a format in common on each
// line that is on.
func CheckAnswer(offer, answer *Description) error {
	if len(answer.Media) != len(offer.Media) {
		return fmt.Errorf("sdp: the answer has %d m= lines, the offer %d", len(answer.Media), len(offer.Media))
	}
	for i := range offer.Media {
		o, a := &offer.Media[i], &answer.Media[i]
		name := "m=" + o.Kind + " (line " + strconv.Itoa(i+1) + ")"
		switch {
		case a.Kind != o.Kind:
			return fmt.Errorf("sdp: %s was answered by m=%s", name, a.Kind)
		case !a.Active():
		case !o.Active():
			return fmt.Errorf("sdp: %s was off and the answer turns it on", name)
		case a.Proto != o.Proto:
			return fmt.Errorf("sdp: %s: protocol %s was answered by %s", name, o.Proto, a.Proto)
		case len(o.Formats) > 0 && !shared(o, a):
			return fmt.Errorf("%w: %s", ErrNoCommonCodec, name)
		}
	}
	return nil
}

// shared compares by name, and by number where one side gave none: an answerer
// may number a dynamic payload type differently.
func shared(o, a *Media) bool {
	for _, f := range a.Formats {
		for _, g := range o.Formats {
			if f.speech() && g.speech() && f.Is(g.Name) && (f.Rate == g.Rate || f.Rate == 0 || g.Rate == 0) {
				return true
			}
			if f.PT == g.PT && (f.Name == "" || g.Name == "") {
				return true
			}
		}
	}
	return false
}
