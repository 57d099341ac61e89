package siptest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/dialog"
	"strowger/sip/digest"
	"strowger/sip/transaction"
	"strowger/sip/transport"
)

// An Agent is a small user agent of its own: a phone or a carrier at the other
// end of the exchange, in tests and in the demo. It moves messages and keeps
// dialogs; what is said in them is its user's business.
type Agent struct {
	net   *transport.Layer
	tx    *transaction.Layer
	local netip.AddrPort
	user  string
	pass  string

	mu    sync.Mutex
	calls map[string]*Call // by our tag

	// Incoming gets each new call. Its queue is bounded: an agent that does
	// not read refuses with 486.
	Incoming chan *Call
	// Other answers requests outside of calls; nil: 200 to OPTIONS, else 405.
	Other func(tx *transaction.Server, req *sip.Request)
}

// AgentOptions of an Agent.
type AgentOptions struct {
	Listen    string // URL, "udp://127.0.0.1:0"
	User      string // of Contact, and of the digest
	Password  string
	Transport transport.Options // an in-memory network goes here
}

// NewAgent listens.
func NewAgent(o AgentOptions) (*Agent, error) {
	if o.Transport.Log == nil {
		o.Transport.Log = slog.New(slog.DiscardHandler)
	}
	a := &Agent{net: transport.New(o.Transport), user: o.User, pass: o.Password, calls: map[string]*Call{}, Incoming: make(chan *Call, 64)}
	a.tx = transaction.New(a.net, transaction.Options{Handler: agentHandler{a}, Shards: 1, Log: o.Transport.Log})
	addr, err := a.net.Listen(o.Listen)
	if err != nil {
		a.Close()
		return nil, err
	}
	if a.local, err = netip.ParseAddrPort(addr.String()); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

// Addr is where the agent listens.
func (a *Agent) Addr() netip.AddrPort { return a.local }

// Close ends the agent with all it has open, without a word.
func (a *Agent) Close() {
	a.tx.Close()
	a.net.Close()
}

// A Call is one INVITE of the agent's, made or received, and its dialog.
type Call struct {
	Agent  *Agent
	Invite *sip.Request // as sent or received
	Flow   transport.Flow

	// Responses to an INVITE of ours, each one; closed after the final one.
	Responses chan *sip.Response
	// Requests inside the dialog, answered with 200 unless Answers says else.
	Requests chan *sip.Request
	// LateAck leaves the ACK to a re-INVITE's 2xx to SendAck.
	LateAck atomic.Bool
	// Deaf lets a call received ring on when it is cancelled.
	Deaf atomic.Bool
	// Acked is closed by the first ACK of a call received.
	Acked chan struct{}
	// Ended is closed by the peer's BYE or CANCEL.
	Ended chan struct{}

	tx     *transaction.Server
	client *transaction.Client
	shard  *transaction.Shard
	dlg    *dialog.Dialog
	tag    string
	once   sync.Once
	acked  sync.Once
	auth   bool
	ack    atomic.Pointer[sip.Request]

	ackBody  atomic.Pointer[func(*sip.Response) []byte]
	answers  atomic.Pointer[func(*sip.Request) (int, []byte)]
	headers  atomic.Pointer[func(*sip.Request, int) []sip.Header]
	onCancel atomic.Pointer[func(*sip.Request)]
}

// Answers lets f answer the requests inside the dialog from now on; nil, or a
// status of 0, answers 200, and 100 leaves the request open.
func (c *Call) Answers(f func(req *sip.Request) (status int, body []byte)) {
	if f == nil {
		c.answers.Store(nil)
		return
	}
	c.answers.Store(&f)
}

// AnswerHeaders lets f add headers to the answers inside the dialog.
func (c *Call) AnswerHeaders(f func(req *sip.Request, status int) []sip.Header) { c.headers.Store(&f) }

// AckWith lets f make the body of our ACK to a 2xx.
func (c *Call) AckWith(f func(res *sip.Response) []byte) { c.ackBody.Store(&f) }

// OnCancel lets f see the CANCEL of a call received.
func (c *Call) OnCancel(f func(req *sip.Request)) { c.onCancel.Store(&f) }

// Ack is the last ACK received.
func (c *Call) Ack() *sip.Request { return c.ack.Load() }

// maxForwards replaces the usual 70.
type maxForwards struct{ sip.Header }

// MaxForwards is a header for Dial that says how many hops are left.
func MaxForwards(n int) sip.Header {
	return maxForwards{sip.NewHeader("Max-Forwards", strconv.Itoa(n))}
}

// on runs f on the shard of the agent and waits.
func (a *Agent) on(s *transaction.Shard, f func()) {
	done := make(chan struct{})
	s.Post(func() { defer close(done); f() })
	<-done
}

// Flow is the way to addr.
func (a *Agent) Flow(ctx context.Context, p transport.Proto, addr netip.AddrPort) (transport.Flow, error) {
	if p == transport.UDP {
		if f, ok := a.net.UDPTo(addr); ok {
			return f, nil
		}
		return transport.Flow{}, fmt.Errorf("no listener reaches %s", addr)
	}
	return a.net.Dial(ctx, p, addr)
}

// Contact is the agent's own URI.
func (a *Agent) Contact() string { return "<sip:" + a.user + "@" + a.local.String() + ">" }

// Do sends a request outside of any dialog, answers one challenge, and waits
// for the final answer.
func (a *Agent) Do(f transport.Flow, method sip.RequestMethod, uri, from, to sip.Uri, headers ...sip.Header) (*sip.Response, error) {
	s := a.tx.ShardOf("")
	d := dialog.New(s.NewCallID(), transaction.NewTag(), dialog.Party{URI: from}, dialog.Party{URI: to}, uri)
	var extra []sip.Header
	for try := 0; ; try++ {
		res, req, err := a.once(s, f, d, method, append(append([]sip.Header(nil), headers...), extra...))
		if err != nil || try > 0 || a.pass == "" || res.StatusCode != 401 && res.StatusCode != 407 {
			return res, err
		}
		h, err := a.credentials(req, res)
		if err != nil {
			return res, err
		}
		extra = []sip.Header{h}
	}
}

func (a *Agent) once(s *transaction.Shard, f transport.Flow, d *dialog.Dialog, method sip.RequestMethod, headers []sip.Header) (*sip.Response, *sip.Request, error) {
	type answer struct {
		res *sip.Response
		err error
	}
	got := make(chan answer, 8)
	var req *sip.Request
	a.on(s, func() {
		req = d.Request(method)
		mf := sip.MaxForwardsHeader(70)
		req.AppendHeader(&mf)
		for _, h := range headers {
			req.AppendHeader(h)
		}
		req.SetBody(nil)
		s.Send(f, req, func(res *sip.Response, err error) {
			if err != nil || res.StatusCode >= 200 {
				select {
				case got <- answer{res, err}:
				default:
				}
			}
		})
	})
	x := <-got
	return x.res, req, x.err
}

// credentials answers a challenge.
func (a *Agent) credentials(req *sip.Request, res *sip.Response) (sip.Header, error) {
	ask, name := "WWW-Authenticate", "Authorization"
	if res.StatusCode == 407 {
		ask, name = "Proxy-Authenticate", "Proxy-Authorization"
	}
	var challenges []string
	for _, h := range res.GetHeaders(ask) {
		challenges = append(challenges, h.Value())
	}
	ch, err := digest.Choose(challenges)
	if err != nil {
		return nil, err
	}
	return sip.NewHeader(name, ch.Answer(req.Method.String(), req.Recipient.String(), a.user, a.pass, 1)), nil
}

// Register binds the agent's contact for expires seconds at the registrar.
func (a *Agent) Register(f transport.Flow, domain string, expires int, headers ...sip.Header) (*sip.Response, error) {
	aor := sip.Uri{Scheme: "sip", User: a.user, Host: domain}
	headers = append([]sip.Header{
		sip.NewHeader("Contact", a.Contact()), sip.NewHeader("Expires", strconv.Itoa(expires)),
	}, headers...)
	return a.Do(f, sip.REGISTER, sip.Uri{Scheme: "sip", Host: domain}, aor, aor, headers...)
}

// Dial sends an INVITE. Challenges are answered once, unseen.
func (a *Agent) Dial(f transport.Flow, domain, to string, body []byte, headers ...sip.Header) *Call {
	uri := sip.Uri{Scheme: "sip", User: to, Host: domain}
	if ap, err := netip.ParseAddrPort(domain); err == nil {
		uri.Host, uri.Port = ap.Addr().String(), int(ap.Port())
	}
	return a.DialURI(f, uri, body, headers...)
}

// DialURI is Dial for a whole Request-URI.
func (a *Agent) DialURI(f transport.Flow, uri sip.Uri, body []byte, headers ...sip.Header) *Call {
	s := a.tx.ShardOf("")
	c := &Call{Agent: a, Flow: f, shard: s, tag: transaction.NewTag()}
	c.make()
	from := sip.Uri{Scheme: "sip", User: a.user, Host: uri.Host}
	a.on(s, func() {
		c.dlg = dialog.New(s.NewCallID(), c.tag, dialog.Party{URI: from}, dialog.Party{URI: uri}, uri)
		a.mu.Lock()
		a.calls[c.tag] = c
		a.mu.Unlock()
		c.invite(body, headers)
	})
	return c
}

func (c *Call) make() {
	c.Responses = make(chan *sip.Response, 64)
	c.Requests = make(chan *sip.Request, 64)
	c.Acked, c.Ended = make(chan struct{}), make(chan struct{})
}

func (c *Call) invite(body []byte, headers []sip.Header, extra ...sip.Header) {
	req := c.dlg.Request(sip.INVITE)
	mf := sip.MaxForwardsHeader(70)
	req.AppendHeader(sip.NewHeader("Contact", c.Agent.Contact()))
	for _, h := range append(append([]sip.Header(nil), headers...), extra...) {
		if left, ok := h.(maxForwards); ok {
			n, _ := strconv.Atoi(left.Value())
			mf = sip.MaxForwardsHeader(uint32(n))
			continue
		}
		req.AppendHeader(h)
	}
	req.AppendHeader(&mf)
	if len(body) > 0 {
		req.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	}
	req.SetBody(body)
	c.Invite = req
	c.client = c.shard.Send(c.Flow, req, func(res *sip.Response, err error) {
		if err != nil {
			status, phrase := 408, "Request Timeout"
			if errors.Is(err, transaction.ErrTransport) {
				status, phrase = 503, "Service Unavailable"
			}
			res = sip.NewResponse(status, phrase)
		}
		if (res.StatusCode == 401 || res.StatusCode == 407) && !c.auth && c.Agent.pass != "" {
			if h, err := c.Agent.credentials(req, res); err == nil {
				c.auth = true
				c.invite(body, headers, h)
				return
			}
		}
		if res.StatusCode > 100 && res.StatusCode < 300 && (c.dlg.RemoteTag == "" || res.StatusCode >= 200) {
			if d, _ := c.dlg.Establish(res); d.RemoteTag != "" {
				c.dlg = d
			}
		}
		if res.StatusCode/100 == 2 {
			ack := c.dlg.Ack(res.CSeq().SeqNo)
			if f := c.ackBody.Load(); f != nil {
				ack.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
				ack.SetBody((*f)(res))
			} else {
				ack.SetBody(nil)
			}
			c.shard.SendAck(c.Flow, ack)
		}
		select {
		case c.Responses <- res:
		default:
		}
	})
}

// Cancel gives an INVITE of ours up.
func (c *Call) Cancel() { c.Agent.on(c.shard, func() { c.client.Cancel("") }) }

// Respond answers a received INVITE. An Allow among the headers replaces ours.
func (c *Call) Respond(status int, phrase string, body []byte, headers ...sip.Header) {
	c.Agent.on(c.shard, func() {
		res := transaction.NewResponse(c.Invite, status, phrase, c.tag)
		if status > 100 && status < 300 {
			res.AppendHeader(sip.NewHeader("Contact", c.Agent.Contact()))
			if !slices.ContainsFunc(headers, func(h sip.Header) bool { return h.Name() == "Allow" }) {
				res.AppendHeader(sip.NewHeader("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO"))
			}
		}
		for _, h := range headers {
			res.AppendHeader(h)
		}
		if len(body) > 0 {
			res.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
		}
		res.SetBody(body)
		c.tx.Respond(res)
	})
}

// Untagged answers a received INVITE with a 1xx that makes no dialog, as old
// gateways do.
func (c *Call) Untagged(status int, phrase string) {
	c.Agent.on(c.shard, func() {
		res := transaction.NewResponse(c.Invite, status, phrase, c.tag)
		res.RemoveHeader("To")
		res.AppendHeader(c.Invite.To())
		res.SetBody(nil)
		c.tx.Respond(res)
	})
}

// Fork lets what is answered from now on come from another phone behind the
// same address: under another To-tag.
func (c *Call) Fork() {
	c.Agent.on(c.shard, func() {
		c.tag = transaction.NewTag()
		c.dlg, _ = dialog.Accept(c.Invite, c.tag)
		c.Agent.mu.Lock()
		c.Agent.calls[c.tag] = c
		c.Agent.mu.Unlock()
	})
}

// Request sends a request inside the dialog and waits for its final answer; a
// 2xx to an INVITE is acknowledged.
func (c *Call) Request(method sip.RequestMethod, body []byte, headers ...sip.Header) *sip.Response {
	got, _ := c.Begin(method, body, headers...)
	return <-got
}

// Begin sends a request inside the dialog and does not wait for its final
// answer; an INVITE can be cancelled.
func (c *Call) Begin(method sip.RequestMethod, body []byte, headers ...sip.Header) (final <-chan *sip.Response, cancel func()) {
	got := make(chan *sip.Response, 8)
	var client *transaction.Client
	c.Agent.on(c.shard, func() {
		req := c.dlg.Request(method)
		mf := sip.MaxForwardsHeader(70)
		req.AppendHeader(&mf)
		if method == sip.INVITE || method == sip.UPDATE {
			req.AppendHeader(sip.NewHeader("Contact", c.Agent.Contact()))
		}
		for _, h := range headers {
			req.AppendHeader(h)
		}
		if len(body) > 0 && req.GetHeader("Content-Type") == nil {
			req.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
		}
		req.SetBody(body)
		client = c.shard.Send(c.Flow, req, func(res *sip.Response, err error) {
			if err != nil {
				res = sip.NewResponse(408, "Request Timeout")
			}
			if res.StatusCode < 200 {
				return
			}
			if method == sip.INVITE && res.StatusCode < 300 && !c.LateAck.Load() {
				c.shard.SendAck(c.Flow, c.dlg.Ack(res.CSeq().SeqNo))
			}
			select {
			case got <- res:
			default:
			}
		})
	})
	return got, func() { c.Agent.on(c.shard, func() { client.Cancel("") }) }
}

// SendAck sends the ACK to the 2xx of the INVITE numbered seq, once more if need
// be.
func (c *Call) SendAck(seq uint32, body []byte) {
	c.Agent.on(c.shard, func() {
		ack := c.dlg.Ack(seq)
		if len(body) > 0 {
			ack.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
		}
		ack.SetBody(body)
		c.shard.SendAck(c.Flow, ack)
	})
}

// Bye hangs up and waits for the answer.
func (c *Call) Bye() *sip.Response { return c.Request(sip.BYE, nil) }

// Final waits for the final answer to an INVITE of ours.
func (c *Call) Final(within time.Duration) (*sip.Response, error) {
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	for {
		select {
		case res := <-c.Responses:
			if res.StatusCode >= 200 {
				return res, nil
			}
		case <-deadline.C:
			return nil, errors.New("no final answer")
		}
	}
}

func (c *Call) end() { c.once.Do(func() { close(c.Ended) }) }

// agentHandler keeps the transaction layer's methods off the Agent.
type agentHandler struct{ a *Agent }

func (h agentHandler) call(req *sip.Request) *Call {
	tag, _ := req.To().Params.Get("tag")
	h.a.mu.Lock()
	defer h.a.mu.Unlock()
	return h.a.calls[tag]
}

func (h agentHandler) Request(tx *transaction.Server, req *sip.Request) {
	if c := h.call(req); c != nil {
		h.inside(c, tx, req)
		return
	}
	if req.Method != sip.INVITE {
		switch {
		case h.a.Other != nil:
			h.a.Other(tx, req)
		case req.Method == sip.OPTIONS:
			tx.Respond(transaction.NewResponse(req, 200, "OK", transaction.NewTag()))
		default:
			tx.Respond(transaction.NewResponse(req, 405, "Method Not Allowed", transaction.NewTag()))
		}
		return
	}
	c := &Call{Agent: h.a, Invite: req, Flow: tx.Flow(), tx: tx, shard: tx.Shard(), tag: transaction.NewTag()}
	c.make()
	c.dlg, _ = dialog.Accept(req, c.tag)
	if c.dlg == nil {
		tx.Respond(transaction.NewResponse(req, 400, "Bad Request", c.tag))
		return
	}
	tx.OnCancel(func(cancel *sip.Request) {
		if f := c.onCancel.Load(); f != nil {
			(*f)(cancel)
		}
		if c.Deaf.Load() {
			return
		}
		tx.Respond(transaction.NewResponse(req, 487, "Request Terminated", c.tag))
		c.end()
	})
	h.a.mu.Lock()
	h.a.calls[c.tag] = c
	h.a.mu.Unlock()
	select {
	case h.a.Incoming <- c:
	default:
		tx.Respond(transaction.NewResponse(req, 486, "Busy Here", c.tag))
	}
}

func (h agentHandler) inside(c *Call, tx *transaction.Server, req *sip.Request) {
	status, phrase := 200, "OK"
	var body []byte
	if f := c.answers.Load(); f != nil {
		if s, b := (*f)(req); s > 0 {
			status, phrase, body = s, "Answer", b
		}
	}
	if status == 100 && req.Method == sip.INVITE {
		tx.OnCancel(func(*sip.Request) {
			tx.Respond(transaction.NewResponse(req, 487, "Request Terminated", c.tag))
		})
	}
	res := transaction.NewResponse(req, status, phrase, c.tag)
	if req.Method == sip.INVITE || req.Method == sip.UPDATE {
		res.AppendHeader(sip.NewHeader("Contact", c.Agent.Contact()))
	}
	if f := c.headers.Load(); f != nil {
		for _, h := range (*f)(req, status) {
			res.AppendHeader(h)
		}
	}
	if len(body) > 0 {
		res.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	}
	res.SetBody(body)
	if req.Method == sip.INVITE {
		c.tx = tx
	}
	tx.Respond(res)
	select {
	case c.Requests <- req:
	default:
	}
	if req.Method == sip.BYE {
		c.end()
	}
}

func (h agentHandler) Ack(_ transport.Flow, req *sip.Request) {
	if c := h.call(req); c != nil {
		c.ack.Store(req)
		if c.tx != nil {
			c.tx.Acked()
		}
		c.acked.Do(func() { close(c.Acked) })
	}
}

func (h agentHandler) Stray(transport.Flow, *sip.Response) {}
