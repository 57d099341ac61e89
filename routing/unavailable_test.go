package routing

import (
	"testing"

	"strowger/store"
)

// fives are a Ring's branches by cause.
func fives(r *Ring) map[cause]Step {
	return map[cause]Step{
		declined: r.OnDeclined, busy: r.OnBusy, noAnswer: r.OnNoAnswer, failed: r.OnFailed, absent: r.OnAbsent,
	}
}

// Telephony rules, "Unavailable": each cause with the action "none".
func TestUnavailableNone(t *testing.T) {
	r := ringing(t, Decide(exchange(t), dials("anna", "102")))
	want := map[cause]Refuse{
		declined: {Status: 603, Phrase: "Decline", Cause: 21},
		busy:     {Status: 486, Phrase: "Busy Here", Cause: 17},
		noAnswer: {Status: 480, Phrase: "Temporarily Unavailable", Cause: 19},
		failed:   {Status: 480, Phrase: "Temporarily Unavailable", Cause: 41},
		absent:   {Status: 480, Phrase: "Temporarily Unavailable", Cause: 20},
	}
	for c, step := range fives(r) {
		end, ok := step.(*Refuse)
		if !ok {
			t.Errorf("%v: %T", c, step)
			continue
		}
		w := want[c]
		if end.Status != w.Status || end.Phrase != w.Phrase || end.Cause != w.Cause || end.Text == "" || end.Prompt != "" {
			t.Errorf("%v: %+v, want %+v", c, end, w)
		}
	}
}

// Each cause with the action "voicemail".
func TestUnavailableVoicemail(t *testing.T) {
	toVoicemail := line("anna", func(m *store.ContactMethod) {
		m.Inbound.WhenUnavailable = store.WhenUnavailable{Action: store.UnavailableVoicemail, GreetingAudioID: "hello"}
	})
	greeting := func(s *store.Site) {
		s.AudioFiles = append(s.AudioFiles, store.AudioFile{Meta: store.Meta{ID: "hello"}, Name: "hello"})
	}
	r := ringing(t, Decide(exchange(t, toVoicemail, greeting), dials("bob", "101")))
	for c, step := range fives(r) {
		v, ok := step.(*Voicemail)
		if !ok || *v != (Voicemail{UserID: "u-anna", LineID: "anna", GreetingID: "hello"}) {
			t.Errorf("%v: %+v", c, step)
		}
	}
	// A user without the feature has none.
	off := user("u-anna", func(u *store.User) { u.Features.Voicemail = false })
	p := Decide(exchange(t, toVoicemail, greeting, off), dials("bob", "101"))
	if end, ok := ringing(t, p).OnBusy.(*Refuse); !ok || end.Status != 486 {
		t.Errorf("without the feature: %s", p.Sentence)
	}
	if d, ok := p.Rule("when_unavailable"); !ok || d.Taken {
		t.Errorf("trace: %s", tell(p))
	}
}

// Each cause with the action "forward": what the caller is told, and what the
// next one is told of why.
func TestUnavailableForward(t *testing.T) {
	r := ringing(t, Decide(exchange(t, forwards("anna", "102")), dials("carla-app", "101")))
	want := map[cause]Diversion{
		declined: {User: "101", Reason: "user-busy", Status: 486},
		busy:     {User: "101", Reason: "user-busy", Status: 486},
		noAnswer: {User: "101", Reason: "no-answer", Status: 408},
		failed:   {User: "101", Reason: "unavailable", Status: 480},
		absent:   {User: "101", Reason: "unavailable", Status: 480},
	}
	for c, step := range fives(r) {
		v, ok := step.(*Divert)
		if !ok || v.By != want[c] || v.Silent {
			t.Errorf("%v: %+v", c, step)
			continue
		}
		next, ok := v.Next.(*Ring)
		if !ok || next.Targets[0].LineID != "bob" {
			t.Errorf("%v goes on to %+v", c, v.Next)
			continue
		}
		if got := next.Targets[0].Diversions; len(got) != 1 || got[0] != want[c] {
			t.Errorf("%v is shown as %+v", c, got)
		}
	}
}

// What a forward may name.
func TestForwardDestinations(t *testing.T) {
	tests := []struct{ to, want string }{
		{"102", "line bob"},
		{"bob", "line bob"},
		{"sip:bob@acme.example", "line bob"},
		{"carla-app", "line carla-app"},
		{"+40310000003", "line carla-app"},
		{"0722000009", "trunk carrier +40722000009"},
		{"tel:+40722000009", "trunk carrier +40722000009"},
		{"*43", "service echo "},
		{"menu", "refuse 480"},
		// Nowhere: the line is as good as absent, and the caller hears so.
		{"105", "refuse 480"},
		{"112", "refuse 480"},
		{"*72", "refuse 480"},
	}
	for _, tt := range tests {
		t.Run(tt.to, func(t *testing.T) {
			change := forwards("anna", tt.to)
			s := exchange(t, change)
			p := Plan{First: ringing(t, Decide(s, arrives("+40310000001"))).OnAbsent}
			if got := describe(p); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	s := exchange(t, forwards("anna", "105"))
	r := ringing(t, Decide(s, dials("bob", "101")))
	for c, step := range fives(r) {
		if step != Step(refusals[c]) {
			t.Errorf("a forward to nowhere, %v: %+v", c, step)
		}
	}
}

// A forward goes out with the permission of who configured it: neither the
// caller nor the line needs external_enabled.
func TestForwardOutsideNeedsNoPermission(t *testing.T) {
	s := exchange(t, forwards("bob", "0722000009"))
	for _, f := range []Facts{dials("carla-app", "102"), dials("anna", "102")} {
		p := Plan{First: ringing(t, Decide(s, f)).OnNoAnswer}
		if got := describe(p); got != "trunk carrier +40722000009" {
			t.Errorf("%s: %s", f.LineID, got)
		}
	}
}

// Do-not-disturb and closed schedules do not ring: the action follows at once.
func TestUnavailableAtOnce(t *testing.T) {
	hours := func(s *store.Site) {
		s.TimeSchedules = append(s.TimeSchedules, store.TimeSchedule{
			Meta: store.Meta{ID: "evening"}, Name: "Evening", TimeZone: "UTC",
			Ranges: []store.TimeRange{{Days: []string{"mon"}, From: "18:00", To: "20:00"}},
		})
	}
	dnd := user("u-anna", func(u *store.User) { u.DoNotDisturb = true })
	userClosed := user("u-anna", func(u *store.User) { u.TimeScheduleID = "evening" })
	lineClosed := line("anna", func(m *store.ContactMethod) { m.TimeScheduleID = "evening" })
	voicemail := line("anna", func(m *store.ContactMethod) { m.Inbound.WhenUnavailable.Action = store.UnavailableVoicemail })
	tests := []struct {
		name    string
		changes []func(*store.Site)
		want    string
		reason  string // of the diversion
		rule    string
	}{
		{"disturb, none", []func(*store.Site){dnd}, "refuse 480", "", "do_not_disturb"},
		{"disturb, voicemail", []func(*store.Site){dnd, voicemail}, "voicemail anna", "", "do_not_disturb"},
		{"disturb, forward", []func(*store.Site){dnd, forwards("anna", "102")}, "line bob", "do-not-disturb", "do_not_disturb"},
		{"user closed, none", []func(*store.Site){hours, userClosed}, "refuse 480", "", "user_schedule"},
		{"user closed, voicemail", []func(*store.Site){hours, userClosed, voicemail}, "voicemail anna", "", "user_schedule"},
		{"user closed, forward", []func(*store.Site){hours, userClosed, forwards("anna", "102")}, "line bob", "time-of-day", "user_schedule"},
		{"line closed, none", []func(*store.Site){hours, lineClosed}, "refuse 480", "", "schedule"},
		{"line closed, voicemail", []func(*store.Site){hours, lineClosed, voicemail}, "voicemail anna", "", "schedule"},
		{"line closed, forward", []func(*store.Site){hours, lineClosed, forwards("anna", "102")}, "line bob", "time-of-day", "schedule"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, f := range []Facts{dials("carla-app", "101"), arrives("+40310000001"), dials("carla-app", "anna")} {
				p := Decide(exchange(t, tt.changes...), f)
				if got := describe(p); got != tt.want {
					t.Errorf("%s: got %s, want %s\n%s", f.To, got, tt.want, tell(p))
				}
				if v, ok := p.First.(*Divert); tt.reason != "" && (!ok || v.By.Reason != tt.reason) {
					t.Errorf("%s: %+v", f.To, p.First)
				}
				d, ok := p.Rule(tt.rule)
				if !ok || tt.rule == "do_not_disturb" != d.Taken {
					t.Errorf("%s: trace\n%s", f.To, tell(p))
				}
			}
		})
	}
	evening := arrives("+40310000001")
	evening.Now = noon.Add(6*60*60*1e9 + 1)
	if got := describe(Decide(exchange(t, hours, userClosed, lineClosed), evening)); got != "line anna" {
		t.Errorf("in the evening: %s", got)
	}
	p := Decide(exchange(t, hours, userClosed), dials("bob", "101"))
	if d, _ := p.Rule("user_schedule"); d.Why != "closed now, until Mon 23 Nov 18:00" {
		t.Errorf("why: %q", d.Why)
	}
}
