package e2e

import (
	"cmp"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
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

// A ua is a phone written for these tests: raw sockets and plain text, so that
// it shares neither parser nor digest nor codecs with the exchange. Its
// methods return errors, because some run beside the test.
type ua struct {
	account
	conn   *net.UDPConn
	remote netip.AddrPort
	host   string // of the URIs that name the exchange
	trunk  bool   // it is a carrier: its calls are not challenged

	closed   chan struct{}
	Incoming chan *uaCall // new calls; whoever reads it answers them

	mu        sync.Mutex
	responses map[string]chan message // by branch
	calls     map[string]*uaCall      // by Call-ID
	oldest    []string                // Call-IDs, by age
	cseq      int
	regID     string
}

// newUA binds a phone on ip towards the exchange.
func newUA(x *exchange, ip string, a account) (*ua, error) {
	return newUAAt(x, &net.UDPAddr{IP: net.ParseIP(ip)}, a)
}

func newUAAt(x *exchange, at *net.UDPAddr, a account) (*ua, error) {
	conn, err := net.ListenUDP("udp4", at)
	if err != nil {
		return nil, err
	}
	u := &ua{
		account: a, conn: conn, host: x.sip(),
		remote:    netip.MustParseAddrPort(x.sip()),
		closed:    make(chan struct{}),
		Incoming:  make(chan *uaCall, 16),
		responses: map[string]chan message{},
		calls:     map[string]*uaCall{},
		regID:     random(),
	}
	go u.read()
	return u, nil
}

// mustUA is a phone that ends with the test.
func mustUA(t testing.TB, x *exchange, a account) *ua {
	t.Helper()
	return mustUAOn(t, x, "127.0.0.1", a)
}

func mustUAOn(t testing.TB, x *exchange, ip string, a account) *ua {
	t.Helper()
	u, err := newUA(x, ip, a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(u.Close)
	return u
}

// Close ends the phone, and with an error whatever it was waiting for.
func (u *ua) Close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	select {
	case <-u.closed:
		return
	default:
	}
	close(u.closed)
	u.conn.Close()
	for _, c := range u.calls {
		c.media.Close()
	}
}

func (u *ua) local() netip.AddrPort {
	return u.conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

func (u *ua) contact() string { return fmt.Sprintf("<sip:%s@%s>", u.Username, u.local()) }

func random() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

func (u *ua) send(text string) {
	_, _ = u.conn.WriteToUDPAddrPort([]byte(text), u.remote)
}

func (u *ua) read() {
	buf := make([]byte, 65536)
	for {
		n, _, err := u.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		m := parseMessage(string(buf[:n]))
		if strings.HasPrefix(m.start, "SIP/2.0 ") {
			u.mu.Lock()
			to, c := u.responses[m.transaction()], u.calls[m.header("Call-ID")]
			u.mu.Unlock()
			if to == nil && c != nil && m.status()/100 == 2 && strings.HasSuffix(m.header("CSeq"), "INVITE") {
				c.again()
			}
			if to != nil {
				select {
				case to <- m:
				default:
				}
			}
			continue
		}
		u.request(m)
	}
}

func (m message) branch() string {
	_, rest, _ := strings.Cut(m.header("Via"), "branch=")
	b, _, _ := strings.Cut(rest, ";")
	return strings.TrimSpace(b)
}

// transaction names the one that a response belongs to: a CANCEL shares the
// INVITE's branch.
func (m message) transaction() string {
	_, method, _ := strings.Cut(m.header("CSeq"), " ")
	return m.branch() + " " + strings.TrimSpace(method)
}

func (m message) status() int {
	f := strings.Fields(m.start)
	if len(f) < 2 {
		return 0
	}
	n, _ := strconv.Atoi(f[1])
	return n
}

func (m message) method() string { return strings.Fields(m.start + " -")[0] }

func tagOf(v string) string {
	_, tag, _ := strings.Cut(v, ";tag=")
	tag, _, _ = strings.Cut(tag, ";")
	return strings.TrimSpace(tag)
}

func uriOf(v string) string {
	if _, in, ok := strings.Cut(v, "<"); ok {
		v, _, _ = strings.Cut(in, ">")
		return v
	}
	v, _, _ = strings.Cut(v, ";")
	return strings.TrimSpace(v)
}

// reply answers a request. to is the tag of ours, extra more header lines.
func (u *ua) reply(req message, status, tag, extra, body string) {
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %s\r\n", status)
	for _, name := range []string{"Via", "Record-Route", "From"} {
		for _, v := range req.headers(name) {
			fmt.Fprintf(&b, "%s: %s\r\n", name, v)
		}
	}
	to := req.header("To")
	if tag != "" && tagOf(to) == "" {
		to += ";tag=" + tag
	}
	fmt.Fprintf(&b, "To: %s\r\nCall-ID: %s\r\nCSeq: %s\r\n%s", to, req.header("Call-ID"), req.header("CSeq"), extra)
	if body != "" {
		b.WriteString("Content-Type: application/sdp\r\n")
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(body), body)
	u.send(b.String())
}

// transact sends a request that has %s for its branch until a final answer
// comes, and answers that. seen, if any, is told of the provisional ones.
func (u *ua) transact(format string, within time.Duration, seen func(message)) (message, error) {
	return u.transactAs(newBranch(), format, within, seen)
}

func newBranch() string { return "z9hG4bK" + random() }

func (u *ua) transactAs(branch, format string, within time.Duration, seen func(message)) (message, error) {
	text := fmt.Sprintf(format, branch)
	method, _, _ := strings.Cut(text, " ")
	key := branch + " " + method
	answers := make(chan message, 64)
	u.mu.Lock()
	u.responses[key] = answers
	u.mu.Unlock()
	defer func() {
		u.mu.Lock()
		delete(u.responses, key)
		u.mu.Unlock()
	}()
	u.send(text)
	resend := time.NewTicker(500 * time.Millisecond)
	defer resend.Stop()
	late := time.NewTimer(slow(within))
	defer late.Stop()
	provisional := false
	invite := method == "INVITE"
	for {
		select {
		case m := <-answers:
			if m.status() >= 200 {
				return m, nil
			}
			provisional = true
			if seen != nil {
				seen(m)
			}
		case <-resend.C:
			if !provisional || !invite {
				u.send(text)
			}
		case <-u.closed:
			return message{}, net.ErrClosed
		case <-late.C:
			first, _, _ := strings.Cut(text, "\r\n")
			return message{}, fmt.Errorf("%s: no final answer in %v", first, slow(within))
		}
	}
}

// authorize answers a challenge: the first whose algorithm we know, which is
// the strongest that is offered (RFC 8760).
func (u *ua) authorize(res message, method, uri string) (string, error) {
	name, header := "Authorization", "WWW-Authenticate"
	if res.status() == 407 {
		name, header = "Proxy-Authorization", "Proxy-Authenticate"
	}
	for _, v := range res.headers(header) {
		p := params(v)
		var sum func(string) string
		switch strings.ToUpper(p["algorithm"]) {
		case "", "MD5":
			sum = func(s string) string { h := md5.Sum([]byte(s)); return hex.EncodeToString(h[:]) }
		case "SHA-256":
			sum = func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) }
		default:
			continue
		}
		cnonce, nc := random(), "00000001"
		answer := sum(strings.Join([]string{
			sum(u.Username + ":" + p["realm"] + ":" + u.Password), p["nonce"], nc, cnonce, "auth", sum(method + ":" + uri),
		}, ":"))
		line := fmt.Sprintf(`%s: Digest username="%s", realm="%s", nonce="%s", uri="%s", response="%s", cnonce="%s", nc=%s, qop=auth`,
			name, u.Username, p["realm"], p["nonce"], uri, answer, cnonce, nc)
		if p["algorithm"] != "" {
			line += ", algorithm=" + p["algorithm"]
		}
		if p["opaque"] != "" {
			line += fmt.Sprintf(`, opaque="%s"`, p["opaque"])
		}
		return line + "\r\n", nil
	}
	return "", fmt.Errorf("no challenge that can be answered in\n%s", res.text)
}

// wantDigest checks the answer to a challenge in MD5.
func (m message) wantDigest(t testing.TB, header, username, password string) {
	t.Helper()
	p := params(m.header(header))
	sum := func(parts ...string) string {
		h := md5.Sum([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(h[:])
	}
	method, rest, _ := strings.Cut(m.start, " ")
	uri, _, _ := strings.Cut(rest, " ")
	want := sum(sum(username, p["realm"], password), p["nonce"], p["nc"], p["cnonce"], p["qop"], sum(method, p["uri"]))
	if p["username"] != username || p["uri"] != uri || p["response"] != want {
		t.Errorf("%s: want user %s, uri %s, response %s in\n%s", header, username, uri, want, m.text)
	}
}

// params reads the parameters of a challenge.
func params(v string) map[string]string {
	p := map[string]string{}
	v = strings.TrimPrefix(strings.TrimSpace(v), "Digest")
	for v != "" {
		name, rest, ok := strings.Cut(v, "=")
		if !ok {
			break
		}
		name = strings.ToLower(strings.Trim(name, " ,"))
		if strings.HasPrefix(rest, `"`) {
			value, after, _ := strings.Cut(rest[1:], `"`)
			p[name], v = value, after
			continue
		}
		value, after, _ := strings.Cut(rest, ",")
		p[name], v = strings.TrimSpace(value), after
	}
	return p
}

// Register binds the phone and answers the final status.
func (u *ua) Register(expires int) (int, message, error) {
	uri := "sip:" + u.host
	tag, user := random(), cmp.Or(u.User, u.Username)
	auth := ""
	for range 2 {
		u.mu.Lock()
		u.cseq++
		n := u.cseq
		u.mu.Unlock()
		res, err := u.transact(fmt.Sprintf("REGISTER %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=%%s;rport\r\nMax-Forwards: 70\r\n"+
			"From: <sip:%s@%s>;tag=%s\r\nTo: <sip:%s@%s>\r\nCall-ID: %s\r\nCSeq: %d REGISTER\r\nContact: %s\r\nExpires: %d\r\n%sUser-Agent: e2e\r\nContent-Length: 0\r\n\r\n",
			uri, u.local(), user, u.host, tag, user, u.host, u.regID, n, u.contact(), expires, escape(auth)), 10*time.Second, nil)
		if err != nil {
			return 0, res, err
		}
		if res.status() != 401 || auth != "" {
			return res.status(), res, nil
		}
		if auth, err = u.authorize(res, "REGISTER", uri); err != nil {
			return 0, res, err
		}
	}
	return 0, message{}, errors.New("unreachable")
}

func escape(s string) string { return strings.ReplaceAll(s, "%", "%%") }

func (u *ua) mustRegister(t testing.TB) *ua {
	t.Helper()
	status, res, err := u.Register(3600)
	if err != nil {
		t.Fatal(err)
	}
	if status != 200 {
		t.Fatalf("REGISTER of %s: %s", u.Username, res.text)
	}
	return u
}
