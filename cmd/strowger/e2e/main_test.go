// Package e2e owns the tests that build the real binary and drive it from
// outside, as phones, carriers and operators do: with sipp, baresip, linphone
// and a small phone of its own that shares no code with the exchange. What
// can be shown without a process of its own is tested where it lives.
package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	flag.Parse()
	// Calls spend their time ringing and talking, so many tests share two
	// cores well; the default of one test a core would take minutes longer.
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		_ = flag.Set("test.parallel", "8")
	}
	code := m.Run()
	if built.dir != "" {
		os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// built is the binary under test, made once.
var built struct {
	once sync.Once
	dir  string
	path string
	err  error
}

// program answers the path of a freshly built strowger. Under the race detector
// the daemon is built with it too; STROWGER_BINARY names another one.
func program(t testing.TB) string {
	t.Helper()
	built.once.Do(func() {
		if path := os.Getenv("STROWGER_BINARY"); path != "" {
			built.path, built.err = filepath.Abs(path)
			return
		}
		if built.dir, built.err = os.MkdirTemp("", "strowger-e2e-"); built.err != nil {
			return
		}
		built.path = filepath.Join(built.dir, "strowger")
		args := []string{"build", "-o", built.path}
		cgo := "CGO_ENABLED=0"
		if raceDetector {
			args, cgo = append(args, "-race"), "CGO_ENABLED=1"
		}
		cmd := exec.Command("go", append(args, "strowger/cmd/strowger")...)
		cmd.Env = append(os.Environ(), cgo)
		if out, err := cmd.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}

// slow stretches every deadline where the daemon is many times slower than
// the one that ships. Deadlines only say when to give up, so a long one costs
// nothing where all is well.
func slow(d time.Duration) time.Duration {
	if raceDetector {
		return 4 * d
	}
	return d
}

// need fails the test, or skips it with -short, where a program is missing.
func need(t testing.TB, program, debian string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err == nil {
		return path
	}
	if testing.Short() {
		t.Skipf("%s is not installed (apt-get install %s)", program, debian)
	}
	t.Fatalf("%s is not installed: run 'make test', or apt-get install %s, or test with -short", program, debian)
	return ""
}

// eventually polls until check is content, and fails with its last complaint.
func eventually(t testing.TB, within time.Duration, what string, check func() error) {
	t.Helper()
	deadline := time.Now().Add(slow(within))
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not after %v: %v", what, slow(within), err)
		}
		time.Sleep(15 * time.Millisecond)
	}
}
