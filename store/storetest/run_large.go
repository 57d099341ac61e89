package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/store"
)

const crowd = 300 // records that are too much for one commit, and for one value

// crowded puts so many large records.
func crowded(prefix string) func(*store.Edit) error {
	var days []store.DateException
	for day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); len(days) < 300; day = day.AddDate(0, 0, 1) {
		days = append(days, store.DateException{Date: day.Format(time.DateOnly), Ranges: []store.DayRange{{From: "09:00", To: "12:30"}}})
	}
	return func(e *store.Edit) error {
		for i := range crowd {
			id := fmt.Sprintf("%s-%03d", prefix, i)
			if err := e.TimeSchedules.Put(store.TimeSchedule{Meta: store.Meta{ID: id}, Name: id, Exceptions: days}); err != nil {
				return err
			}
		}
		return nil
	}
}

// those counts the records of a prefix, as they are in memory.
func those(st *store.Store, prefix string) (n int) {
	s, _ := st.Snapshot(store.DefaultOrganization)
	for id := range s.TimeSchedules.All() {
		if strings.HasPrefix(id, prefix+"-") {
			n++
		}
	}
	return n
}

// tidyDisk says that nothing is left of a save on its way.
func tidyDisk(t testing.TB, b store.Backend) {
	t.Helper()
	if left := contents(t, b, store.BucketAhead, nil, nil); len(left) > 0 {
		t.Errorf("%d parts that were written ahead are left", len(left))
	}
	if left := contents(t, b, store.BucketMeta, []byte("ahead"), []byte("aheae")); len(left) > 0 {
		t.Errorf("the mark of them is left: %q", left)
	}
}

// sound checks a store, and what it has on disk against what it has in memory.
func sound(t testing.TB, st *store.Store) {
	t.Helper()
	problems, err := st.Check(context.Background())
	must(t, err)
	for _, p := range problems {
		t.Errorf("%+v", p)
	}
}

func largeSavesAreWhole(t *testing.T, open func() store.Backend) {
	ctx, org, by := context.Background(), store.DefaultOrganization, store.Author{Who: "test"}
	var c *counting
	counted := func() store.Backend {
		c = &counting{Backend: open()}
		return c
	}
	st := reopen(t, nil, counted)
	before := c.commits.Load()
	rev, err := st.Update(ctx, org, by, func(e *store.Edit) error {
		e.Shown = 5
		last := 0.0
		e.Progress = func(part float64) error {
			if part < last || part > 1 {
				t.Errorf("progress %v after %v", part, last)
			}
			last = part
			return nil
		}
		return crowded("a")(e)
	})
	must(t, err)
	if n := c.commits.Load() - before; n < 5 {
		t.Fatalf("%d commits: this is no large save", n)
	}
	if rev.Count != crowd || len(rev.Changes) != 5 || rev.Changes[4].Path != "time_schedules/a-004" {
		t.Errorf("%d changes, %d shown", rev.Count, len(rev.Changes))
	}
	tidyDisk(t, c)
	whole := dump(t, st, org)
	st = reopen(t, st, counted)
	if dump(t, st, org) != whole {
		t.Error("it is not the same after reopening")
	}
	sound(t, st)

	for _, from := range []int{0, 1, 63, 64, 65, 191, 192, 193, crowd - 1, crowd, crowd + 500} {
		r, err := st.RevisionByNumber(ctx, org, rev.Revision, from, 150)
		must(t, err)
		if r.Count != crowd || len(r.Changes) != max(0, min(150, crowd-from)) {
			t.Errorf("from %d: %d of %d changes", from, len(r.Changes), r.Count)
		}
		for i, ch := range r.Changes {
			if want := fmt.Sprintf("time_schedules/a-%03d", from+i); ch.Path != want || ch.Op != store.OpCreate {
				t.Fatalf("change %d is %s %s", from+i, ch.Op, ch.Path)
			}
		}
		if len(r.Changes) > 0 {
			text, err := r.Changes[0].After.JSON()
			if err != nil || !strings.Contains(string(text), `"2026-10-27"`) {
				t.Errorf("the record is %.200s, %v", text, err)
			}
		}
	}
	seen := 0
	must(t, st.EachRevision(ctx, org, 0, func(r *store.Revision, changes iter.Seq[*store.Change]) bool {
		for range changes {
			seen++
		}
		return r.Revision != rev.Revision
	}))
	if seen != crowd {
		t.Errorf("%d changes in all", seen)
	}

	undone, err := st.Update(ctx, org, by, st.Undoing(ctx, org, rev.Revision))
	must(t, err)
	if undone.Count != crowd || those(st, "a") != 0 {
		t.Errorf("undone: %d changes, %d records left", undone.Count, those(st, "a"))
	}
	for _, back := range []func(*store.Edit) error{st.Undoing(ctx, org, undone.Revision), st.Restoring(ctx, org, rev.Revision)} {
		tried, is, would, err := st.Preview(ctx, org, by, back)
		must(t, err)
		if tried.Count != crowd || len(tried.Changes) != crowd || is.TimeSchedules.Len() != 0 || would.TimeSchedules.Len() != crowd {
			t.Errorf("back would be %d changes to %d records", tried.Count, would.TimeSchedules.Len())
		}
	}
	_, err = st.Update(ctx, org, by, st.Undoing(ctx, org, undone.Revision))
	must(t, err)
	s, _ := st.Snapshot(org)
	if r, ok := s.TimeSchedules.Get("a-299"); !ok || len(r.Exceptions) != 300 {
		t.Error("a record did not come back")
	}
	var conflict *store.ConflictError
	if _, err := st.Update(ctx, org, by, st.Undoing(ctx, org, rev.Revision)); !errors.As(err, &conflict) || len(conflict.Others) != 20 {
		t.Errorf("undone twice: %v", err)
	}
	tidyDisk(t, c)
	sound(t, st)
	must(t, st.Close())
}

// A watched disk tells of each commit of a large save, before it and after it.
type watched struct {
	store.Backend
	tell func(step string, done bool)
}

// The steps of a large save.
const (
	writesAhead = "writes ahead"
	saves       = "saves" // makes what was written ahead the next revision
	places      = "places"
)

func (w *watched) Commit(ctx context.Context, ops []store.Op) error {
	step := ""
	for _, op := range ops {
		switch {
		case op.Bucket == store.BucketAhead && op.Value != nil:
			step = writesAhead
		case op.Bucket == store.BucketMeta && string(op.Key) == "ahead" && op.Value != nil:
			step = saves
		case op.Bucket == store.BucketAhead, op.Bucket == store.BucketMeta && string(op.Key) == "ahead":
			step = places
		}
	}
	if step == "" {
		return w.Backend.Commit(ctx, ops)
	}
	w.tell(step, false)
	err := w.Backend.Commit(ctx, ops)
	w.tell(step, true)
	return err
}

// largeSavesShow looks at a large save from beside it: it is to be seen, all of it,
// from its small commit on, before any of it is in place, and nothing of it before.
func largeSavesShow(t *testing.T, open func() store.Backend) {
	ctx, org, by := context.Background(), store.DefaultOrganization, store.Author{Who: "test"}
	w := &watched{Backend: open(), tell: func(string, bool) {}}
	st := reopen(t, nil, func() store.Backend { return w })
	was := st.Revision()
	changes := st.Watch()
	defer changes.Close()
	told := func() bool {
		select {
		case <-changes.C():
			return true
		default:
			return false
		}
	}
	for told() {
	}
	var steps []string
	w.tell = func(step string, done bool) {
		if !done && (len(steps) == 0 || steps[len(steps)-1] != step) {
			steps = append(steps, step)
			if step == places {
				if n := len(contents(t, w, store.BucketTimeSchedules, nil, nil)); n != 0 || !told() {
					t.Errorf("%d records are in place before it is to be seen, or who watches has not heard of it", n)
				}
			}
		}
		s, _ := st.Snapshot(org)
		want, revision := 0, was
		if step == places {
			want, revision = crowd, was+1
		}
		if n := those(st, "a"); n != want || st.Revision() != revision || s.Revision != revision {
			t.Errorf("%s (done: %v): %d records are to be seen, of revision %d and %d; want %d of %d", step, done, n, st.Revision(), s.Revision, want, revision)
		}
		if step != places && told() {
			t.Errorf("%s (done: %v): who watches has heard of it already", step, done)
		}
	}
	_, err := st.Update(ctx, org, by, crowded("a"))
	must(t, err)
	want(t, "steps", steps, []string{writesAhead, saves, places})
	if n := len(contents(t, w, store.BucketTimeSchedules, nil, nil)); n != crowd {
		t.Errorf("%d records are in place", n)
	}
	must(t, st.Close())
}

// A failing disk takes no commit from one on, or not that one.
type failing struct {
	store.Backend
	at, until, done int
	most            int // bytes of a commit
}

var errDisk = errors.New("the disk failed")

func (f *failing) Commit(ctx context.Context, ops []store.Op) error {
	configuration := slices.ContainsFunc(ops, func(op store.Op) bool {
		return op.Bucket == store.BucketAhead || op.Bucket == store.BucketMeta
	})
	size := 0
	for _, op := range ops {
		size += len(op.Key) + len(op.Value)
	}
	f.most = max(f.most, size)
	if configuration {
		if f.done++; f.done >= f.at && f.done <= f.until {
			return errDisk
		}
	}
	return f.Backend.Commit(ctx, ops)
}

func largeSavesSurviveADisk(t *testing.T, open func() store.Backend) {
	ctx, org, by := context.Background(), store.DefaultOrganization, store.Author{Who: "test"}
	begin := func(b store.Backend) *store.Store {
		st, err := store.Open(ctx, b, store.Options{Key: Key, Log: slog.New(slog.DiscardHandler)})
		must(t, err)
		return st
	}
	must(t, begin(open()).Close())
	refused, saved := 0, 0
	for at := 1; ; at++ {
		prefix := fmt.Sprint("n", at)
		// As if it had been killed: nothing is written any more.
		f := &failing{Backend: open(), at: at, until: 1 << 30}
		st := begin(f)
		was := st.Revision()
		_, err := st.Update(ctx, org, by, crowded(prefix))
		failed, done := err != nil, f.done >= at
		switch {
		case err != nil && !errors.Is(err, errDisk):
			t.Fatal(err)
		case failed && (those(st, prefix) != 0 || st.Revision() != was):
			t.Errorf("commit %d failed and %d records are to be seen", at, those(st, prefix))
		case !failed && those(st, prefix) != crowd:
			t.Errorf("commit %d: saved, and %d records are to be seen", at, those(st, prefix))
		}
		if _, err := st.Update(ctx, org, by, crowded(prefix+"x")); done && err == nil {
			t.Errorf("commit %d: more was saved", at)
		}
		must(t, st.Close())
		// A disk that takes nothing keeps a start from finishing what was saved, but not
		// from starting with what was not.
		still, err := store.Open(ctx, &failing{Backend: open(), at: 1, until: 1 << 30}, store.Options{Key: Key, Log: slog.New(slog.DiscardHandler)})
		switch {
		case !done:
			must(t, err)
		case failed && (err != nil || those(still, prefix) != 0):
			t.Errorf("commit %d failed, and without a disk it does not start: %v", at, err)
		case !failed && !errors.Is(err, errDisk):
			t.Errorf("commit %d: it starts without a disk, half in place: %v", at, err)
		}
		if err == nil {
			must(t, still.Close())
		}
		b := open()
		st = begin(b)
		want := crowd
		if failed {
			want = 0
		}
		if n := those(st, prefix); n != want {
			t.Errorf("commit %d failed (refused: %v): after a restart there are %d records", at, failed, n)
		}
		tidyDisk(t, b)
		sound(t, st)
		if parts := contents(t, b, store.BucketChanges, nil, nil); len(parts) != 2*saved && failed {
			t.Errorf("commit %d: %d parts of changes are left where %d revisions have some", at, len(parts), saved)
		}
		must(t, st.Close())
		if !done {
			break
		}

		// The disk took all but one.
		prefix += "b"
		f = &failing{Backend: open(), at: at, until: at}
		st = begin(f)
		_, err = st.Update(ctx, org, by, crowded(prefix))
		if (err != nil) != failed {
			t.Errorf("commit %d failed by itself: %v", at, err)
		}
		_, err = st.Update(ctx, org, by, func(e *store.Edit) error {
			return e.TimeSchedules.Put(store.TimeSchedule{Meta: store.Meta{ID: prefix + "-000"}, Name: "later"})
		})
		must(t, err)
		tidyDisk(t, f)
		must(t, st.Close())
		st = begin(open())
		if n := those(st, prefix); n != max(want, 1) {
			t.Errorf("commit %d failed by itself: %d records", at, n)
		}
		s, _ := st.Snapshot(org)
		if r, ok := s.TimeSchedules.Get(prefix + "-000"); !ok || r.Name != "later" {
			t.Errorf("commit %d: what was saved later was overwritten", at)
		}
		sound(t, st)
		_, err = st.Update(ctx, org, by, func(e *store.Edit) error {
			for id := range e.Base().TimeSchedules.All() {
				if err := e.TimeSchedules.Delete(id); err != nil {
					return err
				}
			}
			return nil
		})
		must(t, err)
		must(t, st.Close())
		if failed {
			refused++
		} else {
			saved += 3 // this one, the one before it, and that they are gone
		}
	}
	if refused < 3 || saved < 9 {
		t.Errorf("%d refused, %d saved: the disk did not fail everywhere", refused, saved/3)
	}
}
