package transaction

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/transport"
)

const cookie = "z9hG4bK" // RFC 3261 §8.1.1.7

// A branch of ours is the cookie, chance, and a mark that only this process can
// make of that chance.
const (
	branchChance = 10
	branchMark   = 8
)

type branch [len(cookie) + branchChance + branchMark]byte

func (l *Layer) newBranch() (b branch) {
	copy(b[:], cookie)
	appendRandom(b[:len(cookie)], branchChance)
	l.mark(&b)
	return b
}

// mark writes the mark of what stands before it.
func (l *Layer) mark(b *branch) {
	const at = len(cookie) + branchChance
	v := l.hash.sum(b[:at]).b
	for i := at; i < len(b); i++ {
		b[i] = alphabet[v&31]
		v >>= 5
	}
}

// made says whether a branch is one of ours, without having to remember them.
func (l *Layer) made(b []byte) bool {
	var again branch
	if len(b) != len(again) || string(b[:len(cookie)]) != cookie {
		return false
	}
	copy(again[:], b)
	l.mark(&again)
	return string(again[:]) == string(b)
}

// Client is a client transaction. All its methods are for its shard. What is
// only needed until the final response is apart, since the rest stays for 32 s.
type Client struct {
	*asking // nil once the final response came

	sh     *Shard
	key    key
	flow   transport.Flow
	on     func(*sip.Response, error)
	ack    []byte // the ACK of a 300 to 699
	wait   wait
	state  state
	invite bool
}

type asking struct {
	req    *sip.Request
	branch branch
	method string
	callID string // for Trace only
	rang   bool   // a provisional response came
	failed bool   // it never left us: giveUp says so
	cancel uint8  // how far a CANCEL has come
	reason string // of the CANCEL
	wire   []byte // the request, while it may be repeated

	resend   Timer
	interval time.Duration
	giveUp   Timer

	prev, next *Client // of the same stream
	chained    bool
}

// Stages of a CANCEL.
const (
	noCancel     = iota
	cancelWanted // waits for the first provisional (RFC 3261 §9.1)
	cancelSent
)

// Request is nil once the final response came.
func (c *Client) Request() *sip.Request {
	if c.asking == nil {
		return nil
	}
	return c.req
}

// release lets go of all but what the peer's repetitions need.
func (c *Client) release() {
	if c.asking == nil {
		return
	}
	c.resend.Stop()
	c.giveUp.Stop()
	c.unchain()
	c.asking = nil
}

// trace is the Call-ID, where anybody wants to know it.
func (c *Client) trace(res *transport.Head) string {
	if c.sh.l.o.Trace == nil {
		return ""
	}
	return string(res.CallID)
}

// Flow is where the request went.
func (c *Client) Flow() transport.Flow { return c.flow }

// Send begins a client transaction: req goes out over f with a Via of ours on
// top. on is called for every response: each 1xx, one final, and of an INVITE
// every 2xx, repetitions and those of other branches included, which the caller
// acknowledges each. It is called once with an error instead when there will be
// no final response. It is never called before Send returns. Call Send on the
// shard of req's Call-ID.
func (s *Shard) Send(f transport.Flow, req *sip.Request, on func(res *sip.Response, err error)) *Client {
	c := s.newClient(f, req, string(req.Method), s.l.newBranch(), on)
	s.out = s.appendRequest(s.out[:0], f, req, c.method, c.branch[:])
	c.start(s.out)
	return c
}

func (s *Shard) newClient(f transport.Flow, req *sip.Request, method string, b branch, on func(*sip.Response, error)) *Client {
	c := &Client{asking: &asking{req: req, branch: b, method: method}, sh: s, flow: f, on: on, invite: method == "INVITE"}
	c.key = s.clientKey(c.branch[:], []byte(method))
	c.resend.sh, c.resend.owner = s, c
	c.giveUp.sh, c.giveUp.owner = s, c
	c.wait.owner = c
	if s.l.o.Trace != nil && req != nil {
		c.callID = callID(req)
	}
	return c
}

func callID(msg sip.Message) string {
	if h := msg.CallID(); h != nil {
		return string(*h)
	}
	return ""
}

func (c *Client) start(wire []byte) {
	s := c.sh
	s.clients[c.key] = c
	o := &s.l.o
	err := s.writeAs(c.flow, wire, c.method, 0, c.callID)
	if err != nil && (c.flow.Proto() != transport.UDP || tooLong(err)) {
		// Told later, so that the caller knows the transaction first.
		c.failed = true
		c.giveUp.start(0)
		return
	}
	if !c.flow.Proto().Reliable() {
		c.wire = bytes.Clone(wire)
		c.interval = o.T1
		c.resend.start(c.interval) // Timer A or E
	} else {
		c.chain()
	}
	c.giveUp.start(64 * o.T1) // Timer B or F
}

// appendRequest writes req with a Via of ours in place of any that it has.
func (s *Shard) appendRequest(dst []byte, f transport.Flow, req *sip.Request, method string, branch []byte) []byte {
	dst = appendRequestLine(dst, req, method)
	dst = s.appendVia(dst, f, branch)
	hops := false
	for _, h := range req.Headers() {
		switch h.(type) {
		case *sip.ViaHeader:
			continue
		case *sip.MaxForwardsHeader:
			hops = true
		}
		dst = appendHeader(dst, h)
	}
	if !hops {
		dst = append(dst, "Max-Forwards: 70\r\n"...)
	}
	return appendBody(dst, req.Body())
}

func (s *Shard) appendVia(dst []byte, f transport.Flow, branch []byte) []byte {
	dst = append(dst, "Via: SIP/2.0/"...)
	dst = append(dst, f.Proto().Via()...)
	dst = append(dst, ' ')
	dst = s.l.tp.Shown(f).AppendTo(dst)
	dst = append(dst, ";branch="...)
	dst = append(dst, branch...)
	return append(dst, ";rport\r\n"...)
}

// appendSibling writes the ACK or the CANCEL that belongs to the INVITE of c:
// its Request-URI, branch, Route, From, Call-ID and CSeq number (RFC 3261
// §9.1, §17.1.1.3).
func (c *Client) appendSibling(dst []byte, method string, to *sip.ToHeader) []byte {
	dst = appendRequestLine(dst, c.req, method)
	dst = c.sh.appendVia(dst, c.flow, c.branch[:])
	for _, h := range c.req.Headers() {
		switch h := h.(type) {
		case *sip.RouteHeader, *sip.FromHeader, *sip.CallIDHeader:
			dst = appendHeader(dst, h)
		case *sip.ToHeader:
			if to != nil {
				h = to
			}
			dst = appendHeader(dst, h)
		case *sip.CSeqHeader:
			dst = append(dst, "CSeq: "...)
			dst = strconv.AppendUint(dst, uint64(h.SeqNo), 10)
			dst = append(dst, ' ')
			dst = append(dst, method...)
			dst = append(dst, "\r\n"...)
		}
	}
	dst = append(dst, "Max-Forwards: 70\r\n"...)
	if method == "CANCEL" && c.reason != "" {
		dst = append(dst, "Reason: "...)
		dst = append(appendLine(dst, c.reason), "\r\n"...)
	}
	return append(dst, "Content-Length: 0\r\n\r\n"...)
}

// Cancel gives an INVITE up: a CANCEL goes out once a provisional response has
// come. The final response is told as ever; after another 64*T1 without one it
// is ErrTimeout. reason, if any, is the value of a Reason header (RFC 3326).
func (c *Client) Cancel(reason string) {
	if !c.invite || c.state != proceeding || c.cancel != noCancel || c.failed {
		return
	}
	c.reason = reason
	c.cancel = cancelWanted
	if c.rang {
		c.sendCancel()
	}
}

func (c *Client) sendCancel() {
	c.cancel = cancelSent
	s := c.sh
	x := s.newClient(c.flow, nil, "CANCEL", c.branch, func(*sip.Response, error) {})
	x.callID = c.callID
	s.out = c.appendSibling(s.out[:0], "CANCEL", nil)
	x.start(s.out)
	c.giveUp.start(64 * s.l.o.T1)
}

// Stop ends the caller's interest: on is not called again. What the peer
// repeats is still absorbed, and a 2xx of an INVITE is a stray one: somebody has
// to acknowledge it and hang up.
func (c *Client) Stop() { c.on = nil }

func (c *Client) tell(res *sip.Response, err error) {
	switch h := c.sh.l.o.Handler; {
	case c.on != nil:
		c.on(res, err)
	case c.invite && err == nil && res.StatusCode/100 == 2 && h != nil:
		h.Stray(c.flow, res)
	}
}

// fail ends the transaction without a final response.
func (c *Client) fail(err error) {
	c.terminate()
	on := c.on
	c.on = nil
	if on != nil {
		on(nil, err)
	}
}

func (c *Client) fire(t *Timer) {
	o := &c.sh.l.o
	if t == &c.giveUp {
		if c.failed {
			c.fail(ErrTransport)
			return
		}
		c.fail(ErrTimeout)
		return
	}
	if c.state != proceeding || len(c.wire) == 0 {
		return
	}
	err := c.sh.writeAs(c.flow, c.wire, c.method, 0, c.callID)
	if err != nil && c.flow.Proto() != transport.UDP {
		c.fail(fmt.Errorf("%w: %w", ErrTransport, err))
		return
	}
	c.interval *= 2
	if !c.invite && (c.rang || c.interval > o.T2) {
		c.interval = o.T2
	}
	c.resend.start(c.interval)
}

// expire is the end of Timer D, K or M.
func (c *Client) expire() {
	defer c.sh.l.caught()
	c.terminate()
}

func (c *Client) terminate() {
	if c.state == terminated {
		return
	}
	c.state = terminated
	c.release()
	c.wait.cancel()
	c.ack = nil
	if c.sh.clients[c.key] == c {
		delete(c.sh.clients, c.key)
	}
}

// response finds the transaction of a response. What is only repeated is
// absorbed before it is parsed.
func (s *Shard) response(f transport.Flow, h *transport.Head, data []byte) {
	if s.l.o.Trace != nil {
		s.l.o.Trace(f, false, string(h.CallID), data)
	}
	c := s.clients[s.clientKey(h.Branch, h.CSeqMethod)]
	if s.l.o.Count != nil {
		s.l.o.Count(false, string(internMethod(string(h.CSeqMethod))), h.Status)
	}
	switch {
	case c == nil:
		if h.Status < 200 || h.Status > 299 || string(h.CSeqMethod) != "INVITE" || s.l.o.Handler == nil {
			return
		}
		// What answers no request of ours is dropped without a word (RFC 3261
		// §18.1.2): an ACK and a BYE, repeated for 32 s, are more than a forged
		// source shall get for one datagram.
		if !s.l.made(h.Branch) {
			return
		}
		if res, fault := parseResponse(data, h); fault == nil {
			s.l.o.Handler.Stray(f, res)
		}
		return
	case c.state == completed:
		if c.invite && h.Status >= 300 && len(c.ack) > 0 {
			_ = s.writeAs(c.flow, c.ack, "ACK", 0, c.trace(h))
		}
		return
	case c.state == accepted && (h.Status < 200 || h.Status > 299):
		return // RFC 6026 §7.2: only a 2xx is news now
	}
	res, fault := parseResponse(data, h)
	if fault != nil {
		s.l.log.Debug("response dropped", "from", f.Remote(), "why", fault.Header)
		return
	}
	c.receive(res)
}

func (c *Client) receive(res *sip.Response) {
	s := c.sh
	status := res.StatusCode
	if c.state == accepted {
		c.tell(res, nil)
		return
	}
	if status < 200 {
		first := !c.rang
		c.rang = true
		if c.invite {
			c.resend.Stop()
			c.wire = nil
			if c.cancel == noCancel {
				c.giveUp.Stop() // how long it may ring is the caller's business
			}
			if first && c.cancel == cancelWanted {
				c.sendCancel()
			}
		}
		c.tell(res, nil)
		return
	}
	reliable := c.flow.Proto().Reliable()
	switch {
	case c.invite && status < 300:
		c.state = accepted
		s.long.add(&c.wait, s.l.now()) // Timer M
		c.release()
		c.tell(res, nil)
		return
	case c.invite:
		c.state = completed
		s.out = c.appendSibling(s.out[:0], "ACK", res.To())
		_ = s.writeAs(c.flow, s.out, "ACK", 0, c.callID)
		if reliable {
			c.terminate()
		} else {
			c.ack = bytes.Clone(s.out)
			s.long.add(&c.wait, s.l.now()) // Timer D
		}
	default:
		c.state = completed
		if reliable {
			c.terminate()
		} else {
			s.short.add(&c.wait, s.l.now()) // Timer K
		}
	}
	c.release()
	on := c.on
	c.on = nil
	if on != nil {
		on(res, nil)
	}
}

// chain lists c with its stream, so that the stream's end finds it.
func (c *Client) chain() {
	id := c.flow.ID()
	if id == 0 {
		return
	}
	c.chained = true
	if c.next = c.sh.streams[id]; c.next != nil {
		c.next.prev = c
	}
	c.sh.streams[id] = c
}

func (c *Client) unchain() {
	if c.asking == nil || !c.chained {
		return
	}
	c.chained = false
	if c.next != nil {
		c.next.prev = c.prev
	}
	if c.prev != nil {
		c.prev.next = c.next
	} else if c.next != nil {
		c.sh.streams[c.flow.ID()] = c.next
	} else {
		delete(c.sh.streams, c.flow.ID())
	}
	c.prev, c.next = nil, nil
}

// flowEnded fails at once what waits for an answer over a stream that is gone.
func (s *Shard) flowEnded(f transport.Flow) {
	for c := s.streams[f.ID()]; c != nil; c = s.streams[f.ID()] {
		c.unchain()
		if c.state == proceeding {
			s.run(func() { c.fail(ErrTransport) })
		}
	}
}

// write sends bytes and lets them be counted and traced.
func (s *Shard) write(f transport.Flow, b []byte, method string, status int, msg sip.Message) error {
	id := ""
	if msg != nil && s.l.o.Trace != nil {
		id = callID(msg)
	}
	return s.writeAs(f, b, method, status, id)
}

func (s *Shard) writeAs(f transport.Flow, b []byte, method string, status int, callID string) error {
	if s.l.o.Trace != nil {
		s.l.o.Trace(f, true, callID, b)
	}
	s.l.count(true, method, status)
	return f.Send(b)
}

func tooLong(err error) bool { return errors.Is(err, transport.ErrTooLong) }
