package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"strowger/store"
)

// lockFile keeps others from opening a database while it is replaced.
func lockFile(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return func() {}, nil
	}
	if err != nil {
		return nil, fileError("open", path, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s is in use by %s: %w", path, holder(path), store.ErrLocked)
	}
	return func() { f.Close() }, nil
}

// unlock fails on a file that is closed already.
func unlock(f *os.File) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = c.Control(func(fd uintptr) { failed = syscall.Flock(int(fd), syscall.LOCK_UN) })
	return errors.Join(err, failed)
}
