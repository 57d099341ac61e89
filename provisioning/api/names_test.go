package api_test

import (
	"strings"
	"testing"
)

// TestNames: what is chosen by its name has one, and it stays its own.
func TestNames(t *testing.T) {
	x := newExchange(t)
	schedule := func(more object) object {
		more["ranges"] = []any{object{"days": []string{"mon"}, "from": "08:00", "to": "17:00"}}
		return more
	}
	x.do("POST", "/time-schedules", schedule(object{})).want(422, "name")
	x.do("POST", "/time-schedules", schedule(object{"name": " "})).want(422, "name")
	x.do("POST", "/time-schedules", schedule(object{"id": "office"})).want(201) // is called what its id says
	x.do("POST", "/time-schedules", schedule(object{"name": "Office"})).want(409)
	x.do("POST", "/time-schedules", schedule(object{"id": "late", "name": "Late"})).want(201)
	x.do("PATCH", "/time-schedules/late", object{"name": ""}).want(422, "name")
	x.do("PATCH", "/time-schedules/late", object{"name": nil}).want(422, "name")
	x.do("PATCH", "/time-schedules/late", object{"name": "OFFICE"}).want(409)
	x.do("PATCH", "/time-schedules/office", object{"name": "Office"}).want(200)
	x.do("POST", "/delivery-methods", object{"kind": "disk"}).want(422, "name")
	x.do("POST", "/plans", object{"price": "1"}).want(422, "name")
	x.do("POST", "/call-flows", object{"entry": "a", "nodes": []any{object{"id": "a", "type": "hang_up"}}}).want(422, "name")
}

// TestWebhookSecret: a webhook without a secret is given one, which is shown once.
func TestWebhookSecret(t *testing.T) {
	x := newExchange(t)
	settings := func(r *reply) object {
		of, _ := r.object()["settings"].(object)
		return of
	}
	hook := object{"id": "hook", "name": "Hook", "kind": "webhook", "settings": object{"url": "https://hook.example.com"}}
	secret, _ := settings(x.do("POST", "/delivery-methods", hook).want(201))["secret"].(string)
	if !strings.HasPrefix(secret, "whsec_") || len(secret) != 50 {
		t.Errorf("the secret is %q", secret)
	}
	held := settings(x.do("GET", "/delivery-methods/hook", nil).want(200))
	if _, shown := held["secret"]; shown || held["url"] != "https://hook.example.com" {
		t.Errorf("later: %v", held)
	}
	if r := x.do("PATCH", "/delivery-methods/hook", object{"name": "Calls"}).want(200); strings.Contains(string(r.raw), "whsec_") {
		t.Errorf("another one is made: %s", r.raw)
	}
	x.do("PATCH", "/delivery-methods/hook", object{"settings": object{"secret": "short"}}).want(422, "settings.secret")
	if r := x.do("PATCH", "/delivery-methods/hook", object{"settings": object{"secret": nil}}).want(200); !strings.Contains(string(r.raw), "whsec_") || strings.Contains(string(r.raw), secret) {
		t.Errorf("one that is taken away: %s", r.raw)
	}
	var report struct {
		Generated []struct{ Path, Password string }
	}
	x.do("POST", "/apply", `{"delivery_methods": [{"id": "declared", "kind": "webhook", "settings": {"url": "https://hook.example.com"}}]}`).want(200).into(&report)
	if len(report.Generated) != 1 || report.Generated[0].Path != "delivery_methods/declared" || !strings.HasPrefix(report.Generated[0].Password, "whsec_") {
		t.Errorf("%+v", report)
	}
}
