package dialog

import (
	"slices"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

func uri(t *testing.T, s string) sip.Uri {
	t.Helper()
	var u sip.Uri
	if err := sip.ParseUri(s, &u); err != nil {
		t.Fatal(err)
	}
	return u
}

func TestSplitList(t *testing.T) {
	for in, want := range map[string][]string{
		`<sip:a@x>, <sip:b@x>`:                  {"<sip:a@x>", "<sip:b@x>"},
		`"Ash, Anna" <sip:a@x;p=1,2>,<sip:b@x>`: {`"Ash, Anna" <sip:a@x;p=1,2>`, "<sip:b@x>"},
		`"a\",b" <sip:a@x>`:                     {`"a\",b" <sip:a@x>`},
		` , ,`:                                  nil,
	} {
		if got := splitList(in); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

// Requests go to the target by way of the loose routes; a strict router is
// written as RFC 3261 §12.2.1.1 wants it.
func TestRoutes(t *testing.T) {
	d := New("id", "us", Party{URI: uri(t, "sip:us@a")}, Party{URI: uri(t, "sip:them@b")}, uri(t, "sip:them@192.0.2.9:5062"))
	d.RemoteTag = "them"
	d.Routes = []string{"<sip:p1;lr>", "<sip:p2;lr>"}
	req := d.Request(sip.BYE)
	if req.Recipient.Host != "192.0.2.9" || req.GetHeaders("Route")[0].Value() != "<sip:p1;lr>" || len(req.GetHeaders("Route")) != 2 {
		t.Errorf("loose:\n%s", req.String())
	}
	if hop := d.NextHop(); hop.Host != "p1" {
		t.Errorf("next hop %s", hop.Host)
	}
	d.Routes = []string{"<sip:p1>", "<sip:p2;lr>"}
	req = d.Request(sip.BYE)
	routes := req.GetHeaders("Route")
	if req.Recipient.Host != "p1" || len(routes) != 2 || routes[0].Value() != "<sip:p2;lr>" || routes[1].Value() != "<sip:them@192.0.2.9:5062>" {
		t.Errorf("strict:\n%s", req.String())
	}
	if req.CSeq().SeqNo != 2 {
		t.Errorf("CSeq %d after two requests", req.CSeq().SeqNo)
	}
}

// Where the caller is reached: at its Contact, and without one only if it is as
// old as RFC 2543.
func TestAcceptTarget(t *testing.T) {
	for _, c := range []struct{ name, tag, contact, want string }{
		{"Contact", "a", "sip:anna@192.0.2.7", "192.0.2.7"},
		{"RFC 2543", "", "", "example.com"},
		{"RFC 2543 with Contact", "", "sip:anna@192.0.2.7", "192.0.2.7"},
		{"neither", "a", "", ""},
		{"wildcard", "", "*", ""},
	} {
		req := sip.NewRequest(sip.INVITE, uri(t, "sip:101@pbx"))
		from := &sip.FromHeader{Address: uri(t, "sip:anna@example.com")}
		if c.tag != "" {
			from.Params.Add("tag", c.tag)
		}
		id := sip.CallIDHeader("c")
		for _, h := range []sip.Header{from, &sip.ToHeader{Address: uri(t, "sip:101@pbx")}, &id, &sip.CSeqHeader{SeqNo: 1, MethodName: sip.INVITE}} {
			req.AppendHeader(h)
		}
		switch c.contact {
		case "":
		case "*":
			req.AppendHeader(&sip.ContactHeader{Address: sip.Uri{Wildcard: true}})
		default:
			req.AppendHeader(&sip.ContactHeader{Address: uri(t, c.contact)})
		}
		d, refusal := Accept(req, "us")
		switch {
		case c.want == "":
			if refusal == nil || refusal.Status != 400 {
				t.Errorf("%s: %v, want 400", c.name, refusal)
			}
		case refusal != nil:
			t.Errorf("%s: %v", c.name, refusal)
		case d.Target.Host != c.want || d.RemoteTag != c.tag:
			t.Errorf("%s: target %v, tag %q", c.name, d.Target, d.RemoteTag)
		}
	}
}

func TestReceiveKeepsTheOrder(t *testing.T) {
	d := &Dialog{}
	at := func(n uint32) *sip.Request {
		req := sip.NewRequest(sip.INFO, sip.Uri{Host: "a"})
		req.AppendHeader(&sip.CSeqHeader{SeqNo: n, MethodName: sip.INFO})
		return req
	}
	if r := d.Receive(at(5)); r != nil {
		t.Error(r)
	}
	if r := d.Receive(at(4)); r == nil || r.Status != 500 {
		t.Errorf("an older request: %v, want 500", r)
	}
	if r := d.Receive(at(9)); r != nil {
		t.Error(r)
	}
}

func TestOffers(t *testing.T) {
	var o Offers
	if !o.Send() || o.Send() {
		t.Error("one offer of ours at a time")
	}
	if r := o.Receive(); r == nil || r.Status != 491 {
		t.Errorf("glare: %v, want 491", r)
	}
	o.Close()
	if r := o.Receive(); r != nil {
		t.Error(r)
	}
	if r := o.Receive(); r == nil || r.Status != 500 || r.RetryAfter == 0 {
		t.Errorf("a second offer of theirs: %v, want 500 with Retry-After", r)
	}
	if o.Send() {
		t.Error("we may not offer while we owe an answer")
	}
}

func TestAnswerTimer(t *testing.T) {
	for _, c := range []struct {
		headers map[string]string
		want    Timer
		refused int
	}{
		{nil, Timer{SessionInterval, true}, 0},
		{map[string]string{"Supported": "timer", "Session-Expires": "600"}, Timer{600 * time.Second, false}, 0},
		{map[string]string{"Supported": "timer", "Session-Expires": "600;refresher=uas"}, Timer{600 * time.Second, true}, 0},
		{map[string]string{"Supported": "timer", "Session-Expires": "7200"}, Timer{SessionInterval, false}, 0},
		{map[string]string{"Supported": "timer", "Session-Expires": "7200", "Min-SE": "3600"}, Timer{7200 * time.Second, false}, 0},
		{map[string]string{"Supported": "timer", "Session-Expires": "30"}, Timer{}, 422},
		{map[string]string{"Session-Expires": "30"}, Timer{MinSession, true}, 0},
		{map[string]string{"Supported": "timer", "Session-Expires": "soon"}, Timer{SessionInterval, true}, 0},
	} {
		req := sip.NewRequest(sip.INVITE, sip.Uri{Host: "a"})
		for k, v := range c.headers {
			req.AppendHeader(sip.NewHeader(k, v))
		}
		got, refusal := AnswerTimer(req)
		if c.refused > 0 {
			if refusal == nil || refusal.Status != c.refused || refusal.MinSE != 90 {
				t.Errorf("%v: %v", c.headers, refusal)
			}
		} else if refusal != nil || got != c.want {
			t.Errorf("%v: %+v %v, want %+v", c.headers, got, refusal, c.want)
		}
	}
}
