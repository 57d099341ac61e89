package provisioning

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"strowger/store"
)

// An Import is an uploaded file of users on its way: looked at, tried, imported.
type Import struct {
	ID        string         `json:"id"`
	FileName  string         `json:"file_name"`
	Size      int64          `json:"size"` // bytes
	RowCount  int            `json:"row_count"`
	Columns   []ImportColumn `json:"columns"`
	Sample    []ImportCells  `json:"sample"` // the first rows
	State     string         `json:"state" enum:"ready,checking,checked,importing,done,refused,cancelled"`
	Progress  float64        `json:"progress"` // 0 to 1, of checking or importing
	Created   int            `json:"created"`
	Skipped   int            `json:"skipped"`
	Failed    int            `json:"failed"`
	Revision  uint64         `json:"revision"` // 0: nothing was saved
	Problems  []ImportCells  `json:"problems"` // the first rows that failed or were skipped
	Error     string         `json:"error,omitempty"`
	ExpiresAt time.Time      `json:"expires_at"`
}

// What becomes of an Import.
const (
	importReady     = "ready"
	importChecking  = "checking"
	importChecked   = "checked"
	importImporting = "importing"
	importDone      = "done"
	importRefused   = "refused"
	importCancelled = "cancelled"
)

// An ImportColumn is a column of the file and the field that it is likely to be.
type ImportColumn struct {
	Name  string `json:"name"`
	Field string `json:"field"` // empty: none
}

// ImportCells are a row as it stands in the file, and what came of it.
type ImportCells struct {
	ImportRow
	Cells []string `json:"cells"`
}

const (
	importsDir    = "imports" // below the data directory
	importFor     = time.Hour
	mostImports   = 8 // of an organization
	sampleRows    = 20
	shownProblems = 500
)

// imports are the uploaded files, until the process ends.
type imports struct {
	mu  sync.Mutex
	all map[string]*staged
}

// A staged is one of them. view and cancel are guarded by imports.mu.
type staged struct {
	org, path string
	view      Import
	cancel    context.CancelCauseFunc // of what runs, nil: nothing does
}

var errImportCancelled = errors.New("the import was cancelled")

// Upload takes a CSV file of users in, without holding it in memory, and says what
// is in it. What is no such file is refused, with the line at fault.
func (s *Service) Upload(org, name string, file io.Reader) (*Import, error) {
	if _, err := s.snapshot(org); err != nil {
		return nil, err
	}
	dir := filepath.Join(s.data, importsDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	up := &staged{org: org, view: Import{ID: store.NewID(), FileName: shorten(filepath.Base(name), 100), State: importReady, Problems: []ImportCells{}, ExpiresAt: s.now().Add(importFor)}}
	up.path = filepath.Join(dir, up.view.ID+".csv")
	err := up.take(file)
	if err != nil {
		os.Remove(up.path)
		return nil, err
	}
	s.imports.mu.Lock()
	defer s.imports.mu.Unlock()
	s.makeRoom(org)
	if s.imports.all == nil {
		s.imports.all = make(map[string]*staged)
	}
	s.imports.all[up.view.ID] = up
	view := up.view
	return &view, nil
}

// take writes the file down and reads through it once.
func (up *staged) take(file io.Reader) (err error) {
	f, err := os.OpenFile(up.path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if up.view.Size, err = io.Copy(f, &bounded{r: file}); err != nil {
		return err
	}
	if _, err = f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	sh, err := openSheet(f)
	if err != nil {
		return err
	}
	taken := make(map[string]bool)
	for _, name := range sh.header {
		c := ImportColumn{Name: name, Field: GuessField(name, sh.header)}
		if !importable(c.Field) || taken[c.Field] {
			c.Field = ""
		}
		taken[c.Field] = true
		up.view.Columns = append(up.view.Columns, c)
	}
	for {
		row, err := sh.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if len(up.view.Sample) < sampleRows {
			up.view.Sample = append(up.view.Sample, ImportCells{ImportRow{Row: row.line}, row.cells})
		}
	}
	if up.view.RowCount = sh.rows; sh.rows == 0 {
		return invalid("file", "there is a header line and no user below it")
	}
	return nil
}

// importable says whether a user has such a field, and a file may give it.
func importable(field string) bool { return slices.Contains(ImportFields(), field) }

// ImportFields are the fields that a column may hold.
func ImportFields() []string {
	var out []string
	for i := range userFields {
		if name := userFields[i].name; !notImported[name] {
			out = append(out, name)
		}
	}
	return out
}

// makeRoom forgets what is too old, and the oldest of an organization that has many.
func (s *Service) makeRoom(org string) {
	var own []*staged
	for _, up := range s.imports.all {
		switch {
		case up.cancel != nil:
		case s.now().After(up.view.ExpiresAt):
			s.drop(up)
		case up.org == org:
			own = append(own, up)
		}
	}
	slices.SortFunc(own, func(a, b *staged) int { return a.view.ExpiresAt.Compare(b.view.ExpiresAt) })
	for len(own) >= mostImports {
		s.drop(own[0])
		own = own[1:]
	}
}

func (s *Service) drop(up *staged) {
	delete(s.imports.all, up.view.ID)
	for _, path := range []string{up.path, up.report()} {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			s.log.Warn("what is left of an import stays on disk", "file", path, "err", err)
		}
	}
}

func (up *staged) report() string { return up.path + ".report" }

// clearImports takes away what a process that ended left.
func (s *Service) clearImports() {
	if s.data == "" {
		return
	}
	if err := os.RemoveAll(filepath.Join(s.data, importsDir)); err != nil {
		s.log.Warn("what is left of imports stays on disk", "err", err)
	}
}

func (s *Service) staged(org, id string) (*staged, error) {
	up, ok := s.imports.all[id]
	if !ok || up.org != org {
		return nil, refuse(404, "no such import")
	}
	return up, nil
}

// Import answers how far one is.
func (s *Service) Import(org, id string) (*Import, error) {
	s.imports.mu.Lock()
	defer s.imports.mu.Unlock()
	up, err := s.staged(org, id)
	if err != nil {
		return nil, err
	}
	view := up.view
	return &view, nil
}

// RunImport imports the file, or tries to, and answers when that is over. Until
// then Import tells how far it is, and CancelImport ends it. Whether who asked is
// still there does not matter.
func (s *Service) RunImport(ctx context.Context, org, id string, by store.Author, o ImportOptions) (*Import, error) {
	if !o.Consent && !o.DryRun {
		return nil, invalid("consent", "must be true: the people in the file have agreed to be entered")
	}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	s.imports.mu.Lock()
	up, err := s.staged(org, id)
	switch {
	case err != nil:
	case up.cancel != nil:
		err = refuse(409, "the import is under way already")
	case up.view.State == importDone:
		err = refuse(409, "the file was imported already, as revision %d", up.view.Revision)
	default:
		up.cancel = cancel
		up.view.State, up.view.Progress, up.view.Error = importImporting, 0, ""
		if o.DryRun {
			up.view.State = importChecking
		}
		o.FileName = up.view.FileName
	}
	s.imports.mu.Unlock()
	if err != nil {
		return nil, err
	}
	report, err := s.runImport(ctx, up, by, o)

	s.imports.mu.Lock()
	defer s.imports.mu.Unlock()
	up.cancel = nil
	v := &up.view
	v.Progress, v.ExpiresAt = 0, s.now().Add(importFor)
	switch {
	case errors.Is(err, errImportCancelled):
		v.State, v.Problems = importCancelled, []ImportCells{}
	case err != nil:
		v.State, v.Error = importReady, ""
		return nil, err
	default:
		v.State, v.Progress, v.Revision = importDone, 1, report.Revision
		v.Created, v.Skipped, v.Failed, v.Problems = report.Created, report.Skipped, report.Failed, report.problems
		if o.DryRun {
			v.State = importChecked
		} else if report.Failed > 0 {
			v.State = importRefused
		}
	}
	view := *v
	return &view, nil
}

// A told is a report with the rows that somebody should look at.
type told struct {
	*ImportReport
	problems []ImportCells
}

func (s *Service) runImport(ctx context.Context, up *staged, by store.Author, o ImportOptions) (*told, error) {
	f, err := os.Open(up.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	report, err := s.importUsers(ctx, up.org, by, f, o, func(part float64) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s.imports.mu.Lock()
		defer s.imports.mu.Unlock()
		up.view.Progress = max(up.view.Progress, part)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if report.Failed > 0 && !o.DryRun {
		report.undone()
	}
	t := &told{report, []ImportCells{}}
	if err := t.write(f, up.report()); err != nil {
		// What is saved is saved.
		s.log.Warn("the report of an import could not be written", "import", up.view.ID, "err", err)
	}
	return t, nil
}

// write makes the report as a CSV file: what was done, and the row as it was. The
// rows that somebody should look at come with their cells.
func (t *told) write(file io.ReadSeeker, path string) (err error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	sh, err := openSheet(file)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out := csv.NewWriter(f)
	cells := append([]string{"row", "action", "field", "reason", "user_id"}, sh.header...)
	for i := -1; i < len(t.Rows); i++ {
		if i >= 0 {
			row, err := sh.next()
			if err != nil {
				return err
			}
			r := &t.Rows[i]
			if problem := r.Field != "" || r.Action == rowFailed; problem && len(t.problems) < shownProblems {
				t.problems = append(t.problems, ImportCells{*r, row.cells})
			}
			cells = append(cells[:0], strconv.Itoa(r.Row), r.Action, r.Field, r.Reason, r.UserID)
			cells = append(cells, row.cells...)
		}
		for i := range cells {
			cells[i] = guardCell(cells[i])
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// ImportReportFile opens the report of the last run, in CSV.
func (s *Service) ImportReportFile(org, id string) (*os.File, error) {
	s.imports.mu.Lock()
	defer s.imports.mu.Unlock()
	up, err := s.staged(org, id)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(up.report())
	if errors.Is(err, os.ErrNotExist) {
		return nil, refuse(409, "there is no report yet: neither was the file checked nor imported")
	}
	return f, err
}

// CancelImport ends what runs; what is saved already is not taken back by it.
func (s *Service) CancelImport(org, id string) error {
	s.imports.mu.Lock()
	defer s.imports.mu.Unlock()
	up, err := s.staged(org, id)
	if err != nil {
		return err
	}
	if up.cancel == nil {
		return refuse(409, "nothing runs that could be cancelled")
	}
	up.cancel(errImportCancelled)
	return nil
}

// DropImport forgets an upload.
func (s *Service) DropImport(org, id string) error {
	s.imports.mu.Lock()
	defer s.imports.mu.Unlock()
	up, err := s.staged(org, id)
	if err != nil {
		return err
	}
	if up.cancel != nil {
		return refuse(409, "the import is under way; cancel it first")
	}
	s.drop(up)
	return nil
}
