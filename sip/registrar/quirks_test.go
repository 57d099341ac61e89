package registrar

import (
	"testing"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/digest"
)

func TestPhonesThatKnowOnlyMD5(t *testing.T) {
	for agent, want := range map[string]int{
		"": 2, "Desk 1.0": 2, "baresip v1.0.0 (x86_64/linux)": 1, "baresip v3.5.0 (x86_64/linux)": 2, "not baresip v1.0.0": 2,
	} {
		req := sip.NewRequest(sip.REGISTER, sip.Uri{Scheme: "sip", Host: "a.example"})
		if agent != "" {
			req.AppendHeader(sip.NewHeader("User-Agent", agent))
		}
		if got := algorithmsFor(req); len(got) != want || got[0] != digest.MD5 {
			t.Errorf("%q is offered %v", agent, got)
		}
	}
}
