package e2e

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// tortureDir holds the messages of RFC 4475 and RFC 5118 and, beside them, what
// may be answered to each.
const tortureDir = "../../../testdata/torture"

// A torment is one message of the torture tests and the answers to it: the
// first final status, or "none".
type torment struct {
	name, section, says    string // of the RFC
	pass, ideal, forbidden []string
	data                   []byte
}

func torments(t testing.TB) []torment {
	t.Helper()
	var all []torment
	for _, rfc := range []string{"rfc4475", "rfc5118"} {
		table, err := os.ReadFile(filepath.Join(tortureDir, rfc, "expected.tsv"))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(table)) {
			if strings.HasPrefix(line, "#") {
				continue
			}
			col := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
			if len(col) != 7 {
				t.Fatalf("%s: %d columns in %q", rfc, len(col), line)
			}
			data, err := os.ReadFile(filepath.Join(tortureDir, rfc, col[0]+".dat"))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, torment{
				name: rfc + "/" + col[0], section: col[1], says: col[3],
				pass: strings.Split(col[4], ","), ideal: strings.Split(col[5], ","), forbidden: strings.Split(col[6], ","),
				data: data,
			})
		}
	}
	if len(all) != 62 {
		t.Fatalf("%d torture messages, want 62", len(all))
	}
	return all
}

// among tells whether an answer is in a list of statuses and classes.
func among(list []string, answer string) bool {
	for _, v := range list {
		if v == answer || len(v) == 3 && v[1:] == "xx" && len(answer) == 3 && v[0] == answer[0] {
			return true
		}
	}
	return false
}

// On a stream a length decides where a message ends (RFC 3261 §18.3), so some
// answers differ from those to a datagram.
var (
	onStream = map[string]string{
		"rfc4475/inv2543": "400",  // no Content-Length, which RFC 2543 let be absent
		"rfc4475/clerr":   "none", // the rest may still come
		"rfc4475/baddn":   "none",
	}
	// Nobody can say where the next message begins, so the connection must go.
	endsStream = map[string]bool{"rfc4475/inv2543": true, "rfc4475/ncl": true, "rfc4475/mcl01": true}
)

// TestTorture sends every message of RFC 4475 and RFC 5118 to the running
// exchange: from strangers, who are challenged where nothing worse is wrong,
// and from a carrier, whose calls go on to routing. After each of them a phone
// registers as if nothing had happened.
func TestTorture(t *testing.T) {
	t.Parallel()
	messages := torments(t)
	s := newSite()
	a, _ := s.phone("101")
	for i, name := range []string{"user", "j.user", "watson"} { // whom the messages are for
		_, line := s.phone(fmt.Sprint(102 + i))
		line.with("sip_account.username", name)
	}
	s.trunk("carrier", "127.0.0.9", 5060)["addresses"] = []string{"127.23.0.0/16"}
	var flags []string
	v6 := ""
	if l, err := net.Listen("tcp6", "[::1]:0"); err == nil {
		l.Close()
		v6 = fmt.Sprintf("[::1]:%d", freePort(t, "[::1]"))
		flags = []string{"--sip", "udp://" + v6}
	}
	x := newExchange(t, s, flags...)
	x.api(http.MethodPatch, "/organizations/default", record{"domain": "example.com"}, nil)
	phone := mustUA(t, x, a)

	for _, wire := range []struct {
		name, network, to string
		from              string // of each message another address, because many faults of one are not answered
	}{
		{"udp", "udp", x.sip(), "127.21.0.%d"},
		{"tcp", "tcp", x.sip(), "127.22.0.%d"},
		{"carrier", "udp", x.sip(), "127.23.0.%d"},
		{"udp6", "udp", v6, "::1"},
	} {
		t.Run(wire.name, func(t *testing.T) {
			if wire.to == "" {
				t.Skip("no IPv6 on this machine")
			}
			passed, ideal, ideals := 0, 0, 0
			for i, m := range messages {
				from := wire.from
				if strings.Contains(from, "%") {
					from = fmt.Sprintf(from, i+1)
				}
				var got string
				var err error
				if wire.network == "tcp" {
					var ended bool
					got, ended, err = tortureStream(from, wire.to, m.data)
					if err == nil && endsStream[m.name] && !ended {
						t.Errorf("%s: the connection still stands", m.name)
					}
					if want, ok := onStream[m.name]; ok {
						m.pass, m.ideal, m.forbidden = []string{want}, []string{want}, nil
					}
				} else {
					got, err = tortureDatagram(from, wire.to, m.data)
				}
				if err != nil {
					t.Fatalf("%s (%s): %v", m.name, m.section, err)
				}
				if among(m.pass, got) && !among(m.forbidden, got) {
					passed++
				} else {
					t.Errorf("%s (%s: %s): answered %s, want one of %v and none of %v", m.name, m.section, m.says, got, m.pass, m.forbidden)
				}
				if m.ideal[0] != "" {
					ideals++
					if among(m.ideal, got) {
						ideal++
					} else {
						t.Errorf("%s (%s: %s): answered %s, best is %v", m.name, m.section, m.says, got, m.ideal)
					}
				}
				if status, res, err := phone.Register(3600); err != nil || status != 200 {
					t.Fatalf("after %s no phone registers: %v\n%s", m.name, err, res.text)
				}
			}
			t.Logf("%d of %d as the RFC wants; %d of the %d for which it has a best answer have it", passed, len(messages), ideal, ideals)
		})
	}
	x.idle()
}

// tortureDatagram sends a message and answers what came back for it.
func tortureDatagram(from, to string, data []byte) (string, error) {
	conn, err := (&net.Dialer{LocalAddr: &net.UDPAddr{IP: net.ParseIP(from)}}).Dial("udp", to)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(slow(10 * time.Second)))
	fence, branch := fenceAfter(data, "UDP", conn.LocalAddr())
	for _, b := range [][]byte{data, fence} {
		if _, err := conn.Write(b); err != nil {
			return "", err
		}
	}
	buf := make([]byte, 65536)
	answer := "none"
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return "", fmt.Errorf("the OPTIONS behind it is not answered: %w", err)
		}
		m := parseMessage(string(buf[:n]))
		if m.branch() == branch {
			return answer, fenced(m)
		}
		answer = firstFinal(answer, m)
	}
}

// tortureStream is tortureDatagram on a connection of its own. ended tells that
// the exchange closed that.
func tortureStream(from, to string, data []byte) (answer string, ended bool, err error) {
	conn, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}).Dial("tcp", to)
	if err != nil {
		return "", false, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(slow(10 * time.Second)))
	fence, branch := fenceAfter(data, "TCP", conn.LocalAddr())
	data, whole := onlyMessage(data)
	if !whole {
		fence = nil // it would be a part of the message
	}
	if _, err := conn.Write(append(data[:len(data):len(data)], fence...)); err != nil {
		return "", false, err
	}
	if !whole { // the rest never comes
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			return "", false, err
		}
	}
	r := bufio.NewReader(conn)
	answer = "none"
	for {
		m, err := readMessage(r)
		if errors.Is(err, io.EOF) {
			return answer, true, nil
		}
		if err != nil {
			return "", false, fmt.Errorf("the OPTIONS behind it is not answered: %w", err)
		}
		if m.branch() == branch {
			return answer, false, fenced(m)
		}
		answer = firstFinal(answer, m)
	}
}

// firstFinal keeps the first final status, and a provisional one till then.
func firstFinal(answer string, m message) string {
	if answer == "none" || answer[0] == '1' {
		return strconv.Itoa(m.status())
	}
	return answer
}

func fenced(m message) error {
	if m.status() != 200 {
		return fmt.Errorf("the OPTIONS behind it got\n%s", m.text)
	}
	return nil
}

var callIDLine = regexp.MustCompile(`(?mi)^(?:call-id|i)[ \t]*:[ \t]*([^\r\n]*)`)

// fenceAfter is a request behind which no answer to data can come any more: the
// exchange serves one Call-ID in order. So silence needs no waiting for.
func fenceAfter(data []byte, transport string, local net.Addr) (fence []byte, branch string) {
	callID := random()
	if all := callIDLine.FindAllSubmatch(data, -1); all != nil {
		callID = string(all[len(all)-1][1]) // of two the last counts
	}
	branch = newBranch()
	return fmt.Appendf(nil, "OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/%s %s;branch=%s;rport\r\nMax-Forwards: 70\r\n"+
		"From: <sip:fence@example.com>;tag=%s\r\nTo: <sip:example.com>\r\nCall-ID: %s\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
		transport, local, branch, random(), callID), branch
}

var lengthLine = regexp.MustCompile(`(?mi)^(?:content-length|l)[ \t]*:[ \t]*(\d+)[ \t]*\r?$`)

// onlyMessage cuts off what RFC 3261 §18.3 has a datagram's reader ignore and
// what on a stream would be the next message. whole is false while a stream's
// reader has to wait for more.
func onlyMessage(data []byte) (_ []byte, whole bool) {
	i := bytes.Index(data, []byte("\r\n\r\n"))
	if i < 0 {
		return data, false
	}
	all := lengthLine.FindAllSubmatch(data[:i+2], -1)
	if len(all) != 1 {
		return data, true // nobody can say
	}
	n, err := strconv.Atoi(string(all[0][1]))
	if err != nil {
		return data, true
	}
	if end := i + 4 + n; end <= len(data) {
		return data[:end], true
	}
	return data, false
}

// readMessage reads one response from a stream.
func readMessage(r *bufio.Reader) (message, error) {
	var text strings.Builder
	for !strings.HasSuffix(text.String(), "\r\n\r\n") {
		line, err := r.ReadString('\n')
		if err != nil {
			if text.Len()+len(line) > 0 {
				return message{}, fmt.Errorf("a part of a message: %q", text.String()+line)
			}
			return message{}, err
		}
		text.WriteString(line)
	}
	m := parseMessage(text.String())
	n, err := strconv.Atoi(m.header("Content-Length"))
	if err != nil {
		return message{}, fmt.Errorf("Content-Length of\n%s", m.text)
	}
	if _, err := io.CopyN(&text, r, int64(n)); err != nil {
		return message{}, err
	}
	return parseMessage(text.String()), nil
}
