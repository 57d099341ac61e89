package transaction

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/transport"
)

// EndReason is how a server transaction ended.
type EndReason uint8

const (
	EndDone      EndReason = iota // not an INVITE: the final response is out
	EndAcked                      // INVITE: the ACK of the final response came
	EndNoAck                      // INVITE: 64*T1 passed without it
	EndTransport                  // the stream to the peer is gone
)

func (r EndReason) String() string {
	switch r {
	case EndDone:
		return "done"
	case EndAcked:
		return "acked"
	case EndNoAck:
		return "no ACK"
	}
	return "transport error"
}

type state uint8

const (
	proceeding state = iota // no final response yet
	completed               // final, for INVITE 300 to 699 and not acknowledged
	confirmed               // INVITE: the ACK came
	accepted                // INVITE: 2xx sent (RFC 6026)
	terminated
)

// Server is a server transaction. All its methods are for its shard. What is
// only needed until the end is apart, since what stays behind stays for 32 s.
type Server struct {
	*serving // nil once nothing but stragglers may come

	sh     *Shard
	key    key
	merged key
	flow   transport.Flow
	method string
	tag    string // our To-tag, once a response carried one
	last   []byte // what a retransmission of the request gets
	wait   wait   // the end
	status int16
	state  state
	invite bool
	isKey  bool // merged is in the map
	acked  bool
}

type serving struct {
	req    *sip.Request // until the final response
	callID string       // for Trace only
	rel    []byte       // the 1xx that waits for its PRACK

	resend   Timer // of the final response, or of rel
	interval time.Duration
	giveUp   Timer // for rel

	onCancel  func(*sip.Request)
	onEnd     func(EndReason)
	onNoPRACK func()
}

// Flow is the way back to the peer.
func (tx *Server) Flow() transport.Flow { return tx.flow }

// Shard is where the transaction runs.
func (tx *Server) Shard() *Shard { return tx.sh }

// Request is nil once the final response is out: keep what is needed longer.
func (tx *Server) Request() *sip.Request {
	if tx.serving == nil {
		return nil
	}
	return tx.req
}

// OnCancel sets what is told that the peer gave up. The CANCEL is answered
// already; f sends the 487. Without f the layer sends it.
func (tx *Server) OnCancel(f func(cancel *sip.Request)) {
	if tx.serving != nil {
		tx.onCancel = f
	}
}

// OnEnd sets what is told, once, how the transaction ended.
func (tx *Server) OnEnd(f func(reason EndReason)) {
	if tx.serving != nil {
		tx.onEnd = f
	}
}

// trace is the Call-ID, where anybody wants to know it.
func (tx *Server) trace() string {
	if tx.serving == nil {
		return ""
	}
	return tx.callID
}

// receive is where everything for this shard arrives.
func (s *Shard) receive(f transport.Flow, h *transport.Head, data []byte) {
	if h.Method == nil {
		s.response(f, h, data)
		return
	}
	if s.l.o.Trace != nil {
		s.l.o.Trace(f, false, string(h.CallID), data)
	}
	kind := byte(kindOther)
	invite, ack, cancel := h.Is("INVITE"), h.Is("ACK"), h.Is("CANCEL")
	if invite || ack || cancel {
		kind = kindInvite
	}
	k := s.serverKey(kind, f, h)
	tx := s.servers[k]
	switch {
	case ack:
		s.l.count(false, "ACK", 0)
		if tx != nil && (tx.state == completed || tx.state == confirmed) {
			tx.ackNon2xx()
			return
		}
		if tag := tagFrom(k); tx == nil && string(h.ToTag) == string(tag[:]) {
			return // of what Dismiss sent
		}
		if req, fault := parseRequest(data, h, f.Proto().Reliable()); fault == nil && s.l.o.Handler != nil {
			s.l.o.Handler.Ack(f, req)
		}
		return
	case cancel:
		s.cancel(tx, f, h, data)
		return
	case tx != nil:
		if string(h.CSeqMethod) == string(h.Method) {
			tx.again()
		}
		return
	}
	s.begin(k, f, h, data, invite)
}

// begin makes a transaction of a request that is new.
func (s *Shard) begin(k key, f transport.Flow, h *transport.Head, data []byte, invite bool) {
	if len(h.ToTag) == 0 && len(s.servers) >= s.most {
		s.l.refuse(f, h, data, &Fault{Status: 503, Phrase: "Service Unavailable", Extra: []sip.Header{retryAfter(busyFor)}})
		return
	}
	req, fault := parseRequest(data, h, f.Proto().Reliable())
	if fault != nil {
		s.l.refuse(f, h, data, fault)
		return
	}
	method := string(req.Method)
	s.l.count(false, method, 0)
	tx := &Server{serving: &serving{req: req}, sh: s, key: k, method: method, invite: invite, flow: received(f, req)}
	tx.resend.sh, tx.resend.owner = s, tx
	tx.giveUp.sh, tx.giveUp.owner = s, tx
	tx.wait.owner = tx
	if s.l.o.Trace != nil {
		tx.callID = string(h.CallID)
	}
	if len(h.ToTag) == 0 {
		tx.merged = s.mergedKey(h)
		if first := s.merged[tx.merged]; first != nil && (first.state == proceeding || first.state == accepted) {
			// The same request by another way, while the first is served.
			s.servers[k] = tx
			_ = tx.Dismiss(NewResponse(req, 482, "Loop Detected (merged request)", tx.Tag()))
			return
		}
		s.merged[tx.merged] = tx
		tx.isKey = true
	}
	s.servers[k] = tx
	if s.l.o.Handler == nil {
		_ = tx.Dismiss(NewResponse(req, 503, "", tx.Tag()))
		return
	}
	s.serve(tx, req)
	if invite && tx.status == 0 && tx.state == proceeding {
		tx.resend.start(tryingAfter)
	}
}

// serve calls the handler; if that panics, the peer hears of it.
func (s *Shard) serve(tx *Server, req *sip.Request) {
	defer func() {
		if p := recover(); p != nil {
			if tx.state == proceeding {
				_ = tx.Respond(NewResponse(req, 500, "", ""))
			}
			panic(p) // counted and logged where the shard's work is run
		}
	}()
	s.l.o.Handler.Request(tx, req)
}

// tryingAfter is how long an INVITE waits for an answer of its own before a 100
// stops the peer's retransmissions, the first of which comes after 500 ms (RFC
// 3261 §17.2.1). Most calls ring before that.
const tryingAfter = 200 * time.Millisecond

// trying writes the 100.
func (tx *Server) trying(req *sip.Request) {
	b := append(tx.sh.out[:0], "SIP/2.0 100 Trying\r\n"...)
	for _, h := range req.Headers() {
		switch h.(type) {
		case *sip.ViaHeader, *sip.FromHeader, *sip.ToHeader, *sip.CallIDHeader, *sip.CSeqHeader:
			b = appendHeader(b, h)
		}
	}
	if v, ok := Header(req, "Timestamp"); ok {
		b = append(b, "Timestamp: "...)
		b = append(appendLine(b, v), "\r\n"...)
	}
	b = append(b, "Content-Length: 0\r\n\r\n"...)
	tx.sh.out = b
	tx.status = 100
	tx.keep(b)
	_ = tx.sh.writeAs(tx.flow, b, tx.method, 100, tx.trace())
}

// keep remembers what retransmissions get. On streams nothing is retransmitted.
func (tx *Server) keep(b []byte) {
	if !tx.flow.Proto().Reliable() {
		tx.last = append(tx.last[:0], b...)
	}
}

// again answers a retransmission of the request from kept bytes.
func (tx *Server) again() {
	switch tx.state {
	case proceeding, completed:
		if tx.invite && tx.status == 0 { // an impatient peer
			tx.resend.Stop()
			tx.trying(tx.req)
		} else if len(tx.last) > 0 {
			_ = tx.sh.writeAs(tx.flow, tx.last, tx.method, int(tx.status), tx.trace())
		}
	}
}

// Respond sends a response: any number of 1xx, then one final. A 2xx of an
// INVITE is repeated until Acked, other finals of an INVITE until their ACK.
func (tx *Server) Respond(res *sip.Response) error {
	if tx.state != proceeding {
		return ErrEnded
	}
	s := tx.sh
	s.out = AppendMessage(s.out[:0], res)
	b := s.out
	status := res.StatusCode
	tx.status = int16(status)
	if tx.tag == "" && status > 100 {
		tx.tag = ToTag(res)
	}
	err := s.writeAs(tx.flow, b, tx.method, status, tx.trace())
	if status < 200 {
		if tx.rel == nil {
			tx.resend.Stop() // no 100 is needed any more
		}
		tx.keep(b)
		return tx.sent(err)
	}

	tx.unreliable()
	reliable := tx.flow.Proto().Reliable()
	tx.req, tx.onCancel = nil, nil
	if err != nil && reliable {
		tx.finish(EndTransport)
		return fmt.Errorf("%w: %w", ErrTransport, err)
	}
	switch {
	case !tx.invite:
		tx.state = completed
		tx.end(EndDone)
		if reliable {
			tx.terminate()
		} else {
			tx.last = bytes.Clone(b)
			s.long.add(&tx.wait, s.l.now()) // Timer J
		}
	case status < 300:
		tx.state = accepted
		tx.last = bytes.Clone(b)
		tx.repeat()
		s.long.add(&tx.wait, s.l.now()) // Timer L
	default:
		tx.state = completed
		tx.last = bytes.Clone(b)
		if !reliable {
			tx.repeat() // Timer G
		}
		s.long.add(&tx.wait, s.l.now()) // Timer H
	}
	return tx.sent(err)
}

// Dismiss is Respond to a peer that has proven nothing: res, a final response,
// goes out once and nothing is kept (RFC 3261 §8.2.7). A datagram with a forged
// source then costs no memory, and its victim gets one answer. A retransmission
// is answered over again, like the first; with Tag in res, the ACK is known and
// dropped.
func (tx *Server) Dismiss(res *sip.Response) error {
	if tx.state != proceeding {
		return ErrEnded
	}
	s := tx.sh
	s.out = AppendMessage(s.out[:0], res)
	err := s.writeAs(tx.flow, s.out, tx.method, res.StatusCode, tx.trace())
	tx.finish(EndDone)
	return tx.sent(err)
}

// sent judges an error of the transport. UDP's pass: what was lost is repeated.
func (tx *Server) sent(err error) error {
	if err == nil || (!tx.flow.Proto().Reliable() && !tooLong(err)) {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrTransport, err)
}

// repeat begins the retransmission of the final response: T1, doubling to T2.
func (tx *Server) repeat() {
	tx.interval = tx.sh.l.o.T1
	tx.resend.start(tx.interval) // in place of trying, if that is still due
}

// Reliable sends a 1xx that is repeated until PRACKed (RFC 3262 §3); after
// 64*T1 without it onTimeout is called, which should refuse the INVITE. RSeq
// and Require are the caller's business, as is sending one at a time.
func (tx *Server) Reliable(res *sip.Response, onTimeout func()) error {
	if err := tx.Respond(res); err != nil {
		return err
	}
	tx.unreliable()
	tx.rel = bytes.Clone(tx.sh.out)
	tx.onNoPRACK = onTimeout
	tx.interval = tx.sh.l.o.T1
	tx.resend.start(tx.interval)
	tx.giveUp.start(64 * tx.sh.l.o.T1)
	return nil
}

// PRACKed ends the repetition of the reliable 1xx.
func (tx *Server) PRACKed() {
	if tx.state == proceeding {
		tx.unreliable()
	}
}

func (tx *Server) unreliable() {
	if tx.serving == nil {
		return
	}
	tx.rel, tx.onNoPRACK = nil, nil
	tx.resend.Stop()
	tx.giveUp.Stop()
}

// Acked tells that the ACK of the 2xx came: it is repeated no more.
func (tx *Server) Acked() {
	if tx.state != accepted || tx.acked {
		return
	}
	tx.acked = true
	tx.resend.Stop()
	tx.last = nil // a late INVITE is swallowed, not answered (RFC 6026 §7.1)
	tx.end(EndAcked)
}

// fire is a timer of the transaction.
func (tx *Server) fire(t *Timer) {
	if t == &tx.giveUp {
		f := tx.onNoPRACK
		tx.unreliable()
		if f != nil {
			f()
		}
		return
	}
	if tx.status == 0 {
		tx.trying(tx.req)
		return
	}
	b := tx.last
	if tx.rel != nil {
		b = tx.rel
		tx.interval *= 2 // RFC 3262 §3: doubles without a ceiling
	} else {
		tx.interval = min(2*tx.interval, tx.sh.l.o.T2)
	}
	if len(b) == 0 {
		return
	}
	err := tx.sh.writeAs(tx.flow, b, tx.method, int(tx.status), tx.trace())
	if err != nil && tx.flow.Proto().Reliable() && tx.rel == nil {
		tx.finish(EndTransport)
		return
	}
	tx.resend.start(tx.interval)
}

// expire is the end of Timer H, I, J or L.
func (tx *Server) expire() {
	defer tx.sh.l.caught()
	if tx.invite && (tx.state == completed || (tx.state == accepted && !tx.acked)) {
		tx.finish(EndNoAck)
		return
	}
	tx.terminate()
}

// ackNon2xx is the ACK that belongs to a 300 to 699.
func (tx *Server) ackNon2xx() {
	if tx.state != completed {
		return
	}
	tx.state = confirmed
	tx.resend.Stop()
	tx.last = nil
	tx.end(EndAcked)
	if tx.flow.Proto().Reliable() {
		tx.terminate()
		return
	}
	tx.sh.short.add(&tx.wait, tx.sh.l.now()) // Timer I
}

// end tells how it ended and lets go of all but what stragglers need.
func (tx *Server) end(reason EndReason) {
	if tx.serving == nil {
		return
	}
	f := tx.onEnd
	tx.resend.Stop()
	tx.giveUp.Stop()
	tx.serving = nil
	if f != nil {
		f(reason)
	}
}

func (tx *Server) finish(reason EndReason) {
	x := tx.serving
	tx.terminate()
	tx.serving = x
	tx.end(reason)
}

func (tx *Server) terminate() {
	if tx.state == terminated {
		return
	}
	tx.state = terminated
	tx.unreliable()
	tx.wait.cancel()
	tx.last, tx.serving = nil, nil
	delete(tx.sh.servers, tx.key)
	if tx.isKey && tx.sh.merged[tx.merged] == tx {
		delete(tx.sh.merged, tx.merged)
	}
}

// cancel answers a CANCEL. It needs no transaction of its own: the answer to a
// retransmission is the same again.
func (s *Shard) cancel(tx *Server, f transport.Flow, h *transport.Head, data []byte) {
	req, fault := parseRequest(data, h, f.Proto().Reliable())
	if fault != nil {
		s.l.refuse(f, h, data, fault)
		return
	}
	s.l.count(false, "CANCEL", 0)
	back := received(f, req)
	if tx == nil || !tx.invite {
		s.reply(back, NewResponse(req, 481, "", s.l.tagOf(h)))
		return
	}
	if tx.tag == "" {
		tx.tag = s.l.tagOf(h) // of all that answers this INVITE (RFC 3261 §9.2)
	}
	s.reply(back, NewResponse(req, 200, "", tx.tag))
	if tx.state != proceeding {
		return
	}
	if tx.onCancel != nil {
		tx.onCancel(req)
		return
	}
	_ = tx.Respond(NewResponse(tx.req, 487, "", tx.tag))
}

// Tag is our To-tag as far as responses have carried one, else one that follows
// from the request: its retransmissions get the same, though nobody remembers it.
// It is no tag for a dialog.
func (tx *Server) Tag() string {
	if tx.tag != "" {
		return tx.tag
	}
	tag := tagFrom(tx.key)
	return string(tag[:])
}

func (s *Shard) reply(f transport.Flow, res *sip.Response) {
	s.out = AppendMessage(s.out[:0], res)
	callID := ""
	if s.l.o.Trace != nil {
		callID = string(*res.CallID())
	}
	_ = s.writeAs(f, s.out, string(res.CSeq().MethodName), res.StatusCode, callID)
}

// busyFor is how many seconds a peer shall wait that comes when all is full.
const busyFor = 10

func retryAfter(seconds int) sip.Header {
	return sip.NewHeader("Retry-After", strconv.Itoa(seconds))
}
