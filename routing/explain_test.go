package routing

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"strowger/store"
)

func TestSentence(t *testing.T) {
	voicemail := line("anna", func(m *store.ContactMethod) { m.Inbound.WhenUnavailable.Action = store.UnavailableVoicemail })
	recorded := line("anna", func(m *store.ContactMethod) { m.Recording = flags(15) })
	tests := []struct {
		changes []func(*store.Site)
		facts   Facts
		want    string
	}{
		{[]func(*store.Site){voicemail, recorded}, dials("bob", "101"), "rings Anna's desk phone for 25 s, then voicemail; recorded"},
		{nil, dials("anna", "102"), "rings Bob's phone for 25 s"},
		{nil, arrives("+40310000003"), "rings Carla's app for 25 s"},
		{nil, arrives("+40310000000"), "rings Anna's desk phone for 25 s"},
		{[]func(*store.Site){forwards("bob", "101"), voicemail}, dials("carla-app", "102"),
			"rings Bob's phone for 25 s, then forwards the call: rings Anna's desk phone for 25 s, then voicemail"},
		{[]func(*store.Site){forwards("bob", "0722000009")}, dials("anna", "102"),
			"rings Bob's phone for 25 s, then forwards the call: calls +40722000009 through Carrier as +40310000001"},
		{[]func(*store.Site){voicemail, user("u-anna", func(u *store.User) { u.DoNotDisturb = true })}, dials("bob", "101"),
			"goes straight to Anna's voicemail"},
		{[]func(*store.Site){user("u-anna", func(u *store.User) { u.DoNotDisturb = true })}, dials("bob", "101"),
			"refuses the call with 480 Temporarily Unavailable: do not disturb"},
		{nil, dials("anna", "0722000002"), "calls +40722000002 through Carrier as +40310000001"},
		{[]func(*store.Site){anotherTrunk(store.Trunk{Meta: store.Meta{ID: "backup"}, Name: "Backup", Priority: 20})}, dials("anna", "*670722000002"),
			"calls +40722000002 through Carrier or Backup; caller ID withheld"},
		{nil, dials("anna", "112"), "emergency call: calls 112 through Carrier as +40310000001"},
		{nil, dials("anna", "*43"), "runs the feature echo"},
		{nil, dials("anna", "199"), "refuses the call with 404 Not Found: unallocated number"},
		{nil, dials("bob", "0722000002"), "refuses the call with 403 Forbidden: outside calls are not allowed"},
		{[]func(*store.Site){carlas(store.RouteRingAll, "carla-app", "carla-desk", "carla-mobile", "carla-sip")}, arrives("+40310000003"),
			"rings Carla's app, Carla's phone, Carla's telephone outside (+40722000003) through Carrier as +40722000001 and " +
				"Carla's SIP address (carla@elsewhere.example) for 25 s, then forwards the call: rings Bob's phone for 25 s"},
		{[]func(*store.Site){carlas(store.RouteSequence, "carla-app", "carla-desk")}, arrives("+40310000003"),
			"rings Carla's app for 25 s, then rings Carla's phone for 11 s, then forwards the call: rings Bob's phone for 25 s"},
	}
	for _, tt := range tests {
		if got := Decide(exchange(t, tt.changes...), tt.facts).Sentence; got != tt.want {
			t.Errorf("%s\nwant %s", got, tt.want)
		}
	}
}

// Contract, "explain": what from and to may be.
func TestExplain(t *testing.T) {
	tests := []struct {
		from, to string
		status   int
		first    string // the first target's contact method, number or nothing
	}{
		{"101", "102", 200, "bob"},
		{"anna", "bob", 200, "bob"},
		{"sip:anna@acme.example", "sip:bob@acme.example;transport=tcp", 200, "bob"},
		{"sip:anna@acme.example:5060", "<sip:bob@acme.example>", 200, "bob"},
		{"+40310000001", "102", 200, "bob"},
		{"0310000001", "102", 200, "bob"},
		{"+40310000003", "102", 200, "bob"},
		{"carla-app", "bob@acme.example", 200, "bob"},
		{"anna", "bob@evil.example", 403, ""},
		{"anna", "sip:%2B40722000002@acme.example", 200, "+40722000002"},
		{"anna", "tel:+40-722-000-002;phone-context=x", 200, "+40722000002"},
		{"101", "0722000002", 200, "+40722000002"},
		{"102", "0722000002", 403, ""},
		{"102", "112", 200, "112"},
		{"101", "199", 404, ""},
		{"trunk:carrier/+40722000001", "+40310000001", 200, "anna"},
		{"trunk:carrier/anonymous", "+40310000001", 200, "anna"},
		{"trunk:carrier", "+40310000001", 200, "anna"},
		{"trunk:carrier/+40722000001", "+40722000002", 404, ""},
		{"trunk:carrier/+40722000001", "102", 404, ""},
		{"+40722000001", "+40310000001", 200, "anna"}, // a stranger comes by the number's trunk
		{"0722000001", "102", 404, ""},
	}
	s := exchange(t)
	for _, tt := range tests {
		t.Run(tt.from+" to "+tt.to, func(t *testing.T) {
			got, err := Explain(s, tt.from, tt.to, noon)
			if err != nil {
				t.Fatal(err)
			}
			first := ""
			if len(got.Targets) > 0 {
				first = got.Targets[0].ContactMethodID + got.Targets[0].Number
			}
			if got.Status != tt.status || first != tt.first || got.Sentence == "" || len(got.Trace) == 0 {
				t.Errorf("status %d, first target %q: %s", got.Status, first, got.Sentence)
			}
		})
	}
}

func TestExplainErrors(t *testing.T) {
	none := func(s *store.Site) {
		s.Trunks = nil
		for i := range s.Numbers {
			s.Numbers[i].TrunkID = ""
		}
	}
	tests := []struct{ from, to, field, says string }{
		{"", "101", "from", "trunk:ID/+E164"},
		{"199", "101", "from", `nobody has "199"`},
		{"nobody", "101", "from", `nobody has "nobody"`},
		{"trunk:gone/+40722000001", "101", "from", `no trunk "gone"`},
		{"+40310000008", "101", "from", "no line calls from"},
		{"+40722000001", "101", "from", "no trunk"},
		{"sip:acme.example", "101", "from", "write"},
		{"101", "", "to", "write"},
		{"101", "  ", "to", "write"},
		{"101", "sip:@acme.example", "to", "write"},
		{"101", "1\r\n2", "to", "write"},
	}
	s := exchange(t, none)
	for _, tt := range tests {
		_, err := Explain(s, tt.from, tt.to, noon)
		var invalid *store.ValidationError
		if !errors.As(err, &invalid) || invalid.Field != tt.field || !strings.Contains(invalid.Rule.String(), tt.says) {
			t.Errorf("%q to %q: %v", tt.from, tt.to, err)
		}
	}
}

// The simulator says what a real call's plan says.
func TestExplainIsDecide(t *testing.T) {
	s := exchange(t, forwards("bob", "0722000009"))
	got, err := Explain(s, "101", "102", noon)
	if err != nil {
		t.Fatal(err)
	}
	p := Decide(s, dials("anna", "102"))
	if got.Sentence != p.Sentence || !slices.EqualFunc(got.Trace, p.Trace, func(a, b store.Decision) bool {
		return a.Rule == b.Rule && a.Taken == b.Taken && a.Why == b.Why
	}) {
		t.Errorf("%s\n%s", got.Sentence, p.Sentence)
	}
}

func TestExplanationAsJSON(t *testing.T) {
	s := exchange(t, forwards("bob", "0722000009"), line("bob", func(m *store.ContactMethod) { m.Recording = flags(1) }))
	got, err := Explain(s, "101", "102", noon)
	if err != nil {
		t.Fatal(err)
	}
	got.Trace = got.Trace[:1]
	text, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
 "status": 200,
 "targets": [
  {
   "kind": "line",
   "when": "at once",
   "step": 1,
   "for_s": 25,
   "user_id": "u-bob",
   "contact_method_id": "bob",
   "aor": "bob",
   "caller_id": "101",
   "caller_name": "Anna Ionescu",
   "recorded": true,
   "recorded_for": [
    "u-bob"
   ]
  },
  {
   "kind": "trunk",
   "when": "no answer",
   "step": 2,
   "for_s": 180,
   "number": "+40722000009",
   "trunk_ids": [
    "carrier"
   ],
   "caller_id": "+40310000001",
   "caller_name": "Anna Ionescu",
   "diversions": [
    "+40310000000 no-answer"
   ],
   "recorded": false
  }
 ],
 "trace": [
  {
   "rule": "caller",
   "taken": true,
   "why": "a line of the organization",
   "inputs": {
    "line": "anna",
    "user": "u-anna"
   }
  }
 ],
 "sentence": "rings Bob's phone for 25 s, then forwards the call: calls +40722000009 through Carrier as +40310000001; recorded"
}`
	if string(text) != want {
		t.Errorf("%s", text)
	}
	refusal, err := Explain(s, "101", "199", noon)
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := json.Marshal(refusal); !strings.Contains(string(text), `"targets":[]`) {
		t.Errorf("%s", text)
	}
}
