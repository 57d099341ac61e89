package transaction_test

import (
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/siptest"
	. "strowger/sip/transaction"
	"strowger/sip/transport"
)

// funcs is a Handler made of functions; nil ones do nothing.
type funcs struct {
	request func(*Server, *sip.Request)
	ack     func(transport.Flow, *sip.Request)
	stray   func(transport.Flow, *sip.Response)
}

func (h *funcs) Request(tx *Server, req *sip.Request) {
	if h.request != nil {
		h.request(tx, req)
	}
}

func (h *funcs) Ack(f transport.Flow, req *sip.Request) {
	if h.ack != nil {
		h.ack(f, req)
	}
}

func (h *funcs) Stray(f transport.Flow, res *sip.Response) {
	if h.stray != nil {
		h.stray(f, res)
	}
}

var (
	ourAddr  = netip.MustParseAddrPort("10.0.0.1:5060")
	peerAddr = netip.MustParseAddrPort("10.0.0.2:5060")
)

type world struct {
	t   *testing.T
	net *siptest.Net
	tp  *transport.Layer
	l   *Layer
	h   *funcs
}

// newWorld puts one layer on a new in-memory network. It is closed before the
// bubble ends.
func newWorld(t *testing.T, at netip.AddrPort, n *siptest.Net, o Options) *world {
	t.Helper()
	if n == nil {
		n = siptest.NewNet(1)
	}
	h := &funcs{}
	if o.Handler == nil {
		o.Handler = h
	}
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	to := n.Options()
	to.Log = o.Log
	tp := transport.New(to)
	w := &world{t, n, tp, New(tp, o), h}
	for _, scheme := range []string{"udp", "tcp"} {
		if _, err := tp.Listen(scheme + "://" + at.String()); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(w.close)
	return w
}

func (w *world) close() {
	w.tp.Close()
	w.l.Close()
}

// on runs f on the shard of a Call-ID and waits for it.
func (w *world) on(callID string, f func(s *Shard)) {
	s := w.l.ShardOf(callID)
	done := make(chan struct{})
	s.Post(func() { f(s); close(done) })
	<-done
}

// send begins a client transaction towards to and collects what it tells.
func (w *world) send(req *sip.Request, to netip.AddrPort, on func(*sip.Response, error)) *Client {
	w.t.Helper()
	f, ok := w.tp.UDPTo(to)
	if !ok {
		w.t.Fatalf("no flow to %v", to)
	}
	var c *Client
	w.on(callID(req), func(s *Shard) { c = s.Send(f, req, on) })
	return c
}

func newRequest(method, callID string) *sip.Request {
	var uri sip.Uri
	if err := ParseURI("sip:202@example.com", &uri); err != nil {
		panic(err)
	}
	req := sip.NewRequest(sip.RequestMethod(method), uri)
	from := &sip.FromHeader{Address: sip.Uri{Scheme: "sip", User: "201", Host: "example.com"}, Params: sip.HeaderParams{{K: "tag", V: "f-" + callID}}}
	id := sip.CallIDHeader(callID)
	req.AppendHeader(from)
	req.AppendHeader(&sip.ToHeader{Address: uri})
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: 1, MethodName: sip.RequestMethod(method)})
	req.AppendHeader(&sip.ContactHeader{Address: sip.Uri{Scheme: "sip", User: "201", Host: "10.0.0.1"}})
	return req
}

// peer is the other end as bare datagrams.
type peer struct {
	t *testing.T
	c *siptest.Conn
}

func newPeer(t *testing.T, n *siptest.Net, at netip.AddrPort) *peer {
	t.Helper()
	c, err := n.Listen(at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &peer{t, c}
}

func (p *peer) send(to netip.AddrPort, text string) {
	p.t.Helper()
	if _, err := p.c.WriteToUDPAddrPort([]byte(text), to); err != nil {
		p.t.Fatal(err)
	}
}

// next is the next message within d, or "".
func (p *peer) next(d time.Duration) string {
	_ = p.c.SetReadDeadline(time.Now().Add(d))
	buf := make([]byte, 65536)
	n, _, err := p.c.ReadFromUDPAddrPort(buf)
	synctest.Wait() // what the test looks at next is settled
	if err != nil {
		return ""
	}
	return string(buf[:n])
}

func (p *peer) want(d time.Duration, start string) string {
	p.t.Helper()
	m := p.next(d)
	if !strings.HasPrefix(m, start) {
		p.t.Fatalf("got %q, want %q", firstLine(m), start)
	}
	return m
}

func (p *peer) wantNothing(d time.Duration) {
	p.t.Helper()
	if m := p.next(d); m != "" {
		p.t.Fatalf("got %q, want silence", firstLine(m))
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\r\n")
	return line
}

func field(msg, name string) string {
	for line := range strings.SplitSeq(msg, "\r\n") {
		if k, v, ok := strings.Cut(line, ": "); ok && strings.EqualFold(k, name) {
			return v
		}
	}
	return ""
}

// text is a request as a peer would write it.
func text(method, callID, branch string, extra ...string) string {
	cseq := method
	to := "<sip:202@example.com>"
	n := 1
	var lines string
	for _, e := range extra {
		switch {
		case strings.HasPrefix(e, "tag="):
			to += ";" + e
		case strings.HasPrefix(e, "cseq="):
			fmt.Sscanf(e, "cseq=%d", &n)
		default:
			lines += e + "\r\n"
		}
	}
	return fmt.Sprintf("%s sip:202@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=%s;rport\r\nFrom: <sip:201@example.com>;tag=f1\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\nMax-Forwards: 70\r\n%sContent-Length: 0\r\n\r\n",
		method, branch, to, callID, n, cseq, lines)
}

// answer is a response to a request that came off the wire.
func answer(req, status, toTag string) string {
	to := field(req, "To")
	if toTag != "" && !strings.Contains(to, "tag=") {
		to += ";tag=" + toTag
	}
	return fmt.Sprintf("SIP/2.0 %s\r\nVia: %s\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %s\r\nContent-Length: 0\r\n\r\n",
		status, field(req, "Via"), field(req, "From"), to, field(req, "Call-ID"), field(req, "CSeq"))
}

func callID(msg sip.Message) string { return string(*msg.CallID()) }
