package routing

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"strowger/store"
)

// A draw makes a valid small exchange and a call out of any bytes.
type draw struct {
	bytes []byte
	at    int
}

func (d *draw) n(limit int) int {
	if len(d.bytes) == 0 {
		return 0
	}
	b := d.bytes[d.at%len(d.bytes)]
	// Going round, the same bytes say something else.
	b += byte(d.at / len(d.bytes) * 37)
	d.at++
	return int(b) % limit
}

func (d *draw) one(of ...string) string { return of[d.n(len(of))] }

var anywhere = []string{
	"101", "102", "103", "104", "l0", "l1", "l2", "l3", "+40310000000", "+40310000001", "+40310000002", "+40310000003",
	"0310000001", "0722000001", "+40722000002", "112", "961", "*43", "*67102", "*670722000001", "*67112", "*720722000001",
	"199", "nobody", "m0", "s0", "flow", "", "+", "sip:l1@acme.example", "+14155550100", "0040722000003", "l9",
}

// somewhere is mostly a place where something rings.
func (d *draw) somewhere() string {
	if d.n(4) == 0 {
		return d.one(anywhere...)
	}
	return d.one("101", "102", "103", "104", "l0", "l1", "l2", "l3", "+40310000000", "+40310000001", "+40310000002", "+40310000003", "0722000001")
}

// drawn is an exchange of four users with a line each, some with forwarding
// methods, every rule set by chance.
func drawn(t testing.TB, d *draw) *store.Snapshot {
	s := &store.Site{
		Organizations: []store.Organization{{
			Meta: store.Meta{ID: "default"}, Domain: "acme.example", Country: d.one("RO", "US"), TimeZone: "UTC",
			MainNumber: "+40310000000", MainDestination: d.somewhere(), EmergencyNumbers: []string{"112", "961"},
		}},
		FeatureCodes: []store.FeatureCode{
			{Meta: store.Meta{ID: "f0"}, Code: "*43", Action: "echo"},
			{Meta: store.Meta{ID: "f1"}, Code: "*67", Action: "anonymous"},
			{Meta: store.Meta{ID: "f2"}, Code: "*72", Action: "forward_set"},
		},
		CallFlows:     []store.CallFlow{{Meta: store.Meta{ID: "flow"}, Entry: "n", Nodes: []store.FlowNode{{ID: "n", Type: "hang_up"}}}},
		TimeSchedules: []store.TimeSchedule{{Meta: store.Meta{ID: "never"}}, {Meta: store.Meta{ID: "mornings"}, Ranges: []store.TimeRange{{Days: weekdaysAll, From: "06:00", To: "12:00"}}}},
	}
	schedule := func() string { return d.one("", "", "", "", "", "", "never", "mornings") }
	for i := range (d.n(4) + 2) % 4 {
		s.Trunks = append(s.Trunks, store.Trunk{
			Meta: store.Meta{ID: fmt.Sprint("t", i)}, Host: "192.0.2.1", Priority: d.n(3), TrustedIdentity: d.n(2) == 0,
			ForwardedIdentity: store.ForwardedIdentity(d.one("original", "forwarder", "diversion")),
		})
		if d.n(2) == 0 {
			s.Trunks[i].Prefixes = []string{d.one("+40", "+1", "+407", "+44")}
		}
	}
	for i := range 4 {
		when := store.WhenUnavailable{Action: store.UnavailableAction(d.one("none", "voicemail", "forward", "forward"))}
		if to := d.somewhere(); to != "" {
			when.ForwardTo = to
		} else {
			when.Action = store.UnavailableNone
		}
		u := store.User{
			Meta: store.Meta{ID: fmt.Sprint("u", i)}, FirstName: fmt.Sprint("User", i), TimeScheduleID: schedule(),
			DoNotDisturb: d.n(8) == 0, Features: store.Features{Voicemail: d.n(2) == 0, MultipleCallerIDs: d.n(2) == 0},
			RejectScope: store.RejectScope(d.one("rfc", "all", "branch")),
			Routing:     store.UserRouting{Mode: store.RoutingMode(d.one("fixed", "ring_all", "sequence", "schedule"))},
		}
		m := store.ContactMethod{
			Meta: store.Meta{ID: fmt.Sprint("l", i)}, UserID: u.ID, Kind: store.KindSIPAccount,
			SIPAccount: &store.SIPAccount{Username: fmt.Sprint("l", i), Password: "a secret"}, TimeScheduleID: schedule(),
			Inbound:   store.Inbound{InternalNumbers: []string{fmt.Sprint(101 + i)}, WhenUnavailable: when},
			Outbound:  store.Outbound{ExternalEnabled: d.n(2) == 0, Anonymous: d.n(4) == 0},
			Recording: flags(d.n(16)),
		}
		if d.n(2) == 0 {
			m.Outbound.CallerIDs = []string{"+40310000001", "+40310000002"}
		}
		n := store.Number{Meta: store.Meta{ID: fmt.Sprint("n", i)}, E164: fmt.Sprint("+4031000000", i)}
		if i > 0 {
			switch d.n(3) {
			case 0:
				n.Owner = store.Owner{Kind: store.OwnerUser, ID: u.ID}
			case 1:
				n.Owner = store.Owner{Kind: store.OwnerContactMethod, ID: m.ID}
			}
		}
		s.Numbers, s.Users, s.ContactMethods = append(s.Numbers, n), append(s.Users, u), append(s.ContactMethods, m)
	}
	for i := range d.n(3) {
		user := fmt.Sprint("u", d.n(4))
		m := store.ContactMethod{Meta: store.Meta{ID: fmt.Sprint("m", i)}, UserID: user, Kind: store.KindPSTNForwarding, TimeScheduleID: schedule(),
			PSTNForwarding: &store.PSTNForwarding{Number: d.one("+40722000002", "+40310000001", "+14155550100"), Press1: d.n(3) == 0}}
		f := store.ContactMethod{Meta: store.Meta{ID: fmt.Sprint("s", i)}, UserID: user, Kind: store.KindSIPForwarding,
			SIPForwarding: &store.SIPForwarding{Username: d.one("l1", "x"), Domain: d.one("acme.example", "elsewhere.example")}}
		s.ContactMethods = append(s.ContactMethods, m, f)
	}
	empty, err := store.Draft(store.Organization{})
	if err != nil {
		t.Fatal(err)
	}
	snap, err := store.Overlay(empty, s)
	if err != nil {
		t.Skip(err) // not a valid exchange
	}
	return snap
}

func drawnFacts(d *draw) Facts {
	f := Facts{
		Now: noon.Add(time.Duration(d.n(24)) * time.Hour), To: d.somewhere(), Hops: d.n(8) * (d.n(4) / 3),
		Privacy: d.n(4) == 0, FromUser: d.one("101", "+40722000007", "0722000007", "anonymous"),
		Asserted: d.one("", "+40722000008", "l2"), Preferred: d.one("", "+40310000002", "+40799999999"),
	}
	if d.n(16) == 0 {
		f.ToHost = "evil.example"
	}
	for range d.n(8) {
		f.Visited = append(f.Visited, d.one(anywhere...))
	}
	if d.n(2) == 0 {
		f.TrunkID = d.one("t0", "t0", "t0", "t1", "t2")
		if d.n(4) > 0 {
			f.To = d.one("+40310000000", "0310000001", "+40310000002", "40310000003")
		}
	} else {
		f.LineID = d.one("l0", "l1", "l2", "l3", "l0", "l1", "l2", "l3", "m0", "gone")
	}
	return f
}

// FuzzDecide holds what is true of every plan (see architecture: properties).
func FuzzDecide(f *testing.F) {
	f.Add([]byte{0})
	f.Add([]byte("an exchange of four users"))
	for i := range 64 {
		f.Add([]byte{byte(i), byte(i * 7), byte(i * 13), byte(i * 31), byte(255 - i), byte(i * 101), 3, 9, byte(i * i)})
	}
	f.Fuzz(func(t *testing.T, seed []byte) { holds(t, seed) })
}

func holds(t *testing.T, seed []byte) Plan {
	d := &draw{bytes: seed}
	s := drawn(t, d)
	facts := drawnFacts(d)
	p := Decide(s, facts)
	if again := Decide(s, facts); !reflect.DeepEqual(p, again) {
		t.Fatalf("the same facts give another plan:\n%s\n%s", tell(p), tell(again))
	}
	everyBranchEnds(t, p, facts)
	emergencyReachesTrunk(t, s, p, facts)
	outsideNeedsConfiguration(t, s, p, facts)
	extensionsStayInside(t, p)
	return p
}

// TestDecideHolds is what a run of the fuzzer begins with, and shows that what
// is drawn is worth asking about.
func TestDecideHolds(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 2))
	most, met := 0, map[string]int{}
	for range 1000 {
		seed := make([]byte, 150)
		for i := range seed {
			seed[i] = byte(chance.Uint32())
		}
		p := holds(t, seed)
		steps := 0
		for s := range p.Steps() {
			steps++
			met[reflect.TypeOf(s).Elem().Name()]++
			if end, ok := s.(*Refuse); ok {
				met[itoa(end.Status)]++
			}
		}
		most = max(most, steps)
	}
	for _, what := range []string{"Ring", "Divert", "Voicemail", "Service", "Refuse", "403", "404", "480", "482", "486", "503", "603"} {
		if met[what] < 5 {
			t.Errorf("%s was met %d times", what, met[what])
		}
	}
	if most < 100 {
		t.Errorf("the largest plan has %d steps", most)
	}
	t.Log(met, most)
}

// everyBranchEnds: no step is nil, nobody waits for ever, and at most five
// hops lie on any way.
func everyBranchEnds(t *testing.T, p Plan, f Facts) {
	count := 0
	var walk func(s Step, hops int)
	walk = func(s Step, hops int) {
		if count++; count > 100_000 {
			t.Fatalf("the plan does not end:\n%s", tell(p))
		}
		if s == nil || reflect.ValueOf(s).IsNil() {
			t.Fatalf("a caller is left in silence:\n%s", tell(p))
		}
		switch s := s.(type) {
		case *Ring:
			if len(s.Targets) == 0 || s.For <= 0 || s.Scope == "" {
				t.Fatalf("rings nobody, or for ever: %+v", s)
			}
			for _, target := range s.Targets {
				whole(t, &target)
				if n := hopsOf(target.Diversions); n > maxHops {
					t.Fatalf("%d hops to %s", n, target.Number)
				}
			}
		case *Divert:
			hops++
			if s.By.User == "" || s.By.Reason == "" || s.By.Status == 0 {
				t.Fatalf("nobody diverts: %+v", s.By)
			}
		case *Refuse:
			if s.Status < 400 || s.Phrase == "" || s.Text == "" {
				t.Fatalf("refuses with %+v", s)
			}
		case *Voicemail:
			if s.UserID == "" || s.LineID == "" {
				t.Fatalf("whose voicemail: %+v", s)
			}
		}
		if hops > 0 && f.Hops+hops > maxHops {
			t.Fatalf("hop %d after %d that arrived:\n%s", hops, f.Hops, tell(p))
		}
		for _, next := range Next(s) {
			walk(next, hops)
		}
	}
	walk(p.First, 0)
	if p.Sentence == "" || len(p.Trace) == 0 || p.Direction == "" && len(f.LineID+f.TrunkID) > 0 {
		t.Fatalf("a plan without its reasons: %+v", p)
	}
}

func whole(t *testing.T, target *Target) {
	switch target.Kind {
	case TargetLine:
		if target.AOR == "" || target.LineID == "" {
			t.Fatalf("a line without a name: %+v", target)
		}
	case TargetTrunk:
		if target.Number == "" || len(target.Routes) == 0 {
			t.Fatalf("a number without a way: %+v", target)
		}
	case TargetURI:
		if target.URI.Host == "" {
			t.Fatalf("an address without a host: %+v", target)
		}
	default:
		t.Fatalf("kind %q", target.Kind)
	}
	if target.Record != nil && len(target.Record.UserIDs) == 0 {
		t.Fatalf("recorded for nobody: %+v", target.Record)
	}
}

// emergencyReachesTrunk: a line that dials an emergency number reaches every
// trunk there is, never anonymously; nobody else ever does.
func emergencyReachesTrunk(t *testing.T, s *store.Snapshot, p Plan, f Facts) {
	dialled := strings.TrimPrefix(f.To, "*67")
	wanted := f.LineID != "" && (dialled == "112" || dialled == "961")
	if dialled != f.To && wanted { // by a feature code: only for a line that exists, at home
		line, ok := s.Line(f.LineID)
		wanted = ok && line.IsLine() && f.ToHost == "" && f.Hops <= maxHops
	}
	if p.Emergency != wanted {
		t.Fatalf("emergency %v, want %v:\n%s", p.Emergency, wanted, tell(p))
	}
	for _, target := range p.Targets() {
		if target.Kind == TargetTrunk && !strings.HasPrefix(target.Number, "+") && !p.Emergency {
			t.Fatalf("a forward reaches %s", target.Number)
		}
	}
	if !wanted || s.Trunks.Len() == 0 {
		return
	}
	r, ok := p.First.(*Ring)
	if !ok || len(r.Targets) != 1 || len(r.Targets[0].Routes) != s.Trunks.Len() || r.Targets[0].Number != dialled {
		t.Fatalf("no way to get help:\n%s", tell(p))
	}
	for _, route := range r.Targets[0].Routes {
		if route.Shown.Anonymous || route.Shown.User == "" {
			t.Fatalf("help does not learn who calls: %+v", route)
		}
	}
}

// outsideNeedsConfiguration: a caller from outside reaches a carrier only
// where a forward, a PSTN forwarding or the main number leads there; a caller
// inside also where the line may call out.
func outsideNeedsConfiguration(t *testing.T, s *store.Snapshot, p Plan, f Facts) {
	if p.Emergency {
		return
	}
	allowed := map[string]bool{}
	add := func(to string) {
		if e164, ok := Normalize(bare(to), s.Organization.Country); ok {
			allowed[e164] = true
		}
	}
	add(s.Organization.MainDestination)
	for _, m := range s.ContactMethods.All() {
		if w := m.Inbound.WhenUnavailable; w.Action == store.UnavailableForward {
			add(w.ForwardTo)
		}
		if m.PSTNForwarding != nil {
			add(m.PSTNForwarding.Number)
		}
	}
	mayDial := false
	if line, ok := s.Line(f.LineID); ok && line.IsLine() && f.ToHost == "" {
		mayDial = line.Outbound.ExternalEnabled
	}
	for _, target := range p.Targets() {
		if target.Kind != TargetTrunk || allowed[target.Number] {
			continue
		}
		if !mayDial || p.Direction != store.DirOutbound {
			t.Fatalf("%s is reached though nobody allowed it:\n%s", target.Number, tell(p))
		}
	}
}

func extensionsStayInside(t *testing.T, p Plan) {
	for _, target := range p.Targets() {
		for _, r := range target.Routes {
			told := []string{r.Shown.User, r.Shown.Asserted}
			for _, d := range r.Diversions {
				told = append(told, d.User)
			}
			for _, user := range told {
				if user != "" && user != "unavailable" && user[0] != '+' {
					t.Fatalf("a carrier is told %q:\n%s", user, tell(p))
				}
			}
		}
	}
}

// FuzzDialled: whatever a phone or a carrier sends as the dialled string, the
// plan is whole and a carrier's call stays inside.
func FuzzDialled(f *testing.F) {
	for _, to := range anywhere {
		f.Add(to, "", true)
		f.Add(to, "evil.example", false)
	}
	f.Add("\x00\xff", "h", true)
	f.Add(strings.Repeat("*67", 100)+"112", "", true)
	s := exchange(f)
	f.Fuzz(func(t *testing.T, to, host string, inside bool) {
		facts := Facts{Now: noon, To: to, ToHost: host, TrunkID: "carrier", FromUser: to, Asserted: to, Visited: []string{to}, Hops: 1}
		if inside {
			facts.TrunkID, facts.LineID, facts.Preferred = "", "bob", to
		}
		p := Decide(s, facts)
		everyBranchEnds(t, p, facts)
		for _, target := range p.Targets() {
			if target.Kind != TargetLine && !p.Emergency {
				t.Fatalf("%q leaves the house:\n%s", to, tell(p))
			}
		}
	})
}

func FuzzExplain(f *testing.F) {
	f.Add("101", "102")
	f.Add("trunk:carrier/+40722000001", "sip:anna@acme.example;x=%")
	f.Add("tel:+40722000001", "sips:%00@:5060")
	s := exchange(f)
	f.Fuzz(func(t *testing.T, from, to string) {
		e, err := Explain(s, from, to, noon)
		if err == nil && (e.Status < 200 || e.Sentence == "" || e.Targets == nil) {
			t.Fatalf("%+v", e)
		}
	})
}

func benchmark(b *testing.B, s *store.Snapshot, f Facts) {
	b.ReportAllocs()
	for b.Loop() {
		if p := Decide(s, f); p.First == nil {
			b.Fatal("nil")
		}
	}
}

func BenchmarkDecideInternal(b *testing.B) { benchmark(b, exchange(b), dials("anna", "102")) }
func BenchmarkDecideInbound(b *testing.B)  { benchmark(b, exchange(b), arrives("+40310000001")) }
func BenchmarkDecideOutbound(b *testing.B) { benchmark(b, exchange(b), dials("anna", "+40722000002")) }
func BenchmarkDecideOutboundNational(b *testing.B) {
	benchmark(b, exchange(b), dials("anna", "0722000002"))
}
func BenchmarkDecideFiveForwards(b *testing.B) {
	benchmark(b, exchange(b, chain(5, "0722000009")), dials("anna", "l0"))
}

// A plain internal call is decided in few steps.
func TestDecideAllocates(t *testing.T) {
	s, f := exchange(t), dials("anna", "102")
	if n := testing.AllocsPerRun(100, func() { Decide(s, f) }); n > 40 {
		t.Errorf("%v allocations", n)
	}
}
