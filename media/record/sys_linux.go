package record

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

func syncData(f *os.File) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := c.Control(func(fd uintptr) { inner = unix.Fdatasync(int(fd)) }); err != nil {
		return err
	}
	return inner
}

// syncFS syncs all of f's file system; false if it can't.
func syncFS(f *os.File) bool {
	c, err := f.SyscallConn()
	if err != nil {
		return false
	}
	var inner error
	err = c.Control(func(fd uintptr) { inner = unix.Syncfs(int(fd)) })
	return err == nil && inner == nil
}

// lowPriority gives the calling goroutine a thread of its own that only runs
// when calls leave it time. The thread ends with the goroutine.
func lowPriority() {
	runtime.LockOSThread()
	_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), 10) // no worse than before if refused
}
