// Package bolt owns the file strowger.db: its buckets, checksums, migrations,
// the journal of commits beside it, backups of it, and one clear sentence for
// each way in which it can be unfit. What the keys and values mean is left to
// package store.
package bolt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"strowger/store"
)

const (
	// mapSize is the address space that the file is mapped into from the
	// beginning: while a backup reads, a file that outgrows its mapping would
	// make commits wait for the backup. It costs no memory.
	mapSize = 1 << 30
	maxRoom = 8 << 20 // bytes kept from one commit for the next
	growth  = 1 << 20 // bytes that a file which is too small grows by
	// pageSize is fixed, so that a file moves between machines.
	pageSize = 4096
)

// Options of a file.
type Options struct {
	// LockWait is how long another process may take to let go of the file; 0:
	// 300 ms.
	LockWait time.Duration
	// ReadOnly opens an existing file for reading beside other readers.
	ReadOnly bool
	Log      *slog.Logger // nil: slog.Default
	// older lets a file of an older format be read as it is, which only a look at
	// its checksums can make use of.
	older bool
}

// A Backend is an open file.
type Backend struct {
	path   string
	logger *slog.Logger
	db     *bbolt.DB
	file   *os.File // bbolt's: it keeps the lock when bbolt panics
	log    logFile

	mu      sync.Mutex // one commit at a time, and Close
	journal *journal   // nil: read-only
	broken  error      // a commit met damage: nothing more is written
	room    []byte     // of the last commit's values, for the next
	closed  bool
	views   sync.WaitGroup
}

var _ store.Backend = (*Backend)(nil)

// Open opens the file, or makes it. Its errors are whole sentences and wrap
// store.ErrNewer, ErrLocked, ErrDamaged, ErrFull or ErrReadOnly; the file is
// then as it was.
func Open(path string, o Options) (*Backend, error) {
	b := &Backend{path: path, logger: o.Log}
	if b.logger == nil {
		b.logger = slog.Default()
	}
	if o.LockWait == 0 {
		o.LockWait = 300 * time.Millisecond
	}
	if !o.ReadOnly {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, fileError("make", filepath.Dir(path), err)
		}
		if err := finishRestore(path); err != nil {
			return nil, err
		}
		if err := discardUnfinished(path); err != nil {
			return nil, err
		}
	} else if _, err := os.Stat(path); err != nil {
		return nil, fileError("open", path, err)
	}
	if err := b.open(o); err != nil {
		b.abandon()
		return nil, err
	}
	return b, nil
}

func (b *Backend) open(o Options) error {
	err := guard(b.path, func() (err error) {
		b.db, err = bbolt.Open(b.path, 0o600, &bbolt.Options{
			Timeout: o.LockWait, ReadOnly: o.ReadOnly, PageSize: pageSize,
			InitialMmapSize: mapSize, FreelistType: bbolt.FreelistMapType, NoStatistics: true,
			OpenFile: func(name string, flag int, perm os.FileMode) (f *os.File, err error) {
				b.file, err = os.OpenFile(name, flag, perm)
				return b.file, err
			},
		})
		return err
	})
	if err != nil {
		return b.openError(err)
	}
	b.db.AllocSize = growth
	version, err := b.version()
	if err != nil {
		return err
	}
	if latest := uint64(len(migrations)); version > latest {
		return fmt.Errorf("%s is of a newer release: its format is %d, this one knows up to %d; start that release, or restore a backup made before it: %w",
			b.path, version, latest, store.ErrNewer)
	} else if version < latest && o.ReadOnly && !o.older {
		return fmt.Errorf("%s has the older format %d: start this release once to bring it up to %d: %w", b.path, version, latest, store.ErrReadOnly)
	}
	if o.ReadOnly {
		_, err := compareJournal(b.path, b.db)
		return err
	}
	removed, err := clearRestores(b.path)
	if err != nil {
		b.logger.Warn("what is left of a restore that was cut short stays on disk", "err", err)
	}
	if len(removed) > 0 {
		b.logger.Info("a restore was cut short before it had changed anything; its unfinished copy was removed", "files", removed)
	}
	if b.journal, err = openJournal(b.path, b.db); err != nil {
		return err
	}
	if err := b.migrate(version); err != nil {
		return err
	}
	return b.openLog()
}

// openError turns what bbolt says about a file into a sentence.
func (b *Backend) openError(err error) error {
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return fmt.Errorf("%s is in use by %s: %w", b.path, holder(b.path), store.ErrLocked)
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return fmt.Errorf("%s is damaged or no database (%v): restore a backup with `strowger restore`: %w", b.path, err, store.ErrDamaged)
	case errors.Is(err, store.ErrDamaged):
		return err
	case strings.Contains(err.Error(), "file size too small"):
		return fmt.Errorf("%s is damaged: it was cut short; restore a backup with `strowger restore`: %w", b.path, store.ErrDamaged)
	}
	return fileError("open", b.path, err)
}

// abandon lets go of a file that cannot be used. A damaged one may not even
// close without a panic.
func (b *Backend) abandon() {
	if b.journal != nil {
		b.journal.close()
	}
	if b.db != nil {
		guard(b.path, b.db.Close)
	}
	b.letGo()
}

// letGo unlocks and closes the file where bbolt did not: closing is not enough,
// because a memory map that is left keeps the lock.
func (b *Backend) letGo() {
	if b.file != nil && unlock(b.file) == nil {
		b.file.Close()
	}
}

// Close waits for views to end.
func (b *Backend) Close() error {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return nil
	}
	b.closed = true
	broken := b.broken
	b.mu.Unlock()
	b.views.Wait()
	b.closeLog()
	if b.journal != nil {
		b.journal.close()
	}
	if broken != nil {
		// bbolt may hold its own lock for ever: only the file's is let go.
		b.letGo()
		return nil
	}
	err := guard(b.path, b.db.Close)
	if err != nil {
		b.letGo()
	}
	return err
}

// Path is where the file is.
func (b *Backend) Path() string { return b.path }

func (b *Backend) enter() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return store.ErrClosed
	}
	b.views.Add(1)
	return nil
}

// View implements store.Backend.
func (b *Backend) View(ctx context.Context, f func(store.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := b.enter(); err != nil {
		return err
	}
	defer b.views.Done()
	return b.view(ctx, f)
}

func (b *Backend) view(ctx context.Context, f func(store.Reader) error) error {
	r := &reader{ctx: ctx, path: b.path}
	return r.guard(func() error {
		return b.db.View(func(tx *bbolt.Tx) error {
			r.tx = tx
			return r.outside(func() error { return f(r) })
		})
	})
}

// Commit implements store.Backend.
func (b *Backend) Commit(ctx context.Context, ops []store.Op) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return store.ErrClosed
	case b.broken != nil:
		return b.broken
	case b.journal == nil:
		return fmt.Errorf("%s was opened for reading only: %w", b.path, store.ErrReadOnly)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return b.commit(func(w *writer) error {
		for _, op := range ops {
			if err := w.do(op); err != nil {
				return err
			}
		}
		return nil
	})
}

// commit runs one write transaction, with mu held or before anyone else has b.
func (b *Backend) commit(f func(*writer) error) error {
	var w *writer
	err := guard(b.path, func() error {
		return b.db.Update(func(tx *bbolt.Tx) error {
			w = &writer{tx: tx, id: tx.ID(), path: b.path, sums: map[store.Bucket]sum{}, buckets: map[store.Bucket]*bbolt.Bucket{}, sealed: b.room[:0]}
			if err := f(w); err != nil {
				return err
			}
			return w.putSums()
		})
	})
	if b.room = nil; w != nil && cap(w.sealed) <= maxRoom {
		b.room = w.sealed
	}
	if err != nil {
		if w == nil || !w.refused {
			b.stopIfBroken(w, err)
		}
		return fileError("write", b.path, err)
	}
	if err := b.journal.note(w.id); err != nil {
		// The change is on disk. What is lost is only the proof of it, until
		// the next commit.
		b.logger.Error("the journal of commits was not written", "path", b.journal.path, "err", err)
	}
	return nil
}

// stopIfBroken looks at why a commit failed. After a panic what bbolt has in
// memory may not be written any more; and when the disk failed in the last step,
// the change may be in the file though it was refused: then only a restart knows
// what is on disk.
func (b *Backend) stopIfBroken(w *writer, cause error) {
	if errors.Is(cause, store.ErrDamaged) {
		b.broken = cause
		return
	}
	err := guard(b.path, func() error {
		return b.db.View(func(tx *bbolt.Tx) error {
			if w != nil && tx.ID() >= w.id {
				return fmt.Errorf("%s: the disk failed in the middle of a commit (%v): nothing more is saved until a restart: %w", b.path, cause, store.ErrDamaged)
			}
			return nil
		})
	})
	if err != nil {
		b.broken = err
	}
}

// guard turns a panic of bbolt, or a fault on its memory map, into an error: a
// damaged page must not end the exchange.
func guard(path string, f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s is damaged: %v: %w", path, p, store.ErrDamaged)
		}
	}()
	return f()
}

// fileError says what the system refused, in the words of the store.
func fileError(doing, path string, err error) error {
	switch {
	case err == nil:
		return nil
	case isFull(err):
		return fmt.Errorf("%s could not be written, the disk is full: %w", path, store.ErrFull)
	case isReadOnly(err):
		return fmt.Errorf("%s could not be written: %w: %w", path, unwrapPath(err), store.ErrReadOnly)
	case errors.Is(err, berrors.ErrDatabaseNotOpen):
		return store.ErrClosed
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s is not there: %w", path, err)
	case errors.Is(err, store.ErrDamaged), errors.Is(err, store.ErrClosed), errors.Is(err, store.ErrNewer):
		return err
	}
	return fmt.Errorf("%s %s: %w", doing, path, err)
}

func unwrapPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
