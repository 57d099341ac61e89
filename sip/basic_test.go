package sip_test

import (
	"strings"
	"testing"

	gosip "github.com/emiago/sipgo/sip"

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
