package api_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestSearch: the filters of a list of people, as whoever looks for somebody
// writes them.
func TestSearch(t *testing.T) {
	x := newExchange(t)
	x.people()
	x.do("PATCH", "/users/anna", map[string]any{"department": "Customer Care", "job_title": "Team Lead", "crm_user_id": "CRM-7"}).want(200)
	x.do("POST", "/call-flows", map[string]any{"id": "front.desk", "name": "Front desk", "entry": "a", "nodes": []any{
		map[string]any{"id": "a", "type": "user", "settings": map[string]any{"user_id": "anna"}}}}).want(201)
	for query, want := range map[string]string{
		"full_name=anna b":                  "anna",
		"full_name=BERG Anna":               "anna",
		"full_name=b":                       "ion anna",
		"full_name=b&department~=care":      "anna",
		"full_name=nobody":                  "",
		"job_title~=lead":                   "anna",
		"job_title=lead":                    "",
		"email~=@EXAMPLE":                   "anna",
		"crm_user_id=CRM-7":                 "anna",
		"call_flow_id=front.desk":           "anna",
		"call_flow_id=other":                "",
		"extension~=10":                     "ion anna",
		"call_flow_id=front.desk&id=ion":    "",
		"department~=":                      "ion anna",
		"department~=care&job_title~=chief": "",
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(x.do("GET", "/users?"+values.Encode(), nil).want(200).ids(), " "); got != want {
			t.Errorf("?%s finds %q, want %q", query, got, want)
		}
	}
	// What has no parts, and what is nothing, is refused by name.
	for _, name := range []string{"id~", "time_schedule_id~", "do_not_disturb~", "full_name~", "call_flow"} {
		x.do("GET", "/users?"+url.QueryEscape(name)+"=x", nil).want(422, name)
	}
	x.do("GET", "/numbers?full_name=x", nil).want(422, "full_name")
	// The flow shows on the user, and cannot be written there.
	if got := at(x.do("GET", "/users/anna", nil).want(200).object(), "call_flow_ids").([]any); !slices.Equal(got, []any{"front.desk"}) {
		t.Errorf("call_flow_ids %v", got)
	}
	x.do("PATCH", "/users/anna", `{"call_flow_ids": ["other"]}`).want(200)
	if got := at(x.do("GET", "/users/ion", nil).want(200).object(), "call_flow_ids").([]any); len(got) != 0 {
		t.Errorf("call_flow_ids of another %v", got)
	}
}

// TestSearchKeepsWhoMaySee: a filter shows a user nobody else.
func TestSearchKeepsWhoMaySee(t *testing.T) {
	x := newExchange(t)
	x.people()
	token := x.newToken(map[string]any{"role": "user", "user_id": "ion", "label": "ion"}, "")
	got := x.do("GET", "/users?full_name=b", nil, header{"Authorization": "Bearer " + token}).want(200).ids()
	if !slices.Equal(got, []string{"ion"}) {
		t.Errorf("ion sees %v", got)
	}
}
