package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"strowger/provisioning/api"
)

// a browser keeps a cookie and the token that goes with it.
type browser struct {
	x      *exchange
	cookie string
	csrf   string
	from   string // address, as a proxy on this machine says it; empty: none does
}

// do asks as a page of ours does.
func (b *browser) do(method, path string, body any, headers ...header) *reply {
	b.x.t.Helper()
	h := header{"Authorization": "", "Cookie": b.cookie, "X-CSRF-Token": b.csrf, "X-Forwarded-For": b.from, "Sec-Fetch-Site": "same-origin"}
	return b.take(b.x.do(method, path, body, append([]header{h}, headers...)...))
}

// take keeps what an answer sets.
func (b *browser) take(r *reply) *reply {
	res := http.Response{Header: r.header}
	for _, c := range res.Cookies() {
		b.cookie = c.Name + "=" + c.Value
		if c.MaxAge < 0 {
			b.cookie = ""
		}
	}
	if r.status == 200 && strings.Contains(string(r.raw), `"csrf_token"`) {
		b.csrf = r.object()["csrf_token"].(string)
	}
	return r
}

func (b *browser) signIn(login, password string, more ...object) *reply {
	b.x.t.Helper()
	body := object{"login": login, "password": password}
	for _, m := range more {
		for k, v := range m {
			body[k] = v
		}
	}
	return b.do("POST", "/session", body)
}

// staff are an administrator, boss, and a user, anna, who can sign in.
func (x *exchange) staff() {
	x.t.Helper()
	x.people()
	x.do("POST", "/users", object{"id": "boss", "first_name": "Bo", "last_name": "Ss", "login": "boss", "password": "boss-password", "role": "admin"}).want(201)
	x.do("PATCH", "/users/anna", object{"login": "anna", "password": "anna-password"}).want(200)
}

func (x *exchange) browser(login, password string) *browser {
	x.t.Helper()
	b := &browser{x: x}
	b.signIn(login, password).want(200)
	return b
}

// TestSignIn: what a session is, and what it is good for.
func TestSignIn(t *testing.T) {
	x := newExchange(t)
	x.staff()
	b := &browser{x: x}
	b.do("GET", "/session", nil).want(401, "")
	r := b.signIn(" BOSS ", "boss-password").want(200)
	set := r.header.Get("Set-Cookie")
	for _, want := range []string{"strowger_session=", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(set, want) {
			t.Errorf("the cookie %q has no %s", set, want)
		}
	}
	if strings.Contains(set, "Secure") {
		t.Errorf("over plain HTTP the cookie is %q, which the browser would not send back", set)
	}
	s := r.object()
	for path, want := range map[string]any{"user_id": "boss", "first_name": "Bo", "last_name": "Ss", "login": "boss", "role": "admin",
		"organization.id": "default", "organization.language": "en", "organization.time_zone": "UTC", "organization.country": "US",
		"password_change_required": false, "totp": false} {
		if got := at(s, path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	if again := b.do("GET", "/session", nil).want(200).object(); again["csrf_token"] != s["csrf_token"] || again["id"] != s["id"] {
		t.Errorf("signed in as %v, and then %v", s, again)
	}
	if s["language"] != "" {
		t.Errorf("nobody said the language %v", s["language"])
	}
	x.do("PATCH", "/users/boss", object{"language": "de"}).want(200)
	if again := b.do("GET", "/session", nil).want(200).object(); again["language"] != "de" || at(again, "organization.language") != "en" {
		t.Errorf("the user's language is not in %v", again)
	}
	// An administrator reaches an organization, and revisions name the person.
	b.do("POST", "/users", object{"id": "new", "first_name": "New"}).want(201)
	if revs := b.do("GET", "/revisions", nil).want(200).items(); revs[0]["by"] != "Bo Ss (boss)" {
		t.Errorf("the revision is by %v", revs[0]["by"])
	}
	if me := b.do("GET", "/me", nil).want(200).object(); at(me, "user.id") != "boss" || me["role"] != "admin" {
		t.Errorf("me: %v", me)
	}
	b.do("GET", "/bans", nil).want(403, "")
	b.do("POST", "/tokens", object{"role": "operator"}).want(403, "")
	// A user reaches what is theirs.
	a := x.browser("anna", "anna-password")
	if ids := a.do("GET", "/users", nil).want(200).ids(); fmt.Sprint(ids) != "[anna]" {
		t.Errorf("anna sees %v", ids)
	}
	a.do("GET", "/users/ion", nil).want(404, "")
	a.do("PATCH", "/users/anna", object{"role": "admin"}).want(403, "")
	// Over TLS, ended by a proxy beside us, the cookie stays there.
	if set := b.do("POST", "/session", object{"login": "boss", "password": "boss-password"}, header{"X-Forwarded-Proto": "https"}).want(200).
		header.Get("Set-Cookie"); !strings.Contains(set, "; Secure") {
		t.Errorf("over TLS the cookie is %q", set)
	}
	b.do("DELETE", "/session", nil).want(204)
	if b.cookie != "" {
		t.Error("the cookie stays")
	}
}

// TestWrongPair: an answer tells nothing of what was wrong.
func TestWrongPair(t *testing.T) {
	x := newExchange(t)
	x.staff()
	x.do("POST", "/users", object{"id": "mute", "first_name": "Mute", "login": "mute"}).want(201)
	seen := map[string]bool{}
	for i, pair := range [][2]string{{"boss", "wrong"}, {"nobody", "wrong"}, {"mute", "wrong"}, {"boss", strings.Repeat("x", 5000)}, {"ion", "boss-password"}} {
		b := &browser{x: x, from: fmt.Sprintf("192.0.2.%d", i)}
		r := b.signIn(pair[0], pair[1]).want(401, "")
		seen[string(r.raw)] = true
		if b.cookie != "" {
			t.Error("a cookie for nothing")
		}
	}
	b := &browser{x: x}
	seen[string(b.signIn("boss", "boss-password", object{"organization": "nowhere"}).want(401, "").raw)] = true
	if len(seen) != 1 {
		t.Errorf("several answers: %v", seen)
	}
	b.signIn("", "x").want(422, "login")
	b.signIn("boss", "").want(422, "password")
	b.signIn("boss", "boss-password", object{"pin": "1"}).want(422, "pin")
}

// TestNamesakes: a login is one person's in one organization, and another's in
// another.
func TestNamesakes(t *testing.T) {
	x := newExchange(t)
	x.staff()
	x.do("POST", "/organizations", object{"id": "acme", "name": "Acme"}).want(201)
	acme := header{"X-Organization": "acme"}
	x.do("POST", "/users", object{"id": "other", "first_name": "Other", "login": "boss", "password": "other-password", "role": "admin"}, acme).want(201)
	b := &browser{x: x}
	if s := b.signIn("boss", "other-password").want(200).object(); at(s, "organization.id") != "acme" {
		t.Errorf("signed in to %v", s["organization"])
	}
	b.do("GET", "/users/anna", nil).want(404, "")
	b.do("GET", "/users?organization=default", nil).want(404, "")
	x.do("PATCH", "/users/other", object{"password": "boss-password"}, acme).want(200)
	b = &browser{x: x}
	r := b.signIn("boss", "boss-password").want(409, "organization")
	if r.object()["need"] != "organization" {
		t.Errorf("%s", r.raw)
	}
	if s := b.signIn("boss", "boss-password", object{"organization": "ACME"}).want(200).object(); s["user_id"] != "other" {
		t.Errorf("signed in as %v", s)
	}
}

// TestCrossSite: what another site makes a browser send does nothing.
func TestCrossSite(t *testing.T) {
	x := newExchange(t)
	x.staff()
	b := x.browser("boss", "boss-password")
	for _, h := range []header{
		{"X-CSRF-Token": ""}, {"X-CSRF-Token": "wrong"},
		{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
		{"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
	} {
		b.do("POST", "/users", object{"id": "forged", "first_name": "Forged"}, h).want(403)
		b.do("DELETE", "/session", nil, h).want(403)
	}
	// Nor is anybody signed in as somebody else.
	(&browser{x: x}).do("POST", "/session", object{"login": "anna", "password": "anna-password"}, header{"Sec-Fetch-Site": "cross-site"}).want(403, "")
	x.do("GET", "/users/forged", nil).want(404)
	// The token of another session is none.
	other := x.browser("boss", "boss-password")
	b.do("POST", "/users", object{"first_name": "Forged"}, header{"X-CSRF-Token": other.csrf}).want(403, "X-CSRF-Token")
	// A program has no cookie to be abused.
	x.do("POST", "/users", object{"first_name": "Made"}, header{"Sec-Fetch-Site": "cross-site"}).want(201)
	b.do("GET", "/session", nil).want(200)
}

// TestSessionsLast: through a restart, for as long as they are used, at most 30 days.
func TestSessionsLast(t *testing.T) {
	x := newExchange(t)
	x.staff()
	b, idle := x.browser("boss", "boss-password"), x.browser("boss", "boss-password")
	x.pass(11 * time.Hour)
	b.do("GET", "/session", nil).want(200)
	x.restart()
	b.do("GET", "/session", nil).want(200)
	x.pass(2 * time.Hour)
	b.do("GET", "/session", nil).want(200)
	idle.do("GET", "/session", nil).want(401, "")
	for range 29*24/10 + 1 {
		b.do("GET", "/users", nil).want(200)
		x.pass(10 * time.Hour)
	}
	left := b.do("GET", "/session", nil).want(200).object()["expires_at"].(string)
	if end, err := time.Parse(time.RFC3339, left); err != nil || end.Sub(x.now()) > 8*time.Hour {
		t.Errorf("after 29 days it lasts until %v, which is %v away", left, end.Sub(x.now()))
	}
	x.pass(9 * time.Hour)
	b.do("GET", "/session", nil).want(401, "")
	x.restart()
	b.do("GET", "/session", nil).want(401, "")
	if n, err := x.store.Sweep(t.Context()); err != nil || n != 2 {
		t.Errorf("swept %d, %v", n, err)
	}
	// Only the hash of a cookie's text is on disk.
	if raw := x.do("GET", "/backup", nil).want(200).raw; strings.Contains(string(raw), strings.TrimPrefix(b.cookie, "strowger_session=")) {
		t.Error("the cookie's text is in the backup")
	}
}

// TestSessionsEnd: with the user, the password and the role, and when the person
// says so.
func TestSessionsEnd(t *testing.T) {
	x := newExchange(t)
	x.staff()
	signedIn := func(b *browser, want bool) {
		t.Helper()
		status := 401
		if want {
			status = 200
		}
		b.do("GET", "/session", nil).want(status)
	}
	here, there := x.browser("anna", "anna-password"), x.browser("anna", "anna-password")
	here.do("PUT", "/session/password", object{"current": "wrong", "new": "another-password"}).want(422, "current")
	here.do("PUT", "/session/password", object{"current": "anna-password", "new": "short"}).want(422, "new")
	here.do("PUT", "/session/password", object{"current": "anna-password", "new": "anna-password"}).want(422, "new")
	signedIn(there, true)
	here.do("PUT", "/session/password", object{"current": "anna-password", "new": "another-password"}).want(204)
	signedIn(here, true)
	signedIn(there, false)
	x.restart()
	signedIn(here, true)
	signedIn(there, false)
	(&browser{x: x}).signIn("anna", "anna-password").want(401)
	there = x.browser("anna", "another-password")

	// The list, and ending one from another.
	boss := x.browser("boss", "boss-password")
	list := here.do("GET", "/sessions", nil).want(200).items()
	if len(list) != 2 || list[0]["current"] != false || list[1]["current"] != true {
		t.Fatalf("%v", list)
	}
	boss.do("DELETE", "/sessions/"+list[0]["id"].(string), nil).want(404, "")
	here.do("DELETE", "/sessions/"+list[0]["id"].(string), nil).want(204)
	signedIn(there, false)
	signedIn(here, true)

	// A password that somebody else gives, the role, the user: all sessions end.
	boss.do("PATCH", "/users/anna", object{"password": "given-password", "password_change_required": true}).want(200)
	signedIn(here, false)
	here = x.browser("anna", "given-password")
	r := here.do("GET", "/users/anna", nil).want(403, "")
	if r.object()["need"] != "password" {
		t.Errorf("%s", r.raw)
	}
	here.do("PUT", "/session/password", object{"current": "given-password", "new": "chosen-password"}).want(204)
	here.do("GET", "/users/anna", nil).want(200)
	boss.do("PATCH", "/users/anna", object{"role": "admin"}).want(200)
	signedIn(here, false)
	here = x.browser("anna", "chosen-password")
	rev := boss.do("GET", "/revisions", nil).items()[0]["revision"]
	boss.do("DELETE", "/users/anna?confirm=true", nil).want(204)
	signedIn(here, false)
	boss.do("POST", fmt.Sprintf("/revisions/%v/restore", rev), nil).want(200)
	signedIn(here, false)
	x.browser("anna", "chosen-password")
	signedIn(boss, true)

	// And signing in again takes the place of the session before.
	old := *boss
	boss.signIn("boss", "boss-password").want(200)
	signedIn(&old, false)
	signedIn(boss, true)
	for range 55 {
		x.pass(time.Second)
		x.browser("boss", "boss-password")
	}
	if n := len(x.browser("boss", "boss-password").do("GET", "/sessions", nil).want(200).items()); n != 50 {
		t.Errorf("%d sessions of one user", n)
	}
}

// TestSessionOnly: what is a person's is not for tokens, and a token goes before a
// cookie.
func TestSessionOnly(t *testing.T) {
	x := newExchange(t)
	x.staff()
	for _, c := range []struct{ method, path string }{{"GET", "/session"}, {"DELETE", "/session"}, {"PUT", "/session/password"}, {"GET", "/sessions"}} {
		x.do(c.method, c.path, object{}).want(401, "")
	}
	b := x.browser("boss", "boss-password")
	var p api.Problem
	b.do("GET", "/users", nil, header{"Authorization": "Bearer sw_wrong"}).want(401).into(&p)
	if !strings.Contains(p.Detail, "token") {
		t.Errorf("%+v", p)
	}
	b.do("GET", "/bans", nil, header{"token": x.token}).want(200)
	if got := x.do("DELETE", "/users", nil).header.Get("Allow"); got != "GET, POST" {
		t.Errorf("Allow %q", got)
	}
	if got := x.do("PATCH", "/session/password", object{}).want(405, "").header.Get("Allow"); got != "PUT" {
		t.Errorf("Allow %q", got)
	}
}

// TestGuessing: who guesses waits, and nobody else does.
func TestGuessing(t *testing.T) {
	x := newExchange(t)
	x.stop()
	x.staff()
	thief := &browser{x: x, from: "198.51.100.7"}
	for range 5 {
		thief.signIn("boss", "guess").want(401)
	}
	r := thief.signIn("boss", "boss-password").want(429, "")
	if got := r.header.Get("Retry-After"); got != "1" {
		t.Errorf("Retry-After %q", got)
	}
	// What the client itself puts before the proxy's word changes nothing.
	thief.do("POST", "/session", object{"login": "boss", "password": "guess"}, header{"X-Forwarded-For": "203.0.113.1, 198.51.100.7"}).want(429)
	boss := &browser{x: x, from: "192.0.2.1"}
	boss.signIn("boss", "boss-password").want(200)
	thief.signIn("boss", "guess").want(429)
	x.pass(time.Second)
	thief.signIn("boss", "guess").want(401)
	thief.signIn("boss", "guess").want(429)
	// A stolen session does not find out the password either.
	for range 5 {
		boss.do("PUT", "/session/password", object{"current": "guess", "new": "new-password"}).want(422, "current")
	}
	boss.do("PUT", "/session/password", object{"current": "guess", "new": "new-password"}).want(429, "")
	x.pass(time.Minute)
	boss.do("PUT", "/session/password", object{"current": "boss-password", "new": "new-password"}).want(204)
	thief.signIn("boss", "new-password").want(200)
}
