package provisioning

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"strowger/store"
)

// ImportOptions of a CSV file of users.
type ImportOptions struct {
	// Mapping is column to field, for columns that are not named like a field.
	// A column that is mapped to nothing is left out.
	Mapping map[string]string
	// MergeDuplicates skips users that exist: the same email address, else the
	// same full name.
	MergeDuplicates bool
	// Consent says that the administrator has the people's consent. It must be
	// given, and is kept in the revision.
	Consent bool
	DryRun  bool
	// FileName is what the revision calls the file; empty: nothing.
	FileName string

	first string // the id of the first user that is added; empty: a new one
}

// An ImportReport says row by row what an import did.
type ImportReport struct {
	Created  int         `json:"created"`
	Skipped  int         `json:"skipped"`
	Failed   int         `json:"failed"`
	Revision uint64      `json:"revision"` // 0: nothing was saved
	Rows     []ImportRow `json:"rows"`
}

// An ImportRow is one row's part of the report.
type ImportRow struct {
	Row    int         `json:"row"` // line of the file, the header is 1
	Action string      `json:"action"`
	UserID string      `json:"user_id,omitempty"`
	Field  string      `json:"field,omitempty"`
	Reason string      `json:"reason,omitempty"`
	Words  store.Words `json:"words,omitzero"` // the reason's, for another language
}

const (
	rowCreated = "created"
	rowSkipped = "skipped"
	rowFailed  = "failed"
)

// notImported are columns that an export has and an import leaves alone.
var notImported = map[string]bool{
	"id": true, "created_at": true, "updated_at": true,
	"invitation.state": true, "invitation.sent_at": true, "invitation.expires_at": true, "invitation.delivery_id": true,
	"email_verification.state": true, "email_verification.sent_at": true, "email_verification.expires_at": true,
	"email_verification.delivery_id": true, "email_verification.verified": true,
	"counts.app_devices": true, "counts.sip_accounts": true, "counts.pstn_forwardings": true, "counts.sip_forwardings": true,
	"call_flow_ids": true, "last_seen": true,
}

// ImportUsers creates the users of a CSV file, all of them or, when one row is
// wrong, none: one transaction, one revision. The report says of each row what
// was done, or what would have been.
func (s *Service) ImportUsers(ctx context.Context, org string, by store.Author, file io.ReadSeeker, o ImportOptions) (*ImportReport, error) {
	report, err := s.importUsers(ctx, org, by, file, o, nil)
	if err == nil && report.Failed > 0 {
		report.undone()
	}
	return report, err
}

// importUsers is told of progress, 0 to 1, and asks whether to go on, by told; nil:
// nobody wants to know.
func (s *Service) importUsers(ctx context.Context, org string, by store.Author, file io.ReadSeeker, o ImportOptions, told func(part float64) error) (*ImportReport, error) {
	if !o.Consent && !o.DryRun {
		return nil, invalid("consent", "must be true: the people in the file have agreed to be entered")
	}
	if _, err := s.snapshot(org); err != nil {
		return nil, err
	}
	if told == nil {
		told = func(float64) error { return ctx.Err() }
	}
	by.Summary = "import users from CSV, consent given"
	if o.FileName != "" {
		by.Summary = "import users from " + shorten(o.FileName, 100) + ", consent given"
	}
	// A row that is wrong keeps all from being saved; the rest is looked at all the
	// same, so that the report names many mistakes.
	save, wrong := s.store.Update, make(map[int]ImportRow)
	if o.DryRun {
		save = s.store.Try
	}
	for range mostBlamed {
		var report *ImportReport
		rev, err := save(ctx, org, by, func(e *store.Edit) (err error) {
			e.Faults, e.Shown = mostFaults, 1
			e.Progress = func(part float64) error { return told(readPart + (1-readPart)*part) }
			if report, err = readRows(e, file, o, wrong, told); err == nil && report.Failed > 0 && !o.DryRun {
				err = errRowsFailed
			}
			return err
		})
		switch {
		case errors.Is(err, errRowsFailed):
			save = s.store.Try
			o.DryRun = true
			continue
		case err == nil:
			if !o.DryRun && report.Created > 0 {
				report.Revision = rev.Revision
			}
			if rev.Count >= manyChanges && !o.DryRun {
				s.prepareUsers(org)
			}
			return report, nil
		case report == nil || !report.blame(err, wrong):
			return nil, err
		}
		if _, all := err.(interface{ Unwrap() []error }); all {
			return report, nil
		}
		save = s.store.Try
		o.DryRun = true
	}
	return nil, invalid("file", "too many rows are wrong; mend the ones named by a dry run first")
}

// errNoRows refuses a file of which nothing could come.
var errNoRows = invalid("file", "there is a header line and no user below it")

// errRowsFailed keeps an import from being saved.
var errRowsFailed = errors.New("rows failed")

const (
	mostFaults = 1000 // mistakes that only the store finds, of one report
	mostBlamed = 20   // those that it finds one at a time
	readPart   = 0.25 // of the work is done when the file is read
)

// readRows makes the report, and puts the users of the rows that are right.
func readRows(e *store.Edit, file io.ReadSeeker, o ImportOptions, wrong map[int]ImportRow, told func(float64) error) (*ImportReport, error) {
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	sh, err := openSheet(file)
	if err != nil {
		return nil, err
	}
	cols, err := mapColumns(sh.header, o.Mapping)
	if err != nil {
		return nil, err
	}
	report := &ImportReport{Rows: []ImportRow{}}
	im := newImporter(e, cols, o.MergeDuplicates)
	im.first = o.first
	for {
		row, err := sh.next()
		if errors.Is(err, io.EOF) {
			if sh.rows == 0 {
				return nil, errNoRows
			}
			return report, nil
		}
		if err != nil {
			return nil, err
		}
		if sh.rows%1000 == 0 {
			if err := told(readPart * float64(sh.size.read) / float64(max(size, 1))); err != nil {
				return nil, err
			}
		}
		if failed, ok := wrong[row.line]; ok {
			report.add(failed)
			continue
		}
		done, err := im.row(row)
		if err != nil {
			if done, err = failedRow(row.line, err); err != nil {
				return nil, err
			}
		}
		report.add(done)
	}
}

// failedRow makes a mistake that the store names at once the row's own.
func failedRow(line int, err error) (ImportRow, error) {
	var rule *store.ValidationError
	if !errors.As(err, &rule) {
		return ImportRow{}, err
	}
	row := ImportRow{Row: line}
	row.blame(strings.TrimLeft(strings.TrimPrefix(rule.Field, rule.Record), "."), rule.Rule)
	return row, nil
}

// because says why a row is not imported.
func (r *ImportRow) because(field string, why store.Words) {
	r.Field, r.Reason, r.Words, r.UserID = field, why.String(), why, ""
}

func (r *ImportRow) blame(field string, why store.Words) {
	r.Action = rowFailed
	r.because(field, why)
}

func (r *ImportReport) add(row ImportRow) {
	switch row.Action {
	case rowCreated:
		r.Created++
	case rowSkipped:
		r.Skipped++
	case rowFailed:
		r.Failed++
	}
	r.Rows = append(r.Rows, row)
}

// undone says of the rows that were right that nothing came of them.
func (r *ImportReport) undone() {
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Action != rowCreated {
			continue
		}
		row.Action = rowSkipped
		row.because("", store.Say("another row failed, nothing was imported"))
		r.Created--
		r.Skipped++
	}
}

// blame makes the rows that the store refused all for failed ones, and notes them
// as wrong. It answers false for an error that is no row's.
func (r *ImportReport) blame(err error, wrong map[int]ImportRow) (found bool) {
	faults := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		faults = joined.Unwrap()
	}
	byUser := make(map[string]*ImportRow, len(r.Rows))
	for i := range r.Rows {
		if row := &r.Rows[i]; row.Action == rowCreated {
			byUser[row.UserID] = row
		}
	}
	for _, fault := range faults {
		var record, field string
		var why store.Words
		var rule *store.ValidationError
		var conflict *store.ConflictError
		switch {
		case errors.As(fault, &rule):
			record, field, why = rule.Record, rule.Field, rule.Rule
		case errors.As(fault, &conflict):
			record, field, why = conflict.Record, conflict.Field, conflict.Rule
		default:
			return false
		}
		id, line := strings.CutPrefix(record, "contact_methods/"+lineOf(""))
		if line {
			field = "extension"
		} else {
			field = strings.TrimLeft(strings.TrimPrefix(field, record), ".: ")
			id = strings.TrimPrefix(record, "users/")
		}
		row, ok := byUser[id]
		if !ok || row.Action == rowFailed {
			continue // what follows from another mistake, or two of one row
		}
		row.blame(field, why)
		r.Created--
		r.Failed++
		wrong[row.Row] = *row
		found = true
	}
	return found
}

// mapColumns finds the field of each column: by the mapping, by the field's
// own name, or by its name in words ("First name"). nil where a column is left
// out.
func mapColumns(header []string, mapping map[string]string) ([]*column, error) {
	byName := make(map[string]*column)
	for i := range userFields {
		c := &userFields[i]
		if !notImported[c.name] {
			byName[c.name] = c
		}
	}
	for name := range mapping {
		if !slices.ContainsFunc(header, func(h string) bool { return strings.EqualFold(h, strings.TrimSpace(name)) }) {
			return nil, invalid("mapping", "the file has no column %q", name)
		}
	}
	out := make([]*column, len(header))
	seen := make(map[string]string)
	for i, h := range header {
		name, mapped := lookFold(mapping, h)
		if !mapped {
			name = GuessField(h, header)
			if h == "" || notImported[name] {
				continue
			}
		} else if name == "" {
			continue
		}
		c, ok := byName[name]
		if !ok {
			if mapped {
				return nil, invalid("mapping", "column %q: no field of a user is called %q", h, name)
			}
			return nil, invalid("file", "column %q is no field of a user; map it to one, or to nothing", h)
		}
		if other, twice := seen[name]; twice {
			return nil, invalid("mapping", "columns %q and %q are both %s", other, h, name)
		}
		seen[name] = h
		out[i] = c
	}
	if _, ok := seen["first_name"]; !ok {
		return nil, invalid("first_name", "the file has no column for it; the header is: %s", strings.Join(header, ", "))
	}
	return out, nil
}

func lookFold(mapping map[string]string, column string) (string, bool) {
	for name, field := range mapping {
		if strings.EqualFold(strings.TrimSpace(name), column) {
			return strings.TrimSpace(field), true
		}
	}
	return "", false
}

// ParseMapping reads a mapping as the API takes it: a JSON object of column to
// field.
func ParseMapping(text string) (map[string]string, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var m map[string]string
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return nil, invalid("mapping", "want a JSON object of column to field")
	}
	return m, nil
}

// An importer turns rows into users of an edit.
type importer struct {
	edit       *store.Edit
	cols       []*column
	merge      bool
	first      string            // the next user's id, if it is given
	byEmail    map[string]string // to user id
	byName     map[string]string
	logins     map[string]bool
	extensions map[string]int // of this file, to the line
	numbers    map[string]int
	schedules  choices
	plans      choices
}

func newImporter(e *store.Edit, cols []*column, merge bool) *importer {
	im := &importer{edit: e, cols: cols, merge: merge, extensions: make(map[string]int), numbers: make(map[string]int),
		byEmail: make(map[string]string), byName: make(map[string]string), logins: make(map[string]bool)}
	for _, u := range e.Base().Users.All() {
		im.know(u)
	}
	for id, r := range e.Base().TimeSchedules.All() {
		im.schedules.add(id, r.Name)
	}
	for id, r := range e.Base().Plans.All() {
		im.plans.add(id, r.Name)
	}
	return im
}

// know remembers what another row may be a duplicate of.
func (im *importer) know(u *store.User) {
	if im.merge && u.Email != "" {
		im.byEmail[store.Fold(u.Email)] = u.ID
	}
	if im.merge {
		im.byName[string(sortKey(nil, u.FirstName, u.LastName))] = u.ID
	}
	if u.Login != "" {
		im.logins[store.Fold(u.Login)] = true
	}
}

// row makes one user, or says why not.
func (im *importer) row(r sheetRow) (ImportRow, error) {
	out := ImportRow{Row: r.line}
	fail := func(field, format string, args ...any) (ImportRow, error) {
		out.blame(field, store.Say(format, args...))
		return out, nil
	}
	u := store.NewUser()
	for i, cell := range r.cells {
		c := im.cols[i]
		if c == nil || cell == "" {
			continue
		}
		if err := c.set(reflect.ValueOf(&u).Elem(), cell); err != nil {
			return fail(c.name, "%s", store.Words{Text: err.Error()})
		}
	}
	if u.FirstName == "" {
		return fail("first_name", "is empty")
	}
	if field, why := im.choose(&u); !why.IsZero() {
		out.blame(field, why)
		return out, nil
	}
	withinPlan(im.edit, &u, func(feature string) bool {
		return slices.ContainsFunc(im.cols, func(c *column) bool { return c != nil && c.name == "features."+feature })
	})
	if im.merge {
		id, found := "", false
		if u.Email != "" {
			id, found = im.byEmail[store.Fold(u.Email)]
			out.because("email", store.Say("a user has this address"))
		}
		if !found {
			id, found = im.byName[string(sortKey(nil, u.FirstName, u.LastName))]
			out.because("first_name", store.Say("a user has this full name"))
		}
		if found {
			out.Action, out.UserID = rowSkipped, id
			return out, nil
		}
		out.because("", store.Words{})
	}
	if u.Login != "" && im.logins[store.Fold(u.Login)] {
		return fail("login", "a user has this login")
	}
	if n := u.DirectNumber; n != "" {
		if other, twice := im.numbers[n]; twice {
			return fail("direct_number", "row %d has it too", other)
		}
		if held, ok := im.edit.Base().NumberByE164(n); !ok {
			return fail("direct_number", "is no number of the organization")
		} else if held.Owner.Kind != store.OwnerNone {
			return fail("direct_number", "is already somebody's")
		}
		im.numbers[n] = r.line
	}
	if n := u.Extension; n != "" {
		if other, twice := im.extensions[n]; twice {
			return fail("extension", "row %d has it too", other)
		}
		if held, ok := im.edit.Base().InternalNumberByDigits(n); ok && held.Owner.Kind != store.OwnerNone {
			return fail("extension", "is already somebody's")
		}
		im.extensions[n] = r.line
	}
	u.ID, im.first = cmp.Or(im.first, store.NewID()), ""
	extension := u.Extension
	u.Extension = ""
	if err := im.edit.Users.Put(u); err != nil {
		return out, err
	}
	if extension != "" {
		// An extension is a line's number: the user gets an application line.
		line := store.ContactMethod{Meta: store.Meta{ID: lineOf(u.ID)}, UserID: u.ID, Kind: store.KindApp}
		line.Inbound.InternalNumbers = []string{extension}
		if err := im.edit.ContactMethods.Put(line); err != nil {
			return out, err
		}
	}
	im.know(&u)
	out.Action, out.UserID = rowCreated, u.ID
	return out, nil
}

// choose puts the ids of what a row names in the places of the names.
func (im *importer) choose(u *store.User) (field string, why store.Words) {
	for _, c := range []struct {
		field string
		text  *string
		among *choices
	}{{"plan", &u.Plan, &im.plans}, {"time_schedule_id", &u.TimeScheduleID, &im.schedules}, {"role", &u.Role, &roleChoices}} {
		if *c.text == "" {
			continue
		}
		id, ok := c.among.find(*c.text)
		if !ok {
			return c.field, store.Say("there is no %q; there is %s", *c.text, c.among.words())
		}
		*c.text = id
	}
	return "", store.Words{}
}

// choices are records that a cell may name, by id or by name.
type choices struct {
	ids   map[string]string // by name, folded, and by id
	names []string
}

func (c *choices) add(id, name string) {
	if c.ids == nil {
		c.ids = make(map[string]string)
	}
	if folded := store.Fold(name); c.ids[folded] == "" {
		c.ids[folded] = id
	}
	c.ids[id] = id
	c.names = append(c.names, name)
}

func (c *choices) find(text string) (id string, ok bool) {
	if id, ok = c.ids[text]; !ok {
		id, ok = c.ids[store.Fold(text)]
	}
	return id, ok
}

// String lists the names, not more than are read.
func (c *choices) words() store.Words {
	const most = 20
	names := slices.Sorted(slices.Values(c.names))
	switch {
	case len(names) == 0:
		return store.Say("none yet")
	case len(names) > most:
		return store.Say("%s and others", store.List(names[:most]...))
	}
	return store.List(names...)
}

// roleChoices are the roles, also as the pages call them.
var roleChoices = choices{
	names: []string{"admin", "user"},
	ids: map[string]string{
		"user": "user", "benutzer": "user", "usuario": "user",
		"admin": "admin", "administrator": "admin", "administrador": "admin",
	},
}

// lineOf is the id of the line that an imported user gets for an extension.
func lineOf(userID string) string { return "app-" + userID }

// set puts a cell into the column's field.
func (c *column) set(record reflect.Value, cell string) error {
	v := record
	for _, step := range c.index {
		v = v.FieldByIndex(step)
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(cell)
	case reflect.Bool:
		switch strings.ToLower(cell) {
		case "true", "yes", "1", "x", "on":
			v.SetBool(true)
		case "false", "no", "0", "off":
			v.SetBool(false)
		default:
			return errors.New("want true or false")
		}
	case reflect.Int:
		n, err := strconv.Atoi(cell)
		if err != nil {
			return errors.New("want a whole number")
		}
		v.SetInt(int64(n))
	case reflect.Slice:
		var list []string
		for part := range strings.SplitSeq(cell, ";") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
		v.Set(reflect.ValueOf(list))
	default:
		return errors.New("cannot be imported")
	}
	return nil
}

// ExportUsers writes every user with every field but secrets.
func (s *Service) ExportUsers(org string, w io.Writer) error {
	page, err := s.List(org, users, Query{All: true})
	if err != nil {
		return err
	}
	return WriteCSV(w, users.Answer(), slices.Values(page.Items))
}
