package api_test

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"strowger/store"
)

// resetKey is that of the next link which is mailed.
func (x *exchange) resetKey(ask func()) string {
	x.t.Helper()
	before := len(x.do("GET", "/deliveries", nil).want(200).ids())
	ask()
	for len(x.do("GET", "/deliveries", nil).want(200).ids()) == before {
		<-x.store.Outbox()
	}
	jobs, err := x.store.Jobs(x.t.Context(), "default", "", 1)
	if err != nil {
		x.t.Fatal(err)
	}
	m, err := x.store.OpenMail(jobs[0])
	if err != nil {
		x.t.Fatal(err)
	}
	return linkKey(m)
}

// linkKey is the key of the link in a mail.
func linkKey(m store.Mail) string {
	return regexp.MustCompile(`/(?:reset|verify)#(\S+)`).FindStringSubmatch(m.Text)[1]
}

// A mailed link chooses a password, once: the old one and all sessions are gone,
// the line and the second factor stay.
func TestForgottenPassword(t *testing.T) {
	x := newExchange(t)
	x.stop()
	x.staff()
	x.withMail()
	x.do("PATCH", "/users/anna", object{"email": "anna@example.com"}).want(200)
	b := x.browser("anna", "anna-password")
	secret := b.do("POST", "/session/totp", nil).want(200).object()["secret"].(string)
	b.do("PUT", "/session/totp", object{"code": x.app(secret)}).want(200)
	x.pass(time.Minute)
	door := &browser{x: x}
	unknown := door.do("POST", "/password-resets", object{"login": "nobody@example.com"}).want(202)
	ask := func() {
		if known := door.do("POST", "/password-resets", object{"login": "anna@example.com"}).want(202); string(known.raw) != string(unknown.raw) {
			t.Errorf("%q to who is known, %q to others", known.raw, unknown.raw)
		}
	}
	first := x.resetKey(ask)
	x.pass(5 * time.Minute)
	key := x.resetKey(ask)
	put := func(key, password string) *reply {
		return door.do("PUT", "/password-resets", object{"key": key, "new": password})
	}
	put(first, "another-password").want(404, "key")
	put(key+"x", "another-password").want(404, "key")
	put("", "another-password").want(404, "key")
	put(key, "short").want(422, "new")
	b.do("GET", "/session", nil).want(200)
	put(key, "another-password").want(204)
	put(key, "a-third-password").want(404, "key")
	b.do("GET", "/session", nil).want(401, "")
	door.signIn("anna", "anna-password").want(401, "")
	if need := door.signIn("anna", "another-password").want(401, "").object()["need"]; need != "code" {
		t.Errorf("need %v", need)
	}
	door.signIn("anna", "another-password", object{"code": x.app(secret)}).want(200)
	events := x.do("GET", "/audit?user_id=anna&event=password_changed", nil).want(200).items()
	if len(events) != 1 || events[0]["detail"] != "with a mailed link" {
		t.Errorf("%v", events)
	}
}

// An administrator has the link sent, and does not see it.
func TestResetByAdministrator(t *testing.T) {
	x := newExchange(t)
	who := x.tokens()
	send := func() { x.do("POST", "/users/ion/password-reset", nil).want(200) }
	x.do("POST", "/users/ion/password-reset", nil).want(409, "email")
	x.do("PATCH", "/users/ion", object{"email": "ion@example.com"}).want(200)
	x.do("POST", "/users/ion/password-reset", nil).want(409, "")
	x.withMail()
	x.do("POST", "/users/nobody/password-reset", nil).want(404, "")
	x.do("POST", "/users/ion/password-reset", nil, who["coyote"]).want(404, "")
	x.do("POST", "/users/ion/password-reset", nil, who["usr"]).want(403, "")
	key := x.resetKey(send)
	x.pass(time.Hour)
	b := &browser{x: x}
	b.do("PUT", "/password-resets", object{"key": key, "new": "ion-password"}).want(404, "key")
	key = x.resetKey(send)
	b.do("PUT", "/password-resets", object{"key": key, "new": "ion-password"}).want(204)
	b.signIn("ion@example.com", "ion-password").want(200)
	// A password that changed meanwhile leaves a link good for nothing.
	key = x.resetKey(send)
	x.do("PATCH", "/users/ion", object{"password": "ion-password-2"}).want(200)
	b.do("PUT", "/password-resets", object{"key": key, "new": "ion-password-3"}).want(404, "key")
	// What is kept is no key.
	f, err := x.store.Factors(t.Context(), "default", "ion")
	if err != nil || len(f.Reset.Hash) != 64 {
		t.Errorf("%+v %v", f.Reset, err)
	}
	x.do("DELETE", "/users/ion?confirm=true", nil).want(204)
	b.do("PUT", "/password-resets", object{"key": key, "new": "ion-password-3"}).want(404, "key")
}

func TestResetsAreLimited(t *testing.T) {
	x := newExchange(t)
	b := &browser{x: x, from: "192.0.2.9"}
	b.do("POST", "/password-resets", object{"login": " "}).want(422, "login")
	for i := range 10 {
		b.do("POST", "/password-resets", object{"login": fmt.Sprintf("user%d", i)}).want(202)
	}
	if b.do("POST", "/password-resets", object{"login": "user"}).want(429, "").header.Get("Retry-After") == "" {
		t.Error("nobody says when to ask again")
	}
	other := &browser{x: x, from: "192.0.2.10"}
	other.do("POST", "/password-resets", object{"login": "user"}).want(202)
	x.do("PATCH", "/organizations/default", object{"web_address": "https://pbx.example.com/phones"}).want(422, "web_address")
	x.do("PATCH", "/organizations/default", object{"web_address": "https://pbx.example.com:8443"}).want(200)
}
