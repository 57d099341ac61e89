package routing

import (
	"testing"

	"strowger/store"
)

// A call that was is put to two configurations; only what goes elsewhere differs.
func TestReplay(t *testing.T) {
	inside := &store.Call{From: "102", To: "101", StartedAt: noon, Legs: []store.CallLeg{{Side: "a", ContactMethodID: "bob"}, {Side: "b", ContactMethodID: "anna"}}}
	outside := &store.Call{From: "+40722000002", To: "+40310000001", StartedAt: noon, Legs: []store.CallLeg{{Side: "a", TrunkID: "carrier"}}}
	gone := &store.Call{From: "105", To: "101", StartedAt: noon, Legs: []store.CallLeg{{Side: "a", ContactMethodID: "who-left"}}}
	is := exchange(t)
	disturbed := exchange(t, user("u-anna", func(u *store.User) { u.DoNotDisturb = true }))
	renamed := exchange(t, user("u-bob", func(u *store.User) { u.LastName, u.Department = "Builder", "Yard" }))
	for _, c := range []struct {
		name  string
		would *store.Snapshot
		call  *store.Call
		want  string
	}{
		{"inside", disturbed, inside, "refuses the call with 480 Temporarily Unavailable: do not disturb"},
		{"outside", disturbed, outside, "refuses the call with 480 Temporarily Unavailable: do not disturb"},
		{"the same", is, inside, ""},
		{"another department", renamed, outside, ""},
		{"a caller who is not there any more", disturbed, gone, ""},
		{"no legs", disturbed, &store.Call{From: "102", To: "101", StartedAt: noon}, ""},
	} {
		d, ok := Replay(is, c.would, c.call)
		if ok != (c.want != "") || d.Would != c.want {
			t.Errorf("%s: %v %+v", c.name, ok, d)
		}
	}
}
