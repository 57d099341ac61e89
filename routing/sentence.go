package routing

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"strowger/store"
)

// sentence says in plain words what a plan does when nobody answers, the way
// that most branches share: "rings Anna's desk phone for 25 s, then voicemail;
// recorded".
func sentence(s *store.Snapshot, p *Plan) string {
	w := teller{s: s}
	w.Grow(96)
	if p.Emergency {
		w.WriteString("emergency call: ")
	}
	w.step(p.First, true)
	if w.recorded {
		w.WriteString("; recorded")
	}
	if w.anonymous {
		w.WriteString("; caller ID withheld")
	}
	return w.String()
}

// A teller writes one sentence.
type teller struct {
	strings.Builder
	s         *store.Snapshot
	user      string // who was rung last
	recorded  bool
	anonymous bool
}

func (w *teller) step(s Step, first bool) {
	switch s := s.(type) {
	case *Ring:
		w.ring(s)
		if _, end := s.OnNoAnswer.(*Refuse); !end {
			w.WriteString(", then ")
			w.step(s.OnNoAnswer, false)
		}
	case *Divert:
		if !s.Silent {
			w.WriteString("forwards the call: ")
		}
		w.step(s.Next, first)
	case *Voicemail:
		if first {
			w.WriteString("goes straight to ")
		}
		if s.UserID != w.user {
			w.owner(s.UserID)
		}
		w.WriteString("voicemail")
	case *Service:
		w.WriteString("runs the feature ")
		w.WriteString(s.Action)
	case *Refuse:
		w.WriteString("refuses the call with ")
		w.WriteString(strconv.Itoa(s.Status))
		w.WriteByte(' ')
		w.WriteString(s.Phrase)
		w.WriteString(": ")
		w.WriteString(lowerFirst(s.Text))
	}
}

func (w *teller) ring(r *Ring) {
	plain := len(r.Targets) == 1 && r.Targets[0].Kind == TargetTrunk && r.Targets[0].UserID == ""
	if plain {
		w.WriteString("calls ")
	} else {
		w.WriteString("rings ")
	}
	for i := range r.Targets {
		switch {
		case i == 0:
		case i == len(r.Targets)-1:
			w.WriteString(" and ")
		default:
			w.WriteString(", ")
		}
		w.target(&r.Targets[i])
	}
	if !plain {
		w.WriteString(" for ")
		w.WriteString(strconv.Itoa(int(r.For / time.Second)))
		w.WriteString(" s")
	}
}

func (w *teller) target(t *Target) {
	w.recorded = w.recorded || t.Record != nil
	w.anonymous = w.anonymous || t.Kind != TargetTrunk && t.Shown.Anonymous
	if t.LineID != "" {
		w.user = t.UserID
		w.owner(t.UserID)
		w.WriteString(w.method(t.LineID))
	}
	switch t.Kind {
	case TargetURI:
		w.WriteString(" (")
		w.WriteString(t.URI.User)
		w.WriteByte('@')
		w.WriteString(t.URI.Host)
		w.WriteByte(')')
	case TargetTrunk:
		if t.LineID != "" {
			w.WriteString(" (")
			w.WriteString(t.Number)
			w.WriteByte(')')
		} else {
			w.WriteString(t.Number)
		}
		for i := range t.Routes {
			if i == 0 {
				w.WriteString(" through ")
			} else {
				w.WriteString(" or ")
			}
			w.WriteString(w.trunk(t.Routes[i].TrunkID))
		}
		if len(t.Routes) > 0 {
			shown := t.Routes[0].Shown
			w.anonymous = w.anonymous || shown.Anonymous
			if shown.User != "" {
				w.WriteString(" as ")
				w.WriteString(shown.User)
			}
		}
	}
}

func (w *teller) owner(userID string) {
	u, ok := w.s.Users.Get(userID)
	switch {
	case !ok:
		return
	case u.FirstName != "":
		w.WriteString(clean(u.FirstName))
	default:
		w.WriteString(u.ID)
	}
	w.WriteString("'s ")
}

func (w *teller) method(id string) string {
	m, ok := w.s.Line(id)
	if !ok {
		return id
	}
	if m.Label != "" {
		return lowerFirst(clean(m.Label))
	}
	switch m.Kind {
	case store.KindApp:
		return "app"
	case store.KindPSTNForwarding:
		return "telephone outside"
	case store.KindSIPForwarding:
		return "SIP address"
	}
	return "phone"
}

func (w *teller) trunk(id string) string {
	if t, ok := w.s.Trunks.Get(id); ok && t.Name != "" {
		return clean(t.Name)
	}
	return id
}

// lowerFirst fits a label or a phrase into a sentence; names in capitals stay.
func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if next, _ := utf8.DecodeRuneInString(s[n:]); !unicode.IsUpper(r) || !unicode.IsLower(next) {
		return s
	}
	return string(unicode.ToLower(r)) + s[n:]
}
