package api_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// collections are one good record of each, a change of it, and bodies that are
// refused with the field at fault.
var collections = []struct {
	path   string
	record map[string]any
	patch  map[string]any
	check  string // path in the record that the patch changes
	want   any
	bad    map[string]map[string]any // by field
}{
	{
		path:   "/time-schedules",
		record: map[string]any{"id": "office", "name": "Office", "time_zone": "Europe/Bucharest", "ranges": []any{map[string]any{"days": []string{"mon"}, "from": "09:00", "to": "17:00"}}},
		patch:  map[string]any{"name": "Office hours"}, check: "name", want: "Office hours",
		bad: map[string]map[string]any{
			"time_zone":      {"name": "x", "time_zone": "Mars/Olympus"},
			"colour":         {"name": "x", "colour": "red"},
			"ranges":         {"name": "x", "ranges": "always"},
			"ranges[0].till": {"name": "x", "ranges": []any{map[string]any{"till": "17:00"}}},
		},
	},
	{
		path:   "/delivery-methods",
		record: map[string]any{"id": "disk", "name": "Disk", "kind": "disk", "settings": map[string]any{}},
		patch:  map[string]any{"name": "Local disk"}, check: "name", want: "Local disk",
		bad: map[string]map[string]any{"kind": {"name": "x", "kind": "pigeon"}, "settings.path": {"kind": "disk", "settings": map[string]any{"path": 7}}},
	},
	{
		path:   "/trunks",
		record: map[string]any{"id": "t1", "name": "One", "host": "192.0.2.7", "auth": map[string]any{"mode": "digest", "username": "u", "password": "p4ssword-x"}},
		patch:  map[string]any{"priority": 3}, check: "priority", want: 3.0,
		bad: map[string]map[string]any{"port": {"host": "192.0.2.7", "port": 70000}, "auth.realm": {"host": "192.0.2.7", "auth": map[string]any{"realm": "x"}}, "max_calls": {"host": "192.0.2.7", "max_calls": "many"}},
	},
	{
		path:   "/users",
		record: map[string]any{"id": "eva", "first_name": "Eva", "email": "eva@example.com"},
		patch:  map[string]any{"forward": map[string]any{"number": "+40215550199", "enabled": true}}, check: "forward.enabled", want: true,
		bad: map[string]map[string]any{
			"first_name":            {"last_name": "Nobody"},
			"email":                 {"first_name": "x", "email": "nobody"},
			"nickname":              {"first_name": "x", "nickname": "y"},
			"time_schedule_id":      {"first_name": "x", "time_schedule_id": "no-such"},
			"password":              {"first_name": "x", "login": "x", "password": "short"},
			"application_line.kind": {"first_name": "x", "application_line": map[string]any{"kind": "email"}},
			"application_line.bell": {"first_name": "x", "application_line": map[string]any{"bell": true}},
		},
	},
	{
		path:   "/contact-methods",
		record: map[string]any{"id": "eva-line", "user_id": "eva", "kind": "sip_account", "sip_account": map[string]any{"username": "eva"}, "inbound": map[string]any{"internal_numbers": []string{"201"}}},
		patch:  map[string]any{"outbound": map[string]any{"anonymous": true}}, check: "outbound.anonymous", want: true,
		bad: map[string]map[string]any{
			"user_id":                    {"user_id": "nobody", "kind": "app"},
			"kind":                       {"user_id": "eva", "kind": "smoke"},
			"inbound.did_numbers[0]":     {"user_id": "eva", "kind": "app", "inbound": map[string]any{"did_numbers": []string{"+40219999999"}}},
			"sip_account.password":       {"user_id": "eva", "kind": "sip_account", "sip_account": map[string]any{"password": 12345678}},
			"inbound.internal_numbers":   {"user_id": "eva", "kind": "app", "inbound": map[string]any{"internal_numbers": "201"}},
			"inbound.when_unavailable.x": {"user_id": "eva", "kind": "app", "inbound": map[string]any{"when_unavailable": map[string]any{"x": 1}}},
		},
	},
	{
		path:   "/call-flows",
		record: map[string]any{"id": "menu", "name": "Menu", "entry": "a", "nodes": []any{map[string]any{"id": "a", "type": "hang_up"}}},
		patch:  map[string]any{"name": "Main menu"}, check: "name", want: "Main menu",
		bad: map[string]map[string]any{"nodes[0].colour": {"name": "x", "nodes": []any{map[string]any{"colour": "red"}}}},
	},
	{
		path:   "/numbers",
		record: map[string]any{"id": "did", "e164": "+40215550111", "trunk_id": "t1"},
		patch:  map[string]any{"label": "front desk"}, check: "label", want: "front desk",
		bad: map[string]map[string]any{"e164": {"e164": "0215550111"}, "owner.name": {"e164": "+40215550112", "owner": map[string]any{"name": "x"}}},
	},
	{
		path:   "/internal-numbers",
		record: map[string]any{"id": "300", "number": "300", "owner": map[string]any{"kind": "contact_method", "id": "eva-line"}},
		bad:    map[string]map[string]any{"extension": {"extension": "301"}},
	},
	{
		path:   "/devices",
		record: map[string]any{"id": "phone", "mac": "00:15:65:12:34:56", "vendor": "yealink", "model": "T54W", "lines": []any{map[string]any{"contact_method_id": "eva-line"}}},
		patch:  map[string]any{"label": "reception"}, check: "label", want: "reception",
		bad: map[string]map[string]any{"mac": {"mac": "not a mac", "vendor": "yealink"}},
	},
	{
		path:   "/app-devices",
		record: map[string]any{"id": "mobile", "user_id": "eva", "os": "ios", "app_version": "1.0", "name": "Eva's phone"},
		patch:  map[string]any{"name": "old phone"}, check: "name", want: "old phone",
		bad: map[string]map[string]any{"user_id": {"user_id": "nobody", "os": "ios"}},
	},
	{
		path:   "/feature-codes",
		record: map[string]any{"id": "dnd", "code": "*78", "action": "dnd_on"},
		patch:  map[string]any{"code": "*79"}, check: "code", want: "*79",
		bad: map[string]map[string]any{"code": {"code": "112", "action": "dnd_on"}, "action": {"code": "*80", "action": "explode"}},
	},
	{
		path:   "/tokens",
		record: map[string]any{"id": "ci", "role": "admin", "label": "ci"},
		patch:  map[string]any{"label": "build"}, check: "label", want: "build",
		bad: map[string]map[string]any{"role": {"role": "root"}, "user_id": {"role": "user"}, "hash": {"role": "admin", "hash": "00"}, "expires_at": {"role": "admin", "expires_at": "2001-01-01T00:00:00Z"}},
	},
}

// TestCollections creates, reads, lists, changes and deletes a record of every
// kind, and refuses what is wrong by name.
func TestCollections(t *testing.T) {
	x := newExchange(t)
	for _, c := range collections {
		id := c.record["id"].(string)
		for field, body := range c.bad {
			x.do("POST", c.path, body).want(422, field)
		}
		x.do("POST", c.path, `{"id": `).want(400, "")
		x.do("POST", c.path, `[]`).want(422, "")
		x.do("POST", c.path, c.record, header{"Content-Type": "text/plain"}).want(415, "")
		before := len(x.do("GET", c.path+"?limit=1000", nil).want(200).items())

		made := x.do("POST", c.path, c.record).want(201)
		if got := made.header.Get("Location"); got != "/api/v1"+c.path+"/"+id {
			t.Errorf("%s: Location %q", c.path, got)
		}
		x.do("POST", c.path, c.record).want(409, "")

		got := x.do("GET", c.path+"/"+id, nil).want(200)
		record := got.object()
		for _, name := range []string{"created_at", "updated_at"} {
			if record[name] == nil {
				t.Errorf("%s: no %s", c.path, name)
			}
		}
		if made.header.Get("ETag") == "" || made.header.Get("ETag") != got.header.Get("ETag") {
			t.Errorf("%s: ETag %q on creation, %q on reading", c.path, made.header.Get("ETag"), got.header.Get("ETag"))
		}
		if strings.Contains(string(got.raw), "null") {
			t.Errorf("%s: an answer holds null: %s", c.path, got.raw)
		}
		known := 304
		if slices.Contains([]string{"/users", "/trunks", "/tokens", "/devices", "/call-flows"}, c.path) {
			known = 200 // the answer has more than the record, which the tag is of
		}
		x.do("GET", c.path+"/"+id, nil, header{"If-None-Match": got.header.Get("ETag")}).want(known)
		if list := x.do("GET", c.path+"?id="+id, nil).want(200).items(); len(list) != 1 || list[0]["id"] != id {
			t.Errorf("%s: the list by id is %v", c.path, list)
		}
		if n := len(x.do("GET", c.path+"?limit=1000", nil).want(200).items()); n != before+1 {
			t.Errorf("%s: %d records, had %d", c.path, n, before)
		}
		x.do("GET", c.path+"?colour=red", nil).want(422, "colour")
		x.do("GET", c.path+"?limit=0", nil).want(422, "limit")
		x.do("GET", c.path+"?limit=1001", nil).want(422, "limit")
		x.do("GET", c.path+"?cursor=%21", nil).want(422, "cursor")
		x.do("GET", c.path+"/no-such", nil).want(404, "")

		if c.patch != nil {
			stale := got.header.Get("ETag")
			x.do("PATCH", c.path+"/"+id, c.patch, header{"If-Match": `"another"`}).want(412, "")
			changed := x.do("PATCH", c.path+"/"+id, c.patch, header{"If-Match": stale, "Content-Type": "application/merge-patch+json"}).want(200)
			if v := at(changed.object(), c.check); v != c.want {
				t.Errorf("%s: %s is %v, want %v", c.path, c.check, v, c.want)
			}
			for name, v := range record {
				if name != strings.Split(c.check, ".")[0] && name != "updated_at" && !equal(v, changed.object()[name]) {
					t.Errorf("%s: %s was %v, is %v though nobody named it", c.path, name, v, changed.object()[name])
				}
			}
			x.do("PATCH", c.path+"/"+id, c.patch, header{"If-Match": stale}).want(412, "")
			x.do("PATCH", c.path+"/"+id, map[string]any{"colour": "red"}).want(422, "colour")
			x.do("PATCH", c.path+"/"+id, map[string]any{"id": "other"}).want(422, "id")
			x.do("PATCH", c.path+"/no-such", c.patch).want(404, "")
			// What was read can be sent back.
			x.do("PATCH", c.path+"/"+id, changed.object()).want(200)
		}
		csvText := string(x.do("GET", c.path, nil, header{"Accept": "text/csv"}).want(200).raw)
		rows, err := csv.NewReader(strings.NewReader(csvText)).ReadAll()
		if err != nil || len(rows) != before+2 || rows[0][0] != "id" {
			t.Errorf("%s: CSV of %d rows (%v): %s", c.path, len(rows), err, csvText)
		}
	}
	// What is referred to is not deleted; in the reverse order all of it goes.
	x.do("DELETE", "/trunks/t1", nil).want(409, "")
	for _, c := range slices.Backward(collections) {
		path := c.path + "/" + c.record["id"].(string)
		if c.path == "/users" {
			x.do("DELETE", path, nil).want(409, "")
			path += "?confirm=true"
		}
		x.do("DELETE", path, nil, header{"If-Match": `"another"`}).want(412, "")
		x.do("DELETE", path, nil).want(204)
		x.do("DELETE", path, nil).want(404, "")
	}
}

// TestCSVSaysWhatJSONSays: each row of a file can be found again in the list, and
// has its time as a spreadsheet reads one.
func TestCSVSaysWhatJSONSays(t *testing.T) {
	x := newExchange(t)
	x.do("POST", "/users", object{"id": "mia", "first_name": "Mia"}).want(201)
	x.do("POST", "/app-devices", object{"id": "pixel", "user_id": "mia", "os": "Android", "name": "Pixel"}).want(201)
	for _, c := range []struct{ path, key, time string }{{"/app-devices", "id", "created_at"}, {"/revisions", "revision", "at"}, {"/users", "id", "updated_at"}, {"/audit", "id", "at"}} {
		items := x.do("GET", c.path, nil).want(200).items()
		rows, err := csv.NewReader(bytes.NewReader(x.do("GET", c.path, nil, header{"Accept": "text/csv"}).want(200).raw)).ReadAll()
		if err != nil || len(rows) != len(items)+1 {
			t.Fatalf("%s: %d rows of %d (%v)", c.path, len(rows), len(items), err)
		}
		key, at := slices.Index(rows[0], c.key), slices.Index(rows[0], c.time)
		if key < 0 || at < 0 {
			t.Errorf("%s: no %s or no %s among %v", c.path, c.key, c.time, rows[0])
			continue
		}
		for i, item := range items {
			when, err := time.Parse(time.RFC3339, item[c.time].(string))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := rows[i+1][at], when.UTC().Format("2006-01-02 15:04:05"); got != want || rows[i+1][key] != fmt.Sprint(item[c.key]) {
				t.Errorf("%s: %s at %q, want %v at %q", c.path, rows[i+1][key], got, item[c.key], want)
			}
		}
	}
}

func equal(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

// TestSecrets: a secret is in the answer that creates it and in no other.
func TestSecrets(t *testing.T) {
	x := newExchange(t)
	x.do("POST", "/users", map[string]any{"id": "u", "first_name": "U", "login": "u", "password": "correct horse", "voicemail_pin": "4711"}).want(201)
	for _, c := range []struct {
		path   string
		record map[string]any
		secret string // path in the answer
		given  string
	}{
		{"/contact-methods", map[string]any{"id": "a", "user_id": "u", "kind": "sip_account", "sip_account": map[string]any{"username": "a"}}, "sip_account.password", ""},
		{"/contact-methods", map[string]any{"id": "b", "user_id": "u", "kind": "sip_account", "sip_account": map[string]any{"username": "b", "password": "given-secret"}}, "sip_account.password", "given-secret"},
		{"/app-devices", map[string]any{"id": "c", "user_id": "u", "os": "ios"}, "password", ""},
		{"/trunks", map[string]any{"id": "d", "host": "192.0.2.1", "auth": map[string]any{"mode": "digest", "username": "x", "password": "trunk-secret"}}, "auth.password", "trunk-secret"},
		{"/tokens", map[string]any{"id": "e", "role": "admin"}, "token", ""},
	} {
		secret, _ := at(x.do("POST", c.path, c.record).want(201).object(), c.secret).(string)
		if len(secret) < 8 || c.given != "" && secret != c.given {
			t.Errorf("%s: the new secret is %q, want %q", c.path, secret, c.given)
			continue
		}
		id := c.record["id"].(string)
		for _, again := range []*reply{
			x.do("GET", c.path+"/"+id, nil).want(200), x.do("GET", c.path, nil).want(200),
			x.do("GET", c.path, nil, header{"Accept": "text/csv"}).want(200), x.do("GET", "/revisions", nil).want(200),
			x.do("GET", "/export", nil).want(200), x.do("PATCH", c.path+"/"+id, map[string]any{}).want(200),
		} {
			if strings.Contains(string(again.raw), secret) {
				t.Errorf("%s answers the secret of %s again: %s", again.what, c.path, again.raw)
			}
		}
	}
	for _, path := range []string{"/users/u", "/revisions", "/users"} {
		if raw := string(x.do("GET", path, nil).want(200).raw); strings.Contains(raw, "argon2") || strings.Contains(raw, "4711") || strings.Contains(raw, "correct horse") {
			t.Errorf("GET %s answers a secret: %s", path, raw)
		}
	}
}

// TestLists: sorted by name, page by page, each record once.
func TestLists(t *testing.T) {
	x := newExchange(t)
	var want []string
	for _, name := range []string{"Zamfir", "albu", "Berg", "Çelik", "Albu", "berg "} {
		m := x.do("POST", "/users", map[string]any{"first_name": "Ion", "last_name": name}).want(201).object()
		want = append(want, m["id"].(string))
	}
	all := x.do("GET", "/users", nil).want(200).items()
	var names []string
	for _, u := range all {
		names = append(names, strings.ToLower(u["last_name"].(string)))
	}
	if got := strings.Join(names, " "); got != "albu albu berg berg zamfir çelik" {
		t.Errorf("sorted as %s", got)
	}
	seen := map[string]bool{}
	cursor := ""
	for {
		r := x.do("GET", "/users?limit=2&cursor="+url.QueryEscape(cursor), nil).want(200)
		if len(r.items()) > 2 {
			t.Fatalf("a page of %d", len(r.items()))
		}
		for _, id := range r.ids() {
			if seen[id] {
				t.Errorf("%s twice", id)
			}
			seen[id] = true
		}
		if cursor, _ = r.object()["next_cursor"].(string); cursor == "" {
			break
		}
	}
	if got := slices.Sorted(maps.Keys(seen)); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("paged %v, want %v", got, want)
	}
	if got := x.do("GET", "/users?last_name=Berg", nil).want(200).items(); len(got) != 1 {
		t.Errorf("filtered %v", got)
	}
	x.do("POST", "/trunks", map[string]any{"id": "t", "host": "192.0.2.1"}).want(201)
	x.do("POST", "/numbers", map[string]any{"e164": "+40215550101", "trunk_id": "t"}).want(201)
	for _, query := range []string{"e164=%2B40215550101", "e164=+40215550101", "owner.kind=none&trunk_id=t"} {
		if got := x.do("GET", "/numbers?"+query, nil).want(200).items(); len(got) != 1 {
			t.Errorf("?%s finds %v", query, got)
		}
	}
}

// TestNullInPatch: null takes a value away, and a list with it.
func TestNullInPatch(t *testing.T) {
	x := newExchange(t)
	x.people()
	got := x.do("PATCH", "/contact-methods/ion-line", `{"label": null, "inbound": {"internal_numbers": null}}`).want(200).object()
	if got["label"] != "" || len(at(got, "inbound.internal_numbers").([]any)) != 0 {
		t.Errorf("after null: %v", got)
	}
	x.do("GET", "/internal-numbers/102", nil).want(404, "")
	if ext := x.do("GET", "/users/ion", nil).want(200).object()["extension"]; ext != "" {
		t.Errorf("the extension is still %v", ext)
	}
}

// TestAllMistakes: a form learns at once of all fields that are wrong, by the names
// that it sent.
func TestAllMistakes(t *testing.T) {
	x := newExchange(t)
	r := x.do("POST", "/users", object{"first_name": "Ana", "time_zone": "Mars/Base", "mobile_number": "soon"}).want(422, "mobile_number")
	var fields []string
	for _, e := range r.object()["errors"].([]any) {
		fields = append(fields, e.(object)["field"].(string))
		if e.(object)["detail"] == "" {
			t.Errorf("%v says nothing", e)
		}
	}
	slices.Sort(fields)
	if want := []string{"mobile_number", "time_zone"}; !slices.Equal(fields, want) {
		t.Errorf("the mistakes are in %q, want %q", fields, want)
	}
	if saved := x.do("GET", "/users?first_name=Ana", nil).want(200).ids(); len(saved) > 0 {
		t.Errorf("%q is saved", saved)
	}
}
