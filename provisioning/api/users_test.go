package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"strowger/provisioning"
	"strowger/store"
)

// TestApplicationLine: the line comes with the user or neither does, and takes
// the lowest free number.
func TestApplicationLine(t *testing.T) {
	x := newExchange(t)
	for i, want := range []string{"101", "102", "104"} {
		if i == 2 {
			x.do("POST", "/users", map[string]any{"id": "taken", "first_name": "T", "extension": "103",
				"application_line": map[string]any{}}).want(201)
		}
		u := x.do("POST", "/users", map[string]any{"first_name": "U", "application_line": map[string]any{}}).want(201).object()
		if u["extension"] != want {
			t.Errorf("extension %v, want %s", u["extension"], want)
		}
		lines := x.do("GET", "/contact-methods?user_id="+u["id"].(string), nil).want(200).items()
		if len(lines) != 1 || lines[0]["kind"] != "app" {
			t.Errorf("the user's lines: %v", lines)
		}
	}
	before := x.do("GET", "/revisions?limit=1", nil).want(200).items()[0]["revision"]
	x.do("POST", "/users", map[string]any{"id": "no", "first_name": "No",
		"application_line": map[string]any{"inbound": map[string]any{"internal_numbers": []string{"101"}}}}).want(409)
	x.do("GET", "/users/no", nil).want(404, "")
	if after := x.do("GET", "/revisions?limit=1", nil).want(200).items()[0]["revision"]; after != before {
		t.Errorf("a refused user made revision %v", after)
	}
	x.do("PATCH", "/users/taken", map[string]any{"application_line": map[string]any{}}).want(422, "application_line")
	x.do("PATCH", "/organizations/default", map[string]any{"extension_range": "101-104"}).want(200)
	x.do("POST", "/users", map[string]any{"first_name": "U", "application_line": map[string]any{}}).want(409)
}

// TestDeleteUser: refused without the confirmation, with the list of what would
// go; all of it goes at once and nothing is left that names it.
// What is wrong with a new record, or with what comes with it, is named as its sender
// did, who has never seen their ids; in a draft too.
func TestRefusedPartsAreNamed(t *testing.T) {
	x := newExchange(t)
	line := func(more object) object {
		return object{"first_name": "Mia", "application_line": object{"inbound": more}}
	}
	emergency := line(object{"internal_numbers": []string{"911"}})
	timeout := line(object{"ring_timeout_s": -1})
	x.do("PATCH", "/organizations/default", object{"country": "US"}).want(200)
	x.do("POST", "/users", emergency).want(422, "application_line.inbound.internal_numbers[0]")
	x.do("POST", "/users", timeout).want(422, "application_line.inbound.ring_timeout_s")
	x.do("POST", "/users", object{"id": "A B", "first_name": "Mia"}).want(422, "id")
	x.do("POST", "/users", object{"first_name": ""}).want(422, "first_name")
	draft := func(writes ...object) *reply { return x.do("POST", "/drafts/apply", object{"writes": writes}) }
	create := func(collection string, value object) object {
		return object{"collection": collection, "op": "create", "value": value}
	}
	draft(create("users", emergency)).want(422, "writes[0].value.application_line.inbound.internal_numbers[0]")
	draft(create("users", object{"first_name": "Mia"}), create("users", object{"first_name": ""})).want(422, "writes[1].value.first_name")
	draft(create("users", object{"id": "A B", "first_name": "Mia"})).want(422, "writes[0].value.id")
	if users := x.do("GET", "/users", nil).want(200).ids(); len(users) != 0 {
		t.Errorf("half of it is there: %v", users)
	}
}

func TestDeleteUser(t *testing.T) {
	x := newExchange(t)
	x.people()
	x.do("PATCH", "/contact-methods/ion-line", map[string]any{"inbound": map[string]any{"did_numbers": []string{"+40215550100"}},
		"recording": map[string]any{"inbound_internal": true}}).want(200)
	x.do("PATCH", "/users/ion", map[string]any{"routing": map[string]any{"mode": "fixed", "contact_method_ids": []string{"ion-line"}}}).want(200)
	x.do("POST", "/devices", map[string]any{"id": "phone", "mac": "001565123456", "vendor": "yealink", "model": "T54W",
		"lines": []any{map[string]any{"contact_method_id": "ion-line"}}}).want(201)
	x.do("POST", "/tokens", map[string]any{"id": "own", "role": "user", "user_id": "ion"}).want(201)
	x.do("POST", "/call-flows", map[string]any{"id": "flow", "name": "Flow", "entry": "ring", "nodes": []any{
		map[string]any{"id": "ring", "type": "user", "settings": map[string]any{"user_id": "ion"}, "exits": map[string]any{"unavailable": "end"}},
		map[string]any{"id": "end", "type": "hang_up"}}}).want(201)

	deps := x.do("GET", "/users/ion/dependencies", nil).want(200).items()
	found := map[string]bool{}
	for _, d := range deps {
		if d["consequence"] == "" {
			t.Errorf("%v without a consequence", d)
		}
		found[d["collection"].(string)+"/"+d["id"].(string)] = true
	}
	for _, want := range []string{"contact_methods/ion-line", "numbers/n1", "internal_numbers/102", "devices/phone", "call_flows/flow", "tokens/own"} {
		if !found[want] {
			t.Errorf("%s is not among the dependencies: %v", want, deps)
		}
	}
	refused := x.do("DELETE", "/users/ion", nil).want(409, "").object()
	if n := len(refused["dependencies"].([]any)); n != len(deps) {
		t.Errorf("the refusal lists %d dependencies, the list has %d", n, len(deps))
	}
	x.do("DELETE", "/users/ion?confirm=maybe", nil).want(422, "confirm")
	x.do("DELETE", "/users/ion?confirm=true", nil).want(204)
	for _, gone := range []string{"/users/ion", "/contact-methods/ion-line", "/internal-numbers/102", "/tokens/own"} {
		x.do("GET", gone, nil).want(404, "")
	}
	if owner := at(x.do("GET", "/numbers/n1", nil).want(200).object(), "owner.kind"); owner != "none" {
		t.Errorf("the number's owner is %v", owner)
	}
	if lines := x.do("GET", "/devices/phone", nil).want(200).object()["lines"].([]any); len(lines) != 0 {
		t.Errorf("the phone still has %v", lines)
	}
	if raw := string(x.do("GET", "/export", nil).want(200).raw); strings.Contains(raw, `"ion"`) || strings.Contains(raw, "ion-line") {
		t.Errorf("something still names the user: %s", raw)
	}
	// A revision brings the user back with all of it.
	revs := x.do("GET", "/revisions?limit=2", nil).want(200).items()
	x.do("POST", "/revisions/"+number(revs[1]["revision"])+"/restore", nil).want(200)
	if ext := x.do("GET", "/users/ion", nil).want(200).object()["extension"]; ext != "102" {
		t.Errorf("restored with extension %v", ext)
	}
	x.do("GET", "/tokens/own", nil).want(404, "") // a token that was taken back stays so
	x.do("POST", "/revisions/99999/restore", nil).want(404, "")
	x.do("GET", "/revisions/nonsense", nil).want(404, "")
}

// TestDeleteUserHandsMessagesOver: all of them go to one user who is there, once the
// deletion would be accepted; otherwise they stay where they are.
func TestDeleteUserHandsMessagesOver(t *testing.T) {
	x := newExchange(t)
	x.do("POST", "/users", map[string]any{"id": "boss", "first_name": "B", "role": "admin", "login": "boss"}).want(201)
	for _, id := range []string{"leaver", "heir"} {
		x.do("POST", "/users", map[string]any{"id": id, "first_name": id}).want(201)
	}
	const messages = 1005 // more than one page of the ledger
	for i := range messages + 2 {
		v := &store.Voicemail{ID: fmt.Sprint("vm-", i), Org: store.DefaultOrganization, UserID: "leaver", Read: true, State: store.RecordingCaptured,
			CreatedAt: time.Date(2026, 1, 1, 0, 0, i, 0, time.UTC)}
		switch i {
		case 0:
			v.UserID = "boss"
		case 1:
			v.UserID = "heir"
		}
		if err := x.store.PutVoicemail(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	whose := func() (counts map[string]int) {
		counts = map[string]int{}
		for i := range messages + 2 {
			v := x.do("GET", fmt.Sprint("/voicemails/vm-", i), nil).want(200).object()
			counts[v["user_id"].(string)]++
			if v["user_id"] == "heir" && i > 1 && v["read"] != false {
				t.Fatalf("%v is no news to who has it now", v["id"])
			}
		}
		return counts
	}
	label := ""
	for _, d := range x.do("GET", "/users/leaver/dependencies", nil).want(200).items() {
		if d["collection"] == "voicemails" {
			label = fmt.Sprint(d["label"], ", ", d["count"])
		}
	}
	if label != "1005 messages, 1005" {
		t.Errorf("the dependencies name %q", label)
	}
	x.do("DELETE", "/users/leaver?confirm=true&messages_to=nobody", nil).want(422, "messages_to")
	x.do("DELETE", "/users/leaver?confirm=true&messages_to=leaver", nil).want(422, "messages_to")
	x.do("DELETE", "/users/boss?confirm=true&messages_to=heir", nil).want(409, "") // the last administrator
	if got := whose(); got["leaver"] != messages || got["boss"] != 1 || got["heir"] != 1 {
		t.Errorf("after what was refused: %v", got)
	}
	x.do("DELETE", "/users/leaver?confirm=true&messages_to=heir", nil).want(204)
	if got := whose(); got["heir"] != messages+1 || got["boss"] != 1 {
		t.Errorf("after the deletion: %v", got)
	}
	x.do("DELETE", "/users/heir?confirm=true", nil).want(204)
	if got := whose(); got["heir"] != messages+1 {
		t.Errorf("messages that nobody was to have: %v", got)
	}
}

// number writes a whole number that came as JSON.
func number(v any) string { return fmt.Sprintf("%.0f", v) }

// TestLastAdmin: an organization keeps one.
func TestLastAdmin(t *testing.T) {
	x := newExchange(t)
	x.do("POST", "/users", map[string]any{"id": "boss", "first_name": "B", "role": "admin", "login": "boss"}).want(201)
	x.do("PATCH", "/users/boss", map[string]any{"role": "user"}).want(409, "")
	x.do("DELETE", "/users/boss?confirm=true", nil).want(409, "")
	x.do("POST", "/users", map[string]any{"id": "deputy", "first_name": "D", "role": "admin", "login": "deputy"}).want(201)
	x.do("DELETE", "/users/boss?confirm=true", nil).want(204)
}

// TestLogin: it follows the address until somebody chooses another.
func TestLogin(t *testing.T) {
	x := newExchange(t)
	login := func(r *reply) any { return r.object()["login"] }
	if got := login(x.do("POST", "/users", map[string]any{"id": "u", "first_name": "U", "email": "a@example.com"}).want(201)); got != "a@example.com" {
		t.Errorf("login %v", got)
	}
	if got := login(x.do("PATCH", "/users/u", map[string]any{"email": "b@example.com"}).want(200)); got != "b@example.com" {
		t.Errorf("login %v after the address changed", got)
	}
	x.do("PATCH", "/users/u", map[string]any{"login": "chosen"}).want(200)
	if got := login(x.do("PATCH", "/users/u", map[string]any{"email": "c@example.com"}).want(200)); got != "chosen" {
		t.Errorf("login %v, chosen was lost", got)
	}
	x.do("POST", "/users", map[string]any{"first_name": "V", "login": "chosen"}).want(409, "login")
}

// TestImport: what the form may hold, and the report.
func TestImport(t *testing.T) {
	x := newExchange(t)
	x.people()
	good := "\xef\xbb\xbfGiven,Last name,E-mail,department\r\n" +
		"Dan,Popa,dan@example.com,'=SUM(A1)\r\n" +
		"Ana,Berg,ANNA@example.com,Sales\r\n"
	mapping := `{"Given":"first_name","E-mail":"email"}`
	values := func(more ...string) map[string]string {
		m := map[string]string{"consent": "true", "mapping": mapping, "merge_duplicates": "true"}
		for i := 0; i < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	x.do("POST", "/users/import", map[string]any{}).want(415, "")
	x.do("POST", "/users/import", newForm(t, values("consent", "false"), "u.csv", []byte(good))).want(422, "consent")
	x.do("POST", "/users/import", newForm(t, values("consent", "perhaps"), "u.csv", []byte(good))).want(422, "consent")
	x.do("POST", "/users/import", newForm(t, values("colour", "red"), "u.csv", []byte(good))).want(422, "colour")
	x.do("POST", "/users/import", newForm(t, values(), "", nil)).want(422, "file")
	x.do("POST", "/users/import", newForm(t, values("mapping", "["), "u.csv", []byte(good))).want(422, "mapping")

	before := len(x.do("GET", "/users", nil).items())
	var report provisioning.ImportReport
	x.do("POST", "/users/import", newForm(t, values("dry_run", "true"), "u.csv", []byte(good))).want(200).into(&report)
	if report.Created != 1 || report.Skipped != 1 || report.Revision != 0 || len(x.do("GET", "/users", nil).items()) != before {
		t.Fatalf("dry run: %+v", report)
	}
	x.do("POST", "/users/import", newForm(t, values(), "u.csv", []byte(good))).want(200).into(&report)
	if report.Created != 1 || report.Skipped != 1 || report.Revision == 0 {
		t.Fatalf("%+v", report)
	}
	if row := report.Rows[1]; row.Row != 3 || row.Action != "skipped" || row.UserID != "anna" || row.Reason == "" {
		t.Errorf("the duplicate's row: %+v", row)
	}
	dan := x.do("GET", "/users/"+report.Rows[0].UserID, nil).want(200).object()
	if dan["department"] != "=SUM(A1)" || dan["login"] != "dan@example.com" {
		t.Errorf("imported %v", dan)
	}
	export := string(x.do("GET", "/users", nil, header{"Accept": "text/csv"}).want(200).raw)
	if !strings.Contains(export, ",'=SUM(A1),") {
		t.Errorf("the formula is exported as it is: %s", export)
	}
	rev := x.do("GET", "/revisions?limit=1", nil).want(200).items()[0]
	if !strings.Contains(rev["summary"].(string), "consent") {
		t.Errorf("the revision does not keep the consent: %v", rev["summary"])
	}
	bad := "first_name,email\nOne,one@example.com\nTwo,nobody\n,three@example.com\n"
	x.do("POST", "/users/import", newForm(t, values("mapping", ""), "u.csv", []byte(bad))).want(422).into(&report)
	if report.Created != 0 || report.Failed != 2 || report.Skipped != 1 || report.Revision != 0 {
		t.Errorf("%+v", report)
	}
	if len(x.do("GET", "/users?first_name=One", nil).items()) != 0 {
		t.Error("half a file was imported")
	}
	huge := make([]byte, provisioning.MaxImport+2<<20)
	x.do("POST", "/users/import", newForm(t, values(), "u.csv", huge)).want(413, "")
}

// TestRoles: who may do what, and what another organization's record is.
func TestRoles(t *testing.T) {
	x := newExchange(t)
	x.people()
	x.do("POST", "/organizations", map[string]any{"id": "acme", "name": "Acme", "domain": "acme.example"}).want(201)
	x.do("POST", "/users?organization=acme", map[string]any{"id": "wile", "first_name": "Wile"}).want(201)
	admin := header{"token": x.newToken(map[string]any{"role": "admin"}, "")}
	other := header{"token": x.newToken(map[string]any{"role": "admin"}, "acme")}
	anna := header{"token": x.newToken(map[string]any{"role": "user", "user_id": "anna"}, "")}
	nobody := header{"Authorization": ""}

	for _, c := range []struct {
		method, path string
		body         any
		who          header
		status       int
	}{
		{"GET", "/users", nil, nobody, 401},
		{"GET", "/users", nil, header{"token": "sw_wrong"}, 401},
		{"GET", "/users", nil, header{"Authorization": "Basic eDp5"}, 401},
		{"GET", "/users", nil, admin, 200},
		{"GET", "/users/wile", nil, admin, 404},
		{"GET", "/users/wile?organization=acme", nil, admin, 404},
		{"GET", "/users/wile", nil, other, 200},
		{"GET", "/users/anna", nil, other, 404},
		{"PATCH", "/users/anna", map[string]any{"first_name": "X"}, other, 404},
		{"DELETE", "/users/anna?confirm=true", nil, other, 404},
		{"GET", "/users/wile?organization=acme", nil, nil, 200},
		{"GET", "/users/wile", nil, header{"X-Organization": "Acme"}, 200},
		{"GET", "/users/wile?organization=nowhere", nil, nil, 404},
		{"POST", "/organizations", map[string]any{"name": "Third"}, admin, 403},
		{"DELETE", "/organizations/acme?confirm=true", nil, other, 403},
		{"GET", "/organizations/acme", nil, admin, 404},
		{"GET", "/organizations/default", nil, admin, 200},
		{"PATCH", "/organizations/acme", map[string]any{"ring_timeout_s": 30}, other, 200},
		{"PATCH", "/organizations/default", map[string]any{"ring_timeout_s": 30}, other, 404},
		{"PATCH", "/organizations/acme", map[string]any{"realm": "other"}, nil, 422},
		{"POST", "/tokens", map[string]any{"role": "operator"}, admin, 403},
		{"POST", "/tokens", map[string]any{"role": "admin"}, admin, 201},
		{"GET", "/check", nil, admin, 403},
		{"GET", "/backup", nil, admin, 403},
		{"GET", "/bans", nil, admin, 403},
		{"GET", "/users/anna", nil, anna, 200},
		{"GET", "/users/ion", nil, anna, 404},
		{"PATCH", "/users/anna", map[string]any{"role": "admin"}, anna, 403},
		{"GET", "/contact-methods/anna-app", nil, anna, 200},
		{"GET", "/contact-methods/ion-line", nil, anna, 404},
		{"GET", "/trunks", nil, anna, 403},
		{"GET", "/revisions", nil, anna, 403},
		{"GET", "/me", nil, anna, 200},
		{"POST", "/calls", map[string]any{"from": "102", "to": "101"}, anna, 422},
		{"POST", "/calls", map[string]any{"to": "102"}, anna, 201},
		{"GET", "/recordings?user_id=ion", nil, anna, 403},
		{"GET", "/recordings", nil, anna, 200},
	} {
		headers := []header{}
		if c.who != nil {
			headers = append(headers, c.who)
		}
		r := x.do(c.method, c.path, c.body, headers...).want(c.status)
		if c.status == 401 && r.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: 401 without a challenge", r.what)
		}
	}
	if ids := x.do("GET", "/users", nil, anna).want(200).ids(); len(ids) != 1 || ids[0] != "anna" {
		t.Errorf("a user sees %v", ids)
	}
	if ids := x.do("GET", "/organizations", nil, admin).want(200).ids(); len(ids) != 1 || ids[0] != "default" {
		t.Errorf("an admin sees organizations %v", ids)
	}
	// An operator's token is nobody else's to see or to take away.
	for _, tok := range x.do("GET", "/tokens", nil, admin).want(200).items() {
		if tok["role"] == "operator" {
			t.Errorf("an admin sees %v", tok)
		}
	}
	for _, tok := range x.do("GET", "/tokens?role=operator", nil).want(200).items() {
		x.do("DELETE", "/tokens/"+tok["id"].(string), nil, admin).want(404, "")
	}
	x.do("DELETE", "/organizations/acme", nil).want(409, "")
	x.do("DELETE", "/organizations/acme?confirm=true", nil).want(204)
	x.do("GET", "/users", nil, other).want(401, "")
	x.do("DELETE", "/organizations/default?confirm=true", nil).want(409)
}

// TestTokenGone: a token is good until it is deleted.
func TestTokenGone(t *testing.T) {
	x := newExchange(t)
	x.people()
	made := x.do("POST", "/tokens", map[string]any{"role": "admin", "label": "short"}).want(201).object()
	who := header{"token": made["token"].(string)}
	if !strings.HasPrefix(made["token"].(string), "sw_") || !strings.HasPrefix(made["token"].(string), made["prefix"].(string)) {
		t.Errorf("token %v, prefix %v", made["token"], made["prefix"])
	}
	x.do("GET", "/users", nil, who).want(200)
	x.do("PATCH", "/tokens/"+made["id"].(string), map[string]any{"role": "operator"}).want(422, "role")
	x.do("DELETE", "/tokens/"+made["id"].(string), nil).want(204)
	x.do("GET", "/users", nil, who).want(http.StatusUnauthorized, "")
}

// What is still needed is said by the names that people know.
func TestRefusedDelete(t *testing.T) {
	x := newExchange(t)
	x.do("POST", "/time-schedules", object{"id": "office.hours", "name": "Office hours", "time_zone": "Europe/Berlin"}).want(201)
	x.do("POST", "/users", object{"id": "mia", "first_name": "Mia", "last_name": "Moll", "time_schedule_id": "office.hours"}).want(201)
	x.do("POST", "/users", object{"id": "mia.b", "first_name": "Max", "last_name": "Berg", "time_schedule_id": "office.hours"}).want(201)
	r := x.do("DELETE", "/time-schedules/office.hours", nil).want(409).object()
	if got, want := r["detail"], "the time schedule Office hours: is still used by the user Mia Moll, the user Max Berg"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	deps := r["dependencies"].([]any)
	if len(deps) != 2 || at(deps[0].(map[string]any), "id") != "mia" || at(deps[0].(map[string]any), "label") != "Mia Moll" || at(deps[1].(map[string]any), "id") != "mia.b" {
		t.Errorf("%v", deps)
	}
}

// Before a user is deleted it is said who sends calls on to the user's numbers, and
// what will become of them.
func TestUserDependenciesNameForwarders(t *testing.T) {
	x := newExchange(t)
	x.do("POST", "/users", object{"id": "anna", "first_name": "Anna", "application_line": object{"id": "anna-app", "inbound": object{"internal_numbers": []string{"700"}}}}).want(201)
	x.do("POST", "/apply", object{"users": []object{{"id": "ben", "first_name": "Ben", "forward": object{"number": "700", "enabled": true}}}}).want(200)
	line := func(id, user string) {
		x.do("POST", "/contact-methods", object{"id": id, "user_id": user, "kind": "sip_account", "label": "Desk", "sip_account": object{"username": id},
			"inbound": object{"when_unavailable": object{"action": "forward", "forward_to": "700"}}}).want(201)
	}
	line("ben-desk", "ben")
	line("anna-desk", "anna") // goes too
	x.do("POST", "/numbers", object{"id": "main", "e164": "+40210000009", "owner": object{"kind": "company"}}).want(201)
	x.do("PATCH", "/organizations/default", object{"main_destination": "700"}).want(200)
	x.do("POST", "/call-flows", object{"id": "front", "name": "Front", "entry": "out", "nodes": []any{
		object{"id": "out", "type": "external", "settings": object{"number": "700"}}}}).want(201)
	want := map[string]string{
		"organizations/default.main_destination":                       "the main number +40210000009 leads to 700: its callers will hear that nobody is there",
		"users/ben.forward.number":                                     "forwards calls to 700, which nobody answers any more",
		"contact_methods/ben-desk.inbound.when_unavailable.forward_to": "forwards to 700 when unavailable, which nobody answers any more",
		"call_flows/front.nodes.out.settings.number":                   "forwards calls to 700, which nobody answers any more",
	}
	for _, d := range x.do("GET", "/users/anna/dependencies", nil).want(200).items() {
		field, _ := d["field"].(string)
		path := fmt.Sprint(d["collection"], "/", d["id"], ".", field)
		if said, ok := want[path]; ok && said == d["consequence"] {
			delete(want, path)
		} else if field != "" && field != "owner" {
			t.Errorf("%s: %v", path, d["consequence"])
		}
	}
	if len(want) > 0 {
		t.Errorf("not named: %v", want)
	}
}
