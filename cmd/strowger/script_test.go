package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"strowger/provisioning"
	"strowger/provisioning/api"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"strowger": main})
}

// TestScripts runs the command line as a shell does, on stopped stores and
// beside one that answers on its admin socket.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			env.Setenv("STROWGER_DATA", filepath.Join(env.WorkDir, "data"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"answer": answer, "status": status, "damage": damage,
			"keep": keep,
		},
	})
}

// answer opens the store in this process and answers on its admin socket until
// the script ends: a daemon as far as a command can see.
func answer(ts *testscript.TestScript, _ bool, _ []string) {
	dir := ts.Getenv("STROWGER_DATA")
	log := slog.New(slog.DiscardHandler)
	d, err := openData(context.Background(), dir, log)
	ts.Check(err)
	path, done, err := socketPath(dir)
	ts.Check(err)
	ln, err := net.Listen("unix", path)
	ts.Check(err)
	server := &http.Server{Handler: api.New(d.service(provisioning.Options{Log: log}), api.Options{Log: log}).Local("operator")}
	ended := make(chan struct{})
	go func() { server.Serve(ln); close(ended) }()
	ts.Defer(func() {
		server.Close()
		<-ended
		done()
		if err := d.Close(); err != nil {
			ts.Logf("close: %v", err)
		}
	})
}

// status runs strowger and wants an exit status: status 2 bogus.
func status(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec("strowger", args[1:]...)
	got := 0
	if err != nil {
		n := regexp.MustCompile(`exit status (\d+)`).FindStringSubmatch(err.Error())
		if n == nil {
			ts.Fatalf("%v", err)
		}
		fmt.Sscan(n[1], &got)
	}
	if fmt.Sprint(got) != args[0] {
		ts.Fatalf("exit status %d, want %s", got, args[0])
	}
}

// damage overwrites the middle of a file.
func damage(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_RDWR, 0)
	ts.Check(err)
	defer f.Close()
	info, err := f.Stat()
	ts.Check(err)
	junk := make([]byte, info.Size()/2)
	for i := range junk {
		junk[i] = byte(i * 31)
	}
	_, err = f.WriteAt(junk, info.Size()/4)
	ts.Check(err)
}

// keep puts what a pattern finds in the last output into a variable:
// keep ID '"id":"([^"]+)"'.
func keep(ts *testscript.TestScript, _ bool, args []string) {
	m := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if m == nil {
		ts.Fatalf("%s is not in the output", args[1])
	}
	ts.Setenv(args[0], m[1])
}
