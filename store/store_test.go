package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"strowger/store"
	"strowger/store/storetest"
)

var by = store.Author{Who: "test", Summary: "a change"}

func update(t testing.TB, st *store.Store, edit func(*store.Edit) error) store.Revision {
	t.Helper()
	rev, err := st.Update(context.Background(), store.DefaultOrganization, by, edit)
	if err != nil {
		t.Fatal(err)
	}
	return rev
}

func current(st *store.Store) *store.Snapshot {
	s, _ := st.Snapshot(store.DefaultOrganization)
	return s
}

// changed puts a changed copy of a contact method.
func changed(e *store.Edit, id string, change func(*store.ContactMethod)) error {
	line, ok := e.ContactMethods.Get(id)
	if !ok {
		return store.ErrNotFound
	}
	next := *line
	if line.SIPAccount != nil {
		account := *line.SIPAccount
		next.SIPAccount = &account
	}
	change(&next)
	return e.ContactMethods.Put(next)
}

// brittle fails the commits that it is told to.
type brittle struct {
	store.Backend
	full atomic.Bool
}

func (b *brittle) Commit(ctx context.Context, ops []store.Op) error {
	if b.full.Load() {
		return store.ErrFull
	}
	return b.Backend.Commit(ctx, ops)
}

func TestRefusedChangeChangesNothing(t *testing.T) {
	backend := &brittle{Backend: storetest.Memory()}
	st := storetest.Open(t, backend, store.Options{})
	storetest.Apply(t, st, storetest.Site)
	before, directory, revision := current(st), st.Directory(), st.Revision()
	w := st.Watch()
	defer w.Close()
	for what, edit := range map[string]func(*store.Edit) error{
		"its own error": func(e *store.Edit) error { e.Users.Delete("anna"); return store.ErrNotFound },
		"invalid":       func(e *store.Edit) error { return e.Users.Put(store.User{Meta: store.Meta{ID: "u"}}) },
		"conflict": func(e *store.Edit) error {
			e.Numbers.Put(store.Number{Meta: store.Meta{ID: "n9"}, E164: "+40210000009"})
			return e.Users.Delete("ion")
		},
		"disk full": func(e *store.Edit) error {
			backend.full.Store(true)
			return e.Numbers.Put(store.Number{Meta: store.Meta{ID: "n9"}, E164: "+40210000009"})
		},
	} {
		if _, err := st.Update(context.Background(), "default", by, edit); err == nil {
			t.Errorf("%s: taken", what)
		}
		backend.full.Store(false)
		if current(st) != before || st.Directory() != directory || st.Revision() != revision {
			t.Errorf("%s: something changed", what)
		}
	}
	select {
	case <-w.C():
		t.Error("woken for nothing")
	default:
	}
	update(t, st, func(e *store.Edit) error {
		return e.Numbers.Put(store.Number{Meta: store.Meta{ID: "n9"}, E164: "+40210000009"})
	})
	if _, ok := st.Directory().ByDID("+40210000009"); !ok || st.Revision() != revision+1 {
		t.Error("after the refusals the same change does not work")
	}
	<-w.C()
}

// What a caller does to its record after Put changes nothing.
func TestRecordsAreNotShared(t *testing.T) {
	st := storetest.New(t)
	storetest.Apply(t, st, storetest.Site)
	ids := []string{"ion-desk"}
	account := &store.SIPAccount{Username: "fresh", Password: "a password", Codecs: []string{"PCMU"}}
	update(t, st, func(e *store.Edit) error {
		u, _ := e.Users.Get("ion")
		next := *u
		next.Routing.ContactMethodIDs = ids
		return errors.Join(e.Users.Put(next), e.ContactMethods.Put(store.ContactMethod{Meta: store.Meta{ID: "z"}, UserID: "ion", Kind: store.KindSIPAccount, SIPAccount: account}))
	})
	ids[0], account.Codecs[0] = "spoilt", "spoilt"
	u, _ := current(st).Users.Get("ion")
	line, _ := current(st).Line("z")
	if u.Routing.ContactMethodIDs[0] != "ion-desk" || line.SIPAccount.Codecs[0] != "PCMU" {
		t.Error("a stored record shares memory with its caller")
	}
	if account.Password != "a password" || line.SIPAccount.Password != "" {
		t.Error("the password is in the record, or was taken from the caller's")
	}
}

func TestDirectoryOfTrunks(t *testing.T) {
	st := storetest.New(t)
	ctx := context.Background()
	if _, err := st.CreateOrganization(ctx, by, store.Organization{Meta: store.Meta{ID: "acme"}}); err != nil {
		t.Fatal(err)
	}
	trunk := func(org, id string, addresses ...string) {
		t.Helper()
		if _, err := st.Update(ctx, org, by, func(e *store.Edit) error {
			return e.Trunks.Put(store.Trunk{Meta: store.Meta{ID: id}, Host: "h", Addresses: addresses})
		}); err != nil {
			t.Fatal(err)
		}
	}
	trunk("default", "wide", "10.0.0.0/8", "2001:db8::/32")
	trunk("default", "narrow", "10.1.0.0/16")
	trunk("acme", "host", "10.1.2.3")
	trunk("acme", "wide", "10.0.0.0/8")
	find := func(ip string) string {
		var out []string
		for _, r := range st.Directory().TrunksByAddress(netip.MustParseAddr(ip)) {
			out = append(out, r.Org+"/"+r.TrunkID)
		}
		return strings.Join(out, " ")
	}
	for ip, want := range map[string]string{
		"10.1.2.3": "acme/host default/narrow acme/wide default/wide", "::ffff:10.1.2.3": "acme/host default/narrow acme/wide default/wide",
		"10.1.9.9": "default/narrow acme/wide default/wide", "10.9.9.9": "acme/wide default/wide",
		"2001:db8::5": "default/wide", "192.0.2.1": "",
	} {
		if got := find(ip); got != want {
			t.Errorf("%s: %s, want %s", ip, got, want)
		}
	}
	trunk("acme", "host", "10.1.2.4")
	if got := find("10.1.2.3"); got != "default/narrow acme/wide default/wide" {
		t.Errorf("after the change: %s", got)
	}
	if _, _, err := st.DeleteOrganization(ctx, by, "acme"); err != nil {
		t.Fatal(err)
	}
	if got := find("10.9.9.9"); got != "default/wide" {
		t.Errorf("after the organization went: %s", got)
	}
	if _, _, err := st.DeleteOrganization(ctx, by, "acme"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
}

// Readers see whole revisions, ascending, while writers write.
func TestReadersSeeWholeRevisions(t *testing.T) {
	st := storetest.Open(t, storetest.Memory(), store.Options{})
	w := st.Watch()
	defer w.Close()
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			last := uint64(0)
			for {
				s := current(st)
				if s.Revision < last || s.Users.Len() != s.ContactMethods.Len() {
					t.Errorf("revision %d after %d, %d users with %d lines", s.Revision, last, s.Users.Len(), s.ContactMethods.Len())
					return
				}
				last = s.Revision
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	var writers sync.WaitGroup
	for i := range 4 {
		writers.Go(func() {
			for j := range 50 {
				id := fmt.Sprintf("u-%d-%d", i, j)
				rev := update(t, st, func(e *store.Edit) error {
					return errors.Join(e.Users.Put(store.User{Meta: store.Meta{ID: id}, FirstName: "U"}),
						e.ContactMethods.Put(store.ContactMethod{Meta: store.Meta{ID: id}, UserID: id, Kind: store.KindApp}))
				})
				if s := current(st); s.Revision < rev.Revision {
					t.Errorf("revision %d is not visible", rev.Revision)
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	if st.Revision() != 201 {
		t.Errorf("revision %d", st.Revision())
	}
	<-w.C()
}

// onDisk is another store on what backend holds now, closed with the test.
func onDisk(t *testing.T, backend store.Backend) *store.Store {
	t.Helper()
	st, err := store.Open(context.Background(), storetest.Reopened(backend), store.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}

// A call's ladder is kept for a day, its decisions longer; refreshes and calls
// are on disk within a second.
func TestTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		backend := storetest.Memory()
		st := storetest.Open(t, backend, store.Options{})
		seen := func() (calls int, bound int) {
			other := onDisk(t, backend)
			list, err := other.Calls(ctx, "default", "", 10)
			if err != nil {
				t.Fatal(err)
			}
			other.LoadBindings(ctx, func(*store.Binding) error { bound++; return nil })
			return len(list), bound
		}
		var l store.Ladder
		l.Add(time.Now(), netip.MustParseAddrPort("192.0.2.7:5060"), false, []byte("INVITE sip:a@b SIP/2.0\r\n"))
		st.SaveCall(&store.Call{ID: "c", Org: "default", StartedAt: time.Now()},
			&store.Trace{Sentence: "s", Decisions: []store.Decision{{Rule: "r"}}}, &l)
		st.SaveBindingsLater([]store.Binding{{Org: "default", AOR: "a", Contact: "sip:a@192.0.2.1"}})
		if calls, bound := seen(); calls != 0 || bound != 0 {
			t.Errorf("written at once: %d %d", calls, bound)
		}
		begun := time.Now()
		if err := st.SaveBindings(ctx, []store.Binding{{Org: "default", AOR: "b"}}, nil); err != nil || time.Since(begun) > 10*time.Millisecond {
			t.Errorf("a changed binding waited %v: %v", time.Since(begun), err)
		}
		time.Sleep(time.Second)
		if calls, bound := seen(); calls != 1 || bound != 2 {
			t.Errorf("after a second there are %d calls and %d bindings", calls, bound)
		}
		var group sync.WaitGroup
		for i := range 100 {
			group.Go(func() {
				time.Sleep(time.Duration(i) * 100 * time.Microsecond)
				begun := time.Now()
				if err := st.SaveBindings(ctx, []store.Binding{{Org: "default", AOR: fmt.Sprint(i)}}, nil); err != nil || time.Since(begun) > 10*time.Millisecond {
					t.Errorf("waited %v: %v", time.Since(begun), err)
				}
			})
		}
		group.Wait()

		time.Sleep(store.LadderAge - time.Minute)
		if tr, err := st.Trace(ctx, "default", "c"); err != nil || len(tr.Ladder) != 1 {
			t.Errorf("the ladder went early: %v", err)
		}
		time.Sleep(20 * time.Minute) // and it was swept
		if tr, err := st.Trace(ctx, "default", "c"); err != nil || len(tr.Ladder) != 0 || len(tr.Decisions) != 1 {
			t.Errorf("after a day: %+v %v", tr, err)
		}
		left := 0
		backend.View(ctx, func(r store.Reader) error {
			return r.Range(store.BucketLadders, nil, nil, func(_, _ []byte) error { left++; return nil })
		})
		if left != 0 {
			t.Error("the ladder was not removed")
		}
	})
}

// The ladder of a call that has just ended waits for its last messages, whoever
// else wants something written; but not when somebody reads it, and it is not lost
// when the store closes.
func TestLadderWaitsForLastMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		backend := storetest.Memory()
		st := storetest.Open(t, backend, store.Options{})
		peer := netip.MustParseAddrPort("192.0.2.7:5060")
		end := func(id string) *store.Ladder {
			l := new(store.Ladder)
			l.Add(time.Now(), peer, true, []byte("BYE sip:a@b SIP/2.0\r\n"))
			st.SaveCall(&store.Call{ID: id, Org: "default", StartedAt: time.Now(), EndedAt: time.Now()}, &store.Trace{Sentence: id}, l)
			return l
		}
		steps := func(st *store.Store, id string) int {
			t.Helper()
			tr, err := st.Trace(ctx, "default", id)
			if err != nil || tr.Sentence != id {
				t.Fatalf("%s: %+v %v", id, tr, err)
			}
			return len(tr.Ladder)
		}
		recorded := func() {
			if err := st.PutRecording(ctx, &store.CallRecording{ID: "r", Org: "default"}); err != nil {
				t.Fatal(err)
			}
		}

		l := end("recorded")
		recorded() // has the call written with it
		time.Sleep(200 * time.Millisecond)
		recorded()
		l.Add(time.Now(), peer, false, []byte("SIP/2.0 200 OK\r\n"))
		time.Sleep(time.Second)
		if n := steps(onDisk(t, backend), "recorded"); n != 2 {
			t.Errorf("%d messages of a recorded call are on disk a second after its end, want 2", n)
		}

		end("read")
		recorded()
		if n := steps(st, "read"); n != 1 {
			t.Errorf("%d messages for who reads at once, want 1", n)
		}
		end("closed")
		recorded()
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		if n := steps(onDisk(t, backend), "closed"); n != 1 {
			t.Errorf("%d messages of a call that ended before the store closed, want 1", n)
		}
	})
}

// While the disk takes nothing calls wait in memory, and are written when it
// does again.
func TestCallsOutliveAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		backend := &brittle{Backend: storetest.Memory()}
		st := storetest.Open(t, backend, store.Options{})
		backend.full.Store(true)
		for i := range 5 {
			st.SaveCall(&store.Call{ID: fmt.Sprint(i), Org: "default", StartedAt: time.Now()}, nil, nil)
			time.Sleep(3 * time.Second)
		}
		if !st.Failing() {
			t.Error("no alarm")
		}
		if err := st.PutVoicemail(context.Background(), &store.Voicemail{ID: "v", Org: "default"}); !errors.Is(err, store.ErrFull) {
			t.Errorf("what was promised on disk: %v", err)
		}
		backend.full.Store(false)
		time.Sleep(2 * time.Second)
		list, err := st.Calls(context.Background(), "default", "", 10)
		if err != nil || len(list) != 5 || st.Failing() {
			t.Errorf("%d calls, failing %v, %v", len(list), st.Failing(), err)
		}
	})
}
