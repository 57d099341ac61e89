package routing

import (
	"testing"

	"strowger/store"
)

// A GRUU is for one phone: its line rings whatever the user's routing says, only
// there, and nobody takes the call in its stead. The user's do-not-disturb holds.
func TestOnePhone(t *testing.T) {
	change := line("bob", func(m *store.ContactMethod) {
		m.Inbound.WhenUnavailable = store.WhenUnavailable{Action: store.UnavailableForward, ForwardTo: "103"}
	})
	call := func(aor string) Facts {
		f := dials("anna", aor)
		f.GRUU = GRUU{AOR: aor, User: aor, Instance: "urn:uuid:7"}
		return f
	}
	s := exchange(t, change)
	p := Decide(s, call("bob"))
	r := ringing(t, p)
	if len(r.Targets) != 1 || r.Targets[0].AOR != "bob" || r.Targets[0].GRUU != call("bob").GRUU {
		t.Errorf("rings %+v", r.Targets)
	}
	for c, step := range fives(r) {
		if step != Step(refusals[c]) {
			t.Errorf("%v: %+v", c, step)
		}
	}
	if d, ok := p.Rule("gruu"); !ok || !d.Taken || d.Inputs["contact_method"] != "bob" || d.Inputs["instance"] != "urn:uuid:7" {
		t.Errorf("the trace says %+v\n%s", d, tell(p))
	}
	if p := Decide(s, call("nobody")); p.First != Step(refuseUnknown) {
		t.Errorf("of no line: %+v", p.First)
	}
	quiet := exchange(t, change, user("u-bob", func(u *store.User) { u.DoNotDisturb = true }))
	if p := Decide(quiet, call("bob")); p.First != Step(refusals[disturb]) {
		t.Errorf("undisturbed: %+v", p.First)
	}
	if r := ringing(t, Decide(s, dials("anna", "bob"))); r.Targets[0].GRUU != (GRUU{}) {
		t.Errorf("without a GRUU: %+v", r.Targets[0])
	}
}
