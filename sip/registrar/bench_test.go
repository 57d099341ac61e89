package registrar

import (
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/digest"
	"strowger/sip/siptest"
	"strowger/sip/transaction"
	"strowger/sip/transport"
)

// fleet is many phones of one organization, registered over UDP.
type fleet struct {
	reg      *Registrar
	tp       *transport.Layer
	accounts fleetAccounts
	answered int
	status   int
	answer   []byte
}

type fleetAccounts struct{ by map[string]Account }

func (a *fleetAccounts) Find(host, username string) (string, string, bool) {
	return "default", "strowger", true
}
func (a *fleetAccounts) Account(_, username string) (Account, bool) {
	acc, ok := a.by[username]
	return acc, ok
}
func (a *fleetAccounts) Registered(_, lineID, _ string) (Account, bool) {
	return a.Account("", strings.TrimPrefix(lineID, "line-"))
}
func (a *fleetAccounts) Domain(string) string          { return "pbx.example.com" }
func (a *fleetAccounts) Changed(func(org, aor string)) {}

func newFleet(b testing.TB, n int) *fleet {
	net := siptest.NewNet(1)
	fl := &fleet{tp: transport.New(net.Options()), accounts: fleetAccounts{by: make(map[string]Account, n)}}
	fl.tp.Serve(func(transport.Flow, *transport.Head, []byte) {})
	if _, err := fl.tp.Listen("udp://" + ours); err != nil {
		b.Fatal(err)
	}
	for i := range n {
		name := fmt.Sprintf("user%05d", i)
		fl.accounts.by[name] = Account{
			Org: "default", Username: name, AOR: name, LineID: "line-" + name, UserID: "user-" + name,
			HA1MD5: digest.HA1(digest.MD5, name, "strowger", "secret"), HA1SHA256: digest.HA1(digest.SHA256, name, "strowger", "secret"),
		}
	}
	fl.reg = New(Options{Auth: NewAuthenticator(AuthOptions{Accounts: &fl.accounts}), Network: fl.tp, KeepAlive: time.Hour})
	b.Cleanup(func() {
		fl.reg.Close()
		fl.tp.Close()
	})
	return fl
}

func addressOf(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
}

func (fl *fleet) flow(b testing.TB, i int) transport.Flow {
	f, ok := fl.tp.UDPTo(netip.AddrPortFrom(addressOf(i), 5060))
	if !ok {
		b.Fatal("no flow")
	}
	return f
}

func (fl *fleet) request(b testing.TB, i, cseq int, authorization string) *sip.Request {
	name, ip := fmt.Sprintf("user%05d", i), fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255)
	text := "REGISTER sip:pbx.example.com SIP/2.0\r\n" +
		"Via: SIP/2.0/UDP " + ip + ":5060;rport;branch=z9hG4bK-524287-1---" + name + "\r\nMax-Forwards: 70\r\n" +
		"Contact: <sip:" + name + "@" + ip + ":5060;rinstance=12ab34cd56ef7890>\r\n" +
		"To: <sip:" + name + "@pbx.example.com>\r\nFrom: <sip:" + name + "@pbx.example.com>;tag=4be3d1f0\r\n" +
		"Call-ID: 84738.MjA3YTc0NjY5MzYxYzFkNDk2MTc2-" + name + "\r\n" + fmt.Sprintf("CSeq: %d REGISTER\r\n", cseq) +
		"Expires: 3600\r\nAllow: INVITE, ACK, CANCEL, BYE, NOTIFY, REFER, MESSAGE, OPTIONS, INFO, SUBSCRIBE\r\nUser-Agent: Desk phone 12.3.4 (rev 567)\r\n" +
		authorization + "Content-Length: 0\r\n\r\n"
	msg, fault := transaction.Parse([]byte(text), false)
	if fault != nil {
		b.Fatal(fault)
	}
	return msg.(*sip.Request)
}

// register is a REGISTER of aor from address.
func register(t testing.TB, host, aor, address string, cseq int, authorization string) *sip.Request {
	msg, fault := transaction.Parse([]byte("REGISTER sip:"+host+" SIP/2.0\r\nVia: SIP/2.0/UDP "+address+";branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"+
		"To: <sip:"+aor+"@"+host+">\r\nFrom: <sip:"+aor+"@"+host+">;tag=1\r\nCall-ID: c\r\n"+fmt.Sprintf("CSeq: %d REGISTER\r\n", cseq)+
		"Contact: <sip:"+aor+"@"+address+">\r\nAuthorization: "+authorization+"\r\nContent-Length: 0\r\n\r\n"), false)
	if fault != nil {
		t.Fatal(fault)
	}
	return msg.(*sip.Request)
}

func (fl *fleet) respond(status int, msg []byte) {
	fl.answered++
	fl.status = status
	fl.answer = append(fl.answer[:0], msg...)
}

// authorize makes the header that answers a fresh nonce.
func (fl *fleet) authorize(i int, alg digest.Algorithm) string {
	ch, _ := digest.ParseChallenge(string(digest.AppendChallenge(nil, alg, "strowger", fl.reg.o.Auth.nonces.Append(nil, addressOf(i)), false)))
	return "Authorization: " + ch.Answer("REGISTER", "sip:pbx.example.com", fmt.Sprintf("user%05d", i), "secret", 1) + "\r\n"
}

// What a phone costs here: the first REGISTER, without credentials, and the
// second; parsing and sending are not in it.
func BenchmarkRegister(b *testing.B) {
	for _, alg := range []digest.Algorithm{digest.MD5, digest.SHA256} {
		b.Run(alg.String(), func(b *testing.B) {
			const n = 500
			fl := newFleet(b, n)
			flows := make([]transport.Flow, n)
			first, second := make([]*sip.Request, n), make([]*sip.Request, n)
			cseq := 0
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i%n == 0 {
					b.StopTimer()
					for j := range n {
						flows[j] = fl.flow(b, j)
						first[j] = fl.request(b, j, cseq+1, "")
						second[j] = fl.request(b, j, cseq+2, fl.authorize(j, alg))
					}
					cseq += 2
					b.StartTimer()
				}
				fl.reg.Handle(flows[i%n], first[i%n], fl.respond)
				fl.reg.Handle(flows[i%n], second[i%n], fl.respond)
				if fl.status != 200 {
					b.Fatalf("got\n%s", fl.answer)
				}
			}
		})
	}
}

// What a binding costs in memory, all in.
func BenchmarkMemory(b *testing.B) {
	const n = 50000
	fl := newFleet(b, n)
	for b.Loop() {
		before := heap()
		for i := range n {
			fl.reg.Handle(fl.flow(b, i), fl.request(b, i, 1, fl.authorize(i, digest.SHA256)), fl.respond)
			if fl.status != 200 {
				b.Fatalf("got\n%s", fl.answer)
			}
		}
		if got := fl.reg.Bound()["udp"]; got != n {
			b.Fatalf("%d bindings", got)
		}
		b.ReportMetric(float64(heap()-before)/n, "B/binding")
		fl.reg.drop0()
	}
}

func (r *Registrar) drop0() {
	for i := range r.shards {
		r.drop(&r.shards[i], func(key, *record, *binding, int64) bool { return true })
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A binding stays within what the exchange promises, all counted: the issue's
// figure is 1,500 bytes of process memory, of which the heap may be half.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("5,000 phones")
	}
	const n = 5000
	fl := newFleet(t, n)
	before := heap()
	for i := range n {
		fl.reg.Handle(fl.flow(t, i), fl.request(t, i, 1, fl.authorize(i, digest.MD5)), fl.respond)
	}
	if got := fl.reg.Bound()["udp"]; got != n {
		t.Fatalf("%d bindings", got)
	}
	if each := (heap() - before) / n; each > 750 {
		t.Errorf("%d bytes a binding", each)
	}
	runtime.KeepAlive(fl)
}

// Whatever a REGISTER says, it is answered once with a well-formed response,
// and no contact leads to another host.
func FuzzHandle(f *testing.F) {
	for _, contact := range []string{
		"<sip:101@198.51.100.7:5060>;expires=60", "*", `"x" <sip:101@127.0.0.1>;q=0.1;+sip.instance="<urn:uuid:1>";reg-id=1`,
		"sip:101@[::1]:70000;transport=tcp", `<sip:a@b?Route=%3Csip:c%3E>;foo="b;c"`, "<sips:%00@x;lr>;expires=",
	} {
		f.Add(contact, "0", "<sip:edge;lr>", "gruu, outbound")
		f.Add(contact, "3600", `"a" <sip:b;ob>,<`, "")
	}
	fl := newFleet(f, 1)
	flow := fl.flow(f, 7)
	cseq := 0
	f.Fuzz(func(t *testing.T, contact, expires, path, supported string) {
		cseq++
		text := "REGISTER sip:pbx.example.com SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.7;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n" +
			"To: <sip:user00000@pbx.example.com>\r\nFrom: <sip:user00000@pbx.example.com>;tag=1\r\nCall-ID: f\r\n" +
			fmt.Sprintf("CSeq: %d REGISTER\r\n", cseq) + "Contact: " + contact + "\r\nExpires: " + expires + "\r\nPath: " + path + "\r\nSupported: " + supported + "\r\n" +
			fl.authorize(0, digest.MD5) + "Content-Length: 0\r\n\r\n"
		msg, fault := transaction.Parse([]byte(text), false)
		if fault != nil {
			return
		}
		req, ok := msg.(*sip.Request)
		if !ok || req.Method != sip.REGISTER {
			return
		}
		fl.answered = 0
		fl.reg.Handle(flow, req, fl.respond)
		if fl.answered != 1 {
			t.Fatalf("answered %d times", fl.answered)
		}
		if _, fault := transaction.Parse(fl.answer, false); fault != nil {
			t.Fatalf("%v in\n%s\nto\n%s", fault, fl.answer, text)
		}
		list := fl.reg.Contacts("default", "user00000")
		if len(list) > MaxContacts {
			t.Fatalf("%d contacts", len(list))
		}
		for _, c := range list {
			if c.Flow.Remote().Addr() != flow.Remote().Addr() {
				t.Fatalf("%s leads to %s", c.URI, c.Flow.Remote())
			}
		}
	})
}

func FuzzSameURI(f *testing.F) {
	f.Add("sip:101@192.0.2.1;transport=tcp", "sip:%3101@192.0.2.1")
	f.Fuzz(func(t *testing.T, a, b string) {
		if sameURI(a, b) != sameURI(b, a) {
			t.Errorf("%q and %q: depends on who asks", a, b)
		}
		if !sameURI(a, a) {
			t.Errorf("%q is not itself", a)
		}
	})
}
