package api_test

import (
	"sync"
	"testing"
)

// TestSetUp: the first run makes an administrator, once, for whoever has the key.
func TestSetUp(t *testing.T) {
	x := newExchange(t)
	b := &browser{x: x}
	needed := func(want bool) {
		t.Helper()
		if got := b.do("GET", "/setup", nil).want(200).object()["needed"]; got != want {
			t.Errorf("needed: %v, want %v", got, want)
		}
	}
	needed(true)
	body := func(key string, more object) object {
		out := object{"key": key, "first_name": "Bo", "last_name": "Ss", "email": "bo@example.com", "password": "boss-password",
			"organization": object{"name": "Acme", "country": "de", "time_zone": "Europe/Berlin", "language": "de"}}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	b.do("POST", "/setup", body("", nil)).want(403, "key") // none was made
	old, _ := x.svc.SetUpKey()
	key, _ := x.svc.SetUpKey()
	before := x.store.Revision()
	b.do("POST", "/setup", body("wrong", nil)).want(403, "key")
	b.do("POST", "/setup", body(old, nil)).want(403, "key")
	b.do("POST", "/setup", body(key, object{"first_name": ""})).want(422, "first_name")
	b.do("POST", "/setup", body(key, object{"email": ""})).want(422, "login")
	b.do("POST", "/setup", body(key, object{"email": "nobody"})).want(422, "email")
	b.do("POST", "/setup", body(key, object{"password": "short"})).want(422, "password")
	b.do("POST", "/setup", body(key, object{"organization": object{"time_zone": "Mars/Olympus"}})).want(422, "organization.time_zone")
	b.do("POST", "/setup", body(key, object{"organization": object{"realm": "x"}})).want(422, "organization.realm")
	b.do("POST", "/setup", body(key, nil), header{"Sec-Fetch-Site": "cross-site"}).want(403, "")
	if x.store.Revision() != before {
		t.Error("something was saved")
	}
	s := b.do("POST", "/setup", body(key, nil)).want(200).object()
	if s["login"] != "bo@example.com" || s["role"] != "admin" || at(s, "organization.name") != "Acme" || at(s, "organization.country") != "DE" {
		t.Errorf("%v", s)
	}
	if x.store.Revision() != before+1 {
		t.Errorf("%d revisions", x.store.Revision()-before)
	}
	if rev := b.do("GET", "/revisions", nil).want(200).items()[0]; rev["by"] != "Bo Ss (bo@example.com)" {
		t.Errorf("%v", rev)
	}
	needed(false)
	b.do("POST", "/setup", body(key, nil)).want(409, "")
	x.restart()
	needed(false)
	if _, needed := x.svc.SetUpKey(); needed {
		t.Error("a key for an exchange that is set up")
	}
	x.browser("bo@example.com", "boss-password")

	// The owner stays: deleted, demoted, left out of a file.
	owner := "/users/" + s["user_id"].(string)
	b.do("DELETE", owner+"?confirm=true", nil).want(409, "")
	b.do("PATCH", owner, object{"role": "user"}).want(409, "")
	b.do("POST", "/apply?prune=true", `{"users": []}`).want(409, "")
	b.do("POST", "/apply", `{"users": [{"id": "`+s["user_id"].(string)+`", "first_name": "Bo", "role": "user"}]}`).want(409, "")
	b.do("POST", "/users", object{"id": "second", "first_name": "Second", "role": "admin"}).want(201)
	b.do("PATCH", owner, object{"role": "user"}).want(200)
}

// TestSetUpOnce: of two with the key, one is the first administrator.
func TestSetUpOnce(t *testing.T) {
	x := newExchange(t)
	key, _ := x.svc.SetUpKey()
	var wg sync.WaitGroup
	statuses := make([]int, 4)
	for i := range statuses {
		wg.Go(func() {
			statuses[i] = x.do("POST", "/setup", object{"key": key, "first_name": "Bo", "login": string(rune('a' + i)), "password": "boss-password"},
				header{"Authorization": ""}).status
		})
	}
	wg.Wait()
	got := map[int]int{}
	for _, s := range statuses {
		got[s]++
	}
	if got[200] != 1 || got[409] != 3 || len(x.do("GET", "/users", nil).items()) != 1 {
		t.Errorf("%v", got)
	}
}
