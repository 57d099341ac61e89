// Package routing owns the decision what happens to a call: whom it is for,
// what rings and in which order, who is shown as calling, what is recorded, and
// why. It leaves everything that needs a clock, a network or a phone to package
// sip/call, which walks the plan: who is registered or busy is a branch here.
package routing

import (
	"strings"

	"strowger/store"
)

// maxHops is how often a call may be turned aside, what it went through
// before it came to us included.
const maxHops = 5

// Decide says what happens to a call: the same facts over the same snapshot
// always give the same plan.
//
// A configured forward, a PSTN forwarding and the main number's destination
// reach the outside with the organization's permission: an administrator or
// the owner of the line wrote the number down, and external_enabled is about
// what a caller may dial. Nobody else's call leaves by a carrier unless the
// line it is made on may, and a forward never reaches an emergency number.
func Decide(s *store.Snapshot, f Facts) Plan {
	// Carriers repeat numbers in both headers and rewrite the one that the call
	// is for: more numbers than hops cannot all have turned it aside.
	f.Hops = max(f.Hops, 0)
	f.Visited = f.Visited[:min(len(f.Visited), f.Hops)]
	d := decision{s: s, org: s.Organization, f: &f, private: f.Privacy}
	d.plan.Revision = s.Revision
	d.plan.Trace = make([]store.Decision, 0, 16)
	d.plan.First = d.first()
	d.plan.Withheld = d.private
	d.plan.Sentence = sentence(s, &d.plan)
	return d.plan
}

// A decision is one run of Decide.
type decision struct {
	s    *store.Snapshot
	org  *store.Organization
	f    *Facts
	plan Plan

	// Who calls: a line with its user, or a carrier.
	line  *store.ContactMethod
	user  *store.User
	trunk *store.Trunk

	private  bool // the caller withholds the number
	outwards bool // the caller dialled somebody outside
	quiet    int  // above 0: a branch that repeats the rules of another
	inside   Identity
	outside  external // the caller as the outside may know it
	knows    bool     // outside is filled in
	written  string   // what was normalised last, and what it is:
	e164     string   // the branches of a forward ask for the same number
}

// A path is what a call has been through on the way to a step.
type path struct {
	hops       int
	configured bool                 // the exchange dials, by its configuration, no longer the caller
	forwarder  *store.ContactMethod // whose forward it was last; nil: none, or the company's
	number     string               // of who turned the call aside last, E.164
	inside     []Diversion          // as lines are shown, newest first
	outside    []Diversion          // as carriers are: E.164 only
	hidden     int                  // diversions newer than outside's first, of nobody with a number
	met        []place
}

// A place is somewhere a call has been, so that it never comes back.
type place struct {
	kind store.OwnerKind // contact_method, user, company; empty: an external number
	id   string
}

func (p *path) been(at place) bool {
	for _, m := range p.met {
		if m == at {
			return true
		}
	}
	return false
}

// goes notes where a call was turned aside. The lists are copied: other
// branches of the plan share the old ones.
func (p path) goes(by Diversion, e164 string, from ...place) path {
	p.hops++
	p.configured = true
	p.met = append(p.met[:len(p.met):len(p.met)], from...)
	p.inside = append([]Diversion{by}, p.inside...)
	if e164 == "" {
		p.hidden++
		return p
	}
	p.number = e164
	by.User = e164
	if p.hidden > 0 {
		by.Counter, p.hidden = 1+p.hidden, 0
	}
	p.outside = append([]Diversion{by}, p.outside...)
	return p
}

// counted is the list for carriers with the newest, hidden ones in its first
// count: whoever gets the call next must know how far it has come.
func (p *path) counted() []Diversion {
	if p.hidden == 0 || len(p.outside) == 0 {
		return p.outside
	}
	all := append([]Diversion(nil), p.outside...)
	all[0].Counter = max(all[0].Counter, 1) + p.hidden
	return all
}

// say writes a rule that was looked at into the trace. Inputs come in pairs.
func (d *decision) say(rule string, taken bool, why string, inputs ...string) {
	if d.quiet > 0 {
		return
	}
	var in map[string]string
	if len(inputs) > 0 {
		in = make(map[string]string, len(inputs)/2)
		for i := 0; i+1 < len(inputs); i += 2 {
			in[inputs[i]] = inputs[i+1]
		}
	}
	d.note(rule, taken, why, in)
}

// normalize is [Normalize] by the organization's country.
func (d *decision) normalize(number string) (e164 string, ok bool) {
	if number != d.written || number == "" {
		d.written = number
		d.e164, _ = Normalize(number, Country(d.org, nil))
	}
	return d.e164, d.e164 != ""
}

// note is say for rules that share their inputs.
func (d *decision) note(rule string, taken bool, why string, in map[string]string) {
	if d.quiet == 0 {
		d.plan.Trace = append(d.plan.Trace, store.Decision{Rule: rule, Taken: taken, Why: why, Inputs: in})
	}
}

func (d *decision) first() Step {
	switch {
	case d.f.LineID != "" && d.f.TrunkID == "":
		return d.fromLine()
	case d.f.TrunkID != "" && d.f.LineID == "":
		return d.fromTrunk()
	}
	d.say("caller", false, "neither a line nor a carrier of this organization")
	return refuseStranger
}

// fromLine is a call that somebody inside makes.
func (d *decision) fromLine() Step {
	d.plan.Direction = store.DirInternal
	line, ok := d.s.Line(d.f.LineID)
	if ok && line.IsLine() {
		d.line = line
		d.user, _ = d.s.Users.Get(line.UserID)
	}
	// Whoever has proved to be ours gets help, even if the line was deleted
	// or a phone wrote a foreign domain behind the number.
	if digits, ok := plain(d.f.To); ok && emergency(d.org, digits) {
		return d.emergencyCall(digits)
	}
	if d.line == nil {
		d.say("caller", false, "there is no such line", "line", d.f.LineID)
		return refuseStranger
	}
	d.private = d.private || d.line.Outbound.Anonymous
	d.callerFromLine()
	d.say("caller", true, "a line of the organization", "line", d.line.ID, "user", d.line.UserID)
	d.note("emergency_number", false, "not an emergency number", nil)
	if d.f.ToHost != "" {
		d.say("foreign_domain", true, "calls to other domains are not relayed", "host", d.f.ToHost)
		return refuseForeign
	}
	if d.f.Hops > maxHops {
		return d.tooFar(d.f.Hops)
	}
	p := path{hops: d.f.Hops, hidden: d.f.Hops}
	d.visited(&p)
	if d.f.GRUU != (GRUU{}) {
		return d.onePhone(p)
	}
	return d.dial(d.f.To, p)
}

// fromTrunk is a call that a carrier brings. It is for one of our numbers or
// for nobody: no other way leads on from here.
func (d *decision) fromTrunk() Step {
	d.plan.Direction = store.DirInbound
	trunk, ok := d.s.Trunks.Get(d.f.TrunkID)
	if !ok {
		d.say("caller", false, "there is no such trunk", "trunk", d.f.TrunkID)
		return refuseStranger
	}
	d.trunk = trunk
	d.say("caller", true, "a carrier of the organization", "trunk", trunk.ID)
	d.callerFromTrunk()
	d.plan.Called.Number = d.f.To
	n, ok := d.ownNumber(d.f.To, Country(d.org, trunk))
	if !ok {
		d.say("own_number", false, "not a number of ours, and a call from outside goes nowhere else", "dialled", d.f.To)
		return refuseUnknown
	}
	d.plan.Called.Number = n.E164
	d.say("own_number", true, "one of our numbers", "dialled", d.f.To, "number", n.E164)
	if d.f.Hops > maxHops {
		return d.tooFar(d.f.Hops)
	}
	p := path{hops: d.f.Hops}
	d.arrived(&p)
	d.visited(&p)
	return d.owner(n.Owner, n.E164, p)
}

// ownNumber finds the DID that digits mean.
func (d *decision) ownNumber(digits, country string) (*store.Number, bool) {
	for e164 := range Dialled(digits, country) {
		if n, ok := d.s.NumberByE164(e164); ok {
			return n, true
		}
	}
	return nil, false
}

// arrived takes over the diversions that a carrier reported. They are shown
// on, so that the count goes on too: a loop through two exchanges must end.
func (d *decision) arrived(p *path) {
	for _, v := range d.f.Visited {
		if e164, ok := Normalize(v, Country(d.org, d.trunk)); ok {
			p.outside = append(p.outside, Diversion{User: e164, Reason: "unknown", Status: 302})
		}
	}
	lost := d.f.Hops - len(p.outside)
	if n := len(p.outside); n > 0 && lost > 0 {
		p.outside[n-1].Counter = 1 + lost
	} else if lost > 0 {
		p.hidden = lost
	}
	p.inside = p.outside
}

// visited turns the numbers that the call met elsewhere into places of ours.
func (d *decision) visited(p *path) {
	for _, v := range d.f.Visited {
		if in, ok := d.s.InternalNumberByDigits(v); ok && d.trunk == nil {
			p.met = d.metOwner(p.met, in.Owner, in.Number)
			continue
		}
		if n, ok := d.ownNumber(v, Country(d.org, d.trunk)); ok {
			p.met = d.metOwner(p.met, n.Owner, "")
			continue
		}
		if e164, ok := Normalize(v, Country(d.org, d.trunk)); ok {
			p.met = append(p.met, place{id: e164})
		}
	}
}

// metOwner adds whose number the call met; extension is the internal number it
// met, where it was one.
func (d *decision) metOwner(met []place, o store.Owner, extension string) []place {
	met = append(met, place{o.Kind, o.ID})
	if m, ok := d.s.Line(o.ID); ok && o.Kind == store.OwnerContactMethod && extension != "" {
		if u, ok := d.s.Users.Get(m.UserID); ok && u.Extension == extension {
			met = append(met, place{store.OwnerUser, u.ID})
		}
	}
	return met
}

// tooFar refuses a call on its sixth hop.
func (d *decision) tooFar(hops int) Step {
	d.say("hop_limit", true, "the call was turned aside too often", "hops", itoa(hops), "limit", itoa(maxHops))
	return refuseHops
}

// loop refuses a call that comes back.
func (d *decision) loop(at string) Step {
	d.say("loop", true, "the call has been here before", "target", at)
	return refuseLoop
}

// owner sends a call on to whom a number belongs.
func (d *decision) owner(o store.Owner, called string, p path) Step {
	switch o.Kind {
	case store.OwnerContactMethod:
		if m, ok := d.s.Line(o.ID); ok {
			d.say("owner", true, "the number is a contact method's", "number", called, "contact_method", o.ID)
			return d.ringLine(m, called, p)
		}
	case store.OwnerUser:
		if u, ok := d.s.Users.Get(o.ID); ok {
			d.say("owner", true, "the number is a user's direct number", "number", called, "user", o.ID)
			return d.ringUser(u, nil, called, p)
		}
	case store.OwnerCompany:
		d.say("owner", true, "the number is the company's", "number", called, "main_destination", d.org.MainDestination)
		return d.company(called, p)
	case store.OwnerCallFlow:
		d.say("owner", false, "the number is a call flow's, and call flows are not in effect yet", "number", called, "call_flow", o.ID)
		return refuseFlow
	}
	d.say("owner", false, "nobody owns the number", "number", called)
	return refuseUnknown
}

// company dials the main number's destination as somebody inside would.
func (d *decision) company(called string, p path) Step {
	d.calls(Party{Number: called, Name: d.org.Name})
	if d.org.MainDestination == "" {
		d.say("main_destination", false, "the main number has no destination")
		return refusals[absent]
	}
	here := place{kind: store.OwnerCompany}
	if p.been(here) {
		return d.loop(called)
	}
	if p.hops+1 > maxHops {
		return d.tooFar(p.hops + 1)
	}
	by := Diversion{User: called, Reason: "unconditional", Status: 302}
	e164 := called
	if !strings.HasPrefix(called, "+") {
		e164 = d.org.MainNumber
	}
	p = p.goes(by, e164, here)
	p.forwarder = nil
	switch next := d.dial(d.org.MainDestination, p); next {
	case refuseLoop, refuseHops, refuseFlow:
		return next
	case refuseUnknown, refuseNoRoute:
		d.say("main_destination", false, "the main number's destination leads nowhere", "to", d.org.MainDestination)
		return refusals[absent]
	default:
		return &Divert{By: by, Next: next, Silent: true}
	}
}

// calls notes whom the call is for, as its first rule found.
func (d *decision) calls(to Party) {
	if d.plan.Called.UserID == "" && d.plan.Called.LineID == "" && d.plan.Called.Name == "" {
		d.plan.Called = to
	}
}
