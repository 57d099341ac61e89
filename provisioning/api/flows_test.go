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

// TestCallFlowDependencies: whoever sends calls to a flow's numbers is named, as
// the number is dialled, and whose line it is.
func TestCallFlowDependencies(t *testing.T) {
	x := newExchange(t)
	x.people()
	type object = map[string]any
	for id, number := range map[string]string{"front": "700", "back": "701"} {
		x.do("POST", "/call-flows", object{"id": id, "name": id, "entry": "out", "nodes": []any{
			object{"id": "out", "type": "external", "settings": object{"number": "700"}}}}).want(201)
		x.do("POST", "/internal-numbers", object{"id": number, "number": number, "owner": object{"kind": "call_flow", "id": id}}).want(201)
	}
	x.do("PATCH", "/organizations/default", object{"main_destination": "700", "country": "RO"}).want(200)
	x.do("PATCH", "/users/anna", object{"forward": object{"number": "0215550177"}}).want(200) // not ours yet
	x.do("POST", "/numbers", object{"id": "f1", "e164": "+40215550177", "owner": object{"kind": "call_flow", "id": "front"}}).want(201)
	x.do("POST", "/contact-methods", object{"id": "desk", "user_id": "ion", "kind": "sip_account", "label": "Desk", "sip_account": object{"username": "ion-desk"},
		"inbound": object{"when_unavailable": object{"action": "forward", "forward_to": "700"}}}).want(201)
	x.do("POST", "/contact-methods", object{"id": "out", "user_id": "ion", "kind": "pstn_forwarding", "pstn_forwarding": object{"number": "+40215550188"}}).want(201)

	var got []string
	for _, d := range x.do("GET", "/call-flows/front/dependencies", nil).want(200).items() {
		user, _ := d["user_id"].(string)
		got = append(got, d["collection"].(string)+"/"+d["id"].(string)+" "+d["field"].(string)+" "+user)
		if d["label"] == "" || d["consequence"] == "" {
			t.Errorf("%v says too little", d)
		}
	}
	slices.Sort(got)
	want := []string{
		"call_flows/back nodes.out.settings.number ",
		"contact_methods/desk inbound.when_unavailable.forward_to ion",
		"internal_numbers/700 owner ",
		"numbers/f1 owner ",
		"organizations/default main_destination ",
		"users/anna forward.number ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the flow's dependencies are\n%q, want\n%q", got, want)
	}
	x.do("GET", "/call-flows/none/dependencies", nil).want(404, "")
}
