package api_test

import (
	"reflect"
	"testing"

	"strowger/provisioning/api"
	"strowger/store"
)

// TestWords: what a person is refused comes with its format and what fills it, for
// who speaks another language, and the detail is what they say in English.
func TestWords(t *testing.T) {
	x := newExchange(t)
	x.people()
	x.do("POST", "/time-schedules", object{"id": "office", "name": "Office"}).want(201)
	x.do("PATCH", "/users/anna", object{"time_schedule_id": "office"}).want(200)
	x.do("PATCH", "/contact-methods/ion-line", object{"time_schedule_id": "office"}).want(200)
	user := func(name string) any {
		return map[string]any{"text": "the %s %s", "args": []any{map[string]any{"text": "user"}, name}}
	}
	line := map[string]any{"text": "the %s %s of %s", "args": []any{map[string]any{"text": "contact method"}, "desk", "Ion Albu"}}
	for _, c := range []struct {
		method, path string
		body         any
		status       int
		detail       string
		words        store.Words
		errors       []store.Words
	}{
		{"PATCH", "/users/anna", object{"routing": object{"ring_s": 4000}}, 422, "routing.ring_s: 4000 must be 0 to 600",
			store.Words{}, []store.Words{{Text: "%d must be %d to %d", Args: []any{4000., 0., 600.}}}},
		{"PATCH", "/users/anna", object{"emial": "a"}, 422, "emial: unknown field", store.Words{}, []store.Words{{Text: "unknown field"}}},
		{"GET", "/users/nobody", nil, 404, "no such user",
			store.Words{Text: "no such %s", Args: []any{map[string]any{"text": "user"}}}, nil},
		{"PATCH", "/users/ion", object{"routing": object{"contact_method_ids": []string{"anna-app"}}}, 422,
			"routing.contact_method_ids[0]: the application line of Anna Berg is another user's", store.Words{}, nil},
		{"DELETE", "/time-schedules/office", nil, 409,
			"the time schedule Office: is still used by the contact method desk of Ion Albu, the user Anna Berg",
			store.Words{Text: "%s: %s", Args: []any{
				map[string]any{"text": "the %s %s", "args": []any{map[string]any{"text": "time schedule"}, "Office"}},
				map[string]any{"text": "is still used by %s", "args": []any{map[string]any{"text": "%s, %s", "args": []any{line, user("Anna Berg")}}}},
			}}, nil},
	} {
		var p api.Problem
		x.do(c.method, c.path, c.body).want(c.status).into(&p)
		if p.Detail != c.detail || !reflect.DeepEqual(p.Words, c.words) {
			t.Errorf("%s %s: %q, %#v", c.method, c.path, p.Detail, p.Words)
		}
		for i, w := range c.errors {
			if !reflect.DeepEqual(p.Errors[i].Words, w) || p.Errors[i].Field+": "+p.Errors[i].Detail != c.detail {
				t.Errorf("%s %s: %#v", c.method, c.path, p.Errors[i])
			}
		}
	}
	var gone struct {
		Items []struct {
			Consequence, Collection string
			Words                   store.Words
		}
	}
	x.do("GET", "/users/ion/dependencies", nil).want(200).into(&gone)
	want := store.Words{Text: "is deleted; %s", Args: []any{map[string]any{"text": "its phones are signed out, live calls finish"}}}
	if g := gone.Items[0]; g.Consequence != "is deleted; its phones are signed out, live calls finish" || !reflect.DeepEqual(g.Words, want) {
		t.Errorf("%#v", g)
	}
}
