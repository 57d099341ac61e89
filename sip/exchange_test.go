package sip_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus"

	"strowger/media"
	"strowger/sip"
	"strowger/sip/siptest"
	"strowger/sip/transport"
	"strowger/sip/trunk"
	"strowger/store"
	"strowger/store/storetest"
)

// within is how long a test waits for what must happen; it is never reached
// when the exchange works.
const within = 10 * time.Second

// An exchange under test, on loopback sockets.
type exchange struct {
	t      *testing.T
	server *sip.Server
	store  *store.Store
	addr   netip.AddrPort
	dir    string
	net    transport.Options
	wire   *siptest.Net // in a bubble

	carrier *siptest.Agent // at carrierAddr
}

const carrierAddr = "127.0.0.3"

// company is Anna (101), Ben (102) and Cleo (103), a carrier at 127.0.0.3 and
// three numbers. Changes are laid over it.
const company = `{
 "organizations":[{"id":"default","name":"Acme","domain":"acme.test","country":"US","time_zone":"UTC","main_number":"+12025550100","main_destination":"101"}],
 "numbers":[{"id":"n0","e164":"+12025550100","trunk_id":"carrier"},{"id":"n1","e164":"+12025550101","trunk_id":"carrier"},{"id":"n2","e164":"+12025550102","trunk_id":"carrier"},{"id":"n9","e164":"+12025550109","trunk_id":"carrier"}],
 "trunks":[{"id":"carrier","name":"Carrier","host":"127.0.0.3","port":%d,"transport":"udp","auth":{"mode":"address"},"addresses":["127.0.0.3/32"],"trusted_identity":true}],
 "users":[{"id":"u1","first_name":"Anna","last_name":"Ash","features":{"voicemail":true}},{"id":"u2","first_name":"Ben","features":{"voicemail":true}},{"id":"u3","first_name":"Cleo"}],
 "contact_methods":[
  {"id":"l1","user_id":"u1","kind":"sip_account","sip_account":{"username":"anna","password":"pw-of-anna"},"inbound":{"internal_numbers":["101"],"did_numbers":["+12025550101"]},"outbound":{"external_enabled":true,"caller_ids":["+12025550101"]}},
  {"id":"l2","user_id":"u2","kind":"sip_account","sip_account":{"username":"ben","password":"pw-of-ben"},"inbound":{"internal_numbers":["102"],"did_numbers":["+12025550102"]}%s},
  {"id":"l3","user_id":"u3","kind":"sip_account","sip_account":{"username":"cleo","password":"pw-of-cleo"},"inbound":{"internal_numbers":["103"]}}]
}`

type options struct {
	store *store.Store // empty

	ben   string // more fields of Ben's line, each with its comma before
	extra string // a site applied after

	net    transport.Options // an in-memory network
	dns    trunk.Resolver
	log    io.Writer // of what is logged, besides the test's own
	relay  *media.Relay
	listen []string // besides 127.0.0.1
}

func newExchange(t *testing.T, o options) (*exchange, *siptest.Agent) {
	t.Helper()
	carrier, err := siptest.NewAgent(siptest.AgentOptions{Listen: "udp://" + carrierAddr + ":0", User: "carrier", Transport: o.net})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(carrier.Close)
	x := &exchange{t: t, store: o.store, dir: t.TempDir(), net: o.net, carrier: carrier}
	if x.store == nil {
		x.store = storetest.New(t)
	}
	storetest.Apply(t, x.store, fmt.Sprintf(company, carrier.Addr().Port(), o.ben))
	if o.extra != "" {
		storetest.Apply(t, x.store, o.extra)
	}
	log := io.Writer(testWriter{t})
	if o.log != nil {
		log = io.MultiWriter(log, o.log)
	}
	x.server, err = sip.Start(context.Background(), sip.Options{
		Store: x.store, Listen: append([]string{"udp://127.0.0.1:0", "tcp://127.0.0.1:0"}, o.listen...), RTPMin: 33000, RTPMax: 34999,
		DataDir: x.dir, Product: "strowger/test", Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelInfo})),
		Metrics: prometheus.NewRegistry(), Network: o.net, Resolver: o.dns, Relay: o.relay,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.server.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	x.addr = x.server.Listening()[0]
	return x, carrier
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	if strings.Contains(string(p), " panic=") { // of its own: a call may have an id like 09ipanic36iaeim4
		w.t.Errorf("%s", p)
	} else {
		w.t.Logf("%s", bytes.TrimRight(p, "\n"))
	}
	return len(p), nil
}

// phone is a registered phone.
func (x *exchange) phone(user string) *siptest.Agent {
	x.t.Helper()
	return x.phoneAt("127.0.0.1", user)
}

func (x *exchange) phoneAt(host, user string) *siptest.Agent {
	x.t.Helper()
	a, err := siptest.NewAgent(siptest.AgentOptions{Listen: "udp://" + net.JoinHostPort(host, "0"), User: user, Password: "pw-of-" + user, Transport: x.net})
	if err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(a.Close)
	res, err := a.Register(x.flow(a), "acme.test", 300)
	if err != nil {
		x.t.Fatalf("register %s: %v", user, err)
	}
	if res.StatusCode != 200 {
		x.t.Fatalf("register %s: %d %s", user, res.StatusCode, res.Reason)
	}
	return a
}

// flow is the agent's way to the exchange.
func (x *exchange) flow(a *siptest.Agent) transport.Flow {
	x.t.Helper()
	to := x.addr
	for _, l := range x.server.Listening() {
		if to.Addr().Is4() != a.Addr().Addr().Is4() {
			to = l
		}
	}
	f, err := a.Flow(context.Background(), transport.UDP, to)
	if err != nil {
		x.t.Fatal(err)
	}
	return f
}

// dial calls to from a phone.
func (x *exchange) dial(a *siptest.Agent, to string, headers ...gosip.Header) *siptest.Call {
	x.t.Helper()
	return a.Dial(x.flow(a), "acme.test", to, []byte(offer(40000)), headers...)
}

// offer is a body with audio at a port where nobody listens.
func offer(port int) string {
	return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n", port)
}

func answer(port int) []byte {
	return []byte(fmt.Sprintf("v=0\r\no=- 2 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n", port))
}

// rings waits for a call to arrive at a.
func rings(t *testing.T, a *siptest.Agent) *siptest.Call {
	t.Helper()
	select {
	case c := <-a.Incoming:
		return c
	case <-time.After(within):
		t.Fatal("no call arrived")
		return nil
	}
}

// quiet checks that no call has arrived at a.
func quiet(t *testing.T, a *siptest.Agent) {
	t.Helper()
	select {
	case c := <-a.Incoming:
		t.Fatalf("a call arrived:\n%s", c.Invite.String())
	default:
	}
}

// final waits for the final answer of a call.
func final(t *testing.T, c *siptest.Call, want int) *gosip.Response {
	t.Helper()
	return finalIn(t, c, within, want)
}

// finalIn is final for a call that takes its time.
func finalIn(t *testing.T, c *siptest.Call, wait time.Duration, want int) *gosip.Response {
	t.Helper()
	res, err := c.Final(wait)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != want {
		t.Fatalf("answered %d %s, want %d", res.StatusCode, res.Reason, want)
	}
	return res
}

// provisional waits for a 1xx beyond 100.
func provisional(t *testing.T, c *siptest.Call, want int) *gosip.Response {
	t.Helper()
	deadline := time.After(within)
	for {
		select {
		case res := <-c.Responses:
			if res.StatusCode == 100 {
				continue
			}
			if res.StatusCode != want {
				t.Fatalf("got %d %s, want %d", res.StatusCode, res.Reason, want)
			}
			return res
		case <-deadline:
			t.Fatalf("no %d came", want)
		}
	}
}

func ended(t *testing.T, c *siptest.Call) {
	t.Helper()
	waitFor(t, c.Ended, "the end of the call")
}

func waitFor(t *testing.T, ch <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-ch:
	case <-time.After(within):
		t.Fatalf("waited in vain for %s", what)
	}
}

// header is one header's value, empty when absent.
func header(m interface{ GetHeader(string) gosip.Header }, name string) string {
	if h := m.GetHeader(name); h != nil {
		return h.Value()
	}
	return ""
}

// record waits until the exchange has no calls and returns the newest record.
func (x *exchange) record() *store.Call {
	x.t.Helper()
	x.idle()
	var calls []*store.Call
	x.eventually("a call record", func() bool {
		var err error
		calls, err = x.store.Calls(context.Background(), "default", "", 10)
		return err == nil && len(calls) > 0
	})
	return calls[0]
}

func (x *exchange) idle() {
	x.t.Helper()
	x.eventually("no live calls", func() bool { return len(x.server.ActiveCalls("default")) == 0 })
}

// eventually polls: what it waits for happens on other goroutines.
func (x *exchange) eventually(what string, ok func() bool) {
	x.t.Helper()
	deadline := time.Now().Add(within)
	for !ok() {
		if time.Now().After(deadline) {
			x.t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// apply changes the configuration and waits until the exchange follows it.
func (x *exchange) apply(site string) {
	x.t.Helper()
	storetest.Apply(x.t, x.store, site)
	x.eventually("the exchange to follow", func() bool { return x.server.Followed() >= x.store.Revision() })
}
