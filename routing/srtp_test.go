package routing

import (
	"slices"
	"testing"

	"strowger/store"
)

// What can be set and has no effect yet says so in the trace, whichever end of
// the call asks for it. required says it too: the call is not encrypted.
func TestSRTPIsNotInEffect(t *testing.T) {
	for _, policy := range []store.SRTPPolicy{store.SRTPOff, store.SRTPPreferred, store.SRTPRequired} {
		s := exchange(t,
			line("anna", func(m *store.ContactMethod) { m.SIPAccount.SRTP = policy }),
			line("bob", func(m *store.ContactMethod) { m.SIPAccount.SRTP = policy }),
			trunk("carrier", func(t *store.Trunk) { t.SRTP = policy }))
		for _, c := range []struct {
			name string
			f    Facts
			who  []string // that ask for it
		}{
			{"inside", dials("anna", "102"), []string{"anna", "bob"}},
			{"out", dials("anna", "0722000009"), []string{"anna", "carrier"}},
			{"emergency", dials("anna", "112"), []string{"anna", "carrier"}},
			{"in", arrives("+40310000001"), []string{"anna", "carrier"}},
		} {
			p := Decide(s, c.f)
			var who []string
			for _, d := range p.Trace {
				if d.Rule != "srtp" {
					continue
				}
				if d.Taken || d.Inputs["srtp"] != string(policy) {
					t.Errorf("%s, %s: %+v", policy, c.name, d)
				}
				who = append(who, d.Inputs["contact_method"]+d.Inputs["trunk"])
			}
			slices.Sort(who)
			want := c.who
			if policy == store.SRTPOff {
				want = nil
			}
			if !slices.Equal(who, want) {
				t.Errorf("%s, %s: the trace tells of %v, want %v\n%s", policy, c.name, who, want, tell(p))
			}
		}
	}
}
