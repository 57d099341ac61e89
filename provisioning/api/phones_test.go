package api_test

import (
	"encoding/csv"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/store"
)

// The address of a phone's configuration is shown when it is made and when it is
// rotated, and is in no other answer, list, revision or export.
func TestDeviceAddress(t *testing.T) {
	x := newExchange(t)
	x.people()
	made := x.do("POST", "/devices", object{"id": "desk", "mac": "00:15:65:12:34:56", "vendor": "Yealink"}).want(201).object()
	url, _ := made["provisioning_url"].(string)
	if !strings.HasPrefix(url, x.server.URL+"/p/") || len(url) != len(x.server.URL)+len("/p/")+32+1 {
		t.Fatalf("address %q", url)
	}
	if made["mac"] != "001565123456" || made["vendor"] != "yealink" {
		t.Errorf("%v", made)
	}
	rotated := x.do("POST", "/devices/desk/rotate", nil).want(200).object()["provisioning_url"].(string)
	if rotated == url {
		t.Error("the address did not change")
	}
	x.do("PATCH", "/devices/desk", object{"label": "Reception"}).want(200)
	for _, address := range []string{url, rotated} {
		token := strings.Split(address, "/p/")[1][:32]
		for _, path := range []string{"/devices", "/devices/desk", "/revisions", "/export"} {
			if r := x.do("GET", path, nil).want(200); strings.Contains(string(r.raw), token) {
				t.Errorf("%s answers the address", path)
			}
		}
		if strings.Contains(string(x.logged.Bytes()), token) {
			t.Error("the log has the address")
		}
	}
	x.do("POST", "/devices", object{"mac": "001565123457", "vendor": "snom", "provisioning_url": "x"}).want(201)
	x.do("POST", "/devices/nobody/rotate", nil).want(404, "")
}

// Where the server asks phones for no certificate, none can be held to one.
func TestCertificateIsNotAskedFor(t *testing.T) {
	x := newExchange(t)
	x.do("POST", "/devices", object{"id": "desk", "mac": "001565123456", "vendor": "yealink", "require_certificate": true}).want(422, "require_certificate")
	x.do("GET", "/devices/desk", nil).want(404, "")
	x.do("POST", "/devices", object{"id": "desk", "mac": "001565123456", "vendor": "yealink"}).want(201)
	x.do("PATCH", "/devices/desk", object{"require_certificate": true, "label": "Desk"}).want(422, "require_certificate")
	if d := x.do("GET", "/devices/desk", nil).want(200).object(); d["label"] != "" || d["require_certificate"] != false {
		t.Errorf("%v", d)
	}
	if c := x.do("GET", "/devices/certificates", nil).want(200).object(); c["asked"] != false || len(c["authorities"].([]any)) != 0 {
		t.Errorf("%v", c)
	}
}

// What the makers' redirection services take has the address that is good now.
func TestRedirects(t *testing.T) {
	x := newExchange(t)
	x.do("POST", "/devices", object{"id": "a", "mac": "001565000001", "vendor": "yealink", "model": "T54W"}).want(201)
	x.do("POST", "/devices", object{"id": "b", "mac": "000413000002", "vendor": "snom", "label": "=1+1"}).want(201)
	x.do("POST", "/devices", object{"id": "c", "mac": "001565000003", "vendor": "yealink", "disabled": true}).want(201)
	now := x.do("POST", "/devices/a/rotate", nil).want(200).object()["provisioning_url"].(string)
	r := x.do("GET", "/devices/redirects", nil, header{"Accept": "text/csv"}).want(200)
	rows, err := csv.NewReader(strings.NewReader(string(r.raw))).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%v %s", err, r.raw)
	}
	if got := strings.Join(rows[0], ","); got != "vendor,mac,model,label,url" {
		t.Errorf("header %s", got)
	}
	if got := strings.Join(rows[1], ","); got != "yealink,001565000001,T54W,,"+now {
		t.Errorf("row %s", got)
	}
	if rows[2][3] != "'=1+1" {
		t.Errorf("a spreadsheet would run %q", rows[2][3])
	}
	if list := x.do("GET", "/devices/redirects?vendor=snom", nil).want(200).object()["items"].([]any); len(list) != 1 {
		t.Errorf("%v", list)
	}
	x.do("GET", "/devices/redirects?vendor=acme", nil).want(422, "vendor")
	x.do("GET", "/devices/redirects?maker=acme", nil).want(422, "maker")
	who := x.tokens()
	coyote := who["coyote"]
	if list := x.do("GET", "/devices/redirects", nil, coyote).want(200).object()["items"].([]any); len(list) != 0 {
		t.Errorf("another organization sees %v", list)
	}
	x.do("POST", "/devices/a/rotate", nil, coyote).want(404, "")
	x.do("GET", "/devices/redirects", nil, who["usr"]).want(403, "")
}

// invited is a user with an email and an application line, and an invitation.
func (x *exchange) invited(id string) object {
	x.t.Helper()
	x.do("POST", "/users", object{"id": id, "first_name": "Mia", "email": id + "@example.com", "application_line": object{"id": id + "-app"}}).want(201)
	return x.do("POST", "/users/"+id+"/invitation", object{}).want(200).object()
}

func activate(code string) object {
	return object{"code": code, "os": "android 16", "app_version": "1.2", "name": "Pixel"}
}

// A code activates one app, typed in whatever way.
func TestActivation(t *testing.T) {
	x := newExchange(t)
	inv := x.invited("mia")
	code := inv["code"].(string)
	if len(code) != 14 || inv["state"] != "sent" || !strings.HasSuffix(inv["url"].(string), "/a/"+strings.ReplaceAll(code, "-", "")) ||
		!strings.HasPrefix(inv["qr_svg"].(string), "<svg ") {
		t.Fatalf("%v", inv)
	}
	state := func(want string) {
		t.Helper()
		if got := x.do("GET", "/users/mia", nil).want(200).object()["invitation"].(object)["state"]; got != want {
			t.Errorf("the invitation is %v, want %s", got, want)
		}
	}
	state("sent")
	x.do("POST", "/app-devices/activate", activate("0000-0000-0000"), header{"Authorization": ""}).want(404, "code")
	x.do("POST", "/app-devices/activate", `{"code": "x", "imei": "y"}`, header{"Authorization": ""}).want(422, "imei")
	sloppy := strings.NewReplacer("0", "o", "1", "l").Replace(strings.ToLower(strings.ReplaceAll(code, "-", " ")))
	done := x.do("POST", "/app-devices/activate", activate(sloppy), header{"Authorization": ""}).want(201).object()
	state("accepted")
	sip := done["sip"].(object)
	sn, _ := x.store.Snapshot("default")
	c, ok := sn.Credential(sip["username"].(string))
	md5, _ := store.HA1(sip["username"].(string), sip["realm"].(string), sip["password"].(string))
	if !ok || c.HA1MD5 != md5 || c.LineID != "mia-app" || c.AOR != sip["user"] || c.DeviceID != done["device_id"] {
		t.Errorf("the credentials %v are not those of %+v", sip, c)
	}
	if sip["host"] != "127.0.0.1" || sip["port"] != 5060.0 || sip["transport"] != "udp" {
		t.Errorf("%v", sip)
	}
	x.do("POST", "/app-devices/activate", activate(code), header{"Authorization": ""}).want(404, "code")

	// The app that is switched off is nobody's until it is on again.
	registers := func(want bool) {
		t.Helper()
		sn, _ := x.store.Snapshot("default")
		if _, ok := sn.Credential(sip["username"].(string)); ok != want {
			t.Errorf("the device has credentials: %v", ok)
		}
	}
	x.do("PATCH", "/users/mia", object{"features": object{"app": false}}).want(200)
	registers(false)
	x.do("PATCH", "/users/mia", object{"features": object{"app": true}}).want(200)
	registers(true)

	// A device that is removed is nobody any more.
	x.do("DELETE", "/app-devices/"+done["device_id"].(string), nil).want(204)
	registers(false)
}

// A code is void when the next is sent, and when its time is over.
func TestInvitationEnds(t *testing.T) {
	x := newExchange(t)
	first := x.invited("mia")["code"].(string)
	second := x.do("POST", "/users/mia/invitation", object{}).want(200).object()["code"].(string)
	x.do("POST", "/app-devices/activate", activate(first)).want(404, "code")
	x.pass(14*24*time.Hour - time.Second)
	third := x.invited("ben")["code"].(string)
	x.pass(time.Second)
	x.do("POST", "/app-devices/activate", activate(second)).want(404, "code")
	if got := x.do("GET", "/users/mia", nil).want(200).object()["invitation"].(object)["state"]; got != "expired" {
		t.Errorf("the invitation is %v", got)
	}
	x.do("POST", "/app-devices/activate", activate(third)).want(201)
}

func TestWhoCannotBeInvited(t *testing.T) {
	x := newExchange(t)
	coyote := x.tokens()["coyote"]
	x.do("POST", "/users", object{"id": "a", "first_name": "A", "application_line": object{}}).want(201)
	x.do("POST", "/users/a/invitation", object{}).want(409, "email")
	x.do("POST", "/users", object{"id": "b", "first_name": "B", "email": "b@example.com"}).want(201)
	x.do("POST", "/users/b/invitation", object{}).want(409, "")
	code := x.invited("c")["code"].(string)
	x.do("PATCH", "/users/c", object{"features": object{"app": false}}).want(200)
	x.do("POST", "/users/c/invitation", object{}).want(409, "features.app")
	x.do("POST", "/app-devices/activate", activate(code), header{"Authorization": ""}).want(404, "code")
	x.do("POST", "/users/nobody/invitation", object{}).want(404, "")
	x.do("POST", "/users/c/invitation", object{}, coyote).want(404, "")
}

// Who tries codes is not answered for long, right ones included, and nobody else
// is disturbed.
func TestCodesAreNotGuessed(t *testing.T) {
	x := newExchange(t)
	code := x.invited("mia")["code"].(string)
	from := func(a string) header { return header{"X-Forwarded-For": a, "Authorization": ""} }
	for range 10 {
		x.do("POST", "/app-devices/activate", activate("7777-7777-7777"), from("192.0.2.7")).want(404, "code")
	}
	r := x.do("POST", "/app-devices/activate", activate(code), from("192.0.2.7")).want(429, "code")
	if r.header.Get("Retry-After") == "" {
		t.Error("nobody says when to try again")
	}
	x.do("POST", "/app-devices/activate", activate(code), from("192.0.2.8")).want(201)
	x.pass(30 * time.Second)
	x.do("POST", "/app-devices/activate", activate(code), from("192.0.2.7")).want(404, "code")
	x.do("POST", "/app-devices/activate", activate(code), from("192.0.2.7")).want(429, "code")
}

// The phones that have a line are found by it.
func TestDevicesWithALine(t *testing.T) {
	x := newExchange(t)
	x.people()
	for id, lines := range map[string][]any{"a": {"ion-line"}, "b": {}, "c": {"ion-line"}} {
		all := []any{}
		for _, line := range lines {
			all = append(all, object{"contact_method_id": line})
		}
		x.do("POST", "/devices", object{"id": id, "mac": "00156512345" + map[string]string{"a": "1", "b": "2", "c": "3"}[id], "vendor": "yealink", "lines": all}).want(201)
	}
	if got := x.do("GET", "/devices?contact_method_id=ion-line", nil).want(200).ids(); !slices.Equal(slices.Sorted(slices.Values(got)), []string{"a", "c"}) {
		t.Errorf("%v have the line", got)
	}
	if got := x.do("GET", "/devices?contact_method_id=none", nil).want(200).ids(); len(got) != 0 {
		t.Errorf("%v have no such line", got)
	}
	x.do("PATCH", "/devices/a", object{"lines": []any{}}).want(200)
	if got := x.do("GET", "/devices?contact_method_id=ion-line", nil).want(200).ids(); !slices.Equal(got, []string{"c"}) {
		t.Errorf("%v have the line", got)
	}
}

// withMail gives the default organization a mail server; nothing sends here.
func (x *exchange) withMail() {
	x.t.Helper()
	x.do("PATCH", "/organizations/default", object{"mail": object{"host": "mail.example.com", "from": "pbx@example.com"}}).want(200)
}

// Who gets an application line and has an address is invited at once, where there is
// a mail server; a file of many invites nobody.
func TestNewUserIsInvited(t *testing.T) {
	x := newExchange(t)
	invited := func(id, want string, mails int) {
		t.Helper()
		if got := x.do("GET", "/users/"+id, nil).want(200).object()["invitation"].(object)["state"]; got != want {
			t.Errorf("the invitation of %s is %v, want %s", id, got, want)
		}
		if queued := x.do("GET", "/deliveries?state=queued", nil).want(200).ids(); len(queued) != mails {
			t.Errorf("after %s %d mails wait, want %d", id, len(queued), mails)
		}
	}
	with := func(id string, more object) object {
		u := object{"id": id, "first_name": id, "email": id + "@example.com", "application_line": object{}}
		maps.Copy(u, more)
		return u
	}
	x.do("POST", "/users", with("ann", nil)).want(201)
	invited("ann", "none", 0) // there is no mail server
	x.withMail()
	r := x.do("POST", "/users", with("bob", nil)).want(201)
	if state := at(r.object(), "invitation.state"); state != "sent" {
		t.Errorf("the answer says %v", state)
	}
	invited("bob", "sent", 1)
	x.do("PATCH", "/users/bob", object{"first_name": "Bo"}, header{"If-Match": r.header.Get("ETag")}).want(200)
	x.do("POST", "/users", with("cid", object{"email": ""})).want(201)
	invited("cid", "none", 1)
	x.do("POST", "/users", with("dot", object{"features": object{"app": false}})).want(201)
	invited("dot", "none", 1)
	x.do("POST", "/users", object{"id": "eve", "first_name": "Eve", "email": "eve@example.com"}).want(201)
	x.do("POST", "/contact-methods", object{"user_id": "eve", "kind": "sip_account", "sip_account": object{"username": "eve"}}).want(201)
	invited("eve", "none", 1)
	x.do("POST", "/contact-methods", object{"user_id": "eve", "kind": "app"}).want(201)
	invited("eve", "sent", 2)
	x.do("POST", "/contact-methods", object{"user_id": "eve", "kind": "app"})
	invited("eve", "sent", 2)
	x.do("POST", "/apply", object{"users": []any{object{"id": "fay", "first_name": "Fay", "email": "fay@example.com"}},
		"contact_methods": []any{object{"id": "fay-app", "user_id": "fay", "kind": "app"}}}).want(200)
	invited("fay", "none", 2)
}

// What became of an invitation's mail the outbox says; the code is good whatever
// it says.
func TestInvitationByMail(t *testing.T) {
	x := newExchange(t)
	if inv := x.invited("mia"); inv["mailed_to"] != nil {
		t.Errorf("mailed without a server: %v", inv)
	}
	x.withMail()
	invite := func() (object, string) {
		t.Helper()
		inv := x.do("POST", "/users/mia/invitation", object{}).want(200).object()
		if inv["mailed_to"] != "mia@example.com" || inv["state"] != "sent" {
			t.Errorf("%v", inv)
		}
		queued := x.do("GET", "/deliveries?state=queued", nil).want(200).ids()
		own := x.do("GET", "/users/mia", nil).want(200).object()["invitation"].(object)["delivery_id"]
		if len(queued) != 1 || queued[0] != own {
			t.Errorf("%v waits to be sent, the invitation's mail is %v", queued, own)
		}
		return inv, queued[0]
	}
	state := func(want string) {
		t.Helper()
		if got := x.do("GET", "/users/mia", nil).want(200).object()["invitation"].(object)["state"]; got != want {
			t.Errorf("the invitation is %v, want %s", got, want)
		}
	}
	first, _ := invite()
	inv, id := invite() // what waits is not sent twice
	if strings.Contains(string(x.do("GET", "/deliveries", nil).want(200).raw), inv["code"].(string)) {
		t.Error("the outbox shows the code")
	}
	state("sent")
	if _, err := x.store.ChangeJob(t.Context(), "default", id, func(j *store.Job) error { j.State = store.JobDead; return nil }); err != nil {
		t.Fatal(err)
	}
	state("failed")
	x.do("POST", "/deliveries/"+id+"/retry", nil).want(200)
	state("sent")
	x.do("DELETE", "/deliveries/"+id, nil).want(204)
	state("failed")
	inv, _ = invite()
	x.do("POST", "/app-devices/activate", activate(first["code"].(string))).want(404, "code")
	x.do("POST", "/app-devices/activate", activate(inv["code"].(string))).want(201)
	state("accepted")
	if left := x.do("GET", "/deliveries", nil).want(200).ids(); len(left) != 0 {
		t.Errorf("%v would still be sent", left)
	}
	x.pass(15 * 24 * time.Hour)
	state("accepted")
}

func TestResyncDevice(t *testing.T) {
	x := newExchange(t)
	who := x.tokens()
	x.do("POST", "/devices", object{"id": "desk", "mac": "00:15:65:12:34:56", "vendor": "yealink"}).want(201)
	x.do("POST", "/devices/none/resync", nil).want(404)
	x.do("POST", "/devices/desk/resync", nil, who["coyote"]).want(404)
	x.do("POST", "/devices/desk/resync", nil, who["usr"]).want(403)
	x.live.bindings = nil
	x.do("POST", "/devices/desk/resync", nil).want(409)
	x.live.bindings = []store.Binding{{Org: "default"}}
	if r := x.do("POST", "/devices/desk/resync", nil).want(200); at(r.object(), "asked") != 1.0 {
		t.Errorf("%v", r.object())
	}
	if len(x.live.resynced) != 2 || x.live.resynced[1] != "default desk" {
		t.Errorf("%v", x.live.resynced)
	}
}
