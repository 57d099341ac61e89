package phone_test

import (
	"encoding/json"
	"encoding/xml"
	"html"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"strowger/provisioning"
	"strowger/provisioning/phone"
	"strowger/store"
)

// invite makes an invitation of Anna's and answers the path at which Acrobits' apps
// ask.
func (x *exchange) invite() string {
	x.t.Helper()
	var inv provisioning.IssuedInvitation
	x.local("POST", "/users/anna/invitation", "", 200, &inv)
	_, code, _ := strings.Cut(inv.URL, "/a/")
	return "/a/" + code + "/account.xml"
}

// wantXMLError wants an error that such an app shows.
func wantXMLError(t *testing.T, a answer, status int, sentence string) {
	t.Helper()
	var said struct {
		XMLName xml.Name `xml:"error"`
		Message string   `xml:"message"`
	}
	if err := xml.Unmarshal([]byte(a.body), &said); err != nil || a.status != status || said.Message != sentence ||
		!strings.HasPrefix(a.header.Get("Content-Type"), "application/xml") {
		t.Errorf("%d %s: %s (%v)", a.status, a.header.Get("Content-Type"), a.body, err)
	}
}

const gone = "This invitation is not valid. It was used already, or is too old, or the link is not whole. Ask your administrator for a new one."

// An app of Acrobits' makes gets an account of its own by the code of an invitation,
// once.
func TestAcrobitsInvitation(t *testing.T) {
	x := newExchange(t, phone.Options{})
	names := map[string]string{}
	for agent, name := range map[string]string{
		"CloudSoftphone/1.5.6":                   "Cloud Softphone",
		"Groundwire/6.12.1 (build 1; Android)":   "Groundwire",
		"Acrobits Softphone/6.12.1 (build 1; x)": "Acrobits Softphone",
		"okhttp/4.9.2":                           "Acrobits app",
	} {
		path := x.invite()
		a := x.get(path, agent)
		if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "application/xml") {
			t.Fatalf("%s: %d %s", agent, a.status, a.body)
		}
		var got struct {
			Username string `xml:"username"`
			Auth     string `xml:"authUsername"`
			Password string `xml:"password"`
		}
		if err := xml.Unmarshal([]byte(a.body), &got); err != nil {
			t.Fatal(err)
		}
		sn, _ := x.store.Snapshot("default")
		c, ok := sn.Credential(got.Auth)
		if md5, _ := store.HA1(got.Auth, sn.Organization.Realm, got.Password); !ok || c.HA1MD5 != md5 || c.AOR != got.Username || got.Password == "" {
			t.Errorf("%+v are not the credentials of %+v", got, c)
		}
		d, _ := sn.AppDevices.Get(c.DeviceID)
		if d == nil || d.Name != name || d.AppVersion != agent || d.UserID != "anna" {
			t.Errorf("%s made the device %+v", agent, d)
		}
		names[got.Auth] = name
		if name == "Groundwire" {
			wantGolden(t, "acrobits", "account.xml", strings.NewReplacer(got.Auth, "DEVICE", got.Password, "PASSWORD").Replace(a.body))
		}
		wantXMLError(t, x.get(path, agent), 404, gone)
	}
	var revisions struct{ Items []store.Revision }
	x.local("GET", "/revisions?limit=1", "", 200, &revisions)
	if r := revisions.Items[0]; r.By != "invitation of users/anna" || r.Summary != "activate an app" {
		t.Errorf("in the log: %+v", r)
	}
	if len(names) != 4 {
		t.Errorf("two devices have one account: %v", names)
	}
}

// What opens nothing fails such an app, in words for its user and as slowly as
// elsewhere; who is no app uses nothing up.
func TestAcrobitsRefusals(t *testing.T) {
	x := newExchange(t, phone.Options{})
	const agent = "Groundwire/6.12.1"
	path := x.invite()
	link := strings.TrimSuffix(path, "/account.xml")

	for _, browser := range []string{path, link} {
		a := x.get(browser, "Mozilla/5.0 (X11; Linux x86_64)")
		if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %s", browser, a.status, a.body)
		}
		body := html.UnescapeString(a.body)
		if !strings.Contains(body, `href="provlinkbs://pbx.acme.example`+path+`"`) || strings.Count(body, "<svg ") != 2 || !strings.Contains(body, "Groundwire") {
			t.Errorf("the page does not offer it: %s", body)
		}
	}

	x.local("PATCH", "/users/anna", `{"features": {"app": false}}`, 200, nil)
	wantXMLError(t, x.get(path, agent), 404, gone)
	x.local("PATCH", "/users/anna", `{"features": {"app": true}}`, 200, nil)

	wantXMLError(t, x.get("/a/000000000000/account.xml", agent), 404, gone)
	wantXMLError(t, x.get("/a/000000000000/account.xml", agent, "Accept-Language", "de"), 404,
		"Diese Einladung gilt nicht. Sie wurde schon benutzt oder ist zu alt, oder der Link ist nicht vollständig. Bitten Sie Ihren Administrator um eine neue.")

	x.now.Add(int64(15 * 24 * time.Hour))
	wantXMLError(t, x.get(path, agent), 404, gone)

	path = x.invite()
	for range 10 {
		x.get("/a/000000000000/account.xml", agent, "X-Forwarded-For", "192.0.2.1")
	}
	a := x.get(path, agent, "X-Forwarded-For", "192.0.2.1")
	wantXMLError(t, a, 429, "There were too many wrong codes from here. Try again later.")
	if a.header.Get("Retry-After") != "30" {
		t.Errorf("come again in %q", a.header.Get("Retry-After"))
	}
	if a := x.get(path, agent, "X-Forwarded-For", "192.0.2.2"); a.status != 200 {
		t.Errorf("a neighbour: %d", a.status)
	}
}

// The administrator is shown the link for these apps too, but over plain HTTP none
// that would fetch over https.
func TestAcrobitsOverTLSOnly(t *testing.T) {
	x := newExchange(t, phone.Options{})
	for base, want := range map[string]string{"https://acme.example": "provlinkbs://acme.example/a/CODE/account.xml", "http://acme.example": ""} {
		w := httptest.NewRecorder()
		x.api.Local("a test").ServeHTTP(w, httptest.NewRequest("POST", base+"/api/v1/users/anna/invitation", nil))
		var inv provisioning.IssuedInvitation
		if err := json.Unmarshal(w.Body.Bytes(), &inv); err != nil {
			t.Fatal(err)
		}
		code := strings.ReplaceAll(inv.Code, "-", "")
		if inv.URL != base+"/a/"+code || inv.AcrobitsURL != strings.Replace(want, "CODE", code, 1) || (inv.AcrobitsQRSVG == "") != (want == "") {
			t.Errorf("over %s: %s and %q", base, inv.URL, inv.AcrobitsURL)
		}
	}
}
