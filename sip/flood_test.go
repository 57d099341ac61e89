package sip_test

import (
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"strowger/sip/siptest"
)

// forged is a short request from somebody who may not be who he says.
func forged(method string, from netip.AddrPort, id string, lines ...string) []byte {
	to := "<sip:102@acme.test>"
	if len(lines) > 0 && strings.HasPrefix(lines[0], ";tag=") {
		to += lines[0]
		lines = lines[1:]
	}
	return fmt.Appendf(nil, "%s sip:102@acme.test SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s;rport\r\nFrom: <sip:101@acme.test>;tag=f\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: 1 %s\r\nContact: <sip:101@%s>\r\n%sContent-Length: 0\r\n\r\n",
		method, from, id, to, id, method, from, strings.Join(lines, ""))
}

// What proves nothing gets one answer a datagram, whatever it asks for.
func TestStrangersGetOneAnswer(t *testing.T) {
	const made = "Digest username=\"anna\",realm=\"strowger\",nonce=\"made-up\",uri=\"sip:102@acme.test\",response=\"00000000000000000000000000000000\"\r\n"
	for _, c := range []struct {
		name, method string
		lines        []string
		want         string
	}{
		{"a call", "INVITE", nil, "407"},
		{"a call, made-up credentials", "INVITE", []string{"Proxy-Authorization: " + made}, "407"},
		{"a dialog that is none", "INVITE", []string{";tag=made-up"}, "481"},
		{"an extension that we lack, in a dialog that is none", "INVITE", []string{";tag=made-up", "Require: teleportation\r\n"}, "420"},
		{"an extension that we lack", "INVITE", []string{"Require: teleportation\r\n"}, "420"},
		{"a question", "OPTIONS", nil, "200"},
		{"the end of a call that is none", "BYE", []string{";tag=made-up"}, "481"},
		{"a message", "MESSAGE", nil, "407"},
		{"a subscription", "SUBSCRIBE", nil, "407"},
		{"a notification", "NOTIFY", nil, "481"},
		{"a method that nobody knows", "TELEPORT", nil, "501"},
		{"the end of a call that was never there", "CANCEL", nil, "481"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, options{}, func(t *testing.T, x *exchange) {
				victim := netip.MustParseAddrPort("198.51.100.1:5060")
				answers, bytes := map[string]int{}, 0
				var first string
				x.wire.Sniff(func(_, to netip.AddrPort, b []byte) {
					if to == victim {
						answers[string(b[8:11])]++
						bytes += len(b)
						if first == "" {
							first = string(b)
						}
					}
				})
				packet := forged(c.method, victim, "a", c.lines...)
				x.wire.Forge(victim, x.addr, packet)
				time.Sleep(40 * time.Second)
				synctest.Wait()
				if len(answers) != 1 || answers[c.want] != 1 {
					t.Errorf("answered %v, want one %s", answers, c.want)
				}
				if 2*bytes > 5*len(packet) {
					t.Errorf("answered %d bytes to %d", bytes, len(packet))
				}
				tag := first[strings.LastIndex(first, ";tag="):]
				tag, _, _ = strings.Cut(tag, "\r\n")
				if c.method == "INVITE" {
					x.wire.Forge(victim, x.addr, forged("ACK", victim, "a", tag))
				}
				x.wire.Forge(victim, x.addr, packet) // again: the same answer
				time.Sleep(40 * time.Second)
				synctest.Wait()
				if len(answers) != 1 || answers[c.want] != 2 {
					t.Errorf("answered %v after a retransmission, want two of %s", answers, c.want)
				}
			})
		})
	}
}

// A flood of calls from everywhere is forgotten as it is answered, and real calls
// come through.
func TestInviteFlood(t *testing.T) {
	const flood, gather = 50_000, 500
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		anna, ben := x.phone("anna"), x.phone("ben")
		answers := 0
		heap := func() int64 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			return int64(m.HeapAlloc)
		}
		x.wire.Sniff(func(_, to netip.AddrPort, _ []byte) {
			if to.Port() == 666 {
				answers++
			}
		})
		before := heap()
		var out, in *siptest.Call
		for i := range flood {
			from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{100, byte(64 + i>>16), byte(i >> 8), byte(i)}), 666)
			x.wire.Forge(from, x.addr, forged("INVITE", from, fmt.Sprint("flood-", i)))
			if i%gather == gather-1 {
				synctest.Wait()
			}
			if i == flood/2 {
				out = anna.Dial(x.flow(anna), "acme.test", "102", inactive(offer(40000)))
				in = rings(t, ben)
				in.Respond(200, "OK", inactive(string(answer(40010))))
				final(t, out, 200)
				waitFor(t, in.Acked, "the ACK")
			}
		}
		if grown := heap() - before; grown > 8<<20 {
			t.Errorf("%d INVITEs of strangers hold %d KB", flood, grown>>10)
		}
		time.Sleep(40 * time.Second)
		synctest.Wait()
		if answers != flood {
			t.Errorf("%d answers to %d INVITEs", answers, flood)
		}
		out.Bye()
		ended(t, in)
	})
}

// A subscriber is challenged like a caller (product rule "Authentication"), and
// one who answers hears that there is nothing to subscribe to.
func TestSubscribe(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		anna := x.phone("anna")
		uri := gosip.Uri{Scheme: "sip", User: "102", Host: "acme.test"}
		res, err := anna.Do(x.flow(anna), gosip.SUBSCRIBE, uri, uri, uri, gosip.NewHeader("Event", "presence"))
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != 489 {
			t.Errorf("answered %d %s, want 489", res.StatusCode, res.Reason)
		}
	})
}
