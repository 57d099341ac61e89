package bolt

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

func datasync(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }

func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

func isReadOnly(err error) bool {
	return errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EPERM)
}

// holder names the process that has a file locked: the kernel's list of locks
// knows it, or else the journal, where its number is from another name space.
func holder(path string) string {
	pid := lockOwner(path)
	if pid == 0 {
		pid = journalProcess(path)
	}
	if pid == 0 {
		return "another process"
	}
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil {
		return fmt.Sprintf("process %d", pid)
	}
	return fmt.Sprintf("process %d (%s)", pid, strings.TrimSpace(string(name)))
}

// lockOwner looks the file up in /proc/locks (proc(5)), whose lines are such as
// "1: FLOCK  ADVISORY  WRITE 1234 fd:01:5678 0 EOF".
func lockOwner(path string) int {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	f, err := os.Open("/proc/locks")
	if err != nil {
		return 0
	}
	defer f.Close()
	inode := ":" + strconv.FormatUint(st.Ino, 10)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) >= 6 && fields[1] == "FLOCK" && strings.HasSuffix(fields[5], inode) {
			if pid, err := strconv.Atoi(fields[4]); err == nil && pid > 0 {
				return pid
			}
		}
	}
	return 0
}

// discardUnfinished empties a file that was never finished being made: a full
// disk or a kill in the very first write. Every database has at least four
// pages, and a journal before its first commit is acknowledged.
func discardUnfinished(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Size() == 0 || info.Size() >= 4*pageSize {
		return nil
	}
	if data, err := readSome(journalPath(path), journalSize); err == nil && len(data) > 0 {
		return nil // it was once whole: bbolt says what is wrong with it
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fileError("open", path, err)
	}
	defer f.Close()
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return nil // someone is making it right now
	}
	head := make([]byte, 4*pageSize)
	n, _ := f.ReadAt(head, 0)
	empty := strings.Trim(string(head[:n]), "\x00") == ""
	// bbolt begins with the transactions 0 and 1 in its meta pages.
	begun := n >= 80 && binary.LittleEndian.Uint32(head[16:]) == 0xED0CDAED && binary.LittleEndian.Uint64(head[64:]) <= 1
	if !empty && !begun {
		return nil // something else, or what is left of a database
	}
	return fileError("write", path, f.Truncate(0))
}
