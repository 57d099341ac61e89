package provisioning

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"strowger/media/audio"
	"strowger/store"
)

// tone is a WAV file of some samples, all the same.
func tone(t *testing.T, sample int16) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tone.wav")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	pcm := make([]int16, 800)
	for i := range pcm {
		pcm[i] = sample
	}
	if err := writeClip(f, &audio.Clip{Rate: 8000, PCM: pcm}); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// wantSound opens a sound and compares it with what its record says.
func wantSound(t *testing.T, s *Service, org, id string) {
	t.Helper()
	f, err := s.OpenAudioFile(org, id)
	if err != nil {
		t.Fatalf("audio file %s: %v", id, err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		t.Fatal(err)
	}
	if sum := hex.EncodeToString(h.Sum(nil)); sum != f.SHA256 {
		t.Fatalf("the sound of %s is %s, its record's is %s", id, sum, f.SHA256)
	}
}

// TestUploadsAtOnce: of two uploads with one id the one that is refused leaves
// the other's sound alone, and so does a delete that is still under way.
func TestUploadsAtOnce(t *testing.T) {
	s, _ := newService(t)
	for _, org := range []string{store.DefaultOrganization, "acme"} {
		if org != store.DefaultOrganization {
			if _, _, err := s.CreateOrganization(t.Context(), me, []byte(`{"id": "acme", "name": "Acme"}`)); err != nil {
				t.Fatal(err)
			}
		}
		for range 50 {
			var all sync.WaitGroup
			var mu sync.Mutex
			kept := 0
			for i := range 3 {
				sound := tone(t, int16(i))
				all.Go(func() {
					_, _, err := s.CreateAudioFile(t.Context(), org, me, "hello", "", bytes.NewReader(sound))
					mu.Lock()
					defer mu.Unlock()
					if refused := (*Refusal)(nil); err == nil {
						kept++
					} else if !errors.As(err, &refused) || refused.Status != 409 {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if kept != 1 {
				t.Fatalf("%d uploads were kept, want 1", kept)
			}
			wantSound(t, s, org, "hello")
			all.Go(func() {
				if err := s.DeleteAudioFile(t.Context(), org, me, "hello", ""); err != nil {
					t.Error(err)
				}
			})
			_, _, err := s.CreateAudioFile(t.Context(), org, me, "hello", "", bytes.NewReader(tone(t, 9)))
			all.Wait()
			if err != nil {
				continue // it came before the delete
			}
			wantSound(t, s, org, "hello")
			if err := s.DeleteAudioFile(t.Context(), org, me, "hello", ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	if left, _ := filepath.Glob(filepath.Join(s.data, "audio", "*")); len(left) != 1 { // @acme
		t.Errorf("left behind: %v", left)
	}
}

// TestUploadCutShort: what a crash left of an upload is gone after the next start,
// and the sounds are not.
func TestUploadCutShort(t *testing.T) {
	s, _ := newService(t)
	if _, _, err := s.CreateAudioFile(t.Context(), store.DefaultOrganization, me, "hello", "", bytes.NewReader(tone(t, 1))); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(s.data)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	left, _, err := writeSound(root, &audio.Clip{Rate: 8000, PCM: make([]int16, 80)})
	if err != nil {
		t.Fatal(err)
	}
	s = New(s.store, Options{Data: s.data})
	if _, err := root.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", left, err)
	}
	wantSound(t, s, store.DefaultOrganization, "hello")
}
