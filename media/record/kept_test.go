package record

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// utter taps a second of packets of a format that we do not decode.
func utter(s *Spool, side int, base time.Time, pt uint8, packets int) {
	p := &phone{pt: pt, ssrc: 7}
	for i := range packets {
		s.Side(side).Packet(base.Add(time.Duration(i)*20*time.Millisecond), p.packet(make([]byte, 20), 160))
	}
}

// What a recording lacks is told, and what can't be decoded is kept: nothing is
// lost that came.
func TestRecordingThatLacks(t *testing.T) {
	tone := func(s *Spool, base time.Time) { speak(s, base, 6) }
	for _, c := range []struct {
		name      string
		say       func(s *Spool, base time.Time)
		seconds   int
		kind      string
		state     string
		why       string // the entry's error
		kept      bool
		undecoded uint64
	}{
		{name: "both sides undecoded", say: func(s *Spool, b time.Time) { utter(s, 0, b, 18, 300); utter(s, 1, b, 18, 300) }, seconds: 6,
			state: Failed, why: "there is no sound in it: g729 can't be decoded: silence instead; the packets are kept", kept: true, undecoded: 1},
		{name: "one side undecoded", say: func(s *Spool, b time.Time) { tone(s, b); utter(s, 1, b, 18, 300) }, seconds: 6,
			state: Delivered, why: "g729 can't be decoded: silence instead; the packets are kept", kept: true, undecoded: 1},
		{name: "the only side undecoded, shortly", say: func(s *Spool, b time.Time) { utter(s, 1, b, 18, 3) }, seconds: 6,
			state: Failed, why: "there is no sound in it: g729 can't be decoded: silence instead; no audio came from the caller; the packets are kept", kept: true, undecoded: 1},
		{name: "a second undecoded of a side", say: func(s *Spool, b time.Time) { tone(s, b); utter(s, 0, b.Add(4*time.Second), 18, 50) }, seconds: 6,
			state: Delivered, why: "g729 can't be decoded: silence instead; no audio came from the callee; the packets are kept", kept: true, undecoded: 1},
		{name: "packets that keep a NAT open", say: func(s *Spool, b time.Time) { tone(s, b); utter(s, 0, b.Add(4*time.Second), 126, 3) }, seconds: 6,
			state: Delivered, why: "payload type 126 can't be decoded: silence instead; no audio came from the callee"},
		{name: "a message undecoded", say: func(s *Spool, b time.Time) { utter(s, 0, b, 18, 300) }, seconds: 6, kind: KindVoicemail,
			state: Failed, why: "there is no sound in it: g729 can't be decoded: silence instead; the packets are kept", kept: true, undecoded: 1},
		{name: "one way", say: tone, seconds: 6, state: Delivered, why: "no audio came from the callee"},
		{name: "a message", say: tone, seconds: 6, kind: KindVoicemail, state: Delivered},
		{name: "nothing for six seconds", seconds: 6, state: Failed, why: "there is no sound in it: no audio came", kept: true},
		{name: "nothing for two seconds", seconds: 2, state: Delivered, why: "no audio came"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir, l := t.TempDir(), newLedger()
				r := newRecorder(t, dir, l, Options{})
				s, base := begin(t, r, Entry{ID: "a", Kind: c.kind})
				if c.say != nil {
					c.say(s, base)
				}
				r.Finish("a", base.Add(time.Duration(c.seconds)*time.Second))
				if err := r.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				e := l.get("a")
				if e.State != c.state || e.Error != c.why || e.DurationMS != int64(c.seconds)*1000 {
					t.Errorf("entry %+v", e)
				}
				n := r.Counters()
				if n.Undecoded != c.undecoded || n.Missing != n.Failed || n.Failed == 1 != (c.state == Failed) || n.Truncated != 0 {
					t.Errorf("counters %+v", n)
				}
				if _, err := os.Stat(filepath.Join(dir, e.File)); (err == nil) != (c.state == Delivered) {
					t.Errorf("the file: %v", err)
				}
				want, spool := []string(nil), ""
				if c.kept {
					spool = "spool/a.rtp.kept"
					want = []string{filepath.Join(dir, spool)}
				}
				if left := spools(dir); !slices.Equal(left, want) || e.Spool != spool {
					t.Errorf("kept are %v, the ledger says %q", left, e.Spool)
				}
				if c.kept {
					if res, err := Render(context.Background(), filepath.Join(dir, spool), filepath.Join(dir, "again.wav")); err != nil || res.Duration != time.Duration(c.seconds)*time.Second {
						t.Errorf("the packets that were kept: %+v, %v", res, err)
					}
				}
				closed(t, r)
			})
		})
	}
}

// Between the ledger's line and the spool's new name the machine stops: the
// packets are kept all the same, and what was delivered stays delivered.
func TestCrashBeforePacketsAreKept(t *testing.T) {
	for _, c := range []struct {
		name   string
		say    func(s *Spool, base time.Time)
		state  string // that the ledger last knew
		moved  bool   // the spool has its new name
		damage bool   // the file did not survive
		want   string
	}{
		{name: "captured", state: Captured, want: Delivered},
		{name: "captured, renamed", state: Captured, moved: true, want: Delivered},
		{name: "captured, file damaged", state: Captured, damage: true, want: Delivered},
		{name: "captured, renamed, file damaged", state: Captured, moved: true, damage: true, want: Delivered},
		{name: "delivered", state: Delivered, moved: true, want: Delivered},
		{name: "failed", state: Failed, say: func(*Spool, time.Time) {}, want: Failed},
		{name: "failed, renamed", state: Failed, say: func(*Spool, time.Time) {}, moved: true, want: Failed},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, l := t.TempDir(), newLedger()
			halt := errors.New("the machine stops")
			r := newRecorder(t, dir, l, Options{Deliver: func(context.Context, Entry) error { return halt }})
			s, base := begin(t, r, Entry{ID: "a"})
			if c.say == nil {
				speak(s, base, 2)
			}
			utter(s, 1, base, 18, 100)
			r.Finish("a", base.Add(2*time.Second))
			_ = r.Close(context.Background()) // not delivered
			e := l.get("a")
			spool, kept, file := filepath.Join(dir, "spool/a.rtp"), filepath.Join(dir, "spool/a.rtp.kept"), filepath.Join(dir, e.File)
			if e.State != Captured && e.State != Failed || e.Spool != "spool/a.rtp.kept" {
				t.Fatalf("entry %+v", e)
			}
			if !c.moved {
				if err := os.Rename(kept, spool); err != nil {
					t.Fatal(err)
				}
			}
			if c.damage {
				if err := os.WriteFile(file, []byte("RIFF"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			e.State = c.state
			l.m["a"] = e

			r = newRecorder(t, dir, l, Options{})
			if err := r.Salvage(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := r.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			e = l.get("a")
			if e.State != c.want || e.Spool != "spool/a.rtp.kept" || !strings.Contains(e.Error, "g729 can't be decoded") {
				t.Errorf("entry %+v", e)
			}
			if left := spools(dir); !slices.Equal(left, []string{kept}) {
				t.Errorf("spools %v", left)
			}
			if _, err := os.Stat(file); c.want == Delivered && err != nil || c.want == Failed && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the file: %v", err)
			}
			closed(t, r)
		})
	}
}

// A call that goes on before its capture stands is known by its recording.
func TestLateBeginningIsTold(t *testing.T) {
	dir, l := t.TempDir(), newLedger()
	r := newRecorder(t, dir, l, Options{})
	s, base := begin(t, r, Entry{ID: "a", Kind: KindVoicemail})
	r.Late("a", 1234*time.Millisecond)
	speak(s, base, 2)
	r.Finish("a", base.Add(2*time.Second))
	if err := r.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if e := l.get("a"); e.State != Delivered || e.Error != "the first 1.2 s are missing: the disk was slow" {
		t.Errorf("entry %+v", e)
	}
	if c := r.Counters(); c.Late != 1 || c.Truncated+c.Missing != 0 {
		t.Errorf("counters %+v", c)
	}
	closed(t, r)
}
