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
	State     string         `json:"state" enum:"ready,checking,checked,importing,done,refused,cancelled,interrupted"`
	Progress  float64        `json:"progress"` // 0 to 1, of checking or importing
	Created   int            `json:"created"`
	Skipped   int            `json:"skipped"`
	Failed    int            `json:"failed"`
	Revision  uint64         `json:"revision"` // 0: nothing was saved
	Problems  []ImportCells  `json:"problems"` // the first rows that failed or were skipped
	Report    bool           `json:"report"`   // there is one of the last run
	Error     string         `json:"error,omitempty"`
	ExpiresAt time.Time      `json:"expires_at"`

	// What the last run was told; without a mapping there was none.
	Mapping         map[string]string `json:"mapping,omitempty"`
	MergeDuplicates bool              `json:"merge_duplicates"`
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
	// The exchange stopped in the middle of it. Nothing was saved.
	importInterrupted = "interrupted"
)

var importStates = []string{importReady, importChecking, importChecked, importImporting, importDone, importRefused, importCancelled, importInterrupted}

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

// imports are the uploaded files.
type imports struct {
	mu  sync.Mutex
	all map[string]*staged // by id
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
	up := &staged{importNote: importNote{Org: org, View: Import{ID: store.NewID(), FileName: shorten(filepath.Base(name), 100), State: importReady, Problems: []ImportCells{}, ExpiresAt: s.now().Add(importFor)}}}
	up.path = filepath.Join(dir, up.View.ID+".csv")
	err := up.take(file)
	if err == nil {
		err = up.keep(up.importNote)
	}
	if err != nil {
		os.Remove(up.path)
		return nil, err
	}
	s.imports.mu.Lock()
	defer s.imports.mu.Unlock()
	s.makeRoom(org)
	s.imports.all[up.View.ID] = up
	view := up.View
	return &view, nil
}

// take writes the file down and reads through it once.
func (up *staged) take(file io.Reader) (err error) {
	f, err := os.OpenFile(up.path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if up.View.Size, err = io.Copy(f, &bounded{r: file}); err != nil {
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
		up.View.Columns = append(up.View.Columns, c)
	}
	for {
		row, err := sh.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if len(up.View.Sample) < sampleRows {
			up.View.Sample = append(up.View.Sample, ImportCells{ImportRow{Row: row.line}, row.cells})
		}
	}
	if up.View.RowCount = sh.rows; sh.rows == 0 {
		return errNoRows
	}
	return diskError(f.Sync())
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
	s.dropExpired()
	var own []*staged
	for _, up := range s.imports.all {
		if up.Org == org && up.cancel == nil {
			own = append(own, up)
		}
	}
	slices.SortFunc(own, func(a, b *staged) int { return a.View.ExpiresAt.Compare(b.View.ExpiresAt) })
	for len(own) >= mostImports {
		s.drop(own[0])
		own = own[1:]
	}
}

// forgetImports forgets what is too old.
func (s *Service) forgetImports() {
	s.imports.mu.Lock()
	defer s.imports.mu.Unlock()
	s.dropExpired()
}

func (s *Service) dropExpired() {
	for _, up := range s.imports.all {
		if s.expired(up) {
			s.drop(up)
		}
	}
}

func (s *Service) expired(up *staged) bool {
	return up.cancel == nil && s.now().After(up.View.ExpiresAt)
}

func (s *Service) drop(up *staged) {
	delete(s.imports.all, up.View.ID)
	for _, path := range up.files() {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			s.log.Warn("what is left of an import stays on disk", "file", path, "err", err)
		}
	}
}

func (s *Service) staged(org, id string) (*staged, error) {
	up, ok := s.imports.all[id]
	if !ok || up.Org != org || s.expired(up) {
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
	view := up.View
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
	case up.View.State == importDone:
		err = refuse(409, "the file was imported already, as revision %d", up.View.Revision)
	default:
		up.cancel = cancel
	}
	s.imports.mu.Unlock()
	if err != nil {
		return nil, err
	}
	err = s.begin(up, by, &o)
	ended := up.importNote
	if err == nil {
		var report *told
		report, err = s.runImport(ctx, up, by, o)
		ended = s.end(up, report, err, o.DryRun)
	}
	s.imports.mu.Lock()
	defer s.imports.mu.Unlock()
	up.importNote, up.cancel = ended, nil
	if err != nil && !errors.Is(err, errImportCancelled) {
		return nil, err
	}
	view := up.View
	return &view, nil
}

// end notes what became of a run, on disk first.
func (s *Service) end(up *staged, report *told, err error, tried bool) importNote {
	n := up.importNote
	v := &n.View
	switch {
	case errors.Is(err, errImportCancelled):
		v.reset(importCancelled)
	case errors.Is(err, store.ErrClosed):
		v.interrupt()
	case err != nil:
		v.reset(importReady)
	default:
		v.State, v.Progress, v.Revision, v.Report = importDone, 1, report.Revision, report.written
		v.Created, v.Skipped, v.Failed, v.Problems = report.Created, report.Skipped, report.Failed, report.problems
		if tried {
			v.State = importChecked
		} else if report.Failed > 0 {
			v.State = importRefused
		}
	}
	v.ExpiresAt = s.now().Add(importFor)
	if err := up.keep(n); err != nil {
		// The next start finds out anew.
		s.log.Warn("what became of an import is not kept for the next start", "import", v.ID, "err", err)
	}
	return n
}

// A told is a report with the rows that somebody should look at.
type told struct {
	*ImportReport
	problems []ImportCells
	written  bool // to a file
}

func (s *Service) runImport(ctx context.Context, up *staged, by store.Author, o ImportOptions) (*told, error) {
	f, err := os.Open(up.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	report, err := s.importUsers(ctx, up.Org, by, f, o, func(part float64) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s.imports.mu.Lock()
		defer s.imports.mu.Unlock()
		up.View.Progress = max(up.View.Progress, part)
		return nil
	})
	if err != nil {
		if ctx.Err() != nil { // whoever noticed it first
			err = context.Cause(ctx)
		}
		return nil, err
	}
	if report.Failed > 0 && !o.DryRun {
		report.undone()
	}
	t := &told{ImportReport: report, problems: []ImportCells{}}
	err = writeWhole(up.report(), func(w io.Writer) error { return t.write(f, w) })
	if t.written = err == nil; err != nil {
		// What is saved is saved.
		s.log.Warn("the report of an import could not be written", "import", up.View.ID, "err", err)
	}
	return t, nil
}

// write makes the report as a CSV file: what was done, and the row as it was. The
// rows that somebody should look at come with their cells.
func (t *told) write(file io.ReadSeeker, w io.Writer) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	sh, err := openSheet(file)
	if err != nil {
		return err
	}
	out := csv.NewWriter(w)
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
		if up.View.State == importDone {
			return nil, refuse(409, "there is no report: the exchange stopped before it was written, or could not write it; revision %d has what was imported", up.View.Revision)
		}
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
