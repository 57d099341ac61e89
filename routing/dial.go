package routing

import (
	"strings"
	"time"

	"strowger/store"
)

// externalRing is how long an outside call may ring: as long as Timer C
// allows (RFC 3261 §16.6). Carriers give up earlier.
const externalRing = 3 * time.Minute

// dial follows a dialled string, in the order of the rule: emergency number,
// feature code, internal number, SIP user name, one of our own numbers, an
// external number. On a configured path the exchange dials, for a forward or
// the main number.
func (d *decision) dial(to string, p path) Step {
	if p.configured {
		to = bare(to)
	}
	digits, isNumber := plain(to)
	if p.configured && isNumber && emergency(d.org, digits) {
		d.say("emergency_number", false, "no forward reaches an emergency number", "dialled", to)
		return refuseUnknown
	}
	var dialled map[string]string // the inputs of several rules
	if d.quiet == 0 {
		dialled = map[string]string{"dialled": to}
	}
	if !p.configured {
		d.plan.Called.Number = to
	}

	if code, args, ok := d.feature(to); ok {
		return d.featureCall(code, args, p)
	}
	d.note("feature_code", false, "not a feature code", dialled)

	internal, ok := d.s.InternalNumberByDigits(to)
	if !ok && isNumber && digits != to {
		internal, ok = d.s.InternalNumberByDigits(digits)
	}
	if ok {
		d.note("internal_number", true, "an internal number", dialled)
		if !p.configured {
			d.plan.Called.Number = internal.Number
		}
		return d.internal(internal, p)
	}
	d.note("internal_number", false, "not an internal number", dialled)

	if line, ok := d.s.LineByUsername(to); ok {
		d.note("sip_username", true, "a SIP user name of the organization", dialled)
		return d.ringLine(line, to, p)
	}
	d.note("sip_username", false, "not a SIP user name", dialled)

	if !isNumber {
		return d.byID(to, p)
	}
	if digits[0] != '+' && inExtensionRange(d.org.ExtensionRange, digits) {
		d.note("extension_range", true, "nobody has this internal number", dialled)
		return refuseUnknown
	}
	e164, ok := d.normalize(digits)
	if n, mine := d.s.NumberByE164(e164); ok && mine {
		d.say("own_number", true, "one of our numbers: the call stays inside", "dialled", to, "number", n.E164)
		if !p.configured {
			d.plan.Called.Number = n.E164
		}
		return d.owner(n.Owner, n.E164, p)
	}
	if !ok {
		return d.byID(to, p)
	}
	d.say("own_number", false, "not one of our numbers", "dialled", to, "number", e164)
	return d.external(e164, p)
}

// Leads says whether a forward to a number, as it would be dialled, leads anywhere:
// somebody or something of the organization has it, or a trunk takes it.
func Leads(s *store.Snapshot, number string) bool {
	d := decision{s: s, org: s.Organization, f: &Facts{}, quiet: 1}
	switch d.dial(number, path{configured: true}) {
	case refuseUnknown, refuseNoRoute:
		return false
	}
	return true
}

// onePhone calls the phone that the caller named by its GRUU, and nobody in its
// stead.
func (d *decision) onePhone(p path) Step {
	d.plan.Called.Number = d.f.To
	line, ok := d.s.LineByUsername(d.f.GRUU.AOR)
	if !ok {
		d.say("gruu", false, "the phone's line does not exist", "dialled", d.f.To)
		return refuseUnknown
	}
	d.say("gruu", true, "one phone of the line, and nobody in its stead", "contact_method", line.ID, "instance", d.f.GRUU.Instance)
	a := d.arrivalAt(line, d.f.To)
	a.phone = d.f.GRUU
	return d.reach(&a, p)
}

// bare takes the user part out of a URI that somebody wrote as a destination.
func bare(to string) string {
	to = strings.TrimSpace(to)
	for _, scheme := range [...]string{"sip:", "sips:", "tel:"} {
		if len(to) > len(scheme) && strings.EqualFold(to[:len(scheme)], scheme) {
			to = to[len(scheme):]
			to, _, _ = strings.Cut(to, "@")
			to, _, _ = strings.Cut(to, ";")
			break
		}
	}
	return to
}

// LeadsOutside says that a forward to what is given leaves the organization through a
// trunk. It follows the order of dial.
func LeadsOutside(s *store.Snapshot, to string) bool {
	to = bare(to)
	digits, isNumber := plain(to)
	if !isNumber {
		return false
	}
	for _, inside := range []string{to, digits} {
		if _, ok := s.InternalNumberByDigits(inside); ok {
			return false
		}
	}
	if _, ok := s.LineByUsername(to); ok || digits[0] != '+' && inExtensionRange(s.Organization.ExtensionRange, digits) {
		return false
	}
	e164, ok := Normalize(digits, Country(s.Organization, nil))
	if !ok {
		return false
	}
	_, ours := s.NumberByE164(e164)
	return !ours
}

// internal sends a call to an internal number. A user's extension means the
// person: the user's own routing says which of the phones ring.
func (d *decision) internal(n *store.InternalNumber, p path) Step {
	if n.Owner.Kind == store.OwnerContactMethod {
		m, ok := d.s.Line(n.Owner.ID)
		if u, mine := d.userOf(m); ok && mine && u.Extension == n.Number {
			d.say("owner", true, "the number is a user's extension", "number", n.Number, "user", u.ID, "contact_method", m.ID)
			return d.ringUser(u, m, n.Number, p)
		}
	}
	return d.owner(n.Owner, n.Number, p)
}

func (d *decision) userOf(m *store.ContactMethod) (*store.User, bool) {
	if m == nil {
		return nil, false
	}
	return d.s.Users.Get(m.UserID)
}

// byID is the end of the order: nothing that can be dialled. A forward may
// still name a contact method or a call flow.
func (d *decision) byID(to string, p path) Step {
	if p.configured {
		if m, ok := d.s.Line(to); ok {
			d.say("contact_method", true, "the forward names a contact method", "contact_method", to)
			u, _ := d.userOf(m)
			return d.ringLine(m, insideNumber(m, u), p)
		}
		if _, ok := d.s.CallFlows.Get(to); ok {
			d.say("call_flow", false, "the forward names a call flow, and call flows are not in effect yet", "call_flow", to)
			return refuseFlow
		}
	}
	d.say("unknown_number", true, "nobody has this number and it is not one of the outside", "dialled", to)
	return refuseUnknown
}

// takesArgument are the actions whose code may be followed by a number.
var takesArgument = map[string]bool{
	"forward_set": true, "anonymous": true, "caller_id": true, "pickup": true, "park": true, "retrieve": true,
	"hotdesk_login": true, "transfer_blind": true, "transfer_attended": true, "conference": true,
}

// feature finds the feature code that was dialled: the whole string, else the
// longest code that begins it, where its action takes what follows.
func (d *decision) feature(to string) (code *store.FeatureCode, args string, ok bool) {
	if d.s.FeatureCodes.Len() == 0 {
		return nil, "", false
	}
	if c, ok := d.s.FeatureCode(to); ok {
		return c, "", true
	}
	if to == "" || to[0] != '*' && to[0] != '#' {
		return nil, "", false
	}
	for n := len(to) - 1; n > 1; n-- {
		if c, ok := d.s.FeatureCode(to[:n]); ok && takesArgument[c.Action] {
			return c, strings.TrimLeft(to[n:], "*"), true
		}
	}
	return nil, "", false
}

// featureCall runs a feature. A forward may only reach one that asks nothing
// about the caller.
func (d *decision) featureCall(code *store.FeatureCode, args string, p path) Step {
	if p.configured && code.Action != "echo" {
		d.say("feature_code", false, "a feature code is for those who dial it, not for a forward", "code", code.Code, "action", code.Action)
		return refuseUnknown
	}
	d.say("feature_code", true, "a feature code", "code", code.Code, "action", code.Action, "args", args)
	if code.Action == "anonymous" && args != "" {
		d.private = true
		d.inside = d.shownInside()
		d.knows = false
		if digits, ok := plain(args); ok && emergency(d.org, digits) {
			return d.emergencyCall(digits)
		}
		return d.dial(args, p)
	}
	return &Service{Action: code.Action, Args: args}
}

// external sends a call out through the carriers.
func (d *decision) external(e164 string, p path) Step {
	if !p.configured {
		d.plan.Called.Number = e164
		d.plan.Direction = store.DirOutbound
		d.outwards = true
		if d.line == nil || !d.line.Outbound.ExternalEnabled {
			d.say("external_permission", false, "the line may not call outside", "line", d.f.LineID)
			return refuseForbidden
		}
		d.say("external_permission", true, "the line may call outside", "line", d.line.ID)
	} else {
		d.say("external_permission", true, "a configured forward may go outside", "number", e164)
	}
	if p.been(place{id: e164}) {
		return d.loop(e164)
	}
	routes := d.routes(e164, p)
	if len(routes) == 0 {
		d.say("no_route", true, "no trunk takes this number", "number", e164)
		return refuseNoRoute
	}
	return d.ringOutside(Target{
		Kind: TargetTrunk, Number: e164, Routes: routes,
		Record: d.record(p.forwarder, true), Announce: d.announce(),
	})
}

// emergencyCall reaches a carrier whatever the line may do, whoever it is and
// however far the call has come, and never anonymously.
func (d *decision) emergencyCall(digits string) Step {
	d.plan.Emergency = true
	d.plan.Direction = store.DirOutbound
	d.plan.Called = Party{Number: digits}
	d.outwards = true
	d.say("emergency_number", true, "an emergency number: no permission is asked", "dialled", digits)
	if d.private {
		d.say("anonymous", false, "anonymity is ignored on emergency calls")
	}
	d.private, d.knows = false, false
	if d.line != nil && d.plan.Caller == (Party{}) {
		d.callerFromLine()
	}
	routes := d.emergencyRoutes(digits)
	if len(routes) == 0 {
		d.say("no_route", true, "the organization has no trunk", "number", digits)
		return refuseNoHelp
	}
	return d.ringOutside(Target{Kind: TargetTrunk, Number: digits, Routes: routes, Record: d.record(nil, true)})
}

func (d *decision) ringOutside(t Target) Step {
	return &Ring{
		Targets: []Target{t}, For: externalRing, Scope: store.RejectRFC,
		Branches: branches([5]Step{
			declined: refusals[declined], busy: refusals[busy], noAnswer: refusals[noAnswer],
			failed: refuseCarrier, absent: refusals[absent],
		}),
	}
}
