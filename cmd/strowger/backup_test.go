package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strowger/provisioning"
	"strowger/provisioning/api"
	"strowger/store"
)

// strowger runs a command in this process, and wants it to succeed.
func strowger(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if status := run(t.Context(), args, strings.NewReader(""), &out, &errs); status != exitDone {
		t.Fatalf("strowger %s: status %d: %s", strings.Join(args, " "), status, &errs)
	}
	return out.String()
}

// registered saves the bindings of 100 phones, half of them as a refresh that
// may lag.
func registered(t *testing.T, st *store.Store) {
	t.Helper()
	var now, later []store.Binding
	for i := range 100 {
		b := store.Binding{Org: store.DefaultOrganization, AOR: fmt.Sprintf("phone%d", i), Contact: "sip:x@192.0.2.1",
			ExpiresAt: time.Now().Add(time.Hour)}
		if i%2 == 0 {
			now = append(now, b)
		} else {
			later = append(later, b)
		}
	}
	if err := st.SaveBindings(t.Context(), now, nil); err != nil {
		t.Fatal(err)
	}
	st.SaveBindingsLater(later)
}

// wantRegistered restores a backup into an empty place and counts what
// `strowger registrations` shows there.
func wantRegistered(t *testing.T, backup string, want int) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	strowger(t, "restore", "--data", dir, backup)
	if got := strings.Count(strowger(t, "registrations", "--data", dir, "--json"), `"aor"`); got != want {
		t.Errorf("%d phones are registered after a restore, want %d", got, want)
	}
}

// TestBackupHasRegistrations: a backup of a running exchange has the phones that
// are registered at that moment, over the admin socket and over HTTP.
func TestBackupHasRegistrations(t *testing.T) {
	dir := t.TempDir()
	log := slog.New(slog.DiscardHandler)
	d, err := openData(t.Context(), dir, log)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	registered(t, d.store)
	path, done, err := socketPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: api.New(d.service(provisioning.Options{Log: log}), api.Options{Log: log}).Local("operator")}
	defer server.Close()
	go server.Serve(ln)

	backup := filepath.Join(t.TempDir(), "copy.db")
	strowger(t, "backup", "--data", dir, backup)
	wantRegistered(t, backup, 100)
	if err := os.WriteFile(backup, []byte(strowger(t, "api", "--data", dir, "GET", "/backup")), 0o600); err != nil {
		t.Fatal(err)
	}
	wantRegistered(t, backup, 100)
}

// TestBackupOfAStoppedStore: what a kill left in the log is in a backup too.
func TestBackupOfAStoppedStore(t *testing.T) {
	live, dir := t.TempDir(), t.TempDir()
	d, err := openData(context.Background(), live, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	registered(t, d.store)
	if err := d.store.SaveBindings(t.Context(), nil, nil); err != nil { // and all that lags
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS(live)); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "copy.db")
	strowger(t, "backup", "--data", dir, backup)
	wantRegistered(t, backup, 100)
}
