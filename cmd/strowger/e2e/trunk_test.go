package e2e

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

const (
	carrierIP = "127.0.0.2" // a carrier is known by its address
	secondIP  = "127.0.0.3"
	didOne    = "+12125550101" // of phone 101
	didTwo    = "+12125550102" // of phone 102
	didNobody = "+12125550109" // ours, but nobody's
	outside   = "+13105550144" // somebody out there
)

// A house is the site of most trunk tests: two phones with numbers, and a
// carrier.
type house struct {
	*site
	one, two     account
	line1, line2 record
	carrier      record
	port         int // of the carrier
}

func newHouse(t testing.TB) *house {
	h := &house{site: newSite(), port: freePort(t, carrierIP)}
	h.one, h.line1 = h.phone("101")
	h.two, h.line2 = h.phone("102")
	h.carrier = h.trunk("carrier", carrierIP, h.port)
	for _, n := range []string{didOne, didTwo, didNobody} {
		h.number(n, "carrier")
	}
	for did, line := range map[string]record{didOne: h.line1, didTwo: h.line2} {
		line.with("inbound.did_numbers", []string{did}).
			with("outbound.external_enabled", true).
			with("outbound.caller_ids", []string{did})
	}
	return h
}

// carrierTakes lets the carrier wait for calls of the exchange.
func (h *house) carrierTakes(t testing.TB, scenario string, p part) *sippRun {
	t.Helper()
	p.IP, p.Port, p.From = carrierIP, h.port, "carrier"
	return sipp(t, scenario, p)
}

// carrierCalls is the carrier's part of a call to the exchange.
func (h *house) carrierCalls(x *exchange, from, to string) part {
	return part{
		account: account{Username: from}, IP: carrierIP, Remote: x.sip(), To: to, Name: "Carol",
		Headers: fmt.Sprintf("P-Asserted-Identity: <sip:%s@%s>\n", from, carrierIP),
	}
}

func TestTrunkInbound(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	x := newExchange(t, h.site)
	for _, c := range []struct{ name, from, to string }{
		{"E.164", outside, didOne},
		{"national", "3105550144", strings.TrimPrefix(didOne, "+1")},
		{"without plus", "13105550144", strings.TrimPrefix(didOne, "+")},
	} {
		callee := x.listen(t, "uas-answers", h.one, part{Ring: 100})
		sipp(t, "uac-answered", h.carrierCalls(x, c.from, c.to)).wait()
		callee.wait()
		callee.one("INVITE").wantHeader(t, "From", `Carol.*sip:\`+outside+`@`)
		sipp(t, "register", part{account: h.one, Remote: x.sip(), Port: callee.part.Port, Expires: 0, Want: 200}).wait()
	}
	eventually(t, 10*time.Second, "the records", func() error {
		calls := list[callRecord](x, "/calls?state=ended")
		if len(calls) != 3 {
			return fmt.Errorf("%d records", len(calls))
		}
		for _, c := range calls {
			if c.Direction != "inbound" || c.From != outside || c.Outcome.Result != "answered" {
				return fmt.Errorf("record %+v", c)
			}
		}
		return nil
	})
	x.idle()
}

// TestNoOpenRelay shows that what is not ours is not carried on, whoever asks.
func TestNoOpenRelay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	x := newExchange(t, h.site)
	carrier := h.carrierTakes(t, "uas-answers", part{})
	for _, c := range []struct {
		name string
		p    part
		want int
	}{
		{"a foreign number from the carrier", h.carrierCalls(x, "+13105550100", outside), 404},
		{"a number of ours that nobody owns", h.carrierCalls(x, "+13105550100", didNobody), 404},
		{"an extension from the carrier", h.carrierCalls(x, "+13105550100", "199"), 404},
		{"an emergency number from the carrier", h.carrierCalls(x, "+13105550100", "911"), 404},
		{"a foreign domain from a phone", func() part { p := x.phonePart(h.one, "somebody"); p.Domain = "relay.example.net"; return p }(), 403},
	} {
		p := c.p
		p.Want = c.want
		scenario := "uac-refused"
		if c.want == 403 {
			scenario = "uac-foreign" // it may also be 404
		}
		t.Log(c.name)
		sipp(t, scenario, p).wait()
	}
	carrier.wantNothing()
	x.idle()
}

func TestTrunkOutbound(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	x := newExchange(t, h.site)
	carrier := h.carrierTakes(t, "uas-answers", part{Ring: 100})
	p := x.phonePart(h.one, "3105550144") // as one dials it at home
	p.Name, p.Talk = "Mallory", 100
	p.Headers = "P-Asserted-Identity: <sip:+19005550000@evil.example>\nRemote-Party-ID: <sip:+19005550000@evil.example>\n"
	sipp(t, "uac-answered", p).wait()
	carrier.wait()
	invite := carrier.one("INVITE")
	if !strings.HasPrefix(invite.start, "INVITE sip:"+outside+"@"+carrierIP) {
		t.Errorf("the carrier is asked for %s", invite.start)
	}
	invite.wantHeader(t, "From", `sip:\`+didOne+`@`)
	invite.wantHeader(t, "P-Asserted-Identity", `^("[^"]*" )?<sip:\`+didOne+`@[^,]*$`)
	invite.wantHeader(t, "Remote-Party-ID", "")
	invite.wantHeader(t, "Privacy", "")
	invite.wantHeader(t, "Diversion", "")
	for _, secret := range []string{"Mallory", "evil.example", h.one.Username, "<sip:101@"} {
		if strings.Contains(invite.text, secret) {
			t.Errorf("the carrier is told of %q:\n%s", secret, invite.text)
		}
	}
	r := x.lastCall(t, h.one)
	if r.Direction != "outbound" || r.Outcome.Result != "answered" {
		t.Errorf("record %+v", r)
	}
	x.idle()
}

func TestTrunkAnonymous(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.line1.with("outbound.anonymous", true)
	x := newExchange(t, h.site)
	carrier := h.carrierTakes(t, "uas-answers", part{})
	sipp(t, "uac-answered", x.phonePart(h.one, outside)).wait()
	carrier.wait()
	invite := carrier.one("INVITE")
	invite.wantHeader(t, "From", `^"Anonymous" <sip:anonymous@anonymous\.invalid>`)
	invite.wantHeader(t, "Privacy", `^id$`)
	invite.wantHeader(t, "P-Asserted-Identity", `sip:\`+didOne+`@`)
	invite.wantHeader(t, "Contact", `^[^"]*$`)
	user := regexp.MustCompile(`(?i)phone|\b101\b`) // a port may have its digits
	for _, name := range []string{"From", "Contact", "Via"} {
		if v := invite.header(name); user.MatchString(v) {
			t.Errorf("%s: %s tells of the user", name, v)
		}
	}
	x.idle()
}

func TestTrunkNotAllowed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.line1.with("outbound.external_enabled", false)
	x := newExchange(t, h.site)
	carrier := h.carrierTakes(t, "uas-answers", part{})
	p := x.phonePart(h.one, outside)
	p.Want = 403
	caller := sipp(t, "uac-refused", p).wait()
	spoken := caller.one("183")
	if spoken.body == "" {
		t.Errorf("the reason is not spoken:\n%s", spoken.text)
	}
	if wait := caller.one("403").at.Sub(spoken.at); wait > slow(6*time.Second) {
		t.Errorf("the reason took %v", wait)
	}
	// An emergency passes, and is never anonymous.
	carrier.wantNothing()
	carrier = h.carrierTakes(t, "uas-answers", part{})
	p = x.phonePart(h.one, "911")
	p.Headers = "Privacy: id\n"
	sipp(t, "uac-answered", p).wait()
	carrier.wait()
	invite := carrier.one("INVITE")
	if !strings.HasPrefix(invite.start, "INVITE sip:911@") {
		t.Errorf("the carrier is asked for %s", invite.start)
	}
	invite.wantHeader(t, "From", `sip:\`+didOne+`@`)
	invite.wantHeader(t, "Privacy", "")
	x.idle()
}

// TestOwnNumberStaysInside dials a colleague's DID.
func TestOwnNumberStaysInside(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	x := newExchange(t, h.site)
	carrier := h.carrierTakes(t, "uas-answers", part{})
	callee := x.listen(t, "uas-answers", h.two, part{})
	sipp(t, "uac-answered", x.phonePart(h.one, didTwo)).wait()
	callee.wait()
	callee.one("INVITE").wantHeader(t, "From", `sip:101@`)
	carrier.wantNothing()
	x.idle()
}

// TestForwardOutside sends a busy line's call to a number outside.
func TestForwardOutside(t *testing.T) {
	t.Parallel()
	forwardTwo := func(h *house) {
		h.line2.with("inbound.when_unavailable", record{"action": "forward", "forward_to": outside})
	}
	t.Run("internal caller, busy", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		forwardTwo(h)
		x := newExchange(t, h.site)
		carrier := h.carrierTakes(t, "uas-answers", part{Ring: 100})
		busy := x.listen(t, "uas-refuses", h.two, part{Code: 486, Reason: "Busy Here"})
		p := x.phonePart(h.one, "102")
		p.Talk = 100
		caller := sipp(t, "uac-answered", p).wait()
		busy.wait()
		carrier.wait()
		if len(caller.received("181")) != 1 {
			t.Errorf("the caller is not told of the forward:\n%s", caller.ladder())
		}
		invite := carrier.one("INVITE")
		invite.wantHeader(t, "Diversion", `<sip:\`+didTwo+`@[^>]*>;.*reason=user-busy`)
		invite.wantHeader(t, "Diversion", `counter=1|^[^,]*$`)
		invite.wantHeader(t, "History-Info", `486`)
		invite.wantHeader(t, "From", `sip:\`+didOne+`@`)
		x.idle()
	})
	t.Run("external caller, absent", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		forwardTwo(h)
		x := newExchange(t, h.site)
		carrier := h.carrierTakes(t, "uas-answers", part{Ring: 100})
		caller := sipp(t, "uac-answered", h.carrierCalls(x, "+13105550177", didTwo)).wait()
		carrier.wait()
		if len(caller.received("181")) != 1 {
			t.Errorf("the caller is not told of the forward:\n%s", caller.ladder())
		}
		invite := carrier.one("INVITE")
		invite.wantHeader(t, "From", `sip:\+13105550177@`)
		invite.wantHeader(t, "P-Asserted-Identity", `sip:\+13105550177@`)
		invite.wantHeader(t, "Diversion", `<sip:\`+didTwo+`@[^>]*>;.*reason=`)
		x.idle()
	})
	t.Run("the carrier wants the forwarder's number", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		forwardTwo(h)
		h.carrier["forwarded_identity"] = "forwarder"
		x := newExchange(t, h.site)
		carrier := h.carrierTakes(t, "uas-answers", part{})
		sipp(t, "uac-answered", h.carrierCalls(x, "+13105550177", didTwo)).wait()
		carrier.wait()
		invite := carrier.one("INVITE")
		invite.wantHeader(t, "From", `sip:\`+didTwo+`@`)
		invite.wantHeader(t, "Diversion", "")
		if strings.Contains(invite.text, "3105550177") {
			t.Errorf("the carrier learns of the original caller:\n%s", invite.text)
		}
		x.idle()
	})
	t.Run("to each other", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.line1.with("inbound.when_unavailable", record{"action": "forward", "forward_to": "102"})
		h.line2.with("inbound.when_unavailable", record{"action": "forward", "forward_to": "101"})
		x := newExchange(t, h.site)
		p := h.carrierCalls(x, "+13105550177", didTwo)
		p.Want = 482
		sipp(t, "uac-refused", p).wait()
		x.idle()
	})
}

func TestTrunkDigest(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.carrier["auth"] = record{"mode": "digest", "username": "customer", "password": "carrier-secret"}
	x := newExchange(t, h.site)
	carrier := h.carrierTakes(t, "uas-challenges", part{})
	sipp(t, "uac-answered", x.phonePart(h.one, outside)).wait()
	carrier.wait()
	invites := carrier.received("INVITE")
	invites[0].wantHeader(t, "Proxy-Authorization", "")
	invites[len(invites)-1].wantDigest(t, "Proxy-Authorization", "customer", "carrier-secret")
	x.idle()
}

func TestTrunkRegisters(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.carrier["auth"] = record{"mode": "register", "username": "customer", "password": "carrier-secret"}
	carrier := h.carrierTakes(t, "uas-registrar", part{Expires: 600})
	x := newExchange(t, h.site)
	carrier.wait()
	registers := carrier.received("REGISTER")
	registers[0].wantHeader(t, "Authorization", "")
	registers[len(registers)-1].wantDigest(t, "Authorization", "customer", "carrier-secret")
	eventually(t, 10*time.Second, "the trunk is registered", func() error {
		var trunk struct {
			Up, Registered bool
		}
		x.api(http.MethodGet, "/trunks/carrier", nil, &trunk)
		if !trunk.Registered || !trunk.Up {
			return fmt.Errorf("%+v", trunk)
		}
		return nil
	})
}

func TestTrunkFailover(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.carrier["priority"] = 1
	port := freePort(t, secondIP)
	second := h.trunk("second", secondIP, port)
	second["priority"] = 2
	x := newExchange(t, h.site)
	takes := func(t *testing.T) *sippRun {
		return sipp(t, "uas-answers", part{IP: secondIP, Port: port, From: "carrier"})
	}
	t.Run("503", func(t *testing.T) {
		x := x.as(t)
		first, other := h.carrierTakes(t, "uas-refuses", part{Code: 503, Reason: "Service Unavailable"}), takes(t)
		sipp(t, "uac-answered", x.phonePart(h.one, outside)).wait()
		first.wait()
		other.wait()
		if wait := other.one("INVITE").at.Sub(first.sent("SIP/2.0 503")[0].at); wait > slow(300*time.Millisecond) {
			t.Errorf("the second carrier was asked after %v", wait)
		}
	})
	t.Run("a busy callee is final", func(t *testing.T) {
		x := x.as(t)
		first, other := h.carrierTakes(t, "uas-refuses", part{Code: 486, Reason: "Busy Here"}), takes(t)
		p := x.phonePart(h.one, outside)
		p.Want = 486
		sipp(t, "uac-refused", p).wait()
		first.wait()
		other.wantNothing()
	})
	// Last, because what was sent to nobody is repeated for a while.
	t.Run("nobody there", func(t *testing.T) {
		x := x.as(t)
		other := takes(t)
		began := time.Now()
		sipp(t, "uac-answered", x.phonePart(h.one, outside)).wait()
		other.wait()
		if wait := other.one("INVITE").at.Sub(began); wait > slow(5*time.Second) {
			t.Errorf("the second carrier was asked after %v", wait)
		}
	})
	x.idle()
}

// TestOneSentence asks the simulator, the CLI and a real call where a call
// goes. They are one function and say the same.
func TestOneSentence(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.line2.with("inbound.when_unavailable", record{"action": "forward", "forward_to": outside})
	x := newExchange(t, h.site)
	carrier := h.carrierTakes(t, "uas-answers", part{})
	sipp(t, "uac-answered", x.phonePart(h.one, "102")).wait()
	carrier.wait()
	r := x.lastCall(t, h.one)
	var trace, explained struct {
		Sentence string `json:"sentence"`
		Status   int    `json:"status"`
	}
	x.api(http.MethodGet, "/calls/"+r.ID+"/trace", nil, &trace)
	x.api(http.MethodPost, "/routes/explain", record{"from": "101", "to": "102"}, &explained)
	out := x.run("route", "--from", "101", "--to", "102")
	if trace.Sentence == "" || trace.Sentence != explained.Sentence || !strings.Contains(out, trace.Sentence) {
		t.Errorf("the call's trace says %q\nthe simulator %q\nthe command\n%s", trace.Sentence, explained.Sentence, out)
	}
	if out := x.run("calls", "trace", r.ID); !strings.Contains(out, "INVITE") || !strings.Contains(out, trace.Sentence) {
		t.Errorf("strowger calls trace printed\n%s", out)
	}
}
