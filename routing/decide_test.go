package routing

import (
	"testing"
	"time"

	"strowger/store"
)

// describe is where a plan leads first, in short.
func describe(p Plan) string {
	switch s := through(p.First).(type) {
	case *Ring:
		out := ""
		for _, t := range s.Targets {
			if out != "" {
				out += ","
			}
			switch t.Kind {
			case TargetLine:
				out += "line " + t.LineID
			case TargetTrunk:
				out += "trunk"
				for _, r := range t.Routes {
					out += " " + r.TrunkID
				}
				out += " " + t.Number
			case TargetURI:
				out += "uri " + t.URI.User + "@" + t.URI.Host
			}
		}
		return out
	case *Voicemail:
		return "voicemail " + s.LineID
	case *Service:
		return "service " + s.Action + " " + s.Args
	case *Refuse:
		return "refuse " + itoa(s.Status)
	}
	return "nil"
}

// Telephony rules, "Dialling": the order in which a dialled string is
// understood.
func TestDialling(t *testing.T) {
	conflicting := func(s *store.Site) {
		// A user name that is also an extension, and one that looks like a
		// number of the outside.
		for _, name := range []string{"102", "0722000001"} {
			s.ContactMethods = append(s.ContactMethods, store.ContactMethod{
				Meta: store.Meta{ID: "named-" + name}, UserID: "u-bob", Kind: store.KindSIPAccount,
				SIPAccount: &store.SIPAccount{Username: name, Password: "a secret"},
			})
		}
	}
	s := exchange(t, conflicting)
	tests := []struct {
		to, want, rule string
		direction      store.Direction
	}{
		{"112", "trunk carrier 112", "emergency_number", store.DirOutbound},
		{"961", "trunk carrier 961", "emergency_number", store.DirOutbound},
		{"*43", "service echo ", "feature_code", store.DirInternal},
		{"*72*0722000001", "service forward_set 0722000001", "feature_code", store.DirInternal},
		{"*720722000001", "service forward_set 0722000001", "feature_code", store.DirInternal},
		{"*431", "refuse 404", "unknown_number", store.DirInternal}, // echo takes nothing
		{"*99", "refuse 404", "unknown_number", store.DirInternal},
		{"102", "line bob", "internal_number", store.DirInternal}, // before the user name
		{"anna", "line anna", "sip_username", store.DirInternal},
		{"app-carla-app", "line carla-app", "sip_username", store.DirInternal},
		{"0722000001", "line named-0722000001", "sip_username", store.DirInternal}, // before the outside
		{"+40310000001", "line anna", "own_number", store.DirInternal},
		{"0310000001", "line anna", "own_number", store.DirInternal},
		{"+40 310 000 003", "line carla-app", "own_number", store.DirInternal},
		{"0722000002", "trunk carrier +40722000002", "external_permission", store.DirOutbound},
		{"0722-000.002", "trunk carrier +40722000002", "external_permission", store.DirOutbound},
		{"0014155550100", "trunk carrier +14155550100", "external_permission", store.DirOutbound},
		{"+14155550100", "trunk carrier +14155550100", "external_permission", store.DirOutbound},
		{"nobody", "refuse 404", "unknown_number", store.DirInternal},
		{"", "refuse 404", "unknown_number", store.DirInternal},
		{"199", "refuse 404", "extension_range", store.DirInternal},
		{"1999", "refuse 404", "extension_range", store.DirInternal},
	}
	for _, tt := range tests {
		t.Run(tt.to, func(t *testing.T) {
			p := Decide(s, dials("anna", tt.to))
			if got := describe(p); got != tt.want {
				t.Errorf("got %s, want %s\n%s", got, tt.want, tell(p))
			}
			if d, ok := p.Rule(tt.rule); !ok || !d.Taken {
				t.Errorf("rule %s was not taken:\n%s", tt.rule, tell(p))
			}
			if p.Direction != tt.direction {
				t.Errorf("direction %s, want %s", p.Direction, tt.direction)
			}
			if p.Revision != s.Revision || p.Sentence == "" {
				t.Errorf("revision %d, sentence %q", p.Revision, p.Sentence)
			}
		})
	}
}

// Telephony rules, "Unknown numbers": nobody's is 404, and what comes from
// outside is never relayed back out.
func TestUnknownNumbersAndOpenRelay(t *testing.T) {
	s := exchange(t)
	foreign := func(f Facts, host string) Facts { f.ToHost = host; return f }
	tests := []struct {
		name  string
		facts Facts
		want  string
	}{
		{"a DID that nobody owns, from outside", arrives("+40310000008"), "refuse 404"},
		{"a DID that nobody owns, from inside", dials("anna", "+40310000008"), "refuse 404"},
		{"an extension that nobody has", dials("anna", "105"), "refuse 404"},
		{"a stranger's number, from outside", arrives("+40722999999"), "refuse 404"},
		{"the same in national form", arrives("0722999999"), "refuse 404"},
		{"the same with a 00", arrives("0040722999999"), "refuse 404"},
		{"an extension, from outside", arrives("101"), "refuse 404"},
		{"a user name, from outside", arrives("anna"), "refuse 404"},
		{"a feature code, from outside", arrives("*43"), "refuse 404"},
		{"a hidden number, from outside", arrives("*67+40722999999"), "refuse 404"},
		{"an emergency number, from outside", arrives("112"), "refuse 404"},
		{"nothing, from outside", arrives(""), "refuse 404"},
		{"another domain, from inside", foreign(dials("anna", "anna"), "evil.example"), "refuse 403"},
		{"a number at another domain, from inside", foreign(dials("anna", "+40722999999"), "evil.example"), "refuse 403"},
		{"an extension at another domain, from inside", foreign(dials("anna", "102"), "evil.example"), "refuse 403"},
		{"a number at another domain, from outside", foreign(arrives("+40722999999"), "evil.example"), "refuse 404"},
		{"a carrier's own idea of our name", foreign(arrives("+40310000001"), "203.0.113.5"), "line anna"},
		{"an emergency at another domain", foreign(dials("bob", "112"), "evil.example"), "trunk carrier 112"},
		{"a line that was deleted", dials("gone", "102"), "refuse 403"},
		{"a line that was deleted, in need", dials("gone", "112"), "trunk carrier 112"},
		{"a trunk that was deleted", Facts{Now: noon, TrunkID: "gone", To: "+40310000001"}, "refuse 403"},
		{"nobody", Facts{Now: noon, To: "101"}, "refuse 403"},
		{"both at once", Facts{Now: noon, LineID: "anna", TrunkID: "carrier", To: "+40722999999"}, "refuse 403"},
		{"a line without permission", dials("bob", "+40722999999"), "refuse 403"},
		{"a line without permission that hides", dials("bob", "*67+40722999999"), "refuse 403"},
		{"hiding an emergency call", dials("bob", "*67112"), "trunk carrier 112"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Decide(s, tt.facts)
			if got := describe(p); got != tt.want {
				t.Errorf("got %s, want %s\n%s", got, tt.want, tell(p))
			}
		})
	}
}

// Telephony rules, "Identity, outbound": a call that a line may not make is
// explained aloud and refused; emergency numbers always pass.
func TestOutboundPermission(t *testing.T) {
	s := exchange(t)
	p := Decide(s, dials("bob", "0722000002"))
	refused(t, p, 403, 21)
	if end := p.First.(*Refuse); end.Prompt != "not-allowed" {
		t.Errorf("prompt %q", end.Prompt)
	}
	if d, ok := p.Rule("external_permission"); !ok || d.Taken || d.Inputs["line"] != "bob" {
		t.Errorf("trace: %s", tell(p))
	}
	if got := describe(Decide(s, dials("bob", "112"))); got != "trunk carrier 112" {
		t.Errorf("emergency: %s", got)
	}
	if got := describe(Decide(s, dials("bob", "+40310000001"))); got != "line anna" {
		t.Errorf("our own number needs no permission: %s", got)
	}
}

func TestInboundOwners(t *testing.T) {
	s := exchange(t)
	tests := []struct{ to, want, name string }{
		{"+40310000001", "line anna", "a line's number"},
		{"0310000001", "line anna", "in the carrier's national form"},
		{"40310000001", "line anna", "without the plus"},
		{"+40310000003", "line carla-app", "a user's direct number"},
		{"+40310000000", "line anna", "the main number"},
		{"+40310000007", "refuse 480", "a call flow's"},
		{"+40310000008", "refuse 404", "nobody's"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Decide(s, arrives(tt.to))
			if got := describe(p); got != tt.want {
				t.Errorf("got %s, want %s\n%s", got, tt.want, tell(p))
			}
			if p.Direction != store.DirInbound {
				t.Errorf("direction %s", p.Direction)
			}
		})
	}
	// A carrier abroad writes its own national form.
	abroad := exchange(t, trunk("carrier", func(t *store.Trunk) { t.Country = "US" }),
		func(s *store.Site) {
			s.Numbers = append(s.Numbers, store.Number{Meta: store.Meta{ID: "n-us"}, E164: "+14155550100",
				Owner: store.Owner{Kind: store.OwnerContactMethod, ID: "bob"}})
		}, line("bob", func(m *store.ContactMethod) { m.Inbound.DIDNumbers = []string{"+14155550100"} }))
	for _, to := range []string{"4155550100", "14155550100", "01114155550100"} {
		if got := describe(Decide(abroad, arrives(to))); got != "line bob" {
			t.Errorf("%s: %s", to, got)
		}
	}
}

func TestMainNumber(t *testing.T) {
	tests := []struct{ destination, want string }{
		{"102", "line bob"},
		{"anna", "line anna"},
		{"+40310000003", "line carla-app"},
		{"0722000005", "trunk carrier +40722000005"}, // the company's own forward
		{"sip:bob@acme.example", "line bob"},
		{"bob", "line bob"},
		{"carla-app", "line carla-app"}, // a contact method's id
		{"*43", "service echo "},
		{"*97", "refuse 480"}, // asks the caller for a PIN that is not theirs
		{"", "refuse 480"},
		{"+40310000000", "refuse 482"}, // itself
		{"112", "refuse 480"},
		{"menu", "refuse 480"},
		{"nonsense", "refuse 480"},
	}
	for _, tt := range tests {
		t.Run(tt.destination, func(t *testing.T) {
			s := exchange(t, organization(func(o *store.Organization) { o.MainDestination = tt.destination }))
			p := Decide(s, arrives("+40310000000"))
			if got := describe(p); got != tt.want {
				t.Errorf("got %s, want %s\n%s", got, tt.want, tell(p))
			}
			if d, ok := p.First.(*Divert); ok && (!d.Silent || d.By.User != "+40310000000" || d.By.Reason != "unconditional") {
				t.Errorf("divert %+v", d)
			}
		})
	}
}

func TestRingTimes(t *testing.T) {
	s := exchange(t, line("anna", func(m *store.ContactMethod) { m.Inbound.RingTimeoutS = 7 }))
	if r := ringing(t, Decide(s, dials("bob", "101"))); r.For != 7*time.Second {
		t.Errorf("the line's: %v", r.For)
	}
	if r := ringing(t, Decide(s, dials("anna", "102"))); r.For != 25*time.Second {
		t.Errorf("25 s unless somebody says otherwise: %v", r.For)
	}
	s = exchange(t, organization(func(o *store.Organization) { o.RingTimeoutS = 40 }))
	if r := ringing(t, Decide(s, dials("anna", "102"))); r.For != 40*time.Second {
		t.Errorf("the organization's: %v", r.For)
	}
}

func TestTargetOfLine(t *testing.T) {
	s := exchange(t,
		line("bob", func(m *store.ContactMethod) {
			m.SIPAccount.Codecs = []string{"PCMA"}
			m.SIPAccount.SRTP = store.SRTPRequired
		}),
		user("u-bob", func(u *store.User) { u.RejectScope = store.RejectAll }))
	r := ringing(t, Decide(s, dials("anna", "102")))
	got := r.Targets[0]
	if got.AOR != "bob" || got.UserID != "u-bob" || len(got.Codecs) != 1 || got.SRTP != store.SRTPRequired || r.Scope != store.RejectAll {
		t.Errorf("%+v scope %s", got, r.Scope)
	}
	if r := ringing(t, Decide(s, dials("anna", "0722000002"))); r.Scope != store.RejectRFC {
		t.Errorf("outside scope %s", r.Scope)
	}
}

func TestPartiesOfPlan(t *testing.T) {
	s := exchange(t)
	p := Decide(s, dials("anna", "102"))
	if want := (Party{UserID: "u-anna", LineID: "anna", Number: "101", Name: "Anna Ionescu"}); p.Caller != want {
		t.Errorf("caller %+v", p.Caller)
	}
	if want := (Party{UserID: "u-bob", LineID: "bob", Number: "102", Name: "Bob"}); p.Called != want {
		t.Errorf("called %+v", p.Called)
	}
	p = Decide(s, arrives("0310000001"))
	if want := (Party{TrunkID: "carrier", Number: "+40722000001", Name: "Maria"}); p.Caller != want {
		t.Errorf("caller %+v", p.Caller)
	}
	if p.Called.Number != "+40310000001" || p.Called.LineID != "anna" {
		t.Errorf("called %+v", p.Called)
	}
	p = Decide(s, dials("anna", "0722000002"))
	if want := (Party{Number: "+40722000002"}); p.Called != want {
		t.Errorf("called %+v", p.Called)
	}
}
