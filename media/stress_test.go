package media

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

// Nothing on the way of a packet allocates: not its reading, not the statistics,
// not a tap, not RTCP.
func TestNoAllocations(t *testing.T) {
	r := still(t, 10)
	l := r.loops[0]
	a, b, ea, eb := call(t, r)
	ea.SetRemote(withEvents(a.remote(), 101))
	eb.SetRemote(withEvents(b.remote(), 96))
	ea.SetTap(deafTap{})
	from, ctl := sourceOf(a.addr()), sourceOf(a.addr())
	ctl.port++
	speech, sr := rtp(0, 0, 0, a.ssrc, string(make([]byte, 160))), senderReport(a.ssrc, 1, "anna")
	seq := uint16(0)
	pass := func() {
		l.now = mono()
		for range 8 {
			seq++
			copy(l.bufs[0][:], speech)
			l.bufs[0][2], l.bufs[0][3] = byte(seq>>8), byte(seq)
			ea.hear(l, from, l.bufs[0][:len(speech)])
			l.flush()
		}
		copy(l.bufs[1][:], sr)
		ea.hearControl(l, ctl, l.bufs[1][:len(sr)], 1)
		l.flush()
	}
	pass()
	if n := testing.AllocsPerRun(200, pass); n != 0 {
		t.Errorf("%v allocations for nine packets", n)
	}
	if s := eb.Stats(); s.Sent < 1600 {
		t.Errorf("only %d packets were sent", s.Sent)
	}
	// And the whole way through the sockets.
	a.c.SetWriteBuffer(1 << 20)
	to := ea.at()
	n := testing.AllocsPerRun(100, func() {
		seq++
		speech[2], speech[3] = byte(seq>>8), byte(seq)
		if _, err := a.c.WriteToUDPAddrPort(speech, to); err != nil {
			t.Fatal(err)
		}
		for {
			if m := epollPoll(l.ep, l.evs[:]); m > 0 {
				l.pass(m)
				return
			}
		}
	})
	if n != 0 {
		t.Errorf("%v allocations for a packet from socket to socket", n)
	}
}

type deafTap struct{}

func (deafTap) Packet(time.Time, []byte) {}

// Calls come, change and go from several sides at once while packets flow: the
// race detector and the counters are the judges.
func TestManyAtOnce(t *testing.T) {
	r := relay(t, Options{PortMin: 30500, PortMax: 30627, Loops: 2})
	var wg sync.WaitGroup
	for k := range 4 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(k), 1))
			phones := []*phone{newPhone(t, "127.0.0.2"), newPhone(t, "127.0.0.3"), newPhone(t, "127.0.0.4")}
			var ends []*Endpoint
			for _, p := range phones {
				e := open(t, r)
				e.SetRemote(withEvents(p.remote(), 101))
				e.OnDigit(func(byte, int) { e.Stats() })
				ends = append(ends, e)
			}
			for n := range 400 {
				i := rnd.IntN(3)
				p, e := phones[i], ends[i]
				switch rnd.IntN(16) {
				case 0:
					Bridge(e, ends[(i+1)%3])
				case 1:
					e.Unbridge()
				case 2:
					e.Echo()
				case 3:
					e.Play(&frames{n: 3}, func(error) { e.Idle() })
				case 4:
					e.Play(&frames{n: 50}, nil).Stop()
				case 5:
					e.SetTap(deafTap{})
				case 6:
					m := p.remote()
					m.Muted = rnd.IntN(2) == 0
					m.Mux = rnd.IntN(2) == 0
					e.SetRemote(withEvents(m, 96))
				case 7:
					e.SendDigit('5', 60)
				case 8:
					p.press(e, 101, '3')
				case 9:
					p.raw(e.controlAt(), senderReport(p.ssrc, uint32(n), "x@y"))
				case 10:
					e.Close()
					ends[i] = open(t, r)
					ends[i].SetRemote(p.remote())
				case 11:
					r.Counters()
				default:
					p.send(e, "speech")
				}
			}
			for _, e := range ends {
				if s := e.Stats(); s.LossShare < 0 || s.LossShare > 1 {
					t.Errorf("%+v", s)
				}
				e.Close()
			}
		})
	}
	wg.Wait()
	await(t, "the end of all playbacks", func() bool { return r.Counters().PlaybacksRunning == 0 })
	if c := r.Counters(); c.EndpointsOpen != 0 || c.PairsFree != 64 {
		t.Errorf("%+v", c)
	}
}

// Closing the relay ends whatever is going on.
func TestCloseInTheMiddle(t *testing.T) {
	r := relay(t, Options{})
	a, b, ea, eb := call(t, r)
	a.send(ea, "x")
	b.hears("x")
	done := make(chan error, 1)
	eb.Play(&frames{n: 1 << 30}, func(err error) { done <- err })
	eb.SendDigit('1', 100)
	r.Close()
	r.Close()
	if err := <-done; err == nil {
		t.Error("the playback ended well")
	}
	ea.Close()
	ea.SetRemote(a.remote())
	Bridge(ea, eb)
	ea.Echo()
	ea.Unbridge()
	ea.SendDigit('1', 100)
	if s := ea.Stats(); s.Received != 1 {
		t.Errorf("%+v", s)
	}
}
