package api_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// TestImportInSteps: a file is uploaded, tried, imported, and taken back.
func TestImportInSteps(t *testing.T) {
	x := newExchange(t)
	x.do("POST", "/users", object{"id": "anna", "first_name": "Anna", "last_name": "Berg", "email": "anna@example.com"}).want(201)
	file := "\xef\xbb\xbfVorname,Nachname,E-Mail,Abteilung,Schuhgröße\r\nAnna,Berg,anna@example.com,,38\r\nDan,Popa,dan@example.com,\"Sales, East\",43\r\nEva,,no address,,\r\n"
	up := x.do("POST", "/imports", newForm(t, nil, "people.csv", []byte(file))).want(201).object()
	fields := ""
	for _, c := range up["columns"].([]any) {
		fields += fmt.Sprint(c.(map[string]any)["field"], " ")
	}
	if fields != "first_name last_name email department  " || up["row_count"] != 3.0 || up["state"] != "ready" || len(up["sample"].([]any)) != 3 {
		t.Fatalf("%v", up)
	}
	at := "/imports/" + up["id"].(string)
	x.do("GET", at+"/report", nil).want(409)
	before := x.newest()
	tried := x.do("POST", at+"/run", object{"dry_run": true, "merge_duplicates": true}).want(200).object()
	problems := tried["problems"].([]any)
	if tried["state"] != "checked" || tried["created"] != 1.0 || tried["skipped"] != 1.0 || tried["failed"] != 1.0 || len(problems) != 2 {
		t.Fatalf("%v", tried)
	}
	if p := problems[1].(map[string]any); p["row"] != 4.0 || p["field"] != "email" || p["cells"].([]any)[2] != "no address" {
		t.Errorf("%v", p)
	}
	// Without the consent nothing happens; with a row that fails, neither.
	x.do("POST", at+"/run", object{"merge_duplicates": true}).want(422, "consent")
	refused := x.do("POST", at+"/run", object{"merge_duplicates": true, "consent": true}).want(200).object()
	if refused["state"] != "refused" || refused["created"] != 0.0 || x.newest() != before {
		t.Errorf("%v", refused)
	}
	// The column of the address left out, all is well.
	mapping := object{"Vorname": "first_name", "Nachname": "last_name"}
	done := x.do("POST", at+"/run", object{"merge_duplicates": true, "consent": true, "mapping": mapping}).want(200).object()
	if done["state"] != "done" || done["created"] != 2.0 || done["revision"] != before+1 {
		t.Fatalf("%v", done)
	}
	report := string(x.do("GET", at+"/report", nil).want(200).raw)
	if !strings.HasPrefix(report, "row,action,field,reason,user_id,Vorname,") || !strings.Contains(report, `,Dan,Popa,dan@example.com,"Sales, East",43`) {
		t.Errorf("%s", report)
	}
	rev := x.do("GET", fmt.Sprintf("/revisions/%v", done["revision"]), nil).object()
	if rev["summary"] != "import users from people.csv, consent given" || rev["by"] == "" {
		t.Errorf("%v", rev)
	}
	x.do("POST", at+"/run", object{"consent": true}).want(409)
	x.do("POST", at+"/cancel", nil).want(409)
	x.do("POST", fmt.Sprintf("/revisions/%v/undo", done["revision"]), nil).want(200)
	if n := len(x.do("GET", "/users", nil).items()); n != 1 {
		t.Errorf("%d users are left", n)
	}
	x.do("DELETE", at, nil).want(204)
	x.do("GET", at, nil).want(404)
}

// TestImportRefused: a file that is none says why and where.
func TestImportRefused(t *testing.T) {
	x := newExchange(t)
	for name, file := range map[string]string{
		"semicolons": "first_name;email\nA;a@x.org\n",
		"line 3 is":  "first_name\nA\nJos\xe9\n",
		"line 2 has": "first_name\nA,B\n",
		"no user":    "first_name\n",
		"empty":      "\n",
	} {
		r := x.do("POST", "/imports", newForm(t, nil, "u.csv", []byte(file))).want(422, "file")
		if name != "semicolons" && !strings.Contains(string(r.raw), name) {
			t.Errorf("%s: %s", name, r.raw)
		}
	}
	x.do("POST", "/imports", newForm(t, nil, "u.csv", bytes.Repeat([]byte("a,b,c\n"), 4<<20))).want(413, "")
	x.do("POST", "/imports", newForm(t, map[string]string{"file": "x"}, "", nil)).want(422, "file")
	x.do("POST", "/imports", object{}).want(415, "")
	// A connection that is lost in the middle.
	form := newForm(t, nil, "u.csv", []byte("first_name\nA\nB\n"))
	form.body.Truncate(form.body.Len() - 40)
	r := x.do("POST", "/imports", form).want(400, "file")
	if !strings.Contains(string(r.raw), "broke off") {
		t.Errorf("%s", r.raw)
	}
	// Missing: no column for what must be there.
	up := x.do("POST", "/imports", newForm(t, nil, "u.csv", []byte("email\na@example.com\n"))).want(201).object()
	x.do("POST", "/imports/"+up["id"].(string)+"/run", object{"dry_run": true}).want(422, "first_name")
	// Another organization's is not there.
	x.do("POST", "/organizations", object{"id": "other", "name": "Other", "domain": "other.example"}).want(201)
	x.do("GET", "/imports/"+up["id"].(string)+"?organization=other", nil).want(404)
}
