package record

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"
)

// A real disk that is full for a minute, and read-only for another.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=128k"); err != nil {
		t.Skipf("a small disk needs mount: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	remount := func(t *testing.T, flags uintptr, size string) {
		t.Helper()
		if err := unix.Mount("tmpfs", dir, "tmpfs", unix.MS_REMOUNT|flags, "size="+size); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		r := newRecorder(t, dir, l, Options{})
		fill := filepath.Join(dir, "fill")
		if err := os.WriteFile(fill, make([]byte, 100<<10), 0o600); err != nil {
			t.Fatal(err)
		}
		s, base := begin(t, r, Entry{ID: "a"})
		speak(s, base, 20) // 188 kB
		time.Sleep(time.Minute)
		if c := r.Counters(); c.Trouble == 0 || c.DroppedPackets != 0 {
			t.Errorf("full: %+v", c)
		}
		r.Finish("a", base.Add(20*time.Second))
		time.Sleep(time.Minute)
		if e := l.get("a"); e.State != Capturing {
			t.Errorf("full: %+v", e)
		}
		remount(t, 0, "4m")
		if err := r.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantFile(t, dir, l.get("a"), 20)

		s, base = begin(t, r, Entry{ID: "b"})
		speak(s, base, 3)
		time.Sleep(time.Second)
		s.wmu.Lock() // a file open for writing keeps a file system from turning read-only
		if err := s.f.Close(); err != nil {
			t.Fatal(err)
		}
		remount(t, unix.MS_RDONLY, "4m")
		f, err := os.Open(s.path)
		if err != nil {
			t.Fatal(err)
		}
		s.f = f // and can't be written
		s.wmu.Unlock()
		speak2 := &phone{ssrc: 1, seq: 150, ts: 150 * 160}
		for i := 150; i < 250; i++ {
			s.Side(0).Packet(base.Add(time.Duration(i)*20*time.Millisecond), speak2.ulawTone(440, i))
		}
		time.Sleep(time.Minute)
		remount(t, 0, "4m")
		s.wmu.Lock()
		if s.f, err = os.OpenFile(s.path, os.O_WRONLY|os.O_APPEND, 0); err != nil {
			t.Fatal(err)
		}
		s.wmu.Unlock()
		_ = f.Close()
		r.Finish("b", base.Add(5*time.Second))
		if err := r.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantFile(t, dir, l.get("b"), 5)
		closed(t, r)
	})
}
