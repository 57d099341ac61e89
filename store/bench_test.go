package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"strowger/store"
	"strowger/store/bolt"
	"strowger/store/storetest"
)

const many = 50_000

// crowd is an edit that makes n users with a SIP account and an extension each.
func crowd(n int) func(*store.Edit) error {
	return func(e *store.Edit) error {
		o := *e.Organization.Get()
		o.ExtensionRange = "1000-99999"
		if err := e.Organization.Put(o); err != nil {
			return err
		}
		for i := range n {
			id := fmt.Sprintf("user-%06d", i)
			err := e.Users.Put(store.User{
				Meta: store.Meta{ID: id}, FirstName: "First", LastName: fmt.Sprintf("Last %d", i),
				Email: id + "@example.com", Department: "Sales",
			})
			if err != nil {
				return err
			}
			err = e.ContactMethods.Put(store.ContactMethod{
				Meta: store.Meta{ID: fmt.Sprintf("line-%06d", i)}, UserID: id, Kind: store.KindSIPAccount,
				Inbound:    store.Inbound{InternalNumbers: []string{fmt.Sprint(100_000 + i)}},
				SIPAccount: &store.SIPAccount{Username: fmt.Sprintf("u%06d", i), Password: "a password of some length"},
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
}

func crowded(b *testing.B, path string) {
	b.Helper()
	st := storetest.Open(b, storetest.Bolt(b, path), store.Options{})
	if _, err := st.Update(context.Background(), store.DefaultOrganization, store.Author{}, crowd(many)); err != nil {
		b.Fatal(err)
	}
	if err := st.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkOpen50000 is a start with 50,000 users and as many SIP accounts.
func BenchmarkOpen50000(b *testing.B) {
	path := filepath.Join(b.TempDir(), "strowger.db")
	crowded(b, path)
	if info, err := os.Stat(path); err == nil {
		b.ReportMetric(float64(info.Size())/(1<<20), "MB-file")
	}
	var cpu time.Duration
	b.ResetTimer()
	for b.Loop() {
		before := cpuTime()
		backend, err := bolt.Open(path, bolt.Options{})
		if err != nil {
			b.Fatal(err)
		}
		st, err := store.Open(context.Background(), backend, store.Options{Key: storetest.Key, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		cpu += cpuTime() - before
		if s, _ := st.Snapshot(store.DefaultOrganization); s.Users.Len() != many || s.ContactMethods.Len() != many {
			b.Fatal("users are missing")
		}
		st.Close()
		b.StartTimer()
	}
	b.ReportMetric(float64(cpu.Milliseconds())/float64(b.N), "cpu-ms/op")
}

// cpuTime is what this process has used: on a busy machine it says more than the
// clock.
func cpuTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// forgetful takes every commit and keeps none.
type forgetful struct{ store.Backend }

func (*forgetful) Commit(context.Context, []store.Op) error { return nil }

// BenchmarkUpdate50000 is one changed record among 50,000 users, without the
// disk.
func BenchmarkUpdate50000(b *testing.B) {
	backend := &forgetful{Backend: storetest.Memory()}
	st := storetest.Open(b, backend, store.Options{})
	ctx := context.Background()
	if _, err := st.Update(ctx, store.DefaultOrganization, store.Author{}, crowd(many)); err != nil {
		b.Fatal(err)
	}
	var i int
	b.ReportAllocs()
	for b.Loop() {
		i++
		_, err := st.Update(ctx, store.DefaultOrganization, store.Author{}, func(e *store.Edit) error {
			u, _ := e.Users.Get(fmt.Sprintf("user-%06d", i%many))
			changed := *u
			changed.JobTitle = fmt.Sprint(i)
			return e.Users.Put(changed)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkImport50000 is 50,000 users in one change.
func BenchmarkImport50000(b *testing.B) {
	for b.Loop() {
		st := storetest.Open(b, storetest.Memory(), store.Options{})
		if _, err := st.Update(context.Background(), store.DefaultOrganization, store.Author{}, crowd(many)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCredential(b *testing.B) {
	st := storetest.Open(b, storetest.Memory(), store.Options{})
	if _, err := st.Update(context.Background(), store.DefaultOrganization, store.Author{}, crowd(many)); err != nil {
		b.Fatal(err)
	}
	s, _ := st.Snapshot(store.DefaultOrganization)
	names := make([]string, many)
	for i := range names {
		names[i] = fmt.Sprintf("u%06d", i*7919%many)
	}
	var i int
	b.ReportAllocs()
	for b.Loop() {
		i++
		if _, ok := s.Credential(names[i%many]); !ok {
			b.Fatal("not found")
		}
	}
}
