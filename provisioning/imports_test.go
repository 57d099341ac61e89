package provisioning

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"

	"strowger/store"
	"strowger/store/storetest"
)

func crowdCSV(n int) []byte {
	var b bytes.Buffer
	b.WriteString("\xef\xbb\xbfVorname,Nachname,E-Mail,Abteilung,Position,Mobil\r\n")
	for i := range n {
		fmt.Fprintf(&b, "First%d,Last%d,user%d@example.com,Department %d,Engineer,+40745%06d\r\n", i, i*7919%n, i, i%50, i)
	}
	return b.Bytes()
}

// TestImportCancelled: wherever it is ended, nothing is saved.
func TestImportCancelled(t *testing.T) {
	s, _ := newService(t)
	before := s.store.Revision()
	for _, at := range []float64{0, 0.1, 0.5, 0.8} {
		asked := 0.0
		_, err := s.importUsers(t.Context(), store.DefaultOrganization, me, bytes.NewReader(crowdCSV(3000)), ImportOptions{Consent: true}, func(part float64) error {
			if part < asked || part > 1 {
				t.Errorf("progress %v after %v", part, asked)
			}
			if asked = part; part >= at {
				return errImportCancelled
			}
			return nil
		})
		if !errors.Is(err, errImportCancelled) {
			t.Errorf("ended at %v: %v", at, err)
		}
		if sn, _ := s.store.Snapshot(store.DefaultOrganization); sn.Users.Len() != 0 || s.store.Revision() != before {
			t.Errorf("ended at %v: %d users", at, sn.Users.Len())
		}
	}
}

// A tripwire is a backend that calls out before a commit which has what it looks for.
type tripwire struct {
	store.Backend
	looks func(store.Op) bool
	trip  func()
}

func (b *tripwire) Commit(ctx context.Context, ops []store.Op) error {
	if b.trip != nil && slices.ContainsFunc(ops, b.looks) {
		b.trip()
	}
	return b.Backend.Commit(ctx, ops)
}

// TestImportCancelledWhileSaved: where it is the store that finds it cancelled, in the
// middle of writing, it is cancelled all the same: nothing is saved, and the file can
// be imported after all.
func TestImportCancelledWhileSaved(t *testing.T) {
	for name, c := range map[string]struct {
		people int
		at     store.Bucket
		commit int // of those with something for that bucket
	}{
		"in its only commit":            {30, store.BucketUsers, 1},
		"in the first that goes ahead":  {12_000, store.BucketAhead, 1},
		"in the second that goes ahead": {12_000, store.BucketAhead, 2},
		"in the one that makes it one":  {12_000, store.BucketRevisions, 1},
	} {
		t.Run(name, func(t *testing.T) {
			dir, org := t.TempDir(), store.DefaultOrganization
			b := &tripwire{Backend: storetest.Bolt(t, filepath.Join(dir, "s.db"))}
			s := New(storetest.Open(t, b, store.Options{}), Options{Data: dir})
			before := s.store.Revision()
			up, err := s.Upload(org, "people.csv", bytes.NewReader(crowdCSV(c.people)))
			if err != nil {
				t.Fatal(err)
			}
			commits := 0
			b.looks = func(op store.Op) bool { return op.Bucket == c.at && op.Value != nil }
			b.trip = func() {
				if commits++; commits == c.commit {
					if err := s.CancelImport(org, up.ID); err != nil {
						t.Error(err)
					}
				}
			}
			run := func(state string, people int) {
				t.Helper()
				v, err := s.RunImport(t.Context(), org, up.ID, me, ImportOptions{Consent: true})
				if err != nil || v.State != state {
					t.Fatalf("%+v, %v; want it %s", v, err, state)
				}
				if sn, _ := s.store.Snapshot(org); sn.Users.Len() != people || (s.store.Revision() == before) != (people == 0) {
					t.Errorf("%s: %d users at revision %d, which was %d", state, sn.Users.Len(), s.store.Revision(), before)
				}
			}
			run(importCancelled, 0)
			if commits != c.commit {
				t.Errorf("%d commits, and the %d. was to be the last", commits, c.commit)
			}
			b.trip = nil
			run(importDone, c.people)
		})
	}
}

// TestGuessField: what people call the fields.
func TestGuessField(t *testing.T) {
	for column, want := range map[string]string{
		"First name": "first_name", "Given Name": "first_name", "VORNAME": "first_name", "Nombre": "first_name",
		"Surname": "last_name", "Nachname": "last_name", "Apellidos": "last_name",
		"E-Mail": "email", "E-mail address": "email", "Correo electrónico": "email",
		"Handy": "mobile_number", "Teléfono móvil": "mobile_number", "Abteilung": "department", "Departamento": "department",
		"Durchwahl": "extension", "Zeitzone": "time_zone", "Shoe size": "shoe_size", "forward.number": "forward.number", "id": "id",
	} {
		if got := GuessField(column, nil); got != want {
			t.Errorf("%s: %s, want %s", column, got, want)
		}
	}
	if got := GuessField("Name", []string{"Vorname", "Name"}); got != "last_name" {
		t.Errorf("a name beside a first name: %s", got)
	}
	for field := range headings {
		if !importable(field) {
			t.Errorf("headings for %s, which no file may give", field)
		}
	}
}

// BenchmarkImport is an import into an empty store, to disk.
func BenchmarkImport(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			file := crowdCSV(n)
			for b.Loop() {
				dir := b.TempDir()
				st := storetest.Open(b, storetest.Bolt(b, filepath.Join(dir, "s.db")), store.Options{})
				s := New(st, Options{Data: dir})
				r, err := s.ImportUsers(context.Background(), store.DefaultOrganization, me, bytes.NewReader(file), ImportOptions{Consent: true, MergeDuplicates: true})
				if err != nil || r.Created != n {
					b.Fatal(err, r)
				}
				var u syscall.Rusage
				syscall.Getrusage(syscall.RUSAGE_SELF, &u)
				b.ReportMetric(float64(u.Maxrss)/1024, "MB-peak")
				r = nil
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "MB-after")
				st.Close()
			}
		})
	}
}
