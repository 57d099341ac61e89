package provisioning

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"strowger/store"
)

func asJSON(v any) (string, error) {
	raw, err := json.Marshal(v)
	return string(raw), err
}

// TestReadSheet: what a file may be, and what is said of one that is not.
func TestReadSheet(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"plain", "first_name,email\nA,a@x\n", "2:A|a@x"},
		{"byte order mark and CRLF", "\xef\xbb\xbffirst_name,email\r\nA,a@x\r\n", "2:A|a@x"},
		{"quoted, of two lines", "first_name,department\n\"A\nB\",\"x, \"\"y\"\"\"\nC,\n", "2:A\nB|x, \"y\" 4:C|"},
		{"blank lines", "first_name\n\nA\n   \nB\n", "3:A 5:B"},
		{"short row", "first_name,email\nA\n", "2:A"},
		{"apostrophes", "first_name,email\n'=A,'+40 21\n", "2:=A|'+40 21"},
		{"no end of line", "first_name\nA", "2:A"},
		{"semicolons", "first_name;email\nA;a@x\n", `file: columns are separated by ";"; want commas`},
		{"tabs", "first_name\temail\n", `file: columns are separated by "\t"; want commas`},
		{"long row", "first_name\nA,B\n", "file: line 2 has 2 cells where the header has 1 columns"},
		{"latin 1", "first_name\nA\nJos\xe9\n", "file: line 3 is not UTF-8; save the file as UTF-8"},
		{"UTF-16", "\xff\xfef\x00i\x00", "file: UTF-16; save it as UTF-8"},
		{"zip", "PK\x03\x04\x00", "file: line 1 holds a zero byte; this is not a CSV file"},
		{"empty", " \n", "file: empty; want a header line and one line a user"},
		{"quote", "first_name\n\"A\n", `file: line 2: extraneous or missing " in quoted-field`},
		{"twice", "email,Email\n", `file: two columns are named "Email"`},
	} {
		s, err := openSheet(strings.NewReader(c.file))
		var all []sheetRow
		for err == nil {
			var row sheetRow
			if row, err = s.next(); err == nil {
				all = append(all, row)
			}
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			var rows []string
			for _, r := range all {
				rows = append(rows, fmt.Sprintf("%d:%s", r.line, strings.Join(r.cells, "|")))
			}
			got = strings.Join(rows, " ")
		}
		if got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

// TestGuard: what a spreadsheet would run is not run, and comes back as it was.
func TestGuard(t *testing.T) {
	for cell, want := range map[string]string{
		"=1+1": "'=1+1", "@SUM(A1)": "'@SUM(A1)", "-1+cmd": "'-1+cmd", "+cmd": "'+cmd", "\tx": "'\tx", "+": "'+",
		"+40215550100": "+40215550100", "+40 (21) 555-01": "+40 (21) 555-01", "'=x": "''=x", "O'Brien": "O'Brien", "'x": "'x", "": "",
	} {
		if got := guardCell(cell); got != want {
			t.Errorf("%q is exported as %q, want %q", cell, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching("['=+@\\-\\t a-c0-9]{0,6}").Draw(t, "cell")
		if got := unguardCell(guardCell(s)); got != s {
			t.Fatalf("%q comes back as %q", s, got)
		}
		if runsInSpreadsheet(guardCell(s)) {
			t.Fatalf("%q runs", guardCell(s))
		}
	})
}

// TestImportDuplicates: by address, else by full name; also within the file.
func TestImportDuplicates(t *testing.T) {
	s, _ := newService(t)
	mustCreate(t, s, "users", `{"id":"anna","first_name":"Anna","last_name":"Berg","email":"anna@example.com"}`)
	file := "first_name,last_name,email,extension,do_not_disturb\n" +
		"Other,Name,ANNA@example.com,,\n" +
		"anna,BERG,other@example.com,,\n" +
		"Dan,Popa,dan@example.com,150,yes\n" +
		"Dan,Popa,,,\n"
	r, err := s.ImportUsers(t.Context(), store.DefaultOrganization, me, strings.NewReader(file), ImportOptions{MergeDuplicates: true, Consent: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range r.Rows {
		got = append(got, fmt.Sprintf("%d %s %s", row.Row, row.Action, row.Field))
	}
	if want := "2 skipped email, 3 skipped first_name, 4 created , 5 skipped first_name"; strings.Join(got, ", ") != want {
		t.Errorf("%s", strings.Join(got, ", "))
	}
	sn, _ := s.store.Snapshot(store.DefaultOrganization)
	dan, ok := sn.Users.Get(r.Rows[2].UserID)
	if !ok || dan.Extension != "150" || !dan.DoNotDisturb {
		t.Errorf("%+v", dan)
	}
	if lines := sn.LinesOf(dan.ID); len(lines) != 1 || lines[0].Kind != store.KindApp {
		t.Errorf("the extension's line: %v", lines)
	}
	if !dan.Features.App || !dan.Features.Voicemail {
		t.Errorf("without the usual features: %+v", dan.Features)
	}
	// Without merging, they are people of the same name; only one has the login.
	r, err = s.ImportUsers(t.Context(), store.DefaultOrganization, me, strings.NewReader("first_name,email\nAnna,anna@example.com\n"), ImportOptions{Consent: true})
	if err != nil || r.Created != 1 {
		t.Errorf("%+v %v", r, err)
	}
}

// TestImportBlame: what only the store finds wrong is a row's too, all of them
// in one report, and nothing is saved.
func TestImportBlame(t *testing.T) {
	s, _ := newService(t)
	mustCreate(t, s, "users", `{"id":"anna","first_name":"Anna","application_line":{"inbound":{"internal_numbers":["150"]}}}`)
	before := s.store.Revision()
	file := "first_name,email,extension,time_zone,forward.enabled\n" +
		"A,nobody,,,\nB,,150,,\nC,,,Mars/Olympus,\nD,,,,perhaps\nE,,,,\nF,,911,,\n"
	r, err := s.ImportUsers(t.Context(), store.DefaultOrganization, me, strings.NewReader(file), ImportOptions{Consent: true})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, row := range r.Rows {
		got[fmt.Sprint(row.Row)] = row.Action + " " + row.Field
		if row.Action == rowFailed && row.Reason == "" {
			t.Errorf("row %d without a reason", row.Row)
		}
	}
	want := map[string]string{"3": "failed extension", "4": "failed time_zone", "5": "failed forward.enabled", "6": "skipped ", "7": "failed extension"}
	for row, action := range want {
		if got[row] != action {
			t.Errorf("row %s: %q, want %q", row, got[row], action)
		}
	}
	if !strings.HasPrefix(got["2"], "failed ") || r.Created != 0 || r.Failed != 5 || r.Skipped != 1 || s.store.Revision() != before {
		t.Errorf("%+v, revision %d", r, s.store.Revision())
	}
}

// TestImportNames: plans, roles and time schedules are given by name as well as by id;
// of what is not there the row says what is.
func TestImportNames(t *testing.T) {
	s, _ := newService(t)
	mustCreate(t, s, "time_schedules", `{"id":"s1","name":"Office hours"}`)
	run := func(file string) (*ImportReport, error) {
		return s.ImportUsers(t.Context(), store.DefaultOrganization, me, strings.NewReader(file), ImportOptions{Consent: true})
	}
	r, err := run("First name,Plan,Role,Time schedule\nAnna,PLUS,Administrator,office hours\nBen,pro,user,s1\n")
	if err != nil || r.Created != 2 {
		t.Fatalf("%+v %v", r, err)
	}
	sn, _ := s.store.Snapshot(store.DefaultOrganization)
	anna, _ := sn.Users.Get(r.Rows[0].UserID)
	ben, _ := sn.Users.Get(r.Rows[1].UserID)
	if anna.Plan != "plus" || anna.Role != "admin" || anna.TimeScheduleID != "s1" || ben.Plan != "pro" || ben.Role != "user" || ben.TimeScheduleID != "s1" {
		t.Errorf("%+v\n%+v", anna, ben)
	}
	r, err = run("First name,Plan,Role,Time schedule\nCleo,Gold,,\nDan,,king,\nEva,,,Night\n")
	if err != nil || r.Created != 0 || r.Failed != 3 {
		t.Fatalf("%+v %v", r, err)
	}
	for i, want := range []string{`plan: there is no "Gold"; there is Basic, Plus, Pro`, `role: there is no "king"; there is admin, user`, `time_schedule_id: there is no "Night"; there is Office hours`} {
		if got := r.Rows[i].Field + ": " + r.Rows[i].Reason; got != want {
			t.Errorf("row %d: %s, want %s", i, got, want)
		}
	}
	if r, err := run("First name\n"); err == nil || !strings.Contains(err.Error(), "no user below it") {
		t.Errorf("a header alone: %+v %v", r, err)
	}
}

// TestColumns: unknown, mapped, left out.
func TestColumns(t *testing.T) {
	for _, c := range []struct {
		header  string
		mapping map[string]string
		want    string
	}{
		{"First Name,E-Mail", map[string]string{"e-mail": "email"}, "first_name email"},
		{"first_name,Notes", map[string]string{"Notes": ""}, "first_name -"},
		{"id,first_name,created_at,counts.app_devices", nil, "- first_name - -"},
		{"first_name,Notes", nil, `file: column "Notes" is no field of a user; map it to one, or to nothing`},
		{"last_name", nil, "first_name: the file has no column for it; the header is: last_name"},
		{"first_name", map[string]string{"x": "email"}, `mapping: the file has no column "x"`},
		{"first_name,x", map[string]string{"x": "password"}, `mapping: column "x": no field of a user is called "password"`},
		{"first_name,x", map[string]string{"x": "first_name"}, `mapping: columns "first_name" and "x" are both first_name`},
	} {
		cols, err := mapColumns(strings.Split(c.header, ","), c.mapping)
		var got []string
		for _, col := range cols {
			if col == nil {
				got = append(got, "-")
			} else {
				got = append(got, col.name)
			}
		}
		text := strings.Join(got, " ")
		if err != nil {
			text = err.Error()
		}
		if text != c.want {
			t.Errorf("%s %v: %s, want %s", c.header, c.mapping, text, c.want)
		}
	}
}

// TestExportImports: what is exported is imported again.
func TestExportImports(t *testing.T) {
	a, _ := newService(t)
	mustCreate(t, a, "users", `{"first_name":"Anna","last_name":"=Berg","email":"anna@example.com","mobile_number":"+40745550100","features":{"app":true}}`)
	mustCreate(t, a, "users", `{"first_name":"Ion","department":"R\"D, B","application_line":{}}`)
	var file bytes.Buffer
	if err := a.ExportUsers(store.DefaultOrganization, &file); err != nil {
		t.Fatal(err)
	}
	b, _ := newService(t)
	r, err := b.ImportUsers(t.Context(), store.DefaultOrganization, me, bytes.NewReader(file.Bytes()), ImportOptions{Consent: true})
	if err != nil || r.Failed != 0 || r.Created != 2 {
		t.Fatalf("%+v %v\n%s", r, err, file.Bytes())
	}
	mustCreate(t, b, "plans", `{"id":"desk","name":"Desk","includes":{"voicemail":true}}`)
	for file, want := range map[string]string{"first_name,plan\nMia,desk\n": "", "first_name,plan,features.app\nMia,desk,yes\n": "features.app"} {
		r, err := b.ImportUsers(t.Context(), store.DefaultOrganization, me, strings.NewReader(file), ImportOptions{Consent: true, DryRun: true})
		if err != nil || r.Failed > 0 != (want != "") || len(r.Rows) != 1 || r.Rows[0].Field != want {
			t.Errorf("%q: %+v %v", file, r, err)
		}
	}
	var again bytes.Buffer
	if err := b.ExportUsers(store.DefaultOrganization, &again); err != nil {
		t.Fatal(err)
	}
	if x, y := withoutIDs(t, file.Bytes()), withoutIDs(t, again.Bytes()); x != y {
		t.Errorf("exported\n%s\nimported and exported\n%s", x, y)
	}
}

// withoutIDs drops id, created_at and updated_at.
func withoutIDs(t *testing.T, raw []byte) string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		out = append(out, strings.Join(r[3:], "|"))
	}
	return strings.Join(out, "\n")
}

// TestPick: a page is what sorting all and cutting would give.
func TestPick(t *testing.T) {
	type record struct{ Name string }
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.MapOf(rapid.StringMatching("[a-e]{1,3}"), rapid.StringMatching("[A-Ca-c]{0,2}")).Draw(t, "records")
		limit := rapid.IntRange(1, 7).Draw(t, "limit")
		all := make(map[string]*record)
		var want []place
		for id, name := range names {
			all[id] = &record{name}
			want = append(want, place{string(sortKey(nil, name)), id})
		}
		slices.SortFunc(want, place.compare)
		var got []place
		q := Query{Limit: limit}
		for {
			page, more, err := pick(maps.All(all), func(b []byte, r *record) []byte { return sortKey(b, r.Name) }, q, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range page {
				got = append(got, p.place)
			}
			if !more {
				break
			}
			if len(page) != limit {
				t.Fatalf("a page of %d that is not the last", len(page))
			}
			q.Cursor = page[len(page)-1].cursor()
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

// FuzzImport: no file makes the import fall over, save a part, or report
// something that is not so.
func FuzzImport(f *testing.F) {
	for _, seed := range []string{
		"first_name,email\nA,a@x.org\n", "\xef\xbb\xbffirst_name\r\n'=A\r\n", "first_name;x\n", "first_name,extension\nA,101\nB,101\n",
		"first_name,routing.contact_method_ids,reject_scope\nA,x;y,rfc\n", "\"first_name\n", "first_name\n\xff\n", "first_name,role\nA,admin\n",
		"first_name,do_not_disturb,routing.ring_s\nA,x,y\n", "id,first_name\n,\n",
	} {
		f.Add([]byte(seed), true)
	}
	s, _ := newService(f)
	c, _ := FindCollection("users")
	f.Fuzz(func(t *testing.T, file []byte, merge bool) {
		count := func() int {
			page, err := s.List(store.DefaultOrganization, c, Query{All: true})
			if err != nil {
				t.Fatal(err)
			}
			return len(page.Items)
		}
		before, revision := count(), s.store.Revision()
		r, err := s.ImportUsers(t.Context(), store.DefaultOrganization, me, bytes.NewReader(file), ImportOptions{Consent: true, MergeDuplicates: merge})
		if err != nil {
			var in *InputError
			if !reflect.TypeOf(err).AssignableTo(reflect.TypeOf(in)) {
				t.Fatalf("not an input error: %v", err)
			}
			if count() != before {
				t.Fatal("a refused file was imported")
			}
			return
		}
		if !utf8.Valid(file) {
			t.Fatal("bad UTF-8 was taken")
		}
		created, skipped, failed := 0, 0, 0
		for _, row := range r.Rows {
			switch row.Action {
			case rowCreated:
				created++
			case rowSkipped:
				skipped++
			case rowFailed:
				failed++
			default:
				t.Fatalf("action %q", row.Action)
			}
		}
		if created != r.Created || skipped != r.Skipped || failed != r.Failed {
			t.Fatalf("the sums are not those of the rows: %+v", r)
		}
		if got := count() - before; got != r.Created || failed > 0 && got != 0 {
			t.Fatalf("%d users more, the report says %d created and %d failed", got, r.Created, failed)
		}
		if (s.store.Revision() > revision) != (r.Created > 0) || s.store.Revision() > revision+1 {
			t.Fatalf("revision %d after %d", s.store.Revision(), revision)
		}
	})
}
