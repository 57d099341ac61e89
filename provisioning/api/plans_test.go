package api_test

import (
	"strings"
	"testing"
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
