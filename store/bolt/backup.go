package bolt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.etcd.io/bbolt"

	"strowger/store"
)

// Backup writes a consistent copy of the open file; saves go on meanwhile. The
// copy is itself a database. Its secrets are sealed: without secret.key it gives
// none away, and with another they cannot be opened.
func (b *Backend) Backup(ctx context.Context, w io.Writer) (int64, error) {
	if err := b.enter(); err != nil {
		return 0, err
	}
	defer b.views.Done()
	var n int64
	err := guard(b.path, func() error {
		return b.db.View(func(tx *bbolt.Tx) (err error) {
			n, err = tx.WriteTo(&cancelled{ctx, w})
			return err
		})
	})
	if ctx.Err() != nil {
		err = ctx.Err() // bbolt hides it
	}
	return n, err
}

// BackupFile writes the copy to a file, which is whole or not there.
func (b *Backend) BackupFile(ctx context.Context, path string) error {
	return writeWhole(path, func(f *os.File) error {
		_, err := b.Backup(ctx, f)
		return err
	})
}

// A cancelled writer ends with its context.
type cancelled struct {
	ctx context.Context
	w   io.Writer
}

func (c *cancelled) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(p)
}

// writeWhole makes a file beside its place, brings it to disk and puts it in.
func writeWhole(path string, write func(*os.File) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fileError("make", path, err)
	}
	defer os.Remove(f.Name()) // gone already if all went well
	defer f.Close()
	if err := write(f); err != nil {
		return fileError("write", path, err)
	}
	if err := f.Sync(); err != nil {
		return fileError("write", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fileError("write", path, err)
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fileError("open", dir, err)
	}
	defer d.Close()
	return fileError("write", dir, d.Sync())
}

// Restore puts a backup in the place of a database that nobody has open. The
// backup is verified first, record by record; the database stays as it is when
// anything is wrong with it or there is no room for the copy. After a crash the
// next Open finds either the database as it was or the whole backup.
func Restore(ctx context.Context, path, backup string) error {
	if err := Verify(ctx, backup); err != nil {
		return fmt.Errorf("nothing was restored: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fileError("make", filepath.Dir(path), err)
	}
	unlock, err := lockFile(path)
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := clearRestores(path); err != nil {
		return err
	}
	from, err := os.Open(backup)
	if err != nil {
		return fileError("open", backup, err)
	}
	defer from.Close()
	err = writeWhole(restoredPath(path), func(f *os.File) error {
		_, err := io.Copy(f, &contextReader{ctx, from})
		return err
	})
	if err != nil {
		return err
	}
	return putRestored(path)
}

// restoredPath is strowger.restored beside strowger.db: a whole backup that is
// about to take its place. From the moment it has this name the database is the
// former one, whatever is left of it.
func restoredPath(db string) string { return strings.TrimSuffix(db, ".db") + ".restored" }

// putRestored puts a restored copy in its place. Each step may be done again.
func putRestored(path string) error {
	// Journal and log are of the database that goes: the journal would miss in
	// the backup what came after it, the log would add to it what is not its own.
	if err := os.Remove(journalPath(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fileError("remove", journalPath(path), err)
	}
	if err := dropLog(path, 1<<64-1); err != nil {
		return err
	}
	if err := os.Rename(restoredPath(path), path); err != nil {
		return fileError("write", path, err)
	}
	return syncDir(filepath.Dir(path))
}

// finishRestore does what a restore that a crash cut short left to do.
func finishRestore(path string) error {
	if _, err := os.Stat(restoredPath(path)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	unlock, err := lockFile(path)
	if err != nil {
		return err
	}
	defer unlock()
	// Another process may have done it meanwhile, and be at work.
	if _, err := os.Stat(restoredPath(path)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return putRestored(path)
}

// clearRestores removes the copies that restores did not finish, which are of no
// use to anybody, and answers their names. It is called with the database locked:
// nobody is at work on one.
func clearRestores(path string) (removed []string, err error) {
	halves, err := filepath.Glob(restoredPath(path) + ".*")
	if err != nil {
		return nil, nil // a path that is also a pattern: they stay
	}
	for _, half := range halves {
		if err := os.Remove(half); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return removed, fileError("remove", half, err)
		}
		removed = append(removed, half)
	}
	return removed, nil
}

type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// Verify reads a database or a backup that nobody writes, and answers the first
// thing that is wrong with it.
func Verify(ctx context.Context, path string) error {
	b, err := Open(path, Options{ReadOnly: true, older: true})
	if err != nil {
		return err
	}
	defer b.Close()
	var first error
	err = b.Check(ctx, func(p store.Problem) {
		if first == nil {
			first = fmt.Errorf("%s is damaged: %s: %s: %w", path, p.Where, p.What, store.ErrDamaged)
		}
	})
	if err != nil {
		return err
	}
	return first
}
