package registrar

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func inBubble(t *testing.T, o Options, f func(t *testing.T, x *exchange)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		x := newExchange(t, o)
		defer x.close()
		f(t, x)
	})
}

func TestRegister(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, x *exchange) {
		p := x.phone("101", "198.51.100.7:5060")
		p.extra = []string{"User-Agent: Desk 1.0"}
		a := p.registers()
		res := a.parsed()
		if got := a.headers("Contact"); !reflect.DeepEqual(got, []string{"<sip:101@198.51.100.7:5060>;expires=3600"}) {
			t.Errorf("Contact %q", got)
		}
		if via := a.headers("Via"); len(via) != 1 || !strings.Contains(via[0], "rport=5060") || !strings.Contains(via[0], "received=198.51.100.7") {
			t.Errorf("Via %q", via)
		}
		if tag, ok := res.To().Params.Get("tag"); !ok || tag == "" {
			t.Error("To has no tag")
		}
		time.Sleep(time.Minute)
		list := x.reg.Contacts("default", "101")
		if len(list) != 1 || list[0].URI != "sip:101@198.51.100.7:5060" || list[0].Flow != p.flow || list[0].UserAgent != "Desk 1.0" || list[0].Q != 1000 {
			t.Fatalf("contacts %+v", list)
		}
		if left := time.Until(list[0].ExpiresAt); left != 59*time.Minute {
			t.Errorf("expires in %v", left)
		}
		rows := x.reg.Registrations("default")
		if len(rows) != 1 || rows[0].ContactMethodID != "line-101" || rows[0].UserID != "user-101" || rows[0].Transport != "udp" ||
			rows[0].Target != "198.51.100.7:5060" || rows[0].Local != ours {
			t.Errorf("registrations %+v", rows)
		}
		if n := x.reg.Bound(); n["udp"] != 1 {
			t.Errorf("bound %v", n)
		}
		if len(x.reg.Registrations("other"))+len(x.reg.Contacts("other", "101")) != 0 {
			t.Error("another organization sees it")
		}
		// A query lists and changes nothing.
		p.contact = ""
		if got := p.registers().headers("Contact"); len(got) != 1 || !strings.HasSuffix(got[0], "expires=3540") {
			t.Errorf("query: %q", got)
		}
		if !slices.Equal(x.changes, []string{"default/101"}) {
			t.Errorf("changes %v", x.changes)
		}
		if x.results[ResultOK] != 2 || x.results[ResultChallenge] != 2 || len(x.blamed) != 0 {
			t.Errorf("results %v, blamed %v", x.results, x.blamed)
		}
	})
}

func TestExpires(t *testing.T) {
	tests := []struct {
		name, contact, header string
		status                int
		want                  int // seconds granted
	}{
		{"default", "", "", 200, 3600},
		{"header", "", "120", 200, 120},
		{"parameter wins", ";expires=60", "120", 200, 60},
		{"parameter in capitals", ";EXPIRES=60", "120", 200, 60},
		{"quoted parameter", `;expires="60"`, "", 200, 60},
		{"least", "", "30", 200, 30},
		{"too brief", "", "29", 423, 0},
		{"too brief by parameter", ";expires=1", "", 423, 0},
		{"most", "", "7200", 200, 7200},
		{"more than most", "", "86400", 200, 7200},
		{"2^32", "", "4294967296", 200, 7200},
		{"absurd", ";expires=99999999999999999999999999", "", 200, 7200},
		{"malformed header", "", "soon", 200, 3600}, // RFC 3261 §20.19
		{"malformed parameter", ";expires=-5", "60", 200, 60},
		{"nothing to remove", ";expires=0", "", 200, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, Options{}, func(t *testing.T, x *exchange) {
				p := x.phone("101", "198.51.100.7:5060")
				p.contact += test.contact
				p.expires = test.header
				a := p.register()
				a.parsed()
				if a.status != test.status {
					t.Fatalf("got\n%v", a)
				}
				if test.status == 423 && !slices.Equal(a.headers("Min-Expires"), []string{"30"}) {
					t.Errorf("no Min-Expires: 30 in\n%v", a)
				}
				list := x.reg.Contacts("default", "101")
				if test.want == 0 {
					if len(list) != 0 {
						t.Errorf("bound: %+v", list)
					}
					return
				}
				if !strings.HasSuffix(a.headers("Contact")[0], fmt.Sprintf("expires=%d", test.want)) {
					t.Errorf("Contact %q", a.headers("Contact"))
				}
				x.mu.Lock()
				x.changes = nil
				x.mu.Unlock()
				time.Sleep(time.Duration(test.want)*time.Second - time.Millisecond)
				if len(x.uris("101")) != 1 {
					t.Error("gone before its time")
				}
				time.Sleep(time.Millisecond)
				if len(x.uris("101")) != 0 || len(x.reg.Registrations("default")) != 0 {
					t.Error("there after its time")
				}
				time.Sleep(10 * time.Second) // the sweep
				synctest.Wait()
				x.mu.Lock()
				defer x.mu.Unlock()
				if !slices.Equal(x.changes, []string{"default/101"}) || len(x.disk.all()) != 0 {
					t.Errorf("changes %v, on disk %v", x.changes, x.disk.all())
				}
			})
		})
	}
}

// RFC 3261 §10.3: what one phone's REGISTERs do to its line's bindings.
func TestSeveralContacts(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, x *exchange) {
		p := x.phone("101", "198.51.100.7:5060")
		p.contact = `"A" <sip:101@198.51.100.7:5060>;q=0.5, <sip:101@198.51.100.7:5062>;q=1.0, <sip:101@198.51.100.7:5064;foo=bar>;q=0.7;+sip.rendering="yes"`
		a := p.registers()
		if got := a.headers("Contact"); len(got) != 3 || !slices.Contains(got, `<sip:101@198.51.100.7:5064;foo=bar>;expires=3600;q=0.700;+sip.rendering="yes"`) {
			t.Errorf("Contact %q", got)
		}
		if got, want := x.uris("101"), []string{"sip:101@198.51.100.7:5062", "sip:101@198.51.100.7:5064;foo=bar", "sip:101@198.51.100.7:5060"}; !slices.Equal(got, want) {
			t.Errorf("by q: %q", got)
		}
		// One goes, the others stay; equal by RFC 3261 §19.1.4 is the same.
		p.contact = "<sip:101@198.51.100.7:5064;FOO=BAR;more=1>;expires=0"
		p.registers()
		if got := x.uris("101"); len(got) != 2 {
			t.Errorf("after removing one: %q", got)
		}
		// All or nothing: a second Contact that is too brief keeps the first from being bound.
		p.contact = "<sip:101@198.51.100.7:5070>, <sip:101@198.51.100.7:5072>;expires=5"
		if a := p.register(); a.status != 423 || len(x.uris("101")) != 2 {
			t.Errorf("got %v with %q", a, x.uris("101"))
		}
		other := x.phone("101", "198.51.100.8:5060")
		other.registers()
		if got := x.uris("101"); len(got) != 3 {
			t.Errorf("with a second phone: %q", got)
		}
		for _, bad := range []struct{ contact, expires string }{{"*", "60"}, {"*", ""}} {
			p.contact, p.expires = bad.contact, bad.expires
			if a := p.register(); a.status != 400 || len(x.uris("101")) != 3 {
				t.Errorf("%v: %v", bad, a)
			}
		}
		p.contact, p.expires = "*", "0"
		if a := p.registers(); len(a.headers("Contact")) != 0 || len(x.uris("101")) != 0 || len(x.disk.all()) != 0 {
			t.Errorf("after *: %q", x.uris("101"))
		}
	})
}

func TestSameURI(t *testing.T) {
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"sip:101@192.0.2.1", "sip:101@192.0.2.1", true},
		{"sip:101@Host.example", "sip:101@host.EXAMPLE", true},
		{"sip:%3101@192.0.2.1", "sip:101@192.0.2.1", true},
		{"sip:Anna@192.0.2.1", "sip:anna@192.0.2.1", false},
		{"sip:101@192.0.2.1", "sip:101@192.0.2.1:5060", false},
		{"sip:101@192.0.2.1;transport=tcp", "sip:101@192.0.2.1", false},
		{"sip:101@192.0.2.1;transport=tcp", "sip:101@192.0.2.1;Transport=TCP", true},
		{"sip:101@192.0.2.1;rinstance=1", "sip:101@192.0.2.1;rinstance=2", false},
		{"sip:101@192.0.2.1;rinstance=1", "sip:101@192.0.2.1", true},
		{"sips:101@192.0.2.1", "sip:101@192.0.2.1", false},
		{"sip:101@192.0.2.1", "sip:1011@192.0.2.1", false},
	} {
		if sameURI(test.a, test.b) != test.same || sameURI(test.b, test.a) != test.same {
			t.Errorf("%s and %s: want %v", test.a, test.b, test.same)
		}
	}
}

func TestOrder(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, x *exchange) {
		p := x.phone("101", "198.51.100.7:5060")
		p.cseq = 100
		p.registers() // CSeq 102
		// Older and of the same Call-ID: refused, whatever it wants.
		p.cseq, p.expires = 50, "0"
		if a := p.register(); a.status != 400 || len(x.uris("101")) != 1 {
			t.Errorf("an older removal: %v", a)
		}
		p.contact = "*"
		if a := p.register(); a.status != 400 || len(x.uris("101")) != 1 {
			t.Errorf("an older *: %v", a)
		}
		// A phone that began anew counts anew.
		p.callID, p.cseq = "another-call", 0
		if a := p.register(); a.status != 200 || len(x.uris("101")) != 0 {
			t.Errorf("another Call-ID: %v", a)
		}
	})
}

// What leaves no binding behind is known again all the same: a phone that
// unregisters while the disk is slow is not challenged a second time.
func TestRetransmissionOfAFarewell(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, x *exchange) {
		p := x.phone("101", "198.51.100.7:5060")
		p.registers()
		for _, test := range []struct {
			what             string
			contact, expires string
			removes          bool
		}{
			{"one of two", "<sip:101@198.51.100.7:5060>", "0", true},
			{"all", "*", "0", true},
			{"nothing", "*", "0", false},
			{"a question", "", "", false},
		} {
			p.contact, p.expires = "<sip:101@198.51.100.7:5070>", "3600"
			if test.removes {
				p.registers()
			}
			p.contact, p.expires = test.contact, test.expires
			x.disk.set(nil, time.Second)
			p.challenge()
			req := p.authorized()
			first := p.start(req)
			time.Sleep(500 * time.Millisecond)
			during := p.start(req)
			synctest.Wait()
			if waits := first() == nil; waits != test.removes || test.removes && during() != nil {
				t.Errorf("%s: while the disk works, first %v, repeated %v", test.what, first(), during())
			}
			time.Sleep(time.Second)
			synctest.Wait()
			if first() == nil || first().status != 200 || test.removes && during() != nil {
				t.Errorf("%s: first %v, repeated %v", test.what, first(), during())
			}
			x.disk.set(nil, 0)
			if again := p.send(req); again == nil || again.status != 200 || len(again.headers("Contact")) != len(first().headers("Contact")) {
				t.Errorf("%s: a retransmission is answered\n%v\nafter\n%v", test.what, again, first())
			}
			// From another place it is a replay.
			thief := *p
			thief.flow = x.phone("102", "203.0.113.9:5060").flow
			if a := thief.send(req); a == nil || a.status != 401 {
				t.Errorf("%s: a replay from elsewhere: %v", test.what, a)
			}
			time.Sleep(farewellLife)
			if a := p.send(req); a == nil || a.status != 401 {
				t.Errorf("%s: a replay after its time: %v", test.what, a)
			}
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		for i := range x.reg.shards {
			s := &x.reg.shards[i]
			s.mu.Lock()
			if s.farewells != nil {
				t.Errorf("kept %v", s.farewells)
			}
			s.mu.Unlock()
		}
		if len(x.blamed) != 0 {
			t.Errorf("blamed %v", x.blamed)
		}
	})
}

func TestRetransmission(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, x *exchange) {
		p := x.phone("101", "198.51.100.7:5060")
		p.challenge()
		req := p.authorized()
		first := p.send(req)
		if first.status != 200 {
			t.Fatal(first)
		}
		again := p.send(req)
		if again == nil || again.text != first.text {
			t.Errorf("a retransmission is answered\n%v\nafter\n%v", again, first)
		}
		// From another place the same bytes are a replay.
		thief := *p
		thief.flow, _ = x.tp.UDPTo(p.flow.Remote())
		thief.flow = x.phone("102", "203.0.113.9:5060").flow
		if a := thief.send(req); a == nil || a.status != 401 || !strings.Contains(a.text, "stale=true") {
			t.Errorf("a replay from elsewhere: %v", a)
		}
		if len(x.blamed) != 0 || len(x.uris("101")) != 1 {
			t.Errorf("blamed %v", x.blamed)
		}
		// While the disk works there is one answer, and it is on its way.
		x.disk.set(nil, 5*time.Millisecond)
		p.contact = "<sip:101@198.51.100.7:5070>"
		p.challenge()
		req = p.authorized()
		got := p.start(req)
		repeated := p.start(req)
		synctest.Wait()
		if got() != nil || repeated() != nil {
			t.Error("answered before it is on disk")
		}
		time.Sleep(6 * time.Millisecond)
		synctest.Wait()
		if got() == nil || got().status != 200 || repeated() != nil {
			t.Errorf("first %v, repeated %v", got(), repeated())
		}
	})
}

func TestMaxContacts(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, x *exchange) {
		var phones []*phone
		for i := range 10 {
			p := x.phone("101", fmt.Sprintf("198.51.100.%d:5060", i+1))
			p.registers()
			phones = append(phones, p)
			time.Sleep(time.Second)
		}
		phones[0].registers() // no longer the oldest
		x.phone("101", "198.51.100.99:5060").registers()
		got := x.uris("101")
		if len(got) != MaxContacts || !slices.Contains(got, "sip:101@198.51.100.1:5060") || slices.Contains(got, "sip:101@198.51.100.2:5060") {
			t.Errorf("contacts %q", got)
		}
		if n := len(x.disk.all()); n != MaxContacts {
			t.Errorf("%d on disk", n)
		}
		x.people.change("101", func(a *Account) { a.MaxContacts = 1 })
		p := x.phone("101", "198.51.100.50:5060")
		p.contact += ", <sip:101@198.51.100.50:5062>"
		p.registers()
		if got := x.uris("101"); !slices.Equal(got, []string{"sip:101@198.51.100.50:5062"}) || len(x.disk.all()) != 1 {
			t.Errorf("with a limit of one: %q, %d on disk", got, len(x.disk.all()))
		}
	})
}

// Product rule "NAT", threat 22: nothing is ever sent to a third host.
func TestTarget(t *testing.T) {
	tests := []struct {
		name, source, via, contact string
		target                     string // "" when refused
		nat                        bool
	}{
		{"as it says", "198.51.100.7:5060", "198.51.100.7:5060", "<sip:101@198.51.100.7:5060>", "198.51.100.7:5060", false},
		{"default ports", "198.51.100.7:5060", "198.51.100.7", "<sip:101@198.51.100.7>", "198.51.100.7:5060", false},
		{"another port of its own", "198.51.100.7:5060", "198.51.100.7:5060", "<sip:101@198.51.100.7:5090>", "198.51.100.7:5090", false},
		{"behind a NAT", "198.51.100.7:33444", "192.168.1.10:5060", "<sip:101@192.168.1.10:5060>", "198.51.100.7:33444", true},
		{"NAT that keeps the port", "198.51.100.7:5060", "192.168.1.10:5060", "<sip:101@192.168.1.10:5060>", "198.51.100.7:5060", true},
		{"Contact corrected, Via not", "198.51.100.7:33444", "192.168.1.10:5060", "<sip:101@198.51.100.7:9>", "198.51.100.7:33444", true},
		{"Via with a name", "198.51.100.7:5060", "phone.example.com", "<sip:101@198.51.100.7:5090>", "198.51.100.7:5060", true},
		{"loopback", "198.51.100.7:5060", "198.51.100.7:5060", "<sip:101@127.0.0.1:22>", "198.51.100.7:5060", true},
		{"multicast", "198.51.100.7:5060", "198.51.100.7:5060", "<sip:101@224.0.1.75>", "198.51.100.7:5060", true},
		{"a third host", "198.51.100.7:5060", "198.51.100.7:5060", "<sip:101@203.0.113.1:5060>", "198.51.100.7:5060", true},
		{"a name", "198.51.100.7:5060", "198.51.100.7:5060", "<sip:101@victim.example>", "198.51.100.7:5060", true},
		{"ourselves", "198.51.100.7:5060", "198.51.100.7:5060", "<sip:101@" + ours + ">", "198.51.100.7:5060", true},
		{"another protocol's port", "198.51.100.7:5060", "198.51.100.7:5060", "<sip:101@198.51.100.7:5090;transport=tcp>", "198.51.100.7:5060", true},
		{"no SIP URI", "198.51.100.7:5060", "198.51.100.7:5060", "<mailto:a@b>", "", false},
		{"q out of range", "198.51.100.7:5060", "198.51.100.7:5060", "<sip:101@198.51.100.7>;q=7", "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, Options{}, func(t *testing.T, x *exchange) {
				p := x.phone("101", test.source)
				p.via, p.contact = test.via, test.contact
				a := p.register()
				if test.target == "" {
					if a.status != 400 || len(x.uris("101")) != 0 {
						t.Errorf("got %v", a)
					}
					return
				}
				list := x.reg.Contacts("default", "101")
				if a.status != 200 || len(list) != 1 || list[0].Flow.Remote().String() != test.target {
					t.Fatalf("%v: %+v", a, list)
				}
				if "<"+list[0].URI+">" != test.contact {
					t.Errorf("Request-URI %s", list[0].URI)
				}
				rec := x.reg.shard(key{"default", "101"}).records[key{"default", "101"}]
				if rec.bindings[0].nat != test.nat {
					t.Errorf("nat %v", rec.bindings[0].nat)
				}
			})
		})
	}
}

func TestStream(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, x *exchange) {
		f, conn := x.dial("198.51.100.7:40001")
		p := x.phone("101", "198.51.100.7:5060")
		p.flow, p.via, p.contact = f, "192.168.1.2:5060", "<sip:101@192.168.1.2:5060;transport=tcp>"
		p.registers()
		list := x.reg.Contacts("default", "101")
		if len(list) != 1 || list[0].Flow != f {
			t.Fatalf("contacts %+v", list)
		}
		if len(x.disk.all()) != 0 {
			t.Error("a stream's binding was saved: it can't outlive the process")
		}
		if x.reg.Bound()["tcp"] != 1 {
			t.Errorf("bound %v", x.reg.Bound())
		}
		// The same phone over another stream: the first one's end changes nothing.
		f2, conn2 := x.dial("198.51.100.7:40002")
		p.flow = f2
		p.registers()
		conn.Close()
		synctest.Wait()
		if list := x.reg.Contacts("default", "101"); len(list) != 1 || list[0].Flow != f2 {
			t.Fatalf("contacts %+v", list)
		}
		conn2.Close()
		synctest.Wait()
		if len(x.uris("101")) != 0 || len(x.reg.Registrations("default")) != 0 {
			t.Error("a dead stream is a contact")
		}
		if len(x.reg.flows.of) != 0 {
			t.Errorf("%d streams remembered", len(x.reg.flows.of))
		}
		// A stream that died before its REGISTER was handled.
		if a := p.register(); a == nil || a.status != 200 || len(x.uris("101")) != 0 || len(x.reg.flows.of) != 0 {
			t.Errorf("%v: %q", a, x.uris("101"))
		}
		// From UDP to a stream: nothing of the old is left on disk.
		u := x.phone("102", "198.51.100.8:5060")
		u.registers()
		f3, _ := x.dial("198.51.100.8:40003")
		u.flow = f3
		u.registers()
		if len(x.disk.all()) != 0 || len(x.uris("102")) != 1 {
			t.Errorf("on disk %v", x.disk.all())
		}
	})
}

func TestPathAndOutbound(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, x *exchange) {
		p := x.phone("101", "198.51.100.7:5060")
		p.extra = []string{"Path: <sip:edge1.example.com;lr>, <sip:edge2.example.com;lr;ob>", "Supported: path"}
		a := p.registers()
		if got := a.headers("Path"); !slices.Equal(got, []string{"<sip:edge1.example.com;lr>", "<sip:edge2.example.com;lr;ob>"}) {
			t.Errorf("Path %q", got)
		}
		if c := x.reg.Contacts("default", "101")[0]; !slices.Equal(c.Path, []string{"sip:edge1.example.com;lr", "sip:edge2.example.com;lr;ob"}) {
			t.Errorf("contact %+v", c)
		}

		const instance = `;+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"`
		f1, conn := x.dial("198.51.100.9:40001")
		f2, _ := x.dial("198.51.100.9:40002")
		q := x.phone("102", "198.51.100.9:5060")
		q.extra = []string{"Supported: path, outbound"}
		q.flow, q.contact = f1, "<sip:102@198.51.100.9;ob>;reg-id=1"+instance
		a = q.registers()
		if !slices.Equal(a.headers("Require"), []string{"outbound"}) || !strings.Contains(a.headers("Contact")[0], "reg-id=1") {
			t.Errorf("got %v", a)
		}
		q2 := *q
		q2.flow, q2.contact, q2.callID = f2, "<sip:102@198.51.100.9;ob>;reg-id=2"+instance, "second"
		q2.registers()
		list := x.reg.Contacts("default", "102")
		if len(list) != 1 || list[0].Flow != f2 || len(list[0].Fallback) != 1 || list[0].Fallback[0].Flow != f1 {
			t.Fatalf("two flows of one phone are one contact: %+v", list)
		}
		// The same flow again from another Contact replaces its own only.
		q2.contact = "<sip:102@198.51.100.10;ob>;reg-id=2" + instance
		q2.registers()
		if n := len(x.reg.Registrations("default")); n != 3 {
			t.Errorf("%d bindings", n)
		}
		conn.Close()
		synctest.Wait()
		if list := x.reg.Contacts("default", "102"); len(list) != 1 || len(list[0].Fallback) != 0 {
			t.Errorf("after one flow died: %+v", list)
		}
		// A proxy between that keeps no flow (RFC 5626 §6).
		r := x.phone("101", "198.51.100.20:5060")
		r.contact = "<sip:101@192.168.0.5>;reg-id=1" + instance
		r.extra = []string{"Via: SIP/2.0/UDP 192.168.0.5;branch=z9hG4bKinner", "Supported: outbound"}
		if a := r.register(); a.status != 439 || len(a.headers("Via")) != 2 {
			t.Errorf("got %v", a)
		}
		r.extra = r.extra[:1]
		if a := r.register(); a.status != 200 || strings.Contains(a.text, "reg-id") {
			t.Errorf("without outbound: %v", a)
		}
	})
}

func TestGRUU(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, x *exchange) {
		const urn = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
		p := x.phone("101", "198.51.100.7:5060")
		p.contact += `;+sip.instance="<` + urn + `>"`
		if a := p.registers(); strings.Contains(a.text, "gruu") {
			t.Errorf("not asked for:\n%v", a)
		}
		p.extra = []string{"Supported: gruu"}
		a := p.registers()
		contact := a.headers("Contact")[0]
		if !strings.Contains(contact, `;pub-gruu="sip:101@pbx.example.com;gr=`+urn+`"`) {
			t.Errorf("Contact %s", contact)
		}
		_, rest, _ := strings.Cut(contact, `;temp-gruu="sip:`)
		user, rest, _ := strings.Cut(rest, "@")
		if !strings.HasPrefix(user, temporaryPrefix) || !strings.HasPrefix(rest, `pbx.example.com;gr"`) || strings.Contains(user, "101") {
			t.Fatalf("Contact %s", contact)
		}
		x.phone("101", "198.51.100.8:5060").registers()
		for _, find := range []struct {
			user, gr string
			n        int
		}{{"101", urn, 1}, {user, "", 1}, {strings.ToUpper(user), "", 1}, {"101", "urn:uuid:other", 0}, {"101", "", 0}, {strings.Replace(user, user[10:11], "0", 1), "", 0}, {temporaryPrefix, "", 0}} {
			list := x.reg.ContactByGRUU("default", find.user, find.gr)
			if len(list) != find.n || find.n == 1 && list[0].URI != "sip:101@198.51.100.7:5060" {
				t.Errorf("%s gr=%s: %+v", find.user, find.gr, list)
			}
		}
		if len(x.reg.ContactByGRUU("other", user, "")) != 0 {
			t.Error("another organization opens it")
		}
		// The phone begins anew: what was anonymous is void, what is public stays.
		p.callID = "anew"
		p.registers()
		if len(x.reg.ContactByGRUU("default", user, "")) != 0 || len(x.reg.ContactByGRUU("default", "101", urn)) != 1 {
			t.Error("a temporary GRUU outlived its registration")
		}
	})
}

// Two homes, two NATs, the same private address in both Contacts.
func TestSamePrivateContact(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, x *exchange) {
		for i, from := range []string{"198.51.100.7:1024", "203.0.113.9:1024"} {
			p := x.phone("101", from)
			p.via = "192.168.1.10:5060"
			p.contact = fmt.Sprintf(`<sip:101@192.168.1.10:5060>;+sip.instance="<urn:uuid:%d>"`, i)
			p.registers()
		}
		list := x.reg.Contacts("default", "101")
		if len(list) != 2 || list[0].Flow == list[1].Flow || len(x.disk.all()) != 2 {
			t.Errorf("%+v", list)
		}
	})
}

// A phone behind a NAT whose mapping moved is found at its new place.
func TestRebinding(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, x *exchange) {
		p := x.phone("101", "198.51.100.7:1024")
		p.via, p.contact = "192.168.1.10:5060", "<sip:101@192.168.1.10:5060>"
		p.registers()
		p.flow = x.phone("101", "198.51.100.7:2048").flow
		p.registers()
		list := x.reg.Contacts("default", "101")
		if len(list) != 1 || list[0].Flow.Remote().Port() != 2048 || x.disk.commits != 2 {
			t.Errorf("%+v after %d commits", list, x.disk.commits)
		}
	})
}
