package api_test

import (
	"slices"
	"strings"
	"testing"
)

// dependencies are what the API names before a deletion: the record, the field, and
// whose line it is.
func (x *exchange) dependencies(path string) []string {
	x.t.Helper()
	var got []string
	for _, d := range x.do("GET", path+"/dependencies", nil).want(200).items() {
		user, _ := d["user_id"].(string)
		field, _ := d["field"].(string)
		got = append(got, strings.Join(strings.Fields(d["collection"].(string)+"/"+d["id"].(string)+" "+field+" "+user), " "))
		if d["label"] == "" || d["consequence"] == "" {
			x.t.Errorf("%v says too little", d)
		}
	}
	slices.Sort(got)
	return got
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

	got := x.dependencies("/call-flows/front")
	want := []string{
		"call_flows/back nodes.out.settings.number",
		"contact_methods/desk inbound.when_unavailable.forward_to ion",
		"internal_numbers/700 owner",
		"numbers/f1 owner",
		"organizations/default main_destination",
		"users/anna forward.number",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the flow's dependencies are\n%q, want\n%q", got, want)
	}
	x.do("GET", "/call-flows/none/dependencies", nil).want(404, "")
}

// TestLineAndNumberDependencies: a line names its numbers, its phones and who forwards
// calls to one of those; a number and an internal number those alone. A forward of the
// line's own goes with it.
func TestLineAndNumberDependencies(t *testing.T) {
	x := newExchange(t)
	x.people()
	type object = map[string]any
	x.do("PATCH", "/organizations/default", object{"country": "RO", "main_destination": "102"}).want(200)
	x.do("PATCH", "/users/anna", object{"forward": object{"number": "0215550177"}}).want(200) // not ours yet
	x.do("POST", "/numbers", object{"id": "n2", "e164": "+40215550177", "owner": object{"kind": "contact_method", "id": "ion-line"}}).want(201)
	x.do("PATCH", "/contact-methods/ion-line", object{"inbound": object{"when_unavailable": object{"action": "forward", "forward_to": "102"}}}).want(200)
	x.do("POST", "/contact-methods", object{"id": "out", "user_id": "anna", "kind": "pstn_forwarding", "pstn_forwarding": object{"number": "+40215550177"}}).want(201)
	x.do("POST", "/devices", object{"id": "desk", "mac": "001565abcdef", "vendor": "yealink", "lines": []any{object{"contact_method_id": "ion-line"}}}).want(201)

	inside := x.do("GET", "/internal-numbers?number=102", nil).want(200).items()[0]["id"].(string)
	toNumber := []string{"contact_methods/out pstn_forwarding.number anna", "users/anna forward.number"}
	toInternal := []string{"organizations/default main_destination"}
	line := slices.Concat(toNumber, toInternal, []string{"devices/desk", "internal_numbers/" + inside + " owner", "numbers/n2 owner", "users/ion"})
	slices.Sort(line)
	for path, want := range map[string][]string{
		"/contact-methods/ion-line": line,
		"/numbers/n2":               toNumber,
		"/internal-numbers/" + inside: slices.Sorted(slices.Values(slices.Concat(toInternal,
			[]string{"contact_methods/ion-line inbound.when_unavailable.forward_to ion"}))),
	} {
		if got := x.dependencies(path); !slices.Equal(got, want) {
			t.Errorf("%s: the dependencies are\n%q, want\n%q", path, got, want)
		}
	}

	// Somebody else's app would not go with this line, and calls still ring another.
	x.do("POST", "/contact-methods", object{"id": "second", "user_id": "ion", "kind": "sip_account", "sip_account": object{"username": "ion-2"}}).want(201)
	if got := x.dependencies("/contact-methods/ion-line"); slices.Contains(got, "users/ion") {
		t.Errorf("with another line there are %q", got)
	}
	if got := x.dependencies("/contact-methods/second"); len(got) != 0 {
		t.Errorf("a line that nothing depends on has %q", got)
	}
	x.do("GET", "/contact-methods/none/dependencies", nil).want(404, "")
	x.do("GET", "/numbers/n2/dependencies", nil, header{"token": x.newToken(object{"role": "user", "user_id": "anna"}, "")}).want(403, "")
}

// TestCheckForwards: check names each forward that leads nowhere, and no other.
func TestCheckForwards(t *testing.T) {
	x := newExchange(t)
	x.people()
	type object = map[string]any
	x.do("PATCH", "/organizations/default", object{"country": "RO", "main_destination": "199"}).want(200)
	x.do("PATCH", "/users/anna", object{"forward": object{"number": "+40745550111", "enabled": false}}).want(200)
	x.do("PATCH", "/contact-methods/ion-line", object{"inbound": object{"when_unavailable": object{"action": "forward", "forward_to": "anna-gone"}}}).want(200)
	x.do("PATCH", "/contact-methods/anna-app", object{"inbound": object{"when_unavailable": object{"action": "forward", "forward_to": "102"}}}).want(200)
	x.do("POST", "/contact-methods", object{"id": "mobile", "user_id": "anna", "kind": "pstn_forwarding", "pstn_forwarding": object{"number": "+40745550100"}}).want(201)
	problems := func() (where []string) {
		for _, p := range x.do("GET", "/check", nil).want(200).object()["problems"].([]any) {
			where = append(where, p.(object)["where"].(string))
		}
		slices.Sort(where)
		return where
	}
	nowhere := []string{
		"default/contact_methods/ion-line.inbound.when_unavailable.forward_to",
		"default/organizations/default.main_destination",
	}
	if got := problems(); !slices.Equal(got, nowhere) {
		t.Errorf("check finds %q, want %q", got, nowhere)
	}
	// A main number that nobody answers, and a number outside without a way there.
	x.do("PATCH", "/organizations/default", object{"main_destination": ""}).want(200)
	x.do("PATCH", "/numbers/n1", object{"owner": object{"kind": "company"}, "trunk_id": ""}).want(200)
	x.do("DELETE", "/trunks/carrier", nil).want(204)
	if got := problems(); slices.Contains(got, "default/users/anna.forward.number") {
		t.Errorf("check finds %q, and the forward is off", got)
	}
	x.do("PATCH", "/users/anna", object{"forward": object{"enabled": true}}).want(200)
	for _, want := range []string{"default/users/anna.forward.number", "default/numbers/n1", "default/contact_methods/mobile.pstn_forwarding.number"} {
		if got := problems(); !slices.Contains(got, want) {
			t.Errorf("check finds %q, and not %s", got, want)
		}
	}
}
