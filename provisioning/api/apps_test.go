package api_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// activated is a user with an app, and that app's token.
func (x *exchange) activated(id string) (device string, app header) {
	x.t.Helper()
	done := x.do("POST", "/app-devices/activate", activate(x.invited(id)["code"].(string)), header{"Authorization": ""}).want(201).object()
	token, _ := done["token"].(string)
	if !regexp.MustCompile(`^swapp_[A-Za-z0-9_-]{43}$`).MatchString(token) {
		x.t.Fatalf("the activation answers %v", done)
	}
	return done["device_id"].(string), header{"token": token}
}

// An app that was activated names its user, and says and reads no more than it may.
func TestAppSelf(t *testing.T) {
	x := newExchange(t)
	device, app := x.activated("mia")
	before := x.do("GET", "/users/mia", nil).want(200)
	r := x.do("GET", "/app-devices/self", nil, app).want(200)
	self := r.object()
	for path, want := range map[string]any{"device_id": device, "first_name": "Mia", "last_name": "", "job_title": "", "department": "",
		"settings.user_id": "mia", "settings.display_name": "Mia", "settings.extension": "101", "settings.language": "en"} {
		if got := at(self, path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	if len(self) != 6 || !slices.Equal(at(self, "settings.codecs").([]any), []any{"opus", "G722", "PCMA", "PCMU"}) {
		t.Errorf("the app is told %v", self)
	}

	named := object{"first_name": "Mia Ana", "last_name": "Berg", "job_title": "Lead", "department": "Sales"}
	r = x.do("PATCH", "/app-devices/self", named, app, header{"If-Match": r.header.Get("ETag")}).want(200)
	revision := x.newest()
	self = r.object()
	user := x.do("GET", "/users/mia", nil).want(200)
	for field, want := range named {
		if self[field] != want || user.object()[field] != want {
			t.Errorf("%s is %v to the app and %v of the user, want %v", field, self[field], user.object()[field], want)
		}
	}
	if at(self, "settings.display_name") != "Mia Ana Berg" || r.header.Get("ETag") != user.header.Get("ETag") {
		t.Errorf("%v, ETag %s; the user's is %s", self, r.header.Get("ETag"), user.header.Get("ETag"))
	}
	if all := string(x.do("GET", "/directory", nil).want(200).raw); !strings.Contains(all, `"Mia Ana"`) {
		t.Errorf("colleagues find %s", all)
	}
	if rev := x.do("GET", "/revisions", nil).want(200).items()[0]; rev["by"] != "app Pixel of Mia (mia@example.com)" || rev["revision"] != revision {
		t.Errorf("the change is by %v", rev)
	}

	// Nothing of what is refused is done.
	stale := before.header.Get("ETag")
	for _, c := range []struct {
		body   any
		status int
		field  string
		with   header
	}{
		{object{"job_title": "x", "role": "admin"}, 422, "role", nil},
		{object{"email": "mia@evil.example"}, 422, "email", nil},
		{object{"extension": "102"}, 422, "extension", nil},
		{object{"settings": object{"language": "de"}}, 422, "settings", nil},
		{object{"device_id": "other"}, 422, "device_id", nil},
		{object{"First_Name": "x"}, 422, "First_Name", nil},
		{object{"last_name": 7}, 422, "last_name", nil},
		{object{"last_name": "x", "first_name": ""}, 422, "first_name", nil},
		{object{"department": strings.Repeat("x", 1000)}, 422, "department", nil},
		{`[]`, 422, "", nil},
		{`{`, 400, "", nil},
		{object{"last_name": "x"}, 412, "", header{"If-Match": stale}},
		{object{"last_name": "x"}, 404, "", header{"X-Organization": "acme"}},
	} {
		x.do("PATCH", "/app-devices/self", c.body, app, c.with).want(c.status, c.field)
	}
	x.do("PATCH", "/app-devices/self", object{"last_name": nil}, app).want(200)
	if x.newest() != revision {
		t.Error("what was refused, or said nothing, is a change")
	}

	x.do("POST", fmt.Sprintf("/revisions/%v/undo", revision), nil).want(200)
	if u := x.do("GET", "/users/mia", nil).want(200).object(); u["first_name"] != "Mia" || u["department"] != "" {
		t.Errorf("undone, the user is %v", u)
	}
	x.restart()
	x.do("PATCH", "/app-devices/self", object{"last_name": "Berg"}, app).want(200)
}

// An app's token opens nothing else, and nothing else opens what is for apps.
func TestAppTokenReach(t *testing.T) {
	x := newExchange(t)
	x.staff()
	x.do("POST", "/organizations", object{"id": "acme", "name": "Acme"}).want(201)
	device, app := x.activated("mia")
	for _, path := range []string{"/me", "/me/app-devices", "/users", "/users/mia", "/app-devices", "/app-devices/" + device, "/directory", "/events", "/session", "/export"} {
		x.do("GET", path, nil, app).want(401, "")
	}
	x.do("PATCH", "/me", object{"do_not_disturb": true}, app).want(401, "")
	x.do("PATCH", "/users/mia", object{"first_name": "x"}, app).want(401, "")
	x.do("DELETE", "/me/app-devices/"+device, nil, app).want(401, "")
	x.do("POST", "/calls", object{"to": "102"}, app).want(401, "")

	// So it is with every operation that there is and that wants to know who asks.
	var doc struct {
		Paths map[string]map[string]struct{ Security []map[string][]string }
	}
	x.do("GET", "/api/openapi.json", nil).want(200).into(&doc)
	guarded := 0
	for path, item := range doc.Paths {
		for method, op := range item {
			if len(op.Security[0]) == 0 {
				continue // open
			}
			guarded++
			want := 401
			if _, ok := op.Security[0]["app"]; ok {
				want = 200
				if path != "/api/v1/app-devices/self" || len(op.Security) != 1 {
					t.Errorf("%s %s is for an app", method, path)
				}
			}
			where := regexp.MustCompile(`\{\w+\}`).ReplaceAllString(path, "mia")
			x.do(strings.ToUpper(method), where, `{}`, app).want(want)
		}
	}
	if guarded < 100 {
		t.Errorf("only %d operations were tried", guarded)
	}

	anna := header{"token": x.newToken(object{"role": "user", "user_id": "anna"}, "")}
	boss := x.browser("boss", "boss-password")
	for method, body := range map[string]any{"GET": nil, "PATCH": object{"first_name": "x"}} {
		for _, who := range []header{{}, anna, {"Authorization": ""}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer"},
			{"token": "swapp_"}, {"token": app["token"] + "A"}, {"token": strings.ToUpper(app["token"])}} {
			if r := x.do(method, "/app-devices/self", body, who).want(401, ""); r.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%v: no WWW-Authenticate", who)
			}
		}
		boss.do(method, "/app-devices/self", body).want(401, "")
		x.do(method, "/app-devices/self?organization=acme", body, app).want(404, "")
		if method == "GET" {
			x.local(method, "/app-devices/self", "").want(401, "")
		}
	}
}

// The token goes with the app device, sleeps while the app is switched off, and is
// that of one app alone.
func TestAppTokenEnds(t *testing.T) {
	x := newExchange(t)
	device, app := x.activated("mia")
	_, bens := x.activated("ben")
	change := func(who header, status int, field string) {
		t.Helper()
		x.do("GET", "/app-devices/self", nil, who).want(status, field)
		x.do("PATCH", "/app-devices/self", object{"last_name": fmt.Sprint(x.newest())}, who).want(status, field)
	}
	change(app, 200, "")
	if u := x.do("GET", "/users/ben", nil).want(200).object(); u["last_name"] != "" {
		t.Errorf("another's app named %v", u)
	}
	x.do("PATCH", "/users/mia", object{"features": object{"app": false}}).want(200)
	change(app, 403, "features.app")
	change(bens, 200, "")
	x.do("PATCH", "/users/mia", object{"features": object{"app": true}}).want(200)
	change(app, 200, "")
	x.do("PATCH", "/app-devices/"+device, object{"name": ""}).want(200)
	change(app, 200, "")
	if by := x.do("GET", "/revisions", nil).want(200).items()[0]["by"].(string); !strings.HasPrefix(by, "app of Mia ") {
		t.Errorf("the change of an app without a name is by %q", by)
	}
	x.do("DELETE", "/app-devices/"+device, nil).want(204)
	change(app, 401, "")
	x.do("DELETE", "/users/ben?confirm=true", nil).want(204)
	change(bens, 401, "")
}

// Who has the exchange's answers, exports, log or disk has no token of an app.
func TestAppTokenShowsNowhere(t *testing.T) {
	x := newExchange(t)
	device, app := x.activated("mia")
	x.do("PATCH", "/app-devices/self", object{"last_name": "Berg"}, app).want(200)
	x.do("GET", "/app-devices/self", nil, header{"token": app["token"] + "A"}).want(401)
	look := func(where string, out []byte, hash bool) {
		t.Helper()
		if bytes.Contains(out, []byte(app["token"])) || hash && bytes.Contains(out, []byte(hashOf(app["token"]))) {
			t.Errorf("%s shows the token", where)
		}
	}
	for _, path := range []string{"/app-devices", "/app-devices/" + device, "/users/mia", "/revisions?limit=1000", "/export", "/check", "/audit"} {
		look(path, x.do("GET", path, nil).want(200).raw, true)
	}
	look("/app-devices/self", x.do("GET", "/app-devices/self", nil, app).want(200).raw, true)
	look("the CSV", x.do("GET", "/app-devices", nil, header{"Accept": "text/csv"}).want(200).raw, true)
	look("the log", x.logged.Bytes(), true)
	found := false
	if err := filepath.WalkDir(x.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		found = found || bytes.Contains(raw, []byte(hashOf(app["token"])))
		look(path, raw, false)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if !found {
		t.Error("what recognises the token is not on disk")
	}
}

// An app that was removed stays out, whatever is undone and restored later.
func TestRemovedAppStaysOut(t *testing.T) {
	x := newExchange(t)
	device, app := x.activated("mia")
	before := x.newest()
	x.do("DELETE", "/app-devices/"+device, nil).want(204)
	removed := x.newest()
	out := func(after string) {
		t.Helper()
		x.do("GET", "/app-devices/self", nil, app).want(401)
		sn, _ := x.store.Snapshot("default")
		if sn.AppDevices.Len() != 0 {
			t.Errorf("%s brings the app back", after)
		}
	}
	x.do("POST", fmt.Sprintf("/revisions/%v/undo", removed), nil).want(200)
	out("undoing the removal")
	x.do("POST", fmt.Sprintf("/revisions/%v/restore", before), nil).want(200)
	out("a restore")
	x.do("DELETE", "/users/mia?confirm=true", nil).want(204)
	x.do("POST", fmt.Sprintf("/revisions/%v/undo", x.newest()), nil).want(200)
	out("undoing the deletion of the user")
	u := x.do("GET", "/users/mia", nil).want(200).object()
	if at(u, "invitation.state") != "none" || at(u, "email_verification.state") != "verified" {
		t.Errorf("the user who is back has %v, %v", u["invitation"], u["email_verification"])
	}
}

// An application line that is deleted, or given to somebody else, takes its apps with
// it: another line lets none of them in without a code.
func TestAppsGoWithTheirLine(t *testing.T) {
	for name, take := range map[string]func(x *exchange){
		"deleted":    func(x *exchange) { x.do("DELETE", "/contact-methods/mia-app", nil).want(204) },
		"given away": func(x *exchange) { x.do("PATCH", "/contact-methods/mia-app", object{"user_id": "ben"}).want(200) },
	} {
		t.Run(name, func(t *testing.T) {
			x := newExchange(t)
			_, app := x.activated("mia")
			x.do("POST", "/users", object{"id": "ben", "first_name": "Ben"}).want(201)
			sn, _ := x.store.Snapshot("default")
			username := sn.AppDevicesOf("mia")[0].Username
			take(x)
			out := func() {
				t.Helper()
				x.do("GET", "/app-devices/self", nil, app).want(401)
				sn, _ := x.store.Snapshot("default")
				if _, ok := sn.Credential(username); ok {
					t.Error("the app registers")
				}
			}
			out()
			u := x.do("GET", "/users/mia", nil).want(200).object()
			if at(u, "invitation.state") != "none" || at(u, "counts.app_devices") != 0.0 || at(u, "email_verification.state") != "verified" {
				t.Errorf("the user has %v, %v, %v", u["invitation"], u["counts"], u["email_verification"])
			}
			x.withMail()
			x.do("POST", "/contact-methods", object{"user_id": "mia", "kind": "app"}).want(201)
			out()
			if u := x.do("GET", "/users/mia", nil).want(200).object(); at(u, "invitation.state") != "sent" {
				t.Errorf("with the new line the invitation is %v", u["invitation"])
			}
		})
	}
}
