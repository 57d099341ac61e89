package registrar

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/digest"
	"strowger/sip/transaction"
)

func digest0(password string) string {
	return digest.HA1(digest.SHA256, "102", "strowger", password)
}

func parseBytes(s string) (sip.Message, *transaction.Fault) {
	return transaction.Parse([]byte(s), false)
}

func TestChallenge(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, x *exchange) {
		p := x.phone("101", "198.51.100.7:5060")
		a := p.challenge()
		a.parsed()
		got := a.headers("WWW-Authenticate")
		if len(got) != 2 || !strings.Contains(got[0], "algorithm=MD5") || !strings.Contains(got[1], "algorithm=SHA-256") {
			t.Fatalf("challenges %q", got)
		}
		for _, c := range got {
			if !strings.Contains(c, `realm="strowger"`) || !strings.Contains(c, `qop="auth"`) || strings.Contains(c, "stale") {
				t.Errorf("challenge %s", c)
			}
		}
		for _, alg := range []digest.Algorithm{digest.MD5, digest.SHA256} {
			p.alg = alg
			p.registers()
		}
		// A phone may use a nonce many times, counting.
		for range 3 {
			if a := p.send(p.authorized()); a.status != 200 {
				t.Errorf("counting: %v", a)
			}
		}
		// Not counting is not an attack: it gets a new nonce.
		p.count--
		if a := p.send(p.authorized()); a.status != 401 || !strings.Contains(a.text, "stale=true") {
			t.Errorf("a used count: %v", a)
		}
		time.Sleep(digest.NonceLife)
		if a := p.send(p.authorized()); a.status != 401 || strings.Count(a.text, "stale=true") != 2 {
			t.Errorf("an old nonce: %v", a)
		} else {
			p.learn(a)
		}
		if a := p.send(p.authorized()); a.status != 200 {
			t.Errorf("after stale: %v", a)
		}
		if len(x.blamed) != 0 {
			t.Errorf("blamed: %v", x.blamed)
		}
	})
}

// Threats 16, 17 and 18: nobody, a wrong password and a cross-user REGISTER.
func TestDenied(t *testing.T) {
	tests := []struct {
		name   string
		set    func(p *phone)
		status int
		blame  int
	}{
		{"wrong password", func(p *phone) { p.password = "wrong" }, 401, 1},
		{"nobody", func(p *phone) { p.user, p.username = "999", "999" }, 401, 1},
		{"somebody at another organization", func(p *phone) { p.user, p.username = "201", "201" }, 401, 1},
		{"the other organization's password", func(p *phone) { p.password = "another" }, 401, 1},
		{"another's line", func(p *phone) { p.user = "102" }, 403, 0},
		{"nobody's line", func(p *phone) { p.user = "999" }, 403, 0},
		{"an app device as its own name", func(p *phone) { p.username, p.user = "dev-7", "dev-7" }, 403, 0},
		{"another realm", func(p *phone) { p.ch.Realm = "elsewhere" }, 401, 0},
		{"nonce of nobody, right password", func(p *phone) { p.ch.Nonce = strings.Repeat("A", 44) }, 401, 0},
		{"nonce of nobody, wrong password", func(p *phone) { p.ch.Nonce = strings.Repeat("A", 44); p.password = "wrong" }, 401, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, Options{}, func(t *testing.T, x *exchange) {
				p := x.phone("101", "198.51.100.7:5060")
				p.challenge()
				test.set(p)
				a := p.send(p.authorized())
				if a == nil || a.status != test.status || len(x.blamed) != test.blame {
					t.Errorf("blamed %v, got %v", x.blamed, a)
				}
				if n := len(x.reg.Registrations("default")) + len(x.reg.Registrations("other")); n != 0 {
					t.Errorf("%d bindings", n)
				}
			})
		})
	}
}

// Whoever writes another's address as the sender does not read what is sent
// there. What it guesses over a nonce of its own, or over none of ours, has
// nobody banned and tells nothing of the password.
func TestGuessesUnderAnothersAddress(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, x *exchange) {
		p := x.phone("101", "198.51.100.7:5060")
		p.challenge()
		own := p.ch.Nonce
		victim := x.phone("101", "203.0.113.9:5060")
		for _, nonce := range []string{own, strings.Repeat("A", 44)} {
			var told []int
			for _, password := range []string{"wrong", victim.password} {
				victim.challenge()
				victim.ch.Nonce = nonce
				right := victim.password
				victim.password = password
				a := victim.send(victim.authorized())
				victim.password = right
				if a == nil || a.status != 401 || strings.Count(a.text, "stale=true") != 2 {
					t.Fatalf("with the password %q over another's nonce: %v", password, a)
				}
				told = append(told, len(a.text))
			}
			if told[0] != told[1] {
				t.Errorf("a right and a wrong guess are answered with %d and %d bytes", told[1], told[0])
			}
		}
		if len(x.blamed) != 0 {
			t.Errorf("blamed %v", x.blamed)
		}
		victim.registers()
	})
}

// Who asks for nobody is told what who asks for somebody is told.
func TestNothingToEnumerate(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, x *exchange) {
		shape := func(a *answer, user string) string {
			text := a.text
			for _, h := range a.headers("WWW-Authenticate") {
				_, rest, _ := strings.Cut(h, `nonce="`)
				nonce, _, _ := strings.Cut(rest, `"`)
				text = strings.ReplaceAll(text, nonce, "NONCE")
			}
			_, rest, _ := strings.Cut(text, ";tag=x")
			_, rest, _ = strings.Cut(rest, ";tag=")
			tag, _, _ := strings.Cut(rest, "\r\n")
			return strings.ReplaceAll(strings.ReplaceAll(text, tag, "TAG"), user, "USER")
		}
		for _, host := range []string{"pbx.example.com", "203.0.113.77", "nowhere.example"} {
			var first, second []string
			for _, user := range []string{"102", "999"} {
				p := x.phone(user, "198.51.100.7:5060")
				p.host, p.callID, p.password = host, "same", "wrong"
				first = append(first, shape(p.challenge(), user))
				second = append(second, shape(p.send(p.authorized()), user))
			}
			if first[0] != first[1] || second[0] != second[1] {
				t.Errorf("at %s somebody:\n%s\n%s\nnobody:\n%s\n%s", host, first[0], second[0], first[1], second[1])
			}
		}
	})
}

func TestSameResource(t *testing.T) {
	for _, test := range []struct {
		uri, request string
		same         bool
	}{
		{"sip:pbx.example.com", "sip:pbx.example.com", true},
		{"sip:PBX.example.com", "sip:pbx.example.com", true},
		{"sip:pbx.example.com:5060", "sip:pbx.example.com", true},
		{"sip:pbx.example.com;transport=udp", "sip:pbx.example.com", true},
		{"sip:101@pbx.example.com", "sip:101@pbx.example.com", true},
		{"sip:%31%30%31@pbx.example.com", "sip:101@pbx.example.com", true},
		{"sip:102@pbx.example.com", "sip:101@pbx.example.com", false},
		{"sip:pbx.example.com", "sip:101@pbx.example.com", false},
		{"sip:pbx.example.com:5080", "sip:pbx.example.com:5060", false},
		{"sip:evil.example.com", "sip:pbx.example.com", false},
		{"sip:[2001:db8::1]:5060", "sip:[2001:db8::1]", true},
		{"/index.html", "sip:pbx.example.com", false},
		{"*", "sip:pbx.example.com", false},
	} {
		var r sip.Uri
		if err := sip.ParseUri(test.request, &r); err != nil {
			t.Fatal(err)
		}
		if sameResource(test.uri, &r) != test.same {
			t.Errorf("uri %s for %s: want %v", test.uri, test.request, test.same)
		}
	}
}

func TestAuthenticate(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, x *exchange) {
		f := x.phone("101", "198.51.100.7:5060").flow
		invite := func(host, header string) *sip.Request {
			text := fmt.Sprintf("INVITE sip:102@%s SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"+
				"From: <sip:101@%s>;tag=a\r\nTo: <sip:102@%s>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContact: <sip:101@198.51.100.7>\r\n%sContent-Length: 0\r\n\r\n", host, host, host, header)
			msg, fault := parseBytes(text)
			if fault != nil {
				t.Fatal(fault)
			}
			return msg.(*sip.Request)
		}
		_, res := x.auth.Authenticate(f, invite("pbx.example.com", ""), transaction.NewTag)
		if res == nil || res.StatusCode != 407 {
			t.Fatalf("got %v", res)
		}
		headers := res.GetHeaders("Proxy-Authenticate")
		if len(headers) != 2 {
			t.Fatalf("challenges in\n%s", res)
		}
		ch, err := digest.ParseChallenge(headers[0].Value())
		if err != nil {
			t.Fatal(err)
		}
		sign := func(name, user, uri, password string, nc uint32) string {
			return name + ": " + ch.Answer("INVITE", uri, user, password, nc) + "\r\n"
		}
		const uri = "sip:102@pbx.example.com"
		acc, res := x.auth.Authenticate(f, invite("pbx.example.com", sign("Proxy-Authorization", "101", uri, "secret", 1)), transaction.NewTag)
		if res != nil || acc.Org != "default" || acc.AOR != "101" || acc.LineID != "line-101" {
			t.Fatalf("got %+v, %v", acc, res)
		}
		for name, header := range map[string]string{
			"wrong header":   sign("Authorization", "101", uri, "secret", 2),
			"wrong uri":      sign("Proxy-Authorization", "101", "sip:900@pbx.example.com", "secret", 3),
			"wrong password": sign("Proxy-Authorization", "101", uri, "wrong", 4),
			"replayed":       sign("Proxy-Authorization", "101", uri, "secret", 1),
			"no digest":      "Proxy-Authorization: Basic abc\r\n",
			"broken":         "Proxy-Authorization: Digest username=\"101\r\n",
		} {
			if acc, res := x.auth.Authenticate(f, invite("pbx.example.com", header), transaction.NewTag); res == nil || acc.LineID != "" {
				t.Errorf("%s: let in", name)
			}
		}
		if len(x.blamed) != 1 {
			t.Errorf("blamed %v", x.blamed)
		}
		// Two organizations have a 101: at an unknown host it is nobody.
		if _, res := x.auth.Authenticate(f, invite("nowhere.example", sign("Proxy-Authorization", "101", "sip:102@nowhere.example", "secret", 9)), transaction.NewTag); res == nil {
			t.Error("an ambiguous name is let in")
		}
		synctest.Wait()
	})
}

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{"": "", "101": "101", "%31": "1", "a%20b": "a b", "%": "%", "%4": "%4", "%zz": "%zz", "a%2": "a%2", "%2541": "%41"} {
		if got := unescape(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	for _, s := range []string{"101", "anna maria", "ü", "a@b:c"} {
		if got := unescape(escapeUser(s)); got != s {
			t.Errorf("%q comes back as %q", s, got)
		}
	}
}
