// Package storetest owns what every backend of the store must pass, and makes
// stores for the tests of other packages. What a real disk does wrong is left
// to the tests of the backend itself.
package storetest

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"testing"

	"strowger/store"
	"strowger/store/bolt"
)

// Key is the secret.key of the stores that this package makes.
var Key = bytes.Repeat([]byte{7}, 32)

// New is a fresh store with the default organization, in a file of its own.
func New(t testing.TB) *store.Store {
	t.Helper()
	return Open(t, Bolt(t, filepath.Join(t.TempDir(), "strowger.db")), store.Options{})
}

// Bolt opens a file.
func Bolt(t testing.TB, path string) *bolt.Backend {
	t.Helper()
	b, err := bolt.Open(path, bolt.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Open opens a store on a backend, with Key and no log unless opts has them,
// and closes it when the test ends.
func Open(t testing.TB, b store.Backend, opts store.Options) *store.Store {
	t.Helper()
	if opts.Key == nil {
		opts.Key = Key
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	st, err := store.Open(context.Background(), b, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return st
}

// Apply gives the default organization the configuration in a text that
// `strowger apply` would take, and answers its snapshot.
func Apply(t testing.TB, st *store.Store, site string) *store.Snapshot {
	t.Helper()
	parsed, err := store.ParseSite([]byte(site))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.ApplySite(context.Background(), store.DefaultOrganization, store.Author{Who: "test"}, parsed, false, false); err != nil {
		t.Fatal(err)
	}
	s, _ := st.Snapshot(store.DefaultOrganization)
	return s
}
