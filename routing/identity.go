package routing

import (
	"slices"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"

	"strowger/store"
)

// An external is a caller as the outside may know it: a number in E.164,
// never an extension.
type external struct {
	number  string
	name    string
	private bool
}

// callerFromLine takes who calls from the configuration. What the phone wrote
// into From counts for nothing.
func (d *decision) callerFromLine() {
	d.plan.Caller = Party{
		UserID: d.line.UserID, LineID: d.line.ID,
		Number: insideNumber(d.line, d.user), Name: nameOf(d.line, d.user),
	}
	if id := d.line.Outbound.InternalCallerID; id != "" {
		d.plan.Caller.Number = id
	}
	d.inside = d.shownInside()
	d.lineInClear(d.line)
}

// shownInside is the caller as the organization's own phones see it.
func (d *decision) shownInside() Identity {
	if d.private {
		return Identity{Anonymous: true}
	}
	if d.trunk != nil && d.plan.Caller.Number == "" {
		return Identity{Name: d.plan.Caller.Name, Anonymous: true}
	}
	return Identity{User: d.plan.Caller.Number, Name: d.plan.Caller.Name}
}

// callerFromTrunk believes P-Asserted-Identity of a trusted carrier alone
// (RFC 3325 §5), From otherwise, and keeps what the caller withholds from
// everyone but the next trusted carrier.
func (d *decision) callerFromTrunk() {
	claim, name, header := d.f.FromUser, d.f.FromName, "From"
	switch {
	case d.f.Asserted == "":
	case d.trunk.TrustedIdentity:
		claim, header = d.f.Asserted, "P-Asserted-Identity"
		if d.f.AssertedName != "" {
			name = d.f.AssertedName
		}
		d.say("asserted_identity", true, "the carrier is trusted", d.claimed()...)
	default:
		d.say("asserted_identity", false, "the carrier is not trusted: From counts", d.claimed()...)
	}
	name = clean(name)
	e164, ok := outsideNumber(claim, Country(d.org, d.trunk))
	d.outside = external{number: e164, name: name, private: d.private}
	d.knows = true
	d.plan.Caller = Party{TrunkID: d.trunk.ID}
	d.trunkInClear(d.trunk)
	switch {
	case d.private:
		d.say("privacy", true, "the caller withholds the number", "header", header)
	case ok:
		d.plan.Caller.Number, d.plan.Caller.Name = e164, name
		d.say("caller_number", true, "normalised with the carrier's country", "header", header, "as_sent", claim, "number", e164)
	default:
		// What is not a number is shown as it came, but nobody outside may
		// pass for a colleague.
		d.plan.Caller.Name = name
		if digits, isNumber := plain(claim); isNumber && !d.ours(digits) {
			d.plan.Caller.Number = digits
		}
		d.say("caller_number", false, "not a telephone number", "header", header, "as_sent", claim)
	}
	d.inside = d.shownInside()
}

// claimed are the inputs of the rule about P-Asserted-Identity. A trace lives
// as long as the call's record, so a withheld number is not among them.
func (d *decision) claimed() []string {
	if d.private {
		return []string{"trunk", d.trunk.ID}
	}
	return []string{"trunk", d.trunk.ID, "asserted", d.f.Asserted}
}

// ours says whether digits would look like somebody of the organization.
func (d *decision) ours(digits string) bool {
	if _, ok := d.s.InternalNumberByDigits(digits); ok {
		return true
	}
	if _, ok := d.s.LineByUsername(digits); ok {
		return true
	}
	return inExtensionRange(d.org.ExtensionRange, digits)
}

// outsideNumber normalises what a carrier sends: national, international, or
// E.164 without its "+".
func outsideNumber(number, country string) (string, bool) {
	if e164, ok := Normalize(number, country); ok {
		return e164, true
	}
	digits, ok := plain(number)
	if !ok || digits[0] == '+' || len(digits) < 8 {
		return "", false
	}
	n, err := phonenumbers.Parse("+"+digits, country)
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}

// callerID chooses the number that a call of a line shows outside: the one the
// phone asked for, where the user may choose and the line has it, else the
// line's first, else the company's main number. Where all of these are
// missing, a number that reaches the caller beats none.
func (d *decision) callerID() string {
	var ids []string
	if d.line != nil {
		ids = d.line.Outbound.CallerIDs
	}
	if d.f.Preferred != "" && d.trunk == nil {
		e164, ok := Normalize(d.f.Preferred, Country(d.org, nil))
		switch {
		case d.user == nil || !d.user.Features.MultipleCallerIDs:
			d.say("preferred_identity", false, "the user may not choose among caller ids", "preferred", d.f.Preferred)
		case !ok || !slices.Contains(ids, e164):
			d.say("preferred_identity", false, "not one of the line's caller ids", "preferred", d.f.Preferred)
		default:
			d.say("preferred_identity", true, "one of the line's caller ids", "preferred", d.f.Preferred, "caller_id", e164)
			return e164
		}
	}
	if len(ids) > 0 {
		d.say("caller_id", true, "the line's first caller id", "caller_id", ids[0])
		return ids[0]
	}
	if d.org.MainNumber != "" {
		d.say("caller_id", true, "the line has none: the company's main number", "caller_id", d.org.MainNumber)
		return d.org.MainNumber
	}
	if own := outsideNumberOf(d.line, d.user, ""); own != "" {
		d.say("caller_id", true, "neither the line nor the company has one: a number of the caller's own", "caller_id", own)
		return own
	}
	d.say("caller_id", false, "there is no number to show")
	return ""
}

// outsideCaller is who calls, for carriers. It is found once per decision.
func (d *decision) outsideCaller() external {
	if !d.knows {
		d.knows = true
		quiet := d.quiet
		d.quiet = 0
		d.outside = external{number: d.callerID(), private: d.private}
		if d.user != nil {
			d.outside.name = userName(d.user)
		}
		if d.private {
			d.say("anonymous", true, "the caller ID is withheld; trusted carriers alone learn it")
		}
		d.quiet = quiet
	}
	return d.outside
}

// shownTo is what a carrier is told: who calls and, by its own rule, who
// turned the call aside.
func (d *decision) shownTo(t *store.Trunk, p *path) (Identity, []Diversion) {
	who := d.outsideCaller()
	diversions := p.counted()
	if len(p.outside) > 0 || p.configured {
		switch t.ForwardedIdentity {
		case store.ForwardOriginal:
			diversions = nil
		case store.ForwardForwarder:
			diversions = nil
			if p.number != "" {
				who = external{number: p.number}
			} else if p.configured {
				who = external{number: d.org.MainNumber}
			}
		}
	}
	if diversions == nil {
		diversions = []Diversion{}
	}
	id := Identity{User: who.number, Name: who.name}
	if who.private || who.number == "" {
		id = Identity{Anonymous: true}
	}
	if d.plan.Emergency {
		id = Identity{User: who.number, Name: who.name}
		if who.number == "" {
			id.User = "unavailable" // nothing may make an emergency call look withheld
		}
	}
	if t.TrustedIdentity {
		id.Asserted = who.number
	}
	// Remote-Party-ID tells the number too: of a withheld one only to those
	// who may know it.
	id.RemoteParty = slices.Contains(t.IdentityHeaders, "remote_party_id") &&
		(id.Asserted != "" || !id.Anonymous)
	return id, diversions
}

// insideNumber is what colleagues know a contact method by.
func insideNumber(m *store.ContactMethod, u *store.User) string {
	switch {
	case m != nil && len(m.Inbound.InternalNumbers) > 0:
		return m.Inbound.InternalNumbers[0]
	case u != nil && u.Extension != "":
		return u.Extension
	case m != nil && len(m.Inbound.DIDNumbers) > 0:
		return m.Inbound.DIDNumbers[0]
	case u != nil && u.DirectNumber != "":
		return u.DirectNumber
	case m != nil:
		return m.AOR()
	}
	return ""
}

// outsideNumberOf is what the outside knows a contact method by: the number
// that the call came to, its first caller id, its DID, its user's direct
// number.
func outsideNumberOf(m *store.ContactMethod, u *store.User, called string) string {
	switch {
	case strings.HasPrefix(called, "+"):
		return called
	case m != nil && len(m.Outbound.CallerIDs) > 0:
		return m.Outbound.CallerIDs[0]
	case m != nil && len(m.Inbound.DIDNumbers) > 0:
		return m.Inbound.DIDNumbers[0]
	case u != nil && u.DirectNumber != "":
		return u.DirectNumber
	}
	return ""
}

func userName(u *store.User) string {
	return clean(strings.TrimSpace(u.FirstName + " " + u.LastName))
}

func nameOf(m *store.ContactMethod, u *store.User) string {
	if u != nil {
		if name := userName(u); name != "" {
			return name
		}
	}
	if m != nil {
		return clean(m.Label)
	}
	return ""
}

// clean makes a display name fit to be shown: no control characters, which
// could end a header, and at most 64 of the rest.
func clean(name string) string {
	bad := len(name) > 64
	for i := 0; i < len(name) && !bad; i++ {
		bad = name[i] < ' ' || name[i] >= 0x7f
	}
	if !bad {
		return name
	}
	kept := 0
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar || kept == 64 {
			return -1
		}
		kept++
		return r
	}, name))
}
