//go:build unix

package transaction

import (
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/transport"
)

// cpu reports the processor time of the process an operation, which a busy
// machine falsifies less than the time of the clock.
func cpu(b *testing.B) func() {
	used := func() int64 {
		var u syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
		return u.Utime.Nano() + u.Stime.Nano()
	}
	start := used()
	return func() { b.ReportMetric(float64(used()-start)/float64(b.N), "cpu-ns/op") }
}

func BenchmarkParse(b *testing.B) {
	data := []byte(sample)
	b.ReportAllocs()
	defer cpu(b)()
	for b.Loop() {
		if _, fault := Parse(data, false); fault != nil {
			b.Fatal(fault)
		}
	}
}

func BenchmarkParseSipgo(b *testing.B) {
	data := []byte(sample)
	p := sip.NewParser()
	b.ReportAllocs()
	defer cpu(b)()
	for b.Loop() {
		if _, err := p.ParseSIP(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendMessage(b *testing.B) {
	msg, _ := Parse([]byte(sample), false)
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	defer cpu(b)()
	for b.Loop() {
		buf = AppendMessage(buf[:0], msg)
	}
}

func BenchmarkNewResponse(b *testing.B) {
	msg, _ := Parse([]byte(sample), false)
	req := msg.(*sip.Request)
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	defer cpu(b)()
	for b.Loop() {
		buf = AppendMessage(buf[:0], NewResponse(req, 180, "", "tag"))
	}
}

type handlerFunc func(*Server, *sip.Request)

func (f handlerFunc) Request(tx *Server, req *sip.Request)       { f(tx, req) }
func (f handlerFunc) Ack(transport.Flow, *sip.Request)           {}
func (f handlerFunc) Stray(f2 transport.Flow, res *sip.Response) {}

// nowhere is a datagram socket that swallows everything: what remains is our
// own work.
type nowhere struct{ closed chan struct{} }

func (n nowhere) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	<-n.closed
	return 0, netip.AddrPort{}, net.ErrClosed
}
func (n nowhere) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) { return len(b), nil }
func (n nowhere) LocalAddr() net.Addr                                         { return &net.UDPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 5060} }
func (n nowhere) Close() error                                                { close(n.closed); return nil }

func mute(tb testing.TB, o Options) (*Layer, transport.Flow) {
	tp := transport.New(transport.Options{ListenPacket: func(netip.AddrPort) (transport.PacketConn, error) {
		return nowhere{make(chan struct{})}, nil
	}})
	l := New(tp, o)
	if _, err := tp.Listen("udp://192.0.2.1:5060"); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { tp.Close(); l.Close() })
	f, _ := tp.UDPTo(mustAddrPort)
	return l, f
}

func feed(l *Layer, f transport.Flow, msg []byte) {
	var h transport.Head
	transport.Look(msg, &h)
	l.receive(f, &h, msg)
}

// wireCall is the messages of one call, made fresh for each round.
func numbered(msg string, n int) []byte {
	id := fmt.Sprint(n)
	return []byte(strings.NewReplacer("3848276298220188511", id, "z9hG4bK-abc.1", "z9hG4bK"+id, "from1", "f"+id).Replace(msg))
}

// BenchmarkInvitePair is an INVITE in, an INVITE out, its 200 in, the 200 out,
// the ACKs: both transactions of a B2BUA call, without sockets.
func BenchmarkInvitePair(b *testing.B) {
	var l *Layer
	var f transport.Flow
	l, f = mute(b, Options{Shards: 1, Handler: handlerFunc(func(tx *Server, req *sip.Request) {
		s := tx.Shard()
		out := sip.NewRequest(sip.INVITE, req.Recipient)
		for _, h := range req.Headers() {
			if _, via := h.(*sip.ViaHeader); !via {
				out.AppendHeader(h)
			}
		}
		out.SetBody(req.Body())
		c := s.Send(f, out, func(res *sip.Response, err error) {
			if err != nil {
				return
			}
			ok := NewResponse(req, res.StatusCode, "", "us")
			ok.SetBody(req.Body())
			_ = tx.Respond(ok)
			tx.Acked()
			_ = s.SendAck(f, newAck(out))
		})
		answer := AppendMessage(nil, NewResponse(out, 200, "", "them"))
		via := s.appendVia(nil, f, c.branch[:])
		answer = append([]byte("SIP/2.0 200 OK\r\n"+string(via)), answer[len("SIP/2.0 200 OK\r\n"):]...)
		s.Post(func() {
			var h transport.Head
			transport.Look(answer, &h)
			s.response(f, &h, answer)
		})
	})})
	b.ReportAllocs()
	defer cpu(b)()
	n := 0
	for b.Loop() {
		n++
		feed(l, f, numbered(sample, n))
	}
}

func newAck(req *sip.Request) *sip.Request {
	ack := sip.NewRequest(sip.ACK, req.Recipient)
	for _, h := range req.Headers() {
		switch h := h.(type) {
		case *sip.FromHeader, *sip.ToHeader, *sip.CallIDHeader:
			ack.AppendHeader(h)
		case *sip.CSeqHeader:
			ack.AppendHeader(&sip.CSeqHeader{SeqNo: h.SeqNo, MethodName: sip.ACK})
		}
	}
	return ack
}

// BenchmarkRegister is a REGISTER parsed and answered, without sockets.
func BenchmarkRegister(b *testing.B) {
	l, f := mute(b, Options{Shards: 1, Register: func(f transport.Flow, req *sip.Request) bool {
		_ = Reply(f, NewResponse(req, 200, "", "us"))
		return true
	}})
	head, _, _ := strings.Cut(sample, "Content-Type")
	msg := []byte(strings.ReplaceAll(head, "INVITE", "REGISTER") + "Content-Length: 0\r\n\r\n")
	b.ReportAllocs()
	defer cpu(b)()
	for b.Loop() {
		feed(l, f, msg)
	}
}

// TestKeptPerCall measures what a call leaves behind while stragglers may come:
// INVITE and BYE transactions of both legs.
func TestKeptPerCall(t *testing.T) {
	var l *Layer
	var f transport.Flow
	l, f = mute(t, Options{Shards: 1, Handler: handlerFunc(func(tx *Server, req *sip.Request) {
		s := tx.Shard()
		out := sip.NewRequest(req.Method, req.Recipient)
		for _, h := range req.Headers() {
			if _, via := h.(*sip.ViaHeader); !via {
				out.AppendHeader(h)
			}
		}
		c := s.Send(f, out, nil)
		via := s.appendVia(nil, f, c.branch[:])
		answer := append([]byte("SIP/2.0 200 OK\r\n"+string(via)), AppendMessage(nil, NewResponse(out, 200, "", "them"))[len("SIP/2.0 200 OK\r\n"):]...)
		var h transport.Head
		transport.Look(answer, &h)
		s.response(f, &h, answer)
		_ = tx.Respond(NewResponse(req, 200, "", "us"))
		tx.Acked()
	})})
	bye := strings.ReplaceAll(strings.ReplaceAll(sample, "INVITE", "BYE"), "CSeq: 1", "CSeq: 2")
	bye = strings.Replace(bye, "To: <sip:202@example.com>", "To: <sip:202@example.com>;tag=us", 1)
	const n = 2000
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range n {
		feed(l, f, numbered(sample, i))
		feed(l, f, numbered(bye, i))
	}
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&after)
	per := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / n
	objects := (int64(after.HeapObjects) - int64(before.HeapObjects)) / n
	t.Logf("%d bytes in %d objects a call, %d transactions", per, objects, l.Kept())
	if l.Kept() != 4*n {
		t.Errorf("%d transactions kept, want %d", l.Kept(), 4*n)
	}
	if per > 2500 {
		t.Errorf("%d bytes a call", per)
	}
	runtime.KeepAlive(l)
}
