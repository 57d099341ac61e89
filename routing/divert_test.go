package routing

import (
	"fmt"
	"slices"
	"testing"

	"strowger/store"
)

// chain makes lines l0 … ln, each sending its calls on to the next, the last
// to end.
func chain(n int, end string) func(*store.Site) {
	return func(s *store.Site) {
		for i := range n {
			to := fmt.Sprintf("l%d", i+1)
			if i == n-1 {
				to = end
			}
			s.ContactMethods = append(s.ContactMethods, store.ContactMethod{
				Meta: store.Meta{ID: fmt.Sprintf("l%d", i)}, UserID: "u-bob", Kind: store.KindSIPAccount,
				SIPAccount: &store.SIPAccount{Username: fmt.Sprintf("l%d", i), Password: "a secret"},
				Inbound: store.Inbound{WhenUnavailable: store.WhenUnavailable{
					Action: store.UnavailableForward, ForwardTo: to,
				}},
			})
		}
	}
}

// follow walks one branch of a plan to its end and counts the diversions.
func follow(p Plan, which cause) (end Step, diverts int) {
	s := p.First
	for {
		switch at := s.(type) {
		case *Ring:
			s = fives(at)[which]
		case *Divert:
			diverts++
			s = at.Next
		default:
			return s, diverts
		}
	}
}

// Telephony rules, "Divert": a hop count of at most 5 includes what arrived;
// the sixth hop gets 480.
func TestHopLimit(t *testing.T) {
	tests := []struct {
		name    string
		lines   int
		arrived int
		want    *Refuse
		diverts int
	}{
		{"five hops", 5, 0, refusals[noAnswer], 5},
		{"six hops", 6, 0, refuseHops, 5},
		{"five hops, two of them before", 3, 2, refusals[noAnswer], 3},
		{"six hops, two of them before", 4, 2, refuseHops, 3},
		{"five before, and none of ours", 0, 5, refusals[noAnswer], 0},
		{"five before and one of ours", 1, 5, refuseHops, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := exchange(t, chain(tt.lines, "102"))
			to := "l0"
			if tt.lines == 0 {
				to = "102"
			}
			f := dials("anna", to)
			f.Hops = tt.arrived
			p := Decide(s, f)
			end, diverts := follow(p, noAnswer)
			if end != Step(tt.want) || diverts != tt.diverts {
				t.Errorf("ends with %+v after %d diversions, want %+v after %d\n%s", end, diverts, tt.want, tt.diverts, tell(p))
			}
		})
	}
	for _, f := range []Facts{dials("anna", "102"), arrives("+40310000001")} {
		f.Hops = 6
		refused(t, Decide(exchange(t), f), 480, 25)
	}
	f := dials("anna", "112")
	f.Hops = 50
	if got := describe(Decide(exchange(t), f)); got != "trunk carrier 112" {
		t.Errorf("in need, from far: %s", got)
	}
}

// Telephony rules, "Divert": a target met again gets 482.
func TestForwardLoops(t *testing.T) {
	visited := func(f Facts, numbers ...string) Facts {
		f.Visited, f.Hops = numbers, len(numbers)
		return f
	}
	both := []func(*store.Site){forwards("anna", "102"), forwards("bob", "101")}
	tests := []struct {
		name    string
		changes []func(*store.Site)
		facts   Facts
		diverts int
	}{
		{"to itself", []func(*store.Site){forwards("bob", "102")}, dials("anna", "102"), 0},
		{"to itself by name", []func(*store.Site){forwards("bob", "bob")}, dials("anna", "102"), 0},
		{"to itself by its number", []func(*store.Site){forwards("anna", "+40310000001")}, dials("bob", "101"), 0},
		{"two of us", both, dials("carla-app", "101"), 1},
		{"two of us, from outside", both, arrives("+40310000001"), 1},
		{"by the main number", []func(*store.Site){forwards("anna", "+40310000000")}, arrives("+40310000000"), 0},
		{"back from a telephone outside", nil, visited(arrives("+40310000001"), "+40722000009", "+40310000001"), 0},
		{"the same in national form", nil, visited(arrives("+40310000001"), "0310000001"), 0},
		{"back to the extension", nil, visited(dials("bob", "101"), "101"), 0},
		{"back to the extension by the line's number", nil, visited(arrives("+40310000000"), "+40310000001"), 0},
		{"out again to where it came from", []func(*store.Site){forwards("anna", "+40722000009")}, visited(arrives("+40310000001"), "0722000009"), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Decide(exchange(t, tt.changes...), tt.facts)
			for c := declined; c <= absent; c++ {
				end, diverts := follow(p, c)
				if end != Step(refuseLoop) || diverts-silent(p) != tt.diverts {
					t.Errorf("%v: ends with %+v after %d diversions\n%s", c, end, diverts, tell(p))
				}
			}
		})
	}
}

// A carrier's History-Info begins with the number that was called and may end
// with the one that the call is for, in another form: neither is a loop.
func TestHistoryIsNoLoop(t *testing.T) {
	s := exchange(t)
	f := arrives("0310000001")
	f.Visited = []string{"+40310000001"}
	if got := describe(Decide(s, f)); got != "line anna" {
		t.Errorf("not diverted at all: %s", got)
	}
	f.Visited, f.Hops = []string{"+40722000005", "+40310000001"}, 1
	p := Decide(s, f)
	if got := describe(p); got != "line anna" {
		t.Errorf("diverted once: %s", got)
	}
	if got := ringing(t, p).Targets[0].Diversions; len(got) != 1 || got[0].User != "+40722000005" {
		t.Errorf("%+v", got)
	}
}

// silent counts the main number at the start of a plan.
func silent(p Plan) int {
	if d, ok := p.First.(*Divert); ok && d.Silent {
		return 1
	}
	return 0
}

// A chain of forwards shows its hops newest first, and a plan of five hops
// stays small.
func TestDiversionsOfChain(t *testing.T) {
	p := Decide(exchange(t, chain(5, "0722000009")), dials("anna", "l0"))
	steps := 0
	for s := range p.Steps() {
		steps++
		r, ok := s.(*Ring)
		if !ok || r.Targets[0].Kind != TargetLine || r.Targets[0].LineID != "l4" {
			continue
		}
		var users []string
		for _, d := range r.Targets[0].Diversions {
			users = append(users, d.User)
		}
		if want := []string{"l3", "l2", "l1", "l0"}; !slices.Equal(users, want) {
			t.Fatalf("diversions %v, want %v", users, want)
		}
	}
	if steps > 1000 {
		t.Errorf("%d steps", steps)
	}
	// The rules of branches that are alike are told once.
	if len(p.Trace) > 100 {
		t.Errorf("%d decisions", len(p.Trace))
	}
}

// What a carrier is shown of a call that was turned aside, by its
// forwarded_identity, and of what arrived.
func TestForwardedIdentity(t *testing.T) {
	modes := func(mode store.ForwardedIdentity) func(*store.Site) {
		return trunk("carrier", func(t *store.Trunk) { t.ForwardedIdentity = mode })
	}
	anna := Diversion{User: "+40310000001", Reason: "no-answer", Status: 408}
	hidden := func(f Facts) Facts { f.Privacy = true; return f }
	diverted := func(f Facts) Facts { f.Hops, f.Visited = 3, []string{"0721111111"}; return f }
	tests := []struct {
		name  string
		mode  store.ForwardedIdentity
		facts Facts
		shown Identity
		by    []Diversion
	}{
		{"diversion", store.ForwardDiversion, arrives("+40310000001"),
			Identity{User: "+40722000001", Name: "Maria", Asserted: "+40722000001"}, []Diversion{anna}},
		{"original", store.ForwardOriginal, arrives("+40310000001"),
			Identity{User: "+40722000001", Name: "Maria", Asserted: "+40722000001"}, nil},
		{"forwarder", store.ForwardForwarder, arrives("+40310000001"),
			Identity{User: "+40310000001", Asserted: "+40310000001"}, nil},
		{"diversion of one who hides", store.ForwardDiversion, hidden(arrives("+40310000001")),
			Identity{Anonymous: true, Asserted: "+40722000001"}, []Diversion{anna}},
		{"original of one who hides", store.ForwardOriginal, hidden(arrives("+40310000001")),
			Identity{Anonymous: true, Asserted: "+40722000001"}, nil},
		{"forwarder of one who hides", store.ForwardForwarder, hidden(arrives("+40310000001")),
			Identity{User: "+40310000001", Asserted: "+40310000001"}, nil},
		{"what arrived goes on, and its count", store.ForwardDiversion, diverted(arrives("+40310000001")),
			Identity{User: "+40722000001", Name: "Maria", Asserted: "+40722000001"},
			[]Diversion{anna, {User: "+40721111111", Reason: "unknown", Status: 302, Counter: 3}}},
		{"a colleague's call shows the colleague's outside number", store.ForwardDiversion, dials("bob", "101"),
			Identity{User: "+40310000000", Name: "Bob", Asserted: "+40310000000"}, []Diversion{anna}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Decide(exchange(t, forwards("anna", "0722000009"), modes(tt.mode)), tt.facts)
			out := ringing(t, Plan{First: ringing(t, p).OnNoAnswer}).Targets[0].Routes[0]
			if out.Shown != tt.shown {
				t.Errorf("shown %+v, want %+v", out.Shown, tt.shown)
			}
			if !slices.Equal(out.Diversions, tt.by) {
				t.Errorf("diversions %+v, want %+v", out.Diversions, tt.by)
			}
			if out.Diversions == nil {
				t.Error("nil would mean what the call met, not nothing")
			}
		})
	}
}

// Hops that nobody may see still count where the call goes next.
func TestHiddenHopsCount(t *testing.T) {
	f := dials("bob", "101")
	f.Hops = 2
	p := Decide(exchange(t, forwards("anna", "0722000009")), f)
	out := ringing(t, Plan{First: ringing(t, p).OnNoAnswer}).Targets[0].Routes[0]
	if len(out.Diversions) != 1 || out.Diversions[0].User != "+40310000001" {
		t.Fatalf("%+v", out.Diversions)
	}
	if got := hopsOf(out.Diversions); got != 3 {
		t.Errorf("the next exchange counts %d hops, want 3", got)
	}
}

func hopsOf(ds []Diversion) int {
	n := 0
	for _, d := range ds {
		n += max(d.Counter, 1)
	}
	return n
}

// TestLeads: a forward leads somewhere where a line, a person, a service or a trunk
// takes it. That nobody is there now, or that it comes back, is another matter.
func TestLeads(t *testing.T) {
	s := exchange(t)
	for _, to := range []string{"101", "anna", "carla-app", "menu", "+40310000003", "0310000003", "0745550100", "*43", "+40310000007", "+40310000000"} {
		if !Leads(s, to) {
			t.Errorf("%s leads nowhere", to)
		}
	}
	for _, to := range []string{"", "199", "nobody", "u-anna", "*97", "+40310000008", "112", "961"} {
		if Leads(s, to) {
			t.Errorf("%s leads somewhere", to)
		}
	}
	if alone := exchange(t, func(s *store.Site) {
		s.Trunks = nil
		for i := range s.Numbers {
			s.Numbers[i].TrunkID = ""
		}
	}); Leads(alone, "0745550100") {
		t.Error("a number outside leads somewhere, and there is no trunk")
	}
}
