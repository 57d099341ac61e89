package record

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"strowger/media/audio"
)

// dirLedger keeps each entry in a file, so that it outlives a process.
type dirLedger string

func (d dirLedger) Put(_ context.Context, e Entry) error {
	b, err := json.Marshal(e)
	if err != nil {
		return err
	}
	tmp := filepath.Join(string(d), "."+e.ID)
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, filepath.Join(string(d), e.ID))
}

func (d dirLedger) Delete(_ context.Context, e Entry) error {
	err := os.Remove(filepath.Join(string(d), e.ID))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (d dirLedger) all() (list []Entry, err error) {
	files, err := os.ReadDir(string(d))
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(string(d), f.Name()))
		var e Entry
		if err != nil || strings.HasPrefix(f.Name(), ".") || json.Unmarshal(b, &e) != nil {
			continue
		}
		list = append(list, e)
	}
	return list, err
}

func (d dirLedger) Unfinished(context.Context) ([]Entry, error) {
	all, err := d.all()
	var list []Entry
	for _, e := range all {
		if e.State != Delivered && e.State != Failed {
			list = append(list, e)
		}
	}
	return list, err
}

const crashCalls = 5

// TestMain lets the test binary be the exchange that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("STROWGER_RECORD_CRASH"); dir != "" {
		if err := captureUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// captureUntilKilled records calls in real time, and says on standard output
// how many packets of each have been tapped. The last call ends every 300 ms
// and begins anew, so that rendering and the ledger are met too.
func captureUntilKilled(dir string) error {
	r, err := NewRecorder(dir, dirLedger(filepath.Join(dir, "ledger")), Options{})
	if err != nil {
		return err
	}
	ctx := context.Background()
	start := func(id string, base time.Time) (*Spool, error) {
		if err := r.Expect(ctx, Entry{ID: id}); err != nil {
			return nil, err
		}
		return r.Begin(ctx, id, Header{StartedAt: base, Sides: both})
	}
	base := time.Now()
	var spools []*Spool
	phones := [2]*phone{{ssrc: 1}, {ssrc: 2}}
	for i := range crashCalls {
		s, err := start("long-"+strconv.Itoa(i), base)
		if err != nil {
			return err
		}
		spools = append(spools, s)
	}
	tick := time.NewTicker(20 * time.Millisecond)
	var short *Spool
	for i := 0; ; i++ {
		<-tick.C
		at := base.Add(time.Duration(i) * 20 * time.Millisecond)
		if i%15 == 0 {
			if i > 0 {
				r.Finish("short-"+strconv.Itoa(i/15-1), at)
			}
			if short, err = start("short-"+strconv.Itoa(i/15), at); err != nil {
				return err
			}
		}
		for side, p := range phones {
			b := p.ulawTone([]float64{440, 1000}[side], i)
			for _, s := range append(spools, short) {
				s.Side(side).Packet(at, b)
			}
		}
		fmt.Println(i + 1)
	}
}

// kill -9 at any moment: all that was captured up to a second before is there,
// playable, and marked.
func TestKilled(t *testing.T) {
	rounds := 4
	if testing.Short() {
		rounds = 1
	}
	for range rounds {
		dir := t.TempDir()
		l := dirLedger(filepath.Join(dir, "ledger"))
		if err := os.Mkdir(string(l), 0o700); err != nil {
			t.Fatal(err)
		}
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), "STROWGER_RECORD_CRASH="+dir)
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		tapped, until := 0, 55+rand.IntN(70)
		lines := bufio.NewScanner(out)
		for tapped < until && lines.Scan() {
			tapped, _ = strconv.Atoi(lines.Text())
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() { // what it said before it died
			if n, err := strconv.Atoi(lines.Text()); err == nil {
				tapped = n
			}
		}
		_ = child.Wait() // killed
		if tapped < until {
			t.Fatalf("the child ended by itself after %d packets", tapped)
		}

		r := newRecorder(t, dir, l, Options{Workers: 2})
		if err := r.Salvage(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := r.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		closed(t, r)
		all, err := l.all()
		if err != nil {
			t.Fatal(err)
		}
		shorts := 0
		for _, e := range all {
			if strings.HasPrefix(e.ID, "short-") {
				shorts++
				if e.State != Delivered && (e.State != Failed || e.ID != "short-"+strconv.Itoa(tapped/15)) {
					t.Errorf("%+v", e)
				}
				continue
			}
			if e.State != Delivered || !e.Interrupted || e.DurationMS < int64(tapped)*20-1000 || e.DurationMS > int64(tapped+3)*20 {
				t.Errorf("%d ms were captured: %+v", tapped*20, e)
			}
			ch := readWAV(t, filepath.Join(dir, e.File))
			for i, hz := range []float64{440, 1000} {
				if l := audio.ToneLevel(ch[i], 8000, hz); l < -7 {
					t.Errorf("%s: %v Hz is heard at %.1f dB", e.ID, hz, l)
				}
			}
		}
		if len(all)-shorts != crashCalls || shorts < tapped/15 {
			t.Errorf("%d entries, %d of them short, after %d packets", len(all), shorts, tapped)
		}
		if left := spools(dir); len(left) != 0 {
			t.Errorf("spools left behind: %v", left)
		}
		t.Logf("killed after %d packets", tapped)
	}
}
