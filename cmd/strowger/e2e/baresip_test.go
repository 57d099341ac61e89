package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"text/template"
	"time"
)

// A softphone is one baresip with one account.
type softphone struct {
	t       testing.TB
	setup   softphoneSetup
	dir     string
	control net.Conn

	mu     sync.Mutex
	events []event
	ended  chan struct{}
}

type softphoneSetup struct {
	account
	IP         string
	Domain     string // host:port of the exchange
	Transport  string
	Tone       int    // Hz
	Codecs     string // pcmu
	AnswerMode string // auto, manual
	RegisterS  int    // seconds; 0: it does not register

	Dir, Modules                string
	Port, Control, RTP, RTPLast int
}

// An event is what baresip reports, and how it answers a command.
type event struct {
	Type      string `json:"type"`
	Param     string `json:"param"`
	PeerURI   string `json:"peeruri"`
	Direction string `json:"direction"`

	Response bool   `json:"response"`
	OK       bool   `json:"ok"`
	Data     string `json:"data"`
	Token    string `json:"token"`
}

// modulePath is where the distribution keeps baresip's modules.
func modulePath(t testing.TB) string {
	t.Helper()
	for _, pattern := range []string{"/usr/lib/baresip/modules", "/usr/lib/*/baresip/modules", "/usr/local/lib/baresip/modules"} {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[0]
		}
	}
	t.Fatal("baresip is installed, but its modules are in no place known")
	return ""
}

// newSoftphone starts a baresip and waits until it can be told what to do.
func newSoftphone(t testing.TB, s softphoneSetup) *softphone {
	t.Helper()
	path := need(t, "baresip", "baresip-core")
	if s.IP == "" {
		s.IP = "127.0.0.1"
	}
	if s.Transport == "" {
		s.Transport = "udp"
	}
	if s.Codecs == "" {
		s.Codecs = "pcmu"
	}
	if s.AnswerMode == "" {
		s.AnswerMode = "auto"
	}
	s.Dir, s.Modules = t.TempDir(), modulePath(t)
	first := freePorts(t, s.IP, 14)
	s.Port = first // and the next for TLS
	s.Control, s.RTP, s.RTPLast = first+2, first+4, first+13
	for _, name := range []string{"config", "accounts"} {
		if err := os.WriteFile(filepath.Join(s.Dir, name), fill(t, "baresip."+name, s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(s.Dir, "contacts"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p := &softphone{t: t, setup: s, dir: s.Dir, ended: make(chan struct{})}
	log, err := os.Create(filepath.Join(s.Dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command(path, "-f", s.Dir)
	cmd.Dir = s.Dir
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("baresip %s said:\n%s", s.Username, p.log())
		}
		if p.control != nil {
			p.control.Close()
		}
		_ = cmd.Process.Kill() // it would linger for its registration
		<-p.ended
	})
	eventually(t, 20*time.Second, "baresip listens", func() error {
		select {
		case <-p.ended:
			t.Fatalf("baresip ended:\n%s", p.log())
		default:
		}
		c, err := net.Dial("tcp", net.JoinHostPort(s.IP, strconv.Itoa(s.Control)))
		p.control = c
		return err
	})
	go p.listen()
	return p
}

func fill(t testing.TB, name string, data any) []byte {
	t.Helper()
	var out bytes.Buffer
	tmpl, err := template.ParseFiles(filepath.Join(scenarios, name))
	if err == nil {
		err = tmpl.Execute(&out, data)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// log is what baresip printed, without its ticking line of status.
func (p *softphone) log() string {
	b, _ := os.ReadFile(filepath.Join(p.dir, "log"))
	var keep []string
	for line := range strings.Lines(string(b)) {
		if !strings.Contains(line, "(bit/s)") {
			keep = append(keep, line)
		}
	}
	return strings.Join(keep, "")
}

// listen reads netstrings of JSON.
func (p *softphone) listen() {
	var pending []byte
	buf := make([]byte, 65536)
	for {
		n, err := p.control.Read(buf)
		if err != nil {
			return
		}
		pending = append(pending, buf[:n]...)
		for {
			one, rest, err := netstring(pending)
			if err != nil {
				break
			}
			pending = rest
			var e event
			if json.Unmarshal(one, &e) == nil {
				p.mu.Lock()
				p.events = append(p.events, e)
				p.mu.Unlock()
			}
		}
	}
}

func netstring(b []byte) (one, rest []byte, err error) {
	size, after, ok := bytes.Cut(b, []byte(":"))
	if !ok {
		return nil, b, io.ErrUnexpectedEOF
	}
	n, err := strconv.Atoi(string(size))
	if err != nil {
		return nil, b, err
	}
	if len(after) < n+1 {
		return nil, b, io.ErrUnexpectedEOF
	}
	return after[:n], after[n+1:], nil
}

// calls is how many calls the phone has heard anything of.
func (p *softphone) calls() int { return len(p.sounds(0)) }

// do gives a command and waits for its answer.
func (p *softphone) do(command, params string) {
	p.t.Helper()
	token := random()
	b, err := json.Marshal(map[string]string{"command": command, "params": params, "token": token})
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(p.control, "%d:%s,", len(b), b); err != nil {
		p.t.Fatal(err)
	}
	eventually(p.t, 10*time.Second, "baresip answers", func() error {
		for _, e := range p.all() {
			if e.Response && e.Token == token {
				if !e.OK {
					p.t.Fatalf("baresip %s %s: %s\n%s", command, params, e.Data, p.log())
				}
				return nil
			}
		}
		return errors.New(command)
	})
}

func (p *softphone) all() []event {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]event(nil), p.events...)
}

// wait waits for an event, after those that were there at mark.
func (p *softphone) wait(mark int, kind string) event {
	p.t.Helper()
	var found event
	eventually(p.t, 20*time.Second, "baresip "+p.setup.Username+": "+kind, func() error {
		var seen []string
		for _, e := range p.all()[mark:] {
			if e.Type == kind {
				found = e
				return nil
			}
			seen = append(seen, e.Type+" "+e.Param)
		}
		return fmt.Errorf("only %q", seen)
	})
	return found
}

func (p *softphone) mark() int { return len(p.all()) }

// registered waits until the exchange knows the phone. It reports so only
// once, so the log is asked too: the control connection may be the later one.
func (p *softphone) registered() *softphone {
	p.t.Helper()
	eventually(p.t, 20*time.Second, "baresip "+p.setup.Username+" registers", func() error {
		for _, e := range p.all() {
			if e.Type == "REGISTER_OK" {
				return nil
			}
		}
		if strings.Contains(p.log(), "200 OK") {
			return nil
		}
		return errors.New(p.log())
	})
	return p
}

// sounds are what the phone heard, one a call, after the first skip calls.
// sndfile names its files by time, so they are in order.
func (p *softphone) sounds(skip int) []sound {
	p.t.Helper()
	files, err := filepath.Glob(filepath.Join(p.dir, "dump-*-dec.wav"))
	if err != nil {
		p.t.Fatal(err)
	}
	var all []sound
	for _, f := range files[min(skip, len(files)):] {
		if s, err := readWAVFile(f); err == nil && len(s.channels) > 0 {
			all = append(all, s)
		}
	}
	return all
}

// mustHear waits until a tone was heard for so long in a call after the first
// skip ones.
func (p *softphone) mustHear(skip, tone int, seconds float64) {
	p.t.Helper()
	within := 10*time.Second + time.Duration(seconds*float64(time.Second))
	eventually(p.t, within, fmt.Sprintf("baresip %s hears %d Hz for %.1f s", p.setup.Username, tone, seconds), func() error {
		var why []string
		for _, s := range p.sounds(skip) {
			got := toneSeconds(s.channels[0], s.rate, float64(tone))
			if got >= seconds {
				return nil
			}
			why = append(why, fmt.Sprintf("%.1f of %.1f s", got, s.seconds()))
		}
		return fmt.Errorf("%q", why)
	})
}

// softphone is an account of the exchange on a baresip.
func (x *exchange) softphone(t testing.TB, a account, tone int, more ...func(*softphoneSetup)) *softphone {
	t.Helper()
	s := softphoneSetup{account: a, Domain: x.sip(), Tone: tone, RegisterS: 300}
	for _, f := range more {
		f(&s)
	}
	return newSoftphone(t, s)
}
