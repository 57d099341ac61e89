package provisioning

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"strowger/store"
)

// A staged is an uploaded file. Beside it lies its note, so that a start of the
// exchange finds it again. The note here and cancel are guarded by imports.mu; only
// the run that set cancel changes the note.
type staged struct {
	importNote
	path   string                  // of the upload; its name is the id's
	cancel context.CancelCauseFunc // of what runs, nil: nothing does
}

// An importNote is all that is known of an uploaded file.
type importNote struct {
	Org  string `json:"organization"`
	View Import `json:"import"`

	// Of the last run: who began it, the store's revision before it, and the id that
	// the first user whom it adds has. That one the run's own revision has, and no
	// other.
	By    string `json:"by,omitempty"`
	Since uint64 `json:"since,omitempty"`
	First string `json:"first,omitempty"`
}

func (up *staged) note() string   { return strings.TrimSuffix(up.path, ".csv") + ".json" }
func (up *staged) report() string { return up.path + ".report" }
func (up *staged) files() []string {
	return []string{up.note(), up.path, up.report()}
}

// keep writes a note down for the next start.
func (up *staged) keep(n importNote) error {
	return writeWhole(up.note(), func(w io.Writer) error { return json.NewEncoder(w).Encode(n) })
}

// unplaced ends the name of a file that is being written.
const unplaced = ".new"

// writeWhole makes a file that is there whole, or as it was before, whenever the
// process or the machine stops.
func writeWhole(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path+unplaced, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return diskError(err)
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(path+unplaced, path)
	}
	if err != nil {
		return diskError(errors.Join(err, os.Remove(path+unplaced)))
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return diskError(errors.Join(d.Sync(), d.Close()))
}

// begin notes that a run begins: should the exchange stop before its end, the next
// start knows what to look for.
func (s *Service) begin(up *staged, by store.Author, o *ImportOptions) error {
	// The report of an earlier run must not pass for this one's.
	if err := os.Remove(up.report()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	n := up.importNote
	if n.By = by.Who; n.First == "" { // the same for each run: of one that failed it may turn out only after a restart that it was saved
		n.Since, n.First = s.store.Revision(), store.NewID()
	}
	v := &n.View
	v.reset(importImporting)
	if o.DryRun {
		v.State = importChecking
	}
	v.Mapping, v.MergeDuplicates = o.Mapping, o.MergeDuplicates
	o.FileName, o.first = v.FileName, n.First
	err := up.keep(n)
	s.imports.mu.Lock()
	defer s.imports.mu.Unlock()
	if up.View.Report = false; err == nil {
		up.importNote = n
	}
	return err
}

// reset is a state in which nothing is known of any rows.
func (v *Import) reset(state string) {
	v.State, v.Progress, v.Error, v.Report = state, 0, "", false
	v.Created, v.Skipped, v.Failed, v.Revision, v.Problems = 0, 0, 0, 0, []ImportCells{}
}

// interrupt says that the exchange stopped before the end of a run.
func (v *Import) interrupt() {
	what := "import"
	if v.State == importChecking {
		what = "check"
	}
	v.reset(importInterrupted)
	v.Error = "the exchange stopped during the " + what + "; nothing was imported, and it can be run again"
}

// resumeImports brings back the files that were uploaded before the exchange
// started, and takes away what cannot come back.
func (s *Service) resumeImports() {
	s.imports.all = make(map[string]*staged)
	if s.data == "" {
		return
	}
	dir := filepath.Join(s.data, importsDir)
	found, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.log.Warn("uploaded files are not found again", "err", err)
	}
	known := make(map[string]bool) // files
	for _, f := range found {
		id, isNote := strings.CutSuffix(f.Name(), ".json")
		if !isNote {
			continue
		}
		up, err := s.resume(dir, id)
		if err != nil {
			s.log.Info("an uploaded file is not kept any longer", "import", id, "because", err)
			continue
		}
		s.imports.all[id] = up
		for _, path := range up.files() {
			known[filepath.Base(path)] = true
		}
	}
	for _, f := range found {
		if known[f.Name()] {
			continue
		}
		s.log.Info("what is left of an import is removed", "file", f.Name())
		if err := os.RemoveAll(filepath.Join(dir, f.Name())); err != nil {
			s.log.Warn("what is left of an import stays on disk", "file", f.Name(), "err", err)
		}
	}
}

// mostNote bounds what is read of a note, in bytes: a note has some of the rows of
// its file, and JSON may write a character as six.
const mostNote = 6 * (20 << 20) * 2

// resume brings one file back, or says why not. The names of files are made of the
// id that the note's own name is, whatever stands in it.
func (s *Service) resume(dir, id string) (*staged, error) {
	if !plainName(id) {
		return nil, errors.New("its name is no id")
	}
	up := &staged{path: filepath.Join(dir, id+".csv")}
	f, err := os.Open(up.note())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := json.NewDecoder(io.LimitReader(f, mostNote)).Decode(&up.importNote); err != nil {
		return nil, fmt.Errorf("its note is damaged: %w", err)
	}
	v := &up.View
	if v.ID != id || !slices.Contains(importStates, v.State) || v.Columns == nil || v.RowCount <= 0 {
		return nil, errors.New("its note is damaged")
	}
	if _, err := s.snapshot(up.Org); err != nil {
		return nil, err
	}
	if info, err := os.Lstat(up.path); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() || info.Size() != v.Size {
		return nil, errors.New("the file is not the one that was uploaded")
	}
	expiry := s.now().Add(importFor)
	under := v.State
	if err := s.resolve(up); err != nil {
		return nil, fmt.Errorf("what became of it is not known: %w", err)
	}
	if v.State != under {
		// However long the exchange was down, who ran it is told. The note stays as it
		// is: the store answers the same at the next start.
		v.ExpiresAt = expiry
		s.log.Info("the exchange stopped during an import", "import", id, "organization", up.Org, "by", up.By, "state", v.State, "revision", v.Revision)
		return up, nil
	}
	if s.now().After(v.ExpiresAt) {
		return nil, errors.New("its time is over")
	}
	if v.Revision > s.store.Revision() {
		return nil, fmt.Errorf("revision %d is not in this store", v.Revision)
	}
	if v.ExpiresAt.After(expiry) { // the clock was set back
		v.ExpiresAt = expiry
	}
	if _, err := os.Stat(up.report()); err != nil {
		v.Report = false
	}
	return up, nil
}

// resolve finds out what became of a run that the end of the process cut short, or
// that failed as if nothing had been saved: either its revision is there, whole, or
// nothing is.
func (s *Service) resolve(up *staged) error {
	v := &up.View
	if v.State == importDone {
		return nil
	}
	if v.State == importChecking || v.State == importImporting {
		v.interrupt()
	}
	if up.First == "" {
		return nil
	}
	first := store.Change{Path: "users/" + up.First, Op: store.OpCreate}
	return s.store.EachRevision(context.Background(), up.Org, 0, func(r *store.Revision, changes iter.Seq[*store.Change]) bool {
		if r.Revision <= up.Since {
			return false
		}
		created, own := 0, false
		for c := range changes {
			if c.Op == store.OpCreate && strings.HasPrefix(c.Path, "users/") {
				created++
				own = own || c.Path == first.Path
			}
		}
		if !own {
			return true
		}
		v.reset(importDone)
		v.Progress, v.Revision = 1, r.Revision
		// No row failed, or there were no revision.
		v.Created, v.Skipped = created, v.RowCount-created
		_, err := os.Stat(up.report())
		v.Report = err == nil
		return false
	})
}
