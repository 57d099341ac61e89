package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestAudit: who came in and who did not, newest first, for administrators.
func TestAudit(t *testing.T) {
	x := newExchange(t)
	x.stop()
	x.staff()
	anna := &browser{x: x, from: "192.0.2.7"}
	agent := header{"User-Agent": "Mozilla/5.0 (=cmd)"}
	step := func(r *reply, status int) {
		t.Helper()
		r.want(status)
		x.pass(time.Second)
	}
	step(anna.do("POST", "/session", object{"login": "anna", "password": "wrong"}, agent), 401)
	step(anna.do("POST", "/session", object{"login": "my-secret-password", "password": "anna"}, agent), 401)
	step(anna.do("POST", "/session", object{"login": "anna", "password": "anna-password"}, agent), 200)
	step(anna.do("PUT", "/session/password", object{"current": "wrong", "new": "another-password"}), 422)
	step(anna.do("PUT", "/session/password", object{"current": "anna-password", "new": "another-password"}), 204)
	secret := anna.do("POST", "/session/totp", nil).want(200).object()["secret"].(string)
	step(anna.do("PUT", "/session/totp", object{"code": x.app(secret)}), 200)
	step((&browser{x: x}).signIn("anna", "another-password", object{"code": "000000"}), 401)
	step(anna.do("DELETE", "/session", nil), 204)
	boss := &browser{x: x, from: "192.0.2.8"}
	step(boss.signIn("boss", "boss-password"), 200)
	step(boss.do("DELETE", "/users/anna/totp", nil), 204)
	x.restart()

	want := []string{
		"totp_disabled anna by Bo Ss (boss)", "signed_in boss ", "signed_out anna ", "sign_in_failed anna wrong code", "totp_enabled anna ",
		"password_changed anna ", "sign_in_failed anna wrong password, in a session", "signed_in anna ",
		"sign_in_failed  unknown login", "sign_in_failed anna wrong password",
	}
	var got []string
	all := boss.do("GET", "/audit", nil).want(200)
	for _, e := range all.items() {
		got = append(got, fmt.Sprint(e["event"], " ", e["login"], " ", e["detail"]))
	}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	if strings.Contains(string(all.raw), "my-secret-password") {
		t.Error("what was typed as a login is in the log")
	}
	last := all.items()[len(want)-1]
	if last["source"] != "192.0.2.7" || last["user_agent"] != agent["User-Agent"] || last["user_id"] != "anna" {
		t.Errorf("%v", last)
	}

	// As other lists: pages, filters, CSV.
	var pages []string
	for cursor := ""; ; {
		var page struct {
			Items      []map[string]any
			NextCursor string `json:"next_cursor"`
		}
		boss.do("GET", "/audit?limit=3&cursor="+cursor, nil).want(200).into(&page)
		for _, e := range page.Items {
			pages = append(pages, fmt.Sprint(e["event"], " ", e["login"], " ", e["detail"]))
		}
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	if fmt.Sprint(pages) != fmt.Sprint(want) {
		t.Errorf("page by page %q", pages)
	}
	if n := len(boss.do("GET", "/audit?event=sign_in_failed&user_id=anna", nil).want(200).items()); n != 3 {
		t.Errorf("%d failures of anna", n)
	}
	boss.do("GET", "/audit?colour=red", nil).want(422, "colour")
	boss.do("GET", "/audit?cursor=nothing", nil).want(422, "cursor")
	csv := string(boss.do("GET", "/audit", nil, header{"Accept": "text/csv"}).want(200).raw)
	if !strings.HasPrefix(csv, "id,at,event,user_id,login,source,user_agent,detail") || strings.Count(csv, "\n") != len(want)+1 {
		t.Errorf("%s", csv)
	}

	// Not for users, nor for another organization.
	x.browser("anna", "another-password").do("GET", "/audit", nil).want(403, "")
	x.do("POST", "/organizations", object{"id": "acme", "name": "Acme"}).want(201)
	if n := len(x.do("GET", "/audit", nil, header{"token": x.newToken(object{"role": "admin"}, "acme")}).want(200).items()); n != 0 {
		t.Errorf("acme sees %d", n)
	}

	// For a year.
	x.pass(364 * 24 * time.Hour)
	if _, err := x.store.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(x.do("GET", "/audit", nil).want(200).items()); n != len(want)+1 {
		t.Errorf("%d are left", n)
	}
	x.pass(2 * 24 * time.Hour)
	if n, err := x.store.Sweep(t.Context()); err != nil || n != len(want)+1 {
		t.Errorf("swept %d, %v", n, err)
	}
	if n := len(x.do("GET", "/audit", nil).want(200).items()); n != 0 {
		t.Errorf("%d are left", n)
	}
	if problems, err := x.store.Check(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

// TestAuditIsBounded: guessing from everywhere fills no log.
func TestAuditIsBounded(t *testing.T) {
	x := newExchange(t)
	x.stop()
	x.staff()
	for i := range 120 {
		(&browser{x: x, from: fmt.Sprintf("198.51.100.%d", i)}).signIn("boss", "guess").want(401)
	}
	r := x.do("GET", "/audit?limit=1000", nil).want(200)
	if n, said := len(r.items()), strings.Count(string(r.raw), "not listed"); n != 100 || said != 1 {
		t.Errorf("%d rows, of which %d say that there are more", n, said)
	}
	x.pass(time.Hour)
	(&browser{x: x, from: "198.51.100.1"}).signIn("boss", "guess").want(401)
	if n := len(x.do("GET", "/audit?limit=1000", nil).want(200).items()); n != 101 {
		t.Errorf("%d rows", n)
	}
}
