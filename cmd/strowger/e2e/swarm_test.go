package e2e

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A swarm is very many phones that do nothing but register. They share a few
// sockets, because what is tried is the exchange and not the machine's limit of
// open files, and write their requests with as little work as they can, because
// they run on the same cores as the exchange.
type swarm struct {
	host    string // of the URIs that name the exchange
	ha2     string // of REGISTER and that host
	sockets []*swarmSocket
	last    atomic.Int64 // when an answer came last, in Unix nanoseconds
}

type swarmSocket struct {
	s    *swarm
	conn *net.UDPConn

	mu     sync.Mutex
	phones []swarmPhone
	open   int           // phones that have no outcome yet
	done   chan struct{} // closed once open is 0
}

// A swarmPhone registers once a wave.
type swarmPhone struct {
	account
	cseq      int
	challenge map[string]string // the last
	ha1       string            // for that challenge's realm
	count     uint32            // uses of its nonce

	request []byte // under way; nil once there is an outcome
	tries   int    // requests with credentials
	began   time.Time
	resend  time.Time
	wait    time.Duration // to the next retransmission
	packets int           // sent, retransmissions too
	status  int           // how it ended; 0: not answered
}

// Timers of a transaction over UDP (RFC 3261 section 17.1.2.2).
const (
	timerT1 = 500 * time.Millisecond
	timerT2 = 4 * time.Second
	timerF  = 64 * timerT1
)

// newSwarm is a phone for each account.
func newSwarm(t testing.TB, x *exchange, accounts []account) *swarm {
	t.Helper()
	s := &swarm{host: x.sip()}
	s.ha2 = md5Hex("REGISTER:sip:" + s.host)
	remote, err := net.ResolveUDPAddr("udp4", x.sip())
	if err != nil {
		t.Fatal(err)
	}
	const share = 1000 // phones on a socket
	for first := 0; first < len(accounts); first += share {
		conn, err := net.DialUDP("udp4", &net.UDPAddr{IP: remote.IP}, remote)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		_ = conn.SetReadBuffer(4 << 20) // as much as the system allows
		k := &swarmSocket{s: s, conn: conn}
		for _, a := range accounts[first:min(first+share, len(accounts))] {
			k.phones = append(k.phones, swarmPhone{account: a})
		}
		s.sockets = append(s.sockets, k)
		go k.read()
	}
	return s
}

// contacts are where the phones are to be reached, by line.
func (s *swarm) contacts() map[string]string {
	all := map[string]string{}
	for _, k := range s.sockets {
		for i := range k.phones {
			p := &k.phones[i]
			all[p.LineID] = fmt.Sprintf("sip:%s@%s", p.Username, k.conn.LocalAddr())
		}
	}
	return all
}

func md5Hex(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// A wave is what came of all phones registering at once.
type wave struct {
	took    time.Duration // to the last answer
	packets int           // sent in all
	most    int           // by one phone
	over    int           // phones that sent more than 3
	ended   map[int]int   // phones by final status; 0: none came
}

func (w wave) String() string {
	n := 0
	for _, phones := range w.ended {
		n += phones
	}
	return fmt.Sprintf("%d phones in %.2f s, %.3f packets each, at most %d, %d with more than 3; by status %v",
		n, w.took.Seconds(), float64(w.packets)/float64(n), w.most, w.over, w.ended)
}

// register has all phones register at once, as fast as they can. Every other
// one answers its last challenge first, if it has one.
func (s *swarm) register() wave {
	began := time.Now()
	var all sync.WaitGroup
	for _, k := range s.sockets {
		all.Go(func() { k.register() })
	}
	all.Wait()
	w := wave{ended: map[int]int{}, took: time.Unix(0, s.last.Load()).Sub(began)}
	for _, k := range s.sockets {
		for i := range k.phones {
			p := &k.phones[i]
			w.packets += p.packets
			w.most = max(w.most, p.packets)
			if p.packets > 3 {
				w.over++
			}
			w.ended[p.status]++
		}
	}
	return w
}

func (k *swarmSocket) register() {
	k.mu.Lock()
	k.open, k.done = len(k.phones), make(chan struct{})
	k.mu.Unlock()
	for i := range k.phones {
		k.mu.Lock()
		p := &k.phones[i]
		p.packets, p.tries, p.status = 0, 0, 0
		if i%2 == 1 {
			p.challenge = nil
		}
		k.begin(i)
		k.mu.Unlock()
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-k.done:
			return
		case now := <-tick.C:
			k.mu.Lock()
			for i := range k.phones {
				switch p := &k.phones[i]; {
				case p.request == nil:
				case now.Sub(p.began) > timerF:
					k.end(p, 0)
				case now.After(p.resend):
					p.wait = min(2*p.wait, timerT2)
					p.resend = now.Add(p.wait)
					k.send(p)
				}
			}
			k.mu.Unlock()
		}
	}
}

// begin sends phone i's next request in a transaction of its own.
func (k *swarmSocket) begin(i int) {
	p := &k.phones[i]
	p.cseq++
	b := make([]byte, 0, 900)
	b = fmt.Appendf(b, "REGISTER sip:%[1]s SIP/2.0\r\nVia: SIP/2.0/UDP %[2]s;branch=z9hG4bK%[3]d.%[4]d;rport\r\nMax-Forwards: 70\r\n"+
		"From: <sip:%[5]s@%[1]s>;tag=%[3]d\r\nTo: <sip:%[5]s@%[1]s>\r\nCall-ID: %[3]d.%[2]s\r\nCSeq: %[4]d REGISTER\r\n"+
		"Contact: <sip:%[5]s@%[2]s>\r\nExpires: 3600\r\nUser-Agent: swarm\r\n",
		k.s.host, k.conn.LocalAddr(), i, p.cseq, p.Username)
	if p.challenge != nil {
		p.tries++
		p.count++
		const cnonce = "0a4f113b"
		nc := fmt.Sprintf("%08x", p.count)
		answer := md5Hex(strings.Join([]string{p.ha1, p.challenge["nonce"], nc, cnonce, "auth", k.s.ha2}, ":"))
		b = fmt.Appendf(b, `Authorization: Digest username="%s", realm="%s", nonce="%s", uri="sip:%s", response="%s", cnonce="%s", nc=%s, qop=auth, algorithm=MD5, opaque="%s"`+"\r\n",
			p.Username, p.challenge["realm"], p.challenge["nonce"], k.s.host, answer, cnonce, nc, p.challenge["opaque"])
	}
	p.request = append(b, "Content-Length: 0\r\n\r\n"...)
	p.wait, p.began = timerT1, time.Now()
	p.resend = p.began.Add(p.wait)
	k.send(p)
}

func (k *swarmSocket) send(p *swarmPhone) {
	p.packets++
	_, _ = k.conn.Write(p.request) // what is lost is sent again
}

func (k *swarmSocket) end(p *swarmPhone, status int) {
	p.request, p.status = nil, status
	if k.open--; k.open == 0 {
		close(k.done)
	}
}

func (k *swarmSocket) read() {
	buf := make([]byte, 65536)
	for {
		n, err := k.conn.Read(buf)
		switch {
		case err == nil:
			k.answered(buf[:n])
		case errors.Is(err, syscall.ECONNREFUSED): // the exchange is not there
		default:
			return
		}
	}
}

// answered takes an answer, and requests of the exchange for what they are worth
// here: nothing.
func (k *swarmSocket) answered(m []byte) {
	text := string(m)
	if !strings.HasPrefix(text, "SIP/2.0 ") || len(m) < 12 {
		return
	}
	status, _ := strconv.Atoi(text[8:11])
	_, rest, _ := strings.Cut(text, ";branch=z9hG4bK")
	id, rest, _ := strings.Cut(rest, ".")
	i, err := strconv.Atoi(id)
	cseq := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil || i >= len(k.phones) || status < 200 {
		return
	}
	p := &k.phones[i]
	if p.request == nil || rest[:cseq] != strconv.Itoa(p.cseq) {
		return // of an earlier transaction
	}
	k.s.last.Store(time.Now().UnixNano())
	if status != 401 {
		k.end(p, status)
		return
	}
	c := md5Challenge(m)
	if c == nil || p.tries > 0 && !strings.EqualFold(c["stale"], "true") || p.tries > 2 {
		k.end(p, status) // refused: a password is not asked for twice
		return
	}
	if p.challenge["realm"] != c["realm"] || p.ha1 == "" {
		p.ha1 = md5Hex(p.Username + ":" + c["realm"] + ":" + p.Password)
	}
	p.challenge, p.count = c, 0
	k.begin(i)
}

// md5Challenge is the challenge for MD5 in a 401, nil if there is none.
func md5Challenge(m []byte) map[string]string {
	for line := range bytes.Lines(m) {
		name, value, _ := strings.Cut(string(line), ":")
		if !strings.EqualFold(name, "WWW-Authenticate") {
			continue
		}
		if c := params(value); c["algorithm"] == "" || strings.EqualFold(c["algorithm"], "MD5") {
			return c
		}
	}
	return nil
}
