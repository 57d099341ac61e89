package sip_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	gosip "github.com/emiago/sipgo/sip"

	"strowger/sip/call"
	"strowger/sip/siptest"
	"strowger/store"
)

// clickToCall rings Anna's line for a call to a number.
func (x *exchange) clickToCall(to string) string {
	x.t.Helper()
	id, err := x.server.Dial(context.Background(), "default", "l1", to)
	if err != nil {
		x.t.Fatal(err)
	}
	return id
}

// picksUp is Anna answering her phone, which rings for a call of hers.
func picksUp(t *testing.T, anna *siptest.Agent) *siptest.Call {
	t.Helper()
	own := rings(t, anna)
	own.Respond(200, "OK", answer(40000))
	waitFor(t, own.Acked, "the ACK of Anna's answer")
	return own
}

func TestClickToCall(t *testing.T) {
	x, _ := newExchange(t, options{})
	anna, ben := x.phone("anna"), x.phone("ben")
	ma, mb := newMouth(t, 400), newMouth(t, 700)
	id := x.clickToCall("102")
	own := rings(t, anna)
	if got := own.Invite.From().Address.User; got != "102" {
		t.Errorf("Anna's phone shows %q, want whom she is about to call", got)
	}
	own.Respond(180, "Ringing", nil)
	quiet(t, ben)
	own.Answers(func(req *gosip.Request) (int, []byte) { return 200, ma.offer() })
	own.Respond(200, "OK", ma.offer())
	waitFor(t, own.Acked, "the ACK of Anna's answer")
	ma.take(own.Invite.Body())
	in := rings(t, ben)
	if got := in.Invite.From().Address.User; got != "101" {
		t.Errorf("Ben is shown %q, want Anna's extension", got)
	}
	in.Respond(180, "Ringing", nil)
	ma.hearsAt(440, -25) // ringback
	in.Respond(200, "OK", mb.offer())
	waitFor(t, in.Acked, "the ACK of Ben's answer")
	mb.take(in.Invite.Body())
	ma.hears(700)
	mb.hears(400)
	own.Answers(nil)
	if res := own.Bye(); res.StatusCode != 200 {
		t.Errorf("BYE: %d", res.StatusCode)
	}
	ended(t, in)
	r := x.record()
	if r.ID != id || r.From != "101" || r.To != "102" || r.Direction != store.DirInternal || r.Outcome.Result != store.ResultAnswered || r.Outcome.HungUpBy != "caller" {
		t.Errorf("record: %+v", r)
	}
	if len(r.Legs) != 2 || r.Legs[0].Side != "a" || r.Legs[1].Side != "b" || r.Legs[0].AnsweredAt.After(r.AnsweredAt) || r.AnsweredAt.IsZero() {
		t.Errorf("legs: %+v", r.Legs)
	}
	trace, err := x.store.Trace(context.Background(), "default", id)
	if err != nil {
		t.Fatal(err)
	}
	if len(trace.Decisions) == 0 || trace.Sentence == "" || len(trace.Ladder) < 10 {
		t.Errorf("trace: %d decisions, %d messages, %q", len(trace.Decisions), len(trace.Ladder), trace.Sentence)
	}
	var clicked bool
	for _, d := range trace.Decisions {
		clicked = clicked || d.Rule == "click_to_call"
	}
	if !clicked {
		t.Errorf("the trace does not say that it was a click-to-call: %+v", trace.Decisions)
	}
}

// The callee's early media is heard instead of our ringback, and the dialog
// with the caller's phone stands.
func TestClickToCallWithEarlyMedia(t *testing.T) {
	x, carrier := newExchange(t, options{})
	anna := x.phone("anna")
	ma, mb := newMouth(t, 400), newMouth(t, 700)
	x.clickToCall("3125550123")
	own := rings(t, anna)
	own.Answers(func(req *gosip.Request) (int, []byte) { return 200, ma.offer() })
	own.Respond(200, "OK", ma.offer())
	ma.take(own.Invite.Body())
	in := rings(t, carrier)
	in.Respond(183, "Session Progress", mb.offer())
	mb.take(in.Invite.Body())
	ma.hears(700)
	in.Respond(200, "OK", mb.offer())
	waitFor(t, in.Acked, "the ACK")
	mb.hears(400)
	own.Answers(nil)
	in.Begin(gosip.BYE, nil)
	ended(t, own)
	if r := x.record(); r.Direction != store.DirOutbound || r.Outcome.HungUpBy != "callee" || r.Legs[1].TrunkID != "carrier" {
		t.Errorf("record: %+v", r)
	}
}

func TestClickToCallThatFails(t *testing.T) {
	for _, c := range []struct {
		name   string
		own    int // Anna's answer, 200 for picking up
		ben    int // Ben's; 0: not registered
		result store.Result
		code   int
		by     string
	}{
		{"she declines", 603, 200, store.ResultRefused, 603, "caller"},
		{"she is busy", 486, 200, store.ResultBusy, 486, "caller"},
		{"her phone is unavailable", 480, 200, store.ResultNoAnswer, 480, "exchange"},
		{"the callee is busy", 200, 486, store.ResultBusy, 486, "exchange"},
		{"the callee declines", 200, 603, store.ResultRefused, 603, "exchange"},
		{"the callee is absent", 200, 0, store.ResultNoAnswer, 480, "exchange"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, _ := newExchange(t, options{})
			anna := x.phone("anna")
			var ben *siptest.Agent
			if c.ben > 0 {
				ben = x.phone("ben")
			}
			x.clickToCall("102")
			if c.own != 200 {
				rings(t, anna).Respond(c.own, "No", nil)
			} else {
				own := picksUp(t, anna)
				if ben != nil {
					rings(t, ben).Respond(c.ben, "No", nil)
				}
				ended(t, own)
			}
			if r := x.record(); r.Outcome.Result != c.result || r.Outcome.Code != c.code || r.Outcome.HungUpBy != c.by || !r.AnsweredAt.IsZero() {
				t.Errorf("outcome: %+v", r.Outcome)
			}
			if ben != nil {
				quiet(t, ben)
			}
		})
	}
}

// Whoever ends it before the callee answers, nothing rings on.
func TestClickToCallIsGivenUp(t *testing.T) {
	t.Run("while her phones ring", func(t *testing.T) {
		x, _ := newExchange(t, options{})
		one, two := x.phone("anna"), x.phone("anna")
		id := x.clickToCall("102")
		a, b := rings(t, one), rings(t, two)
		a.Respond(180, "Ringing", nil)
		b.Respond(180, "Ringing", nil)
		x.eventually("both to ring", func() bool {
			calls := x.server.ActiveCalls("default")
			return len(calls) == 1 && calls[0].Legs[0].State == "ringing" && calls[0].Legs[1].State == "ringing"
		})
		if err := x.server.HangUp("default", id); err != nil {
			t.Fatal(err)
		}
		ended(t, a)
		ended(t, b)
		if r := x.record(); r.Outcome.Result != store.ResultCancelled || r.Outcome.HungUpBy != "exchange" {
			t.Errorf("outcome: %+v", r.Outcome)
		}
	})
	t.Run("by her, while the callee's rings", func(t *testing.T) {
		x, _ := newExchange(t, options{})
		anna, ben := x.phone("anna"), x.phone("ben")
		x.clickToCall("102")
		own := picksUp(t, anna)
		in := rings(t, ben)
		in.Respond(180, "Ringing", nil)
		own.Bye()
		ended(t, in)
		if r := x.record(); r.Outcome.Result != store.ResultCancelled || r.Outcome.HungUpBy != "caller" {
			t.Errorf("outcome: %+v", r.Outcome)
		}
	})
	t.Run("one of her phones is picked up", func(t *testing.T) {
		x, _ := newExchange(t, options{})
		one, two, ben := x.phone("anna"), x.phone("anna"), x.phone("ben")
		x.clickToCall("102")
		a, b := rings(t, one), rings(t, two)
		b.Respond(180, "Ringing", nil)
		reasons := make(chan string, 1)
		b.OnCancel(func(req *gosip.Request) { reasons <- header(req, "Reason") })
		a.Respond(200, "OK", answer(40000))
		ended(t, b)
		if got := <-reasons; !strings.Contains(got, "Call completed elsewhere") {
			t.Errorf("Reason of the CANCEL: %q", got)
		}
		rings(t, ben).Respond(486, "Busy Here", nil)
		ended(t, a)
	})
}

func TestClickToCallOfNobody(t *testing.T) {
	x, _ := newExchange(t, options{})
	if _, err := x.server.Dial(context.Background(), "default", "l1", "102"); !errors.Is(err, call.ErrAbsent) {
		t.Errorf("without a phone: %v", err)
	}
	if _, err := x.server.Dial(context.Background(), "default", "l99", "102"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a line that does not exist: %v", err)
	}
	x.phone("anna")
	if _, err := x.server.Dial(context.Background(), "other", "l1", "102"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another organization: %v", err)
	}
}

// The caller's phone may be offering something itself when it is told who
// answered: it is told again.
func TestClickToCallMeetsGlare(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		anna, ben := x.phone("anna"), x.phone("ben")
		x.clickToCall("102")
		own := rings(t, anna)
		tries := 0
		own.Answers(func(req *gosip.Request) (int, []byte) {
			if tries++; tries == 1 {
				return 491, nil
			}
			return 200, answer(40000)
		})
		own.Respond(200, "OK", answer(40000))
		in := rings(t, ben)
		in.Respond(200, "OK", answer(40010))
		for i, want := range []gosip.RequestMethod{gosip.INVITE, gosip.INVITE} {
			if req := next(t, own); req.Method != want {
				t.Errorf("request %d to Anna's phone: %s, want %s", i+1, req.Method, want)
			}
		}
		own.Answers(nil)
		own.Bye()
		ended(t, in)
	})
}
