package routing

import (
	"reflect"

	"strowger/store"
)

// A Difference is how a call would go with one configuration and with another.
type Difference struct {
	Was, Would string // sentences
}

// Replay asks [Decide] about a call that was made, with two configurations, and
// answers how it differs; not ok where it does not, or where who called is in
// neither. Of a call only its record is known: a name that it had, or that it was
// diverted before it came, is not.
func Replay(is, would *store.Snapshot, c *store.Call) (d Difference, ok bool) {
	was, known := replayed(is, c)
	now, knows := replayed(would, c)
	switch {
	case !known || !knows:
		return Difference{}, false
	case was.Status() == now.Status() && reflect.DeepEqual(was.explained(), now.explained()):
		return Difference{}, false
	}
	return Difference{was.Sentence, now.Sentence}, true
}

func replayed(s *store.Snapshot, c *store.Call) (*Plan, bool) {
	f := Facts{Now: c.StartedAt, To: c.To, FromUser: c.From, FromName: c.FromName, Privacy: c.Withheld}
	for i := range c.Legs {
		if leg := &c.Legs[i]; leg.Side == "a" {
			f.LineID, f.TrunkID = leg.ContactMethodID, leg.TrunkID
			break
		}
	}
	if f.TrunkID != "" {
		f.LineID = ""
		t, ok := s.Trunks.Get(f.TrunkID)
		if !ok {
			return nil, false
		}
		if t.TrustedIdentity {
			f.Asserted = c.From
		}
	} else if _, ok := s.Line(f.LineID); !ok {
		return nil, false
	}
	p := Decide(s, f)
	return &p, true
}
