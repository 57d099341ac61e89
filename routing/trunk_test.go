package routing

import (
	"slices"
	"testing"

	"strowger/store"
)

// Contract, "Trunks": the longest prefix, then the lower priority, then the
// id; an empty list takes every number.
func TestTrunkOrder(t *testing.T) {
	s := exchange(t,
		anotherTrunk(store.Trunk{Meta: store.Meta{ID: "b-romania"}, Prefixes: []string{"+40"}, Priority: 5}),
		anotherTrunk(store.Trunk{Meta: store.Meta{ID: "a-romania"}, Prefixes: []string{"+39", "+40"}, Priority: 5}),
		anotherTrunk(store.Trunk{Meta: store.Meta{ID: "mobile"}, Prefixes: []string{"+4072", "+4", "+40"}, Priority: 99}),
		anotherTrunk(store.Trunk{Meta: store.Meta{ID: "cheap"}, Priority: 1}),
		anotherTrunk(store.Trunk{Meta: store.Meta{ID: "usa"}, Prefixes: []string{"+1"}}))
	tests := []struct {
		to   string
		want []string
	}{
		{"+40722000002", []string{"mobile", "a-romania", "b-romania", "cheap", "carrier"}},
		{"+40215550100", []string{"a-romania", "b-romania", "mobile", "cheap", "carrier"}},
		{"+442079460018", []string{"mobile", "cheap", "carrier"}},
		{"+14155550100", []string{"usa", "cheap", "carrier"}},
		{"+33142278186", []string{"cheap", "carrier"}},
		{"112", []string{"cheap", "carrier", "usa", "a-romania", "b-romania", "mobile"}}, // every one there is
	}
	for _, tt := range tests {
		var got []string
		for _, r := range ringing(t, Decide(s, dials("anna", tt.to))).Targets[0].Routes {
			got = append(got, r.TrunkID)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.to, got, tt.want)
		}
	}
	only := exchange(t, trunk("carrier", func(t *store.Trunk) { t.Prefixes = []string{"+1"} }))
	refused(t, Decide(only, dials("anna", "+40722000002")), 404, 3)
	if got := describe(Decide(only, dials("bob", "112"))); got != "trunk carrier 112" {
		t.Errorf("an emergency takes any trunk: %s", got)
	}
	none := exchange(t, func(s *store.Site) {
		s.Trunks = nil
		for i := range s.Numbers {
			s.Numbers[i].TrunkID = ""
		}
	})
	refused(t, Decide(none, dials("anna", "+40722000002")), 404, 3)
	refused(t, Decide(none, dials("anna", "112")), 503, 3)
}
