package provisioning

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strowger/store"
)

// TestImportsAfterARestart: whatever was done with a file when the exchange
// stopped, it is told at the next start, and no file is imported twice.
func TestImportsAfterARestart(t *testing.T) {
	const people = 30
	org := store.DefaultOrganization
	sure := ImportOptions{Consent: true, MergeDuplicates: true, Mapping: map[string]string{"Vorname": "first_name", "Nachname": "last_name"}}
	try := sure
	try.DryRun = true
	mustRun := func(t *testing.T, s *Service, id string, o ImportOptions) *Import {
		t.Helper()
		v, err := s.RunImport(t.Context(), org, id, me, o)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	// stopped makes a run that does not come to its end: saved or not, with a report
	// or not.
	stopped := func(t *testing.T, s *Service, id string, o ImportOptions, saved, report bool) {
		t.Helper()
		up := s.imports.all[id]
		if err := s.begin(up, me, &o); err != nil {
			t.Fatal(err)
		}
		if !saved {
			return
		}
		if _, err := s.runImport(t.Context(), up, me, o); err != nil {
			t.Fatal(err)
		}
		if !report {
			if err := os.Remove(up.report()); err != nil {
				t.Fatal(err)
			}
		}
	}
	spoil := func(t *testing.T, path string, with func([]byte) []byte) {
		t.Helper()
		b, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, with(b), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	noted := func(t *testing.T, path string, change func(*importNote)) {
		spoil(t, path, func(b []byte) []byte {
			var n importNote
			if err := json.Unmarshal(b, &n); err != nil {
				t.Fatal(err)
			}
			change(&n)
			b, _ = json.Marshal(n)
			return b
		})
	}
	for name, c := range map[string]struct {
		before func(t *testing.T, s *Service, id string)
		after  string // the state; empty: it is gone
		users  int    // right after the restart
		report bool
		down   time.Duration
	}{
		"uploaded": {before: func(*testing.T, *Service, string) {}, after: importReady},
		"checked":  {before: func(t *testing.T, s *Service, id string) { mustRun(t, s, id, try) }, after: importChecked, report: true},
		"refused": {before: func(t *testing.T, s *Service, id string) {
			mustRun(t, s, id, ImportOptions{Consent: true, Mapping: map[string]string{"Vorname": "first_name", "Nachname": "email", "E-Mail": ""}})
		}, after: importRefused, report: true},
		"done": {before: func(t *testing.T, s *Service, id string) { mustRun(t, s, id, sure) }, after: importDone, users: people, report: true},
		"checking": {before: func(t *testing.T, s *Service, id string) {
			stopped(t, s, id, try, false, false)
		}, after: importInterrupted},
		"importing, not saved": {before: func(t *testing.T, s *Service, id string) {
			mustRun(t, s, id, try) // whose report must not pass for the import's
			stopped(t, s, id, sure, false, false)
		}, after: importInterrupted, down: 100 * time.Hour},
		"importing, saved": {before: func(t *testing.T, s *Service, id string) {
			mustRun(t, s, id, try)
			stopped(t, s, id, sure, true, false)
		}, after: importDone, users: people, down: 100 * time.Hour},
		"importing, saved, with its report": {before: func(t *testing.T, s *Service, id string) {
			stopped(t, s, id, sure, true, true)
		}, after: importDone, users: people, report: true},
		"importing, saved, others after it": {before: func(t *testing.T, s *Service, id string) {
			stopped(t, s, id, sure, true, false)
			for i := range 3 {
				mustCreate(t, s, "users", fmt.Sprintf(`{"id":"later-%d","first_name":"L"}`, i))
			}
		}, after: importDone, users: people + 3},
		"importing, not saved, but the same file by the same person was": {before: func(t *testing.T, s *Service, id string) {
			other, err := s.Upload(org, "people.csv", bytes.NewReader(crowdCSV(people)))
			if err != nil {
				t.Fatal(err)
			}
			stopped(t, s, id, sure, false, false)
			mustRun(t, s, other.ID, sure)
		}, after: importInterrupted, users: people},
		"saved, though the run failed and another one did": {before: func(t *testing.T, s *Service, id string) {
			stopped(t, s, id, sure, true, false)
			up := s.imports.all[id]
			first := up.First
			up.importNote = s.end(up, nil, errors.New("the disk failed in the last step"), false)
			if up.View.State != importReady {
				t.Fatalf("it is %s", up.View.State)
			}
			o := sure
			if err := s.begin(up, me, &o); err != nil || o.first != first {
				t.Fatalf("the next run would make other users: %v", err)
			}
			up.importNote = s.end(up, nil, errors.New("nothing is saved until a restart"), false)
		}, after: importDone, users: people},
		"checked, and the report is gone": {before: func(t *testing.T, s *Service, id string) {
			mustRun(t, s, id, try)
			if err := os.Remove(s.imports.all[id].report()); err != nil {
				t.Fatal(err)
			}
		}, after: importChecked},
		"its time is over": {before: func(*testing.T, *Service, string) {}, down: importFor + time.Second},
		"the file is missing": {before: func(t *testing.T, s *Service, id string) {
			if err := os.Remove(s.imports.all[id].path); err != nil {
				t.Fatal(err)
			}
		}},
		"the file is cut": {before: func(t *testing.T, s *Service, id string) {
			spoil(t, s.imports.all[id].path, func(b []byte) []byte { return b[:len(b)-1] })
		}},
		"the note is missing": {before: func(t *testing.T, s *Service, id string) {
			if err := os.Remove(s.imports.all[id].note()); err != nil {
				t.Fatal(err)
			}
		}},
		"the note is cut": {before: func(t *testing.T, s *Service, id string) {
			spoil(t, s.imports.all[id].note(), func(b []byte) []byte { return b[:len(b)/2] })
		}},
		"the note has another state": {before: func(t *testing.T, s *Service, id string) {
			noted(t, s.imports.all[id].note(), func(n *importNote) { n.View.State = "on fire" })
		}},
		"the note has a path for an id": {before: func(t *testing.T, s *Service, id string) {
			noted(t, s.imports.all[id].note(), func(n *importNote) { n.View.ID = "../strowger" })
		}},
		"the note is of no organization": {before: func(t *testing.T, s *Service, id string) {
			noted(t, s.imports.all[id].note(), func(n *importNote) { n.Org = "../.." })
		}},
		"its revision is not in the store": {before: func(t *testing.T, s *Service, id string) {
			mustRun(t, s, id, sure)
			noted(t, s.imports.all[id].note(), func(n *importNote) { n.View.Revision++ })
		}, users: people},
	} {
		t.Run(name, func(t *testing.T) {
			s, now := newService(t)
			if _, _, err := s.CreateOrganization(t.Context(), me, []byte(`{"id":"other","name":"Other","domain":"other.example"}`)); err != nil {
				t.Fatal(err)
			}
			up, err := s.Upload(org, "../../people.csv", bytes.NewReader(crowdCSV(people)))
			if err != nil {
				t.Fatal(err)
			}
			c.before(t, s, up.ID)
			was, err := s.Import(org, up.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, left := range []string{"torn.json.new", "orphan.csv", "..json"} {
				if err := os.WriteFile(filepath.Join(s.data, importsDir, left), []byte("{"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			s.store.Close()
			*now = now.Add(c.down)
			s = reopened(t, s.data, now)

			users := func() int {
				sn, _ := s.store.Snapshot(org)
				return sn.Users.Len()
			}
			if users() != c.users {
				t.Errorf("%d users, want %d", users(), c.users)
			}
			if _, err := s.Import("other", up.ID); !refusedAs(err, 404) {
				t.Errorf("another organization sees it: %v", err)
			}
			v, err := s.Import(org, up.ID)
			files, _ := os.ReadDir(filepath.Join(s.data, importsDir))
			if c.after == "" {
				if !refusedAs(err, 404) {
					t.Errorf("it is there: %+v, %v", v, err)
				}
				for _, f := range files {
					if strings.HasPrefix(f.Name(), up.ID) || strings.Contains(f.Name(), "torn") || f.Name() == "orphan.csv" || f.Name() == "..json" {
						t.Errorf("%s is left", f.Name())
					}
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if v.State != c.after || v.FileName != "people.csv" || v.RowCount != people || len(v.Sample) != sampleRows || len(v.Columns) != 6 || v.Report != c.report {
				t.Errorf("%+v, want the state %s", v, c.after)
			}
			if v.State == was.State && (v.Created != was.Created || v.Failed != was.Failed || len(v.Problems) != len(was.Problems) || v.MergeDuplicates != was.MergeDuplicates || len(v.Mapping) != len(was.Mapping)) {
				t.Errorf("%+v, before it was %+v", v, was)
			}
			if told := strings.Contains(v.Error, "the exchange stopped"); told != (v.State == importInterrupted) {
				t.Errorf("it says %q", v.Error)
			}
			f, err := s.ImportReportFile(org, up.ID)
			if err == nil {
				f.Close()
			} else if !refusedAs(err, 409) || c.after == importDone && !strings.Contains(err.Error(), fmt.Sprint("revision ", v.Revision)) {
				t.Errorf("its report: %v", err)
			}
			if c.report != (err == nil) {
				t.Errorf("its report: %v", err)
			}
			if c.after == importDone {
				if v.Created != people || v.Skipped != 0 || v.Failed != 0 || v.Progress != 1 {
					t.Errorf("%+v", v)
				}
				rev, err := s.Revision(t.Context(), org, v.Revision, 0)
				if err != nil || rev.ChangeCount != people || !strings.Contains(rev.Summary, "people.csv") {
					t.Errorf("%+v, %v", rev, err)
				}
				before := s.store.Revision()
				if _, err := s.RunImport(t.Context(), org, up.ID, me, sure); !refusedAs(err, 409) || s.store.Revision() != before {
					t.Errorf("it runs twice: %v", err)
				}
				return
			}
			mustRun(t, s, up.ID, try)
			done := mustRun(t, s, up.ID, sure)
			if done.State != importDone || done.Created+done.Skipped != people || users() != people || done.Error != "" {
				t.Errorf("run again: %+v, %d users", done, users())
			}
		})
	}
}

// TestImportNotNoted: a run whose beginning cannot be noted does not begin.
func TestImportNotNoted(t *testing.T) {
	s, _ := newService(t)
	org := store.DefaultOrganization
	up, err := s.Upload(org, "people.csv", bytes.NewReader(crowdCSV(3)))
	if err != nil {
		t.Fatal(err)
	}
	inTheWay := s.imports.all[up.ID].note() + unplaced
	if err := os.Mkdir(inTheWay, 0o700); err != nil {
		t.Fatal(err)
	}
	before := s.store.Revision()
	if v, err := s.RunImport(t.Context(), org, up.ID, me, ImportOptions{Consent: true}); err == nil {
		t.Fatalf("%+v", v)
	}
	if v, _ := s.Import(org, up.ID); v.State != importReady || s.store.Revision() != before {
		t.Errorf("%+v", v)
	}
	if err := os.Remove(inTheWay); err != nil {
		t.Fatal(err)
	}
	if v, err := s.RunImport(t.Context(), org, up.ID, me, ImportOptions{Consent: true}); err != nil || v.State != importDone {
		t.Errorf("%+v, %v", v, err)
	}
}

// TestImportsExpire: a file is kept for an hour, and then neither shown nor on disk.
func TestImportsExpire(t *testing.T) {
	s, now := newService(t)
	up, err := s.Upload(store.DefaultOrganization, "people.csv", bytes.NewReader(crowdCSV(3)))
	if err != nil {
		t.Fatal(err)
	}
	*now = now.Add(importFor + time.Second)
	if _, err := s.Import(store.DefaultOrganization, up.ID); !refusedAs(err, 404) {
		t.Errorf("after its time: %v", err)
	}
	s.forgetImports()
	if files, err := os.ReadDir(filepath.Join(s.data, importsDir)); err != nil || len(files) != 0 {
		t.Errorf("%v is left, %v", files, err)
	}
}

// TestImportOnce: of several who run the same file at once one does, whoever looks on.
func TestImportOnce(t *testing.T) {
	s, _ := newService(t)
	org := store.DefaultOrganization
	up, err := s.Upload(org, "people.csv", bytes.NewReader(crowdCSV(500)))
	if err != nil {
		t.Fatal(err)
	}
	before := s.store.Revision()
	var done, refused atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			v, err := s.RunImport(t.Context(), org, up.ID, me, ImportOptions{Consent: true})
			switch {
			case err == nil && v.State == importDone && v.Revision == before+1:
				done.Add(1)
			case refusedAs(err, 409):
				refused.Add(1)
			default:
				t.Errorf("%+v, %v", v, err)
			}
		})
		all.Go(func() {
			if v, err := s.Import(org, up.ID); err != nil || v.RowCount != 500 {
				t.Errorf("%+v, %v", v, err)
			}
		})
	}
	all.Wait()
	if done.Load() != 1 || refused.Load() != 7 || s.store.Revision() != before+1 {
		t.Errorf("%d done, %d refused, revision %d after %d", done.Load(), refused.Load(), s.store.Revision(), before)
	}
}

// TestImportOfAClosedStore: an exchange that ends in good order while it imports
// says the same as one that was killed.
func TestImportOfAClosedStore(t *testing.T) {
	s, now := newService(t)
	up, err := s.Upload(store.DefaultOrganization, "people.csv", bytes.NewReader(crowdCSV(3)))
	if err != nil {
		t.Fatal(err)
	}
	s.store.Close()
	if _, err := s.RunImport(context.Background(), store.DefaultOrganization, up.ID, me, ImportOptions{Consent: true}); !errors.Is(err, store.ErrClosed) {
		t.Errorf("imported: %v", err)
	}
	s = reopened(t, s.data, now)
	if v, err := s.Import(store.DefaultOrganization, up.ID); err != nil || v.State != importInterrupted {
		t.Errorf("%+v, %v", v, err)
	}
}

func refusedAs(err error, status int) bool {
	var r *Refusal
	return errors.As(err, &r) && r.Status == status
}

// TestWriteWhole: what cannot be written to its end leaves the file as it was.
func TestWriteWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "note")
	for _, text := range []string{"one", "other"} {
		if err := writeWhole(path, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
			t.Fatal(err)
		}
	}
	failed := errors.New("no more")
	if err := writeWhole(path, func(w io.Writer) error { io.WriteString(w, "x"); return failed }); !errors.Is(err, failed) {
		t.Error(err)
	}
	if b, err := os.ReadFile(path); string(b) != "other" {
		t.Errorf("%q, %v", b, err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("%v is left, %v", left, err)
	}
}
