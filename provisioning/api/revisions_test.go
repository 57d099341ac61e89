package api_test

import (
	"fmt"
	"strings"
	"testing"
)

func (x *exchange) newest() float64 {
	return x.do("GET", "/revisions?limit=1", nil).items()[0]["revision"].(float64)
}

// TestUndo: one change set is taken back, what came later stays, and what was
// changed again is named.
func TestUndo(t *testing.T) {
	x := newExchange(t)
	x.do("POST", "/users", object{"id": "anna", "first_name": "Anna"}).want(201)
	x.do("PATCH", "/users/anna", object{"department": "Sales"}).want(200)
	change := x.newest()
	x.do("POST", "/users", object{"id": "bo", "first_name": "Bo"}).want(201)
	undo := fmt.Sprintf("/revisions/%v/undo", change)

	before := x.newest()
	try := x.do("POST", undo+"?dry_run=true", nil).want(200).object()
	if try["change_count"] != 1.0 || x.newest() != before {
		t.Errorf("a preview: %v, newest %v", try, x.newest())
	}
	x.do("POST", undo, nil).want(200)
	if u := x.do("GET", "/users/anna", nil).object(); u["department"] != "" {
		t.Errorf("department %q", u["department"])
	}
	x.do("GET", "/users/bo", nil).want(200)
	// Twice is refused: the undo itself is a later change.
	r := x.do("POST", undo, nil).want(409)
	if deps := r.object()["dependencies"].([]any); len(deps) != 1 || deps[0].(map[string]any)["id"] != "anna" {
		t.Errorf("%s", r.raw)
	}
	x.do("POST", "/revisions/99999/undo", nil).want(404)
	if rev := x.do("GET", "/revisions?limit=1", nil).items()[0]; rev["summary"] != fmt.Sprintf("undo revision %v", change) {
		t.Errorf("%v", rev)
	}
}

// TestUndoInUse: what somebody needs by now does not go.
func TestUndoInUse(t *testing.T) {
	x := newExchange(t)
	x.do("POST", "/time-schedules", object{"id": "day", "name": "Day"}).want(201)
	made := x.newest()
	x.do("POST", "/users", object{"id": "anna", "first_name": "Anna", "time_schedule_id": "day"}).want(201)
	r := x.do("POST", fmt.Sprintf("/revisions/%v/undo", made), nil).want(409)
	if !strings.Contains(string(r.raw), `"users"`) {
		t.Errorf("%s", r.raw)
	}
	x.do("GET", "/time-schedules/day", nil).want(200)
}

// TestLastAdministratorStays: no way back leads to an exchange that nobody can
// administer.
func TestLastAdministratorStays(t *testing.T) {
	x := newExchange(t)
	x.do("POST", "/users", object{"first_name": "Early"}).want(201)
	early := x.newest()
	x.do("POST", "/users", object{"id": "boss", "first_name": "Boss", "login": "boss", "password": "long enough", "role": "admin"}).want(201)
	made := x.newest()
	for _, path := range []string{fmt.Sprintf("/revisions/%v/restore", early), fmt.Sprintf("/revisions/%v/undo", made)} {
		for _, how := range []string{"?dry_run=true", ""} {
			r := x.do("POST", path+how, nil).want(409)
			if !strings.Contains(string(r.raw), "last administrator") {
				t.Errorf("%s: %s", path+how, r.raw)
			}
		}
	}
	x.do("GET", "/users/boss", nil).want(200)
	// With another one it may be taken back.
	x.do("POST", "/users", object{"id": "other", "first_name": "Other", "role": "admin"}).want(201)
	x.do("POST", fmt.Sprintf("/revisions/%v/undo", made), nil).want(200)
	x.do("GET", "/users/boss", nil).want(404)
}

// TestRevisionFilters: who, what, which record, when; and bounded answers.
func TestRevisionFilters(t *testing.T) {
	x := newExchange(t)
	var users []object
	for i := range 30 {
		users = append(users, object{"id": fmt.Sprintf("u%02d", i), "first_name": "U"})
	}
	x.do("POST", "/apply", object{"users": users}).want(200)
	many := x.newest()
	x.do("POST", "/time-schedules", object{"id": "day", "name": "Day"}).want(201)
	for query, want := range map[string]int{
		"path~=users/u07": 1, "path~=users/u99": 0, "collection=time_schedules": 1, "summary~=Apply": 1, "by~=nobody": 0,
		"since=2100-01-01T00:00:00Z": 0, "collection=users&summary~=create": 0,
	} {
		if n := len(x.do("GET", "/revisions?"+query, nil).want(200).items()); n != want {
			t.Errorf("%s: %d, want %d", query, n, want)
		}
	}
	x.do("GET", "/revisions?since=yesterday", nil).want(422, "since")
	x.do("GET", "/revisions?who=me", nil).want(422, "who")
	rev := x.do("GET", "/revisions?summary~=apply", nil).items()[0]
	if n := len(rev["changes"].([]any)); n != 20 || rev["change_count"] != 30.0 {
		t.Errorf("%d of %v changes are listed", n, rev["change_count"])
	}
	rest := x.do("GET", fmt.Sprintf("/revisions/%v?from=25", many), nil).want(200).object()
	if n := len(rest["changes"].([]any)); n != 5 {
		t.Errorf("%d changes from 25 on", n)
	}
	x.do("GET", fmt.Sprintf("/revisions/%v?from=-1", many), nil).want(422, "from")
}

// TestUndoOfSecrets: a password that was set cannot be taken back, and an undo says so.
func TestUndoOfSecrets(t *testing.T) {
	x := newExchange(t)
	x.do("POST", "/users", object{"id": "anna", "first_name": "Anna", "login": "anna", "password": "a password"}).want(201)
	x.do("PATCH", "/users/anna", object{"password": "another password"}).want(200)
	only := fmt.Sprintf("/revisions/%v/undo", x.newest())
	if try := x.do("POST", only+"?dry_run=true", nil).want(200).object(); try["secrets_stay"] != true || try["change_count"] != 0.0 {
		t.Errorf("a preview: %v", try)
	}
	if r := x.do("POST", only, nil).want(409); !strings.Contains(string(r.raw), "only set passwords") {
		t.Errorf("%s", r.raw)
	}
	x.do("PATCH", "/users/anna", object{"password": "one more password", "department": "Sales"}).want(200)
	both := fmt.Sprintf("/revisions/%v/undo", x.newest())
	if done := x.do("POST", both, nil).want(200).object(); done["secrets_stay"] != true || done["change_count"] != 1.0 {
		t.Errorf("%v", done)
	}
}
