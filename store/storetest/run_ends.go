package storetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/store"
)

// organizationsGoWhole ends organizations while captures of theirs are made, and
// makes another under the id: it has nothing of the one before.
func organizationsGoWhole(t *testing.T, open func() store.Backend) {
	ctx, by := context.Background(), store.Author{Who: "test"}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	st, err := store.Open(ctx, open(), store.Options{Key: Key, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	defer func() { must(t, st.Close()) }()
	made := func() {
		t.Helper()
		_, err := st.CreateOrganization(ctx, by, store.Organization{Meta: store.Meta{ID: "acme"}, Name: "Acme"})
		must(t, err)
	}
	put := func(id string, at time.Time, state store.RecordingState) error {
		return st.PutRecording(ctx, &store.CallRecording{ID: id, Org: "acme", CreatedAt: at, State: state, Spool: "spool/" + id + ".rtp", File: "recordings/" + id + ".wav"})
	}
	if err := put("unheard", now, store.RecordingExpected); !errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrGone) {
		t.Errorf("of an organization that never was: %v", err)
	}
	made()
	must(t, put("done", now, store.RecordingCaptured))
	must(t, put("live", now, store.RecordingCapturing))
	must(t, st.PutVoicemail(ctx, &store.Voicemail{ID: "message", Org: "acme", CreatedAt: now, State: store.RecordingCaptured, File: "voicemail/message.wav"}))
	must(t, st.PutRecording(ctx, &store.CallRecording{ID: "other", Org: store.DefaultOrganization, CreatedAt: now, State: store.RecordingCaptured, File: "recordings/other.wav"}))
	_, err = st.Update(ctx, "acme", by, func(e *store.Edit) error { return e.AudioFiles.Put(store.AudioFile{Meta: store.Meta{ID: "hello"}}) })
	must(t, err)
	_, err = st.Update(ctx, store.DefaultOrganization, by, func(e *store.Edit) error { return e.AudioFiles.Put(store.AudioFile{Meta: store.Meta{ID: "hello"}}) })
	must(t, err)

	now = now.Add(time.Minute)
	_, files, err := st.DeleteOrganization(ctx, by, "acme")
	must(t, err)
	slices.Sort(files)
	want(t, "files", files, []string{"audio/@acme/hello", "recordings/done.wav", "spool/done.rtp", "voicemail/message.wav"})
	promised, err := st.Removals(ctx)
	must(t, err)
	want(t, "promised", promised, []string{"audio/@acme/hello", "recordings/done.wav", "recordings/live.wav", "spool/done.rtp", "spool/live.rtp", "voicemail/message.wav"})

	for range 2 {
		if err := put("live", now.Add(-time.Minute), store.RecordingCaptured); !errors.Is(err, store.ErrGone) {
			t.Errorf("what was captured before the end: %v", err)
		}
		if err := st.HandOver(ctx, store.JobRecording, "acme", "live", ""); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("handed over: %v", err)
		}
		if err := put("new", now, store.RecordingExpected); errors.Is(err, store.ErrGone) {
			made()
		} else if err != nil {
			t.Error(err)
		}
	}
	list, err := st.Recordings(ctx, "acme", "", 10)
	must(t, err)
	if len(list) != 1 || list[0].ID != "new" {
		t.Errorf("the new organization has %v", list)
	}

	// Captures that are made while their organization goes.
	for round := range 20 {
		var makers sync.WaitGroup
		for i := range 4 {
			makers.Go(func() {
				if err := put(fmt.Sprint("r", round, i), now, store.RecordingExpected); err != nil && !errors.Is(err, store.ErrGone) {
					t.Error(err)
				}
			})
		}
		_, _, err := st.DeleteOrganization(ctx, by, "acme")
		must(t, err)
		makers.Wait()
		must(t, st.AllRecordings(ctx, func(r *store.CallRecording) error {
			if r.Org == "acme" {
				t.Errorf("%s outlived its organization", r.ID)
			}
			return nil
		}))
		made()
	}
}

// largeOrganizationsGo cuts the end of an organization with thousands of recordings
// short at each of its commits: it is all there with nothing promised to go, or gone
// with the promise of every file; and no commit is larger than those of any save.
func largeOrganizationsGo(t *testing.T, open func() store.Backend) {
	const many = 8000
	ctx, by := context.Background(), store.Author{Who: "test"}
	begin := func(b store.Backend) *store.Store {
		st, err := store.Open(ctx, b, store.Options{Key: Key, Log: slog.New(slog.DiscardHandler)})
		must(t, err)
		return st
	}
	st := begin(open())
	_, err := st.CreateOrganization(ctx, by, store.Organization{Meta: store.Meta{ID: "acme"}})
	must(t, err)
	var makers sync.WaitGroup
	for part := range 100 { // together: they share commits
		makers.Go(func() {
			for i := part; i < many; i += 100 {
				id := fmt.Sprintf("%s-%05d", strings.Repeat("r", 26), i)
				if err := st.PutRecording(ctx, &store.CallRecording{ID: id, Org: "acme", CreatedAt: time.Now(), State: store.RecordingCaptured, File: "recordings/2026/03/01/" + id + ".wav"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	makers.Wait()
	must(t, st.Close())
	cut := 0
	for at := 1; ; at++ {
		f := &failing{Backend: open(), at: at, until: 1 << 30}
		st := begin(f)
		_, files, err := st.DeleteOrganization(ctx, by, "acme")
		refused := err != nil
		if refused && !errors.Is(err, errDisk) || !refused && len(files) != many {
			t.Fatalf("commit %d: %d files, %v", at, len(files), err)
		}
		if f.most > 5<<20 {
			t.Errorf("a commit of %d bytes", f.most)
		}
		must(t, st.Close())
		b := open()
		st = begin(b)
		records := 0
		must(t, st.AllRecordings(ctx, func(*store.CallRecording) error { records++; return nil }))
		promised, err := st.Removals(ctx)
		must(t, err)
		_, there := st.Snapshot("acme")
		if there != refused || refused && (records != many || len(promised) != 0) || !refused && (records != 0 || len(promised) != many) {
			t.Errorf("commit %d (refused: %v): after a start it is there: %v; %d recordings, %d files go", at, refused, there, records, len(promised))
		}
		tidyDisk(t, b)
		sound(t, st)
		must(t, st.Close())
		if !refused {
			break // the others bring into place what is saved
		}
		cut++
	}
	if cut < 2 {
		t.Errorf("cut short at %d commits", cut)
	}
}
