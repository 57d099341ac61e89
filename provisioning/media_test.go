package provisioning

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strowger/store"
)

// The packets of a recording that could not be decoded show in a check, and go
// when the recording does.
func TestKeptPackets(t *testing.T) {
	s, now := newService(t)
	sum := sha256.Sum256([]byte("sound"))
	gone := func(id string, remove func() error) {
		t.Helper()
		file, spool := "recordings/"+id+".wav", "spool/"+id+".rtp.kept"
		for name, text := range map[string]string{file: "sound", spool: "packets"} {
			path := filepath.Join(s.data, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		r, err := s.CheckAll(t.Context())
		if err != nil || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].What, "g729 can't be decoded") || !strings.Contains(r.Problems[0].Where, id) {
			t.Errorf("%s: %+v, %v", id, r, err)
		}
		if err := remove(); err != nil {
			t.Error(err)
		}
		for _, name := range []string{file, spool} {
			if _, err := os.Stat(filepath.Join(s.data, name)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s is still there: %v", name, err)
			}
		}
	}
	for _, state := range []store.RecordingState{store.RecordingDelivered, store.RecordingFailed} {
		id := "r-" + string(state)
		if err := s.store.PutRecording(t.Context(), &store.CallRecording{ID: id, Org: store.DefaultOrganization, CreatedAt: *now, State: state,
			Error: "g729 can't be decoded", File: "recordings/" + id + ".wav", SHA256: hex.EncodeToString(sum[:]), Spool: "spool/" + id + ".rtp.kept"}); err != nil {
			t.Fatal(err)
		}
		gone(id, func() error { return s.DeleteRecording(t.Context(), store.DefaultOrganization, id) })
	}
	if err := s.store.PutVoicemail(t.Context(), &store.Voicemail{ID: "v", Org: store.DefaultOrganization, CreatedAt: *now, State: store.RecordingFailed,
		Error: "g729 can't be decoded", Spool: "spool/v.rtp.kept", File: "recordings/v.wav"}); err != nil {
		t.Fatal(err)
	}
	gone("v", func() error { return s.DeleteVoicemail(t.Context(), store.DefaultOrganization, "v") })
}

// TestDeletionCutShort stops the exchange at each step of a deletion. After the next
// start the record and its files are there, or neither, and before it a check finds
// nothing wrong that the start does not put right.
func TestDeletionCutShort(t *testing.T) {
	ctx, org := t.Context(), store.DefaultOrganization
	sum := sha256.Sum256([]byte("sound"))
	const file, spool = "media/one.wav", "spool/one.rtp.kept"
	for kind, k := range map[string]struct {
		put    func(st *store.Store, at time.Time) error
		get    func(st *store.Store) error
		remove func(s *Service) (files []string, err error)
	}{
		"recording": {
			func(st *store.Store, at time.Time) error {
				return st.PutRecording(ctx, &store.CallRecording{ID: "one", Org: org, CreatedAt: at, State: store.RecordingCaptured, File: file, Spool: spool, SHA256: hex.EncodeToString(sum[:])})
			},
			func(st *store.Store) error { _, err := st.Recording(ctx, org, "one"); return err },
			func(s *Service) ([]string, error) { return s.deleteRecording(ctx, org, "one") },
		},
		"voicemail": {
			func(st *store.Store, at time.Time) error {
				return st.PutVoicemail(ctx, &store.Voicemail{ID: "one", Org: org, CreatedAt: at, State: store.RecordingCaptured, File: file, Spool: spool, SHA256: hex.EncodeToString(sum[:])})
			},
			func(st *store.Store) error { _, err := st.Voicemail(ctx, org, "one"); return err },
			func(s *Service) ([]string, error) { return s.deleteVoicemail(ctx, org, "one") },
		},
	} {
		// How many files are gone when it stops; one more: their promises have ended.
		for _, gone := range []int{-1, 0, 1, 2, 3} {
			t.Run(fmt.Sprint(kind, gone), func(t *testing.T) {
				must := func(err error) {
					t.Helper()
					if err != nil {
						t.Fatal(err)
					}
				}
				dir, now := t.TempDir(), time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
				s := reopened(t, dir, &now)
				for name, text := range map[string]string{file: "sound", spool: "packets"} {
					must(os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700))
					must(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
				}
				must(k.put(s.store, now))
				if gone >= 0 {
					files, err := k.remove(s)
					must(err)
					if len(files) != 2 {
						t.Fatalf("goes: %v", files)
					}
					for _, name := range files[:min(gone, 2)] {
						must(os.Remove(filepath.Join(dir, name)))
					}
					if gone > 2 {
						must(s.store.Removed(files))
					}
				}
				must(s.store.Close())

				s = reopened(t, dir, &now)
				if r, err := s.CheckAll(ctx); err != nil || len(r.Problems) > 0 {
					t.Errorf("before the start: %+v, %v", r, err)
				}
				must(FinishRemovals(ctx, s.store, dir, s.log))
				record := k.get(s.store)
				for _, name := range []string{file, spool} {
					_, err := os.Stat(filepath.Join(dir, name))
					if gone < 0 && (record != nil || err != nil) || gone >= 0 && !(errors.Is(record, store.ErrNotFound) && errors.Is(err, fs.ErrNotExist)) {
						t.Errorf("the record: %v, %s: %v", record, name, err)
					}
				}
				if files, err := s.store.Removals(ctx); len(files) > 0 || err != nil {
					t.Errorf("goes still: %v, %v", files, err)
				}
				if r, err := s.CheckAll(ctx); err != nil || len(r.Problems) > 0 {
					t.Errorf("after the start: %+v, %v", r, err)
				}
			})
		}
	}
}

// What the disk does not let go stays promised, and goes once the disk does.
func TestRemovalRefused(t *testing.T) {
	s, now := newService(t)
	ctx, org := t.Context(), store.DefaultOrganization
	path := filepath.Join(s.data, "media", "one.wav")
	if err := os.MkdirAll(filepath.Join(path, "in the way"), 0o700); err != nil { // a directory that is not empty is no file
		t.Fatal(err)
	}
	if err := s.store.PutRecording(ctx, &store.CallRecording{ID: "one", Org: org, CreatedAt: *now, State: store.RecordingCaptured, File: "media/one.wav"}); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteRecording(ctx, org, "one"); err != nil {
		t.Error(err)
	}
	if files, err := s.store.Removals(ctx); len(files) != 1 || err != nil {
		t.Errorf("goes still: %v, %v", files, err)
	}
	if err := os.Remove(filepath.Join(path, "in the way")); err != nil {
		t.Fatal(err)
	}
	if err := FinishRemovals(ctx, s.store, s.data, s.log); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
	if files, err := s.store.Removals(ctx); len(files) != 0 || err != nil {
		t.Errorf("goes still: %v, %v", files, err)
	}
}
