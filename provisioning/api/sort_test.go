package api_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestSort: lists sorted by a field, page by page and in CSV, with filters.
func TestSort(t *testing.T) {
	x := newExchange(t)
	x.people()
	x.do("POST", "/time-schedules", map[string]any{"id": "a", "name": "Night"}).want(201)
	x.do("POST", "/time-schedules", map[string]any{"id": "b", "name": "day"}).want(201)
	x.do("POST", "/users", map[string]any{"id": "zoe", "first_name": "Zoe", "last_name": "Aal", "department": "care"}).want(201)
	x.do("PATCH", "/users/anna", map[string]any{"department": "Sales", "time_schedule_id": "a"}).want(200)
	x.do("PATCH", "/users/ion", map[string]any{"department": "Care", "time_schedule_id": "b"}).want(200)
	for query, want := range map[string]string{
		"":                                     "zoe ion anna",
		"sort=last_name":                       "zoe ion anna",
		"sort=-last_name":                      "anna ion zoe",
		"sort=department":                      "zoe ion anna",
		"sort=-department":                     "anna zoe ion", // equals in the list's own order
		"sort=extension":                       "anna ion zoe", // who has none is last, either way
		"sort=-extension":                      "ion anna zoe",
		"sort=time_schedule_id":                "ion anna zoe", // by its name
		"sort=-created_at&department~=c":       "zoe ion",
		"sort=-first_name&full_name=n":         "ion anna",
		"sort=-counts.sip_accounts&id=anna":    "anna",
		"sort=last_seen&call_flow_id=whatever": "",
	} {
		if got := strings.Join(x.do("GET", "/users?"+query, nil).want(200).ids(), " "); got != want {
			t.Errorf("?%s lists %q, want %q", query, got, want)
		}
		var paged []string
		for cursor := ""; ; {
			list := x.do("GET", "/users?limit=1&"+query+"&cursor="+url.QueryEscape(cursor), nil).want(200)
			paged = append(paged, list.ids()...)
			next, _ := list.object()["next_cursor"].(string)
			if cursor = next; cursor == "" {
				break
			}
		}
		if got := strings.Join(paged, " "); got != want {
			t.Errorf("?%s lists %q page by page, want %q", query, got, want)
		}
		lines := strings.Split(strings.TrimSpace(string(x.do("GET", "/users?"+query, nil, header{"Accept": "text/csv"}).want(200).raw)), "\n")[1:]
		for i := range lines {
			lines[i], _, _ = strings.Cut(lines[i], ",")
		}
		if got := strings.Join(lines, " "); got != want {
			t.Errorf("?%s has %q as CSV, want %q", query, got, want)
		}
	}
}

// TestSortRefused: what cannot be sorted by is refused by name, and so is a cursor of
// another order.
func TestSortRefused(t *testing.T) {
	x := newExchange(t)
	x.people()
	for _, path := range []string{"/users?sort=nobody", "/users?sort=", "/users?sort=-", "/users?sort=--email", "/users?sort=password", "/users?sort=-voicemail_pin", "/users?sort=id",
		"/users?sort=call_flow_ids", "/tokens?sort=hash", "/numbers?sort=department", "/directory?sort=email", "/organizations?sort=mail.host", "/registrations?sort=q",
		"/calls?sort=started_at", "/calls?state=ended&sort=-started_at", "/recordings?sort=from", "/voicemails?sort=from", "/audit?sort=at", "/deliveries?sort=created_at",
		"/billing-events?sort=at", "/revisions?sort=at", "/me/app-devices?sort=name", "/bans?sort=source"} {
		x.do("GET", path, nil).want(422, "sort")
	}
	x.do("GET", "/users?sort=email&sort=login", nil).want(422, "sort")
	for _, list := range []string{"", "&sort=email", "&sort=-email", "&sort=login"} {
		cursor := x.do("GET", "/users?limit=1"+list, nil).want(200).object()["next_cursor"].(string)
		for _, other := range []string{"", "&sort=email", "&sort=-email", "&sort=login"} {
			got := x.do("GET", "/users?limit=1"+other+"&cursor="+url.QueryEscape(cursor), nil)
			if other == list {
				got.want(200)
			} else {
				got.want(422, "cursor")
			}
		}
	}
	x.do("GET", "/users?sort=email&cursor=email~nothing", nil).want(422, "cursor")
}

// TestSortsAreTold: whatever a list can be sorted by is in the document, and can be.
func TestSortsAreTold(t *testing.T) {
	x := newExchange(t)
	x.people()
	told := 0
	for path, item := range at(x.do("GET", "/api/openapi.json", nil, header{"Authorization": ""}).want(200).object(), "paths").(map[string]any) {
		get, ok := item.(map[string]any)["get"].(map[string]any)
		if !ok {
			continue
		}
		params, _ := get["parameters"].([]any)
		for _, p := range params {
			p := p.(map[string]any)
			if p["name"] != "sort" {
				continue
			}
			told++
			_, fields, _ := strings.Cut(p["description"].(string), ": ")
			fields, _, _ = strings.Cut(fields, ". An id")
			names := strings.Split(fields, ", ")
			if len(names) < 2 || !slices.IsSorted(names) {
				t.Errorf("%s is sorted by %q", path, names)
			}
			for _, name := range names {
				plain := x.do("GET", strings.TrimPrefix(path, "/api/v1"), nil).want(200).object()["items"].([]any)
				for _, sort := range []string{name, "-" + name} {
					if got := x.do("GET", strings.TrimPrefix(path, "/api/v1")+"?sort="+sort, nil).want(200).object()["items"].([]any); len(got) != len(plain) {
						t.Errorf("%s?sort=%s lists %d, want %d", path, sort, len(got), len(plain))
					}
				}
			}
		}
	}
	if told != 17 {
		t.Errorf("%d lists say what they are sorted by", told)
	}
}

// TestSortKeepsWhoMaySee: a user sorts the user's own, and nobody else.
func TestSortKeepsWhoMaySee(t *testing.T) {
	x := newExchange(t)
	x.people()
	token := x.newToken(map[string]any{"role": "user", "user_id": "ion", "label": "ion"}, "")
	for _, sort := range []string{"email", "-last_seen"} {
		if got := x.do("GET", "/users?sort="+sort, nil, header{"Authorization": "Bearer " + token}).want(200).ids(); !slices.Equal(got, []string{"ion"}) {
			t.Errorf("ion sees %v", got)
		}
	}
}
