package bolt

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"strowger/store"
)

// The log is a row of files beside the database, strowger.log.1 and on. A record
// is one write and one sync, where a commit of bbolt writes half a dozen pages
// and syncs twice. A part is only ever written by the process that began it: a
// record that a crash cut short is at the end of its part.

const (
	logMagic   = "strowger log 1\n\x00"
	recordHead = 8 // length, CRC-32C of the bytes
	maxRecord  = 256 << 20
)

type logFile struct {
	mu   sync.Mutex
	next uint64   // number of the next part
	f    *os.File // nil until there is something to write
	size int64
}

func logPath(db string, part uint64) string {
	return strings.TrimSuffix(db, ".db") + ".log." + strconv.FormatUint(part, 10)
}

// logParts lists the numbers of the parts that there are, ascending.
func logParts(db string) ([]uint64, error) {
	prefix := filepath.Base(strings.TrimSuffix(db, ".db")) + ".log."
	entries, err := os.ReadDir(filepath.Dir(db))
	if err != nil {
		return nil, fileError("read", filepath.Dir(db), err)
	}
	var parts []uint64
	for _, e := range entries {
		if number, ok := strings.CutPrefix(e.Name(), prefix); ok {
			if n, err := strconv.ParseUint(number, 10, 64); err == nil && n > 0 {
				parts = append(parts, n)
			}
		}
	}
	slices.Sort(parts)
	return parts, nil
}

// openLog finds where the log goes on.
func (b *Backend) openLog() error {
	parts, err := logParts(b.path)
	b.log.next = 1
	if len(parts) > 0 {
		b.log.next = parts[len(parts)-1] + 1
	}
	return err
}

// AppendLog implements store.Backend.
func (b *Backend) AppendLog(ctx context.Context, record []byte) error {
	if err := b.enter(); err != nil {
		return err
	}
	defer b.views.Done()
	l := &b.log
	l.mu.Lock()
	defer l.mu.Unlock()
	if b.journal == nil {
		return fmt.Errorf("%s was opened for reading only: %w", b.path, store.ErrReadOnly)
	}
	if l.f == nil {
		if err := b.beginPart(); err != nil {
			return err
		}
	}
	framed := make([]byte, recordHead, recordHead+len(record))
	binary.BigEndian.PutUint32(framed, uint32(len(record)))
	binary.BigEndian.PutUint32(framed[4:], crc32.Checksum(record, castagnoli))
	framed = append(framed, record...)
	_, err := l.f.WriteAt(framed, l.size)
	if err == nil {
		err = datasync(l.f)
	}
	if err != nil {
		path := l.f.Name()
		// Nobody knows what of it is on disk. What was acknowledged is; the part
		// ends there.
		l.f.Truncate(l.size)
		l.f.Close()
		l.f = nil
		return fileError("write", path, err)
	}
	l.size += int64(len(framed))
	return nil
}

func (b *Backend) beginPart() error {
	l := &b.log
	path := logPath(b.path, l.next)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fileError("make", path, err)
	}
	_, err = f.WriteAt([]byte(logMagic), 0)
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		f.Close()
		os.Remove(path)
		return fileError("write", path, err)
	}
	l.f, l.size = f, int64(len(logMagic))
	l.next++
	return nil
}

// CutLog implements store.Backend.
func (b *Backend) CutLog(context.Context) (part uint64, size int64, err error) {
	l := &b.log
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f != nil {
		l.f.Close()
		l.f = nil
	}
	parts, err := logParts(b.path)
	for _, n := range parts {
		if info, err := os.Stat(logPath(b.path, n)); err == nil {
			size += info.Size()
		}
	}
	return l.next - 1, size, err
}

// ReadLog implements store.Backend.
func (b *Backend) ReadLog(ctx context.Context, to uint64, f func(record []byte) error) error {
	parts, err := logParts(b.path)
	if err != nil {
		return err
	}
	for _, n := range parts {
		if to != 0 && n > to {
			break
		}
		left, err := readPart(ctx, logPath(b.path, n), f)
		if err != nil {
			return err
		}
		if left != "" {
			b.logger.Warn("a part of the log of registrations is damaged", "file", logPath(b.path, n), "what", left)
		}
	}
	return nil
}

// readPart reads records until the end, or until one makes no sense; left then
// says what there is, unless it is what a crash leaves: one record cut short.
func readPart(ctx context.Context, path string, f func(record []byte) error) (left string, err error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil // folded meanwhile
	}
	if err != nil {
		return "", fileError("open", path, err)
	}
	defer file.Close()
	r := bufio.NewReaderSize(file, 256<<10)
	magic := make([]byte, len(logMagic))
	if n, err := io.ReadFull(r, magic); err != nil {
		if n > 0 && !strings.HasPrefix(logMagic, string(magic[:n])) {
			return "it does not begin as a log", nil
		}
		return "", nil
	}
	if string(magic) != logMagic {
		return "it does not begin as a log", nil
	}
	at := int64(len(logMagic))
	var record []byte
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		var head [recordHead]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return "", nil
		}
		size := binary.BigEndian.Uint32(head[:])
		if size > maxRecord {
			return fmt.Sprintf("from byte %d on it makes no sense", at), nil
		}
		record = slices.Grow(record[:0], int(size))[:size]
		if _, err := io.ReadFull(r, record); err != nil {
			return "", nil // cut short
		}
		if crc32.Checksum(record, castagnoli) != binary.BigEndian.Uint32(head[4:]) {
			if _, err := r.Peek(1); err != nil && len(bytes.Trim(record, "\x00")) == 0 {
				return "", nil // room that a power cut left unwritten
			}
			return fmt.Sprintf("the checksum of the record at byte %d is wrong", at), nil
		}
		if err := f(record); err != nil {
			return "", err
		}
		at += recordHead + int64(size)
	}
}

// DropLog implements store.Backend.
func (b *Backend) DropLog(ctx context.Context, to uint64) error {
	return dropLog(b.path, to)
}

func dropLog(db string, to uint64) error {
	parts, err := logParts(db)
	if err != nil {
		return err
	}
	for _, n := range parts {
		if n > to {
			break
		}
		if err := os.Remove(logPath(db, n)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fileError("remove", logPath(db, n), err)
		}
	}
	return syncDir(filepath.Dir(db))
}

func (b *Backend) closeLog() {
	b.log.mu.Lock()
	defer b.log.mu.Unlock()
	if b.log.f != nil {
		b.log.f.Close()
		b.log.f = nil
	}
}

func (b *Backend) checkLog(ctx context.Context, report func(store.Problem)) error {
	parts, err := logParts(b.path)
	if err != nil {
		return err
	}
	for _, n := range parts {
		left, err := readPart(ctx, logPath(b.path, n), func([]byte) error { return nil })
		if err != nil {
			return err
		}
		if left != "" {
			report(store.Problem{Where: logPath(b.path, n), What: left})
		}
	}
	return nil
}
