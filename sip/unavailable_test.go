package sip_test

import (
	"context"
	"strings"
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"strowger/sip/siptest"
	"strowger/store"
)

// Ways in which Ben's phone does not take a call, beyond a final answer.
const (
	unregistered = -iota
	ringsOn      // 180 and no more
	outOfReach   // no answer at all
	neverAsked   // the call must not reach it
)

// Telephony rules, "Unavailable": every cause with every action, on the wire.
func TestUnavailable(t *testing.T) {
	const (
		disturbed = `"users":[{"id":"u2","first_name":"Ben","features":{"voicemail":true},"do_not_disturb":true}],`
		closed    = `"time_schedules":[{"id":"never","name":"Never","time_zone":"UTC","ranges":[]}],"users":[{"id":"u2","first_name":"Ben","features":{"voicemail":true},"time_schedule_id":"never"}],`
	)
	for _, c := range []struct {
		name      string
		ben       int // his phone's final answer, or one of the ways above
		site      string
		want      int // with the action "none"
		q850      string
		result    store.Result
		diversion string // reason, with the action "forward"
	}{
		{"absent", unregistered, "", 480, "cause=20", store.ResultNoAnswer, "unavailable"},
		{"no answer", ringsOn, "", 480, "cause=19", store.ResultNoAnswer, "no-answer"},
		{"out of reach", outOfReach, "", 480, "cause=19", store.ResultNoAnswer, "no-answer"},
		{"480", 480, "", 480, "cause=20", store.ResultNoAnswer, "unavailable"},
		{"486", 486, "", 486, "cause=17", store.ResultBusy, "user-busy"},
		{"600", 600, "", 486, "cause=17", store.ResultBusy, "user-busy"},
		{"603", 603, "", 603, "cause=21", store.ResultRefused, "user-busy"},
		{"408", 408, "", 480, "cause=41", store.ResultNoAnswer, "unavailable"},
		{"500", 500, "", 480, "cause=41", store.ResultNoAnswer, "unavailable"},
		{"503", 503, "", 480, "cause=41", store.ResultNoAnswer, "unavailable"},
		{"302, which phones may not", 302, "", 480, "cause=41", store.ResultNoAnswer, "unavailable"},
		{"do not disturb", neverAsked, disturbed, 480, "cause=20", store.ResultNoAnswer, "do-not-disturb"},
		{"schedule closed", neverAsked, closed, 480, "cause=20", store.ResultNoAnswer, "time-of-day"},
	} {
		for _, action := range []string{"none", "voicemail", "forward"} {
			t.Run(c.name+", "+action, func(t *testing.T) {
				site := `{` + c.site + `"contact_methods":[{"id":"l2","user_id":"u2","kind":"sip_account","sip_account":{"username":"ben"},
					"inbound":{"internal_numbers":["102"],"when_unavailable":{"action":"` + action + `","forward_to":"103"}}}]}`
				inBubble(t, options{extra: site}, func(t *testing.T, x *exchange) {
					anna, cleo := x.phone("anna"), x.phone("cleo")
					out, waits := unavailableBen(t, x, anna, c.ben)
					began := time.Now()
					switch action {
					case "none":
						res := finalIn(t, out, time.Minute, c.want)
						if got := header(res, "Reason"); !strings.Contains(got, "Q.850;"+c.q850) {
							t.Errorf("Reason %q, want %s", got, c.q850)
						}
						if r := x.record(); r.Outcome.Result != c.result || r.Outcome.Code != c.want {
							t.Errorf("outcome %+v, want %s", r.Outcome, c.result)
						}
					case "voicemail":
						finalIn(t, out, time.Minute, 200)
						out.Bye()
						trace, err := x.store.Trace(context.Background(), "default", x.record().ID)
						if err != nil {
							t.Fatal(err)
						}
						if !taken(trace, "voicemail") {
							t.Errorf("the trace tells of no voicemail: %+v", trace.Decisions)
						}
					case "forward":
						told(t, out, 181)
						in := rings(t, cleo)
						if got := header(in.Invite, "Diversion"); !strings.Contains(got, "<sip:102@") || !strings.Contains(got, "reason="+c.diversion) || !strings.Contains(got, "counter=1") {
							t.Errorf("Diversion %q, want reason %s", got, c.diversion)
						}
						if got := header(in.Invite, "History-Info"); !strings.Contains(got, "<sip:102@") || !strings.Contains(got, ";index=1.1") {
							t.Errorf("History-Info %q", got)
						}
						if got := in.Invite.From().Address.User; got != "101" {
							t.Errorf("Cleo is shown %q, want the caller", got)
						}
						in.Respond(200, "OK", answer(40010))
						final(t, out, 200)
						out.Bye()
						ended(t, in)
					}
					if waited := time.Since(began); waits && (waited < 25*time.Second || waited > 26*time.Second) || !waits && waited > time.Second {
						t.Errorf("the action came after %v", waited)
					}
				})
			})
		}
	}
}

// unavailableBen calls Ben, whose phone does not take it.
func unavailableBen(t *testing.T, x *exchange, anna *siptest.Agent, how int) (out *siptest.Call, waits bool) {
	t.Helper()
	if how == unregistered {
		return x.dial(anna, "102"), false
	}
	ben := x.phone("ben")
	switch how {
	case neverAsked:
		t.Cleanup(func() { quiet(t, ben) })
		return x.dial(anna, "102"), false
	case outOfReach:
		ben.Close()
		return x.dial(anna, "102"), true
	}
	out = x.dial(anna, "102")
	in := rings(t, ben)
	if how == ringsOn {
		in.Deaf.Store(true) // and lets the CANCEL wait
		in.Respond(180, "Ringing", nil)
		told(t, out, 180)
		return out, true
	}
	in.Respond(how, "No", nil, gosip.NewHeader("Contact", "<sip:103@acme.test>"))
	return out, false
}

// told waits for a 1xx of the caller's and passes over others.
func told(t *testing.T, c *siptest.Call, status int) {
	t.Helper()
	for {
		select {
		case res := <-c.Responses:
			if res.StatusCode == status {
				return
			}
			if res.StatusCode >= 200 {
				t.Fatalf("answered %d before a %d", res.StatusCode, status)
			}
		case <-deadlineIn(60):
			t.Fatalf("no %d came", status)
		}
	}
}

func taken(trace *store.Trace, rule string) bool {
	for _, d := range trace.Decisions {
		if d.Rule == rule && d.Taken {
			return true
		}
	}
	return false
}

// An answer that comes when the caller has gone on to voicemail is hung up.
func TestAnswerAfterTheForward(t *testing.T) {
	inBubble(t, options{extra: `{"contact_methods":[{"id":"l2","user_id":"u2","kind":"sip_account","sip_account":{"username":"ben"},"inbound":{"internal_numbers":["102"],"when_unavailable":{"action":"forward","forward_to":"103"}}}]}`},
		func(t *testing.T, x *exchange) {
			anna, ben, cleo := x.phone("anna"), x.phone("ben"), x.phone("cleo")
			out := x.dial(anna, "102")
			late := rings(t, ben)
			late.Deaf.Store(true)
			late.Respond(180, "Ringing", nil)
			in := ringsIn(t, cleo, 30)
			late.Respond(200, "OK", answer(40010))
			waitFor(t, late.Acked, "the ACK of the late answer")
			ended(t, late)
			in.Respond(200, "OK", answer(40011))
			final(t, out, 200)
			out.Bye()
			ended(t, in)
		})
}

// ringsIn is rings for a call that takes its time.
func ringsIn(t *testing.T, a *siptest.Agent, seconds int) *siptest.Call {
	t.Helper()
	select {
	case c := <-a.Incoming:
		return c
	case <-deadlineIn(seconds):
		t.Fatal("no call arrived")
		return nil
	}
}

// A reject that stops the other devices counts, not what became of them.
func TestRejectOfAllCounts(t *testing.T) {
	inBubble(t, options{extra: `{"users":[{"id":"u2","first_name":"Ben","reject_scope":"all"}]}`}, func(t *testing.T, x *exchange) {
		anna, one, two := x.phone("anna"), x.phone("ben"), x.phone("ben")
		out := x.dial(anna, "102")
		first, second := rings(t, one), rings(t, two)
		second.Respond(180, "Ringing", nil)
		second.Deaf.Store(true)
		began := time.Now()
		first.Respond(480, "Not Now", nil)
		if res := final(t, out, 480); !strings.Contains(header(res, "Reason"), "cause=20") {
			t.Errorf("Reason %q, want the one for a phone that is not there", header(res, "Reason"))
		}
		if waited := time.Since(began); waited > time.Second {
			t.Errorf("the caller waited %v for a phone that had been cancelled", waited)
		}
	})
}
