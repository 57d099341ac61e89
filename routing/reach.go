package routing

import (
	"strings"
	"time"

	"strowger/store"
)

// An arrival is where a call has come to: one contact method, or a user with
// several.
type arrival struct {
	user    *store.User
	primary *store.ContactMethod // whose when-unavailable counts; nil: a user with nothing to ring
	called  string               // the number or name it came to
	mode    store.RoutingMode
	methods []*store.ContactMethod
	phone   GRUU // of the one method: only this phone
	place   place
}

// ringLine is a call to one contact method.
func (d *decision) ringLine(m *store.ContactMethod, called string, p path) Step {
	a := d.arrivalAt(m, called)
	return d.reach(&a, p)
}

func (d *decision) arrivalAt(m *store.ContactMethod, called string) arrival {
	u, _ := d.s.Users.Get(m.UserID)
	return arrival{
		user: u, primary: m, called: called, mode: store.RouteFixed,
		methods: []*store.ContactMethod{m}, place: place{store.OwnerContactMethod, m.ID},
	}
}

// ringUser is a call to a person: the user's routing says what rings. via is
// the line whose number is the user's extension, nil for the direct number.
func (d *decision) ringUser(u *store.User, via *store.ContactMethod, called string, p path) Step {
	a := arrival{user: u, called: called, mode: u.Routing.Mode, place: place{store.OwnerUser, u.ID}}
	if a.mode == "" {
		a.mode = store.RouteFixed
	}
	for _, id := range u.Routing.ContactMethodIDs {
		if m, ok := d.s.Line(id); ok && m.UserID == u.ID && m.Kind != store.KindEmail {
			a.methods = append(a.methods, m)
		}
	}
	if len(a.methods) == 0 {
		if via != nil && a.mode == store.RouteFixed {
			a.methods = []*store.ContactMethod{via}
		} else {
			a.methods = callable(d.s.LinesOf(u.ID), a.mode)
		}
	}
	a.primary = via
	if a.mode == store.RouteFixed && len(a.methods) > 0 {
		a.methods = a.methods[:1]
		a.primary = a.methods[0]
	}
	if a.primary == nil && len(a.methods) > 0 {
		a.primary = a.methods[0]
	}
	d.say("routing_mode", true, "the user's incoming routing", "user", u.ID, "mode", string(a.mode), "contact_methods", itoa(len(a.methods)))
	return d.reach(&a, p)
}

// callable are the methods that ring when the user's routing names none: all,
// oldest first, lines before the rest where only one of them will.
func callable(methods []*store.ContactMethod, mode store.RoutingMode) []*store.ContactMethod {
	var lines, others []*store.ContactMethod
	for _, m := range methods {
		switch {
		case m.IsLine():
			lines = append(lines, m)
		case m.Kind != store.KindEmail:
			others = append(others, m)
		}
	}
	if mode == store.RouteFixed && len(lines) > 0 {
		return lines
	}
	return append(lines, others...)
}

// reach rings what the call has come to, or goes on at once where nothing may
// ring.
func (d *decision) reach(a *arrival, p path) Step {
	d.calls(Party{UserID: idOf(a.user), LineID: lineID(a), Number: d.plan.Called.Number, Name: nameOf(a.primary, a.user)})
	if p.been(a.place) {
		return d.loop(a.called)
	}
	// A user's own line met before is the user met before, when no other
	// contact method of theirs could ring instead.
	if a.place.kind == store.OwnerUser && a.mode == store.RouteFixed && a.primary != nil &&
		p.been(place{store.OwnerContactMethod, a.primary.ID}) {
		return d.loop(a.called)
	}
	if u := a.user; u != nil {
		if u.DoNotDisturb {
			d.say("do_not_disturb", true, "the user does not want to be disturbed", "user", u.ID)
			return d.unavailable(a, disturb, p)
		}
		if !d.openNow("user_schedule", u.TimeScheduleID, "user", u.ID) {
			return d.unavailable(a, closed, p)
		}
		if u.Forward.Enabled {
			d.say("user_forward", false, "forwarding asks the one who answers to press 1, which is not in effect yet", "user", u.ID, "number", u.Forward.Number)
		}
	}
	if a.mode == store.RouteSequence && len(a.methods) > 1 {
		return d.sequence(a, p)
	}
	targets := make([]Target, 0, len(a.methods))
	why := absent
	for _, m := range a.methods {
		if a.mode == store.RouteSchedule && m.TimeScheduleID == "" && len(a.methods) > 1 {
			d.say("schedule", true, "the contact method has no schedule: it is always open", "contact_method", m.ID)
		}
		if t, c, ok := d.target(m, a, p); ok {
			targets = append(targets, t)
		} else if c == closed {
			why = closed
		}
	}
	if len(targets) == 0 {
		return d.unavailable(a, why, p)
	}
	after := d.after(a, p)
	return d.ring(a, targets, d.patience(a.primary), after)
}

func (d *decision) ring(a *arrival, targets []Target, patience time.Duration, after [5]Step) *Ring {
	return &Ring{Targets: targets, For: patience, Scope: a.scope(), Branches: branches(after)}
}

// scope is what one refusal ends.
func (a *arrival) scope() store.RejectScope {
	if a.user == nil || a.user.RejectScope == "" {
		return store.RejectRFC
	}
	return a.user.RejectScope
}

// sequence rings the methods one after the other. Of the causes met on the
// way the first in the order of causes counts at the end. A refusal that stops
// every other device ends the sequence; a decline always is one, a busy phone
// where the scope is all.
func (d *decision) sequence(a *arrival, p path) Step {
	type stop struct {
		targets []Target
		ring    time.Duration
	}
	var stops []stop
	why := absent
	for _, m := range a.methods {
		t, c, ok := d.target(m, a, p)
		if !ok {
			if c == closed {
				why = closed
			}
			continue
		}
		each := d.patience(m)
		if a.user != nil && a.user.Routing.RingS > 0 {
			each = time.Duration(a.user.Routing.RingS) * time.Second
		}
		stops = append(stops, stop{[]Target{t}, each})
	}
	if len(stops) == 0 {
		return d.unavailable(a, why, p)
	}
	ends := d.after(a, p)
	// next[c] is how the call goes on after a stop when c is the first cause
	// met so far. Built from the last stop back, every stop costs five steps.
	next := ends
	for i := len(stops) - 1; i >= 0; i-- {
		var here [5]Step
		for met := declined; met <= absent; met++ {
			var after, over [5]Step
			for c := declined; c <= absent; c++ {
				after[c], over[c] = next[min(c, met)], ends[min(c, met)]
			}
			scope := a.scope()
			if scope != store.RejectBranch {
				after[declined] = over[declined]
			}
			if scope == store.RejectAll {
				after[busy] = over[busy]
			}
			r := d.ring(a, stops[i].targets, stops[i].ring, after)
			if scope != store.RejectBranch && i < len(stops)-1 {
				rejected := branches(over)
				r.Rejected = &rejected
			}
			here[met] = r
		}
		next = here
	}
	return next[absent] // nothing met yet counts as the last in the order
}

// patience is how long a contact method rings.
func (d *decision) patience(m *store.ContactMethod) time.Duration {
	s := 0
	if m != nil {
		s = m.Inbound.RingTimeoutS
	}
	if s <= 0 {
		s = d.org.RingTimeoutS
	}
	if s <= 0 {
		s = 25
	}
	return time.Duration(s) * time.Second
}

// openNow looks at a time schedule; none is always open.
func (d *decision) openNow(rule, id, what, whose string) bool {
	if id == "" {
		return true
	}
	s, ok := d.s.TimeSchedules.Get(id)
	if !ok {
		d.say(rule, true, "the schedule does not exist: always open", what, whose, "schedule", id)
		return true
	}
	if Open(s, d.org.TimeZone, d.f.Now) {
		d.say(rule, true, "open now", what, whose, "schedule", id)
		return true
	}
	if d.quiet == 0 {
		until := "for good"
		if at, ok := NextChange(s, d.org.TimeZone, d.f.Now); ok {
			until = "until " + at.Format("Mon 2 Jan 15:04")
		}
		d.say(rule, false, "closed now, "+until, what, whose, "schedule", id)
	}
	return false
}

// target makes a contact method ring, or says why it cannot.
func (d *decision) target(m *store.ContactMethod, a *arrival, p path) (Target, cause, bool) {
	if !d.openNow("schedule", m.TimeScheduleID, "contact_method", m.ID) {
		return Target{}, closed, false
	}
	switch {
	case m.IsLine():
		t := d.lineTarget(m, p.inside)
		t.GRUU = a.phone
		return t, 0, true
	case m.Kind == store.KindPSTNForwarding && m.PSTNForwarding != nil:
		return d.pstnTarget(m, a, p)
	case m.Kind == store.KindSIPForwarding && m.SIPForwarding != nil:
		return d.uriTarget(m, a, p)
	}
	d.say("contact_method", false, "nothing that rings", "contact_method", m.ID, "kind", string(m.Kind))
	return Target{}, absent, false
}

func (d *decision) lineTarget(m *store.ContactMethod, diversions []Diversion) Target {
	t := Target{
		Kind: TargetLine, UserID: m.UserID, LineID: m.ID, AOR: m.AOR(),
		Shown: d.inside, Diversions: diversions,
		Record: d.record(m, false), Announce: d.announce(),
	}
	if m.SIPAccount != nil {
		t.Codecs, t.SRTP = m.SIPAccount.Codecs, m.SIPAccount.SRTP
	}
	d.lineInClear(m)
	return t
}

// lineInClear and trunkInClear tell whoever asked for encrypted media that it
// is not.
func (d *decision) lineInClear(m *store.ContactMethod) {
	if m.SIPAccount != nil {
		d.inClear(m.SIPAccount.SRTP, "contact_method", m.ID)
	}
}

func (d *decision) trunkInClear(t *store.Trunk) { d.inClear(t.SRTP, "trunk", t.ID) }

func (d *decision) inClear(asked store.SRTPPolicy, what, id string) {
	if asked == store.SRTPPreferred || asked == store.SRTPRequired {
		d.say("srtp", false, "the media is not encrypted: SRTP is not in effect yet", what, id, "srtp", string(asked))
	}
}

// pstnTarget rings a telephone outside as one of the user's own devices.
func (d *decision) pstnTarget(m *store.ContactMethod, a *arrival, p path) (Target, cause, bool) {
	number := m.PSTNForwarding.Number
	skip := func(why string) (Target, cause, bool) {
		d.say("pstn_forwarding", false, why, "contact_method", m.ID, "number", number)
		return Target{}, absent, false
	}
	if m.PSTNForwarding.Press1 {
		return skip("it asks the one who answers to press 1, which is not in effect yet")
	}
	digits, ok := plain(number)
	if ok && emergency(d.org, digits) {
		return skip("no forward reaches an emergency number")
	}
	e164, ok := d.normalize(number)
	if !ok {
		return skip("not a telephone number")
	}
	if n, ok := d.s.NumberByE164(e164); ok {
		line, ok := d.s.Line(n.Owner.ID)
		if n.Owner.Kind != store.OwnerContactMethod || !ok || !line.IsLine() {
			return skip("one of our own numbers, and not a line's")
		}
		return d.ownTarget(line, m, a, p)
	}
	if p.been(place{id: e164}) {
		return skip("the call has been there before")
	}
	if p.hops+1 > maxHops {
		return skip("the call was turned aside too often")
	}
	p = d.aside(m, a, p)
	routes := d.routes(e164, p)
	if len(routes) == 0 {
		return skip("no trunk takes this number")
	}
	d.say("pstn_forwarding", true, "rings outside", "contact_method", m.ID, "number", e164)
	return Target{
		Kind: TargetTrunk, UserID: m.UserID, LineID: m.ID, Number: e164, Routes: routes,
		Diversions: p.inside, Record: d.record(m, true), Announce: d.announce(),
	}, 0, true
}

// uriTarget rings a SIP address elsewhere.
func (d *decision) uriTarget(m *store.ContactMethod, a *arrival, p path) (Target, cause, bool) {
	f := m.SIPForwarding
	skip := func(why string) (Target, cause, bool) {
		d.say("sip_forwarding", false, why, "contact_method", m.ID, "address", f.Username+"@"+f.Domain)
		return Target{}, absent, false
	}
	if strings.EqualFold(f.Domain, d.org.Domain) {
		line, ok := d.s.LineByUsername(f.Username)
		if !ok {
			return skip("nobody of the organization has this name")
		}
		return d.ownTarget(line, m, a, p)
	}
	if f.Domain == "" {
		return skip("it has no domain")
	}
	if p.hops+1 > maxHops {
		return skip("the call was turned aside too often")
	}
	p = d.aside(m, a, p)
	d.say("sip_forwarding", true, "rings elsewhere", "contact_method", m.ID, "address", f.Username+"@"+f.Domain)
	return Target{
		Kind: TargetURI, UserID: m.UserID, LineID: m.ID,
		URI:   URI{User: f.Username, Host: f.Domain, Port: f.Port, Transport: f.Transport},
		Shown: d.inside, Diversions: p.inside,
		Record: d.record(m, false), Announce: d.announce(),
		Codecs: f.Codecs, Process30x: f.Process30x,
	}, 0, true
}

// ownTarget is a forwarding method that leads back into the house: the line
// there rings, once, and nothing of its own routing follows.
func (d *decision) ownTarget(line, m *store.ContactMethod, a *arrival, p path) (Target, cause, bool) {
	if p.hops+1 > maxHops || p.been(place{store.OwnerContactMethod, line.ID}) {
		d.say("forwarding", false, "the call has been there before or was turned aside too often", "contact_method", m.ID, "line", line.ID)
		return Target{}, absent, false
	}
	d.say("forwarding", true, "leads to a line of our own", "contact_method", m.ID, "line", line.ID)
	return d.lineTarget(line, d.aside(m, a, p).inside), 0, true
}

// aside is the path of a forwarding method's own branch.
func (d *decision) aside(m *store.ContactMethod, a *arrival, p path) path {
	e164 := d.forwarderNumber(m, a)
	p = p.goes(Diversion{User: a.called, Reason: "unconditional", Status: 302}, e164)
	p.forwarder = m
	return p
}

// forwarderNumber is who the outside is told turned the call aside.
func (d *decision) forwarderNumber(m *store.ContactMethod, a *arrival) string {
	if n := outsideNumberOf(m, a.user, a.called); n != "" {
		return n
	}
	return d.org.MainNumber
}

func idOf(u *store.User) string {
	if u == nil {
		return ""
	}
	return u.ID
}

// lineID is the one line that the call is for, if it is one.
func lineID(a *arrival) string {
	if a.primary != nil && len(a.methods) == 1 {
		return a.primary.ID
	}
	return ""
}
