package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// An exchange is one daemon under test with its own data directory, ports and
// token. It may be stopped, killed and started again.
type exchange struct {
	t     testing.TB
	dir   string
	ip    string
	port  int    // SIP, UDP and TCP
	http  string // address
	rtp   string // A-B
	token string
	flags []string // of serve, beyond the usual

	cmd   *exec.Cmd
	ended chan struct{}
	err   error // of the process, once ended
}

// newExchange declares site in an empty store, makes a token and serves.
func newExchange(t testing.TB, s *site, flags ...string) *exchange {
	t.Helper()
	x := prepare(t, flags...)
	if s != nil {
		x.apply(s)
	}
	x.token = lastWord(x.run("token", "create"))
	if x.token == "" {
		t.Fatal("strowger token create printed nothing")
	}
	x.start()
	return x
}

// as is the same exchange as seen by a subtest, which must not fail its parent.
func (x *exchange) as(t testing.TB) *exchange {
	y := *x
	y.t = t
	return &y
}

// prepare makes an exchange that does not run yet and knows nobody.
func prepare(t testing.TB, flags ...string) *exchange {
	t.Helper()
	const ip = "127.0.0.1"
	from, to := rtpRange()
	x := &exchange{
		t: t, dir: t.TempDir(), ip: ip,
		port:  freePort(t, ip),
		http:  fmt.Sprintf("%s:%d", ip, freePort(t, ip)),
		rtp:   fmt.Sprintf("%d-%d", from, to),
		flags: flags,
	}
	t.Cleanup(x.finish)
	return x
}

func (x *exchange) data() string    { return filepath.Join(x.dir, "data") }
func (x *exchange) logFile() string { return filepath.Join(x.dir, "log") }
func (x *exchange) sip() string     { return fmt.Sprintf("%s:%d", x.ip, x.port) }

// environment is ours without settings that would reach the daemon.
func (x *exchange) environment() []string {
	env := []string{"STROWGER_DATA=" + x.data()}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "STROWGER_") {
			env = append(env, v)
		}
	}
	return env
}

// try runs a command of strowger beside the daemon or on the stopped store.
func (x *exchange) try(stdin string, args ...string) (stdout string, err error) {
	cmd := exec.Command(program(x.t), args...)
	cmd.Env = x.environment()
	cmd.Dir = x.dir
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err = cmd.Run(); err != nil {
		err = fmt.Errorf("strowger %s: %w\n%s%s", strings.Join(args, " "), err, out.String(), errs.String())
	}
	return out.String(), err
}

// run is try that must succeed.
func (x *exchange) run(args ...string) string {
	x.t.Helper()
	out, err := x.try("", args...)
	if err != nil {
		x.t.Fatal(err)
	}
	return out
}

func (x *exchange) apply(s *site) {
	x.t.Helper()
	if _, err := x.try(s.json(x.t), "apply", "-"); err != nil {
		x.t.Fatal(err)
	}
}

// start serves and waits until the exchange is ready.
func (x *exchange) start() {
	x.t.Helper()
	log, err := os.OpenFile(x.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		x.t.Fatal(err)
	}
	defer log.Close()
	args := append([]string{
		"serve",
		"--sip", fmt.Sprintf("udp://%[1]s,tcp://%[1]s", x.sip()),
		"--http", x.http,
		"--rtp-ports", x.rtp,
		"--drain", "1s",
		"--log-level", "debug",
	}, x.flags...)
	cmd := exec.Command(program(x.t), args...)
	cmd.Env = append(x.environment(), "GORACE=halt_on_error=0 exitcode=66", "GOTRACEBACK=all")
	cmd.Dir = x.dir
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		x.t.Fatal(err)
	}
	x.cmd, x.ended, x.err = cmd, make(chan struct{}), nil
	go func(ended chan struct{}) {
		x.err = cmd.Wait()
		close(ended)
	}(x.ended)
	eventually(x.t, 20*time.Second, "the exchange is ready", func() error {
		select {
		case <-x.ended:
			x.t.Fatalf("the exchange ended while it started: %v\n%s", x.err, x.tail())
		default:
		}
		res, err := http.Get("http://" + x.http + "/readyz")
		if err != nil {
			return err
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK {
			body, _ := io.ReadAll(res.Body)
			return fmt.Errorf("/readyz: %s: %s", res.Status, body)
		}
		return nil
	})
}

func (x *exchange) running() bool {
	if x.cmd == nil {
		return false
	}
	select {
	case <-x.ended:
		return false
	default:
		return true
	}
}

// stop asks the exchange to end and waits until it has.
func (x *exchange) stop() {
	x.t.Helper()
	if !x.running() {
		return
	}
	if err := x.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		x.t.Errorf("SIGTERM: %v", err)
	}
	select {
	case <-x.ended:
	case <-time.After(slow(20 * time.Second)):
		_ = x.cmd.Process.Signal(syscall.SIGQUIT) // goroutines into the log
		select {
		case <-x.ended:
		case <-time.After(5 * time.Second):
			_ = x.cmd.Process.Kill()
			<-x.ended
		}
		x.t.Errorf("the exchange did not end after SIGTERM\n%s", x.tail())
		return
	}
	if x.err != nil {
		x.t.Errorf("the exchange ended with %v\n%s", x.err, x.tail())
	}
}

// kill is kill -9.
func (x *exchange) kill() {
	if x.running() {
		_ = x.cmd.Process.Kill()
		<-x.ended
	}
}

// finish stops the exchange and looks for what must never be in its log.
func (x *exchange) finish() {
	x.stop()
	log, err := os.ReadFile(x.logFile())
	if err != nil {
		return
	}
	for _, bad := range []string{"DATA RACE", "panic:", "panic=", "panic recovered", "fatal error:", "SIGSEGV"} {
		i := bytes.Index(log, []byte(bad))
		if i < 0 {
			continue
		}
		end := min(len(log), i+20000)
		if e := bytes.Index(log[i:end], []byte("==================")); e >= 0 { // of a race's report
			end = i + e
		}
		x.t.Errorf("the exchange's log has %q:\n%s", bad, log[max(0, i-200):end])
	}
	if x.t.Failed() {
		x.t.Logf("the end of the exchange's log:\n%s", x.tail())
	}
}

func (x *exchange) tail() string {
	log, _ := os.ReadFile(x.logFile())
	const most = 16000
	if len(log) > most {
		log = log[len(log)-most:]
	}
	return string(log)
}

// request calls the API and answers the status and the body.
func (x *exchange) request(method, path string, body any) (int, []byte, error) {
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, "http://"+x.http+"/api/v1"+path, in)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+x.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
		if method == http.MethodPatch {
			req.Header.Set("Content-Type", "application/merge-patch+json")
		}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	return res.StatusCode, out, err
}

// api calls the API, which must answer 2xx, and unpacks what it answers.
func (x *exchange) api(method, path string, body, answer any) {
	x.t.Helper()
	status, out, err := x.request(method, path, body)
	if err != nil {
		x.t.Fatalf("%s %s: %v", method, path, err)
	}
	if status/100 != 2 {
		x.t.Fatalf("%s %s: %d %s", method, path, status, out)
	}
	if answer != nil {
		if err := json.Unmarshal(out, answer); err != nil {
			x.t.Fatalf("%s %s: %v in %s", method, path, err, out)
		}
	}
}

// do sends a request that is made by hand, which must be answered with 2xx.
func (x *exchange) do(req *http.Request, answer any) {
	x.t.Helper()
	req.Header.Set("Authorization", "Bearer "+x.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		x.t.Fatal(err)
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		x.t.Fatal(err)
	}
	if res.StatusCode/100 != 2 {
		x.t.Fatalf("%s %s: %s %s", req.Method, req.URL, res.Status, out)
	}
	if err := json.Unmarshal(out, answer); err != nil {
		x.t.Fatalf("%s %s: %v in %s", req.Method, req.URL, err, out)
	}
}

// list answers the first page of a collection.
func list[T any](x *exchange, path string) []T {
	x.t.Helper()
	var page struct {
		Items []T `json:"items"`
	}
	x.api(http.MethodGet, path, nil, &page)
	return page.Items
}

// metrics answers every sample of /metrics by its name with labels.
func (x *exchange) metrics() (map[string]float64, error) {
	res, err := http.Get("http://" + x.http + "/metrics")
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("/metrics: %s", res.Status)
	}
	samples := map[string]float64{}
	for line := range strings.Lines(string(body)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(line, "} ")
		if ok {
			name += "}"
		} else if name, value, ok = strings.Cut(line, " "); !ok {
			return nil, fmt.Errorf("/metrics: %q", line)
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil {
			return nil, fmt.Errorf("/metrics: %q: %w", line, err)
		}
		samples[name] = v
	}
	if len(samples) == 0 {
		return nil, errors.New("/metrics is empty")
	}
	return samples, nil
}

// sum adds a metric's samples over all its labels, or those with the given
// label="value" pairs. A metric that has no sample yet counts as 0.
func (x *exchange) sum(name string, labels ...string) float64 {
	x.t.Helper()
	samples, err := x.metrics()
	if err != nil {
		x.t.Fatal(err)
	}
	total := 0.0
samples:
	for sample, v := range samples {
		family, rest, _ := strings.Cut(sample, "{")
		if family != name {
			continue
		}
		for _, l := range labels {
			if !strings.Contains(rest, l) {
				continue samples
			}
		}
		total += v
	}
	return total
}

// idle waits until no call and no media session is left.
func (x *exchange) idle() {
	x.t.Helper()
	eventually(x.t, 10*time.Second, "calls and media are gone", func() error {
		if n := x.sum("strowger_calls_active"); n != 0 {
			return fmt.Errorf("strowger_calls_active %v", n)
		}
		if n := x.sum("strowger_rtp_sessions_active"); n != 0 {
			return fmt.Errorf("strowger_rtp_sessions_active %v", n)
		}
		return nil
	})
}

func lastWord(s string) string {
	words := strings.Fields(s)
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}
