package sip_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"

	"strowger/sip/siptest"
	"strowger/store"
)

// rival is another tenant, which comes first by its name: Zed, one number, and a
// trunk that claims an address.
const rival = `{
 "numbers":[{"id":"n1","e164":"+13125550199","trunk_id":"carrier"}],
 "trunks":[{"id":"carrier","name":"Carrier","host":"127.0.0.3","port":5060,"transport":"udp","auth":{"mode":"address"},"addresses":[%q]}],
 "users":[{"id":"u1","first_name":"Zed"}],
 "contact_methods":[{"id":"l1","user_id":"u1","kind":"sip_account","sip_account":{"username":"zed","password":"pw-of-zed"},"inbound":{"internal_numbers":["102"],"did_numbers":["+13125550199"]}}]
}`

func (x *exchange) addRival(address string) {
	x.t.Helper()
	by := store.Author{Who: "test"}
	if _, err := x.store.CreateOrganization(x.t.Context(), by, store.Organization{Meta: store.Meta{ID: "aaa"}, Domain: "aaa.test", Country: "US", TimeZone: "UTC"}); err != nil {
		x.t.Fatal(err)
	}
	site, err := store.ParseSite(fmt.Appendf(nil, rival, address))
	if err != nil {
		x.t.Fatal(err)
	}
	if _, err := x.store.ApplySite(x.t.Context(), "aaa", by, site, false, false); err != nil {
		x.t.Fatal(err)
	}
	x.eventually("the exchange to follow", func() bool { return x.server.Followed() >= x.store.Revision() })
}

// rivalCalls are what the other tenant can read of calls.
func (x *exchange) rivalCalls() (list []string) {
	x.t.Helper()
	x.idle()
	calls, err := x.store.Calls(x.t.Context(), "aaa", "", 10)
	if err != nil {
		x.t.Fatal(err)
	}
	for _, c := range calls {
		list = append(list, c.From+" to "+c.To)
	}
	return list
}

// Tenants may have the same carrier: a call is for whose number it calls.
func TestTenantsShareACarrier(t *testing.T) {
	for _, c := range []struct {
		name  string
		claim string
	}{
		{"both by its address", "127.0.0.3"},
		{"one by a network", "127.0.0.0/24"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, carrier := newExchange(t, options{})
			x.addRival(c.claim)
			ben := x.phone("ben")
			zed, err := siptest.NewAgent(siptest.AgentOptions{Listen: "udp://127.0.0.7:0", User: "zed", Password: "pw-of-zed"})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(zed.Close)
			if res, err := zed.Register(x.flow(zed), "aaa.test", 300); err != nil || res.StatusCode != 200 {
				t.Fatal(res, err)
			}
			for _, call := range []struct {
				host, to string
				rings    *siptest.Agent // nil: nobody
			}{
				{x.addr.String(), "+12025550102", ben},
				{x.addr.String(), "12025550102", ben},
				{x.addr.String(), "2025550102", ben},
				{"acme.test", "+12025550102", ben},
				{x.addr.String(), "+13125550199", zed},
				{"aaa.test", "+13125550199", zed},
				{"acme.test", "+13125550199", zed}, // one name of the exchange for all its tenants
				{x.addr.String(), "+14155550100", nil},
				{x.addr.String(), "102", nil},
			} {
				out := carrier.Dial(x.flow(carrier), call.host, call.to, []byte(offer(40200)))
				if call.rings == nil {
					final(t, out, 404)
					continue
				}
				in := rings(t, call.rings)
				in.Respond(486, "Busy Here", nil)
				final(t, out, 486)
			}
		})
	}
}

// A tenant may write down any address as its carrier's. The phones of others
// that are there stay theirs, and their calls too.
func TestAnOfficeIsNoOtherTenantsCarrier(t *testing.T) {
	x, carrier := newExchange(t, options{ben: `,"outbound":{"external_enabled":true}`})
	x.addRival("127.0.0.1/32") // where all our phones are
	anna, ben := x.phone("anna"), x.phone("ben")
	cleo, err := siptest.NewAgent(siptest.AgentOptions{Listen: "udp://127.0.0.1:0", User: "cleo", Password: "pw-of-cleo"}) // calls without being registered
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cleo.Close)
	for _, c := range []struct {
		name     string
		caller   *siptest.Agent
		host, to string
		rings    *siptest.Agent
	}{
		{"an extension", anna, "acme.test", "102", ben},
		{"an extension at our address", anna, x.addr.String(), "102", ben},
		{"a number of ours", anna, "acme.test", "+12025550102", ben},
		{"a number outside", anna, "acme.test", "+13125550123", carrier},
		{"the other's number", anna, "acme.test", "+13125550199", carrier},
		{"the other's number at our address", anna, x.addr.String(), "+13125550199", carrier},
		{"not registered", cleo, "acme.test", "102", ben},
		{"not registered, at our address", cleo, x.addr.String(), "102", ben},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := c.caller.Dial(x.flow(c.caller), c.host, c.to, []byte(offer(40000)))
			in := rings(t, c.rings)
			in.Respond(486, "Busy Here", nil)
			final(t, out, 486)
		})
	}
	if got := x.rivalCalls(); len(got) > 0 {
		t.Errorf("the other tenant reads of our calls: %q", got)
	}
}

// A phone that withholds its number is known by its Contact and where it is.
func TestAnAnonymousPhoneIsNoCarrier(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		x.addRival("127.0.0.1/32")
		anna := x.phone("anna")
		var answers []string
		x.wire.Sniff(func(_, to netip.AddrPort, b []byte) {
			if to == anna.Addr() {
				answers = append(answers, string(b[8:11]))
			}
		})
		for i, contact := range []string{"anna", "somebody"} {
			answers = nil
			msg := fmt.Sprintf("INVITE sip:+13125550199@%[1]s SIP/2.0\r\nVia: SIP/2.0/UDP %[2]s;branch=z9hG4bKa%[3]d;rport\r\nFrom: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=f%[3]d\r\nTo: <sip:+13125550199@%[1]s>\r\nCall-ID: a%[3]d\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\nContact: <sip:%[4]s@%[2]s>\r\nContent-Length: 0\r\n\r\n",
				x.addr, anna.Addr(), i, contact)
			if err := x.flow(anna).Send([]byte(msg)); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if challenged := strings.Contains(strings.Join(answers, " "), "407"); challenged != (contact == "anna") {
				t.Errorf("with the Contact %s: answered %v", contact, answers)
			}
		}
	})
}

// A gateway may stand in an office, behind one address with its phones. What it
// brings for our numbers is taken as it comes; the phones prove who they are.
func TestPhonesBesideAGateway(t *testing.T) {
	x, _ := newExchange(t, options{})
	gateway, err := siptest.NewAgent(siptest.AgentOptions{Listen: "udp://127.0.0.1:0", User: "gateway"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(gateway.Close)
	x.apply(fmt.Sprintf(`{"trunks":[{"id":"gateway","name":"Gateway","host":"127.0.0.1","port":%d,"transport":"udp","auth":{"mode":"address"},"addresses":["127.0.0.1"],"prefixes":["+4021"]}]}`, gateway.Addr().Port()))
	anna, ben := x.phone("anna"), x.phone("ben")
	for _, c := range []struct {
		name   string
		caller *siptest.Agent
		to     string
		rings  *siptest.Agent // nil: nobody, 404
	}{
		{"a phone calls an extension", anna, "102", ben},
		{"a phone calls out", anna, "+40215550100", gateway},
		{"the gateway brings a call", gateway, "+12025550102", ben},
		{"the gateway brings a call for nobody", gateway, "+12025550177", nil},
		{"the gateway knows no extensions", gateway, "102", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := c.caller.Dial(x.flow(c.caller), x.addr.String(), c.to, []byte(offer(40000)))
			if c.rings == nil {
				final(t, out, 404)
				return
			}
			in := rings(t, c.rings)
			in.Respond(486, "Busy Here", nil)
			final(t, out, 486)
		})
	}
}

// Ten wrong passwords in a minute are a ban, but a carrier is not shut out by
// whoever is behind its address: nobody there may try another password, that is
// all.
func TestCarriersAreNotBanned(t *testing.T) {
	inBubble(t, options{extra: `{"trunks":[{"id":"second","name":"Second","host":"127.0.0.4","transport":"udp","auth":{"mode":"address"}}]}`}, func(t *testing.T, x *exchange) {
		ben := x.phone("ben")
		for _, at := range []string{"127.0.0.3", "127.0.0.4", "127.0.0.5"} {
			wrong, err := siptest.NewAgent(siptest.AgentOptions{Listen: "udp://" + at + ":0", User: "anna", Password: "wrong", Transport: x.net})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(wrong.Close)
			for range 10 {
				final(t, wrong.Dial(x.flow(wrong), "acme.test", "102", []byte(offer(40000))), 407)
			}
		}
		// A tenant may write any address into a trunk. That buys no guesses.
		for at, status := range map[string]int{"127.0.0.3": 407, "127.0.0.6": 486} {
			right, err := siptest.NewAgent(siptest.AgentOptions{Listen: "udp://" + at + ":0", User: "anna", Password: "pw-of-anna", Transport: x.net})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(right.Close)
			out := right.Dial(x.flow(right), "acme.test", "102", []byte(offer(40000)))
			if status == 486 {
				rings(t, ben).Respond(486, "Busy Here", nil)
			}
			final(t, out, status)
		}
		if bans := x.server.Bans(); len(bans) != 3 {
			t.Errorf("banned: %v", bans)
		}
		carrier, err := siptest.NewAgent(siptest.AgentOptions{Listen: "udp://127.0.0.3:0", User: "carrier", Transport: x.net})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(carrier.Close)
		out := x.from(carrier, "+12025550102")
		in := rings(t, ben)
		in.Respond(486, "Busy Here", nil)
		final(t, out, 486)
	})
}
