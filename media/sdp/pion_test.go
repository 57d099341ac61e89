package sdp

import (
	"net/netip"
	"testing"

	pion "github.com/pion/sdp/v3"
)

// What we show keeps to the order and words of the grammar, where what we read
// need not.
func TestStrictParserReadsWhatWeShow(t *testing.T) {
	o := Origin{ID: 7, Version: 9, Addr: netip.MustParseAddr("192.0.2.7")}
	offer := Offer(o, 40000, DefaultFormats(), SendRecv)
	parsed, err := Parse(offer)
	if err != nil {
		t.Fatal(err)
	}
	answer, _, err := Answer(parsed, o, []int{40002}, []string{"PCMA"}, SendRecv)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		body []byte
		port int
	}{
		"offer":  {offer, 40000},
		"answer": {answer, 40002},
		"relay":  {parsed.Relay(o, []int{40004}, RelayOptions{}), 40004},
		"refuse": {parsed.Relay(o, []int{0}, RelayOptions{}), 0},
	} {
		var d pion.SessionDescription
		if err := d.Unmarshal(c.body); err != nil {
			t.Errorf("%s: %v\n%s", name, err, c.body)
			continue
		}
		if d.Origin.SessionID != 7 || d.Origin.SessionVersion != 9 || d.Origin.UnicastAddress != "192.0.2.7" {
			t.Errorf("%s: o=%+v", name, d.Origin)
		}
		if len(d.MediaDescriptions) != 1 || d.MediaDescriptions[0].MediaName.Port.Value != c.port {
			t.Errorf("%s: another port than %d\n%s", name, c.port, c.body)
		}
	}
}
