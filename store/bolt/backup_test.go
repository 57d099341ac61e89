package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"strowger/store"
)

func TestBackupAndRestore(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	path, copied := filepath.Join(dir, "strowger.db"), filepath.Join(dir, "backup")
	b := mustOpen(t, path)
	for i := range 500 {
		commit(t, b, fmt.Sprintf("k%03d", i), "old")
	}
	if err := b.BackupFile(ctx, copied); err != nil {
		t.Fatal(err)
	}
	commit(t, b, "k000", "new")
	if err := b.AppendLog(ctx, []byte("later")); err != nil {
		t.Fatal(err)
	}
	b.Close()
	if err := Verify(ctx, copied); err != nil {
		t.Fatalf("the backup: %v", err)
	}

	// A bad backup is refused and the store stays.
	good, _ := os.ReadFile(copied)
	bad := bytes.ReplaceAll(good, []byte("old"), []byte("odd"))
	os.WriteFile(copied+".bad", bad, 0o600)
	if err := Restore(ctx, path, copied+".bad"); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "nothing was restored") {
		t.Errorf("a bad backup: %v", err)
	}
	b = mustOpen(t, path)
	if read(t, b, "k000") != "new" {
		t.Error("a refused restore changed the store")
	}
	b.Close()

	if err := Restore(ctx, path, copied); err != nil {
		t.Fatal(err)
	}
	b = mustOpen(t, path)
	defer b.Close()
	if read(t, b, "k000") != "old" || read(t, b, "k499") != "old" {
		t.Error("not restored")
	}
	if err := b.ReadLog(ctx, 0, func(r []byte) error { t.Errorf("the log of the former store is left: %q", r); return nil }); err != nil {
		t.Error(err)
	}
	commit(t, b, "k000", "goes on")
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := b.BackupFile(cancelled, copied+".2"); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled backup: %v", err)
	}
	if _, err := os.Stat(copied + ".2"); err == nil {
		t.Error("a cancelled backup left a file")
	}
}

// replaced makes a store with a backup from before its last commit and record of
// the log: what is left of it says "new", the backup "old".
func replaced(t *testing.T) (path, backup string) {
	t.Helper()
	ctx := context.Background()
	dir := t.TempDir()
	path, backup = filepath.Join(dir, "strowger.db"), filepath.Join(dir, "backup")
	b := mustOpen(t, path)
	defer b.Close()
	commit(t, b, "k", "old")
	if err := b.BackupFile(ctx, backup); err != nil {
		t.Fatal(err)
	}
	commit(t, b, "k", "new")
	if err := b.AppendLog(ctx, []byte("new")); err != nil {
		t.Fatal(err)
	}
	return path, backup
}

// wantWhole opens a store and wants database and log to be of one state.
func wantWhole(t *testing.T, path, state string) {
	t.Helper()
	b := mustOpen(t, path)
	defer b.Close()
	var log []string
	if err := b.ReadLog(context.Background(), 0, func(r []byte) error { log = append(log, string(r)); return nil }); err != nil {
		t.Fatal(err)
	}
	if got := read(t, b, "k"); got != state || (state == "new") != (len(log) == 1) {
		t.Errorf("the database is the %s one with the log %q, want the %s one", got, log, state)
	}
}

// whileCopying is done as soon as a restore has begun its copy.
type whileCopying struct {
	context.Context
	dir string
}

func (c whileCopying) Err() error {
	for _, pattern := range []string{"strowger.db.*", "strowger.restored.*"} {
		if found, _ := filepath.Glob(filepath.Join(c.dir, pattern)); len(found) > 0 {
			return context.Canceled
		}
	}
	return nil
}

// A restore whose copy fails leaves the store with its log.
func TestRestoreThatFails(t *testing.T) {
	path, backup := replaced(t)
	if err := Restore(whileCopying{context.Background(), filepath.Dir(path)}, path, backup); !errors.Is(err, context.Canceled) {
		t.Fatalf("restored: %v", err)
	}
	wantWhole(t, path, "new")
	if left, _ := filepath.Glob(path + "*"); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

// A restore that a crash cuts short anywhere leaves the old store or the new one.
func TestRestoreCutShort(t *testing.T) {
	copied := func(path, backup string) error { return os.Rename(backup, restoredPath(path)) }
	for _, c := range []struct {
		name, state string
		done        func(path, backup string) error
	}{
		{"half a copy", "new", func(path, _ string) error {
			return os.WriteFile(restoredPath(path)+".123", []byte("half"), 0o600)
		}},
		{"the copy", "old", copied},
		{"without the journal", "old", func(path, backup string) error {
			return errors.Join(copied(path, backup), os.Remove(journalPath(path)))
		}},
		{"without the log", "old", func(path, backup string) error {
			return errors.Join(copied(path, backup), os.Remove(journalPath(path)), dropLog(path, 1))
		}},
		{"in place", "old", func(path, backup string) error { return Restore(context.Background(), path, backup) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, backup := replaced(t)
			if err := c.done(path, backup); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				wantWhole(t, path, c.state)
			}
			if _, err := os.Stat(restoredPath(path)); err == nil {
				t.Error("the copy is still there")
			}
			if halves, _ := filepath.Glob(restoredPath(path) + ".*"); len(halves) > 0 {
				t.Errorf("left behind: %v", halves)
			}
		})
	}
}

// A store that is open is not replaced under its user.
func TestRestoreWaitsForTheStore(t *testing.T) {
	path, backup := replaced(t)
	b := mustOpen(t, path)
	defer b.Close()
	if err := os.Rename(backup, restoredPath(path)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{Log: quiet}); !errors.Is(err, store.ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	if read(t, b, "k") != "new" {
		t.Error("replaced")
	}
}
