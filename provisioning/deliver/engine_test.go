package deliver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"strowger/store"
	"strowger/store/storetest"
)

// office is an engine over a real store in a directory of its own.
type office struct {
	t   testing.TB
	dir string
	st  *store.Store
	e   *Engine
}

func newOffice(t testing.TB, site string) *office {
	o := &office{t: t, dir: t.TempDir()}
	o.open()
	storetest.Apply(t, o.st, site)
	return o
}

// open begins again on what there is, as a start after a crash does.
func (o *office) open() {
	o.st = storetest.Open(o.t, storetest.Bolt(o.t, filepath.Join(o.dir, "strowger.db")), store.Options{})
	o.e = Start(Options{Store: o.st, Data: o.dir, Log: slog.New(slog.NewTextHandler(o.t.Output(), nil))})
	o.t.Cleanup(o.e.Close)
}

func (o *office) close() {
	o.e.Close()
	if err := o.st.Close(); err != nil {
		o.t.Fatal(err)
	}
}

var captured = time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)

// capture makes a recording that is done and hands it over.
func (o *office) capture(id string, audio []byte, methods ...string) {
	o.t.Helper()
	ctx := context.Background()
	file := "recordings/" + id + ".wav"
	if err := os.MkdirAll(filepath.Join(o.dir, "recordings"), 0o700); err != nil {
		o.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(o.dir, file), audio, 0o600); err != nil {
		o.t.Fatal(err)
	}
	r := &store.CallRecording{ID: id, Org: "default", CallID: "call", UserIDs: []string{"anna"}, Direction: store.DirInbound,
		From: "+12025550142", To: "101", CreatedAt: captured, DurationMS: 1000, Format: "wav", SHA256: hash(audio), Bytes: int64(len(audio)),
		State: store.RecordingCaptured, File: file}
	for _, m := range methods {
		r.Deliveries = append(r.Deliveries, store.Delivery{DeliveryMethodID: m, State: store.DeliveryWaiting})
	}
	if err := o.st.PutRecording(ctx, r); err != nil {
		o.t.Fatal(err)
	}
	if err := o.st.HandOver(ctx, store.JobRecording, "default", id, ""); err != nil {
		o.t.Fatal(err)
	}
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func (o *office) recording(id string) *store.CallRecording {
	o.t.Helper()
	r, err := o.st.Recording(context.Background(), "default", id)
	if err != nil {
		o.t.Fatal(err)
	}
	return r
}

// jobs are all of the outbox, newest first.
func (o *office) jobs() []*store.Job {
	o.t.Helper()
	jobs, err := o.st.Jobs(context.Background(), "default", "", 1000)
	if err != nil {
		o.t.Fatal(err)
	}
	return jobs
}

func (o *office) retry(j *store.Job) {
	o.t.Helper()
	_, err := o.st.ChangeJob(context.Background(), j.Org, j.ID, func(j *store.Job) error {
		j.State, j.Attempts, j.Since, j.NextTry = store.JobQueued, 0, time.Now(), time.Now()
		return nil
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

// files lists what is below a folder of the data directory.
func (o *office) files(below string) (out []string) {
	filepath.WalkDir(filepath.Join(o.dir, below), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(filepath.Join(o.dir, below), path)
			out = append(out, rel)
		}
		return nil
	})
	return out
}

const twoDisks = `{"delivery_methods": [{"id": "a", "kind": "disk", "settings": {"path": "a"}}, {"id": "b", "kind": "disk", "settings": {"path": "b/c"}}]}`

var sound = bytes.Repeat([]byte("RIFF"), 50_000)

func TestDeliversToEachMethodAndProvesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, twoDisks)
		o.capture("rec", sound, "a", "b")
		synctest.Wait()
		r := o.recording("rec")
		if r.State != store.RecordingDelivered {
			t.Fatalf("the recording is %s: %+v", r.State, r.Deliveries)
		}
		for i, below := range []string{"a", "b/c"} {
			name := "deliveries/default/" + below + "/2026/11/22/093000_+12025550142_101_rec.wav"
			if d := r.Deliveries[i]; d.State != store.DeliveryDelivered || d.Where != name || d.SHA256 != r.SHA256 || d.Tries != 1 || d.At.IsZero() {
				t.Errorf("no proof: %+v", d)
			}
			if got, err := os.ReadFile(filepath.Join(o.dir, name)); err != nil || !bytes.Equal(got, sound) {
				t.Errorf("%s: %d bytes, %v", name, len(got), err)
			}
		}
		// A crash came between the proof and the end of a job: the same again.
		for _, j := range o.jobs() {
			if j.State != store.JobDone {
				t.Errorf("job %+v", j)
			}
			o.retry(j)
		}
		synctest.Wait()
		if files := o.files("deliveries"); len(files) != 2 {
			t.Errorf("doubled: %q", files)
		}
		if o.e.Queue() != 0 {
			t.Errorf("%d in the queue", o.e.Queue())
		}
	})
}

// What stands in the way for three days makes a job dead; then it waits for
// somebody, and a retry delivers it.
func TestGivesUpAndIsRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, twoDisks)
		block := filepath.Join(o.dir, "deliveries/default/a")
		if err := os.MkdirAll(filepath.Dir(block), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(block, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		o.capture("rec", sound, "a", "b")
		synctest.Wait()
		if r := o.recording("rec"); r.State != store.RecordingCaptured || r.Deliveries[0].State != store.DeliveryQueued || r.Deliveries[0].Error == "" || r.Deliveries[1].State != store.DeliveryDelivered {
			t.Fatalf("after one attempt: %+v", r)
		}
		var waits []time.Duration
		var dead *store.Job
		for dead == nil {
			for _, j := range o.jobs() {
				switch {
				case j.DeliveryMethodID != "a":
				case j.State == store.JobDead:
					dead = j
				default:
					waits = append(waits, time.Until(j.NextTry))
					time.Sleep(time.Until(j.NextTry))
					synctest.Wait()
				}
			}
		}
		if waits[0] < time.Minute || waits[0] > 75*time.Second || waits[1] <= waits[0] || waits[len(waits)-1] < 4*time.Hour || waits[len(waits)-1] > 5*time.Hour {
			t.Errorf("waits %v", waits)
		}
		if age := dead.EndedAt.Sub(dead.CreatedAt); age < 66*time.Hour || age > giveUp || dead.LastError == "" || dead.Attempts != len(waits)+1 {
			t.Errorf("dead after %v: %+v", age, dead)
		}
		if r := o.recording("rec"); r.State != store.RecordingCaptured || r.Deliveries[0].State != store.DeliveryFailed {
			t.Errorf("%+v", r)
		}
		if err := os.Remove(block); err != nil {
			t.Fatal(err)
		}
		time.Sleep(24 * time.Hour)
		if r := o.recording("rec"); r.Deliveries[0].State != store.DeliveryFailed {
			t.Error("a dead job was tried")
		}
		o.retry(dead)
		synctest.Wait()
		if r := o.recording("rec"); r.State != store.RecordingDelivered {
			t.Errorf("after the retry: %+v", r)
		}
	})
}

// What was promised before the exchange ended is done after it began again.
func TestRestartInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, twoDisks)
		o.e.Close() // nobody sends
		for i := range 20 {
			o.capture(fmt.Sprintf("rec%d", i), sound, "a", "b")
		}
		o.close()
		o.open()
		synctest.Wait()
		if files := o.files("deliveries"); len(files) != 40 {
			t.Errorf("%d files", len(files))
		}
		for i := range 20 {
			if r := o.recording(fmt.Sprintf("rec%d", i)); r.State != store.RecordingDelivered {
				t.Errorf("%+v", r)
			}
		}
	})
}

func TestNothingIsSentThatIsNotWhatItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, twoDisks)
		o.e.Close()
		o.capture("changed", sound, "a")
		o.capture("lost", sound, "a")
		o.capture("deleted", sound, "a")
		o.capture("no-method", sound, "gone")
		if err := os.WriteFile(filepath.Join(o.dir, "recordings/changed.wav"), []byte("other"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(o.dir, "recordings/lost.wav")); err != nil {
			t.Fatal(err)
		}
		if err := o.st.DeleteRecording(t.Context(), "default", "deleted"); err != nil {
			t.Fatal(err)
		}
		o.close()
		o.open()
		synctest.Wait()
		want := map[string]string{"changed": "not what was captured", "lost": "is gone", "no-method": "was deleted"}
		for _, j := range o.jobs() {
			if why := want[j.What]; why == "" || j.State != store.JobDead || !strings.Contains(j.LastError, why) {
				t.Errorf("%s is %s: %s", j.What, j.State, j.LastError)
			}
			delete(want, j.What)
		}
		if len(want) > 0 || len(o.files("deliveries")) > 0 {
			t.Errorf("missing %v, files %q", want, o.files("deliveries"))
		}
	})
}

// A path leads nowhere but to the organization's own folder.
func TestDiskStaysWhereItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, `{"delivery_methods": [{"id": "up", "kind": "disk", "settings": {"path": "x"}}, {"id": "link", "kind": "disk", "settings": {"path": "link"}}]}`)
		outside := t.TempDir()
		if err := os.MkdirAll(filepath.Join(o.dir, "deliveries/default"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(outside, filepath.Join(o.dir, "deliveries/default/link")); err != nil {
			t.Fatal(err)
		}
		o.capture("rec", sound, "up", "link")
		synctest.Wait()
		r := o.recording("rec")
		if !strings.HasPrefix(r.Deliveries[0].Where, "deliveries/default/x/") {
			t.Errorf("%+v", r.Deliveries[0])
		}
		if r.Deliveries[1].State != store.DeliveryQueued || r.Deliveries[1].Error == "" {
			t.Errorf("%+v", r.Deliveries[1])
		}
		if left, _ := os.ReadDir(outside); len(left) > 0 {
			t.Error("something was written outside")
		}
	})
}

func TestWithheldCallersStayUnknown(t *testing.T) {
	o := newOffice(t, twoDisks)
	o.e.Close()
	o.capture("rec", sound, "a")
	r := o.recording("rec")
	r.Withheld, r.CallerUserID, r.From, r.UserIDs = true, "ion", "102", []string{"ion", "anna"}
	if err := o.st.PutRecording(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	p, err := o.e.parcel(t.Context(), o.jobs()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer p.file.Close()
	if p.about.From != store.Anonymous || len(p.about.UserIDs) != 1 || strings.Contains(p.name, "102") {
		t.Errorf("%s: %+v", p.name, p.about)
	}
}
