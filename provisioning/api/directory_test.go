package api_test

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestDirectory: everybody of an organization finds a colleague, and nothing of
// one but what a colleague may know; of another organization, nobody.
func TestDirectory(t *testing.T) {
	x := newExchange(t)
	who := x.tokens()
	x.do("PATCH", "/users/anna", object{"department": "Sales", "job_title": "Lead", "mobile_number": "+40745550199", "crm_user_id": "CRM-77"}).want(200)
	x.do("POST", "/users", object{"id": "nobody", "first_name": "No", "last_name": "Number"}).want(201)
	x.do("POST", "/users", object{"id": "wile", "first_name": "Wile", "last_name": "Strange", "application_line": object{}}, who["coyote"]).want(201)

	for role, token := range map[string]header{"usr": who["usr"], "operator": {}} {
		r := x.do("GET", "/directory", nil, token).want(200)
		found := false
		for _, e := range r.items() {
			fields := slices.Sorted(maps.Keys(e))
			if strings.Join(fields, " ") != "department extension first_name job_title last_name" {
				t.Fatalf("%s is told %v", role, fields)
			}
			found = found || e["first_name"] == "Anna" && e["department"] == "Sales" && e["job_title"] == "Lead" && e["extension"] != ""
		}
		if !found {
			t.Errorf("%s does not find Anna: %s", role, r.raw)
		}
		for _, secret := range []string{"+40745550199", "CRM-77", "anna@", `"anna"`, "Wile", "Strange", "Number"} {
			if strings.Contains(string(r.raw), secret) {
				t.Errorf("%s is told %q: %s", role, secret, r.raw)
			}
		}
	}
	if r := x.do("GET", "/directory", nil, who["coyote"]).want(200); strings.Contains(string(r.raw), "Anna") || !strings.Contains(string(r.raw), "Wile") {
		t.Errorf("another organization is told %s", r.raw)
	}
	for query, want := range map[string]int{"full_name=ANNA": 1, "department~=sal": 1, "department=Sales": 1, "full_name=anna&department~=care": 0, "full_name=nobody": 0} {
		values, _ := url.ParseQuery(query)
		if n := len(x.do("GET", "/directory?"+values.Encode(), nil, who["usr"]).want(200).items()); n != want {
			t.Errorf("?%s: %d, want %d", query, n, want)
		}
	}
	// What is not shown cannot be asked for either.
	for _, name := range []string{"email", "mobile_number~", "role", "id", "login", "crm_user_id"} {
		x.do("GET", "/directory?"+url.QueryEscape(name)+"=x", nil, who["usr"]).want(422, name)
	}
	x.do("GET", "/directory", nil, header{"Authorization": ""}).want(401)

	// A page ends where the next one begins.
	var names []string
	for cursor := ""; ; {
		r := x.do("GET", "/directory?limit=1"+cursor, nil, who["usr"]).want(200)
		for _, e := range r.items() {
			names = append(names, e["extension"].(string))
		}
		next, _ := r.object()["next_cursor"].(string)
		if next == "" {
			break
		}
		cursor = "&cursor=" + next
	}
	if all := x.do("GET", "/directory", nil).want(200).items(); len(names) != len(all) || len(slices.Compact(slices.Clone(names))) != len(all) {
		t.Errorf("by pages %v, at once %v", names, all)
	}
}
