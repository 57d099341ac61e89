package routing

import (
	"testing"
	"time"

	"strowger/store"
)

// carlas gives Carla four ways to be reached, in this order of age, and the
// extension 103 on her app.
func carlas(mode store.RoutingMode, ids ...string) func(*store.Site) {
	return func(s *store.Site) {
		user("u-carla", func(u *store.User) {
			u.Routing.Mode, u.Routing.ContactMethodIDs = mode, ids
		})(s)
		line("carla-app", func(m *store.ContactMethod) {
			m.Inbound.InternalNumbers = []string{"103"}
			m.Inbound.WhenUnavailable = store.WhenUnavailable{Action: store.UnavailableForward, ForwardTo: "102"}
		})(s)
		s.ContactMethods = append(s.ContactMethods,
			store.ContactMethod{Meta: store.Meta{ID: "carla-desk"}, UserID: "u-carla", Kind: store.KindSIPAccount,
				Inbound:    store.Inbound{RingTimeoutS: 11},
				SIPAccount: &store.SIPAccount{Username: "carla-desk", Password: "a secret"}},
			store.ContactMethod{Meta: store.Meta{ID: "carla-mobile"}, UserID: "u-carla", Kind: store.KindPSTNForwarding,
				PSTNForwarding: &store.PSTNForwarding{Number: "+40722000003"}},
			store.ContactMethod{Meta: store.Meta{ID: "carla-sip"}, UserID: "u-carla", Kind: store.KindSIPForwarding,
				SIPForwarding: &store.SIPForwarding{Username: "carla", Domain: "elsewhere.example", Port: 5070, Process30x: true, Codecs: []string{"PCMU"}}},
			store.ContactMethod{Meta: store.Meta{ID: "carla-mail"}, UserID: "u-carla", Kind: store.KindEmail,
				Email: &store.EmailAddress{Address: "carla@acme.example"}})
	}
}

func closedNow(ids ...string) func(*store.Site) {
	return func(s *store.Site) {
		s.TimeSchedules = append(s.TimeSchedules, store.TimeSchedule{Meta: store.Meta{ID: "never"}, TimeZone: "UTC"})
		for _, id := range ids {
			line(id, func(m *store.ContactMethod) { m.TimeScheduleID = "never" })(s)
		}
	}
}

// Features of the guides, "Incoming routing".
func TestRoutingModes(t *testing.T) {
	mobile, sip := "trunk carrier +40722000003", "uri carla@elsewhere.example"
	tests := []struct {
		name    string
		changes []func(*store.Site)
		direct  string // by the direct number
		ext     string // by the extension
	}{
		{"fixed, nothing assigned: the oldest line", []func(*store.Site){carlas(store.RouteFixed)}, "line carla-app", "line carla-app"},
		{"fixed, assigned", []func(*store.Site){carlas(store.RouteFixed, "carla-desk")}, "line carla-desk", "line carla-desk"},
		{"fixed, a telephone outside", []func(*store.Site){carlas(store.RouteFixed, "carla-mobile")}, mobile, mobile},
		{"ring all, nothing named", []func(*store.Site){carlas(store.RouteRingAll)},
			"line carla-app,line carla-desk," + mobile + "," + sip, "line carla-app,line carla-desk," + mobile + "," + sip},
		{"ring all", []func(*store.Site){carlas(store.RouteRingAll, "carla-sip", "carla-desk")}, sip + ",line carla-desk", sip + ",line carla-desk"},
		{"ring all, one closed", []func(*store.Site){carlas(store.RouteRingAll, "carla-app", "carla-desk"), closedNow("carla-app")},
			"line carla-desk", "line carla-desk"},
		{"sequence", []func(*store.Site){carlas(store.RouteSequence, "carla-desk", "carla-mobile")}, "line carla-desk", "line carla-desk"},
		{"sequence, the first closed", []func(*store.Site){carlas(store.RouteSequence, "carla-desk", "carla-mobile"), closedNow("carla-desk")}, mobile, mobile},
		{"schedule", []func(*store.Site){carlas(store.RouteSchedule, "carla-app", "carla-desk", "carla-mobile"), closedNow("carla-app", "carla-mobile")},
			"line carla-desk", "line carla-desk"},
		{"schedule, none open: the line's forward", []func(*store.Site){carlas(store.RouteSchedule, "carla-app", "carla-desk"), closedNow("carla-app", "carla-desk")},
			"line bob", "line bob"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := exchange(t, tt.changes...)
			if p := Decide(s, arrives("+40310000003")); describe(p) != tt.direct {
				t.Errorf("direct number: %s, want %s\n%s", describe(p), tt.direct, tell(p))
			}
			if p := Decide(s, dials("anna", "103")); describe(p) != tt.ext {
				t.Errorf("extension: %s, want %s\n%s", describe(p), tt.ext, tell(p))
			}
			if p := Decide(s, dials("anna", "carla-desk")); len(tt.changes) == 1 && describe(p) != "line carla-desk" {
				t.Errorf("a line's own name rings that line: %s", describe(p))
			}
		})
	}
}

// A sequence goes on for every cause but a decline; the first cause in the
// order counts at its end.
func TestSequence(t *testing.T) {
	s := exchange(t, carlas(store.RouteSequence, "carla-app", "carla-desk", "carla-mobile"),
		line("carla-app", func(m *store.ContactMethod) { m.Inbound.WhenUnavailable = store.WhenUnavailable{} }))
	first := ringing(t, Decide(s, arrives("+40310000003")))
	want := [5][5]cause{}
	for a := declined; a <= absent; a++ {
		for b := declined; b <= absent; b++ {
			want[a][b] = min(a, b)
		}
	}
	for a := busy; a <= absent; a++ {
		second, ok := fives(first)[a].(*Ring)
		if !ok || second.Targets[0].LineID != "carla-desk" {
			t.Fatalf("after %v: %+v", a, fives(first)[a])
		}
		if fives(second)[declined] != Step(refusals[declined]) {
			t.Errorf("a decline of the second does not end it")
		}
		for b := busy; b <= absent; b++ {
			third, ok := fives(second)[b].(*Ring)
			if !ok || third.Targets[0].Number != "+40722000003" {
				t.Fatalf("after %v, %v: %+v", a, b, fives(second)[b])
			}
			for c := declined; c <= absent; c++ {
				if got := fives(third)[c]; got != Step(refusals[min(a, b, c)]) {
					t.Errorf("after %v, %v, %v: %+v", a, b, c, got)
				}
			}
		}
	}
	if fives(first)[declined] != Step(refusals[declined]) {
		t.Errorf("a decline does not end it")
	}

	branch := exchange(t, carlas(store.RouteSequence, "carla-app", "carla-desk"),
		user("u-carla", func(u *store.User) { u.RejectScope, u.Routing.RingS = store.RejectBranch, 9 }))
	first = ringing(t, Decide(branch, arrives("+40310000003")))
	second, ok := first.OnDeclined.(*Ring)
	if !ok || second.Targets[0].LineID != "carla-desk" {
		t.Errorf("a decline confined to its branch: %+v", first.OnDeclined)
	}
	if first.For != 9*time.Second || second.For != 9*time.Second {
		t.Errorf("each rings %v, %v", first.For, second.For)
	}
}

// Features of the guides, "Busy/reject": a refusal that stops every other device
// ends a sequence too. Which one does is seen when it comes.
func TestSequenceIsRejected(t *testing.T) {
	for _, scope := range []store.RejectScope{"", store.RejectRFC, store.RejectAll, store.RejectBranch} {
		s := exchange(t, carlas(store.RouteSequence, "carla-app", "carla-desk"),
			line("carla-app", func(m *store.ContactMethod) { m.Inbound.WhenUnavailable = store.WhenUnavailable{} }),
			user("u-carla", func(u *store.User) { u.RejectScope = scope }))
		first := ringing(t, Decide(s, arrives("+40310000003")))
		if scope == store.RejectBranch {
			if first.Rejected != nil {
				t.Errorf("%q: %+v", scope, first.Rejected)
			}
			continue
		}
		if first.Rejected == nil {
			t.Fatalf("%q: the sequence goes on whatever was refused", scope)
		}
		for c, step := range first.Rejected.Steps() {
			if step != Step(refusals[c]) {
				t.Errorf("%q: rejected, %v: %+v", scope, cause(c), step)
			}
		}
		if last, ok := first.OnNoAnswer.(*Ring); !ok || last.Rejected != nil {
			t.Errorf("%q: after the last nothing rings anyway: %+v", scope, first.OnNoAnswer)
		}
		if _, goesOn := first.OnBusy.(*Ring); goesOn == (scope == store.RejectAll) {
			t.Errorf("%q: busy leads to %T", scope, first.OnBusy)
		}
	}
}

func TestSequenceOfManyStaysSmall(t *testing.T) {
	ids := []string{}
	s := exchange(t, func(s *store.Site) {
		for i := range 50 {
			id := "many-" + itoa(i)
			ids = append(ids, id)
			s.ContactMethods = append(s.ContactMethods, store.ContactMethod{Meta: store.Meta{ID: id}, UserID: "u-carla",
				Kind: store.KindSIPAccount, SIPAccount: &store.SIPAccount{Username: id, Password: "a secret"}})
		}
		user("u-carla", func(u *store.User) { u.Routing = store.UserRouting{Mode: store.RouteSequence, ContactMethodIDs: ids} })(s)
	})
	steps := 0
	p := Decide(s, arrives("+40310000003"))
	for range p.Steps() {
		steps++
	}
	if steps > 5*len(ids)+10 {
		t.Errorf("%d steps for %d lines", steps, len(ids))
	}
}

func TestForwardingMethods(t *testing.T) {
	s := exchange(t, carlas(store.RouteRingAll, "carla-mobile", "carla-sip"))
	targets := ringing(t, Decide(s, arrives("+40310000003"))).Targets
	if len(targets) != 2 {
		t.Fatalf("%+v", targets)
	}
	mobile, sip := targets[0], targets[1]
	if mobile.Kind != TargetTrunk || mobile.LineID != "carla-mobile" || mobile.UserID != "u-carla" || mobile.Number != "+40722000003" {
		t.Errorf("mobile %+v", mobile)
	}
	by := Diversion{User: "+40310000003", Reason: "unconditional", Status: 302}
	if got := mobile.Routes[0].Diversions; len(got) != 1 || got[0] != by {
		t.Errorf("the carrier is shown %+v", got)
	}
	if sip.URI != (URI{User: "carla", Host: "elsewhere.example", Port: 5070, Transport: "udp"}) || !sip.Process30x ||
		len(sip.Codecs) != 1 || sip.Shown.User != "+40722000001" || sip.Shown.Asserted != "" || len(sip.Diversions) != 1 {
		t.Errorf("sip %+v", sip)
	}
}

// What asks the one who answers to press 1 does not ring yet, and says so.
func TestPress1IsNotInEffect(t *testing.T) {
	press1 := line("carla-mobile", func(m *store.ContactMethod) { m.PSTNForwarding.Press1 = true })
	forward := user("u-carla", func(u *store.User) { u.Forward = store.Forward{Number: "0722000004", Enabled: true} })
	s := exchange(t, carlas(store.RouteRingAll, "carla-desk", "carla-mobile"), press1, forward)
	p := Decide(s, arrives("+40310000003"))
	if got := describe(p); got != "line carla-desk" {
		t.Errorf("rings %s", got)
	}
	for _, rule := range []string{"pstn_forwarding", "user_forward"} {
		if d, ok := p.Rule(rule); !ok || d.Taken {
			t.Errorf("%s is not in the trace:\n%s", rule, tell(p))
		}
	}
	alone := exchange(t, carlas(store.RouteFixed, "carla-mobile"), press1)
	refused(t, Decide(alone, arrives("+40310000003")), 480, 20)
}

// A forwarding method that leads back into the house rings the line there.
func TestForwardingMethodToOurselves(t *testing.T) {
	change := func(number, domain, username string) []func(*store.Site) {
		return []func(*store.Site){carlas(store.RouteRingAll, "carla-mobile", "carla-sip"),
			line("carla-mobile", func(m *store.ContactMethod) { m.PSTNForwarding.Number = number }),
			line("carla-sip", func(m *store.ContactMethod) { m.SIPForwarding.Domain, m.SIPForwarding.Username = domain, username })}
	}
	tests := []struct{ number, domain, username, want string }{
		{"+40310000001", "acme.example", "bob", "line anna,line bob"},
		{"+40310000000", "acme.example", "nobody", "line bob"}, // what is left: the forward of Carla's line
		{"+40310000008", "ACME.example", "bob", "line bob"},
	}
	for _, tt := range tests {
		s := exchange(t, change(tt.number, tt.domain, tt.username)...)
		p := Decide(s, dials("anna", "103"))
		if got := describe(p); got != tt.want {
			t.Errorf("%+v: %s\n%s", tt, got, tell(p))
		}
	}
}

func TestUserWithNothingToRing(t *testing.T) {
	s := exchange(t, func(s *store.Site) {
		s.Users = append(s.Users, store.User{Meta: store.Meta{ID: "u-dan"}, FirstName: "Dan", DirectNumber: "+40310000008"})
	})
	refused(t, Decide(s, arrives("+40310000008")), 480, 20)
	mailOnly := exchange(t, func(s *store.Site) {
		s.Users = append(s.Users, store.User{Meta: store.Meta{ID: "u-dan"}, FirstName: "Dan", DirectNumber: "+40310000008"})
		s.ContactMethods = append(s.ContactMethods, store.ContactMethod{Meta: store.Meta{ID: "dan-mail"}, UserID: "u-dan",
			Kind: store.KindEmail, Email: &store.EmailAddress{Address: "dan@acme.example"}})
	})
	refused(t, Decide(mailOnly, arrives("+40310000008")), 480, 20)
}
