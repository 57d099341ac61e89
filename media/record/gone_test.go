package record

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// leftIn lists the files below a data directory.
func leftIn(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Of a capture whose organization was deleted nothing stays, however far it was:
// nothing is tried again, and no alarm is raised.
func TestNobodyWantsIt(t *testing.T) {
	gone := fmt.Errorf("no such organization: %w", ErrGone)
	for name, c := range map[string]struct {
		expected, begun, unspooled, delivered bool // when it is deleted, or what was by then
	}{
		"before it was expected":  {},
		"before it began":         {expected: true},
		"while it is captured":    {expected: true, begun: true},
		"its packets went first":  {expected: true, begun: true, unspooled: true},
		"while it is handed over": {expected: true, begun: true, delivered: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir, l := t.TempDir(), newLedger()
				o := Options{}
				if c.delivered {
					o.Deliver = func(context.Context, Entry) error { return gone }
				}
				r := newRecorder(t, dir, l, o)
				deleted := func() {
					if !c.delivered {
						l.failWith(gone)
					}
				}
				if !c.expected {
					deleted()
				}
				if err := r.Expect(t.Context(), Entry{ID: "a"}); err != nil {
					t.Fatal(err)
				}
				if c.expected && !c.begun {
					deleted()
				}
				base := time.Now()
				if s, err := r.Begin(t.Context(), "a", Header{StartedAt: base, Sides: both}); err == nil {
					deleted()
					speak(s, base, 6)
				} else if c.begun {
					t.Fatal(err)
				}
				if c.unspooled {
					synctest.Wait()
					if err := os.Remove(filepath.Join(dir, spoolOf("a"))); err != nil {
						t.Fatal(err)
					}
				}
				r.Finish("a", base.Add(6*time.Second))
				if err := r.Wait(t.Context()); err != nil {
					t.Error(err)
				}
				if left := leftIn(t, dir); len(left) > 0 {
					t.Errorf("left of it: %v", left)
				}
				if n := r.Counters(); n.Active+n.Queue != 0 || n.Missing+n.Failed+n.Delivered+n.Trouble != 0 {
					t.Errorf("counters %+v", n)
				}
				l.failWith(nil)
				closed(t, r)
			})
		})
	}
}

// A spool of a deleted organization is not taken up again.
func TestNobodyWantsASpool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		fl := newFlusher(slog.New(slog.DiscardHandler))
		s, err := newSpool(filepath.Join(dir, spoolOf("a")), Header{ID: "a", Org: "acme", StartedAt: time.Now(), Sides: both}, fl)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Join(dir, spoolDir), 0o700); err != nil {
			t.Fatal(err)
		}
		speak(s, time.Now(), 1)
		if err := s.Close(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		fl.stop()
		if left := leftIn(t, dir); len(left) != 1 {
			t.Fatalf("there are %v", left)
		}
		l := newLedger()
		l.failWith(ErrGone)
		r := newRecorder(t, dir, unknowing{l}, Options{})
		if err := r.Salvage(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := r.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		if left := leftIn(t, dir); len(left) > 0 {
			t.Errorf("left of it: %v", left)
		}
		if n := r.Counters(); n.Queue+n.Active != 0 || n.Trouble+n.Missing != 0 {
			t.Errorf("counters %+v", n)
		}
		closed(t, r)
	})
}

// An unknowing ledger has no entries.
type unknowing struct{ *memLedger }

func (unknowing) Unfinished(context.Context) ([]Entry, error) { return nil, nil }
