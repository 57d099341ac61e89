package routing

import (
	"slices"
	"testing"
	"time"

	"strowger/store"
)

// noon is a Monday.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// site is a small company. Anna has a desk phone and voicemail, Bob a phone
// that may not call outside, Carla only her direct number and an app.
func site() *store.Site {
	line := func(id, user, extension string) store.ContactMethod {
		m := store.ContactMethod{Meta: store.Meta{ID: id}, UserID: user, Kind: store.KindSIPAccount}
		m.SIPAccount = &store.SIPAccount{Username: id, Password: "secret-" + id}
		if extension != "" {
			m.Inbound.InternalNumbers = []string{extension}
		}
		return m
	}
	anna, bob := line("anna", "u-anna", "101"), line("bob", "u-bob", "102")
	anna.Label = "Desk phone"
	anna.Inbound.DIDNumbers = []string{"+40310000001"}
	anna.Outbound.ExternalEnabled = true
	anna.Outbound.CallerIDs = []string{"+40310000001", "+40310000009"}
	carla := store.ContactMethod{Meta: store.Meta{ID: "carla-app"}, UserID: "u-carla", Kind: store.KindApp}
	number := func(id, e164 string) store.Number {
		return store.Number{Meta: store.Meta{ID: id}, E164: e164, TrunkID: "carrier"}
	}
	return &store.Site{
		Organizations: []store.Organization{{
			Meta: store.Meta{ID: "default"}, Name: "Acme", Domain: "acme.example", Country: "RO", TimeZone: "UTC",
			MainNumber: "+40310000000", MainDestination: "101", EmergencyNumbers: []string{"112", "961"},
		}},
		Users: []store.User{
			{Meta: store.Meta{ID: "u-anna"}, FirstName: "Anna", LastName: "Ionescu", Features: store.Features{Voicemail: true}},
			{Meta: store.Meta{ID: "u-bob"}, FirstName: "Bob"},
			{Meta: store.Meta{ID: "u-carla"}, FirstName: "Carla", DirectNumber: "+40310000003"},
		},
		ContactMethods: []store.ContactMethod{anna, bob, carla},
		Numbers: []store.Number{
			number("n-main", "+40310000000"), number("n-anna", "+40310000001"), number("n-carla", "+40310000003"),
			number("n-nobody", "+40310000008"), number("n-second", "+40310000009"),
			{Meta: store.Meta{ID: "n-flow"}, E164: "+40310000007", Owner: store.Owner{Kind: store.OwnerCallFlow, ID: "menu"}},
		},
		Trunks: []store.Trunk{
			{Meta: store.Meta{ID: "carrier"}, Name: "Carrier", Host: "192.0.2.10", Addresses: []string{"192.0.2.10"}, Priority: 10, TrustedIdentity: true},
		},
		FeatureCodes: []store.FeatureCode{
			{Meta: store.Meta{ID: "f-echo"}, Code: "*43", Action: "echo"},
			{Meta: store.Meta{ID: "f-hide"}, Code: "*67", Action: "anonymous"},
			{Meta: store.Meta{ID: "f-set"}, Code: "*72", Action: "forward_set"},
			{Meta: store.Meta{ID: "f-vm"}, Code: "*97", Action: "voicemail"},
		},
		CallFlows: []store.CallFlow{{
			Meta: store.Meta{ID: "menu"}, Name: "Menu", Entry: "end",
			Nodes: []store.FlowNode{{ID: "end", Type: "hang_up"}},
		}},
	}
}

// exchange makes a snapshot of the company with changes.
func exchange(t testing.TB, changes ...func(*store.Site)) *store.Snapshot {
	t.Helper()
	s := site()
	for _, change := range changes {
		change(s)
	}
	empty, err := store.Draft(store.Organization{})
	if err != nil {
		t.Fatal(err)
	}
	snap, err := store.Overlay(empty, s)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

func organization(change func(*store.Organization)) func(*store.Site) {
	return func(s *store.Site) { change(&s.Organizations[0]) }
}

func user(id string, change func(*store.User)) func(*store.Site) {
	return func(s *store.Site) {
		change(&s.Users[slices.IndexFunc(s.Users, func(u store.User) bool { return u.ID == id })])
	}
}

func line(id string, change func(*store.ContactMethod)) func(*store.Site) {
	return func(s *store.Site) {
		change(&s.ContactMethods[slices.IndexFunc(s.ContactMethods, func(m store.ContactMethod) bool { return m.ID == id })])
	}
}

func trunk(id string, change func(*store.Trunk)) func(*store.Site) {
	return func(s *store.Site) {
		change(&s.Trunks[slices.IndexFunc(s.Trunks, func(t store.Trunk) bool { return t.ID == id })])
	}
}

func method(m store.ContactMethod) func(*store.Site) {
	return func(s *store.Site) { s.ContactMethods = append(s.ContactMethods, m) }
}

func anotherTrunk(t store.Trunk) func(*store.Site) {
	return func(s *store.Site) {
		t.Host = "192.0.2.20"
		s.Trunks = append(s.Trunks, t)
	}
}

// forwards makes a line send its calls on.
func forwards(id, to string) func(*store.Site) {
	return line(id, func(m *store.ContactMethod) {
		m.Inbound.WhenUnavailable = store.WhenUnavailable{Action: store.UnavailableForward, ForwardTo: to}
	})
}

func dials(line, to string) Facts { return Facts{Now: noon, LineID: line, To: to} }

func arrives(to string) Facts {
	return Facts{Now: noon, TrunkID: "carrier", To: to, FromUser: "+40722000001", FromName: "Maria"}
}

// ringing is the plan's first Ring, through whatever diverts.
func ringing(t testing.TB, p Plan) *Ring {
	t.Helper()
	r, ok := through(p.First).(*Ring)
	if !ok {
		t.Fatalf("nothing rings: %s\n%s", p.Sentence, tell(p))
	}
	return r
}

func through(s Step) Step {
	for {
		d, ok := s.(*Divert)
		if !ok {
			return s
		}
		s = d.Next
	}
}

func refused(t testing.TB, p Plan, status, cause int) {
	t.Helper()
	end, ok := through(p.First).(*Refuse)
	if !ok || end.Status != status || end.Cause != cause {
		t.Errorf("%s; want status %d, cause %d\n%s", p.Sentence, status, cause, tell(p))
	}
}

func tell(p Plan) string {
	var out []byte
	for _, d := range p.Trace {
		sign := byte('-')
		if d.Taken {
			sign = '+'
		}
		out = append(append(out, sign, ' '), d.Rule+": "+d.Why...)
		for k, v := range d.Inputs {
			out = append(out, " "+k+"="+v...)
		}
		out = append(out, '\n')
	}
	return string(out)
}

// Rule finds the first decision of that name in the trace.
func (p *Plan) Rule(name string) (store.Decision, bool) {
	i := slices.IndexFunc(p.Trace, func(d store.Decision) bool { return d.Rule == name })
	if i < 0 {
		return store.Decision{}, false
	}
	return p.Trace[i], true
}
