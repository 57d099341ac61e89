package record

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// memLedger is a ledger that can be told to fail.
type memLedger struct {
	mu   sync.Mutex
	m    map[string]Entry
	log  []string // id:state, as put
	fail error
}

func newLedger() *memLedger { return &memLedger{m: map[string]Entry{}} }

func (l *memLedger) Put(_ context.Context, e Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil {
		return l.fail
	}
	l.m[e.ID] = e
	l.log = append(l.log, e.ID+":"+e.State)
	return nil
}

func (l *memLedger) Delete(_ context.Context, e Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil && !errors.Is(l.fail, ErrGone) {
		return l.fail
	}
	delete(l.m, e.ID)
	return nil
}

func (l *memLedger) Unfinished(context.Context) ([]Entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []Entry
	for _, e := range l.m {
		if e.State != Delivered && e.State != Failed {
			list = append(list, e)
		}
	}
	return list, l.fail
}

func (l *memLedger) get(id string) Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.m[id]
}

func (l *memLedger) failWith(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fail = err
}

func newRecorder(t *testing.T, dir string, l Ledger, o Options) *Recorder {
	t.Helper()
	r, err := NewRecorder(dir, l, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func closed(t *testing.T, r *Recorder) {
	t.Helper()
	if err := r.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// speak taps a second of a tone on the caller's side.
func speak(s *Spool, base time.Time, seconds int) {
	p := &phone{ssrc: 1}
	for i := range 50 * seconds {
		s.Side(0).Packet(base.Add(time.Duration(i)*20*time.Millisecond), p.ulawTone(440, i))
	}
}

func begin(t *testing.T, r *Recorder, e Entry) (*Spool, time.Time) {
	t.Helper()
	if err := r.Expect(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	base := time.Now()
	s, err := r.Begin(t.Context(), e.ID, Header{StartedAt: base, Sides: both, Mono: e.Kind == KindVoicemail})
	if err != nil {
		t.Fatal(err)
	}
	return s, base
}

// wantFile checks a delivered entry against its file.
func wantFile(t *testing.T, dir string, e Entry, seconds int64) {
	t.Helper()
	if e.State != Delivered || e.Spool != "" {
		t.Fatalf("entry %+v", e)
	}
	b, err := os.ReadFile(filepath.Join(dir, e.File))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b)
	if e.SHA256 != hex.EncodeToString(sum[:]) || e.Bytes != int64(len(b)) {
		t.Errorf("%s: the ledger's hash or size is not the file's", e.ID)
	}
	if e.DurationMS != seconds*1000 {
		t.Errorf("%s: %d ms, want %d s", e.ID, e.DurationMS, seconds)
	}
	wantTone(t, e.ID, readWAV(t, filepath.Join(dir, e.File))[0][:seconds*8000], 440)
	if left := spools(dir); len(left) != 0 {
		t.Errorf("spools left behind: %v", left)
	}
}

func spools(dir string) []string {
	left, _ := filepath.Glob(filepath.Join(dir, "spool", "*"))
	return left
}

func TestLedgerWalk(t *testing.T) {
	dir, l := t.TempDir(), newLedger()
	var told []string
	r := newRecorder(t, dir, l, Options{Changed: func(e Entry) { told = append(told, e.State) }})
	created := time.Date(2026, 3, 9, 23, 59, 0, 0, time.FixedZone("", -7200))
	s, base := begin(t, r, Entry{ID: "rec-1", Org: "o", CreatedAt: created, Meta: json.RawMessage(`{"call":"c"}`)})
	if got := l.get("rec-1"); got.State != Capturing || got.Spool != "spool/rec-1.rtp" {
		t.Errorf("after Begin: %+v", got)
	}
	speak(s, base, 2)
	r.Finish("rec-1", base.Add(2*time.Second))
	if err := r.Safe(t.Context(), "rec-1"); err != nil {
		t.Error(err)
	}
	if err := r.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	e := l.get("rec-1")
	if e.File != "recordings/2026/03/10/rec-1.wav" || e.Org != "o" || string(e.Meta) != `{"call":"c"}` || e.Interrupted || e.Error != "no audio came from the callee" {
		t.Errorf("entry %+v", e)
	}
	wantFile(t, dir, e, 2)
	want := []string{Expected, Capturing, Captured, Delivered}
	if !slices.Equal(told, want) {
		t.Errorf("told %v", told)
	}
	if c := r.Counters(); c.Expected != 1 || c.Capturing != 1 || c.Captured != 1 || c.Delivered != 1 || c.Missing+c.Failed+c.Trouble != 0 || c.Active+c.Queue != 0 {
		t.Errorf("counters %+v", c)
	}
	closed(t, r)
}

func TestVoicemailDiscardAndFail(t *testing.T) {
	dir, l := t.TempDir(), newLedger()
	r := newRecorder(t, dir, l, Options{})
	s, base := begin(t, r, Entry{ID: "vm", Kind: KindVoicemail})
	speak(s, base, 1)
	r.Finish("vm", base.Add(time.Second))

	s, base = begin(t, r, Entry{ID: "short", Kind: KindVoicemail})
	speak(s, base, 1)
	r.Discard("short")

	if err := r.Expect(t.Context(), Entry{ID: "unanswered"}); err != nil {
		t.Fatal(err)
	}
	r.Discard("unanswered")

	if err := r.Expect(t.Context(), Entry{ID: "never"}); err != nil {
		t.Fatal(err)
	}
	r.Fail("never", errors.New("no port"))
	r.Finish("unheard of", time.Now()) // no harm

	if err := r.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if e := l.get("vm"); e.File != "voicemail/vm.wav" {
		t.Errorf("%+v", e)
	}
	wantFile(t, dir, l.get("vm"), 1)
	if e := l.get("never"); e.State != Failed || e.Error != "no port" {
		t.Errorf("%+v", e)
	}
	if _, ok := l.m["short"]; ok {
		t.Error("a discarded capture is still in the ledger")
	}
	if _, ok := l.m["unanswered"]; ok {
		t.Error("an unanswered call's capture is still in the ledger")
	}
	if c := r.Counters(); c.Missing != 1 || c.Failed != 1 || c.Delivered != 1 {
		t.Errorf("counters %+v", c)
	}
	closed(t, r)
}

func TestMisuse(t *testing.T) {
	r := newRecorder(t, t.TempDir(), newLedger(), Options{})
	for _, id := range []string{"", ".", "..", "../x", "a/b", "a b", strings.Repeat("x", 65)} {
		if err := r.Expect(t.Context(), Entry{ID: id}); err == nil {
			t.Errorf("id %q was taken", id)
		}
	}
	if _, err := r.Begin(t.Context(), "x", Header{}); err == nil {
		t.Error("begun without being expected")
	}
	begin(t, r, Entry{ID: "x"})
	if err := r.Expect(t.Context(), Entry{ID: "x"}); err == nil {
		t.Error("expected twice")
	}
	if _, err := r.Begin(t.Context(), "x", Header{}); err == nil {
		t.Error("begun twice")
	}
	closed(t, r)
	if err := r.Expect(t.Context(), Entry{ID: "y"}); err == nil {
		t.Error("expected after Close")
	}
}

// The ledger's disk is full for ten minutes: calls go on, and all is made good.
func TestLedgerFailsForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, l := t.TempDir(), newLedger()
		r := newRecorder(t, dir, l, Options{})
		l.failWith(errors.New("no space left on device"))
		if err := r.Expect(t.Context(), Entry{ID: "a"}); err != nil {
			t.Error(err)
		}
		if r.Counters().Trouble == 0 {
			t.Error("nothing tells that it is not on disk")
		}
		base := time.Now()
		s, err := r.Begin(t.Context(), "a", Header{StartedAt: base, Sides: both})
		if err != nil {
			t.Fatal(err)
		}
		speak(s, base, 3)
		r.Finish("a", base.Add(3*time.Second))
		time.Sleep(10 * time.Minute)
		if c := r.Counters(); c.Trouble < 10 || c.Trouble > 40 || c.Queue != 1 {
			t.Errorf("counters %+v", c)
		}
		l.failWith(nil)
		if err := r.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantFile(t, dir, l.get("a"), 3)
		if want := []string{"a:capturing", "a:captured", "a:delivered"}; !slices.Equal(l.log, want) {
			t.Errorf("ledger %v", l.log)
		}
		closed(t, r)
	})
}

// The spool's folder can't be written, then the recordings' folder can't.
func TestDiskFailsForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, l := t.TempDir(), newLedger()
		r := newRecorder(t, dir, l, Options{})
		spool, away := filepath.Join(dir, "spool"), filepath.Join(dir, "away")
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(os.Rename(spool, away))
		must(os.WriteFile(spool, nil, 0o600)) // a file where the folder was
		must(os.WriteFile(filepath.Join(dir, "recordings"), nil, 0o600))
		s, base := begin(t, r, Entry{ID: "a"})
		speak(s, base, 2)
		time.Sleep(20 * time.Second)
		if c := r.Counters(); c.Trouble == 0 || c.DroppedPackets != 0 || c.Active != 1 {
			t.Errorf("counters %+v", c)
		}
		must(os.Remove(spool))
		must(os.Rename(away, spool))
		time.Sleep(6 * time.Second)
		if len(spools(dir)) != 1 {
			t.Error("the capture has not reached the disk that is there again")
		}
		r.Finish("a", base.Add(2*time.Second))
		time.Sleep(5 * time.Minute)
		if e := l.get("a"); e.State != Capturing {
			t.Errorf("%+v", e)
		}
		must(os.Remove(filepath.Join(dir, "recordings")))
		must(r.Wait(t.Context()))
		wantFile(t, dir, l.get("a"), 2)
		closed(t, r)
	})
}

// What does not fit into memory is dropped, counted, and told of.
func TestMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, l := t.TempDir(), newLedger()
		r := newRecorder(t, dir, l, Options{})
		spool, away := filepath.Join(dir, "spool"), filepath.Join(dir, "away")
		if err := os.Rename(spool, away); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(spool, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		s, base := begin(t, r, Entry{ID: "a"})
		speak(s, base, 120)
		s.mu.Lock()
		chunks := s.chunks
		s.mu.Unlock()
		if chunks > maxChunks || s.Dropped() == 0 || s.Dropped() > 6000 {
			t.Errorf("%d chunks, %d packets dropped", chunks, s.Dropped())
		}
		if err := os.Remove(spool); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(away, spool); err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Second)
		s.Side(0).Packet(base.Add(2*time.Minute), (&phone{ssrc: 1, seq: 6000, ts: 6000 * 160}).ulawTone(440, 0))
		r.Finish("a", base.Add(2*time.Minute+20*time.Millisecond))
		if err := r.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		e := l.get("a")
		if e.State != Delivered || e.DurationMS != 120_020 || !strings.Contains(e.Error, "the disk did not keep up") {
			t.Errorf("%+v", e)
		}
		if c := r.Counters(); c.Truncated != 1 || c.DroppedPackets != s.Dropped() {
			t.Errorf("counters %+v", c)
		}
		closed(t, r)
	})
}

// A caller who left a message hears that it is saved, whatever there is to be
// rendered or delivered before.
func TestSafeDoesNotWaitForRendering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, l := t.TempDir(), newLedger()
		busy := make(chan struct{})
		r := newRecorder(t, dir, l, Options{Deliver: func(context.Context, Entry) error { <-busy; return nil }})
		for _, id := range []string{"long", "next", "message"} {
			s, base := begin(t, r, Entry{ID: id, Kind: KindVoicemail})
			speak(s, base, 2)
			r.Finish(id, base.Add(2*time.Second))
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			if err := r.Safe(ctx, id); err != nil {
				t.Errorf("%s: %v", id, err)
			}
			cancel()
			synctest.Wait()
		}
		if e := l.get("message"); e.State != Capturing {
			t.Errorf("%+v", e)
		}
		if c := r.Counters(); c.Queue != 3 || c.Active != 0 {
			t.Errorf("counters %+v", c)
		}
		close(busy)
		if err := r.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"long", "next", "message"} {
			wantFile(t, dir, l.get(id), 2)
		}
		closed(t, r)
	})
}

func TestDeliveryIsTriedUntilItSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, l := t.TempDir(), newLedger()
		tries := 0
		r := newRecorder(t, dir, l, Options{Deliver: func(_ context.Context, e Entry) error {
			if e.State != Captured {
				t.Errorf("delivery of %+v", e)
			}
			if tries++; tries < 5 {
				return errors.New("the server is away")
			}
			return nil
		}})
		s, base := begin(t, r, Entry{ID: "a"})
		speak(s, base, 1)
		r.Finish("a", base.Add(time.Second))
		if err := r.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantFile(t, dir, l.get("a"), 1)
		if tries != 5 {
			t.Errorf("%d tries", tries)
		}
		closed(t, r)
	})
}

func TestCloseEndsWhatGoesOn(t *testing.T) {
	dir, l := t.TempDir(), newLedger()
	r := newRecorder(t, dir, l, Options{})
	s, base := begin(t, r, Entry{ID: "a"})
	speak(s, base.Add(-time.Second), 1)
	closed(t, r)
	if e := l.get("a"); e.State != Delivered || e.Interrupted {
		t.Errorf("%+v", e)
	}
}

// leave makes a data directory as a crash would leave it: the spool on disk,
// without an end, and the ledger at a state.
func leave(t *testing.T, dir string, l *memLedger, id, state string, end bool) {
	t.Helper()
	r := newRecorder(t, dir, l, Options{})
	s, base := begin(t, r, Entry{ID: id, CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)})
	speak(s, base, 2)
	if end {
		if err := s.Close(base.Add(2 * time.Second)); err != nil {
			t.Fatal(err)
		}
	} else {
		s.wmu.Lock()
		if err := s.write(true); err != nil {
			t.Fatal(err)
		}
		s.wmu.Unlock()
		s.abandon()
	}
	r.cancel()
	r.mu.Lock()
	r.stopped = true
	r.changed.Broadcast()
	r.mu.Unlock()
	r.workers.Wait()
	r.fl.stop()
	e := l.get(id)
	if e.State = state; state == "" {
		delete(l.m, id)
	} else {
		l.m[id] = e
	}
}

func TestSalvage(t *testing.T) {
	for _, c := range []struct {
		name        string
		state       string // of the ledger; "" no entry
		end, spool  bool
		file        string // "", "good", "bad"
		want        string
		interrupted bool
		missing     uint64
	}{
		{name: "capturing, cut off", state: Capturing, spool: true, want: Delivered, interrupted: true},
		{name: "capturing, complete", state: Capturing, spool: true, end: true, want: Delivered},
		{name: "capturing, rendered but not written down", state: Capturing, spool: true, end: true, file: "good", want: Delivered},
		{name: "capturing, no spool", state: Capturing, want: Failed, missing: 1},
		{name: "expected, no spool", state: Expected, want: ""},
		{name: "expected, with a spool", state: Expected, spool: true, want: Delivered, interrupted: true},
		{name: "captured, spool still there", state: Captured, spool: true, end: true, file: "good", want: Delivered},
		{name: "captured, spool gone", state: Captured, end: true, file: "good", want: Delivered},
		{name: "captured, file damaged", state: Captured, spool: true, end: true, file: "bad", want: Delivered},
		{name: "captured, file damaged, spool gone", state: Captured, end: true, file: "bad", want: Failed, missing: 1},
		{name: "orphan", spool: true, want: Delivered, interrupted: true},
		{name: "orphan of a recording that is there", spool: true, end: true, file: "good", want: ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, l := t.TempDir(), newLedger()
			leave(t, dir, l, "x", c.state, c.end)
			spool, file := filepath.Join(dir, "spool", "x.rtp"), filepath.Join(dir, "recordings/2026/01/02/x.wav")
			if c.file != "" {
				if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
					t.Fatal(err)
				}
				res, err := Render(t.Context(), spool, file)
				if err != nil {
					t.Fatal(err)
				}
				if e, ok := l.m["x"]; ok && c.state == Captured {
					e.SHA256, e.Bytes, e.DurationMS = res.SHA256, res.Bytes, res.Duration.Milliseconds()
					l.m["x"] = e
				}
				if c.file == "bad" {
					if err := os.WriteFile(file, []byte("RIFF"), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			if !c.spool {
				if err := os.Remove(spool); err != nil {
					t.Fatal(err)
				}
			}
			delivered := 0
			r := newRecorder(t, dir, l, Options{Deliver: func(context.Context, Entry) error { delivered++; return nil }})
			if err := r.Salvage(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := r.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			e := l.get("x")
			if e.State != c.want || e.Interrupted != c.interrupted {
				t.Fatalf("%+v", e)
			}
			if c.want == Delivered {
				wantFile(t, dir, e, 2)
			}
			if (delivered == 1) != (c.want == Delivered) {
				t.Errorf("delivered %d times", delivered)
			}
			if got := r.Counters(); got.Missing != c.missing {
				t.Errorf("counters %+v", got)
			}
			if left := spools(dir); len(left) != 0 {
				t.Errorf("spools left behind: %v", left)
			}
			closed(t, r)
		})
	}
}

func TestSalvageOfNoise(t *testing.T) {
	dir, l := t.TempDir(), newLedger()
	leave(t, dir, l, "good", "", false)
	for name, text := range map[string]string{"noise.rtp": "noise", "other.mail": "not ours", ".rtp": ""} {
		if err := os.WriteFile(filepath.Join(dir, "spool", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := newRecorder(t, dir, l, Options{})
	if err := r.Salvage(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if e := l.get("good"); e.State != Delivered || !e.Interrupted {
		t.Errorf("%+v", e)
	}
	if c := r.Counters(); c.Missing != 1 || c.Interrupted != 1 {
		t.Errorf("counters %+v", c)
	}
	if _, err := os.Stat(filepath.Join(dir, "spool", "noise.rtp.damaged")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "spool", "other.mail")); err != nil {
		t.Error(err)
	}
	closed(t, r)
}
