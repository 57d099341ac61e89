package storetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"strowger/store"
)

// counting counts what is committed.
type counting struct {
	store.Backend
	commits, seen atomic.Int64
}

func (c *counting) Commit(ctx context.Context, ops []store.Op) error {
	c.commits.Add(1)
	for _, op := range ops {
		if op.Bucket == store.BucketSeen && op.Value != nil {
			c.seen.Add(1)
		}
	}
	return c.Backend.Commit(ctx, ops)
}

func person(id string) store.User { return store.User{Meta: store.Meta{ID: id}, FirstName: id} }

func seenSurvives(t *testing.T, open func() store.Backend) {
	ctx := context.Background()
	var c *counting
	counted := func() store.Backend {
		c = &counting{Backend: open()}
		return c
	}
	st := reopen(t, nil, counted)
	update := func(edit func(*store.Edit) error) {
		t.Helper()
		_, err := st.Update(ctx, "default", store.Author{Who: "t"}, edit)
		must(t, err)
	}
	update(func(e *store.Edit) error {
		for _, id := range []string{"registered", "caller", "answered", "rung", "signed-in", "never"} {
			if err := e.Users.Put(person(id)); err != nil {
				return err
			}
		}
		return nil
	})
	day := time.Now().UTC().Truncate(24 * time.Hour)
	on := func(days int) time.Time { return day.AddDate(0, 0, days).Add(13 * time.Hour) }
	want := func(when string, want string) {
		t.Helper()
		got := ""
		sn, _ := st.Snapshot("default")
		for id, u := range sn.Users.All() {
			if at, ok := st.LastSeen("default", u); ok {
				got += fmt.Sprintf(" %s %d", id, int(at.Sub(day).Hours()/24))
			}
		}
		if got != want {
			t.Fatalf("%s:%s, want%s", when, got, want)
		}
	}
	want("at first", "")

	// A hundred registrations of a day write it once, and not by themselves.
	phone := binding("default", "a", 1)
	phone.UserID = "registered"
	before := c.commits.Load()
	for i := range 100 {
		phone.UpdatedAt = on(1).Add(time.Duration(i) * time.Second)
		must(t, st.SaveBindings(ctx, []store.Binding{phone}, nil))
	}
	if n := c.commits.Load() - before; n != 0 {
		t.Errorf("registrations made %d commits", n)
	}
	st.SaveCall(&store.Call{ID: "call", Org: "default", State: "ended", CallerUserID: "caller", UserIDs: []string{"caller", "answered", "rung"}, StartedAt: on(2), EndedAt: on(2),
		RecordingIDs: []string{}, Legs: []store.CallLeg{
			{ID: "a", Side: "a", UserID: "caller", StartedAt: on(2), AnsweredAt: on(2)},
			{ID: "b", Side: "b", UserID: "answered", StartedAt: on(2), AnsweredAt: on(2)},
			{ID: "c", Side: "b", UserID: "rung", StartedAt: on(2)},
		}}, nil, nil)
	sn, _ := st.Snapshot("default")
	must(t, st.SignIn(ctx, sn, store.Session{ID: "s", UserID: "signed-in", Hash: "hash", CreatedAt: on(3)}))
	all := " answered 2 caller 2 registered 1 signed-in 3"
	want("at once", all)
	was := c
	st = reopen(t, st, counted)
	if n := was.seen.Load(); n != 4 {
		t.Errorf("%d writes of 4 users", n)
	}
	want("after reopening", all)

	// Older news change nothing; a refresh of a later day does.
	phone.UpdatedAt = on(0)
	must(t, st.SaveBindings(ctx, []store.Binding{phone}, nil))
	want("after an older registration", all)
	phone.UpdatedAt = on(4)
	st.SaveBindingsLater([]store.Binding{phone})
	st = reopen(t, st, counted)
	want("after a refresh", " answered 2 caller 2 registered 4 signed-in 3")

	// Who is gone is forgotten, also when another one gets the id.
	update(func(e *store.Edit) error { return e.Users.Delete("caller") })
	update(func(e *store.Edit) error { return e.Users.Put(person("caller")) })
	want("another one", " answered 2 registered 4 signed-in 3")
	st = reopen(t, st, counted)
	want("another one after reopening", " answered 2 registered 4 signed-in 3")
	must(t, st.Close())
}
