package registrar

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
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

// people is a configuration: organization "default" answers for pbx.example.com,
// "other" for other.example.com, both have a 101.
type people struct {
	mu       sync.Mutex
	accounts map[string]Account // org/username
	changed  map[key]struct{}   // since Changed was asked
}

func newPeople() *people {
	p := &people{accounts: map[string]Account{}, changed: map[key]struct{}{}}
	for _, name := range []string{"101", "102", "anna maria"} {
		p.add("default", name, name, "secret")
	}
	p.add("other", "101", "101", "another")
	p.add("other", "201", "201", "secret")
	dev := p.add("default", "dev-7", "app-line-9", "secret")
	dev.DeviceID, dev.LineID = "device-7", "line-9"
	p.accounts["default/dev-7"] = dev
	return p
}

func (p *people) add(org, username, aor, password string) Account {
	acc := Account{
		Org: org, Username: username, AOR: aor, LineID: "line-" + aor, UserID: "user-" + aor,
		HA1MD5:    digest.HA1(digest.MD5, username, "strowger", password),
		HA1SHA256: digest.HA1(digest.SHA256, username, "strowger", password),
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.accounts[org+"/"+username] = acc
	p.changed[key{org, aor}] = struct{}{}
	return acc
}

func (p *people) change(username string, f func(*Account)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	acc := p.accounts["default/"+username]
	p.changed[key{"default", acc.AOR}] = struct{}{}
	f(&acc)
	p.accounts["default/"+username] = acc
	p.changed[key{"default", acc.AOR}] = struct{}{}
}

func (p *people) remove(username string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changed[key{"default", p.accounts["default/"+username].AOR}] = struct{}{}
	delete(p.accounts, "default/"+username)
}

func (p *people) Find(host, username string) (string, string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch strings.ToLower(host) {
	case "pbx.example.com":
		return "default", "strowger", true
	case "other.example.com":
		return "other", "strowger", true
	}
	found := ""
	for _, acc := range p.accounts {
		if acc.Username == username || acc.AOR == username {
			if found != "" && found != acc.Org {
				return "", "strowger", false
			}
			found = acc.Org
		}
	}
	return found, "strowger", found != ""
}

func (p *people) Account(org, username string) (Account, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	acc, ok := p.accounts[org+"/"+username]
	return acc, ok
}

func (p *people) Registered(org, lineID, deviceID string) (Account, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, acc := range p.accounts {
		if acc.Org == org && acc.LineID == lineID && acc.DeviceID == deviceID {
			return acc, true
		}
	}
	return Account{}, false
}

func (p *people) Domain(org string) string {
	if org == "default" {
		return "pbx.example.com"
	}
	return "other.example.com"
}

func (p *people) Changed(f func(org, aor string)) {
	p.mu.Lock()
	changed := p.changed
	p.changed = map[key]struct{}{}
	p.mu.Unlock()
	for k := range changed {
		f(k.org, k.aor)
	}
}

// disk is a store that can be slow or full. It commits what came while it was
// busy at once, in order.
type disk struct {
	mu      sync.Mutex
	kept    map[store.BindingKey]store.Binding
	queue   []func() func()
	busy    bool
	commits int
	later   int
	delay   time.Duration
	err     error
}

var errFull = errors.New("disk full")

func (d *disk) SaveBindingsThen(put []store.Binding, del []store.BindingKey, then func(error)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue = append(d.queue, func() func() {
		err := d.err
		if err == nil {
			for _, k := range del {
				delete(d.kept, k)
			}
			for _, b := range put {
				d.kept[keyOf(&b)] = b
			}
		}
		return func() { then(err) }
	})
	if d.busy {
		return
	}
	d.busy = true
	go func() {
		d.mu.Lock()
		for len(d.queue) > 0 {
			delay := d.delay
			d.mu.Unlock()
			time.Sleep(delay)
			d.mu.Lock()
			queue := d.queue
			d.queue = nil
			if d.err == nil {
				d.commits++
			}
			var done []func()
			for _, q := range queue {
				done = append(done, q())
			}
			d.mu.Unlock()
			for _, f := range done {
				f()
			}
			d.mu.Lock()
		}
		d.busy = false
		d.mu.Unlock()
	}()
}

func (d *disk) SaveBindingsLater(put []store.Binding) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, b := range put {
		d.later++
		d.kept[keyOf(&b)] = b
	}
}

func (d *disk) set(err error, delay time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err, d.delay = err, delay
}

func (d *disk) all() (list []store.Binding) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, b := range d.kept {
		list = append(list, b)
	}
	return list
}

// exchange is a registrar on a network in memory.
type exchange struct {
	t       testing.TB
	net     *siptest.Net
	tp      *transport.Layer
	people  *people
	disk    *disk
	auth    *Authenticator
	reg     *Registrar
	mu      sync.Mutex
	blamed  []netip.Addr
	changes []string
	results map[string]int
	calls   int
}

const ours = "192.0.2.1:5060"

func newExchange(t testing.TB, o Options) *exchange {
	x := &exchange{
		t: t, net: siptest.NewNet(1), people: newPeople(),
		disk: &disk{kept: map[store.BindingKey]store.Binding{}}, results: map[string]int{},
	}
	x.tp = transport.New(x.net.Options())
	x.tp.Serve(func(transport.Flow, *transport.Head, []byte) {})
	for _, url := range []string{"udp://" + ours, "tcp://" + ours} {
		if _, err := x.tp.Listen(url); err != nil {
			t.Fatal(err)
		}
	}
	x.start(o)
	return x
}

// load gives the registrar what an earlier one has saved.
func (x *exchange) load(saved []store.Binding) {
	x.t.Helper()
	if err := x.reg.Load(func(f func(*store.Binding) error) error {
		for i := range saved {
			if err := f(&saved[i]); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		x.t.Fatal(err)
	}
}

func (x *exchange) start(o Options) {
	x.auth = NewAuthenticator(AuthOptions{Accounts: x.people, Penalize: func(a netip.Addr, _ string) bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.blamed = append(x.blamed, a)
		return true
	}})
	o.Auth, o.Network, o.Saved = x.auth, x.tp, x.disk
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Counted = func(r string) {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.results[r]++
	}
	o.OnChange = func(org, aor string) {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.changes = append(x.changes, org+"/"+aor)
	}
	x.reg = New(o)
	x.tp.OnClosed(x.reg.FlowClosed)
}

func (x *exchange) close() {
	x.reg.Close()
	x.tp.Close()
}

// phone is one phone's way of asking.
type phone struct {
	x        *exchange
	flow     transport.Flow
	via      string // sent-by
	user     string // of the AOR
	username string // of the digest
	password string
	host     string
	contact  string // the whole header value; "" sends none
	expires  string
	extra    []string
	callID   string
	cseq     int
	alg      digest.Algorithm
	count    uint32
	ch       digest.Challenge
}

// phone comes from a UDP address and is not behind a NAT.
func (x *exchange) phone(user, address string) *phone {
	f, ok := x.tp.UDPTo(netip.MustParseAddrPort(address))
	if !ok {
		x.t.Fatalf("no flow to %s", address)
	}
	x.calls++
	return &phone{
		x: x, flow: f, via: address, user: user, username: user, password: "secret", host: "pbx.example.com",
		contact: "<sip:" + escapeUser(user) + "@" + address + ">", callID: fmt.Sprintf("call-%s-%d", strings.ReplaceAll(user, " ", "_"), x.calls),
		alg: digest.SHA256,
	}
}

func (p *phone) request(authorization string) *sip.Request {
	p.x.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "REGISTER sip:%s SIP/2.0\r\n", p.host)
	fmt.Fprintf(&b, "Via: SIP/2.0/%s %s;rport;branch=z9hG4bK%s%d\r\n", p.flow.Proto().Via(), p.via, p.callID, p.cseq)
	fmt.Fprintf(&b, "Max-Forwards: 70\r\nFrom: <sip:%s@%s>;tag=x\r\nTo: <sip:%s@%s>\r\nCall-ID: %s\r\nCSeq: %d REGISTER\r\n",
		escapeUser(p.user), p.host, escapeUser(p.user), p.host, p.callID, p.cseq)
	if p.contact != "" {
		fmt.Fprintf(&b, "Contact: %s\r\n", p.contact)
	}
	if p.expires != "" {
		fmt.Fprintf(&b, "Expires: %s\r\n", p.expires)
	}
	for _, h := range p.extra {
		b.WriteString(h + "\r\n")
	}
	if authorization != "" {
		fmt.Fprintf(&b, "Authorization: %s\r\n", authorization)
	}
	b.WriteString("Content-Length: 0\r\n\r\n")
	msg, fault := transaction.Parse([]byte(b.String()), p.flow.Proto().Reliable())
	if fault != nil {
		p.x.t.Fatalf("parse: %v\n%s", fault, b.String())
	}
	return msg.(*sip.Request)
}

// send hands a request over and waits until nothing moves; nil: no answer.
func (p *phone) send(req *sip.Request) *answer {
	p.x.t.Helper()
	got := p.start(req)
	synctest.Wait()
	return got()
}

// start hands a request over; what it returns is the answer so far.
func (p *phone) start(req *sip.Request) func() *answer {
	var mu sync.Mutex
	var a *answer
	p.x.reg.Handle(p.flow, req, func(status int, msg []byte) {
		mu.Lock()
		defer mu.Unlock()
		if a != nil {
			p.x.t.Errorf("answered twice")
		}
		a = &answer{t: p.x.t, status: status, text: string(msg)}
	})
	return func() *answer {
		mu.Lock()
		defer mu.Unlock()
		return a
	}
}

// challenge asks without credentials and keeps what is answered.
func (p *phone) challenge() *answer {
	p.x.t.Helper()
	p.cseq++
	a := p.send(p.request(""))
	if a == nil || a.status != 401 {
		p.x.t.Fatalf("want a challenge, got %v", a)
	}
	p.learn(a)
	return a
}

func (p *phone) learn(a *answer) {
	p.x.t.Helper()
	for _, h := range a.headers("WWW-Authenticate") {
		c, err := digest.ParseChallenge(h)
		if err != nil {
			p.x.t.Fatal(err)
		}
		if c.Algorithm == p.alg {
			p.ch, p.count = c, 0
		}
	}
}

// authorized is the next request with credentials.
func (p *phone) authorized() *sip.Request {
	p.cseq++
	p.count++
	return p.request(p.ch.Answer("REGISTER", "sip:"+p.host, p.username, p.password, p.count))
}

// register goes the usual way: a challenge, then the answer.
func (p *phone) register() *answer {
	p.x.t.Helper()
	p.challenge()
	return p.send(p.authorized())
}

// registers is register that must succeed.
func (p *phone) registers() *answer {
	p.x.t.Helper()
	a := p.register()
	if a == nil || a.status != 200 {
		p.x.t.Fatalf("%s: want 200, got %v", p.user, a)
	}
	return a
}

type answer struct {
	t      testing.TB
	status int
	text   string
}

func (a *answer) String() string {
	if a == nil {
		return "no answer"
	}
	return a.text
}

func (a *answer) headers(name string) (list []string) {
	for _, line := range strings.Split(a.text, "\r\n") {
		if v, ok := strings.CutPrefix(line, name+": "); ok {
			list = append(list, v)
		}
	}
	return list
}

// parsed proves that the answer is a well-formed response.
func (a *answer) parsed() *sip.Response {
	a.t.Helper()
	msg, fault := transaction.Parse([]byte(a.text), false)
	if fault != nil {
		a.t.Fatalf("%v in\n%s", fault, a.text)
	}
	return msg.(*sip.Response)
}

func (x *exchange) uris(aor string) (list []string) {
	for _, c := range x.reg.Contacts("default", aor) {
		list = append(list, c.URI)
	}
	return list
}

// dial opens a stream to us from outside and answers our side of it.
func (x *exchange) dial(from string) (transport.Flow, io.Closer) {
	x.t.Helper()
	c, err := x.net.DialStream(context.Background(), netip.MustParseAddrPort(from), netip.MustParseAddrPort(ours))
	if err != nil {
		x.t.Fatal(err)
	}
	synctest.Wait()
	f, ok := x.tp.StreamTo(transport.TCP, netip.MustParseAddrPort(c.LocalAddr().String()))
	if !ok {
		x.t.Fatalf("no stream from %s", c.LocalAddr())
	}
	return f, c
}
