package media

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// urgent counts the threads of this process that go before others.
func urgent(t *testing.T) (n int) {
	t.Helper()
	stats, err := filepath.Glob("/proc/self/task/*/stat")
	if err != nil || len(stats) == 0 {
		t.Fatalf("no threads: %v", err)
	}
	for _, name := range stats {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		// After the name in parentheses: state is field 3, nice field 19.
		if f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:])); f[16] == "-10" {
			n++
		}
	}
	return n
}

// The threads that move packets go before others, and nothing else does: neither
// beside them nor after them.
func TestLoopsAreUrgent(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	old, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), 20-old-1); err != nil {
		t.Skip("may not set priorities:", err)
	}
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), 20-old)
	before := urgent(t)
	r, err := New(Options{PortMin: 36000, PortMax: 36099, Loops: 2})
	if err != nil {
		t.Fatal(err)
	}
	until := func(want int) {
		t.Helper()
		for end := time.Now().Add(10 * time.Second); urgent(t) != want; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d urgent threads, want %d", urgent(t), want)
			}
		}
	}
	until(before + 2)
	r.Close()
	until(before)
}
