package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"
)

// scenarios holds our sipp scenarios: one file a scenario, in the shared
// pieces of common.tmpl.
const scenarios = "../../../testdata/e2e"

// A part is what a scenario is told: who plays it, and against whom.
type part struct {
	account
	IP        string // our own address, 127.0.0.1
	Port      int    // our own SIP port; 0: a free one
	Transport string // udp, tcp
	Remote    string // where to send: address:port
	To        string // user part of the Request-URI
	Domain    string // host part, Remote when empty
	Name      string // display name
	From      string // user part of From; Username when empty

	Challenged bool   // a challenge is expected and answered
	Headers    string // lines of the INVITE, each with its newline
	Want       int    // final status expected
	Code       int    // status answered
	Reason     string // its phrase
	Ring       int    // ms from 180 to the final answer
	Talk       int    // ms from ACK to BYE
	Expires    int    // seconds, of REGISTER
	Supported  string
	Hops       int    // Max-Forwards, where the scenario has it from here
	Direction  string // of the first SDP: sendrecv
	Calls      int
}

// phonePart is a phone of the exchange, as it calls out.
func (x *exchange) phonePart(a account, to string) part {
	return part{account: a, Remote: x.sip(), To: to, Challenged: true}
}

// CSeq answers the number of the n-th request after the INVITE; the INVITE
// that counts is CSeq 0.
func (p part) CSeq(n int) int {
	if p.Challenged {
		n++
	}
	return n + 1
}

// RemoteHost is the host of the URIs that name the exchange.
func (p part) Host() string {
	if p.Domain != "" {
		return p.Domain
	}
	return p.Remote
}

// A sippRun is one sipp process.
type sippRun struct {
	t     testing.TB
	name  string
	part  part
	dir   string
	cmd   *exec.Cmd
	out   bytes.Buffer
	ended chan struct{}
	err   error
	told  bool // its messages are in the test's log
}

// sipp starts a scenario. What it sent and received can be read from it after
// wait.
func sipp(t testing.TB, scenario string, p part) *sippRun {
	t.Helper()
	path := need(t, "sipp", "sip-tester")
	program(t) // its build on a cold machine takes longer than a scenario has
	if p.IP == "" {
		p.IP = "127.0.0.1"
	}
	if p.Port == 0 {
		p.Port = freePort(t, p.IP)
	}
	if p.Transport == "" {
		p.Transport = "udp"
	}
	if p.From == "" {
		p.From = p.Username
	}
	if p.Direction == "" {
		p.Direction = "sendrecv"
	}
	if p.Calls == 0 {
		p.Calls = 1
	}
	r := &sippRun{t: t, name: scenario, part: p, dir: t.TempDir(), ended: make(chan struct{})}
	file := filepath.Join(r.dir, scenario+".xml")
	if err := os.WriteFile(file, render(t, scenario, p), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{}
	if p.Remote != "" {
		args = append(args, p.Remote)
	}
	args = append(args,
		"-sf", file, "-m", strconv.Itoa(p.Calls),
		"-i", p.IP, "-p", strconv.Itoa(p.Port), "-bind_local",
		"-mi", p.IP, "-mp", strconv.Itoa(freePorts(t, p.IP, 4)),
		"-cp", strconv.Itoa(freePort(t, "127.0.0.1")),
		"-t", map[string]string{"udp": "u1", "tcp": "t1"}[p.Transport],
		"-nostdin", "-skip_rlimit",
		"-timeout", fmt.Sprint(int(slow(90*time.Second).Seconds())), "-timeout_error",
		"-recv_timeout", fmt.Sprint(slow(60*time.Second).Milliseconds()),
		"-trace_msg", "-message_file", filepath.Join(r.dir, "messages"),
		"-trace_err", "-error_file", filepath.Join(r.dir, "errors"),
	)
	if p.Username != "" {
		args = append(args, "-au", p.Username, "-ap", p.Password)
	}
	if p.To != "" {
		args = append(args, "-s", p.To, "-auth_uri", p.To+"@"+p.Host())
	}
	r.cmd = exec.Command(path, args...)
	r.cmd.Dir = r.dir
	r.cmd.Env = append(os.Environ(), "TERM=dumb")
	r.cmd.Stdout, r.cmd.Stderr = &r.out, &r.out
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		r.err = r.cmd.Wait()
		close(r.ended)
	}()
	t.Cleanup(func() {
		_ = r.cmd.Process.Kill()
		<-r.ended
		if t.Failed() && !r.told {
			t.Logf("sipp %s at %s saw\n%s", r.name, r.contact(), r.ladder())
		}
	})
	eventually(t, 10*time.Second, "sipp listens", func() error {
		select {
		case <-r.ended: // already through, or failed: wait says which
			return nil
		default:
			return bound(p.Transport, fmt.Sprintf("%s:%d", p.IP, p.Port))
		}
	})
	return r
}

// contact is where the run's phone can be reached.
func (r *sippRun) contact() string { return fmt.Sprintf("%s:%d", r.part.IP, r.part.Port) }

// wait fails the test unless the scenario was played to its end.
func (r *sippRun) wait() *sippRun {
	r.t.Helper()
	select {
	case <-r.ended:
	case <-time.After(slow(120 * time.Second)):
		_ = r.cmd.Process.Kill()
		<-r.ended
	}
	if r.err != nil {
		errs, _ := os.ReadFile(filepath.Join(r.dir, "errors"))
		r.told = true
		r.t.Fatalf("sipp %s: %v\n%s\n%s", r.name, r.err, errs, r.ladder())
	}
	return r
}

// idle tells that nothing has come to a scenario that nobody should call, and
// ends it.
func (r *sippRun) wantNothing() {
	r.t.Helper()
	_ = r.cmd.Process.Kill()
	<-r.ended
	if got := r.received(""); len(got) > 0 {
		r.t.Errorf("sipp %s should have heard nothing:\n%s", r.name, got[0].text)
	}
}

func (r *sippRun) ladder() string {
	b, err := os.ReadFile(filepath.Join(r.dir, "messages"))
	if err != nil {
		return r.out.String()
	}
	return string(b)
}

// render makes a scenario that sipp can read.
func render(t testing.TB, scenario string, p part) []byte {
	t.Helper()
	var out bytes.Buffer
	tmpl := template.New("").Funcs(template.FuncMap{
		"args": func(a ...any) []any { return a },
	})
	tmpl, err := tmpl.ParseFiles(filepath.Join(scenarios, "common.tmpl"), filepath.Join(scenarios, scenario+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := tmpl.ExecuteTemplate(&out, scenario+".xml", p); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A message is one that sipp sent or received.
type message struct {
	sent  bool
	at    time.Time
	start string // first line
	lines []string
	body  string
	text  string
}

var separator = regexp.MustCompile(`(?m)^-{20,} (\S+)[ T](\S+)\s*\n`)

// messages reads what was sent and received, in order.
func (r *sippRun) messages() []message {
	r.t.Helper()
	b, err := os.ReadFile(filepath.Join(r.dir, "messages"))
	if err != nil {
		if os.IsNotExist(err) {
			return nil
		}
		r.t.Fatal(err)
	}
	var all []message
	marks := separator.FindAllSubmatchIndex(b, -1)
	for i, m := range marks {
		end := len(b)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		head, text, ok := strings.Cut(string(b[m[1]:end]), "\n\n")
		if !ok {
			continue
		}
		at, _ := time.ParseInLocation("2006-01-02 15:04:05.999999", string(b[m[2]:m[3]])+" "+string(b[m[4]:m[5]]), time.Local)
		msg := parseMessage(text)
		msg.sent, msg.at = strings.Contains(head, "sent"), at
		all = append(all, msg)
	}
	return all
}

func parseMessage(text string) message {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimLeft(head, "\n"), "\n")
	return message{start: lines[0], lines: lines[1:], body: body, text: text}
}

// headers answers every value of a header.
func (m message) headers(name string) []string {
	var all []string
	for _, l := range m.lines {
		if k, v, ok := strings.Cut(l, ":"); ok && strings.EqualFold(strings.TrimSpace(k), name) {
			all = append(all, strings.TrimSpace(v))
		}
	}
	return all
}

func (m message) header(name string) string {
	if all := m.headers(name); len(all) > 0 {
		return all[0]
	}
	return ""
}

// received answers the requests of a method ("INVITE") or the responses of a
// status ("181") that came in; all with "".
func (r *sippRun) received(what string) []message { return r.filter(false, what) }

func (r *sippRun) sent(what string) []message { return r.filter(true, what) }

func (r *sippRun) filter(sent bool, what string) []message {
	var some []message
	for _, m := range r.messages() {
		if m.sent == sent && (strings.HasPrefix(m.start, what) || strings.HasPrefix(m.start, "SIP/2.0 "+what)) {
			some = append(some, m)
		}
	}
	return some
}

// one answers the first message received of a kind, which must be there.
func (r *sippRun) one(what string) message {
	r.t.Helper()
	all := r.received(what)
	if len(all) == 0 {
		r.t.Fatalf("sipp %s received no %s:\n%s", r.name, what, r.ladder())
	}
	return all[0]
}

// wantHeader checks a header against a regular expression; "" means absent.
func (m message) wantHeader(t testing.TB, name, pattern string) {
	t.Helper()
	got := strings.Join(m.headers(name), ", ")
	if pattern == "" {
		if got != "" {
			t.Errorf("%s: %s: want none in\n%s", name, got, m.text)
		}
		return
	}
	if !regexp.MustCompile(pattern).MatchString(got) {
		t.Errorf("%s: %q does not match %s in\n%s", name, got, pattern, m.text)
	}
}
