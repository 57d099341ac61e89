package routing

import (
	"strings"
	"testing"

	"strowger/store"
)

// Telephony rules, "Identity, outbound".
func TestCallerID(t *testing.T) {
	multiple := user("u-anna", func(u *store.User) { u.Features.MultipleCallerIDs = true })
	none := line("anna", func(m *store.ContactMethod) { m.Outbound.CallerIDs = nil })
	noMain := organization(func(o *store.Organization) { o.MainNumber = "" })
	noDID := line("anna", func(m *store.ContactMethod) { m.Inbound.DIDNumbers = nil })
	anonymous := line("anna", func(m *store.ContactMethod) { m.Outbound.Anonymous = true })
	untrusted := trunk("carrier", func(t *store.Trunk) { t.TrustedIdentity = false })
	rpid := trunk("carrier", func(t *store.Trunk) { t.IdentityHeaders = []string{"remote_party_id"} })
	calls := func(to, preferred string, private bool) Facts {
		f := dials("anna", to)
		f.Preferred, f.Privacy = preferred, private
		// What a phone writes of itself counts for nothing.
		f.FromUser, f.FromName, f.Asserted, f.AssertedName = "+40799999999", "President", "+40799999999", "President"
		return f
	}
	outside := calls("0722000002", "", false)
	name := "Anna Ionescu"
	tests := []struct {
		name    string
		changes []func(*store.Site)
		facts   Facts
		want    Identity
	}{
		{"the first", nil, outside, Identity{User: "+40310000001", Name: name, Asserted: "+40310000001"}},
		{"the chosen", []func(*store.Site){multiple}, calls("0722000002", "+40310000009", false),
			Identity{User: "+40310000009", Name: name, Asserted: "+40310000009"}},
		{"the chosen in national form", []func(*store.Site){multiple}, calls("0722000002", "0310000009", false),
			Identity{User: "+40310000009", Name: name, Asserted: "+40310000009"}},
		{"chosen without the feature", nil, calls("0722000002", "+40310000009", false),
			Identity{User: "+40310000001", Name: name, Asserted: "+40310000001"}},
		{"chosen and not allowed", []func(*store.Site){multiple}, calls("0722000002", "+40310000003", false),
			Identity{User: "+40310000001", Name: name, Asserted: "+40310000001"}},
		{"chosen nonsense", []func(*store.Site){multiple}, calls("0722000002", "president", false),
			Identity{User: "+40310000001", Name: name, Asserted: "+40310000001"}},
		{"the company's", []func(*store.Site){none}, outside, Identity{User: "+40310000000", Name: name, Asserted: "+40310000000"}},
		{"the line's own number, for want of any", []func(*store.Site){none, noMain}, outside,
			Identity{User: "+40310000001", Name: name, Asserted: "+40310000001"}},
		{"no number at all", []func(*store.Site){none, noMain, noDID}, outside, Identity{Anonymous: true}},
		{"an untrusted carrier", []func(*store.Site){untrusted}, outside, Identity{User: "+40310000001", Name: name}},
		{"a carrier that asks for Remote-Party-ID", []func(*store.Site){rpid}, outside,
			Identity{User: "+40310000001", Name: name, Asserted: "+40310000001", RemoteParty: true}},
		{"an untrusted one that asks", []func(*store.Site){rpid, untrusted}, outside,
			Identity{User: "+40310000001", Name: name, RemoteParty: true}},
		{"an anonymous line", []func(*store.Site){anonymous}, outside, Identity{Anonymous: true, Asserted: "+40310000001"}},
		{"an anonymous call", nil, calls("0722000002", "", true), Identity{Anonymous: true, Asserted: "+40310000001"}},
		{"an anonymous call by feature code", nil, calls("*670722000002", "", false), Identity{Anonymous: true, Asserted: "+40310000001"}},
		{"anonymous to an untrusted carrier", []func(*store.Site){untrusted}, calls("0722000002", "", true), Identity{Anonymous: true}},
		{"anonymous to an untrusted one that asks", []func(*store.Site){untrusted, rpid}, calls("0722000002", "", true), Identity{Anonymous: true}},
		{"anonymous to a trusted one that asks", []func(*store.Site){rpid}, calls("0722000002", "", true),
			Identity{Anonymous: true, Asserted: "+40310000001", RemoteParty: true}},
		{"anonymity is ignored in need", []func(*store.Site){anonymous}, calls("112", "", true),
			Identity{User: "+40310000001", Name: name, Asserted: "+40310000001"}},
		{"nor by feature code", nil, calls("*67112", "", true), Identity{User: "+40310000001", Name: name, Asserted: "+40310000001"}},
		{"no number in need", []func(*store.Site){none, noMain, noDID}, calls("112", "", true), Identity{User: "unavailable", Name: name}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Decide(exchange(t, tt.changes...), tt.facts)
			if got := ringing(t, p).Targets[0].Routes[0].Shown; got != tt.want {
				t.Errorf("shown %+v, want %+v\n%s", got, tt.want, tell(p))
			}
			if p.Withheld && p.Emergency {
				t.Error("nothing is withheld in an emergency")
			}
		})
	}
}

// An extension is never sent to a trunk, whatever the line calls itself.
func TestExtensionStaysInside(t *testing.T) {
	s := exchange(t,
		organization(func(o *store.Organization) { o.MainNumber = "" }),
		line("bob", func(m *store.ContactMethod) {
			m.Outbound.ExternalEnabled, m.Outbound.InternalCallerID = true, "102"
		}), forwards("bob", "0722000009"))
	for _, f := range []Facts{dials("bob", "0722000002"), dials("bob", "112"), dials("bob", "102"), dials("carla-app", "102")} {
		p := Decide(s, f)
		for _, target := range p.Targets() {
			for _, r := range target.Routes {
				all := append([]Diversion{{User: r.Shown.User}, {User: r.Shown.Asserted}}, r.Diversions...)
				for _, d := range all {
					if d.User != "" && d.User != "unavailable" && !strings.HasPrefix(d.User, "+") {
						t.Errorf("%s: a carrier is told %q", f.To, d.User)
					}
				}
			}
		}
	}
}

func TestInternalCallerID(t *testing.T) {
	tests := []struct {
		name   string
		change func(*store.Site)
		facts  Facts
		want   Identity
	}{
		{"the extension", nil, dials("anna", "102"), Identity{User: "101", Name: "Anna Ionescu"}},
		{"the chosen one", line("anna", func(m *store.ContactMethod) {
			m.Inbound.InternalNumbers, m.Outbound.InternalCallerID = []string{"101", "110"}, "110"
		}),
			dials("anna", "102"), Identity{User: "110", Name: "Anna Ionescu"}},
		{"a user name for want of any number", line("bob", func(m *store.ContactMethod) { m.Inbound.InternalNumbers = nil }),
			dials("bob", "101"), Identity{User: "bob", Name: "Bob"}},
		{"anonymous", line("anna", func(m *store.ContactMethod) { m.Outbound.Anonymous = true }), dials("anna", "102"), Identity{Anonymous: true}},
		{"anonymous by feature code", nil, dials("anna", "*67102"), Identity{Anonymous: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			change := tt.change
			if change == nil {
				change = func(*store.Site) {}
			}
			p := Decide(exchange(t, change), tt.facts)
			if got := ringing(t, p).Targets[0].Shown; got != tt.want {
				t.Errorf("shown %+v, want %+v", got, tt.want)
			}
			if p.Withheld != tt.want.Anonymous || p.Caller.UserID == "" {
				t.Errorf("withheld %v by %+v: our own users are known to the record", p.Withheld, p.Caller)
			}
		})
	}
}

// Telephony rules, "Identity, inbound".
func TestInboundIdentity(t *testing.T) {
	untrusted := func(t *store.Trunk) { t.TrustedIdentity = false }
	american := func(t *store.Trunk) { t.Country = "US" }
	none := func(*store.Trunk) {}
	from := func(user, name, asserted, assertedName string, private bool) Facts {
		return Facts{Now: noon, TrunkID: "carrier", To: "+40310000001",
			FromUser: user, FromName: name, Asserted: asserted, AssertedName: assertedName, Privacy: private}
	}
	tests := []struct {
		name   string
		change func(*store.Trunk)
		facts  Facts
		want   Identity
		number string // in the call's record
	}{
		{"From", none, from("+40722000001", "Maria", "", "", false), Identity{User: "+40722000001", Name: "Maria"}, "+40722000001"},
		{"national", none, from("0722000001", "", "", "", false), Identity{User: "+40722000001"}, "+40722000001"},
		{"by the carrier's country", american, from("4155550100", "", "", "", false), Identity{User: "+14155550100"}, "+14155550100"},
		{"without the plus", none, from("442079460018", "", "", "", false), Identity{User: "+442079460018"}, "+442079460018"},
		{"asserted, trusted", none, from("1", "Maria", "+40722000002", "", false), Identity{User: "+40722000002", Name: "Maria"}, "+40722000002"},
		{"asserted name, trusted", none, from("1", "x", "0722000002", "Maria", false), Identity{User: "+40722000002", Name: "Maria"}, "+40722000002"},
		{"asserted, untrusted", untrusted, from("+40722000001", "Maria", "+40722000002", "Boss", false), Identity{User: "+40722000001", Name: "Maria"}, "+40722000001"},
		{"private", none, from("anonymous", "Anonymous", "+40722000002", "Maria", true), Identity{Anonymous: true}, ""},
		{"private, untrusted", untrusted, from("+40722000001", "Maria", "", "", true), Identity{Anonymous: true}, ""},
		{"private and asserted, untrusted", untrusted, from("+40722000001", "Maria", "+40722000002", "", true), Identity{Anonymous: true}, ""},
		{"a short number", none, from("7447", "Bank", "", "", false), Identity{Name: "Bank", Anonymous: true}, ""}, // could be an extension
		{"a long service number", none, from("88812345", "Bank", "", "", false), Identity{User: "88812345", Name: "Bank"}, "88812345"},
		{"a name that would end the header", none, from("+40722000001", "Maria\r\nFrom: <sip:x>", "", "", false),
			Identity{User: "+40722000001", Name: "MariaFrom: <sip:x>"}, "+40722000001"},
		{"a colleague's extension", none, from("102", "Bob", "", "", false), Identity{Name: "Bob", Anonymous: true}, ""},
		{"a colleague's user name", none, from("bob", "Bob", "", "", false), Identity{Name: "Bob", Anonymous: true}, ""},
		{"no number", none, from("unavailable", "", "", "", false), Identity{Anonymous: true}, ""},
		{"nothing", none, from("", "", "", "", false), Identity{Anonymous: true}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Decide(exchange(t, trunk("carrier", tt.change)), tt.facts)
			if got := ringing(t, p).Targets[0].Shown; got != tt.want {
				t.Errorf("shown %+v, want %+v\n%s", got, tt.want, tell(p))
			}
			if p.Caller.Number != tt.number {
				t.Errorf("recorded as %q, want %q", p.Caller.Number, tt.number)
			}
			if p.Withheld != tt.facts.Privacy {
				t.Errorf("withheld: %v", p.Withheld)
			}
			for _, d := range p.Trace {
				for _, in := range d.Inputs {
					if tt.facts.Privacy && (in == tt.facts.Asserted || in == tt.facts.FromUser) {
						t.Errorf("the trace keeps what is withheld: %+v", d)
					}
				}
			}
		})
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"Anna":                   "Anna",
		"Zoë \u202eevil":         "Zoë \u202eevil", // not a control character for SIP; shown as it is
		"a\x00b\r\nc":            "abc",
		strings.Repeat("é", 100): strings.Repeat("é", 64),
		"bad\xff":                "bad",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}
