package transaction

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

const sample = "INVITE sip:202@example.com SIP/2.0\r\n" +
	"Via: SIP/2.0/UDP 192.0.2.4:5062;branch=z9hG4bK-abc.1;rport\r\n" +
	"Max-Forwards: 70\r\n" +
	"From: \"Anna\" <sip:201@example.com>;tag=from1\r\n" +
	"To: <sip:202@example.com>\r\n" +
	"Call-ID: 3848276298220188511@192.0.2.4\r\n" +
	"CSeq: 1 INVITE\r\n" +
	"Contact: <sip:201@192.0.2.4:5062;transport=udp>\r\n" +
	"User-Agent: Phone 1.0\r\n" +
	"Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n" +
	"Supported: replaces, timer\r\n" +
	"Content-Type: application/sdp\r\n" +
	"Content-Length: 129\r\n\r\n" +
	"v=0\r\no=- 1 1 IN IP4 192.0.2.4\r\ns=-\r\nc=IN IP4 192.0.2.4\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n\r\n"

func with(header string) string {
	return strings.Replace(sample, "User-Agent: Phone 1.0", header, 1)
}

// TestTraps holds the parser to what sipgo's gets wrong: see the package
// comment.
func TestTraps(t *testing.T) {
	for _, c := range []struct {
		name, msg string
		get       func(r *sip.Request) string
		want      string
	}{
		{"parameter names in capitals", strings.Replace(sample, ";tag=from1", ";Tag=from1", 1), func(r *sip.Request) string { return FromTag(r) }, "from1"},
		{"branch in capitals", strings.Replace(sample, ";branch", ";BRANCH", 1), func(r *sip.Request) string { return r.Via().Params.GetOr("branch", "") }, "z9hG4bK-abc.1"},
		{"expires in capitals", strings.Replace(sample, "transport=udp>", "transport=udp>;EXPIRES=60", 1), func(r *sip.Request) string { return r.Contact().Params.GetOr("expires", "") }, "60"},
		{"URI parameter in capitals", strings.Replace(sample, ";transport=udp", ";Transport=UDP", 1), func(r *sip.Request) string { return r.Contact().Address.UriParams.GetOr("transport", "") }, "UDP"},
		{"white space in Via", strings.Replace(sample, "SIP/2.0/UDP 192.0.2.4:5062;branch=", "SIP / 2.0 / UDP  192.0.2.4 : 5062 ; branch = ", 1), func(r *sip.Request) string {
			return r.Via().Host + " " + itoa(r.Via().Port/10) + " " + r.Via().Params.GetOr("branch", "")
		}, "192.0.2.4 506 z9hG4bK-abc.1"},
		{"white space around tag", strings.Replace(sample, ";tag=from1", " ; tag = from1", 1), func(r *sip.Request) string { return FromTag(r) }, "from1"},
		{"quoted value with a blank", strings.Replace(sample, "udp>", `udp>;foo="a b;c,d";x=1`, 1), func(r *sip.Request) string {
			return Unquote(r.Contact().Params.GetOr("foo", "")) + "|" + r.Contact().Params.GetOr("x", "")
		}, "a b;c,d|1"},
		{"quotes are kept", strings.Replace(sample, "udp>", `udp>;+sip.instance="<urn:uuid:1>"`, 1), func(r *sip.Request) string { return string(appendHeader(nil, r.Contact())) },
			"Contact: <sip:201@192.0.2.4:5062;transport=udp>;+sip.instance=\"<urn:uuid:1>\"\r\n"},
		{"tag with =", strings.Replace(sample, "tag=from1", "tag=abc==", 1), func(r *sip.Request) string { return FromTag(r) + " " + string(appendHeader(nil, r.From())) }, "abc== From: \"Anna\" <sip:201@example.com>;tag=abc==\r\n"},
		{"user that looks like parameters", strings.Replace(sample, "INVITE sip:202@example.com", "INVITE sip:h;x=a@b", 1), func(r *sip.Request) string { return r.Recipient.User + " " + r.Recipient.Host }, "h;x=a b"},
		{"escaped user", strings.Replace(sample, "INVITE sip:202@", "INVITE sip:%32%30%32@", 1), func(r *sip.Request) string { return r.Recipient.User + " " + Unescape(r.Recipient.User) }, "%32%30%32 202"},
		{"compact Refer-To", with("r: \"Bob\" <sip:bob@example.com?Replaces=1%3Bto-tag%3D2>;x=y"), func(r *sip.Request) string {
			v, _ := Header(r, "Refer-To")
			a, err := ParseNameAddr(v)
			if err != nil || r.ReferTo() == nil {
				return "unseen"
			}
			return a.Name + " " + a.URI.User + " " + Unescape(a.URI.Headers.GetOr("replaces", "")) + " " + a.Params.GetOr("x", "")
		}, "Bob bob 1;to-tag=2 y"},
		{"compact Supported", with("k: 100rel"), func(r *sip.Request) string {
			return strings.Join(slices.Collect(Values(r, "Supported")), "+")
		}, "100rel+replaces+timer"},
		{"compact Session-Expires", with("x: 1800;refresher=uac"), func(r *sip.Request) string { v, _ := Header(r, "session-expires"); return v }, "1800;refresher=uac"},
		{"first Contact", strings.Replace(sample, "udp>", "udp>, <sip:other@example.com>", 1), func(r *sip.Request) string { return r.Contact().Address.User }, "201"},
		{"comma in quotes", with(`P-Asserted-Identity: "Doe, J" <sip:1@x>, <tel:+123>`), func(r *sip.Request) string {
			return strings.Join(slices.Collect(Values(r, "P-Asserted-Identity")), "|")
		}, `"Doe, J" <sip:1@x>|<tel:+123>`},
		{"Route set over lines", with("Route: <sip:a;lr>, <sip:b;lr>\r\nroute: <sip:c;lr>"), func(r *sip.Request) string {
			s := ""
			for _, h := range r.GetHeaders("Route") {
				s += h.(*sip.RouteHeader).Address.Host
			}
			return s + r.Route().Address.Host
		}, "abca"},
		{"method in small letters is another", strings.ReplaceAll(sample, "INVITE", "invite"), func(r *sip.Request) string { return string(r.Method) }, "invite"},
		{"wildcard", strings.Replace(sample, "<sip:201@192.0.2.4:5062;transport=udp>", "*", 1), func(r *sip.Request) string { return string(appendHeader(nil, r.Contact())) }, "Contact: *\r\n"},
		{"no final CRLF in an empty folded header", with("Subject:\r\n "), func(r *sip.Request) string {
			v, ok := Header(r, "Subject")
			return v + map[bool]string{true: "seen"}[ok]
		}, "seen"},
	} {
		t.Run(c.name, func(t *testing.T) {
			msg, fault := Parse([]byte(c.msg), false)
			if fault != nil {
				t.Fatal(fault)
			}
			if got := c.get(msg.(*sip.Request)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	for name, msg := range map[string]string{
		"no Via":               strings.Replace(sample, "Via:", "X-Via:", 1),
		"no From":              strings.Replace(sample, "From:", "X-From:", 1),
		"no To":                strings.Replace(sample, "To:", "X-To:", 1),
		"no Call-ID":           strings.Replace(sample, "Call-ID:", "X-ID:", 1),
		"no CSeq":              strings.Replace(sample, "CSeq:", "X-CSeq:", 1),
		"two From":             with("f: <sip:x@y>"),
		"two Call-ID":          with("i: x"),
		"two Content-Type":     with("c: text/plain"),
		"Max-Forwards 256":     strings.Replace(sample, "Max-Forwards: 70", "Max-Forwards: 256", 1),
		"Max-Forwards -1":      strings.Replace(sample, "Max-Forwards: 70", "Max-Forwards: -1", 1),
		"CSeq overflow":        strings.Replace(sample, "CSeq: 1", "CSeq: 2147483648", 1),
		"blank in a URI":       strings.Replace(sample, "<sip:202@example.com>", "<sip:202 @example.com>", 1),
		"no >":                 strings.Replace(sample, "<sip:202@example.com>", "<sip:202@example.com", 1),
		"port 65536":           strings.Replace(sample, "192.0.2.4:5062;branch", "192.0.2.4:65536;branch", 1),
		"empty host":           strings.Replace(sample, "sip:202@example.com>", "sip:202@>", 1),
		"unquoted quote":       strings.Replace(sample, "tag=from1", `tag=fr"om1`, 1),
		"CR within a header":   with("Subject: a\rb"),
		"blank in header name": with("Sub ject: x"),
		"71 Vias":              with(strings.Repeat("Via: SIP/2.0/UDP h\r\n", 70) + "X: y"),
		"300 headers":          with(strings.Repeat("X: y\r\n", 300) + "X: y"),
		"Request-URI headers":  strings.Replace(sample, "sip:202@example.com SIP", "sip:202@example.com?Subject=x SIP", 1),
	} {
		if _, fault := Parse([]byte(msg), false); fault == nil || fault.Status != 400 {
			t.Errorf("%s: %v", name, fault)
		}
	}
	for name, msg := range map[string]string{
		"response without To": "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=b\r\nFrom: <sip:a>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n",
		"version 3":           "SIP/3.0 200 OK\r\n\r\n",
	} {
		if _, fault := Parse([]byte(msg), false); fault == nil || fault.Status != 0 {
			t.Errorf("%s: %v", name, fault)
		}
	}
	if _, fault := Parse([]byte(strings.Replace(sample, "Content-Length: 129\r\n", "", 1)), true); fault == nil {
		t.Error("a stream's message without Content-Length passes")
	}
}

// TestNothingIsSmuggled: what a peer or an administrator wrote begins no header
// of its own.
func TestNothingIsSmuggled(t *testing.T) {
	evil := "x\r\nEvil: 1"
	req := sip.NewRequest(sip.INVITE, sip.Uri{Scheme: "sip", User: evil, Host: evil, UriParams: sip.HeaderParams{{K: "p", V: evil}}, Headers: sip.HeaderParams{{K: "h", V: evil}}})
	id := sip.CallIDHeader(evil)
	req.AppendHeader(&sip.FromHeader{DisplayName: evil + `" <sip:evil>`, Address: sip.Uri{Host: evil}, Params: sip.HeaderParams{{K: "tag", V: evil}}})
	req.AppendHeader(&id)
	req.AppendHeader(sip.NewHeader("Subject", evil))
	for line := range strings.SplitSeq(string(AppendMessage(nil, req)), "\r\n") {
		if strings.HasPrefix(line, "Evil") {
			t.Fatalf("a header was smuggled in")
		}
		if strings.HasPrefix(line, "From") && !strings.Contains(line, `\" <sip:evil>" <sip:`) {
			t.Errorf("the display name ends early: %s", line)
		}
	}
}

func corpus(f *testing.F) {
	files, _ := filepath.Glob("../../testdata/torture/*/*.dat")
	for _, p := range files {
		b, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(sample))
}

// FuzzParse: what is read, written and read again is the same; a refusal can be
// written for whatever was refused.
func FuzzParse(f *testing.F) {
	corpus(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		msg, fault := Parse(data, false)
		if fault != nil {
			b := appendRefusal(nil, data, mustAddrPort, 400, "Bad Request", "tag", nil)
			if len(b) > 0 && len(b) > 3*len(data)+1000 {
				t.Fatalf("%d bytes are answered with %d", len(data), len(b))
			}
			return
		}
		if req, ok := msg.(*sip.Request); ok {
			CheckRequest(req)
			AppendMessage(nil, NewResponse(req, 200, "", "x"))
		}
		wire := AppendMessage(nil, msg)
		again, fault := Parse(wire, true)
		if fault != nil {
			t.Fatalf("%v\nread:    %q\nwritten: %q", fault, data, wire)
		}
		if twice := AppendMessage(nil, again); string(twice) != string(wire) {
			t.Fatalf("written twice:\n%q\n%q", wire, twice)
		}
	})
}

// FuzzAgainstSipgo: where a message is plain, sipgo reads the same.
func FuzzAgainstSipgo(f *testing.F) {
	corpus(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		msg, fault := Parse(data, false)
		ours, ok := msg.(*sip.Request)
		if fault != nil || !ok || !plain(string(data)) {
			return
		}
		other, err := sip.ParseMessage(data)
		if err != nil {
			return // ours is the more liberal in places
		}
		theirs, ok := other.(*sip.Request)
		if !ok {
			t.Fatal("a request is a response to sipgo")
		}
		for _, c := range [][3]string{
			{"method", string(ours.Method), string(theirs.Method)},
			{"Call-ID", callID(ours), callID(theirs)},
			{"From-tag", FromTag(ours), FromTag(theirs)},
			{"From user", ours.From().Address.User, theirs.From().Address.User},
			{"From host", ours.From().Address.Host, theirs.From().Address.Host},
			{"To-tag", ToTag(ours), ToTag(theirs)},
			{"Via host", ours.Via().Host, theirs.Via().Host},
			{"branch", ours.Via().Params.GetOr("branch", ""), theirs.Via().Params.GetOr("branch", "")},
			{"target", ours.Recipient.Host, theirs.Recipient.Host},
		} {
			if c[1] != c[2] {
				t.Fatalf("%s: ours %q, sipgo's %q", c[0], c[1], c[2])
			}
		}
	})
}

// plain is free of what sipgo is known to misread.
func plain(s string) bool {
	head, _, _ := strings.Cut(s, "\r\n\r\n")
	for line := range strings.SplitSeq(head, "\r\n") {
		name, value, ok := strings.Cut(line, ": ")
		if !ok {
			continue
		}
		list := false
		switch canonical(name) {
		case "Via", "From", "To", "Contact", "Route", "Record-Route":
			list = strings.ContainsAny(value, ",?")
		case "":
			continue // text to both
		}
		if list || strings.ContainsAny(name, " \t") || strings.ContainsAny(value, "\t\x00") || strings.Count(value, "\"")%2 != 0 || strings.Contains(value, "  ") || strings.HasPrefix(value, " ") || strings.HasSuffix(value, " ") {
			return false
		}
		for _, odd := range []string{" ;", "; ", " =", "= ", " :", ": ", " /", "/ ", "==", ";;", "//", " >", "< "} {
			if strings.Contains(value, odd) {
				return false
			}
		}
		_, params, _ := strings.Cut(value, ";")
		for p := range strings.SplitSeq(params, ";") {
			if k, _, _ := strings.Cut(p, "="); k != strings.ToLower(k) {
				return false
			}
		}
	}
	for i := 0; i < len(head); i++ {
		if head[i] >= 0x80 || (head[i] < ' ' && head[i] != '\r' && head[i] != '\n') {
			return false
		}
	}
	return true
}

func TestSampleIsPlain(t *testing.T) {
	if !plain(sample) {
		t.Error("the comparison with sipgo compares nothing")
	}
}

var mustAddrPort = netip.MustParseAddrPort("192.0.2.4:5062")
