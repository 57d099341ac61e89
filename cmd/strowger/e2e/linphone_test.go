package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A linphone is one linphonec, told what to do on its standard input.
type linphone struct {
	t   testing.TB
	dir string
	in  io.Writer

	mu  sync.Mutex
	out bytes.Buffer
}

// newLinphone starts a linphonec that knows no more than where its account is to
// be had.
func newLinphone(t testing.TB, provisioning string) *linphone {
	t.Helper()
	path := need(t, "linphonec", "linphone-cli")
	p := &linphone{t: t, dir: t.TempDir()}
	if err := os.MkdirAll(filepath.Join(p.dir, ".local/share/linphone"), 0o700); err != nil { // it makes its databases there, but not the folder
		t.Fatal(err)
	}
	sip, rtp := freePort(t, "127.0.0.1"), freePorts(t, "127.0.0.1", 4)
	// A TCP port of -2 is none to listen at, but one to call from; 0 would be no TCP at all.
	rc := fmt.Sprintf("[misc]\nconfig-uri=%s\n[sip]\nsip_port=%d\nsip_tcp_port=-2\nsip_tls_port=0\n[rtp]\naudio_rtp_port=%d\nvideo_rtp_port=%d\n", provisioning, sip, rtp, rtp+2)
	if err := os.WriteFile(filepath.Join(p.dir, "rc"), []byte(rc), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-c", filepath.Join(p.dir, "rc"))
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "HOME="+p.dir, "XDG_DATA_HOME=", "XDG_CONFIG_HOME=")
	cmd.Stdout, cmd.Stderr = p, p
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.in = in
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("linphonec said:\n%s", p.said())
		}
		_ = cmd.Process.Kill() // it would linger for its registration
		_ = cmd.Wait()
	})
	return p
}

// Write takes what it prints.
func (p *linphone) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(b)
}

func (p *linphone) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

// do gives a command.
func (p *linphone) do(format string, args ...any) {
	p.t.Helper()
	if _, err := fmt.Fprintf(p.in, format+"\n", args...); err != nil {
		p.t.Fatal(err)
	}
}

// TestLinphone: an app that anybody can install sets itself up from the link of an
// invitation, registers with credentials of its own, and makes a call that both
// sides hear. Its device removed, it is registered no longer.
func TestLinphone(t *testing.T) {
	t.Parallel()
	s := newSite()
	other, _ := s.phone("102")
	app := account{Ext: "103", UserID: "lin", LineID: "lin-app"}
	s.add("users", record{"id": app.UserID, "first_name": "Lin", "last_name": "Phone", "email": "lin@example.com"})
	s.add("contact_methods", record{"id": app.LineID, "user_id": app.UserID, "kind": "app"}).with("inbound.internal_numbers", []string{app.Ext})
	x := newExchange(t, s)
	callee := x.softphone(t, other, 700).registered()

	var invitation struct {
		URL string `json:"url"`
	}
	x.api(http.MethodPost, "/users/lin/invitation", nil, &invitation)
	p := newLinphone(t, invitation.URL)
	eventually(t, 30*time.Second, "Linphone registers", func() error {
		got := x.registrationsOf(app)
		if len(got) != 1 || got[0].UserID != app.UserID || !strings.HasPrefix(got[0].UserAgent, "Linphonec/") {
			return fmt.Errorf("registrations %+v", got)
		}
		return nil
	})
	devices := list[struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}](x, "/app-devices?user_id=lin")
	if len(devices) != 1 || devices[0].Name != "Linphone" {
		t.Fatalf("app devices %+v", devices)
	}
	res, err := http.Get(invitation.URL)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("the link, used up: %s", res.Status)
	}

	tone, heard := filepath.Join(p.dir, "tone.wav"), filepath.Join(p.dir, "heard.wav")
	if err := os.WriteFile(tone, toneWAV(8000, 500, 60), 0o600); err != nil {
		t.Fatal(err)
	}
	p.do("soundcard use files") // only now: provisioning sets its sound back
	p.do("play %s", tone)
	p.do("record %s", heard)
	p.do("call %s", other.Ext)
	callee.wait(0, "CALL_ESTABLISHED")
	callee.mustHear(0, 500, 2)
	p.do("terminate")
	callee.wait(0, "CALL_CLOSED")
	eventually(t, 10*time.Second, "Linphone has heard 700 Hz for a second", func() error {
		got, err := readWAVFile(heard) // which has a header when the call is over
		if err != nil || len(got.channels) == 0 {
			return errors.Join(errors.New("no sound"), err)
		}
		if s := toneSeconds(got.channels[0], got.rate, 700); s < 1 {
			return fmt.Errorf("%.1f of %.1f s", s, got.seconds())
		}
		return nil
	})
	call := x.lastCall(t, app)
	if call.Direction != "internal" || call.To != other.Ext || call.Outcome.Result != "answered" || call.Outcome.HungUpBy != "caller" || len(call.Legs) != 2 {
		t.Errorf("the record: %+v", call)
	}
	for _, leg := range call.Legs {
		if leg.Quality == nil || leg.Quality.Packets < 50 {
			t.Errorf("of leg %s came %+v", leg.Side, leg.Quality)
		}
	}

	x.api(http.MethodDelete, "/app-devices/"+devices[0].ID, nil, nil)
	eventually(t, 5*time.Second, "the registration of the removed device is over", func() error {
		if got := x.registrationsOf(app); len(got) != 0 {
			return fmt.Errorf("registrations %+v", got)
		}
		return nil
	})
	mark := callee.mark()
	callee.do("dial", app.Ext)
	callee.wait(mark, "CALL_CLOSED")
	if call := x.lastCall(t, other); call.Outcome.Result == "answered" || len(call.Legs) != 1 {
		t.Errorf("a call to a removed device: %+v", call)
	}
	p.do("call %s", other.Ext)
	eventually(t, 10*time.Second, "Linphone's next call is refused", func() error {
		if said := p.said(); !strings.Contains(said, "Call 2 with sip:102@127.0.0.1 error.") {
			return errors.New(said)
		}
		return nil
	})
	x.idle()
}
