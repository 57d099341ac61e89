package sip_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"strowger/sip/siptest"
)

// Telephony rules, "Recording": the four flags in all combinations, by what is
// captured of real calls, and for whom.
func TestRecordingFlags(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		carrier, err := siptest.NewAgent(siptest.AgentOptions{Listen: "udp://127.0.0.6:0", User: "carrier", Transport: x.net})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(carrier.Close)
		anna, ben := x.phone("anna"), x.phone("ben")
		for bits := range 16 {
			ii, ie, oi, oe := bits&1 != 0, bits&2 != 0, bits&4 != 0, bits&8 != 0
			flags := fmt.Sprintf(`"recording":{"inbound_internal":%v,"inbound_external":%v,"outbound_internal":%v,"outbound_external":%v}`, ii, ie, oi, oe)
			x.apply(fmt.Sprintf(`{
				"trunks":[{"id":"carrier","name":"Carrier","host":"127.0.0.6","port":%d,"transport":"udp","auth":{"mode":"address"},"addresses":["127.0.0.6/32"],"trusted_identity":true}],
				"contact_methods":[
				{"id":"l1","user_id":"u1","kind":"sip_account","sip_account":{"username":"anna"},"inbound":{"internal_numbers":["101"]},"outbound":{"external_enabled":true},%[2]s},
				{"id":"l2","user_id":"u2","kind":"sip_account","sip_account":{"username":"ben"},"inbound":{"internal_numbers":["102"],"did_numbers":["+12025550102"]},%[2]s},
				{"id":"l3","user_id":"u3","kind":"sip_account","sip_account":{"username":"cleo"},"inbound":{"internal_numbers":["103"],"when_unavailable":{"action":"forward","forward_to":"3125550123"}},%[2]s}]}`,
				carrier.Addr().Port(), flags))
			for _, c := range []struct {
				name   string
				dial   func() *siptest.Call
				callee *siptest.Agent
				users  map[string]bool
			}{
				{"inside", func() *siptest.Call { return x.dial(anna, "102") }, ben, map[string]bool{"u1": oi, "u2": ii}},
				{"in", func() *siptest.Call { return x.from(carrier, "+12025550102") }, ben, map[string]bool{"u2": ie}},
				{"out", func() *siptest.Call { return x.dial(anna, "3125550123") }, carrier, map[string]bool{"u1": oe}},
				{"forwarded out", func() *siptest.Call { return x.dial(anna, "103") }, carrier, map[string]bool{"u1": oi, "u3": ie}},
			} {
				var want []string
				for u, on := range c.users {
					if on {
						want = append(want, u)
					}
				}
				slices.Sort(want)
				out := c.dial()
				in := rings(t, c.callee)
				in.Respond(200, "OK", answer(40010))
				final(t, out, 200)
				out.Bye()
				ended(t, in)
				at := fmt.Sprintf("%s with %04b", c.name, bits)
				time.Sleep(time.Second) // in the bubble: no two calls begin at once
				r := x.record()
				if len(r.RecordingIDs) > 1 || (len(r.RecordingIDs) == 1) != (len(want) > 0) {
					t.Errorf("%s: recordings %v, want one for %v", at, r.RecordingIDs, want)
					continue
				}
				if len(want) == 0 {
					continue
				}
				rec, err := x.store.Recording(context.Background(), "default", r.RecordingIDs[0])
				if err != nil {
					t.Errorf("%s: %v", at, err)
					continue
				}
				got := slices.Sorted(slices.Values(rec.UserIDs))
				if !slices.Equal(got, want) || rec.CallID != r.ID || rec.Direction != r.Direction {
					t.Errorf("%s: recorded for %v in %+v, want %v", at, got, rec, want)
				}
			}
		}
	})
}

// Telephony rules, "Identity, inbound": who is shown, by what the carrier is
// trusted with and what the caller withholds.
func TestInboundIdentity(t *testing.T) {
	for _, c := range []struct {
		name    string
		trusted bool
		headers []gosip.Header
		from    string // user in From at the phone
		shows   string // must not be anywhere in the INVITE
	}{
		{"asserted by a trusted carrier", true, []gosip.Header{gosip.NewHeader("P-Asserted-Identity", "<sip:+13125550123@carrier.test>")}, "+13125550123", ""},
		{"asserted in national form", true, []gosip.Header{gosip.NewHeader("P-Asserted-Identity", "<sip:3125550123@carrier.test>")}, "+13125550123", ""},
		{"asserted as tel", true, []gosip.Header{gosip.NewHeader("P-Asserted-Identity", "<tel:+1-312-555-0123>")}, "+13125550123", ""},
		{"asserted by one who is not trusted", false, []gosip.Header{gosip.NewHeader("P-Asserted-Identity", "<sip:+13125550123@carrier.test>")}, "anonymous", "3125550123"},
		{"withheld", true, []gosip.Header{gosip.NewHeader("P-Asserted-Identity", "<sip:+13125550123@carrier.test>"), gosip.NewHeader("Privacy", "id")}, "anonymous", "3125550123"},
		{"withheld with more", true, []gosip.Header{gosip.NewHeader("P-Asserted-Identity", "<sip:+13125550123@carrier.test>"), gosip.NewHeader("Privacy", "header;id;critical")}, "anonymous", "3125550123"},
		{"not withheld", true, []gosip.Header{gosip.NewHeader("P-Asserted-Identity", "<sip:+13125550123@carrier.test>"), gosip.NewHeader("Privacy", "none")}, "+13125550123", ""},
		{"a colleague's extension", true, []gosip.Header{gosip.NewHeader("P-Asserted-Identity", "<sip:101@carrier.test>")}, "anonymous", "<sip:101@"},
		{"a header in the name", true, []gosip.Header{gosip.NewHeader("P-Asserted-Identity", `"Zoe%0d%0aX: y" <sip:+13125550123@carrier.test>`)}, "+13125550123", "\nX: y"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, carrier := newExchange(t, options{})
			x.apply(fmt.Sprintf(`{"trunks":[{"id":"carrier","name":"Carrier","host":"127.0.0.3","port":%d,"transport":"udp","auth":{"mode":"address"},"addresses":["127.0.0.3/32"],"trusted_identity":%v}]}`, carrier.Addr().Port(), c.trusted))
			ben := x.phone("ben")
			out := x.from(carrier, "+12025550102", c.headers...)
			in := rings(t, ben)
			if got := in.Invite.From().Address.User; got != c.from {
				t.Errorf("Ben is shown %q, want %q", got, c.from)
			}
			if c.shows != "" && strings.Contains(in.Invite.String(), c.shows) {
				t.Errorf("%q reached Ben:\n%s", c.shows, in.Invite.String())
			}
			in.Respond(486, "Busy Here", nil)
			final(t, out, 486)
			if got := x.record().From; got != c.from {
				t.Errorf("the record says %q, want %q", got, c.from)
			}
		})
	}
}

// No open relay, whatever a stranger or a carrier makes of its request.
func TestNoOpenRelay(t *testing.T) {
	const outside = "+442071234567"
	x, carrier := newExchange(t, options{})
	stranger, err := siptest.NewAgent(siptest.AgentOptions{Listen: "udp://127.0.0.66:0", User: "anna"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stranger.Close)
	victim, err := siptest.NewAgent(siptest.AgentOptions{Listen: "udp://127.0.0.7:0", User: "victim"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(victim.Close)
	for _, c := range []struct {
		name    string
		from    *siptest.Agent
		domain  string
		to      string
		headers []gosip.Header
		want    int
	}{
		{"a stranger to the outside", stranger, "acme.test", outside, nil, 407},
		{"a stranger to an extension", stranger, "acme.test", "101", nil, 407},
		{"a stranger to nobody", stranger, "acme.test", "199", nil, 407},
		{"a stranger with an identity", stranger, "acme.test", outside, []gosip.Header{gosip.NewHeader("P-Asserted-Identity", "<sip:+12025550101@acme.test>")}, 407},
		{"a stranger by Route", stranger, "acme.test", outside, []gosip.Header{gosip.NewHeader("Route", "<sip:"+carrier.Addr().String()+";lr>")}, 407},
		{"a stranger to another domain", stranger, victim.Addr().String(), "victim", nil, 407},
		{"a carrier to the outside", carrier, x.addr.String(), outside, nil, 404},
		{"a carrier to itself", carrier, carrier.Addr().String(), outside, nil, 404},
		{"a carrier to another domain", carrier, victim.Addr().String(), "victim", nil, 404},
		{"a carrier by Route", carrier, x.addr.String(), outside, []gosip.Header{gosip.NewHeader("Route", "<sip:"+victim.Addr().String()+";lr>")}, 404},
		{"a carrier in a line's name", carrier, x.addr.String(), outside, []gosip.Header{gosip.NewHeader("P-Asserted-Identity", "<sip:anna@acme.test>"), gosip.NewHeader("P-Preferred-Identity", "<sip:+12025550101@acme.test>")}, 404},
		{"a carrier to a feature code", carrier, x.addr.String(), "*43", nil, 404},
		{"a carrier to an extension", carrier, x.addr.String(), "101", nil, 404},
		{"a carrier to a user name", carrier, x.addr.String(), "anna", nil, 404},
		{"a carrier to an emergency number", carrier, x.addr.String(), "911", nil, 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			final(t, c.from.Dial(x.flow(c.from), c.domain, c.to, []byte(offer(40100)), c.headers...), c.want)
			quiet(t, carrier)
			quiet(t, victim)
		})
	}
	// A request that claims to be inside a dialog has none.
	uri := gosip.Uri{Scheme: "sip", User: outside, Host: "acme.test"}
	res, err := stranger.Do(x.flow(stranger), gosip.REFER, uri, uri, uri, gosip.NewHeader("Refer-To", "<sip:"+outside+"@acme.test>"), gosip.NewHeader("Contact", stranger.Contact()))
	if err != nil || res.StatusCode != 407 {
		t.Errorf("REFER of a stranger: %v %v, want 407", res, err)
	}
	quiet(t, carrier)
	if calls := x.server.ActiveCalls("default"); len(calls) != 0 {
		t.Errorf("live calls: %+v", calls)
	}
}
