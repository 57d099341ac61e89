package sip_test

import (
	"strings"
	"testing"

	gosip "github.com/emiago/sipgo/sip"

	"strowger/sip/siptest"
)

// instance registers a phone of Ben's that has a name of its own, and returns it
// with its public and its temporary GRUU.
func instance(t *testing.T, x *exchange, urn string) (a *siptest.Agent, public, temporary gosip.Uri) {
	t.Helper()
	a, err := siptest.NewAgent(siptest.AgentOptions{Listen: "udp://127.0.0.1:0", User: "ben", Password: "pw-of-ben", Transport: x.net})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	aor := gosip.Uri{Scheme: "sip", User: "ben", Host: "acme.test"}
	res, err := a.Do(x.flow(a), gosip.REGISTER, gosip.Uri{Scheme: "sip", Host: "acme.test"}, aor, aor,
		gosip.NewHeader("Contact", a.Contact()+`;+sip.instance="<`+urn+`>"`),
		gosip.NewHeader("Expires", "300"), gosip.NewHeader("Supported", "gruu"))
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("register: %v %v", res, err)
	}
	issued := func(contact, name string) (u gosip.Uri) {
		_, rest, _ := strings.Cut(contact, name+`="`)
		text, _, ok := strings.Cut(rest, `"`)
		if !ok || gosip.ParseUri(text, &u) != nil {
			t.Fatalf("no %s in %s", name, contact)
		}
		return u
	}
	for _, h := range res.GetHeaders("Contact") {
		if strings.Contains(h.Value(), urn) {
			return a, issued(h.Value(), "pub-gruu"), issued(h.Value(), "temp-gruu")
		}
	}
	t.Fatalf("no binding of %s in\n%s", urn, res.String())
	return nil, public, temporary
}

// RFC 5627: who calls a GRUU calls that phone, and no other of the line.
func TestCallByGRUU(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		anna := x.phone("anna")
		desk, public, temporary := instance(t, x, "urn:uuid:00000000-0000-1000-8000-0000000000d1")
		soft, _, _ := instance(t, x, "urn:uuid:00000000-0000-1000-8000-0000000000d2")
		for _, uri := range []gosip.Uri{public, temporary} {
			out := anna.DialURI(x.flow(anna), uri, []byte(offer(40000)))
			in := rings(t, desk)
			quiet(t, soft)
			in.Respond(200, "OK", answer(40010))
			final(t, out, 200)
			out.Bye()
			ended(t, in)
			x.idle()
		}

		// An outsider is challenged as ever.
		stranger, err := siptest.NewAgent(siptest.AgentOptions{Listen: "udp://127.0.0.7:0", User: "zoe", Transport: x.net})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(stranger.Close)
		final(t, stranger.DialURI(x.flow(stranger), public, []byte(offer(40000))), 407)
		quiet(t, desk)

		// The phone leaves: nobody takes the call in its stead.
		aor := gosip.Uri{Scheme: "sip", User: "ben", Host: "acme.test"}
		res, err := desk.Do(x.flow(desk), gosip.REGISTER, gosip.Uri{Scheme: "sip", Host: "acme.test"}, aor, aor,
			gosip.NewHeader("Contact", desk.Contact()+`;+sip.instance="<urn:uuid:00000000-0000-1000-8000-0000000000d1>"`), gosip.NewHeader("Expires", "0"))
		if err != nil || res.StatusCode != 200 {
			t.Fatalf("unregister: %v %v", res, err)
		}
		for _, uri := range []gosip.Uri{public, temporary} {
			final(t, anna.DialURI(x.flow(anna), uri, []byte(offer(40000))), 480)
			quiet(t, soft)
		}
		unknown := temporary
		unknown.User = "tgruu.abc"
		final(t, anna.DialURI(x.flow(anna), unknown, []byte(offer(40000))), 404)
	})
}
