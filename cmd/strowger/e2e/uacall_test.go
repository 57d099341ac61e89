package e2e

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A uaCall is one call of a ua, as caller or called.
type uaCall struct {
	u        *ua
	id       string // Call-ID
	outgoing bool
	invite   message // as it came; or the 2xx that answered ours
	media    *uaMedia
	to       string // user part that was dialled

	mu         sync.Mutex
	localTag   string
	localURI   string // as in From, without the tag
	remoteURI  string // as in To, with the tag
	target     string // Request-URI of what we send
	cseq       int
	sdpVersion int
	answeredBy chan message // the final answer to our INVITE, or why there is none
	err        error
	acked      chan struct{}
	ackOnce    sync.Once
	cancelled  bool
	branch     string // of our INVITE
	inviteCSeq int
	ack        string // the last for a 2xx
	lastFinal  string // of an INVITE of theirs, for retransmissions
	requests   []message

	Progress chan message // provisional answers to our INVITE
	Gone     chan struct{}
	goneOnce sync.Once
	Cause    message // BYE or CANCEL that ended it
}

func (u *ua) newCall(id string) (*uaCall, error) {
	media, err := newMedia(u.local().Addr())
	if err != nil {
		return nil, err
	}
	c := &uaCall{
		u: u, id: id, media: media, localTag: random(), sdpVersion: 1,
		answeredBy: make(chan message, 1), acked: make(chan struct{}),
		Progress: make(chan message, 32), Gone: make(chan struct{}),
	}
	u.mu.Lock()
	u.calls[id] = c
	if u.oldest = append(u.oldest, id); len(u.oldest) > 100 { // a soak has many
		delete(u.calls, u.oldest[0])
		u.oldest = u.oldest[1:]
	}
	u.mu.Unlock()
	return c, nil
}

func (c *uaCall) gone() { c.goneOnce.Do(func() { close(c.Gone) }) }

// Ended tells whether the other side has left.
func (c *uaCall) Ended() bool {
	select {
	case <-c.Gone:
		return true
	default:
		return false
	}
}

// Dial calls and answers at once; Answered waits for what comes of it. extra
// more header lines of the INVITE.
func (u *ua) Dial(to, extra string) (*uaCall, error) {
	c, err := u.newCall(random())
	if err != nil {
		return nil, err
	}
	c.outgoing, c.to = true, to
	c.target = fmt.Sprintf("sip:%s@%s", to, u.host)
	c.localURI = fmt.Sprintf("<sip:%s@%s>", u.Username, u.host)
	c.remoteURI = fmt.Sprintf("<sip:%s@%s>", to, u.host)
	go func() {
		m, err := c.doInvite(extra)
		if err != nil {
			c.err = err
			close(c.answeredBy)
			return
		}
		c.answeredBy <- m
	}()
	return c, nil
}

// format makes a request inside or before the dialog; %s stays for the branch.
func (c *uaCall) format(method string, cseq int, extra, body string) string {
	kind := ""
	if body != "" {
		kind = "Content-Type: application/sdp\r\n"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprintf("%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=%%s;rport\r\nMax-Forwards: 70\r\nFrom: %s;tag=%s\r\nTo: %s\r\n"+
		"Call-ID: %s\r\nCSeq: %d %s\r\nContact: %s\r\nAllow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE\r\n%s%sUser-Agent: e2e\r\nContent-Length: %d\r\n\r\n%s",
		method, escape(c.target), c.u.local(), escape(c.localURI), c.localTag, escape(c.remoteURI),
		c.id, cseq, method, c.u.contact(), escape(extra), kind, len(body), escape(body))
}

func (c *uaCall) next() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cseq++
	return c.cseq
}

func (c *uaCall) doInvite(extra string) (message, error) {
	auth := ""
	uri := c.target
	for {
		n := c.next()
		branch := newBranch()
		c.mu.Lock()
		c.branch, c.inviteCSeq = branch, n
		c.mu.Unlock()
		res, err := c.u.transactAs(branch, c.format("INVITE", n, auth+extra, c.media.sdp(c.sdpVersion, "sendrecv")), 90*time.Second, func(m message) {
			if m.status() > 100 {
				select {
				case c.Progress <- m:
				default:
				}
				if strings.Contains(m.header("Content-Type"), "sdp") {
					c.media.aim(m.body)
				}
			}
		})
		if err != nil {
			return res, err
		}
		c.acknowledge(res, n, "")
		if (res.status() == 407 || res.status() == 401) && auth == "" && !c.u.trunk {
			if auth, err = c.u.authorize(res, "INVITE", uri); err != nil {
				return res, err
			}
			continue
		}
		if res.status()/100 == 2 {
			c.invite = res
			c.media.aim(res.body)
		} else {
			c.media.Close()
		}
		return res, nil
	}
}

// acknowledge sends the ACK of a final answer, and takes the dialog's state
// from a 2xx.
func (c *uaCall) acknowledge(res message, cseq int, body string) {
	if res.status()/100 != 2 { // inside the INVITE's transaction (RFC 3261 17.1.1.3)
		c.u.send(fmt.Sprintf("ACK %s SIP/2.0\r\nVia: %s\r\nMax-Forwards: 70\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d ACK\r\nContent-Length: 0\r\n\r\n",
			c.target, res.header("Via"), res.header("From"), res.header("To"), c.id, cseq))
		return
	}
	c.mu.Lock()
	c.target = uriOf(res.header("Contact"))
	c.remoteURI = res.header("To")
	c.mu.Unlock()
	ack := fmt.Sprintf(c.format("ACK", cseq, "", body), "z9hG4bK"+random())
	c.mu.Lock()
	c.ack = ack
	c.mu.Unlock()
	c.u.send(ack)
}

// again answers a 2xx that is repeated because our ACK was lost.
func (c *uaCall) again() {
	c.mu.Lock()
	ack := c.ack
	c.mu.Unlock()
	if ack != "" {
		c.u.send(ack)
	}
}

// Answered waits for the final answer to our INVITE.
func (c *uaCall) Answered() (message, error) {
	m, ok := <-c.answeredBy
	if !ok {
		return message{}, c.err
	}
	return m, nil
}

// Cancel takes our INVITE back, once it was answered provisionally. The
// INVITE's own final answer is Answered's.
func (c *uaCall) Cancel() error {
	c.mu.Lock()
	branch, n := c.branch, c.inviteCSeq
	c.mu.Unlock()
	res, err := c.u.transactAs(branch, c.format("CANCEL", n, "", ""), 10*time.Second, nil)
	if err != nil {
		return err
	}
	if s := res.status(); s != 200 && s != 481 {
		return fmt.Errorf("CANCEL: %s", res.start)
	}
	return nil
}

// Request sends a request inside the dialog and answers the final answer.
func (c *uaCall) Request(method, extra, body string) (message, error) {
	n := c.next()
	res, err := c.u.transact(c.format(method, n, extra, body), 20*time.Second, nil)
	if err == nil && method == "INVITE" {
		c.acknowledge(res, n, "")
	}
	return res, err
}

// HangUp ends the call.
func (c *uaCall) HangUp() error {
	defer c.media.Close()
	if c.Ended() {
		return nil
	}
	res, err := c.Request("BYE", "", "")
	if err != nil {
		return err
	}
	if s := res.status(); s != 200 && s != 481 {
		return fmt.Errorf("BYE: %s", res.start)
	}
	c.gone()
	return nil
}

// request takes what comes from the exchange.
func (u *ua) request(m message) {
	u.mu.Lock()
	c := u.calls[m.header("Call-ID")]
	u.mu.Unlock()
	method := m.method()
	if c == nil {
		switch method {
		case "INVITE":
			u.offered(m)
		case "OPTIONS", "NOTIFY":
			u.reply(m, "200 OK", random(), "", "")
		case "ACK":
		default:
			u.reply(m, "481 Call/Transaction Does Not Exist", random(), "", "")
		}
		return
	}
	c.mu.Lock()
	c.requests = append(c.requests, m)
	c.mu.Unlock()
	switch method {
	case "ACK":
		c.ackOnce.Do(func() { close(c.acked) })
		if strings.Contains(m.header("Content-Type"), "sdp") {
			c.media.aim(m.body)
		}
	case "BYE":
		u.reply(m, "200 OK", c.localTag, "", "")
		c.Cause = m
		c.media.Close()
		c.gone()
	case "CANCEL":
		u.reply(m, "200 OK", c.localTag, "", "")
		c.mu.Lock()
		first := !c.cancelled && c.lastFinal == ""
		c.cancelled = true
		if first {
			c.lastFinal = "487 Request Terminated"
		}
		c.mu.Unlock()
		if first {
			u.reply(c.invite, "487 Request Terminated", c.localTag, "", "")
			c.Cause = m
			c.media.Close()
			c.gone()
		}
	case "INVITE":
		if tagOf(m.header("To")) == "" { // a retransmission of the first
			c.mu.Lock()
			final := c.lastFinal
			c.mu.Unlock()
			if final != "" && !strings.HasPrefix(final, "2") {
				u.reply(m, final, c.localTag, "", "")
			}
			return
		}
		c.accept(m)
	case "UPDATE":
		c.accept(m)
	case "OPTIONS", "INFO", "NOTIFY":
		u.reply(m, "200 OK", c.localTag, "", "")
	default:
		u.reply(m, "405 Method Not Allowed", c.localTag, "", "")
	}
}

// accept agrees to an offer, or a refresh, inside the dialog.
func (c *uaCall) accept(m message) {
	extra := fmt.Sprintf("Contact: %s\r\n", c.u.contact())
	if v := m.header("Session-Expires"); v != "" {
		extra += "Require: timer\r\nSession-Expires: " + v + "\r\n"
	}
	c.mu.Lock()
	c.sdpVersion++
	version := c.sdpVersion
	c.mu.Unlock()
	body := ""
	if m.body != "" || m.method() == "INVITE" {
		direction := "sendrecv"
		switch {
		case strings.Contains(m.body, "a=sendonly"):
			direction = "recvonly"
		case strings.Contains(m.body, "a=inactive"):
			direction = "inactive"
		}
		body = c.media.sdp(version, direction)
		if m.body != "" {
			c.media.aim(m.body)
		}
	}
	c.u.reply(m, "200 OK", c.localTag, extra, body)
}

// offered takes a new call.
func (u *ua) offered(m message) {
	c, err := u.newCall(m.header("Call-ID"))
	if err != nil {
		u.reply(m, "500 Server Internal Error", random(), "", "")
		return
	}
	c.invite = m
	c.target = uriOf(m.header("Contact"))
	c.remoteURI = m.header("From")
	c.localURI = m.header("To")
	c.to = uriOf(m.start)
	if m.body != "" {
		c.media.aim(m.body)
	}
	select {
	case u.Incoming <- c:
	default:
		u.reply(m, "486 Busy Here", c.localTag, "", "")
	}
}

// Accept waits for a call.
func (u *ua) Accept(within time.Duration) (*uaCall, error) {
	select {
	case c := <-u.Incoming:
		return c, nil
	case <-time.After(slow(within)):
		return nil, fmt.Errorf("%s: no call came in %v", u.Username, slow(within))
	}
}

// Ring says 180.
func (c *uaCall) Ring() {
	c.u.reply(c.invite, "180 Ringing", c.localTag, fmt.Sprintf("Contact: %s\r\n", c.u.contact()), "")
}

// Refuse ends a call that came in.
func (c *uaCall) Refuse(status int, phrase string) {
	c.mu.Lock()
	c.lastFinal = fmt.Sprintf("%d %s", status, phrase)
	c.mu.Unlock()
	c.u.reply(c.invite, c.lastFinal, c.localTag, "", "")
	c.media.Close()
	c.gone()
}

// Take answers a call that came in, and waits until that has arrived.
func (c *uaCall) Take() error {
	c.mu.Lock()
	if c.cancelled {
		c.mu.Unlock()
		return errors.New("the call was taken back")
	}
	c.lastFinal = "200 OK"
	c.mu.Unlock()
	extra := fmt.Sprintf("Contact: %s\r\nAllow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE\r\n", c.u.contact())
	if v := c.invite.header("Session-Expires"); v != "" && strings.Contains(strings.Join(c.invite.headers("Supported"), ","), "timer") {
		if !strings.Contains(v, "refresher") {
			v += ";refresher=uac"
		}
		extra += "Require: timer\r\nSession-Expires: " + v + "\r\n"
	}
	body := c.media.sdp(1, "sendrecv")
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for range 32 {
		c.u.reply(c.invite, "200 OK", c.localTag, extra, body)
		select {
		case <-c.acked:
			return nil
		case <-c.Gone:
			return errors.New("the call went before it was acknowledged")
		case <-c.u.closed:
			return net.ErrClosed
		case <-tick.C:
		}
	}
	return errors.New("200 was never acknowledged")
}

// saw answers the requests of a method that came inside the call.
func (c *uaCall) saw(method string) []message {
	c.mu.Lock()
	defer c.mu.Unlock()
	var some []message
	for _, m := range c.requests {
		if m.method() == method {
			some = append(some, m)
		}
	}
	return some
}

// connect puts a call through between two phones of the exchange.
func connect(t testing.TB, from, to *ua, dial string) (a, b *uaCall) {
	t.Helper()
	a, err := from.Dial(dial, "")
	if err != nil {
		t.Fatal(err)
	}
	b, err = to.Accept(10 * time.Second)
	if err != nil {
		select {
		case m := <-a.answeredBy:
			t.Fatalf("%v; the caller got\n%s", err, m.text)
		default:
			t.Fatal(err)
		}
	}
	b.Ring()
	if err := b.Take(); err != nil {
		t.Fatal(err)
	}
	a.mustAnswer(t)
	return a, b
}

// mustAnswer waits for a 200.
func (c *uaCall) mustAnswer(t testing.TB) message {
	t.Helper()
	return c.mustGet(t, 200)
}

// mustGet waits for a final answer with the status.
func (c *uaCall) mustGet(t testing.TB, status int) message {
	t.Helper()
	m, err := c.Answered()
	if err != nil {
		t.Fatal(err)
	}
	if m.status() != status {
		t.Fatalf("INVITE to %s: want %d, got\n%s", c.to, status, m.text)
	}
	return m
}

func (c *uaCall) mustHangUp(t testing.TB) {
	t.Helper()
	if err := c.HangUp(); err != nil {
		t.Fatal(err)
	}
}

// mustEnd waits until the other side has left.
func (c *uaCall) mustEnd(t testing.TB, within time.Duration) {
	t.Helper()
	select {
	case <-c.Gone:
	case <-time.After(slow(within)):
		t.Fatalf("the call with %s still stands after %v", c.to, slow(within))
	}
}

// mediaOf reads where media must go from a description.
func mediaOf(body string) (at netip.AddrPort, err error) {
	var ip string
	port := -1
	for line := range strings.Lines(body) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "c=IN IP4 "):
			ip = strings.TrimPrefix(line, "c=IN IP4 ")
		case strings.HasPrefix(line, "m=audio ") && port < 0:
			port, err = strconv.Atoi(strings.Fields(line)[1])
			if err != nil {
				return at, err
			}
		}
	}
	if port <= 0 {
		return at, fmt.Errorf("no audio in %q", body)
	}
	addr, err := netip.ParseAddr(ip)
	return netip.AddrPortFrom(addr, uint16(port)), err
}
