package provisioning

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/store"
)

// A tenancy is a data directory with two organizations that have the same things.
type tenancy struct {
	t   *testing.T
	dir string
	now time.Time
	*Service
}

// What each has on disk: its own but for the archive goes with it.
var ownFiles = []string{"audio/@acme/hello", "recordings/acme.wav", "spool/acme.rtp.kept", "spool/acme-live.rtp", "voicemail/acme.wav"}

const archived = "deliveries/acme/2026/acme.wav"

func newTenancy(t *testing.T) *tenancy {
	x := &tenancy{t: t, dir: t.TempDir(), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	x.Service = reopened(t, x.dir, &x.now)
	x.made()
	sum := sha256.Sum256([]byte("sound"))
	hash := hex.EncodeToString(sum[:])
	for _, org := range []string{"acme", store.DefaultOrganization} {
		x.upload(org)
		x.write("recordings/"+org+".wav", "spool/"+org+".rtp.kept", "spool/"+org+"-live.rtp", "voicemail/"+org+".wav", "deliveries/"+org+"/2026/"+org+".wav")
		for _, err := range []error{
			x.store.PutRecording(t.Context(), &store.CallRecording{ID: "r-" + org, Org: org, CreatedAt: x.now, State: store.RecordingCaptured, File: "recordings/" + org + ".wav", Spool: "spool/" + org + ".rtp.kept", SHA256: hash}),
			x.store.PutRecording(t.Context(), &store.CallRecording{ID: "l-" + org, Org: org, CreatedAt: x.now, State: store.RecordingCapturing, File: "recordings/" + org + "-live.wav", Spool: "spool/" + org + "-live.rtp"}),
			x.store.PutVoicemail(t.Context(), &store.Voicemail{ID: "v-" + org, Org: org, CreatedAt: x.now, State: store.RecordingCaptured, File: "voicemail/" + org + ".wav", SHA256: hash}),
		} {
			x.must(err)
		}
	}
	return x
}

func (x *tenancy) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

func (x *tenancy) made() {
	x.t.Helper()
	_, _, err := x.CreateOrganization(x.t.Context(), me, []byte(`{"id": "acme", "name": "Acme"}`))
	x.must(err)
}

func (x *tenancy) upload(org string) {
	x.t.Helper()
	_, _, err := x.CreateAudioFile(x.t.Context(), org, me, "hello", "", bytes.NewReader(tone(x.t, 1)))
	x.must(err)
}

func (x *tenancy) write(names ...string) {
	x.t.Helper()
	for _, name := range names {
		path := filepath.Join(x.dir, name)
		x.must(os.MkdirAll(filepath.Dir(path), 0o700))
		x.must(os.WriteFile(path, []byte("sound"), 0o600))
	}
}

// restart is what serve does.
func (x *tenancy) restart() {
	x.t.Helper()
	x.must(x.store.Close())
	x.Service = reopened(x.t, x.dir, &x.now)
	x.must(FinishRemovals(x.t.Context(), x.store, x.dir, x.log))
}

// files lists what of the captures, sounds and archives is on disk.
func (x *tenancy) files() (files []string) {
	x.t.Helper()
	for _, dir := range []string{"audio", "recordings", "spool", "voicemail", "deliveries"} {
		x.must(filepath.WalkDir(filepath.Join(x.dir, dir), func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				name, failed := filepath.Rel(x.dir, path)
				files, err = append(files, filepath.ToSlash(name)), failed
			}
			return err
		}))
	}
	return files
}

func (x *tenancy) wantPromised(want ...string) {
	x.t.Helper()
	if files, err := x.store.Removals(x.t.Context()); err != nil || !slices.Equal(files, want) {
		x.t.Errorf("go still: %v, %v; want %v", files, err, want)
	}
}

// TestOrganizationDeletedCutShort stops the exchange after the records of an
// organization went, and before its files or some of them did. After the next start
// they are gone; what it had delivered to a disk and what others have is not.
func TestOrganizationDeletedCutShort(t *testing.T) {
	for name, gone := range map[string][]string{"before any file": nil, "after some": ownFiles[:3], "after all": ownFiles} {
		t.Run(name, func(t *testing.T) {
			x := newTenancy(t)
			others := slices.DeleteFunc(x.files(), func(file string) bool { return slices.Contains(ownFiles, file) })
			if len(others) != 7 || !slices.Contains(others, archived) {
				t.Fatalf("others': %v", others)
			}
			_, files, err := x.store.DeleteOrganization(t.Context(), me, "acme")
			x.must(err)
			if len(files) != 4 {
				t.Errorf("go at once: %v", files)
			}
			for _, file := range gone {
				x.must(os.Remove(filepath.Join(x.dir, file)))
			}
			x.restart()
			if left := x.files(); !slices.Equal(left, others) {
				t.Errorf("left: %v, want %v", left, others)
			}
			x.wantPromised()
			x.wantSound()
			problems, err := x.store.Check(t.Context())
			if err != nil || len(problems) > 0 {
				t.Errorf("the store: %v, %v", problems, err)
			}
			if r, err := x.CheckAll(t.Context()); err != nil || len(r.Problems) != 1 || r.Recordings != 2 || !strings.HasPrefix(r.Problems[0].Where, "default/recordings/l-default") {
				t.Errorf("a check: %+v, %v", r, err)
			}
		})
	}
}

func (x *tenancy) wantSound() {
	x.t.Helper()
	wantSound(x.t, x.Service, store.DefaultOrganization, "hello")
}

// The files of a deleted organization go with it, but those that the recorder has in
// hand: these go when it lets go of them, with the next hour's pass at the latest.
func TestOrganizationDeleted(t *testing.T) {
	x := newTenancy(t)
	var refused *Refusal
	if err := x.DeleteOrganization(t.Context(), me, "acme", "", false); !errors.As(err, &refused) || refused.Status != 409 || !strings.Contains(refused.Error(), "below deliveries/acme on the disk") {
		t.Errorf("unconfirmed: %v", err)
	}
	x.must(x.DeleteOrganization(t.Context(), me, "acme", "", true))
	left := slices.DeleteFunc(x.files(), func(file string) bool { return !strings.Contains(file, "acme") })
	if !slices.Equal(left, []string{"spool/acme-live.rtp", archived}) {
		t.Errorf("left: %v", left)
	}
	x.wantPromised("recordings/acme-live.wav", "spool/acme-live.rtp")
	if _, err := os.Stat(filepath.Join(x.dir, "spool/acme-live.rtp")); err != nil {
		t.Error(err)
	}
	x.must(x.finishRemovals(t.Context()))
	x.wantPromised()
	if _, err := os.Stat(filepath.Join(x.dir, "spool/acme-live.rtp")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the packets are there still: %v", err)
	}
	x.wantSound()
}

// A sound of the next organization under the same id does not go by the promise that
// one of the last goes.
func TestSoundOfTheNextOrganization(t *testing.T) {
	x := newTenancy(t)
	_, _, err := x.store.DeleteOrganization(t.Context(), me, "acme")
	x.must(err)
	x.now = x.now.Add(time.Minute)
	x.made()
	x.upload("acme")
	x.restart()
	wantSound(t, x.Service, "acme", "hello")
	x.wantPromised()
	if list, err := x.store.Recordings(t.Context(), "acme", "", 10); err != nil || len(list) > 0 {
		t.Errorf("it has %v, %v", list, err)
	}
}
