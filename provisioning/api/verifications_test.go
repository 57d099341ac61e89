package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"strowger/store"
)

// outbox are the mails that wait, newest first.
func (x *exchange) outbox() []store.Mail {
	x.t.Helper()
	jobs, err := x.store.Jobs(x.t.Context(), "default", "", 100)
	if err != nil {
		x.t.Fatal(err)
	}
	out := make([]store.Mail, len(jobs))
	for i, j := range jobs {
		if out[i], err = x.store.OpenMail(j); err != nil {
			x.t.Fatal(err)
		}
	}
	return out
}

// mailedKey is that of the newest mail with a link to an address.
func (x *exchange) mailedKey(to string) string {
	x.t.Helper()
	for _, m := range x.outbox() {
		if m.To[0] == to && strings.Contains(m.Text, "/verify#") {
			return linkKey(m)
		}
	}
	x.t.Fatalf("no link is mailed to %s", to)
	return ""
}

// joined is a user who has accepted an invitation.
func (x *exchange) joined(id string) {
	x.t.Helper()
	x.do("POST", "/app-devices/activate", activate(x.invited(id)["code"].(string))).want(201)
}

func (x *exchange) verification(id, state string) object {
	x.t.Helper()
	v := at(x.do("GET", "/users/"+id, nil).want(200).object(), "email_verification").(object)
	if v["state"] != state {
		x.t.Errorf("the address of %s is %v, want %s", id, v, state)
	}
	return v
}

// A new address of who has accepted an invitation is confirmed by a link that is
// mailed there, and by the password; until then nothing goes there that opens an
// account.
func TestNewAddressIsConfirmed(t *testing.T) {
	x := newExchange(t)
	x.joined("mia")
	x.verification("mia", "verified")
	x.withMail()
	x.do("PATCH", "/users/mia", object{"password": "mia-password"}).want(200)
	r := x.do("PATCH", "/users/mia", object{"email": "mia@example.org", "email_verification": object{"state": "verified"}}).want(200)
	if state := at(r.object(), "email_verification.state"); state != "sent" {
		t.Errorf("the answer says %v", state)
	}
	x.do("PATCH", "/users/mia", object{"job_title": "Clerk"}, header{"If-Match": r.header.Get("ETag")}).want(200)
	v := x.verification("mia", "sent")
	if v["verified"] != "mia@example.com" || v["expires_at"] == nil {
		t.Errorf("%v", v)
	}
	mails := x.outbox()
	if len(mails) != 2 || mails[0].To[0] != "mia@example.com" || strings.Contains(mails[0].Text+mails[0].HTML, "mia@example.org") || strings.Contains(mails[0].Text+mails[0].HTML, "http") {
		t.Fatalf("%+v", mails)
	}
	if m := mails[1]; !strings.Contains(m.Text, "mia@example.org") || !strings.Contains(m.Text, x.server.URL+"/verify#default~mia~") || !strings.Contains(m.HTML, x.server.URL+"/verify#default~mia~") {
		t.Errorf("%+v", m)
	}
	key := x.mailedKey("mia@example.org")

	door := &browser{x: x}
	door.do("POST", "/password-resets", object{"login": "mia"}).want(202)
	x.do("POST", "/users/mia/password-reset", nil).want(409, "email")

	shown := door.do("POST", "/email-verifications", object{"key": key}).want(200).object()
	for field, want := range map[string]any{"email": "mia@example.org", "name": "Mia", "organization": "default", "password_wanted": true} {
		if shown[field] != want {
			t.Errorf("%s is %v, want %v", field, shown[field], want)
		}
	}
	confirm := func(key string, more object) *reply {
		body := object{"key": key}
		for name, v := range more {
			body[name] = v
		}
		return door.do("PUT", "/email-verifications", body)
	}
	password := object{"password": "mia-password"}
	for _, wrong := range []string{"", "x", key + "x", strings.Replace(key, "default~mia", "default~boss", 1), strings.Replace(key, "default~", "acme~", 1)} {
		confirm(wrong, password).want(404, "key")
		door.do("POST", "/email-verifications", object{"key": wrong}).want(404, "key")
	}
	confirm(key, nil).want(422, "password")
	confirm(key, object{"password": "a guess"}).want(422, "password")
	confirm(key, object{"email": "other@example.com"}).want(422, "email")
	x.verification("mia", "sent")
	// Until then one signs in as before.
	door.signIn("mia@example.org", "mia-password").want(401, "")
	door.signIn("mia@example.com", "mia-password").want(200)
	confirm(key, password).want(204)
	door.signIn("mia@example.org", "mia-password").want(200)
	door.signIn("mia@example.com", "mia-password").want(401, "")
	if v := x.verification("mia", "verified"); v["verified"] != "mia@example.org" || v["delivery_id"] != nil {
		t.Errorf("%v", v)
	}
	confirm(key, password).want(404, "key")
	if e := x.do("GET", "/audit?event=email_confirmed", nil).want(200).items(); len(e) != 1 || e[0]["detail"] != "mia@example.org" || e[0]["user_id"] != "mia" {
		t.Errorf("the audit log has %v", e)
	}
	if rev := x.do("GET", "/revisions", nil).want(200).items()[0]; rev["summary"] != "confirm an email address" || rev["by"] != "Mia (mia@example.com)" {
		t.Errorf("the revision is %v by %v", rev["summary"], rev["by"])
	}
	x.do("POST", "/users/mia/password-reset", nil).want(200)
	x.do("POST", "/users/mia/email-verification", nil).want(409, "email")
	for _, m := range x.outbox()[1:] {
		if strings.Contains(m.Text, "/reset#") {
			t.Errorf("a link to choose a password went to an address that nobody had confirmed: %s", m.Text)
		}
	}
}

// A link is void when there is a newer one, when the address has changed again, and
// when its time is over.
func TestVerificationEnds(t *testing.T) {
	x := newExchange(t)
	who := x.tokens()
	x.joined("mia")
	x.withMail()
	door := &browser{x: x}
	confirm := func(key string) *reply { return door.do("PUT", "/email-verifications", object{"key": key}) }
	move := func(email string) string {
		t.Helper()
		x.do("PATCH", "/users/mia", object{"email": email}).want(200)
		return x.mailedKey(email)
	}
	first := move("one@example.com")
	again := x.do("POST", "/users/mia/email-verification", nil).want(200).object()
	if again["mailed_to"] != "one@example.com" {
		t.Errorf("%v", again)
	}
	second := x.mailedKey("one@example.com")
	confirm(first).want(404, "key")
	third := move("two@example.com")
	confirm(second).want(404, "key")
	x.pass(store.VerificationLife)
	x.verification("mia", "expired")
	confirm(third).want(404, "key")
	x.do("POST", "/users/mia/email-verification", nil, who["usr"]).want(403, "")
	x.do("POST", "/users/mia/email-verification", nil, who["coyote"]).want(404, "")
	x.do("POST", "/users/nobody/email-verification", nil).want(404, "")
	x.do("POST", "/users/mia/email-verification", nil).want(200)
	x.verification("mia", "sent")
	// Who has no password needs none.
	key := x.mailedKey("two@example.com")
	if shown := door.do("POST", "/email-verifications", object{"key": key}).want(200).object(); shown["password_wanted"] != false {
		t.Errorf("%v", shown)
	}
	confirm(key).want(204)
	x.verification("mia", "verified")
	// What is kept is no key, and goes with the user.
	key = move("three@example.com")
	f, err := x.store.Factors(t.Context(), "default", "mia")
	if err != nil || len(f.Email.Hash) != 64 || strings.Contains(key, f.Email.Hash) {
		t.Errorf("%+v %v", f.Email, err)
	}
	x.do("DELETE", "/users/mia?confirm=true", nil).want(204)
	confirm(key).want(404, "key")
}

// Without a mail server nothing is mailed, and that shows; an address that was known
// before needs no link; before anything is accepted there is nothing to confirm, but an
// invitation that went elsewhere is void and goes out again.
func TestNewAddressWithoutLink(t *testing.T) {
	x := newExchange(t)
	x.joined("mia")
	x.do("PATCH", "/users/mia", object{"email": "mia@example.org"}).want(200)
	x.verification("mia", "failed")
	x.do("POST", "/users/mia/email-verification", nil).want(409, "")
	x.withMail()
	x.do("PATCH", "/users/mia", object{"email": "mia@example.com"}).want(200)
	x.verification("mia", "verified")
	if mails := x.outbox(); len(mails) != 0 {
		t.Errorf("%+v", mails)
	}
	code := x.invited("bob")["code"].(string)
	x.do("PATCH", "/users/bob", object{"email": "bob@example.org"}).want(200)
	x.verification("bob", "none")
	x.do("POST", "/app-devices/activate", activate(code)).want(404, "code")
	if mails := x.outbox(); len(mails) != 1 || mails[0].To[0] != "bob@example.org" || !strings.Contains(mails[0].Text, "/a/") {
		t.Fatalf("%+v", mails)
	}
	if inv := at(x.do("GET", "/users/bob", nil).want(200).object(), "invitation").(object); inv["state"] != "sent" {
		t.Errorf("%v", inv)
	}
	x.do("POST", "/users/mia/email-verification", nil).want(409, "email")
}

// Drafts, files, undo and restore lead to a link as well, many at once too.
func TestNewAddressByOtherWays(t *testing.T) {
	x := newExchange(t)
	x.joined("mia")
	x.withMail()
	before := x.newest()
	x.do("POST", "/drafts/preview", object{"writes": []any{object{"collection": "users", "op": "update", "id": "mia", "value": object{"email": "draft@example.com"}}}}).want(200)
	x.do("POST", "/apply?dry_run=true", object{"users": []any{object{"id": "mia", "first_name": "Mia", "email": "draft@example.com"}}}).want(200)
	if mails := x.outbox(); len(mails) != 0 {
		t.Fatalf("a try is mailed: %+v", mails)
	}
	x.do("POST", "/drafts/apply", object{"writes": []any{object{"collection": "users", "op": "update", "id": "mia", "value": object{"email": "draft@example.com"}}}}).want(200)
	drafted := x.mailedKey("draft@example.com")
	x.do("POST", "/apply", object{"users": []any{object{"id": "mia", "first_name": "Mia", "email": "file@example.com"}}}).want(200)
	x.verification("mia", "sent")
	x.mailedKey("file@example.com")
	x.do("POST", fmt.Sprintf("/revisions/%.0f/undo", x.newest()), nil).want(200)
	x.verification("mia", "sent")
	if x.mailedKey("draft@example.com") == drafted {
		t.Error("no new link")
	}
	x.do("POST", fmt.Sprintf("/revisions/%.0f/restore", before), nil).want(200)
	x.verification("mia", "verified")
	var users []any
	for i := range 30 {
		id := fmt.Sprintf("u%02d", i)
		x.do("POST", "/users", object{"id": id, "first_name": id, "email": id + "@example.com", "application_line": object{}}).want(201)
		users = append(users, object{"id": id, "first_name": id, "email": id + "@example.org"})
	}
	if _, err := x.store.Update(t.Context(), "default", store.Author{Who: "test"}, func(e *store.Edit) error {
		for i := range 30 {
			u, _ := e.Users.Get(fmt.Sprintf("u%02d", i))
			joined := *u
			joined.Invitation.State = store.InvitationAccepted
			if err := e.Users.Put(joined); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	x.do("POST", "/apply", object{"users": users}).want(200)
	x.wait(func() bool {
		n := 0
		for _, m := range x.outbox() {
			if strings.Contains(m.Text, "/verify#default~u") {
				n++
			}
		}
		return n == 30
	})
	x.pass(time.Hour)
	x.verification("u29", "sent")
}

// A link to choose a password that went to the address before opens nothing, and an
// invitation does not go to one that nobody has confirmed: who asks for it hands it on.
func TestOldAndNewMailboxOpenNothing(t *testing.T) {
	x := newExchange(t)
	x.joined("mia")
	x.withMail()
	x.do("PATCH", "/users/mia", object{"password": "mia-password"}).want(200)
	reset := x.resetKey(func() { x.do("POST", "/users/mia/password-reset", nil).want(200) })
	pending := x.do("POST", "/users/mia/invitation", object{}).want(200).object()
	if pending["mailed_to"] != "mia@example.com" {
		t.Fatalf("%v", pending)
	}
	x.do("PATCH", "/users/mia", object{"email": "stranger@example.com"}).want(200)
	door := &browser{x: x}
	door.do("PUT", "/password-resets", object{"key": reset, "new": "another-password"}).want(404, "key")
	x.do("POST", "/app-devices/activate", activate(pending["code"].(string))).want(404, "code")
	if state := at(x.do("GET", "/users/mia", nil).want(200).object(), "invitation.state"); state != "accepted" {
		t.Errorf("the invitation is %v", state)
	}
	inv := x.do("POST", "/users/mia/invitation", object{}).want(200).object()
	for _, m := range x.outbox() {
		if m.To[0] == "stranger@example.com" && !strings.Contains(m.Text, "/verify#") || strings.Contains(m.Text, inv["code"].(string)) {
			t.Errorf("%s gets %s", m.To[0], m.Text)
		}
	}
	if inv["mailed_to"] != nil || inv["state"] != "sent" {
		t.Errorf("%v", inv)
	}
	// To activate an app confirms nothing: that the code was handed on says nothing of the address.
	x.do("POST", "/app-devices/activate", activate(inv["code"].(string))).want(201)
	x.verification("mia", "sent")
}
