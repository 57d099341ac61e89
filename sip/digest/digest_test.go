package digest

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	icholy "github.com/icholy/digest"
)

var here = netip.MustParseAddr("192.0.2.7")

func TestParse(t *testing.T) {
	full := `Digest username="anna", realm="strowger", nonce="n", uri="sip:x", response="r", algorithm=SHA-256, cnonce="c", qop=auth, nc=0000000a, opaque="o"`
	c, err := Parse(full)
	if err != nil {
		t.Fatal(err)
	}
	want := Credentials{Username: "anna", Realm: "strowger", Nonce: "n", URI: "sip:x", Response: "r", CNonce: "c", Opaque: "o", QOP: "auth", Algorithm: SHA256, NC: 10, ncText: "0000000a"}
	if c != want {
		t.Errorf("got %+v", c)
	}
	tests := []struct {
		name, header, want string // want is part of the error
	}{
		{"lower-case scheme and names in capitals", `digest USERNAME="a",REALM="b",NONCE="c",URI="d",RESPONSE="e"`, ""},
		{"folded", "Digest\r\n username=\"a\",\r\n realm=\"b\" , nonce = \"c\",uri=\"d\",response=\"e\"", ""},
		{"quoted qop and algorithm", `Digest username="a",realm="b",nonce="c",uri="d",response="e",qop="auth",nc=00000001,cnonce="x",algorithm="md5"`, ""},
		{"comma inside quotes", `Digest username="a,b=c",realm="b",nonce="c",uri="d",response="e"`, ""},
		{"unknown parameter", `Digest username="a",realm="b",nonce="c",uri="d",response="e",auth-param="z"`, ""},
		{"basic", `Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==`, "not the Digest scheme"},
		{"scheme only", `Digest`, "not the Digest scheme"},
		{"scheme run on", `Digestusername="a"`, "not the Digest scheme"},
		{"nothing", `Digest `, "username is missing"},
		{"no response", `Digest username="a",realm="b",nonce="c",uri="d"`, "response is missing"},
		{"twice", `Digest username="a",realm="b",nonce="c",uri="d",response="e",username="z"`, "username appears twice"},
		{"open quote", `Digest username="a`, "quote is not closed"},
		{"escape at the end", `Digest username="a\`, "quote is not closed"},
		{"text after quote", `Digest username="a"b,realm="b"`, "after the closing quote"},
		{"no value", `Digest username`, "has no value"},
		{"no name", `Digest ="a"`, "no parameter name"},
		{"qop without cnonce", `Digest username="a",realm="b",nonce="c",uri="d",response="e",qop=auth,nc=00000001`, "cnonce is missing"},
		{"short nc", `Digest username="a",realm="b",nonce="c",uri="d",response="e",qop=auth,nc=1,cnonce="x"`, "8 hexadecimal digits"},
		{"nc no hex", `Digest username="a",realm="b",nonce="c",uri="d",response="e",qop=auth,nc=0000000g,cnonce="x"`, "8 hexadecimal digits"},
		{"huge", `Digest username="` + strings.Repeat("a", 5000) + `"`, "over 4096"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse(test.header)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	c, err = Parse(`Digest username="a\"b\\c",realm="b",nonce="c",uri="d",response="e"`)
	if err != nil || c.Username != `a"b\c` {
		t.Errorf("escapes: %q %v", c.Username, err)
	}
}

// The examples of RFC 7616 §3.9.1 and of RFC 2617 §3.5.
func TestVerifyVectors(t *testing.T) {
	tests := []struct {
		name                        string
		a                           Algorithm
		user, realm, password       string
		nonce, uri, cnonce, qop, nc string
		response                    string
	}{
		{"RFC 7616 MD5", MD5, "Mufasa", "http-auth@example.org", "Circle of Life",
			"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "/dir/index.html", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "auth", "00000001",
			"8ca523f5e9506fed4657c9700eebdbec"},
		{"RFC 7616 SHA-256", SHA256, "Mufasa", "http-auth@example.org", "Circle of Life",
			"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "/dir/index.html", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "auth", "00000001",
			"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
		{"RFC 2617", MD5, "Mufasa", "testrealm@host.com", "Circle Of Life",
			"dcd98b7102dd2f0e8b11d0f600bfb0c093", "/dir/index.html", "0a4f113b", "auth", "00000001",
			"6629fae49393a05397450978507c4ef1"},
		{"RFC 2069 by the erratum", MD5, "Mufasa", "testrealm@host.com", "CircleOfLife",
			"dcd98b7102dd2f0e8b11d0f600bfb0c093", "/dir/index.html", "", "", "",
			"1949323746fe6a43ef61f9606e7febea"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ha1MD5, ha1SHA := HA1(MD5, test.user, test.realm, test.password), HA1(SHA256, test.user, test.realm, test.password)
			c := Credentials{Username: test.user, Realm: test.realm, Nonce: test.nonce, URI: test.uri, Response: test.response,
				CNonce: test.cnonce, QOP: test.qop, Algorithm: test.a, ncText: test.nc}
			if !c.Verify("GET", ha1MD5, ha1SHA) {
				t.Error("the example's answer is refused")
			}
			upper := c
			upper.Response = strings.ToUpper(c.Response)
			if !upper.Verify("GET", ha1MD5, ha1SHA) {
				t.Error("the same in upper case is refused")
			}
			for name, bad := range map[string]func(*Credentials) string{
				"another method": func(c *Credentials) string { return "PUT" },
				"another uri":    func(c *Credentials) string { c.URI += "x"; return "GET" },
				"another nonce":  func(c *Credentials) string { c.Nonce += "x"; return "GET" },
				"one digit":      func(c *Credentials) string { c.Response = "0" + c.Response[1:]; return "GET" },
				"short":          func(c *Credentials) string { c.Response = c.Response[:8]; return "GET" },
				"auth-int":       func(c *Credentials) string { c.QOP = "auth-int"; return "GET" },
				"unsupported":    func(c *Credentials) string { c.Algorithm = Unsupported; return "GET" },
				"other hash":     func(c *Credentials) string { c.Algorithm = 1 - c.Algorithm; return "GET" },
			} {
				b := c
				method := bad(&b)
				if b.Verify(method, ha1MD5, ha1SHA) {
					t.Errorf("%s is accepted", name)
				}
			}
			if c.Verify("GET", "", "") || c.Verify("GET", ha1MD5+"0", ha1SHA+"0") {
				t.Error("an HA1 that is none is accepted")
			}
		})
	}
}

// Our challenge is answered by a client of another hand, and our answer is
// what that client would say.
func TestAgainstAnotherImplementation(t *testing.T) {
	nonces := NewNonces(0)
	for _, a := range []Algorithm{MD5, SHA256} {
		for _, realm := range []string{"strowger", `we "quote" \ it`} {
			t.Run(fmt.Sprint(a, realm), func(t *testing.T) {
				nonce := nonces.Append(nil, here)
				text := string(AppendChallenge(nil, a, realm, nonce, false))
				theirs, err := icholy.ParseChallenge(text)
				if err != nil {
					t.Fatalf("%s: %v", text, err)
				}
				cred, err := icholy.Digest(theirs, icholy.Options{Method: "REGISTER", URI: "sip:example.com", Username: "101", Password: "secret", Count: 1})
				if err != nil {
					t.Fatal(err)
				}
				c, err := Parse(cred.String())
				if err != nil {
					t.Fatal(err)
				}
				if !c.Verify("REGISTER", HA1(MD5, "101", c.Realm, "secret"), HA1(SHA256, "101", c.Realm, "secret")) {
					t.Error("their answer is refused")
				}
				if _, ok := nonces.Check(c.Nonce, here); !ok {
					t.Error("the nonce is not known again")
				}
				challenge, err := ParseChallenge(text)
				if err != nil || challenge.Realm != realm || !challenge.QOP || challenge.Algorithm != a {
					t.Fatalf("our own challenge reads as %+v, %v", challenge, err)
				}
				ours, err := Parse(challenge.answer("REGISTER", "sip:example.com", "101", "secret", 1, cred.Cnonce))
				if err != nil || ours.Response != cred.Response && realm == "strowger" {
					t.Errorf("we answer %+v (%v), they %+v", ours, err, cred)
				}
			})
		}
	}
}

func TestAnswer(t *testing.T) {
	for _, test := range []struct{ name, challenge string }{
		{"qop auth", `Digest realm="carrier", nonce="abc", qop="auth"`},
		{"several qops", `Digest realm="carrier", nonce="abc", qop="auth-int, auth", algorithm=MD5`},
		{"no qop", `Digest realm="carrier", nonce="abc"`},
		{"SHA-256 with opaque", `Digest realm="carrier", nonce="abc", opaque="xyz", algorithm=SHA-256, qop="auth"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			ch, err := Choose([]string{test.challenge})
			if err != nil {
				t.Fatal(err)
			}
			c, err := Parse(ch.Answer("INVITE", "sip:+49@carrier", "we", "pass", 1))
			if err != nil {
				t.Fatal(err)
			}
			if !c.Verify("INVITE", HA1(MD5, "we", "carrier", "pass"), HA1(SHA256, "we", "carrier", "pass")) {
				t.Errorf("our answer does not verify: %+v", c)
			}
			if strings.Contains(test.challenge, "opaque") != (c.Opaque == "xyz") {
				t.Errorf("opaque %q", c.Opaque)
			}
		})
	}
	ch, err := Choose([]string{`Digest realm="a", nonce="1", algorithm=SHA-512-256`, `Basic realm="a"`, `Digest realm="b", nonce="2", qop="auth-int"`, `Digest realm="c", nonce="3", algorithm=MD5`})
	if err != nil || ch.Realm != "c" {
		t.Errorf("chose %+v, %v", ch, err)
	}
	if _, err := Choose([]string{`Basic realm="a"`}); !errors.Is(err, ErrNoChallenge) {
		t.Errorf("got %v", err)
	}
}

func TestNonceLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNonces(0)
		nonce := string(n.Append(nil, here))
		if len(nonce) != nonceText {
			t.Fatalf("%d characters", len(nonce))
		}
		time.Sleep(NonceLife - time.Millisecond)
		if _, ok := n.Check(nonce, here); !ok {
			t.Error("stale before its time")
		}
		time.Sleep(time.Millisecond)
		if _, ok := n.Check(nonce, here); ok {
			t.Error("fresh after its time")
		}
	})
	n := NewNonces(0)
	nonce := string(n.Append(nil, here))
	if _, ok := NewNonces(0).Check(nonce, here); ok {
		t.Error("a nonce of another run is fresh")
	}
	for _, addr := range []string{"192.0.2.8", "2001:db8::7", "::"} {
		if _, ok := n.Check(nonce, netip.MustParseAddr(addr)); ok {
			t.Errorf("a nonce sent to %s is fresh at %s", here, addr)
		}
	}
	for i := range nonce {
		forged := []byte(nonce)
		if forged[i]++; forged[i] == nonce[i] {
			continue
		}
		if _, ok := n.Check(string(forged), here); ok {
			t.Errorf("a nonce changed at %d is ours", i)
		}
	}
	for _, s := range []string{"", "abc", strings.Repeat("A", nonceText), strings.Repeat("\n", nonceText)} {
		if _, ok := n.Check(s, here); ok {
			t.Errorf("%q is ours", s)
		}
	}
}

func TestReplay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNonces(0)
		fresh := func() Ticket {
			t.Helper()
			k, ok := n.Check(string(n.Append(nil, here)), here)
			if !ok {
				t.Fatal("our nonce is not ours")
			}
			return k
		}
		k := fresh()
		for i, use := range []struct {
			nc uint32
			ok bool
		}{
			{1, true}, {1, false}, {3, true}, {2, true}, {2, false}, {3, false}, // overtaken, then repeated
			{40, true}, {8, true}, {8, false}, {7, false}, {39, true}, {40, false}, {72, true}, {40, false}, {200, true}, {72, false},
		} {
			if got := n.Use(k, use.nc); got != use.ok {
				t.Errorf("use %d, nc %d: %v", i, use.nc, got)
			}
		}
		if once := fresh(); !n.Use(once, 0) || n.Use(once, 0) || n.Use(once, 1) || n.Use(once, ^uint32(0)) {
			t.Error("a client without qop gets one use")
		}
		// Counts outlive generations for as long as the nonce does.
		text := string(n.Append(nil, here))
		k, _ = n.Check(text, here)
		n.Use(k, 5)
		for range 11 {
			time.Sleep(NonceLife/11 - time.Millisecond)
			n.Use(fresh(), 1)
			if k, ok := n.Check(text, here); ok && n.Use(k, 5) {
				t.Fatal("replayed")
			}
		}
	})
}

// Whatever happens, memory is bounded and nothing is replayed.
func TestReplayUnderPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNonces(0)
		s := &n.shards[0]
		time.Sleep(time.Second)
		first := Ticket{id: nonceShards, issued: n.now()}
		if !n.Use(first, 1) {
			t.Fatal("first use refused")
		}
		for i := uint64(2); i < 3*nonceCap; i++ {
			n.Use(Ticket{id: i * nonceShards, issued: n.now()}, 1)
			if i%1000 == 0 {
				time.Sleep(time.Millisecond)
				if n.Use(first, 1) {
					t.Fatalf("replayed after %d others", i)
				}
			}
		}
		if got := len(s.now) + len(s.before); got > 2*nonceCap {
			t.Errorf("%d counts kept", got)
		}
		if !n.Use(Ticket{id: 1 << 40 * nonceShards, issued: n.now()}, 1) {
			t.Error("a new nonce is refused")
		}
		time.Sleep(10 * NonceLife)
		n.Use(Ticket{id: 7 * nonceShards, issued: n.now()}, 1)
		if len(s.before) != 0 {
			t.Error("old counts are kept")
		}
	})
}

func TestNoAllocation(t *testing.T) {
	c, header := example(t, SHA256)
	n := NewNonces(0)
	nonce := string(n.Append(nil, here))
	ha1, ha1s := HA1(MD5, "101", "strowger", "secret"), HA1(SHA256, "101", "strowger", "secret")
	for name, f := range map[string]func(){
		"parse":  func() { Parse(header) },
		"verify": func() { c.Verify("REGISTER", ha1, ha1s) },
		"check":  func() { n.Check(nonce, here) },
	} {
		if got := testing.AllocsPerRun(100, f); got != 0 {
			t.Errorf("%s allocates %v times", name, got)
		}
	}
}

func example(t testing.TB, a Algorithm) (Credentials, string) {
	n := NewNonces(0)
	ch, err := ParseChallenge(string(AppendChallenge(nil, a, "strowger", n.Append(nil, here), false)))
	if err != nil {
		t.Fatal(err)
	}
	header := ch.Answer("REGISTER", "sip:pbx.example.com", "101", "secret", 1)
	c, err := Parse(header)
	if err != nil {
		t.Fatal(err)
	}
	return c, header
}

func BenchmarkVerify(b *testing.B) {
	ha1, ha1s := HA1(MD5, "101", "strowger", "secret"), HA1(SHA256, "101", "strowger", "secret")
	for _, a := range []Algorithm{MD5, SHA256} {
		b.Run(a.String(), func(b *testing.B) {
			_, header := example(b, a)
			b.ReportAllocs()
			for b.Loop() {
				c, err := Parse(header)
				if err != nil || !c.Verify("REGISTER", ha1, ha1s) {
					b.Fatal("refused")
				}
			}
		})
	}
}

func BenchmarkNonce(b *testing.B) {
	n := NewNonces(0)
	var mem [64]byte
	b.ReportAllocs()
	for b.Loop() {
		text := n.Append(mem[:0], here)
		if _, ok := n.Check(string(text), here); !ok {
			b.Fatal("stale")
		}
	}
}

func FuzzParse(f *testing.F) {
	_, header := example(f, MD5)
	for _, s := range []string{header, `Digest username="a\"b",realm="b",nonce="c",uri="d",response="e"`, `Digest a=,b=",c`, "Digest \t=\"\\"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := Parse(s)
		if err == nil {
			if c.Response == "" && c.Username == "" && c.Nonce == "" && !strings.Contains(s, `""`) && !strings.Contains(s, "=") {
				t.Errorf("%q reads as nothing", s)
			}
			if c.Verify("REGISTER", FakeHA1MD5, FakeHA1SHA256) {
				t.Errorf("%q verifies for nobody", s)
			}
		}
		if ch, err := ParseChallenge(s); err == nil && ch.Algorithm != Unsupported {
			answer := ch.Answer("REGISTER", "sip:x", "anna", "pw", 1)
			if strings.ContainsAny(answer, "\r\n") {
				t.Errorf("%q is answered with a line break", s)
			}
		}
	})
}
