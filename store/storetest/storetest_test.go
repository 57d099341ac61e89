package storetest_test

import (
	"path/filepath"
	"testing"

	"strowger/store"
	"strowger/store/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, func(t testing.TB) func() store.Backend {
		var last store.Backend
		return func() store.Backend {
			last = storetest.Reopened(last)
			return last
		}
	})
}

func TestBolt(t *testing.T) {
	storetest.Run(t, func(t testing.TB) func() store.Backend {
		path := filepath.Join(t.TempDir(), "strowger.db")
		return func() store.Backend { return storetest.Bolt(t, path) }
	})
}
