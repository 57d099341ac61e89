package routing

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"strowger/store"
)

// An Explanation says why and where a call would go.
type Explanation struct {
	// Status is what the caller would be answered if the first target took
	// the call: 200, or that of a refusal.
	Status   int              `json:"status"`
	Targets  []Explained      `json:"targets"`
	Trace    []store.Decision `json:"trace"`
	Sentence string           `json:"sentence"`
}

// Explained is a target of the plan, in the order that they are tried.
type Explained struct {
	Kind            TargetKind `json:"kind"`           // line trunk uri voicemail service
	When            string     `json:"when"`           // "at once", or after which cause of the step before
	Step            int        `json:"step"`           // targets of one step ring together
	For             int        `json:"for_s,omitzero"` // seconds it rings
	UserID          string     `json:"user_id,omitzero"`
	ContactMethodID string     `json:"contact_method_id,omitzero"`
	AOR             string     `json:"aor,omitzero"`
	Number          string     `json:"number,omitzero"`
	TrunkIDs        []string   `json:"trunk_ids,omitempty"`
	URI             string     `json:"uri,omitzero"`
	Action          string     `json:"action,omitzero"`
	CallerID        string     `json:"caller_id,omitzero"`
	CallerName      string     `json:"caller_name,omitzero"`
	Anonymous       bool       `json:"anonymous,omitzero"`
	Diversions      []string   `json:"diversions,omitempty"` // "102 user-busy", newest first
	Recorded        bool       `json:"recorded"`
	RecordedFor     []string   `json:"recorded_for,omitempty"`
}

// What an [Explained] may be beside the kinds that ring.
const (
	ExplainedVoicemail TargetKind = "voicemail"
	ExplainedService   TargetKind = "service"
)

// Explain asks [Decide] about a call that nobody makes. from and to are an
// extension, a SIP user name or a number; from may also be trunk:ID/+E164, a
// caller from outside. An error is a [store.ValidationError] of "from" or
// "to".
func Explain(s *store.Snapshot, from, to string, at time.Time) (Explanation, error) {
	f := Facts{Now: at}
	if err := dialledAs(s, to, &f); err != nil {
		return Explanation{}, err
	}
	if err := calledBy(s, from, &f); err != nil {
		return Explanation{}, err
	}
	p := Decide(s, f)
	return Explanation{Status: p.Status(), Targets: p.explained(), Trace: p.Trace, Sentence: p.Sentence}, nil
}

// dialledAs reads to as a phone would send it: a string of the keypad, a SIP
// user name, or a URI.
func dialledAs(s *store.Snapshot, to string, f *Facts) error {
	user, host, ok := address(to)
	if !ok || user == "" {
		return &store.ValidationError{Field: "to", Rule: store.Say("write an extension, a SIP user name, a number or a SIP address")}
	}
	f.To = user
	if host != "" && !strings.EqualFold(host, s.Organization.Domain) {
		f.ToHost = host
	}
	return nil
}

// address takes sip:user@host;…, tel:number;… or a bare string apart.
func address(a string) (user, host string, ok bool) {
	a = strings.TrimSpace(a)
	if in, ok := strings.CutPrefix(a, "<"); ok {
		a = strings.TrimSuffix(in, ">")
	}
	if a == "" || strings.ContainsFunc(a, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", "", false
	}
	scheme, rest, isURI := strings.Cut(a, ":")
	switch strings.ToLower(scheme) {
	case "sip", "sips":
	case "tel":
		number, _, _ := strings.Cut(rest, ";")
		return number, "", number != ""
	default:
		isURI = false
		rest = a
	}
	user, host, at := strings.Cut(rest, "@")
	if isURI {
		rest, _, _ = strings.Cut(rest, "?")
		if user, host, at = strings.Cut(rest, "@"); !at {
			return "", "", false // a host alone names nobody
		}
		user, _, _ = strings.Cut(user, ":") // a password has no business here
		host, _, _ = strings.Cut(host, ";")
	}
	if at {
		if h, port, found := strings.Cut(host, ":"); found && allDigits(port) && !strings.HasPrefix(host, "[") {
			host = h
		}
		if host == "" {
			return "", "", false
		}
		if decoded, err := url.PathUnescape(user); err == nil {
			user = decoded
		}
	}
	user, _, _ = strings.Cut(user, ";")
	return user, host, true
}

// calledBy finds who from is.
func calledBy(s *store.Snapshot, from string, f *Facts) error {
	refused := func(format string, args ...any) error {
		return &store.ValidationError{Field: "from", Rule: store.Say(format, args...)}
	}
	from = strings.TrimSpace(from)
	if rest, ok := strings.CutPrefix(from, "trunk:"); ok {
		id, number, _ := strings.Cut(rest, "/")
		t, ok := s.Trunks.Get(id)
		if !ok {
			return refused("there is no trunk %s", quoted(id))
		}
		f.TrunkID, f.FromUser = id, number
		if number == "" || strings.EqualFold(number, "anonymous") {
			f.Privacy = true
		} else if t.TrustedIdentity {
			f.Asserted = number
		}
		return nil
	}
	user, _, ok := address(from)
	if !ok || user == "" {
		return refused("write an extension, a SIP user name, a number, or trunk:ID/+E164 for a caller from outside")
	}
	if line := lineFor(s, user); line != nil {
		f.LineID, f.FromUser = line.ID, user
		return nil
	}
	e164, ok := Normalize(user, Country(s.Organization, nil))
	if !ok {
		return refused("nobody has %s, and it is not a telephone number", quoted(user))
	}
	if _, ours := s.NumberByE164(e164); ours {
		return refused("%s is a number of ours that no line calls from", e164)
	}
	t := trunkFor(s, f.To)
	if t == nil {
		return refused("%s is not one of ours and there is no trunk that it could come through", e164)
	}
	f.TrunkID, f.FromUser = t.ID, e164
	if t.TrustedIdentity {
		f.Asserted = e164
	}
	return nil
}

// lineFor finds the line that somebody inside would call from.
func lineFor(s *store.Snapshot, user string) *store.ContactMethod {
	if n, ok := s.InternalNumberByDigits(user); ok {
		return ownersLine(s, n.Owner)
	}
	if line, ok := s.LineByUsername(user); ok {
		return line
	}
	if c, ok := s.Credential(user); ok {
		line, _ := s.Line(c.LineID)
		return line
	}
	if e164, ok := Normalize(user, Country(s.Organization, nil)); ok {
		if n, ok := s.NumberByE164(e164); ok {
			return ownersLine(s, n.Owner)
		}
	}
	if line, ok := s.Line(user); ok && line.IsLine() {
		return line
	}
	return nil
}

// ownersLine is the line that the owner of a number calls from.
func ownersLine(s *store.Snapshot, o store.Owner) *store.ContactMethod {
	userID := o.ID
	if o.Kind == store.OwnerContactMethod {
		m, ok := s.Line(o.ID)
		if !ok || m.IsLine() {
			return m
		}
		userID = m.UserID
	} else if o.Kind != store.OwnerUser {
		return nil
	}
	for _, m := range s.LinesOf(userID) {
		if m.IsLine() {
			return m
		}
	}
	return nil
}

// trunkFor is the carrier by which a call for the number would come: the
// number's own, else the first.
func trunkFor(s *store.Snapshot, to string) *store.Trunk {
	if e164, ok := Normalize(to, Country(s.Organization, nil)); ok {
		if n, ok := s.NumberByE164(e164); ok {
			if t, ok := s.Trunks.Get(n.TrunkID); ok {
				return t
			}
		}
	}
	for _, t := range s.Trunks.All() {
		return t
	}
	return nil
}

func quoted(s string) string { return "\"" + clean(s) + "\"" }

// explained lists what the plan may reach, in the order of its steps. Branches
// that differ only in the reason of a forward are told once.
func (p *Plan) explained() []Explained {
	all := []Explained{}
	step := 0
	var walk func(s Step, when string)
	// add is false when an alike branch has told of all this, and of what
	// follows.
	add := func(when string, more ...Explained) bool {
		known := all
		for _, e := range more {
			if !slices.ContainsFunc(known, e.same) {
				e.When, e.Step = when, step+1
				all = append(all, e)
			}
		}
		step += min(1, len(all)-len(known))
		return len(all) > len(known)
	}
	walk = func(s Step, when string) {
		switch s := s.(type) {
		case *Ring:
			together := make([]Explained, len(s.Targets))
			for i := range s.Targets {
				together[i] = s.Targets[i].explained(int(s.For / time.Second))
			}
			if !add(when, together...) {
				return
			}
			walk(s.OnNoAnswer, noAnswer.String())
			walk(s.OnDeclined, declined.String())
			walk(s.OnBusy, busy.String())
			walk(s.OnFailed, failed.String())
			walk(s.OnAbsent, absent.String())
		case *Divert:
			walk(s.Next, when)
		case *Voicemail:
			add(when, Explained{Kind: ExplainedVoicemail, UserID: s.UserID, ContactMethodID: s.LineID})
		case *Service:
			add(when, Explained{Kind: ExplainedService, Action: s.Action})
		}
	}
	walk(p.First, "at once")
	return all
}

// same says whether two are one target for the reader.
func (e Explained) same(o Explained) bool {
	return e.Kind == o.Kind && e.ContactMethodID == o.ContactMethodID && e.AOR == o.AOR &&
		e.Number == o.Number && e.URI == o.URI && e.Action == o.Action
}

func (t *Target) explained(seconds int) Explained {
	e := Explained{
		Kind: t.Kind, For: seconds, UserID: t.UserID, ContactMethodID: t.LineID, AOR: t.AOR, Number: t.Number,
		Recorded: t.Record != nil,
	}
	if t.Record != nil {
		e.RecordedFor = t.Record.UserIDs
	}
	shown, diversions := t.Shown, t.Diversions
	if t.Kind == TargetURI {
		e.URI = "sip:" + t.URI.User + "@" + t.URI.Host
		if t.URI.Port != 0 {
			e.URI += ":" + itoa(t.URI.Port)
		}
	}
	if t.Kind == TargetTrunk && len(t.Routes) > 0 {
		shown, diversions = t.Routes[0].Shown, t.Routes[0].Diversions
		for _, r := range t.Routes {
			e.TrunkIDs = append(e.TrunkIDs, r.TrunkID)
		}
	}
	e.CallerID, e.CallerName, e.Anonymous = shown.User, shown.Name, shown.Anonymous
	for _, v := range diversions {
		e.Diversions = append(e.Diversions, v.User+" "+v.Reason)
	}
	return e
}
