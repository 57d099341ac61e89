package provisioning

import (
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
	Row    int    `json:"row"` // line of the file, the header is 1
	Action string `json:"action"`
	UserID string `json:"user_id,omitempty"`
	Field  string `json:"field,omitempty"`
	Reason string `json:"reason,omitempty"`
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
	"counts.app_devices": true, "counts.sip_accounts": true, "counts.pstn_forwardings": true, "counts.sip_forwardings": true,
	"call_flow_ids": true,
}

// ImportUsers creates the users of a CSV file, all of them or, when one row is
// wrong, none: one transaction, one revision. The report says of each row what
// was done, or what would have been.
func (s *Service) ImportUsers(ctx context.Context, org string, by store.Author, file io.Reader, o ImportOptions) (*ImportReport, error) {
	if !o.Consent {
		return nil, invalid("consent", "must be true: the people in the file have agreed to be entered")
	}
	if _, err := s.snapshot(org); err != nil {
		return nil, err
	}
	sh, err := readSheet(file)
	if err != nil {
		return nil, err
	}
	cols, err := mapColumns(sh.header, o.Mapping)
	if err != nil {
		return nil, err
	}
	by.Summary = "import users from CSV, consent given"
	s.importing.Lock() // two files at once would not see each other's duplicates
	defer s.importing.Unlock()
	// What the store refuses it names one record at a time. That row is left
	// out and the rest is looked at, so that the report names many mistakes.
	wrong := make(map[int]ImportRow)
	var report *ImportReport
	for range mostBlamed {
		var site *store.Site
		if report, site, err = s.readRows(org, sh, cols, o, wrong); err != nil {
			return nil, err
		}
		rev, err := s.store.ApplySite(ctx, org, by, site, false, o.DryRun || report.Failed > 0)
		if err != nil {
			row, ok := report.blame(err)
			if !ok {
				return nil, err
			}
			wrong[row.Row] = row
			continue
		}
		if report.Failed == 0 && !o.DryRun && report.Created > 0 {
			report.Revision = rev.Revision
		}
		break
	}
	if report.Failed > 0 {
		report.undone()
	}
	return report, nil
}

// mostBlamed is how many rows a report names that only the store finds fault
// with.
const mostBlamed = 20

// readRows makes the report and the users of the rows that are right.
func (s *Service) readRows(org string, sh *sheet, cols []*column, o ImportOptions, wrong map[int]ImportRow) (*ImportReport, *store.Site, error) {
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, nil, err
	}
	report := &ImportReport{Rows: make([]ImportRow, 0, len(sh.rows))}
	im := newImporter(sn, cols, o.MergeDuplicates)
	for _, row := range sh.rows {
		if failed, ok := wrong[row.line]; ok {
			report.add(failed)
			continue
		}
		report.add(im.row(row))
	}
	return report, &store.Site{Users: im.users, ContactMethods: im.lines}, nil
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
		row.Action, row.UserID = rowSkipped, ""
		row.Reason = "another row failed, nothing was imported"
		r.Created--
		r.Skipped++
	}
}

// blame finds the row that the store refused all for, and makes it a failed
// one.
func (r *ImportReport) blame(err error) (ImportRow, bool) {
	var where, why string
	var rule *store.ValidationError
	var conflict *store.ConflictError
	switch {
	case errors.As(err, &rule):
		where, why = rule.Field, rule.Rule
	case errors.As(err, &conflict):
		where, why = conflict.Field, conflict.Rule
	default:
		return ImportRow{}, false
	}
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.UserID == "" || row.Action != rowCreated {
			continue
		}
		rest, ok := strings.CutPrefix(where, "users/"+row.UserID)
		if !ok {
			if !strings.HasPrefix(where, "contact_methods/"+lineOf(row.UserID)) {
				continue
			}
			rest = "extension"
		}
		row.Action, row.Field, row.Reason, row.UserID = rowFailed, strings.TrimLeft(rest, ".: "), why, ""
		r.Created--
		r.Failed++
		return *row, true
	}
	return ImportRow{}, false
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
			name = fieldNameOf(h)
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

// fieldNameOf turns "First name" into first_name.
func fieldNameOf(header string) string {
	return strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(header)))
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

// An importer turns rows into users.
type importer struct {
	cols    []*column
	merge   bool
	byEmail map[string]string // to user id
	byName  map[string]string
	logins  map[string]bool
	users   []store.User
	lines   []store.ContactMethod
}

func newImporter(sn *store.Snapshot, cols []*column, merge bool) *importer {
	im := &importer{cols: cols, merge: merge,
		byEmail: make(map[string]string), byName: make(map[string]string), logins: make(map[string]bool)}
	for _, u := range sn.Users.All() {
		im.know(u)
	}
	return im
}

func (im *importer) know(u *store.User) {
	if u.Email != "" {
		im.byEmail[strings.ToLower(u.Email)] = u.ID
	}
	im.byName[string(sortKey(nil, u.FirstName, u.LastName))] = u.ID
	if u.Login != "" {
		im.logins[strings.ToLower(u.Login)] = true
	}
}

// row makes one user, or says why not.
func (im *importer) row(r sheetRow) ImportRow {
	out := ImportRow{Row: r.line}
	fail := func(field, reason string) ImportRow {
		out.Action, out.Field, out.Reason = rowFailed, field, reason
		return out
	}
	var u store.User
	for i, cell := range r.cells {
		c := im.cols[i]
		if c == nil || cell == "" {
			continue
		}
		if err := c.set(reflect.ValueOf(&u).Elem(), cell); err != nil {
			return fail(c.name, err.Error())
		}
	}
	if u.FirstName == "" {
		return fail("first_name", "is empty")
	}
	if im.merge {
		id, found := "", false
		if u.Email != "" {
			id, found = im.byEmail[strings.ToLower(u.Email)]
			out.Field, out.Reason = "email", "a user has this address"
		}
		if !found {
			id, found = im.byName[string(sortKey(nil, u.FirstName, u.LastName))]
			out.Field, out.Reason = "first_name", "a user has this full name"
		}
		if found {
			out.Action, out.UserID = rowSkipped, id
			return out
		}
		out.Field, out.Reason = "", ""
	}
	if u.Login != "" && im.logins[strings.ToLower(u.Login)] {
		return fail("login", "a user has this login")
	}
	u.ID = store.NewID()
	if u.Extension != "" {
		// An extension is a line's number: the user gets an application line.
		line := store.ContactMethod{Meta: store.Meta{ID: lineOf(u.ID)}, UserID: u.ID, Kind: store.KindApp}
		line.Inbound.InternalNumbers = []string{u.Extension}
		u.Extension = ""
		im.lines = append(im.lines, line)
	}
	im.users = append(im.users, u)
	im.know(&u)
	out.Action, out.UserID = rowCreated, u.ID
	return out
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
