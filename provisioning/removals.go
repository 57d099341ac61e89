package provisioning

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"strowger/store"
)

// FinishRemovals removes the files of deleted records which are promised to go
// and are there still: the exchange stopped before it came to them, or the disk
// refused. What the disk refuses again is logged, and stays promised. At a start it
// comes before what looks for spools without a record.
func FinishRemovals(ctx context.Context, st *store.Store, data string, log *slog.Logger) error {
	files, err := st.Removals(ctx)
	if err != nil {
		return err
	}
	return removeMany(ctx, st, data, log, files)
}

// removeAtOnce is how many files go before their promises end.
const removeAtOnce = 1000

// removeMany removes any number of files, some at a time.
func removeMany(ctx context.Context, st *store.Store, data string, log *slog.Logger, files []string) error {
	for some := range slices.Chunk(files, removeAtOnce) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := removeFiles(st, data, log, some); err != nil {
			return err
		}
	}
	return nil
}

// finishRemovals is FinishRemovals beside uploads, whose sounds may get the name of
// one that goes still.
func (s *Service) finishRemovals(ctx context.Context) error {
	s.sounds.Lock()
	defer s.sounds.Unlock()
	return FinishRemovals(ctx, s.store, s.data, s.log)
}

// removeFiles removes files below the data directory, and nothing outside of it
// whatever their names or a link say. Their promises end once they are gone for
// good, through a power cut, too.
func removeFiles(st *store.Store, data string, log *slog.Logger, files []string) error {
	if len(files) == 0 {
		return nil
	}
	root, err := os.OpenRoot(data)
	if err != nil {
		return err
	}
	defer root.Close()
	in := map[string][]string{} // by directory
	for _, file := range files {
		name := filepath.FromSlash(file)
		if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			log.Error("the file of what was deleted is there still; it is tried again", "file", file, "err", err)
			continue
		}
		in[filepath.Dir(name)] = append(in[filepath.Dir(name)], file)
	}
	var gone []string
	for dir, files := range in {
		if err := syncDir(root, dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			log.Error("whether the files of what was deleted are gone for good is not sure; it is tried again", "directory", dir, "err", err)
			continue
		}
		gone = append(gone, files...)
	}
	return st.Removed(gone)
}

// syncDir makes what changed in a directory last through a power cut.
func syncDir(root *os.Root, dir string) error {
	d, err := root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
