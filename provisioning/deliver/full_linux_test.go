package deliver

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"strowger/store"
)

// A real disk that is full: nothing half is left on it, and with room again the
// copy is made.
func TestDiskFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, twoDisks)
		at := filepath.Join(o.dir, "deliveries")
		if err := os.Mkdir(at, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := unix.Mount("tmpfs", at, "tmpfs", 0, "size=64k"); err != nil {
			t.Skipf("a small disk needs mount: %v", err)
		}
		t.Cleanup(func() { _ = unix.Unmount(at, unix.MNT_DETACH) })
		o.capture("rec", sound, "a")
		synctest.Wait()
		if r := o.recording("rec"); r.Deliveries[0].State != store.DeliveryQueued || r.Deliveries[0].Error == "" {
			t.Errorf("on a full disk: %+v", r.Deliveries[0])
		}
		if files := o.files("deliveries"); len(files) > 0 {
			t.Errorf("left on it: %q", files)
		}
		if err := unix.Mount("tmpfs", at, "tmpfs", unix.MS_REMOUNT, "size=4m"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if r := o.recording("rec"); r.State != store.RecordingDelivered || r.Deliveries[0].Tries != 2 {
			t.Errorf("with room again: %+v", r.Deliveries[0])
		}
	})
}
