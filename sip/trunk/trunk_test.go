package trunk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/digest"
	"strowger/sip/siptest"
	"strowger/sip/transaction"
	"strowger/sip/transport"
	"strowger/store"
)

// zone is a DNS.
type zone struct {
	mu    sync.Mutex
	srv   map[string][]SRV
	hosts map[string][]netip.Addr
	err   error
	delay time.Duration
	asked int
}

func (z *zone) wait(ctx context.Context) error {
	z.mu.Lock()
	delay := z.delay
	z.mu.Unlock()
	select {
	case <-time.After(delay):
	case <-ctx.Done():
		return ctx.Err()
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	z.asked++
	return z.err
}

func (z *zone) SRV(ctx context.Context, name string) ([]SRV, error) {
	if err := z.wait(ctx); err != nil {
		return nil, err
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.srv[name], nil
}

func (z *zone) Addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if err := z.wait(ctx); err != nil {
		return nil, err
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	if list := z.hosts[host]; len(list) > 0 {
		return list, nil
	}
	return nil, errors.New("no such host")
}

func (z *zone) set(err error, delay time.Duration) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.err, z.delay = err, delay
}

// settings is a configuration of one organization.
type settings struct {
	mu        sync.Mutex
	trunks    []*store.Trunk
	passwords map[string]string
}

func (s *settings) Organizations() []string { return []string{"default"} }
func (s *settings) Trunks(string) []*store.Trunk {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.trunks)
}
func (s *settings) Password(_, id string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	pw, ok := s.passwords[id]
	if !ok {
		return "", store.ErrNotFound
	}
	return pw, nil
}
func (s *settings) ByAddress(ip netip.Addr) []store.TrunkRef {
	if ip == netip.MustParseAddr("198.51.100.200") {
		return []store.TrunkRef{{Org: "default", TrunkID: "by-address"}}
	}
	return nil
}

// exchange is ours, with a network, a DNS and carriers around it.
type exchange struct {
	t        *testing.T
	net      *siptest.Net
	tp       *transport.Layer
	tx       *transaction.Layer
	dns      *zone
	conf     *settings
	carriers *Carriers
	mu       sync.Mutex
	changes  []string
}

type nobody struct{}

func (nobody) Request(*transaction.Server, *sip.Request) {}
func (nobody) Ack(transport.Flow, *sip.Request)          {}
func (nobody) Stray(transport.Flow, *sip.Response)       {}

func inBubble(t *testing.T, trunks []*store.Trunk, f func(t *testing.T, x *exchange)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		x := &exchange{
			t: t, net: siptest.NewNet(1), conf: &settings{trunks: trunks, passwords: map[string]string{}},
			dns: &zone{srv: map[string][]SRV{}, hosts: map[string][]netip.Addr{}},
		}
		x.tp = transport.New(x.net.Options())
		x.tx = transaction.New(x.tp, transaction.Options{Handler: nobody{}, Shards: 2, Log: slog.New(slog.DiscardHandler)})
		for _, url := range []string{"udp://192.0.2.1:5060", "tcp://192.0.2.1:5060"} {
			if _, err := x.tp.Listen(url); err != nil {
				t.Fatal(err)
			}
		}
		x.carriers = New(Options{
			Configuration: x.conf, Transport: x.tp, Transactions: x.tx, Resolver: x.dns, Product: "strowger",
			OnChange: func(org, id string, up bool) {
				x.mu.Lock()
				defer x.mu.Unlock()
				x.changes = append(x.changes, fmt.Sprint(id, " ", up))
			},
		})
		defer func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			if err := x.carriers.Close(ctx); err != nil {
				t.Error(err)
			}
			x.tx.Close()
			x.tp.Close()
		}()
		f(t, x)
	})
}

func (x *exchange) password(id, pw string) {
	x.conf.mu.Lock()
	defer x.conf.mu.Unlock()
	x.conf.passwords[id] = pw
}

func (x *exchange) change(id string, f func(*store.Trunk)) {
	x.conf.mu.Lock()
	for i, t := range x.conf.trunks {
		if t.ID == id {
			next := *t
			f(&next)
			x.conf.trunks[i] = &next
		}
	}
	x.conf.mu.Unlock()
	x.carriers.Sync()
}

func (x *exchange) status(id string) store.TrunkStatus {
	x.t.Helper()
	for _, s := range x.carriers.Status("default") {
		if s.ID == id {
			return s
		}
	}
	x.t.Fatalf("no trunk %s", id)
	return store.TrunkStatus{}
}

func named(id string, f func(*store.Trunk)) *store.Trunk {
	t := &store.Trunk{Host: "sip.carrier.example"}
	t.ID = id
	if f != nil {
		f(t)
	}
	return t
}

// provider is a carrier's machine.
type provider struct {
	*siptest.Agent
	x        *exchange
	mu       sync.Mutex
	requests []*sip.Request
	password string // "" challenges nobody
	realm    string
	expires  int
	status   int // of every answer, 0: 200
	headers  []sip.Header
	silent   bool
	nonces   int
	bound    []string // Contacts
}

func (x *exchange) provider(address string) *provider {
	x.t.Helper()
	p := &provider{x: x, realm: "carrier", expires: 3600}
	var err error
	p.Agent, err = siptest.NewAgent(siptest.AgentOptions{Listen: address, User: "carrier", Transport: x.net.Options()})
	if err != nil {
		x.t.Fatal(err)
	}
	p.Agent.Other = p.answer
	x.net.Set(siptest.Knobs{}) // whoever sends from now on sees it
	return p
}

func (p *provider) set(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

func (p *provider) answer(tx *transaction.Server, req *sip.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = append(p.requests, req)
	if p.silent {
		return
	}
	if p.status != 0 {
		res := transaction.NewResponse(req, p.status, "Configured", "t")
		for _, h := range p.headers {
			res.AppendHeader(h)
		}
		tx.Respond(res)
		return
	}
	if req.Method == sip.REGISTER && p.password != "" {
		h := req.GetHeader("authorization")
		ok := false
		if h != nil {
			c, err := digest.Parse(h.Value())
			ok = err == nil && c.Nonce == fmt.Sprint("nonce", p.nonces) && c.Realm == p.realm &&
				c.Verify("REGISTER", digest.HA1(digest.MD5, "account", p.realm, p.password), digest.HA1(digest.SHA256, "account", p.realm, p.password))
		}
		if !ok {
			p.nonces++
			res := transaction.NewResponse(req, 401, "Unauthorized", "t")
			res.AppendHeader(sip.NewHeader("WWW-Authenticate", fmt.Sprintf(`Digest realm="%s", nonce="nonce%d", algorithm=MD5, qop="auth"`, p.realm, p.nonces)))
			tx.Respond(res)
			return
		}
	}
	res := transaction.NewResponse(req, 200, "OK", "t")
	if req.Method == sip.REGISTER {
		contact, n := req.Contact().Value(), p.expires
		if h := req.GetHeader("expires"); h != nil && h.Value() == "0" {
			p.bound = slices.DeleteFunc(p.bound, func(s string) bool { return s == contact })
		} else {
			p.bound = append(slices.DeleteFunc(p.bound, func(s string) bool { return s == contact }), contact)
			res.AppendHeader(sip.NewHeader("Contact", contact+";expires="+strconv.Itoa(n)))
		}
	}
	tx.Respond(res)
}

func (p *provider) got(method sip.RequestMethod) (list []*sip.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.requests {
		if r.Method == method {
			list = append(list, r)
		}
	}
	return list
}

func (p *provider) contacts() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.bound)
}

func addrs(list ...string) (out []netip.Addr) {
	for _, s := range list {
		out = append(out, netip.MustParseAddr(s))
	}
	return out
}

func registering(id string) *store.Trunk {
	return named(id, func(t *store.Trunk) {
		t.Port, t.Transport = 5060, "udp"
		t.Auth = store.TrunkAuth{Mode: store.TrunkByRegister, Username: "account"}
	})
}

func TestRegistration(t *testing.T) {
	inBubble(t, []*store.Trunk{registering("main")}, func(t *testing.T, x *exchange) {
		x.dns.hosts["sip.carrier.example"] = addrs("203.0.113.10")
		p := x.provider("udp://203.0.113.10:5060")
		defer p.Close()
		p.password, p.expires = "pw", 600
		x.password("main", "pw")
		x.carriers.Sync()
		time.Sleep(time.Second)
		synctest.Wait()
		if s := x.status("main"); !s.Registered || !s.Up || s.Why != "" {
			t.Fatalf("status %+v", s)
		}
		reqs := p.got(sip.REGISTER)
		if len(reqs) != 2 {
			t.Fatalf("%d REGISTERs", len(reqs))
		}
		first, second := reqs[0], reqs[1]
		if first.Recipient.String() != "sip:sip.carrier.example:5060" || first.To().Address.User != "account" || first.GetHeader("expires").Value() != "3600" ||
			first.Contact().Address.String() != "sip:account@192.0.2.1:5060" || second.CallID().Value() != first.CallID().Value() || second.CSeq().SeqNo != first.CSeq().SeqNo+1 {
			t.Errorf("first\n%s\nsecond\n%s", first, second)
		}
		// It is refreshed between half and nine tenths of what was granted.
		time.Sleep(300*time.Second - 2*time.Second)
		if n := len(p.got(sip.REGISTER)); n != 2 {
			t.Errorf("refreshed before half the time: %d", n)
		}
		time.Sleep(242 * time.Second)
		if n := len(p.got(sip.REGISTER)); n < 3 {
			t.Errorf("not refreshed by nine tenths of the time: %d", n)
		}
		// Syncing what is unchanged says nothing to anyone.
		n := len(p.got(sip.REGISTER))
		x.carriers.Sync()
		x.change("main", func(t *store.Trunk) { t.Priority = 7 })
		time.Sleep(time.Second)
		if len(p.got(sip.REGISTER)) != n {
			t.Error("registered again for a change that does not concern it")
		}
		// A call from there is the trunk's, for as long as we are registered.
		there := netip.MustParseAddr("203.0.113.10")
		if !x.carriers.IsCarrier(there) || !x.carriers.IsCarrier(netip.MustParseAddr("198.51.100.200")) || x.carriers.IsCarrier(netip.MustParseAddr("203.0.113.11")) {
			t.Error("a carrier is taken for a stranger, or the other way round")
		}
		for _, user := range []string{"account", "+12025550100", ""} {
			if got := x.carriers.Identify(there, user); len(got) != 1 || got[0] != (store.TrunkRef{Org: "default", TrunkID: "main"}) {
				t.Errorf("identified %v by %q", got, user)
			}
		}
		if got := x.carriers.Identify(netip.MustParseAddr("203.0.113.11"), "account"); len(got) != 0 {
			t.Errorf("a stranger is a carrier: %v", got)
		}
		if got := x.carriers.Identify(netip.MustParseAddr("198.51.100.200"), ""); len(got) != 1 || got[0].TrunkID != "by-address" {
			t.Errorf("by address: %v", got)
		}
		// Removed: it unregisters.
		x.conf.mu.Lock()
		x.conf.trunks = nil
		x.conf.mu.Unlock()
		x.carriers.Sync()
		time.Sleep(time.Second)
		if got := p.contacts(); len(got) != 0 {
			t.Errorf("still bound: %q", got)
		}
		if len(x.carriers.Status("default")) != 0 || x.carriers.Acquire("default", "main") {
			t.Error("a removed trunk takes calls")
		}
		if got := x.carriers.Identify(there, ""); len(got) != 0 {
			t.Error("a removed trunk's carrier is let in")
		}
		if x.carriers.IsCarrier(there) {
			t.Error("the place of a removed trunk is a carrier's")
		}
	})
}

func TestRegistrationChanges(t *testing.T) {
	inBubble(t, []*store.Trunk{registering("main")}, func(t *testing.T, x *exchange) {
		x.dns.hosts["sip.carrier.example"] = addrs("203.0.113.10")
		x.dns.hosts["sip.other.example"] = addrs("203.0.113.20")
		p, q := x.provider("udp://203.0.113.10:5060"), x.provider("udp://203.0.113.20:5060")
		defer p.Close()
		defer q.Close()
		p.password, q.password = "pw", "pw2"
		x.password("main", "wrong")
		x.carriers.Sync()
		time.Sleep(time.Second)
		if s := x.status("main"); s.Registered || s.Up || !strings.Contains(s.Why, "401") {
			t.Errorf("with a wrong password: %+v", s)
		}
		if n := len(p.got(sip.REGISTER)); n != 2 {
			t.Errorf("%d REGISTERs with a wrong password", n)
		}
		x.password("main", "pw")
		x.carriers.Sync()
		time.Sleep(time.Second)
		if s := x.status("main"); !s.Registered || len(p.contacts()) != 1 {
			t.Errorf("with the right password: %+v", s)
		}
		// To another carrier: we leave the old one first.
		x.password("main", "pw2")
		x.change("main", func(t *store.Trunk) { t.Host = "sip.other.example" })
		time.Sleep(time.Second)
		if s := x.status("main"); !s.Registered || len(p.contacts()) != 0 || len(q.contacts()) != 1 {
			t.Errorf("after the move: %+v, old %q, new %q", s, p.contacts(), q.contacts())
		}
		x.change("main", func(t *store.Trunk) { t.Auth.Mode = store.TrunkByAddress })
		time.Sleep(time.Second)
		if s := x.status("main"); s.Registered || !s.Up || len(q.contacts()) != 0 {
			t.Errorf("without registration: %+v, %q", s, q.contacts())
		}
		if x.carriers.IsCarrier(p.Addr().Addr()) || !x.carriers.IsCarrier(q.Addr().Addr()) {
			t.Error("after the move, the place of the carrier is not its own")
		}
	})
}

func TestRegistrationFails(t *testing.T) {
	inBubble(t, []*store.Trunk{registering("main")}, func(t *testing.T, x *exchange) {
		x.dns.hosts["sip.carrier.example"] = addrs("203.0.113.10")
		p := x.provider("udp://203.0.113.10:5060")
		defer p.Close()
		p.status = 500
		x.carriers.Sync()
		time.Sleep(10 * time.Minute)
		n := len(p.got(sip.REGISTER))
		if n < 5 || n > 14 {
			t.Errorf("%d tries in ten minutes", n)
		}
		p.set(func() {
			p.requests, p.status, p.headers = nil, 503, []sip.Header{sip.NewHeader("Retry-After", "1800 (maintenance)")}
		})
		time.Sleep(20 * time.Minute)
		n = len(p.got(sip.REGISTER))
		p.set(func() { p.status = 403 })
		time.Sleep(20 * time.Minute)
		if m := len(p.got(sip.REGISTER)) - n; m < 1 || m > 8 {
			t.Errorf("%d tries in 20 minutes of 403", m)
		}
		p.set(func() { p.status, p.headers = 423, []sip.Header{sip.NewHeader("Min-Expires", "9000")} })
		time.Sleep(20 * time.Minute)
		reqs := p.got(sip.REGISTER)
		if got := reqs[len(reqs)-1].GetHeader("expires").Value(); got != "9000" {
			t.Errorf("asked for %s after 423", got)
		}
		p.set(func() { p.status = 0 })
		time.Sleep(20 * time.Minute)
		if s := x.status("main"); !s.Registered {
			t.Errorf("status %+v", s)
		}
	})
}

func TestHealth(t *testing.T) {
	trunk := named("main", func(t *store.Trunk) { t.Host, t.Port, t.Transport, t.OptionsPingS = "203.0.113.10", 5060, "udp", 30 })
	inBubble(t, []*store.Trunk{trunk, named("quiet", nil)}, func(t *testing.T, x *exchange) {
		p := x.provider("udp://203.0.113.10:5060")
		defer p.Close()
		x.carriers.Sync()
		time.Sleep(5 * time.Minute)
		if n := len(p.got(sip.OPTIONS)); n < 10 || n > 12 {
			t.Errorf("%d OPTIONS in five minutes", n)
		}
		if !x.carriers.Up("default", "main") || !x.carriers.Up("default", "quiet") {
			t.Fatal("down")
		}
		// Whom nobody asks is taken for up, but not said to be.
		if main, quiet := x.status("main").State, x.status("quiet").State; main != store.TrunkUp || quiet != store.TrunkUnknown {
			t.Errorf("asked: %s, not asked: %s", main, quiet)
		}
		x.carriers.Tried("default", "quiet", Target{}, true)
		if s := x.status("quiet"); s.State != store.TrunkUp {
			t.Errorf("a call was answered: %+v", s)
		}
		x.carriers.Tried("default", "quiet", Target{}, false)
		if s := x.status("quiet"); s.State != store.TrunkUnknown || !s.Up {
			t.Errorf("a call was not answered: %+v", s)
		}
		// A refusal is a sign of life too.
		p.set(func() { p.status = 403 })
		time.Sleep(2 * time.Minute)
		if !x.carriers.Up("default", "main") {
			t.Error("down after 403")
		}
		p.set(func() { p.status, p.silent = 0, true })
		time.Sleep(45 * time.Second)
		s := x.status("main")
		if s.Up || s.State != store.TrunkDown || !strings.Contains(s.Why, "OPTIONS") {
			t.Errorf("silent for 45 s: %+v", s)
		}
		p.set(func() { p.silent = false })
		time.Sleep(15 * time.Second)
		if s := x.status("main"); !s.Up || s.Why != "" {
			t.Errorf("back for 15 s: %+v", s)
		}
		// One failure between answers changes nothing.
		x.mu.Lock()
		x.changes = nil
		x.mu.Unlock()
		for range 5 {
			n := len(p.got(sip.OPTIONS))
			p.set(func() { p.status = 503 })
			for len(p.got(sip.OPTIONS)) == n {
				time.Sleep(time.Second)
			}
			p.set(func() { p.status = 0 })
			time.Sleep(40 * time.Second)
		}
		x.mu.Lock()
		defer x.mu.Unlock()
		if len(x.changes) != 0 {
			t.Errorf("flapped: %v", x.changes)
		}
	})
}

func TestAcquire(t *testing.T) {
	limited := named("limited", func(t *store.Trunk) { t.MaxCalls = 2 })
	inBubble(t, []*store.Trunk{limited, named("free", nil)}, func(t *testing.T, x *exchange) {
		x.carriers.Sync()
		c := x.carriers
		for i, want := range []bool{true, true, false} {
			if got := c.Acquire("default", "limited"); got != want {
				t.Errorf("call %d of two at most: %v", i+1, got)
			}
		}
		if x.status("limited").Calls != 2 {
			t.Errorf("status %+v", x.status("limited"))
		}
		c.Release("default", "limited")
		if !c.Acquire("default", "limited") {
			t.Error("what is given back can be taken")
		}
		for range 5 {
			c.Release("default", "limited")
		}
		if x.status("limited").Calls != 0 {
			t.Error("counted below nothing")
		}
		for range 100 {
			if !c.Acquire("default", "free") {
				t.Fatal("no limit means no limit")
			}
		}
		x.change("free", func(t *store.Trunk) { t.MaxCalls = 50 })
		if c.Acquire("default", "free") || c.Acquire("default", "nobody") || c.Acquire("other", "free") {
			t.Error("over the limit, or nobody's")
		}
		var wg sync.WaitGroup
		var taken sync.Map
		for i := range 20 {
			wg.Go(func() {
				if c.Acquire("default", "limited") {
					taken.Store(i, true)
				}
			})
		}
		wg.Wait()
		n := 0
		taken.Range(func(any, any) bool { n++; return true })
		if n != 2 {
			t.Errorf("%d took two places", n)
		}
	})
}

func TestClose(t *testing.T) {
	inBubble(t, []*store.Trunk{registering("main"), registering("deaf")}, func(t *testing.T, x *exchange) {
		x.dns.hosts["sip.carrier.example"] = addrs("203.0.113.10")
		x.dns.hosts["deaf.example"] = addrs("203.0.113.20")
		p, deaf := x.provider("udp://203.0.113.10:5060"), x.provider("udp://203.0.113.20:5060")
		defer p.Close()
		defer deaf.Close()
		x.change("deaf", func(t *store.Trunk) { t.Host = "deaf.example" })
		time.Sleep(time.Second)
		if len(p.contacts()) != 1 || len(deaf.contacts()) != 1 {
			t.Fatal("not registered")
		}
		deaf.set(func() { deaf.silent = true })
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if err := x.carriers.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if len(p.contacts()) != 0 {
			t.Error("the other did not get its turn")
		}
		time.Sleep(time.Minute)
	})
}
