package api_test

import (
	"strings"
	"testing"
	"time"

	"strowger/store"
)

// TestDraft: a change set is tried on the calls that were, applied as one revision,
// and undone.
func TestDraft(t *testing.T) {
	x := newExchange(t)
	for id, n := range map[string]string{"anna": "201", "bo": "202", "cleo": "203"} {
		x.do("POST", "/users", object{"id": id, "first_name": strings.ToUpper(id[:1]) + id[1:], "application_line": object{"id": id + "-app", "inbound": object{"internal_numbers": []string{n}}}}).want(201)
	}
	now := time.Now()
	for id, c := range map[string]struct {
		to  string
		ago time.Duration
	}{"old": {"202", 48 * time.Hour}, "other": {"203", time.Hour}, "call": {"202", 2 * time.Hour}} {
		at := now.Add(-c.ago)
		call := &store.Call{ID: id, Org: "default", Direction: "internal", State: "ended", From: "201", To: c.to, StartedAt: at, EndedAt: at.Add(time.Minute),
			Legs: []store.CallLeg{{ID: "a", Side: "a", UserID: "anna", ContactMethodID: "anna-app", Peer: "201", State: "ended"}}}
		x.store.SaveCall(call, &store.Trace{CallID: id}, nil)
	}
	before := x.newest()
	draft := object{"summary": "Bo is away", "writes": []object{{"collection": "users", "op": "update", "id": "bo", "value": object{"do_not_disturb": true}}}}
	p := x.do("POST", "/drafts/preview", draft).want(200).object()
	calls := p["calls"].([]any)
	if p["change_count"] != 1.0 || p["calls_looked"] != 2.0 || p["calls_differ"] != 1.0 || len(calls) != 1 || x.newest() != before {
		t.Fatalf("%v", p)
	}
	if c := calls[0].(map[string]any); c["id"] != "call" || !strings.HasPrefix(c["was"].(string), "rings Bo's app") || strings.HasPrefix(c["would"].(string), "rings") {
		t.Errorf("%v", c)
	}
	// A longer period has one call more.
	draft["since"] = now.Add(-72 * time.Hour)
	if p := x.do("POST", "/drafts/preview", draft).want(200).object(); p["calls_differ"] != 2.0 {
		t.Errorf("%v", p)
	}
	rev := x.do("POST", "/drafts/apply", draft).want(200).object()
	if rev["summary"] != "Bo is away" || rev["revision"] != before+1 {
		t.Errorf("%v", rev)
	}
	x.do("POST", "/revisions/"+number(rev["revision"])+"/undo", nil).want(200)
	if u := x.do("GET", "/users/bo", nil).object(); u["do_not_disturb"] != false {
		t.Errorf("%v", u)
	}
}

// TestDraftRefused: all of a draft or nothing of it, and who is wrong is named.
func TestDraftRefused(t *testing.T) {
	x := newExchange(t)
	x.do("POST", "/users", object{"id": "boss", "first_name": "Boss", "role": "admin"}).want(201)
	before := x.newest()
	write := func(collection, op, id string, value any) object {
		return object{"collection": collection, "op": op, "id": id, "value": value}
	}
	good := write("users", "create", "", object{"first_name": "New"})
	for _, c := range []struct {
		field  string
		status int
		write  object
	}{
		{"writes[1].collection", 422, write("tokens", "create", "", object{"role": "admin"})},
		{"writes[1].collection", 422, write("nothing", "create", "", object{})},
		{"writes[1].op", 422, write("users", "replace", "boss", object{})},
		{"writes[1].value.shoe_size", 422, write("users", "update", "boss", object{"shoe_size": 1})},
		{"", 404, write("users", "update", "nobody", object{"first_name": "X"})},
		{"", 409, write("users", "update", "boss", object{"role": "user"})},
		{"", 412, object{"collection": "users", "op": "update", "id": "boss", "if_match": `"stale"`, "value": object{"first_name": "X"}}},
	} {
		for _, how := range []string{"preview", "apply"} {
			r := x.do("POST", "/drafts/"+how, object{"writes": []object{good, c.write}}).want(c.status)
			if got, _ := r.object()["field"].(string); got != c.field {
				t.Errorf("%v: field %q, want %q", c.write, got, c.field)
			}
		}
	}
	x.do("POST", "/drafts/preview", object{"writes": []object{}}).want(422, "writes")
	if x.newest() != before {
		t.Error("a part of a refused draft was saved")
	}
}

// TestTakenByName: what is taken is said by the names of who has it, whether it is
// saved or tried.
func TestTakenByName(t *testing.T) {
	x := newExchange(t)
	for _, id := range []string{"anna", "bo"} {
		x.do("POST", "/users", object{"id": id, "first_name": strings.ToUpper(id[:1]) + id[1:], "last_name": "Berg"}).want(201)
		x.do("POST", "/contact-methods", object{"id": id + "-desk", "user_id": id, "kind": "sip_account", "label": "Desk", "sip_account": object{"username": id}}).want(201)
	}
	patch := object{"sip_account": object{"username": "anna"}}
	for _, r := range []*reply{
		x.do("PATCH", "/contact-methods/bo-desk", patch).want(409, "sip_account.username"),
		x.do("POST", "/drafts/preview", object{"writes": []object{{"collection": "contact_methods", "op": "update", "id": "bo-desk", "value": patch}}}).want(409, "writes[0].value.sip_account.username"),
	} {
		if detail := r.object()["detail"].(string); !strings.Contains(detail, "anna is already that of the contact method Desk of Anna Berg") {
			t.Errorf("said as %q", detail)
		}
	}
}

// TestDraftKeepsTheRules: a draft is no way around what deleting a user asks, and who
// gets an application line by it is invited as otherwise.
func TestDraftKeepsTheRules(t *testing.T) {
	x := newExchange(t)
	x.withMail()
	x.do("POST", "/users", object{"id": "mia", "first_name": "Mia"}).want(201)
	x.do("POST", "/drafts/apply", object{"writes": []object{{"collection": "users", "op": "delete", "id": "mia"}}}).want(422, "writes[0].op")
	x.do("GET", "/users/mia", nil).want(200)
	x.do("POST", "/drafts/preview", object{"writes": []object{{"collection": "users", "op": "create", "value": object{"id": "bo", "first_name": "Bo", "email": "bo@example.com", "application_line": object{}}}}}).want(200)
	x.do("POST", "/drafts/apply", object{"writes": []object{{"collection": "users", "op": "create", "value": object{"id": "bo", "first_name": "Bo", "email": "bo@example.com", "application_line": object{}}}}}).want(200)
	if state := at(x.do("GET", "/users/bo", nil).want(200).object(), "invitation.state"); state != "sent" {
		t.Errorf("the invitation is %v", state)
	}
	if mails := x.outbox(); len(mails) != 1 || mails[0].To[0] != "bo@example.com" {
		t.Errorf("%d mails", len(mails))
	}
}
