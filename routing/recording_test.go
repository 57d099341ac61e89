package routing

import (
	"fmt"
	"slices"
	"testing"

	"strowger/store"
)

func flags(bits int) store.Recording {
	return store.Recording{
		InboundInternal: bits&1 != 0, InboundExternal: bits&2 != 0,
		OutboundInternal: bits&4 != 0, OutboundExternal: bits&8 != 0,
	}
}

// Telephony rules, "Recording": the four flags of both parties, in all
// combinations and directions.
func TestRecordingFlags(t *testing.T) {
	disk := func(s *store.Site) {
		for _, id := range []string{"shared", "annas", "bobs"} {
			s.DeliveryMethods = append(s.DeliveryMethods, store.DeliveryMethod{Meta: store.Meta{ID: id}, Kind: "disk"})
		}
	}
	target := func(step Step) *Record {
		return ringing(t, Plan{First: step}).Targets[0].Record
	}
	for a := range 16 {
		for b := range 16 {
			A, B := flags(a), flags(b)
			s := exchange(t, disk, forwards("bob", "0722000009"),
				line("anna", func(m *store.ContactMethod) {
					m.Recording = A
					m.Recording.DeliveryMethodIDs = []string{"shared", "annas"}
				}),
				line("bob", func(m *store.ContactMethod) {
					m.Recording = B
					m.Recording.DeliveryMethodIDs = []string{"shared", "bobs"}
					m.Inbound.DIDNumbers = []string{"+40310000008"}
				}))
			inside, inbound, outbound := Decide(s, dials("anna", "102")), Decide(s, arrives("+40310000008")), Decide(s, dials("anna", "0722000002"))
			cases := []struct {
				name    string
				got     *Record
				forAnna bool
				forBob  bool
			}{
				{"inside", target(inside.First), A.OutboundInternal, B.InboundInternal},
				{"from outside", target(inbound.First), false, B.InboundExternal},
				{"to the outside", target(outbound.First), A.OutboundExternal, false},
				{"from inside, forwarded outside", target(ringing(t, inside).OnBusy), A.OutboundInternal, B.InboundExternal},
				{"from outside, forwarded outside", target(ringing(t, inbound).OnNoAnswer), false, B.InboundExternal},
				{"an emergency", target(Decide(s, dials("anna", "112")).First), A.OutboundExternal, false},
			}
			for _, c := range cases {
				var users, deliveries []string
				if c.forAnna {
					users, deliveries = append(users, "u-anna"), append(deliveries, "shared", "annas")
				}
				if c.forBob {
					users = append(users, "u-bob")
					if !c.forAnna {
						deliveries = append(deliveries, "shared")
					}
					deliveries = append(deliveries, "bobs")
				}
				at := fmt.Sprintf("%s, anna %04b, bob %04b", c.name, a, b)
				if (c.got != nil) != (len(users) > 0) {
					t.Errorf("%s: recorded %v", at, c.got != nil)
					continue
				}
				if c.got != nil && (!slices.Equal(c.got.UserIDs, users) || !slices.Equal(c.got.DeliveryMethodIDs, deliveries) || c.got.Why == "") {
					t.Errorf("%s: %+v, want for %v by %v", at, c.got, users, deliveries)
				}
			}
		}
	}
}

// A call of somebody to themselves is one capture for one user.
func TestRecordingNamesAUserOnce(t *testing.T) {
	all := func(m *store.ContactMethod) { m.Recording = flags(15) }
	second := store.ContactMethod{Meta: store.Meta{ID: "anna-2"}, UserID: "u-anna", Kind: store.KindSIPAccount,
		SIPAccount: &store.SIPAccount{Username: "anna-2", Password: "a secret"}, Recording: flags(15)}
	s := exchange(t, method(second), line("anna", all))
	r := ringing(t, Decide(s, dials("anna", "anna-2"))).Targets[0].Record
	if r == nil || !slices.Equal(r.UserIDs, []string{"u-anna"}) {
		t.Errorf("%+v", r)
	}
}

// Each target of a group follows its own contact method.
func TestRecordingOfGroup(t *testing.T) {
	s := exchange(t, line("carla-app", func(m *store.ContactMethod) { m.Recording.InboundExternal = true }),
		method(store.ContactMethod{Meta: store.Meta{ID: "carla-mobile"}, UserID: "u-carla", Kind: store.KindPSTNForwarding,
			PSTNForwarding: &store.PSTNForwarding{Number: "+40722000003"}}),
		user("u-carla", func(u *store.User) { u.Routing.Mode = store.RouteRingAll }))
	targets := ringing(t, Decide(s, arrives("+40310000003"))).Targets
	if len(targets) != 2 || targets[0].Record == nil || targets[1].Record != nil {
		t.Errorf("%+v", targets)
	}
}

// Telephony rules, "Announcements": the caller's line says which, by where the
// call goes.
func TestAnnouncements(t *testing.T) {
	s := exchange(t, func(s *store.Site) {
		s.AudioFiles = append(s.AudioFiles, store.AudioFile{Meta: store.Meta{ID: "in"}}, store.AudioFile{Meta: store.Meta{ID: "out"}})
	}, line("anna", func(m *store.ContactMethod) {
		m.Outbound.InternalAnnouncementID, m.Outbound.ExternalAnnouncementID = "in", "out"
		m.Outbound.AnnouncementTo = store.AnnounceBoth
	}))
	tests := []struct {
		facts Facts
		want  *Announce
	}{
		{dials("anna", "102"), &Announce{AudioID: "in", To: store.AnnounceBoth}},
		{dials("anna", "0722000002"), &Announce{AudioID: "out", To: store.AnnounceBoth}},
		{dials("anna", "112"), nil},
		{dials("bob", "101"), nil},
		{arrives("+40310000001"), nil},
	}
	for _, tt := range tests {
		p := Decide(s, tt.facts)
		got := ringing(t, p).Targets[0].Announce
		if (got == nil) != (tt.want == nil) || got != nil && *got != *tt.want {
			t.Errorf("%s: %+v, want %+v", tt.facts.To, got, tt.want)
		}
		if d, ok := p.Rule("announcement"); ok != (tt.want != nil) || d.Taken {
			t.Errorf("%s: %s", tt.facts.To, tell(p))
		}
	}
}
