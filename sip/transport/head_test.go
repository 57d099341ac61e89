package transport

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

const invite = "INVITE sip:202@example.com SIP/2.0\r\n" +
	"Via: SIP/2.0/UDP 192.0.2.4:5062;rport;branch=z9hG4bK-abc.1\r\n" +
	"Max-Forwards: 70\r\n" +
	"From: \"Anna; tag=no\" <sip:201@example.com;tag=uri>;tag=from1\r\n" +
	"To: <sip:202@example.com>\r\n" +
	"Call-ID: 3848276298220188511@192.0.2.4\r\n" +
	"CSeq: 1 INVITE\r\n" +
	"Contact: <sip:201@192.0.2.4:5062>\r\n" +
	"User-Agent: Phone 1.0\r\n" +
	"Content-Type: application/sdp\r\n" +
	"Content-Length: 4\r\n\r\nv=0\n"

func TestLook(t *testing.T) {
	var h Head
	if !Look([]byte(invite), &h) || h.Bad != "" {
		t.Fatalf("a good INVITE is refused: %q", h.Bad)
	}
	for _, c := range []struct{ what, got, want string }{
		{"method", string(h.Method), "INVITE"},
		{"URI", string(h.URI), "sip:202@example.com"},
		{"Call-ID", string(h.CallID), "3848276298220188511@192.0.2.4"},
		{"branch", string(h.Branch), "z9hG4bK-abc.1"},
		{"sent-by", string(h.SentBy), "192.0.2.4:5062"},
		{"From-tag", string(h.FromTag), "from1"},
		{"To-tag", string(h.ToTag), ""},
		{"CSeq method", string(h.CSeqMethod), "INVITE"},
		{"body", invite[h.Body:], "v=0\n"},
	} {
		if c.got != c.want {
			t.Errorf("%s is %q, want %q", c.what, c.got, c.want)
		}
	}
	if h.CSeq != 1 || h.ContentLength != 4 || !h.RPort {
		t.Errorf("CSeq %d, Content-Length %d, rport %v", h.CSeq, h.ContentLength, h.RPort)
	}
}

func TestLookOdd(t *testing.T) {
	for _, c := range []struct {
		name, in string
		sip      bool
		bad      string
		check    func(*Head) bool
	}{
		{"compact and folded", "BYE sip:a SIP/2.0\r\nv:\r\n SIP / 2.0 /TCP\r\n  host:1 ;\r\n branch = b1 , SIP/2.0/UDP x;branch=b2\r\nV: SIP/2.0/UDP y;branch=b3\r\nf:<sip:a>;TAG=F\r\nt :sip:b;tag=T\r\ni: c\r\nCSEQ: 0007\r\n BYE\r\nl:0\r\n\r\n", true, "",
			func(h *Head) bool {
				return string(h.Branch) == "b1" && string(h.SentBy) == "host:1" && string(h.FromTag) == "F" && string(h.ToTag) == "T" && h.CSeq == 7 && string(h.CSeqMethod) == "BYE"
			}},
		{"response", "SIP/2.0 183 Session; Progress\r\nCSeq: 1 INVITE\r\n\r\n", true, "", func(h *Head) bool { return h.Method == nil && h.Status == 183 }},
		{"no phrase", "SIP/2.0 200\r\n\r\n", true, "", func(h *Head) bool { return h.Status == 200 }},
		{"big status", "SIP/2.0 4294967301 x\r\n\r\n", true, badStatus, nil},
		{"HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", false, "", nil},
		{"binary", "\x16\x03\x01\x02\x00\n", false, "", nil},
		{"two blanks", "OPTIONS  sip:a  SIP/2.0\r\n\r\n", true, badStartLine, nil},
		{"bare LF", "OPTIONS sip:a SIP/2.0\nVia: x\n\n", true, badLineEnd, nil},
		{"bare LF in a fold", "OPTIONS sip:a SIP/2.0\r\nSubject: x\r\n y\n z\r\n\r\n", true, badLineEnd, nil},
		{"negative length", "OPTIONS sip:a SIP/2.0\r\nl: -1\r\n\r\n", true, badLength, nil},
		{"huge length", "OPTIONS sip:a SIP/2.0\r\nl: 99999999999999999999\r\n\r\n", true, badLength, nil},
		{"two lengths", "OPTIONS sip:a SIP/2.0\r\nl: 1\r\nContent-Length: 2\r\n\r\n", true, badLength, nil},
		{"CSeq overflow", "OPTIONS sip:a SIP/2.0\r\nCSeq: 4294967297 OPTIONS\r\n\r\n", true, badCSeq, nil},
		{"never ends", "OPTIONS sip:a SIP/2.0\r\nl: 0\r\n", true, "", func(h *Head) bool { return h.Body == 0 }},
		{"quoted tag", "OPTIONS sip:a SIP/2.0\r\nFrom: \"a\\\";tag=x\" <sip:a>;x=\";tag=y\";tag=z\r\n\r\n", true, "", func(h *Head) bool { return string(h.FromTag) == "z" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			var h Head
			if got := Look([]byte(c.in), &h); got != c.sip {
				t.Fatalf("is SIP: %v, want %v", got, c.sip)
			}
			if h.Bad != c.bad {
				t.Errorf("bad %q, want %q", h.Bad, c.bad)
			}
			if c.check != nil && !c.check(&h) {
				t.Errorf("%+v: branch %q sent-by %q from %q to %q method %q", h, h.Branch, h.SentBy, h.FromTag, h.ToTag, h.CSeqMethod)
			}
		})
	}
}

func TestLookAllocatesNothing(t *testing.T) {
	data := []byte(invite)
	var h Head
	if n := testing.AllocsPerRun(100, func() { Look(data, &h) }); n != 0 {
		t.Errorf("%v allocations a look", n)
	}
}

func BenchmarkLook(b *testing.B) {
	data := []byte(invite)
	var h Head
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		Look(data, &h)
	}
}

func FuzzLook(f *testing.F) {
	files, _ := filepath.Glob("../../testdata/torture/*/*.dat")
	for _, p := range files {
		b, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(invite))
	f.Fuzz(func(t *testing.T, data []byte) {
		var h Head
		if !Look(data, &h) {
			return
		}
		if h.Body > len(data) || h.ContentLength < -1 {
			t.Fatalf("body at %d of %d, length %d", h.Body, len(data), h.ContentLength)
		}
		// A stream cut anywhere must not turn into another message: the head of
		// the whole and the head of its header alone agree.
		if h.Body > 0 {
			var again Head
			if !Look(data[:h.Body], &again) || !bytes.Equal(again.CallID, h.CallID) || again.ContentLength != h.ContentLength || again.Bad != h.Bad {
				t.Fatalf("the header alone reads differently: %+v, %+v", h, again)
			}
		}
	})
}
