package api_test

import (
	"testing"

	"strowger/store"
)

// TestOutlook: whether a phone would ring, and why not.
func TestOutlook(t *testing.T) {
	x := newExchange(t)
	x.people()
	x.do("PATCH", "/contact-methods/ion-line", map[string]any{"inbound": map[string]any{"did_numbers": []string{"+40215550100"}}}).want(200)
	want := func(rings bool, reason string) []any {
		t.Helper()
		o := x.do("GET", "/users/ion/outlook", nil).want(200).object()
		if o["rings"] != rings || rings != (o["reason"] == nil) || !rings && o["reason"] != reason {
			t.Errorf("rings %v, %v (%v), want %v, %s", o["rings"], o["reason"], o["why"], rings, reason)
		}
		return o["views"].([]any)
	}
	views := want(false, "not_registered")
	var sides []string
	for _, v := range views {
		view := v.(map[string]any)
		sides = append(sides, view["side"].(string)+" "+view["when"].(string))
		if view["sentence"] == "" {
			t.Errorf("a view without a sentence: %v", view)
		}
	}
	if len(sides) != 4 || sides[0] != "inside now" || sides[3] != "outside night" {
		t.Errorf("views %v", sides)
	}
	x.live.bindings = []store.Binding{{Org: "default", AOR: "ion", UserID: "ion", ContactMethodID: "ion-line", Contact: "sip:ion@192.0.2.1"}}
	want(true, "")
	x.do("PATCH", "/users/ion", map[string]any{"do_not_disturb": true}).want(200)
	want(false, "do_not_disturb")
	x.do("POST", "/time-schedules", map[string]any{"id": "never", "name": "Never", "exceptions": []any{}, "ranges": []any{}}).want(201)
	x.do("PATCH", "/users/ion", map[string]any{"do_not_disturb": false, "time_schedule_id": "never"}).want(200)
	want(false, "closed")
	x.do("POST", "/users", map[string]any{"id": "bare", "first_name": "Bare"}).want(201)
	if o := x.do("GET", "/users/bare/outlook", nil).want(200).object(); o["reason"] != "no_line" {
		t.Errorf("without a line: %v", o)
	}
	if o := x.do("GET", "/numbers/n1/outlook", nil).want(200).object(); len(o["views"].([]any)) != 2 {
		t.Errorf("a number: %v", o)
	}
	ion := header{"token": x.newToken(map[string]any{"role": "user", "user_id": "ion"}, "")}
	x.do("GET", "/users/ion/outlook", nil, ion).want(200)
	x.do("GET", "/users/anna/outlook", nil, ion).want(404, "")
	x.do("GET", "/numbers/n1/outlook", nil, ion).want(403)
	x.do("GET", "/users/none/outlook", nil).want(404, "")
	x.do("GET", "/numbers/none/outlook", nil).want(404, "")
}
