package sip_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"strowger/media/sdp"
	"strowger/sip/siptest"
	"strowger/store"
)

var (
	knows100rel = gosip.NewHeader("Supported", "100rel")
	allowUpdate = gosip.NewHeader("Allow", "INVITE, ACK, CANCEL, BYE, UPDATE, PRACK")
	require     = gosip.NewHeader("Require", "100rel")
	rseq        = gosip.NewHeader("RSeq", "7")
)

// rack acknowledges a reliable answer.
func rack(res *gosip.Response) gosip.Header {
	return gosip.NewHeader("RAck", header(res, "RSeq")+" "+strings.Fields(header(res, "CSeq"))[0]+" INVITE")
}

// audioOf is the audio line of a body.
func audioOf(t *testing.T, body []byte) sdp.Media {
	t.Helper()
	d, err := sdp.Parse(body)
	if err != nil {
		t.Fatalf("%v in\n%s", err, body)
	}
	return d.Media[d.Audio()]
}

// early is a call from Anna whose early media, by a 183 of Ben's, both have.
func early(t *testing.T, x *exchange, anna, ben *siptest.Agent, ma, mb *mouth, reliable bool) (out, in *siptest.Call, res *gosip.Response) {
	t.Helper()
	out = anna.Dial(x.flow(anna), "acme.test", "102", ma.offer(), knows100rel, allowUpdate)
	in = rings(t, ben)
	if reliable {
		in.Respond(183, "Session Progress", mb.offer(), require, rseq)
	} else {
		in.Respond(183, "Session Progress", mb.offer())
	}
	res = provisional(t, out, 183)
	mb.take(in.Invite.Body())
	ma.take(res.Body())
	if reliable {
		if req := next(t, in); req.Method != gosip.PRACK {
			t.Fatalf("Ben's 183 was not acknowledged:\n%s", req.String())
		}
	}
	ma.hears(700)
	mb.hears(400)
	return out, in, res
}

// An offer in PRACK is answered in its 2xx: by the callee, where it can be
// asked by UPDATE.
func TestOfferInPrack(t *testing.T) {
	x, _ := newExchange(t, options{})
	anna, ben := x.phone("anna"), x.phone("ben")
	ma, mb, moved := newMouth(t, 400), newMouth(t, 700), newMouth(t, 500)
	out, in, res := early(t, x, anna, ben, ma, mb, true)
	in.Answers(func(req *gosip.Request) (int, []byte) { return 200, mb.offer() })
	prack := out.Request(gosip.PRACK, moved.offer(), rack(res))
	if prack.StatusCode != 200 || len(prack.Body()) == 0 {
		t.Fatalf("PRACK: %d\n%s", prack.StatusCode, prack.Body())
	}
	update := next(t, in)
	if update.Method != gosip.UPDATE || audioOf(t, update.Body()).Port == moved.e.Port() {
		t.Fatalf("Ben was asked:\n%s", update.String())
	}
	in.Answers(nil)
	moved.take(prack.Body())
	moved.hears(700)
	mb.hears(500)
	in.Respond(200, "OK", mb.offer())
	if res := final(t, out, 200); len(res.Body()) != 0 {
		t.Errorf("the 200 repeats an answer that is out of date:\n%s", res.Body())
	}
	moved.hears(700)
	// The session has settled: it can be put on hold as ever.
	waitFor(t, in.Acked, "the ACK")
	in.Answers(func(*gosip.Request) (int, []byte) { return 200, answer(mb.e.Port()) })
	if res := out.Request(gosip.INVITE, held([]byte(offer(moved.e.Port())))); res.StatusCode != 200 {
		t.Errorf("hold: %d", res.StatusCode)
	}
	in.Answers(nil)
	out.Bye()
	ended(t, in)
}

// What the callee can't be asked in its early dialog is answered from our own
// media, and the callee is told once it has answered.
func TestUpdateIsAnsweredHereWhereTheCalleeCanNotBeAsked(t *testing.T) {
	x, _ := newExchange(t, options{})
	anna, ben := x.phone("anna"), x.phone("ben")
	ma, mb, moved := newMouth(t, 400), newMouth(t, 700), newMouth(t, 500)
	out := anna.Dial(x.flow(anna), "acme.test", "102", ma.offer(), gosip.NewHeader("Require", "100rel"), allowUpdate)
	in := rings(t, ben)
	in.Respond(183, "Session Progress", mb.offer())
	res := provisional(t, out, 183)
	mb.take(in.Invite.Body())
	if got := out.Request(gosip.PRACK, nil, rack(res)); got.StatusCode != 200 {
		t.Fatalf("PRACK: %d", got.StatusCode)
	}
	update := out.Request(gosip.UPDATE, moved.offer())
	if update.StatusCode != 200 {
		t.Fatalf("UPDATE: %d", update.StatusCode)
	}
	moved.take(update.Body())
	moved.hears(700)
	mb.hears(500)
	// A codec that Ben does not speak is no answer of ours to give.
	g722 := strings.NewReplacer("RTP/AVP 0 8 101", "RTP/AVP 9", "a=rtpmap:0 PCMU/8000\r\n", "", "a=rtpmap:8 PCMA/8000\r\n", "", "a=rtpmap:101 telephone-event/8000", "a=rtpmap:9 G722/8000").Replace(offer(40002))
	if res := out.Request(gosip.UPDATE, []byte(g722)); res.StatusCode != 488 {
		t.Errorf("an UPDATE to G.722: %d, want 488", res.StatusCode)
	}
	in.Answers(func(req *gosip.Request) (int, []byte) { return 200, mb.offer() })
	in.Respond(200, "OK", mb.offer())
	final(t, out, 200)
	if req := next(t, in); req.Method != gosip.INVITE || len(req.Body()) == 0 {
		t.Errorf("Ben was not told what changed:\n%s", req.String())
	}
	moved.hears(700)
	in.Answers(nil)
	out.Bye()
	ended(t, in)
}

// The callee's UPDATE goes to the caller where that can be asked.
func TestUpdateOfTheCallee(t *testing.T) {
	x, _ := newExchange(t, options{})
	anna, ben := x.phone("anna"), x.phone("ben")
	ma, mb, moved := newMouth(t, 400), newMouth(t, 700), newMouth(t, 500)
	out, in, res := early(t, x, anna, ben, ma, mb, true)
	// Anna has not acknowledged the 183 yet: nothing can be asked of her.
	if res := in.Request(gosip.UPDATE, moved.offer()); res.StatusCode != 491 {
		t.Errorf("an UPDATE before Anna's PRACK: %d, want 491", res.StatusCode)
	}
	out.Request(gosip.PRACK, nil, rack(res))
	out.Answers(func(*gosip.Request) (int, []byte) { return 200, ma.offer() })
	update := in.Request(gosip.UPDATE, moved.offer())
	if update.StatusCode != 200 {
		t.Fatalf("UPDATE: %d", update.StatusCode)
	}
	if req := next(t, out); req.Method != gosip.UPDATE || len(req.Body()) == 0 {
		t.Errorf("Anna was asked\n%s", req.String())
	}
	moved.take(update.Body())
	moved.hears(400)
	ma.hears(500)
	in.Respond(200, "OK", nil)
	final(t, out, 200)
	ma.hears(500)
	out.Bye()
	ended(t, in)
}

// A caller that knows no reliable answers is not asked; the 200 tells it.
func TestUpdateOfTheCalleeForAPlainCaller(t *testing.T) {
	x, _ := newExchange(t, options{})
	anna, ben := x.phone("anna"), x.phone("ben")
	ma, mb, moved := newMouth(t, 400), newMouth(t, 700), newMouth(t, 500)
	out := anna.Dial(x.flow(anna), "acme.test", "102", ma.offer())
	in := rings(t, ben)
	in.Respond(183, "Session Progress", mb.offer(), require, rseq)
	ma.take(provisional(t, out, 183).Body())
	update := in.Request(gosip.UPDATE, moved.offer())
	if update.StatusCode != 200 {
		t.Fatalf("UPDATE: %d", update.StatusCode)
	}
	moved.take(update.Body())
	moved.hears(400)
	ma.hears(500)
	in.Respond(200, "OK", nil)
	if res := final(t, out, 200); len(res.Body()) == 0 {
		t.Error("the 200 carries no answer")
	}
	moved.hears(400)
	ma.hears(500)
	out.Bye()
	ended(t, in)
}

func TestEarlyGlare(t *testing.T) {
	x, _ := newExchange(t, options{})
	anna, ben := x.phone("anna"), x.phone("ben")
	ma, mb := newMouth(t, 400), newMouth(t, 700)
	out := anna.Dial(x.flow(anna), "acme.test", "102", ma.offer(), knows100rel, allowUpdate)
	in := rings(t, ben)
	in.Respond(180, "Ringing", nil)
	provisional(t, out, 180)
	// The INVITE's offer has not been answered.
	res := out.Request(gosip.UPDATE, ma.offer())
	if res.StatusCode != 500 || header(res, "Retry-After") == "" {
		t.Errorf("an UPDATE before the answer: %d, Retry-After %q; want 500 with one", res.StatusCode, header(res, "Retry-After"))
	}
	if res := in.Request(gosip.UPDATE, mb.offer()); res.StatusCode != 491 {
		t.Errorf("Ben's UPDATE before his answer: %d, want 491", res.StatusCode)
	}
	in.Respond(183, "Session Progress", mb.offer(), require, rseq)
	out.Request(gosip.PRACK, nil, rack(provisional(t, out, 183)))
	// Ben offers while Anna's offer is on its way to him.
	got := make(chan int, 1)
	in.Answers(func(req *gosip.Request) (int, []byte) {
		if req.Method == gosip.UPDATE {
			go func() { got <- in.Request(gosip.UPDATE, mb.offer()).StatusCode }()
			return 491, nil
		}
		return 0, nil
	})
	if res := out.Request(gosip.UPDATE, ma.offer()); res.StatusCode != 491 {
		t.Errorf("Anna's UPDATE: %d, want 491", res.StatusCode)
	}
	<-got // 491, or served where ours had been refused before
	in.Answers(nil)
	in.Respond(200, "OK", mb.offer())
	final(t, out, 200)
	out.Bye()
	ended(t, in)
}

// The caller's offer is with a phone that loses the call to another: it gets an
// answer, and its final answer does not wait for that phone.
func TestUpdateToABranchThatLoses(t *testing.T) {
	x, _ := newExchange(t, options{})
	anna, one, two := x.phone("anna"), x.phone("ben"), x.phone("ben")
	out := x.dial(anna, "102", knows100rel, allowUpdate)
	in, other := rings(t, one), rings(t, two)
	in.Respond(183, "Session Progress", answer(40010), require, rseq)
	out.Request(gosip.PRACK, nil, rack(provisional(t, out, 183)))
	in.Answers(func(req *gosip.Request) (int, []byte) {
		if req.Method == gosip.UPDATE {
			go other.Respond(200, "OK", answer(40012))
			return 100, nil
		}
		return 0, nil
	})
	if res := out.Request(gosip.UPDATE, []byte(offer(40004))); res.StatusCode != 500 || header(res, "Retry-After") == "" {
		t.Errorf("UPDATE: %d, want 500 with Retry-After", res.StatusCode)
	}
	final(t, out, 200)
	ended(t, in)
	out.Bye()
	ended(t, other)
}

// A reliable answer to an INVITE without an offer would have to carry one: the
// 200 does.
func TestReliableAnswersNeedAnOffer(t *testing.T) {
	x, _ := newExchange(t, options{})
	anna, ben := x.phone("anna"), x.phone("ben")
	out := anna.Dial(x.flow(anna), "acme.test", "102", nil, gosip.NewHeader("Require", "100rel"))
	out.AckWith(func(*gosip.Response) []byte { return answer(40001) })
	in := rings(t, ben)
	in.Respond(180, "Ringing", nil)
	in.Respond(200, "OK", []byte(offer(40010)))
	if res := provisional(t, out, 200); len(res.Body()) == 0 {
		t.Error("no offer in the 200")
	}
	waitFor(t, in.Acked, "the ACK")
	out.Bye()
	ended(t, in)
}

// An answer that still waits for the caller's PRACK when the call ends was no
// answer.
func TestEndWhileTheAnswerWaits(t *testing.T) {
	for _, c := range []struct {
		name   string
		end    func(out, in *siptest.Call)
		want   int
		result store.Result
		by     string
	}{
		{"the callee hangs up", func(_, in *siptest.Call) { in.Begin(gosip.BYE, nil) }, 480, store.ResultNoAnswer, "callee"},
		{"the caller gives up", func(out, _ *siptest.Call) { out.Cancel() }, 487, store.ResultCancelled, "caller"},
		{"no PRACK ever comes", func(_, _ *siptest.Call) {}, 504, store.ResultFailed, "exchange"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, options{}, func(t *testing.T, x *exchange) {
				anna, ben := x.phone("anna"), x.phone("ben")
				out := anna.Dial(x.flow(anna), "acme.test", "102", inactive(offer(40000)), knows100rel)
				in := rings(t, ben)
				in.Respond(183, "Session Progress", inactive(string(answer(40010))), require, rseq)
				provisional(t, out, 183)
				in.Respond(200, "OK", inactive(string(answer(40010))))
				waitFor(t, in.Acked, "the ACK of Ben's answer")
				c.end(out, in)
				finalIn(t, out, time.Minute, c.want)
				if c.by != "callee" {
					ended(t, in)
				}
				if r := x.record(); r.Outcome.Result != c.result || r.Outcome.HungUpBy != c.by || !r.AnsweredAt.IsZero() {
					t.Errorf("outcome %+v, answered at %v", r.Outcome, r.AnsweredAt)
				}
			})
		})
	}
}

// A carrier may fork by itself: the early dialog that is heard need not be the
// one that answers, and its answer is another dialog for the caller too.
func TestForkBehindTheCarrier(t *testing.T) {
	x, carrier := newExchange(t, options{})
	anna := x.phone("anna")
	ma, mb, other := newMouth(t, 400), newMouth(t, 700), newMouth(t, 500)
	out := anna.Dial(x.flow(anna), "acme.test", "3125550123", ma.offer(), knows100rel)
	in := rings(t, carrier)
	in.Respond(183, "Session Progress", mb.offer(), require, rseq)
	early := provisional(t, out, 183)
	out.Request(gosip.PRACK, nil, rack(early))
	mb.take(in.Invite.Body())
	ma.take(early.Body())
	ma.hears(700)
	in.Fork()
	// Early media of the second is not for the caller's ear yet.
	in.Respond(183, "Session Progress", other.offer())
	other.take(in.Invite.Body())
	ma.hears(700)
	in.Respond(200, "OK", other.offer())
	res := final(t, out, 200)
	ma.take(res.Body())
	ma.hears(500)
	other.hears(400)
	waitFor(t, in.Acked, "the ACK")
	if got := in.Ack().To().Params.GetOr("tag", ""); got == "" {
		t.Error("the ACK has no tag")
	}
	out.Bye()
	ended(t, in)
}

// No other carrier is asked once one has rung, with a To-tag or without.
func TestNoFailoverAfterRinging(t *testing.T) {
	x, carrier := newExchange(t, options{})
	second, err := siptest.NewAgent(siptest.AgentOptions{Listen: "udp://127.0.0.4:0", User: "second"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(second.Close)
	x.apply(fmt.Sprintf(`{"trunks":[{"id":"second","name":"Second","host":"127.0.0.4","port":%d,"transport":"udp","auth":{"mode":"address"},"priority":9}]}`, second.Addr().Port()))
	anna := x.phone("anna")
	out := x.dial(anna, "3125550123")
	in := rings(t, carrier)
	in.Untagged(180, "Ringing")
	provisional(t, out, 180)
	in.Respond(503, "Service Unavailable", nil)
	res, err := out.Final(within)
	if err != nil || res.StatusCode < 400 {
		t.Errorf("answered %v %v", res, err)
	}
	quiet(t, second)
}
