package provisioning

import (
	"slices"
	"time"

	"strowger/routing"
	"strowger/store"
)

// An Outlook says in plain words what happens to a call for somebody now and in
// the night to come, as the function that routes real calls would have it.
type Outlook struct {
	// Rings says whether a phone would ring for a call now.
	Rings bool `json:"rings"`
	// Reason is why not: no_line, do_not_disturb, closed, not_registered or
	// refused; empty while it rings.
	Reason string `json:"reason,omitempty"`
	// Why is the reason in words, with what it rests on.
	Why   string `json:"why,omitempty"`
	Views []View `json:"views"`
}

// A View is what happens to one call that nobody makes.
type View struct {
	When string    `json:"when"` // now or night
	At   time.Time `json:"at"`
	Side string    `json:"side"` // who calls: somebody inside or outside
	To   string    `json:"to"`   // what is called
	routing.Explanation
}

const (
	whenNow   = "now"
	whenNight = "night"

	sideInside  = "inside"
	sideOutside = "outside"

	nightHour = 3 // o'clock, where the called one is
)

// someCaller is the number of the caller from outside: it is one of those that
// are kept for films and books, and will never call.
const someCaller = "+442079460000"

// UserOutlook says what happens to a call for a user.
func (s *Service) UserOutlook(org, id string) (*Outlook, error) {
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, err
	}
	u, ok := sn.Users.Get(id)
	if !ok {
		return nil, users.missing()
	}
	zone := u.TimeZone
	if zone == "" {
		zone = sn.Organization.TimeZone
	}
	o := &Outlook{Views: []View{}}
	line, has := firstLine(sn, u.ID)
	if to := dialledFor(u, line); to != "" {
		if caller := someoneElse(sn, u.ID); caller != nil {
			s.look(o, sn, zone, sideInside, caller.ID, to)
		}
	}
	for _, n := range numbersOf(sn, u) {
		s.look(o, sn, zone, sideOutside, "trunk:"+n.TrunkID+"/"+someCaller, n.E164)
	}
	if len(o.Views) == 0 {
		o.Reason, o.Why = "no_line", "no number leads to the user"
		if !has {
			o.Why = "the user has no line that a phone could register for"
		}
		return filledOutlook(o), nil
	}
	s.judge(o, org)
	return filledOutlook(o), nil
}

// NumberOutlook says what happens to a call for one of the organization's own
// numbers.
func (s *Service) NumberOutlook(org, id string) (*Outlook, error) {
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, err
	}
	n, ok := sn.Numbers.Get(id)
	if !ok {
		return nil, numbers.missing()
	}
	o := &Outlook{Views: []View{}}
	s.look(o, sn, sn.Organization.TimeZone, sideOutside, "trunk:"+n.TrunkID+"/"+someCaller, n.E164)
	if len(o.Views) == 0 {
		o.Reason, o.Why = "no_line", "no carrier brings calls for the number"
		return filledOutlook(o), nil
	}
	s.judge(o, org)
	return filledOutlook(o), nil
}

func filledOutlook(o *Outlook) *Outlook {
	filled := Filled(o)
	return &filled
}

// look adds what happens to a call now and in the night to come. What cannot be
// asked about, such as a call by a trunk that is gone, adds nothing.
func (s *Service) look(o *Outlook, sn *store.Snapshot, zone, side, from, to string) {
	now := s.now()
	for _, v := range []View{{When: whenNow, At: now}, {When: whenNight, At: night(now, zone)}} {
		var err error
		if v.Explanation, err = routing.Explain(sn, from, to, v.At); err != nil {
			return
		}
		v.Side, v.To = side, to
		o.Views = append(o.Views, v)
	}
}

// night is the next time that it is three o'clock in the zone.
func night(now time.Time, zone string) time.Time {
	place, err := time.LoadLocation(zone)
	if err != nil || zone == "" {
		place = time.UTC
	}
	t := now.In(place)
	at := time.Date(t.Year(), t.Month(), t.Day(), nightHour, 0, 0, 0, place)
	if !at.After(now) {
		at = time.Date(t.Year(), t.Month(), t.Day()+1, nightHour, 0, 0, 0, place)
	}
	return at
}

// judge says whether a phone would ring now: something of the first step must be
// registered, or be outside.
func (s *Service) judge(o *Outlook, org string) {
	view := &o.Views[0]
	first := slices.DeleteFunc(slices.Clone(view.Targets), func(t routing.Explained) bool { return t.Step != 1 })
	phones := 0
	for _, t := range first {
		switch t.Kind {
		case routing.TargetTrunk, routing.TargetURI:
			o.Rings = true
			return
		case routing.TargetLine:
			phones++
		}
	}
	if phones == 0 {
		o.Reason, o.Why = "refused", view.Sentence
		for _, d := range view.Trace {
			switch {
			case d.Rule == "do_not_disturb" && d.Taken:
				o.Reason, o.Why = "do_not_disturb", d.Why
			case (d.Rule == "schedule" || d.Rule == "user_schedule") && !d.Taken:
				o.Reason, o.Why = "closed", d.Why
			}
		}
		return
	}
	if s.live != nil {
		for _, b := range s.live.Registrations(org) {
			if slices.ContainsFunc(first, func(t routing.Explained) bool {
				return t.Kind == routing.TargetLine && t.ContactMethodID == b.ContactMethodID
			}) {
				o.Rings = true
				return
			}
		}
	}
	o.Reason, o.Why = "not_registered", "no phone is registered"
}

// dialledFor is how a colleague would call the user.
func dialledFor(u *store.User, line *store.ContactMethod) string {
	if u.Extension != "" || line == nil {
		return u.Extension
	}
	if len(line.Inbound.InternalNumbers) > 0 {
		return line.Inbound.InternalNumbers[0]
	}
	return line.AOR()
}

// someoneElse is a line that a colleague calls from.
func someoneElse(sn *store.Snapshot, userID string) *store.ContactMethod {
	for _, m := range sn.ContactMethods.All() {
		if m.IsLine() && m.UserID != userID {
			return m
		}
	}
	return nil
}

// numbersOf are the first number that leads to the user from outside, the direct
// one before those of lines.
func numbersOf(sn *store.Snapshot, u *store.User) []*store.Number {
	if n, ok := sn.NumberByE164(u.DirectNumber); ok {
		return []*store.Number{n}
	}
	for _, m := range sn.LinesOf(u.ID) {
		for _, did := range m.Inbound.DIDNumbers {
			if n, ok := sn.NumberByE164(did); ok {
				return []*store.Number{n}
			}
		}
	}
	return nil
}
