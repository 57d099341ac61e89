package api_test

import (
	"testing"
	"time"

	"strowger/store"
)

// TestOwn: people change their own forwarding, lines and devices, no more of them
// than is theirs to say, and nothing of anybody else.
func TestOwn(t *testing.T) {
	x := newExchange(t)
	x.people()
	x.do("PATCH", "/users/anna", map[string]any{"plan": "plus"}).want(200) // two numbers
	x.do("POST", "/numbers", map[string]any{"id": "n2", "e164": "+40215550101", "trunk_id": "carrier"}).want(201)
	x.do("PATCH", "/contact-methods/anna-app", map[string]any{
		"inbound":  map[string]any{"did_numbers": []string{"+40215550100", "+40215550101"}},
		"outbound": map[string]any{"external_enabled": true, "caller_ids": []string{"+40215550100", "+40215550101"}}}).want(200)
	for _, d := range []string{"anna", "ion"} {
		if d == "ion" {
			x.do("POST", "/contact-methods", map[string]any{"id": "ion-app", "user_id": "ion", "kind": "app"}).want(201)
		}
		x.do("POST", "/app-devices", map[string]any{"id": d + "-phone", "user_id": d, "os": "Android", "name": "Pixel"}).want(201)
	}
	anna := header{"token": x.newToken(map[string]any{"role": "user", "user_id": "anna"}, "")}

	u := x.do("PATCH", "/me", map[string]any{"forward": map[string]any{"number": "+40745550100", "enabled": true}}, anna).want(200).object()
	if at(u, "forward.number") != "+40745550100" || at(u, "forward.enabled") != true || u["id"] != "anna" {
		t.Errorf("forwarded: %v", u)
	}
	u = x.do("PATCH", "/me", map[string]any{"forward": map[string]any{"enabled": false}, "do_not_disturb": true}, anna).want(200).object()
	if at(u, "forward.number") != "+40745550100" || at(u, "forward.enabled") != false || u["do_not_disturb"] != true {
		t.Errorf("not forwarded any more: %v", u)
	}
	x.do("PATCH", "/me", map[string]any{"role": "admin"}, anna).want(422, "role")
	x.do("PATCH", "/me", map[string]any{"forward": map[string]any{"number": "nonsense", "enabled": true}}, anna).want(422, "forward.number")
	x.do("PATCH", "/me", map[string]any{"forward": map[string]any{"number": "+40215550100"}}, anna).want(422, "forward.number")
	x.do("PATCH", "/me", map[string]any{"forward": map[string]any{"number": ""}}, anna).want(200)
	x.do("PATCH", "/me", map[string]any{"language": "x"}, anna, header{"If-Match": `"old"`}).want(412)

	line := func(id string, body map[string]any) *reply {
		return x.do("PATCH", "/me/contact-methods/"+id, body, anna)
	}
	turned := map[string]any{"outbound": map[string]any{"caller_ids": []string{"+40215550101", "+40215550100"}}}
	got := line("anna-app", turned).want(200).object()
	if ids := at(got, "outbound.caller_ids").([]any); ids[0] != "+40215550101" || at(got, "outbound.external_enabled") != true {
		t.Errorf("in another order: %v", got)
	}
	line("anna-app", map[string]any{"outbound": map[string]any{"caller_ids": []string{"+40215550101"}}}).want(422, "outbound.caller_ids")
	line("anna-app", map[string]any{"outbound": map[string]any{"external_enabled": false}}).want(422, "outbound.external_enabled")
	line("anna-app", map[string]any{"inbound": map[string]any{"when_unavailable": map[string]any{"action": "forward", "forward_to": "102"}}}).want(200)
	// Outside only on a line that may call there; what an administrator has set stays.
	outside := func(number string) map[string]any {
		return map[string]any{"inbound": map[string]any{"when_unavailable": map[string]any{"action": "forward", "forward_to": number}}}
	}
	line("anna-app", outside("+40745550100")).want(200)
	x.do("PATCH", "/contact-methods/anna-app", map[string]any{"outbound": map[string]any{"external_enabled": false}}).want(200)
	line("anna-app", outside("+40745550100")).want(200)
	line("anna-app", outside("+40745550101")).want(422, "inbound.when_unavailable.forward_to")
	line("anna-app", outside("sip:+40745550101@x")).want(422, "inbound.when_unavailable.forward_to")
	line("anna-app", outside("+40215550100")).want(200) // ours
	line("anna-app", outside("102")).want(200)
	x.do("PATCH", "/contact-methods/anna-app", map[string]any{"outbound": map[string]any{"external_enabled": true}}).want(200)
	line("ion-line", turned).want(404, "")
	line("none", turned).want(404, "")
	// A null takes nothing away.
	line("anna-app", map[string]any{"inbound": nil, "outbound": map[string]any{"caller_ids": nil}}).want(200)
	kept := x.do("GET", "/contact-methods/anna-app", nil).want(200).object()
	if len(at(kept, "inbound.did_numbers").([]any)) != 2 || len(at(kept, "outbound.caller_ids").([]any)) != 2 || at(kept, "inbound.when_unavailable.forward_to") != "102" {
		t.Errorf("kept: %v", kept)
	}

	if ids := x.do("GET", "/me/app-devices", nil, anna).want(200).ids(); len(ids) != 1 || ids[0] != "anna-phone" {
		t.Errorf("own devices: %v", ids)
	}
	x.do("DELETE", "/me/app-devices/ion-phone", nil, anna).want(404, "")
	x.do("DELETE", "/me/app-devices/anna-phone", nil, anna).want(204)
	x.do("GET", "/app-devices/ion-phone", nil).want(200)
	// A token that is nobody's has nothing of its own.
	x.do("PATCH", "/me", map[string]any{"do_not_disturb": true}).want(404, "")
}

// TestHandVoicemail: a message goes to somebody else of the organization, for
// whom it is new.
func TestHandVoicemail(t *testing.T) {
	x := newExchange(t)
	x.people()
	v := &store.Voicemail{ID: "v", Org: "default", UserID: "anna", State: store.RecordingCaptured, CreatedAt: time.Now()}
	if err := x.store.PutVoicemail(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	anna := header{"token": x.newToken(map[string]any{"role": "user", "user_id": "anna"}, "")}
	ion := header{"token": x.newToken(map[string]any{"role": "user", "user_id": "ion"}, "")}
	x.do("PATCH", "/voicemails/v", map[string]any{"read": true}, anna).want(200)
	x.do("PATCH", "/voicemails/v", map[string]any{"user_id": "nobody"}, anna).want(422, "user_id")
	x.do("PATCH", "/voicemails/v", map[string]any{"user_id": "ion"}, ion).want(404, "")
	if got := x.do("PATCH", "/voicemails/v", map[string]any{"user_id": "ion"}, anna).want(200).object(); got["user_id"] != "ion" || got["read"] != false {
		t.Errorf("handed on: %v", got)
	}
	x.do("GET", "/voicemails/v", nil, anna).want(404, "")
	x.do("GET", "/voicemails/v", nil, ion).want(200)
	// What the recorder still writes does not take it back.
	if err := x.store.PutVoicemail(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	x.do("GET", "/voicemails/v", nil, ion).want(200)
}

// TestForwardIsOutside: a user's calls are forwarded to one number outside, whoever sets
// it, and numbers are taken as people write them.
func TestForwardIsOutside(t *testing.T) {
	x := newExchange(t)
	x.people()
	x.do("PATCH", "/organizations/default", map[string]any{"country": "US"}).want(200)
	forward := func(number string) map[string]any {
		return map[string]any{"forward": map[string]any{"number": number}}
	}
	for _, wrong := range []string{"xyz", "102", "+40215550100", "+40 21 555 0100", "+1"} {
		x.do("PATCH", "/users/anna", forward(wrong)).want(422, "forward.number")
		x.do("POST", "/users", map[string]any{"first_name": "New", "forward": map[string]any{"number": wrong}}).want(422, "forward.number")
	}
	for written, kept := range map[string]string{"+49 (0)170 123-4567": "+491701234567", "(202) 555-0142": "2025550142", "+1.202.555.0143 ": "+12025550143", "011 49 170 1234567": "011491701234567"} {
		if u := x.do("PATCH", "/users/anna", forward(written)).want(200).object(); at(u, "forward.number") != kept {
			t.Errorf("%q is kept as %v", written, at(u, "forward.number"))
		}
	}
	m := x.do("POST", "/contact-methods", map[string]any{"user_id": "anna", "kind": "pstn_forwarding", "pstn_forwarding": map[string]any{"number": "+1 (202) 555-0142"}}).want(201).object()
	if at(m, "pstn_forwarding.number") != "+12025550142" {
		t.Errorf("%v", m)
	}
	if n := x.do("POST", "/numbers", map[string]any{"e164": "+1 202-555-0199", "trunk_id": "carrier"}).want(201).object(); n["e164"] != "+12025550199" {
		t.Errorf("%v", n)
	}
	// The name of a record is no number.
	line := x.do("PATCH", "/contact-methods/anna-app", map[string]any{"inbound": map[string]any{"when_unavailable": map[string]any{"action": "forward", "forward_to": "anna-app"}}})
	if to := at(line.object(), "inbound.when_unavailable.forward_to"); line.status == 200 && to != "anna-app" {
		t.Errorf("leads to %v", to)
	}
}
