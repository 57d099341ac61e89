package bolt_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"strowger/store"
	"strowger/store/bolt"
	"strowger/store/storetest"
)

// A check and a backup that meet a large save on its way to disk find all of it, or
// nothing, and nothing wrong.
func TestLargeSaveIsNeverSeenHalf(t *testing.T) {
	ctx, org := context.Background(), store.DefaultOrganization
	dir := t.TempDir()
	st := storetest.Open(t, storetest.Bolt(t, filepath.Join(dir, "strowger.db")), store.Options{})
	const people = 15_000 // of which each is billed, too
	saved := make(chan error, 1)
	go func() {
		_, err := st.Update(ctx, org, store.Author{Who: "test"}, func(e *store.Edit) error {
			for i := range people {
				if err := e.Users.Put(store.User{FirstName: "Kim", LastName: fmt.Sprint(i)}); err != nil {
					return err
				}
			}
			return nil
		})
		saved <- err
	}()
	var copies []string
	for n, done := 0, false; !done; n++ {
		select {
		case err := <-saved:
			if done = true; err != nil {
				t.Fatal(err)
			}
		default:
		}
		problems, err := st.Check(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Errorf("check %d: %+v", n, p)
		}
		name := filepath.Join(dir, fmt.Sprint("backup-", n, ".db"))
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := st.Backup(ctx, f); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		copies = append(copies, name)
	}
	none, all := 0, 0
	for i, name := range copies {
		path := filepath.Join(dir, fmt.Sprint("restored-", i), "strowger.db")
		if err := bolt.Restore(ctx, path, name); err != nil {
			t.Fatal(err)
		}
		back, err := open(path)
		if err != nil {
			t.Fatal(err)
		}
		s, _ := back.Snapshot(org)
		switch s.Users.Len() {
		case 0:
			none++
		case people:
			all++
		default:
			t.Errorf("backup %d has %d users", i, s.Users.Len())
		}
		problems, err := back.Check(ctx)
		if err != nil || len(problems) > 0 {
			t.Errorf("backup %d: %v %v", i, problems, err)
		}
		if err := back.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d backups have nothing of it, %d all", none, all)
	if all == 0 {
		t.Error("no backup has it")
	}
}
