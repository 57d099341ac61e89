package demo

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"strowger/media"
	"strowger/media/audio"
	"strowger/media/sdp"
	"strowger/sip/siptest"
	"strowger/sip/transport"
)

// The carrier lives on an address of its own, because a carrier is known by
// its address: on 127.0.0.1 every softphone of this machine would be one.
const (
	carrierHost = "127.0.0.2"
	carrierPort = 5070
)

// Tone is what the carrier's steady tone sounds like, in Hz.
const Tone = 440

// A Carrier is a telephone network of three numbers.
type Carrier struct {
	agent    *siptest.Agent
	relay    *media.Relay
	exchange netip.AddrPort
	log      *slog.Logger
	stop     context.CancelFunc
	ctx      context.Context
	running  sync.WaitGroup
}

// StartCarrier starts the demo's carrier beside an exchange that listens at
// one of the URLs.
func StartCarrier(_ *Site, listen []string, log *slog.Logger) (*Carrier, error) {
	exchange, err := exchangeAddr(listen)
	if err != nil {
		return nil, err
	}
	relay, err := media.New(media.Options{PortMin: 41000, PortMax: 41999, Loops: 1, Log: log})
	if err != nil {
		return nil, err
	}
	agent, err := siptest.NewAgent(siptest.AgentOptions{
		Listen: fmt.Sprintf("udp://%s:%d", carrierHost, carrierPort), User: "carrier", Transport: transport.Options{Log: log},
	})
	if err != nil {
		relay.Close()
		return nil, err
	}
	c := &Carrier{agent: agent, relay: relay, exchange: exchange, log: log}
	c.ctx, c.stop = context.WithCancel(context.Background())
	c.running.Add(1)
	go c.serve()
	return c, nil
}

// exchangeAddr is where the exchange takes the carrier's calls: its first UDP
// listener, on loopback when that is a wildcard.
func exchangeAddr(listen []string) (netip.AddrPort, error) {
	for _, l := range listen {
		u, err := url.Parse(l)
		if err != nil || u.Scheme != "udp" {
			continue
		}
		host, port := u.Hostname(), u.Port()
		if port == "" {
			port = "5060"
		}
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return netip.AddrPort{}, err
		}
		addr, err := netip.ParseAddr(host)
		if err != nil || addr.IsUnspecified() {
			addr = netip.AddrFrom4([4]byte{127, 0, 0, 1})
		}
		return netip.AddrPortFrom(addr, uint16(n)), nil
	}
	return netip.AddrPort{}, fmt.Errorf("the demo's carrier needs a udp listener in --sip, there are %s", strings.Join(listen, ", "))
}

// Close ends the carrier.
func (c *Carrier) Close() {
	c.stop()
	c.running.Wait()
	c.agent.Close()
	c.relay.Close()
}

func (c *Carrier) serve() {
	defer c.running.Done()
	for {
		select {
		case <-c.ctx.Done():
			return
		case in := <-c.agent.Incoming:
			c.running.Add(1)
			go func() {
				defer c.running.Done()
				c.take(in)
			}()
		}
	}
}

// take is a call from the exchange.
func (c *Carrier) take(in *siptest.Call) {
	switch in.Invite.Recipient.User {
	case NumTone:
		c.answer(in)
	case NumBack:
		in.Respond(180, "Ringing", nil)
		if !c.pause(time.Second) {
			return
		}
		in.Respond(486, "Busy Here", nil)
		if c.pause(2 * time.Second) {
			c.callIn(in.Invite.From().Address.User)
		}
	case NumBusy:
		in.Respond(486, "Busy Here", nil)
	default:
		in.Respond(404, "Not Found", nil)
	}
}

// pause waits; it reports false when the carrier ends.
func (c *Carrier) pause(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-c.ctx.Done():
		return false
	}
}

// answer takes the call and plays the tone until the other side hangs up.
func (c *Carrier) answer(in *siptest.Call) {
	offer, err := sdp.Parse(in.Invite.Body())
	if err != nil {
		in.Respond(488, "Not Acceptable Here", nil)
		return
	}
	e, err := c.relay.Open(netip.MustParseAddr(carrierHost))
	if err != nil {
		in.Respond(503, "Service Unavailable", nil)
		return
	}
	defer e.Close()
	body, _, err := sdp.Answer(offer, c.origin(), []int{e.Port()}, []string{"PCMU", "PCMA"}, sdp.SendRecv)
	if err != nil {
		in.Respond(488, "Not Acceptable Here", nil)
		return
	}
	in.Respond(180, "Ringing", nil)
	if !c.pause(500 * time.Millisecond) {
		return
	}
	select {
	case <-in.Ended:
		return // the caller gave up
	default:
	}
	c.hear(e, offer, in)
	in.Respond(200, "OK", body)
	c.talk(e, in)
}

// callIn calls the number, which is one of the exchange's, from outside.
func (c *Carrier) callIn(number string) {
	e, err := c.relay.Open(netip.MustParseAddr(carrierHost))
	if err != nil {
		c.log.Error("demo carrier", "err", err)
		return
	}
	defer e.Close()
	flow, err := c.agent.Flow(c.ctx, transport.UDP, c.exchange)
	if err != nil {
		c.log.Error("demo carrier", "err", err)
		return
	}
	if !strings.HasPrefix(number, "+") {
		number = didAnna
	}
	offer := sdp.Offer(c.origin(), e.Port(), sdp.DefaultFormats(), sdp.SendRecv)
	out := c.agent.Dial(flow, c.exchange.String(), number, offer, gosip.NewHeader("P-Asserted-Identity", `"Demo Carrier" <sip:`+NumBack+`@`+carrierHost+`>`))
	res, err := out.Final(60 * time.Second)
	if err != nil {
		out.Cancel()
		return
	}
	if res.StatusCode >= 300 {
		return
	}
	if answer, err := sdp.Parse(res.Body()); err == nil {
		c.hear(e, answer, out)
	}
	c.talk(e, out)
}

func (c *Carrier) origin() sdp.Origin {
	now := uint64(time.Now().UnixNano())
	return sdp.Origin{ID: now, Version: now, Addr: netip.MustParseAddr(carrierHost)}
}

func (c *Carrier) hear(e *media.Endpoint, d *sdp.Description, call *siptest.Call) {
	if i := d.Audio(); i >= 0 {
		m := d.Media[i]
		e.SetRemote(media.Remote{
			RTP: netip.AddrPortFrom(m.Addr, uint16(m.Port)), RTCP: m.RTCP, Mux: m.RTCPMux, Formats: m.Formats, EventPT: m.EventPT,
			Signalling: call.Flow.Remote().Addr(),
		})
	}
}

// talk plays the tone until the other side hangs up, the carrier ends, or
// nobody could still be listening.
func (c *Carrier) talk(e *media.Endpoint, call *siptest.Call) {
	p := e.Play(audio.Sine(Tone, -12, -1), func(error) {})
	defer p.Stop()
	select {
	case <-call.Ended:
	case <-c.ctx.Done():
		call.Bye()
	case <-time.After(time.Hour):
		call.Bye()
	}
}
