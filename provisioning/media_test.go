package provisioning

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
