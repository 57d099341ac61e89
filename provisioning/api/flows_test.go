package api_test

import (
	"maps"
	"slices"
	"testing"
)

// TestCallFlow: what leads into a flow and where it leads show on it, and follow
// what is deleted.
func TestCallFlow(t *testing.T) {
	x := newExchange(t)
	x.people()
	type object = map[string]any
	x.do("POST", "/call-flows", object{"id": "front", "name": "Front desk", "entry": "team", "nodes": []any{
		object{"id": "team", "type": "ring_group", "name": "Sales", "settings": object{"user_ids": "ion,anna", "ring_s": "20"}, "exits": object{"no_answer": "box"}},
		object{"id": "box", "type": "voicemail", "settings": object{"user_id": "ion"}}}}).want(201)
	x.do("POST", "/numbers", object{"id": "f1", "e164": "+40215550177", "owner": object{"kind": "call_flow", "id": "front"}}).want(201)
	x.do("POST", "/internal-numbers", object{"id": "700", "number": "700", "owner": object{"kind": "call_flow", "id": "front"}}).want(201)

	shows := func(field string, want ...any) {
		t.Helper()
		if got, _ := at(x.do("GET", "/call-flows/front", nil).want(200).object(), field).([]any); !slices.Equal(got, want) {
			t.Errorf("%s is %v, want %v", field, got, want)
		}
	}
	shows("numbers", "+40215550177")
	shows("internal_numbers", "700")
	shows("user_ids", "ion", "anna")
	x.do("PATCH", "/call-flows/front", `{"numbers": ["+40215550178"], "user_ids": []}`).want(200)
	shows("numbers", "+40215550177")
	if got := x.do("GET", "/users?call_flow_id=front", nil).want(200).ids(); len(got) != 2 {
		t.Errorf("the users of the flow are %v", got)
	}

	// What is refused names the module and its field, and changes nothing.
	x.do("PATCH", "/call-flows/front", object{"nodes": []any{
		object{"id": "team", "type": "ring_group", "settings": object{"ring_s": "now"}}}}).want(422, "nodes[0].settings.ring_s")
	x.do("DELETE", "/users/anna", nil).want(409, "")
	shows("user_ids", "ion", "anna")

	// A user who goes leaves a group, and a module that was the user's alone hangs up.
	x.do("DELETE", "/users/ion?confirm=true", nil).want(204)
	shows("user_ids", "anna")
	nodes := x.do("GET", "/call-flows/front", nil).want(200).object()["nodes"].([]any)
	if got := nodes[0].(object)["settings"].(object); !maps.Equal(got, object{"user_ids": "anna", "ring_s": "20"}) {
		t.Errorf("the group's settings are %v", got)
	}
	if got := nodes[1].(object)["type"]; got != "hang_up" {
		t.Errorf("the mailbox of nobody is a %v", got)
	}

	x.do("DELETE", "/call-flows/front", nil).want(204)
	if got := at(x.do("GET", "/numbers/f1", nil).want(200).object(), "owner.kind"); got != "none" {
		t.Errorf("the flow's number is now of %v", got)
	}
	x.do("GET", "/internal-numbers/700", nil).want(404, "")
}
