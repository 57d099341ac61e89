package api_test

import (
	"strings"
	"testing"

	"strowger/provisioning"
)

func TestPlans(t *testing.T) {
	x := newExchange(t)
	who := x.tokens()
	x.do("GET", "/plans", nil, who["usr"]).want(403)
	if ids := x.do("GET", "/plans", nil).want(200).ids(); strings.Join(ids, " ") != "basic plus pro" {
		t.Fatalf("shipped: %v", ids)
	}
	before := len(x.do("GET", "/billing-events", nil).want(200).items())
	x.do("POST", "/plans", object{"id": "gold", "name": "Gold", "price": "19.90", "currency": "eur", "seats": 1, "includes": object{"app": true, "voicemail": true, "web_calls": true, "direct_numbers": 5}}).want(201)
	x.do("PATCH", "/users/anna", object{"features": object{"web_calls": true}}).want(422, "features.web_calls")
	x.do("PATCH", "/users/anna", object{"plan": "silver"}).want(422, "plan")
	x.do("PATCH", "/users/anna", object{"plan": "gold", "features": object{"web_calls": true}}).want(200)
	x.do("PATCH", "/users/ion", object{"plan": "gold"}).want(422, "plan")
	r := x.do("GET", "/plans/gold", nil).want(200)
	if at(r.object(), "seats_used") != 1.0 || at(r.object(), "currency") != "EUR" {
		t.Errorf("%v", r.object())
	}
	x.do("PATCH", "/plans/gold", object{"price": "cheap"}).want(422, "price")
	x.do("DELETE", "/plans/gold", nil).want(409)
	x.do("GET", "/users/anna", nil).want(200)

	events := x.do("GET", "/billing-events?user_id=anna", nil).want(200).items()
	if len(events) == 0 || events[0]["from"] != "basic" || events[0]["to"] != "gold" || events[0]["to_price"] != "19.90" || events[0]["by"] == "" {
		t.Fatalf("%v", events)
	}
	for span, want := range map[string]int{"since=2000-01-01T00:00:00Z": 1, "since=2100-01-01T00:00:00Z": 0, "until=2100-01-01T00:00:00Z": 1, "until=2000-01-01T00:00:00Z": 0} {
		if n := len(x.do("GET", "/billing-events?to=gold&"+span, nil).want(200).items()); n != want {
			t.Errorf("%s: %d events, want %d", span, n, want)
		}
	}
	x.do("GET", "/billing-events?since=yesterday", nil).want(422, "since")
	if all := x.do("GET", "/billing-events", nil).want(200).items(); len(all) != before+1 {
		t.Errorf("%d events, and %d before", len(all), before)
	}
	x.do("GET", "/billing-events", nil, who["usr"]).want(403)
	if list := x.do("GET", "/billing-events", nil, who["coyote"]).want(200).items(); len(list) > 0 {
		for _, e := range list {
			if e["user_id"] == "anna" {
				t.Error("another organization's")
			}
		}
	}
}

// A new user has the usual features, as far as the plan includes them; what is
// asked for beyond it is refused.
func TestUsualFeatures(t *testing.T) {
	x := newExchange(t)
	x.do("POST", "/plans", object{"id": "desk", "name": "Desk", "includes": object{"voicemail": true, "direct_numbers": 1}}).want(201)
	for _, c := range []struct {
		made           object
		app, voicemail bool
	}{
		{object{}, true, true},
		{object{"features": object{"voicemail": false}}, true, false},
		{object{"plan": "desk"}, false, true},
		{object{"plan": "desk", "features": object{"app": false}}, false, true},
	} {
		c.made["first_name"] = "Mia"
		u := x.do("POST", "/users", c.made).want(201).object()
		if at(u, "features.app") != c.app || at(u, "features.voicemail") != c.voicemail || at(u, "features.web_calls") != false {
			t.Errorf("%v has %v", c.made, u["features"])
		}
	}
	x.do("POST", "/users", object{"first_name": "Mia", "plan": "desk", "features": object{"app": true}}).want(422, "features.app")
}

// A file that names no features gives a user those of the plan; what it names beyond
// the plan is refused, and nothing is taken from anybody.
func TestApplyWithinPlan(t *testing.T) {
	x := newExchange(t)
	x.do("POST", "/plans", object{"id": "desk", "name": "Desk", "includes": object{"voicemail": true}}).want(201)
	x.do("POST", "/plans", object{"id": "bare", "name": "Bare"}).want(201)
	x.do("POST", "/plans", object{"id": "shrunk", "name": "Shrunk", "includes": object{"app": true, "voicemail": true}}).want(201)
	x.do("POST", "/users", object{"id": "old", "first_name": "Old", "plan": "shrunk"}).want(201)
	x.do("POST", "/users", object{"id": "moving", "first_name": "Moving", "plan": "shrunk"}).want(201)
	x.do("POST", "/users", object{"id": "without", "first_name": "Without", "plan": "desk"}).want(201)
	x.do("PATCH", "/plans/shrunk", object{"includes": object{"app": false, "voicemail": false}}).want(200)
	for _, c := range []struct {
		user, fields   string // in YAML
		app, voicemail bool
		refused        string
	}{
		{"a", "", true, true, ""}, // basic
		{"b", "plan: basic, features: {voicemail: false}", true, false, ""},
		{"c", "plan: desk", false, true, ""},
		{"d", "plan: desk, features: {}", false, true, ""},
		{"e", "plan: desk, features: null", false, true, ""},
		{"f", "plan: desk, features: {app: null}", false, true, ""},
		{"g", "plan: desk, features: {app: false}", false, true, ""},
		{"h", "plan: desk, features: {app: true}", false, false, "features.app"},
		{"i", "plan: desk, features: {web_calls: true}", false, false, "features.web_calls"},
		{"j", "plan: bare", false, false, ""},
		{"k", "plan: bare, features: {voicemail: true}", false, false, "features.voicemail"},
		{"l", "plan: own", true, false, ""}, // of the same file
		{"without", "plan: desk", false, true, ""},
		{"without", "plan: desk, features: {app: true}", false, true, "features.app"},
		{"old", "plan: shrunk", true, true, ""}, // nothing is taken
		{"old", "plan: shrunk, features: {app: false}", false, true, ""},
		{"moving", "plan: desk, features: {app: true}", true, true, "plan"},
		{"moving", "plan: desk", false, true, ""},
	} {
		file := "plans:\n- {id: own, includes: {app: true}}\nusers:\n- {id: " + c.user + ", first_name: Mia"
		if c.fields != "" {
			file += ", " + c.fields
		}
		r := x.do("POST", "/apply", file+"}\n", header{"Content-Type": "application/yaml"})
		if c.refused != "" {
			before := x.do("GET", "/users/"+c.user, nil)
			r.want(422, "users/"+c.user+"."+c.refused)
			if after := x.do("GET", "/users/"+c.user, nil); string(after.raw) != string(before.raw) {
				t.Errorf("%s {%s}: something was saved", c.user, c.fields)
			}
			continue
		}
		r.want(200)
		u := x.do("GET", "/users/"+c.user, nil).want(200).object()
		if at(u, "features.app") != c.app || at(u, "features.voicemail") != c.voicemail || at(u, "features.web_calls") != false {
			t.Errorf("%s {%s} has %v", c.user, c.fields, u["features"])
		}
		// The second time it changes nothing.
		var again provisioning.ApplyReport
		x.do("POST", "/apply", file+"}\n", header{"Content-Type": "application/yaml"}).want(200).into(&again)
		if len(again.Changes) != 0 {
			t.Errorf("%s {%s}: again it changes %+v", c.user, c.fields, again.Changes)
		}
	}
	// So does a draft, which is such a file.
	explain := func(features object) *reply {
		return x.do("POST", "/routes/explain", object{"from": "101", "to": "102", "draft": object{
			"users":           []any{object{"id": "z", "first_name": "Z", "plan": "desk", "features": features}},
			"contact_methods": []any{object{"id": "z", "user_id": "z", "kind": "sip_account", "sip_account": object{"username": "zed"}, "inbound": object{"internal_numbers": []any{"101"}}}},
		}})
	}
	explain(nil).want(200)
	if r := explain(object{"app": true}).want(422); !strings.Contains(string(r.raw), "features.app") {
		t.Errorf("%s", r.raw)
	}
}
