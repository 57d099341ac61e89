package sip_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	gosip "github.com/emiago/sipgo/sip"

	"strowger/sip/siptest"
	"strowger/store"
)

func TestInternalCall(t *testing.T) {
	x, _ := newExchange(t, options{})
	anna, ben := x.phone("anna"), x.phone("ben")

	out := x.dial(anna, "102")
	in := rings(t, ben)
	if got := in.Invite.From().Address.User; got != "101" {
		t.Errorf("Ben is shown %q, want Anna's extension", got)
	}
	if in.Invite.From().DisplayName == "" {
		t.Error("Ben is not shown Anna's name")
	}
	if strings.Contains(string(in.Invite.Body()), "40000") {
		t.Error("Anna's media port reached Ben: media is not anchored")
	}
	in.Respond(180, "Ringing", nil)
	provisional(t, out, 180)
	in.Respond(200, "OK", answer(40010))
	res := final(t, out, 200)
	if strings.Contains(string(res.Body()), "40010") {
		t.Error("Ben's media port reached Anna: media is not anchored")
	}
	waitFor(t, in.Acked, "Ben's ACK")
	if calls := x.server.ActiveCalls("default"); len(calls) != 1 || calls[0].From != "101" {
		t.Errorf("live calls: %+v", calls)
	}
	if res := out.Bye(); res.StatusCode != 200 {
		t.Errorf("BYE: %d", res.StatusCode)
	}
	ended(t, in)
	r := x.record()
	if r.Outcome.Result != store.ResultAnswered || r.Outcome.HungUpBy != "caller" || r.Direction != store.DirInternal || r.To != "102" {
		t.Errorf("record: %+v", r)
	}
}

func TestCalleeHangsUp(t *testing.T) {
	x, _ := newExchange(t, options{})
	anna, ben := x.phone("anna"), x.phone("ben")
	out := x.dial(anna, "102")
	in := rings(t, ben)
	in.Respond(200, "OK", answer(40010))
	final(t, out, 200)
	waitFor(t, in.Acked, "the ACK")
	in.Request(gosip.BYE, nil, gosip.NewHeader("Reason", `Q.850;cause=16;text="bye"`))
	ended(t, out)
	bye := <-out.Requests
	if got := header(bye, "Reason"); !strings.Contains(got, "cause=16") {
		t.Errorf("the Reason of the BYE got lost: %q", got)
	}
	if r := x.record(); r.Outcome.HungUpBy != "callee" {
		t.Errorf("hung up by %q", r.Outcome.HungUpBy)
	}
}

func TestCallerGivesUp(t *testing.T) {
	x, _ := newExchange(t, options{})
	anna, ben := x.phone("anna"), x.phone("ben")
	out := x.dial(anna, "102")
	in := rings(t, ben)
	in.Respond(180, "Ringing", nil)
	provisional(t, out, 180)
	out.Cancel()
	final(t, out, 487)
	ended(t, in)
	if r := x.record(); r.Outcome.Result != store.ResultCancelled || r.Outcome.HungUpBy != "caller" {
		t.Errorf("record: %+v", r.Outcome)
	}
}

// The ladder of a call has what was said after its end too: a BYE without an
// answer, or a refusal without its ACK, would look like a phone that is gone.
func TestLadderHasLastWords(t *testing.T) {
	x, _ := newExchange(t, options{})
	anna, ben := x.phone("anna"), x.phone("ben")
	for _, c := range []struct {
		name string
		call func(out, in *siptest.Call)
		want string // how it ends, as Ben's phone sees it
	}{
		{"hung up", func(out, in *siptest.Call) {
			in.Respond(200, "OK", answer(40010))
			final(t, out, 200)
			waitFor(t, in.Acked, "the ACK")
			out.Bye()
			ended(t, in)
		}, "ACK < BYE < 200 OK >"},
		{"given up", func(out, in *siptest.Call) {
			in.Respond(180, "Ringing", nil)
			provisional(t, out, 180)
			out.Cancel()
			final(t, out, 487)
			ended(t, in)
		}, "CANCEL < 200 OK > 487 Request Terminated > ACK <"},
		{"refused", func(out, in *siptest.Call) {
			in.Respond(603, "Decline", nil)
			final(t, out, 603)
		}, "603 Decline > ACK <"},
	} {
		out := x.dial(anna, "102")
		in := rings(t, ben)
		c.call(out, in)
		x.idle()
		// What Ben's phone said before is read before this is.
		final(t, x.dial(ben, "199"), 404)
		calls, err := x.store.Calls(context.Background(), "default", "", 10)
		i := slices.IndexFunc(calls, func(r *store.Call) bool { return r.To == "102" })
		if err != nil || i < 0 {
			t.Fatalf("%d calls, %v", len(calls), err)
		}
		trace, err := x.store.Trace(context.Background(), "default", calls[i].ID)
		if err != nil {
			t.Fatal(err)
		}
		var ends []string
		for _, step := range trace.Ladder {
			method, _, _ := strings.Cut(step.Summary, " ")
			if step.To == store.Here && step.From == ben.Addr().String() {
				ends = append(ends, step.Summary, ">")
			} else if step.To == ben.Addr().String() {
				ends = append(ends, method, "<")
			}
		}
		if got := strings.Join(ends, " "); !strings.HasSuffix(got, c.want) {
			t.Errorf("%s: Ben's side of the ladder ends\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

func TestUnknownNumbers(t *testing.T) {
	x, carrier := newExchange(t, options{})
	anna := x.phone("anna")
	final(t, x.dial(anna, "199"), 404)
	// A DID of ours that nobody owns, from inside and outside.
	final(t, x.dial(anna, "+12025550109"), 404)
	final(t, carrier.Dial(x.flow(carrier), x.addr.String(), "+12025550109", []byte(offer(40100))), 404)
	// From outside, what is not ours is never carried on.
	final(t, carrier.Dial(x.flow(carrier), x.addr.String(), "+442071234567", []byte(offer(40100))), 404)
	final(t, carrier.Dial(x.flow(carrier), x.addr.String(), "102", []byte(offer(40100))), 404)
	quiet(t, carrier)
}
