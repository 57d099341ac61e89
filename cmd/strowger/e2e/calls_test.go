package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// callRecord is what the API says of a call.
type callRecord struct {
	ID        string `json:"id"`
	Direction string `json:"direction"`
	From      string `json:"from"`
	To        string `json:"to"`
	Legs      []struct {
		Side    string `json:"side"`
		TrunkID string `json:"trunk_id"`
		Peer    string `json:"peer"`
		Codec   string `json:"codec"`
		Quality *struct {
			MOS     float64 `json:"mos"`
			Loss    float64 `json:"loss"`
			Packets uint64  `json:"packets"`
		} `json:"quality"`
	} `json:"legs"`
	StartedAt  time.Time `json:"started_at"`
	AnsweredAt time.Time `json:"answered_at"`
	EndedAt    time.Time `json:"ended_at"`
	Outcome    struct {
		Result   string `json:"result"`
		Code     int    `json:"code"`
		Reason   string `json:"reason"`
		HungUpBy string `json:"hung_up_by"`
	} `json:"outcome"`
	RecordingIDs []string `json:"recording_ids"`
}

// lastCall waits for the record of the newest call that a line or a trunk
// placed.
func (x *exchange) lastCall(t testing.TB, from account) callRecord {
	t.Helper()
	var found callRecord
	eventually(t, 10*time.Second, "the call's record", func() error {
		for _, c := range list[callRecord](x, "/calls?state=ended&limit=1000") {
			if c.From == from.Ext || c.From == from.Username {
				found = c
				return nil
			}
		}
		return fmt.Errorf("no ended call from %s", from.Ext)
	})
	return found
}

// register binds a SIP port of our own for the account.
func (x *exchange) register(t testing.TB, a account, port int) {
	t.Helper()
	sipp(t, "register", part{account: a, Remote: x.sip(), Port: port, Expires: 3600, Want: 200}).wait()
}

// listen registers an account and lets a scenario wait for its calls.
func (x *exchange) listen(t testing.TB, scenario string, a account, p part) *sippRun {
	t.Helper()
	p.account, p.Port = a, freePort(t, "127.0.0.1")
	x.register(t, a, p.Port)
	return sipp(t, scenario, p)
}

// TestCalls plays the flows of RFC 3665 and what phones do beyond them. Each
// case has two phones of its own.
func TestCalls(t *testing.T) {
	t.Parallel()
	type c struct {
		name     string
		uac, uas string // no uas: nobody is registered
		to       string // dialled; the callee's extension when empty
		caller   part   // beside the account
		callee   part
		line     func(record)
		result   string
		hungUpBy string
		check    func(t *testing.T, caller, callee *sippRun)
	}
	cases := []c{
		{name: "answered, the caller hangs up", uac: "uac-answered", uas: "uas-answers", caller: part{Talk: 200}, callee: part{Ring: 100}, result: "answered", hungUpBy: "caller",
			check: func(t *testing.T, caller, callee *sippRun) {
				invite := callee.one("INVITE")
				if len(caller.received("180")) == 0 {
					t.Errorf("the caller never heard of the ringing:\n%s", caller.ladder())
				}
				invite.wantHeader(t, "Max-Forwards", `^6[0-9]$`)
				invite.wantHeader(t, "Record-Route", "")
				invite.wantHeader(t, "Proxy-Authorization", "")
				invite.wantHeader(t, "User-Agent", `^(?i:strowger.*)?$`)
				if a, b := caller.sent("INVITE")[0].header("Call-ID"), invite.header("Call-ID"); a == b {
					t.Errorf("both legs have the Call-ID %s", a)
				}
				if len(caller.one("200").headers("Record-Route")) > 0 {
					t.Error("a B2BUA records no route")
				}
			}},
		{name: "answered, the callee hangs up", uac: "uac-left", uas: "uas-leaves", callee: part{Ring: 100, Talk: 200}, result: "answered", hungUpBy: "callee"},
		{name: "answered at once", uac: "uac-answered", uas: "uas-answers", result: "answered", hungUpBy: "caller"},
		{name: "busy", uac: "uac-refused", uas: "uas-refuses", caller: part{Want: 486}, callee: part{Code: 486, Reason: "Busy Here"}, result: "busy",
			check: func(t *testing.T, caller, callee *sippRun) {
				caller.one("486").wantHeader(t, "Reason", `Q\.850;\s*cause=17`)
			}},
		{name: "declined while it rings", uac: "uac-refused", uas: "uas-refuses", caller: part{Want: 603}, callee: part{Code: 603, Reason: "Decline", Ring: 200}, result: "refused",
			check: func(t *testing.T, caller, callee *sippRun) {
				caller.one("603").wantHeader(t, "Reason", `Q\.850;\s*cause=21`)
			}},
		{name: "no answer", uac: "uac-refused", uas: "uas-cancelled", caller: part{Want: 480}, result: "no_answer",
			line: func(line record) { line.with("inbound.ring_timeout_s", 1) },
			check: func(t *testing.T, caller, callee *sippRun) {
				caller.one("480").wantHeader(t, "Reason", `Q\.850;\s*cause=19`)
			}},
		{name: "absent", uac: "uac-refused", caller: part{Want: 480},
			check: func(t *testing.T, caller, callee *sippRun) {
				caller.one("480").wantHeader(t, "Reason", `Q\.850;\s*cause=20`)
			}},
		{name: "taken back by the caller", uac: "uac-cancel", uas: "uas-cancelled", result: "cancelled", hungUpBy: "caller"},
		{name: "unknown extension", uac: "uac-refused", to: "8999", caller: part{Want: 404}},
		{name: "unknown user name", uac: "uac-refused", to: "nobody", caller: part{Want: 404}},
		{name: "by user name", uac: "uac-answered", uas: "uas-answers", to: "USERNAME", result: "answered"},
		{name: "hold and back", uac: "uac-hold", uas: "uas-held", caller: part{Talk: 200}, result: "answered"},
		{name: "UPDATE", uac: "uac-update", uas: "uas-updated", caller: part{Talk: 200}, result: "answered"},
		{name: "PRACK for the caller", uac: "uac-prack", uas: "uas-answers", caller: part{Supported: "100rel", Headers: "Require: 100rel\n"}, callee: part{Ring: 300}, result: "answered"},
		{name: "PRACK for the callee", uac: "uac-answered", uas: "uas-prack", caller: part{Talk: 100}, result: "answered"},
		{name: "late offer", uac: "uac-late-offer", uas: "uas-answers", caller: part{Talk: 200}, result: "answered"},
		{name: "over TCP", uac: "uac-answered", uas: "uas-answers", caller: part{Transport: "tcp", Talk: 100}, result: "answered"},
		{name: "an unknown extension is required", uac: "uac-turned-away", caller: part{Want: 420, Hops: 70, Headers: "Require: teleportation\n"},
			check: func(t *testing.T, caller, callee *sippRun) {
				caller.one("420").wantHeader(t, "Unsupported", `teleportation`)
			}},
		{name: "no hops left", uac: "uac-turned-away", caller: part{Want: 483}},
	}
	s := newSite()
	phones := map[string][2]account{}
	for i, c := range cases {
		a, _ := s.phone(fmt.Sprint(1000 + 2*i))
		b, line := s.phone(fmt.Sprint(1001 + 2*i))
		phones[c.name] = [2]account{a, b}
		if c.line != nil {
			c.line(line)
		}
	}
	x := newExchange(t, s)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := x.as(t)
			a, b := phones[c.name][0], phones[c.name][1]
			var callee *sippRun
			if c.uas != "" {
				callee = x.listen(t, c.uas, b, c.callee)
			}
			p := c.caller
			p.account, p.Remote, p.Challenged = a, x.sip(), true
			switch p.To = c.to; c.to {
			case "":
				p.To = b.Ext
			case "USERNAME":
				p.To = b.Username
			}
			caller := sipp(t, c.uac, p).wait()
			if callee != nil {
				callee.wait()
				callee.one("INVITE").wantHeader(t, "From", `sip:`+a.Ext+`@`)
			}
			if c.check != nil {
				c.check(t, caller, callee)
			}
			if c.result == "" {
				return
			}
			r := x.lastCall(t, a)
			if r.Direction != "internal" || r.Outcome.Result != c.result || c.hungUpBy != "" && r.Outcome.HungUpBy != c.hungUpBy {
				t.Errorf("the record says %+v", r)
			}
			if answered := c.result == "answered"; answered == r.AnsweredAt.IsZero() {
				t.Errorf("answered_at %v of a call that ended as %s", r.AnsweredAt, c.result)
			}
			var trace struct {
				Sentence  string `json:"sentence"`
				Decisions []any  `json:"decisions"`
				Ladder    []any  `json:"ladder"`
			}
			x.api(http.MethodGet, "/calls/"+r.ID+"/trace", nil, &trace)
			if trace.Sentence == "" || len(trace.Decisions) == 0 || len(trace.Ladder) == 0 {
				t.Errorf("trace %+v", trace)
			}
		})
	}
	t.Cleanup(x.idle)
}

// TestFork rings every phone of a line at once.
func TestFork(t *testing.T) {
	t.Parallel()
	s := newSite()
	a, _ := s.phone("101")
	b, _ := s.phone("102")
	c, _ := s.phone("103")
	x := newExchange(t, s)
	t.Run("one answers", func(t *testing.T) {
		t.Parallel()
		x := x.as(t)
		takes := x.listen(t, "uas-answers", b, part{Ring: 300})
		loses := x.listen(t, "uas-cancelled", b, part{})
		sipp(t, "uac-answered", x.phonePart(a, "102")).wait()
		takes.wait()
		loses.wait()
		loses.one("CANCEL").wantHeader(t, "Reason", `SIP;\s*cause=200;\s*text="Call completed elsewhere"`)
		if one, other := takes.one("INVITE"), loses.one("INVITE"); one.branch() == other.branch() {
			t.Error("two branches share a branch parameter")
		}
	})
	t.Run("all are busy", func(t *testing.T) {
		t.Parallel()
		x := x.as(t)
		one := x.listen(t, "uas-refuses", c, part{Code: 486, Reason: "Busy Here"})
		other := x.listen(t, "uas-refuses", c, part{Code: 486, Reason: "Busy Here", Ring: 200})
		p := x.phonePart(a, "103")
		p.Want = 486
		sipp(t, "uac-refused", p).wait()
		one.wait()
		other.wait()
	})
	t.Cleanup(x.idle)
}

// TestStrangers shows that nobody calls without proving who they are, and that
// a guess learns nothing.
func TestStrangers(t *testing.T) {
	t.Parallel()
	s := newSite()
	a, _ := s.phone("101")
	s.phone("102")
	x := newExchange(t, s)
	var seen []string
	for _, to := range []string{"102", "199", "+12125550100", "911"} {
		run := sipp(t, "uac-unauthenticated", part{account: accountOf("555"), Remote: x.sip(), To: to, Want: 407}).wait()
		var names []string
		for _, l := range run.one("407").lines {
			name, _, _ := strings.Cut(l, ":")
			names = append(names, name)
		}
		seen = append(seen, strings.Join(names, " "))
	}
	for i := range seen {
		if seen[i] != seen[0] {
			t.Errorf("the challenge differs by what is dialled: %q and %q", seen[0], seen[i])
		}
	}
	wrong := a
	wrong.Password = "guess"
	p := x.phonePart(wrong, "102")
	p.Want = 407
	sipp(t, "uac-refused", p).wait()
	x.idle()
}

// TestSessionTimer lets the exchange find out by itself that a phone is still
// there (RFC 4028), and that it is not.
func TestSessionTimer(t *testing.T) {
	if testing.Short() {
		t.Skip("a session lasts at least 90 s, and is refreshed after half of that")
	}
	t.Parallel()
	s := newSite()
	a, _ := s.phone("101")
	b, _ := s.phone("102")
	x := newExchange(t, s)
	from, to := mustUA(t, x, a).mustRegister(t), mustUA(t, x, b).mustRegister(t)

	short, err := from.Dial("102", "Supported: timer\r\nSession-Expires: 30\r\n")
	if err != nil {
		t.Fatal(err)
	}
	short.mustGet(t, 422).wantHeader(t, "Min-SE", `^90$`)

	call, err := from.Dial("102", "Supported: timer\r\nSession-Expires: 90;refresher=uas\r\n")
	if err != nil {
		t.Fatal(err)
	}
	callee, err := to.Accept(10 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if err := callee.Take(); err != nil {
		t.Fatal(err)
	}
	answer := call.mustAnswer(t)
	answer.wantHeader(t, "Session-Expires", `^90;\s*refresher=uas$`)
	answer.wantHeader(t, "Require", `timer`)

	// Ours: we are the refresher of nothing, so a refresh of ours is answered.
	res, err := call.Request("UPDATE", "Supported: timer\r\nSession-Expires: 90;refresher=uas\r\n", "")
	if err != nil {
		t.Fatal(err)
	}
	if res.status() != 200 {
		t.Fatalf("UPDATE: %s", res.text)
	}
	res.wantHeader(t, "Session-Expires", `^90;\s*refresher=uas$`)
	began := time.Now()
	eventually(t, 60*time.Second, "the exchange refreshes", func() error {
		if len(call.saw("UPDATE"))+len(call.saw("INVITE")) == 0 {
			return fmt.Errorf("no UPDATE or re-INVITE in %v", time.Since(began))
		}
		return nil
	})
	if call.Ended() || callee.Ended() {
		t.Error("the call did not survive its refresh")
	}
	call.mustHangUp(t)
	callee.mustEnd(t, 5*time.Second)
	x.idle()
}
