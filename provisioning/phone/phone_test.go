package phone_test

import (
	"crypto/tls"
	"encoding/json"
	"encoding/xml"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"strowger/provisioning"
	"strowger/provisioning/api"
	"strowger/provisioning/phone"
	"strowger/store"
	"strowger/store/storetest"
)

var write = flag.Bool("write-golden", false, "write what the makers' phones are given as it is now")

const office = `{
 "organizations": [{"id": "default", "name": "Acme & Sons", "domain": "acme.example", "country": "DE", "time_zone": "Europe/Berlin", "language": "de"}],
 "users": [
  {"id": "anna", "first_name": "Anna", "last_name": "Ash <\"'&#>", "email": "anna@acme.example"},
  {"id": "ben", "first_name": "Ben", "last_name": "Beech; x=y"},
  {"id": "cleo", "first_name": "Cleo", "last_name": "Cedar"}],
 "contact_methods": [
  {"id": "anna-app", "user_id": "anna", "kind": "app", "inbound": {"internal_numbers": ["101"]}},
  {"id": "anna-desk", "user_id": "anna", "kind": "sip_account", "sip_account": {"username": "anna", "password": "a<b&c\"d#e", "codecs": ["G722", "PCMA"]}},
  {"id": "ben-desk", "user_id": "ben", "kind": "sip_account", "label": "Front desk", "sip_account": {"username": "ben", "password": "ben's password"}, "inbound": {"internal_numbers": ["102"]}},
  {"id": "cleo-desk", "user_id": "cleo", "kind": "sip_account", "sip_account": {"username": "cleo", "password": "cleo's password"}, "inbound": {"internal_numbers": ["103"]}}]
}`

type exchange struct {
	t      *testing.T
	store  *store.Store
	api    *api.API
	server *httptest.Server
	now    atomic.Int64
}

func newExchange(t *testing.T, o phone.Options, more ...func(*provisioning.Options)) *exchange {
	t.Helper()
	x := &exchange{t: t, store: storetest.New(t)}
	storetest.Apply(t, x.store, office)
	x.now.Store(time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC).UnixNano())
	now := func() time.Time { return time.Unix(0, x.now.Load()) }
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	of := provisioning.Options{Data: t.TempDir(), Log: log, Now: now, Listen: []string{"udp://:5060", "tcp://:5070"}}
	for _, set := range more {
		set(&of)
	}
	svc := provisioning.New(x.store, of)
	o.Log, o.Now = log, now
	x.api = api.New(svc, api.Options{Log: log, Phones: phone.New(svc, o)})
	x.server = httptest.NewTLSServer(x.api.Handler())
	t.Cleanup(x.server.Close)
	return x
}

func (x *exchange) local(method, path, body string, want int, into any) {
	x.t.Helper()
	w := httptest.NewRecorder()
	x.api.Local("a test").ServeHTTP(w, httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body)))
	if w.Code != want {
		x.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	if into != nil {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			x.t.Fatal(err)
		}
	}
}

// device makes a phone and answers the path of its configuration.
func (x *exchange) device(id, mac, vendor string) string {
	x.t.Helper()
	var d provisioning.DeviceView
	x.local("POST", "/devices", `{"id": "`+id+`", "mac": "`+mac+`", "vendor": "`+vendor+`", "label": "Desk \"1\" & <2>",
		"lines": [{"contact_method_id": "anna-desk"}, {"contact_method_id": "ben-desk"}]}`, 201, &d)
	_, path, _ := strings.Cut(d.ProvisioningURL, "/p/")
	return "/p/" + path
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (x *exchange) get(path, agent string, headers ...string) answer {
	x.t.Helper()
	r, err := http.NewRequest("GET", x.server.URL+path, nil)
	if err != nil {
		x.t.Fatal(err)
	}
	r.Host = "pbx.acme.example"
	r.Header.Set("User-Agent", agent)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := x.server.Client().Do(r)
	if err != nil {
		x.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		x.t.Fatal(err)
	}
	res.Header.Del("Date")
	return answer{res.StatusCode, res.Header, string(body)}
}

// wantGolden compares what a make's phone or app was given with what is kept.
func wantGolden(t *testing.T, vendor, file, body string) {
	t.Helper()
	golden := filepath.Join("testdata", vendor, file)
	if *write {
		if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if body != string(want) {
		t.Errorf("%s is not as in %s:\n%s", file, golden, body)
	}
}

// Each make's phone asks as it does, and is given what is in a golden file.
func TestEachMaker(t *testing.T) {
	x := newExchange(t, phone.Options{})
	for _, c := range []struct {
		vendor, mac, agent string
		files              []string
	}{
		{"yealink", "001565123456", "Yealink SIP-T54W 96.86.0.70 00:15:65:12:34:56", []string{"001565123456-phonebook.xml", "001565123456.boot", "001565123456.cfg"}},
		{"grandstream", "000b82123456", "Grandstream Model HW GXP2135 SW 1.0.11.64 DevId 000b82123456", []string{"phonebook.xml", "cfg000b82123456.xml"}},
		{"snom", "000413123456", "Mozilla/4.0 (compatible; snomD785-SIP 10.1.137.16 SPEAr300 SNOM 1.4 000413123456)", []string{"000413123456-phonebook.xml", "snomD785-000413123456.htm", "000413123456.xml"}},
		{"poly", "64167f123456", "FileTransport PolycomVVX-VVX_450-UA/6.4.3.5156 (SN:64167F123456) Type/Application", []string{"64167f123456-directory.xml", "000000000000.cfg", "64167f123456.cfg", "64167f123456-strowger.cfg"}},
		{"cisco", "58bc27123456", "Cisco/SPA504G-7.6.2g (58BC27123456)(CCQ12345678)", []string{"58bc27123456-phonebook.xml", "spa504G.cfg", "58bc27123456.xml"}},
		{"fanvil", "0c383e123456", "Fanvil X6U 2.12.1 0c383e123456", []string{"0c383e123456-phonebook.xml", "f0X6Uhw1.100.cfg", "0c383e123456.cfg"}},
	} {
		t.Run(c.vendor, func(t *testing.T) {
			path := x.device(c.vendor, c.mac, c.vendor)
			for _, file := range c.files {
				a := x.get(path+file, c.agent)
				if a.status != 200 {
					t.Fatalf("%s: %d %s", file, a.status, a.body)
				}
				// The token is another one each time.
				a.body = strings.ReplaceAll(a.body, path, "/p/TOKEN/")
				a.body = strings.ReplaceAll(a.body, strings.TrimSuffix(path, "/"), "/p/TOKEN")
				wantGolden(t, c.vendor, file, a.body)
				if c.vendor != "yealink" || strings.HasSuffix(file, ".xml") {
					if err := xml.Unmarshal([]byte(a.body), new(struct{})); err != nil {
						t.Errorf("%s: %v", file, err)
					}
				}
			}
			var d provisioning.DeviceView
			x.local("GET", "/devices/"+c.vendor, "", 200, &d)
			if f := d.LastFetch; f == nil || f.File != c.files[len(c.files)-1] || f.Address != "127.0.0.1" || f.UserAgent != c.agent || f.At.UnixNano() != x.now.Load() {
				t.Errorf("noted: %+v", f)
			}
		})
	}
}

// The address of the phone book in a configuration leads to it, and it names who
// has an internal number, in this organization only, and tells nothing else.
func TestPhoneBook(t *testing.T) {
	x := newExchange(t, phone.Options{})
	path := x.device("desk", "001565123456", "yealink")
	_, after, _ := strings.Cut(x.get(path+"001565123456.cfg", agent).body, "remote_phonebook.data.1.url = https://pbx.acme.example")
	address, _, _ := strings.Cut(after, "\n")
	a := x.get(address, agent)
	if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "text/xml") || strings.Count(a.body, "<DirectoryEntry>") != 3 {
		t.Fatalf("%q: %d %s", address, a.status, a.body)
	}
	for _, secret := range []string{"anna@acme.example", "password", "Front desk"} {
		if strings.Contains(a.body, secret) {
			t.Errorf("the phone book tells %q", secret)
		}
	}
	x.local("POST", "/organizations", `{"id": "other", "name": "Other"}`, 201, nil)
	x.local("POST", "/users?organization=other", `{"first_name": "Wile", "application_line": {}}`, 201, nil)
	x.local("POST", "/users", `{"first_name": "Zoe", "last_name": "Zeder", "application_line": {}}`, 201, nil)
	if a := x.get(address, agent); strings.Contains(a.body, "Wile") || !strings.Contains(a.body, "Zoe Zeder") {
		t.Errorf("now it is %s", a.body)
	}
	var d provisioning.DeviceView
	x.local("GET", "/devices/desk", "", 200, &d)
	if d.LastFetch == nil || d.LastFetch.File != "001565123456.cfg" {
		t.Errorf("its configuration was fetched: %+v", d.LastFetch)
	}
	for _, wrong := range []string{"/p/" + strings.Repeat("0", 32) + "/001565123456-phonebook.xml", path + "001565aaaaaa-phonebook.xml", path + "phonebook.xml", path + "001565123456-directory.xml"} {
		if a := x.get(wrong, agent); a.status != 404 {
			t.Errorf("%s: %d", wrong, a.status)
		}
	}
	x.local("PATCH", "/devices/desk", `{"disabled": true}`, 200, nil)
	if a := x.get(address, agent); a.status != 404 {
		t.Errorf("the phone is off, and yet %d", a.status)
	}
}

const agent = "Yealink SIP-T54W 96.86.0.70 00:15:65:12:34:56"

// Whatever the reason, a denial is one and the same.
func TestDenials(t *testing.T) {
	x := newExchange(t, phone.Options{})
	path := x.device("desk", "001565123456", "yealink")
	other := x.device("other", "001565aaaaaa", "yealink")
	off := x.device("off", "001565bbbbbb", "yealink")
	x.local("PATCH", "/devices/off", `{"disabled": true}`, 200, nil)
	var revisions struct{ Items []store.Revision }
	x.local("GET", "/revisions", "", 200, &revisions)
	if a := x.get(path+"001565123456.cfg", agent); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := x.get(path+"001565123456.cfg", "curl/8"); a.status != 200 {
		t.Errorf("the address in the file's name alone is not enough: %d", a.status)
	}
	wrong := "/p/" + strings.Repeat("0", 32) + "/"
	want := x.get(wrong+"001565123456.cfg", agent)
	if want.status != 404 {
		t.Fatalf("%d %s", want.status, want.body)
	}
	for what, a := range map[string]answer{
		"wrong file":            x.get(path+"y000000000028.cfg", agent),
		"a file of another":     x.get(path+"001565aaaaaa.cfg", agent),
		"another's User-Agent":  x.get(path+"001565123456.cfg", strings.ReplaceAll(agent, "12:34:56", "12:34:57")),
		"another's token":       x.get(other+"001565123456.cfg", agent),
		"no hardware address":   x.get(path+"y000000000000.boot", "Yealink"),
		"disabled":              x.get(off+"001565bbbbbb.cfg", ""),
		"no file":               x.get(path, agent),
		"no token":              x.get("/p/", agent),
		"a path":                x.get(path+"x/001565123456.cfg", agent),
		"another make's file":   x.get(path+"cfg001565123456.xml", agent),
		"the code of an invite": x.get("/p/AAAA/001565123456.cfg", agent),
	} {
		if a.status != want.status || a.body != want.body || len(a.header) != len(want.header) {
			t.Errorf("%s: %d %q %v, not %v", what, a.status, a.body, a.header, want.header)
		}
	}
	var after struct{ Items []store.Revision }
	if x.local("GET", "/revisions", "", 200, &after); len(after.Items) != len(revisions.Items) {
		t.Error("a fetch is a revision")
	}

	var d provisioning.DeviceView
	x.local("POST", "/devices/desk/rotate", "", 200, &d)
	if a := x.get(path+"001565123456.cfg", agent); a.status != 404 {
		t.Error("the address before the rotation is good")
	}
	_, rotated, _ := strings.Cut(d.ProvisioningURL, "/p/")
	for range 3 { // phones come back every night
		if a := x.get("/p/"+rotated+"001565123456.cfg", agent); a.status != 200 {
			t.Error("the address after it is not")
		}
	}
	x.local("DELETE", "/devices/desk", "", 204, nil)
	if a := x.get("/p/"+rotated+"001565123456.cfg", agent); a.status != 404 {
		t.Error("a phone that was deleted has a configuration")
	}
}

// Who tries tokens gets nothing, not even with a right one, for a while.
func TestTokensAreNotGuessed(t *testing.T) {
	x := newExchange(t, phone.Options{})
	path := x.device("desk", "001565123456", "yealink")
	from := func(address string) int {
		return x.get(path+"001565123456.cfg", agent, "X-Forwarded-For", address).status
	}
	for range 30 {
		x.get("/p/"+strings.Repeat("f", 32)+"/001565123456.cfg", agent, "X-Forwarded-For", "192.0.2.1")
	}
	if from("192.0.2.1") != 404 || from("192.0.2.2") != 200 {
		t.Error("the guesser is answered, or a neighbour is not")
	}
	x.now.Add(int64(time.Minute))
	if from("192.0.2.1") != 200 {
		t.Error("it never ends")
	}
}

// A configuration has passwords: it goes out over TLS, on this machine, or where
// the operator says so.
func TestPlainHTTP(t *testing.T) {
	for _, plain := range []bool{false, true} {
		x := newExchange(t, phone.Options{Plain: plain})
		path := x.device("desk", "001565123456", "yealink")
		ask := func(remote string, over *tls.ConnectionState, headers ...string) int {
			r := httptest.NewRequest("GET", path+"001565123456.cfg", nil)
			r.RemoteAddr, r.TLS = remote, over
			for i := 0; i+1 < len(headers); i += 2 {
				r.Header.Set(headers[i], headers[i+1])
			}
			w := httptest.NewRecorder()
			x.api.Handler().ServeHTTP(w, r)
			return w.Code
		}
		denied := map[bool]int{false: 404, true: 200}[plain]
		for _, c := range []struct {
			remote  string
			over    *tls.ConnectionState
			headers []string
			want    int
		}{
			{"192.0.2.1:1", nil, nil, denied},
			{"192.0.2.1:1", &tls.ConnectionState{}, nil, 200},
			{"192.0.2.1:1", nil, []string{"X-Forwarded-Proto", "https"}, denied},
			{"127.0.0.1:1", nil, nil, 200},
			{"[::1]:1", nil, []string{"X-Forwarded-Proto", "https", "X-Forwarded-For", "192.0.2.1"}, 200},
			{"127.0.0.1:1", nil, []string{"X-Forwarded-Proto", "http", "X-Forwarded-For", "192.0.2.1"}, denied},
		} {
			if got := ask(c.remote, c.over, c.headers...); got != c.want {
				t.Errorf("plain %v, from %s %v over TLS %v: %d, want %d", plain, c.remote, c.headers, c.over != nil, got, c.want)
			}
		}
	}
}

// What the link answers is told from what a program says of itself. The headers
// are those that the programs send.
func TestInvitationLinkFor(t *testing.T) {
	x := newExchange(t, phone.Options{})
	var inv provisioning.IssuedInvitation
	x.local("POST", "/users/anna/invitation", "", 200, &inv)
	_, code, _ := strings.Cut(inv.URL, "/a/")
	const html, xml, own = "text/html", "application/xml", "application/json"
	for _, c := range []struct {
		who, agent string
		headers    []string
		want       string
	}{
		{"Firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", []string{"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}, html},
		{"a browser that hides its name", "Unknown", []string{"Accept", "text/html"}, html},
		{"Telegram", "TelegramBot (like TwitterBot)", nil, html},
		{"a preview in Go", "Go-http-client/1.1", nil, html},
		{"curl", "curl/8.14.1", []string{"Accept", "*/*"}, html},
		{"nobody", "", nil, html},
		{"linphonec", "Unknown", nil, xml},
		{"Linphone on Android", "LinphoneAndroid/6.0.0 (Pixel 9) LinphoneSDK/5.4.0", []string{"X-Linphone-Provisioning", "1"}, xml},
		{"an app made from Linphone", "Acme/1.0", []string{"X-Linphone-Provisioning", "1"}, xml},
		{"an app of ours", "Strowger/1.0", []string{"Accept", "application/json"}, own},
	} {
		a := x.get("/a/"+code, c.agent, c.headers...)
		if got, _, _ := strings.Cut(a.header.Get("Content-Type"), ";"); a.status != 200 || got != c.want {
			t.Errorf("%s: %d %s", c.who, a.status, got)
		}
		if c.want != html { // it is used up
			x.local("POST", "/users/anna/invitation", "", 200, &inv)
			_, code, _ = strings.Cut(inv.URL, "/a/")
		}
	}
}

// The link of an invitation gives an app its account, once; a browser and who
// previews links use nothing up.
func TestInvitationLink(t *testing.T) {
	x := newExchange(t, phone.Options{})
	invite := func() string {
		var inv provisioning.IssuedInvitation
		x.local("POST", "/users/anna/invitation", "", 200, &inv)
		_, code, _ := strings.Cut(inv.URL, "/a/")
		return "/a/" + code
	}
	link := invite()
	for _, browser := range []string{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156 Safari/537.36", "WhatsApp/2.23", "Slackbot-LinkExpanding 1.0", "curl/8", ""} {
		a := x.get(link, browser, "Accept", "text/html,application/json;q=0.9")
		if a.status != 200 || !strings.Contains(a.body, `href="linphone-config:https://pbx.acme.example`+link+`"`) || !strings.Contains(a.body, "<svg ") ||
			strings.Contains(a.body, "<script") || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %s", browser, a.status, a.body)
		}
	}
	a := x.get(link, "Linphone-Daemon/5.1.65 (pc) LinphoneSDK/5.1.65")
	if a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	var config struct {
		Sections []struct {
			Name    string `xml:"name,attr"`
			Entries []struct {
				Name  string `xml:"name,attr"`
				Value string `xml:",chardata"`
			} `xml:"entry"`
		} `xml:"section"`
	}
	if err := xml.Unmarshal([]byte(a.body), &config); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range config.Sections {
		for _, e := range s.Entries {
			got[s.Name+"."+e.Name] = e.Value
		}
	}
	sn, _ := x.store.Snapshot("default")
	c, ok := sn.Credential(got["auth_info_0.userid"])
	if !ok || c.HA1MD5 != got["auth_info_0.ha1"] || c.AOR != "app-anna-app" {
		t.Errorf("%v are not the credentials of %+v", got, c)
	}
	if got["proxy_0.reg_proxy"] != "<sip:pbx.acme.example:5070;transport=tcp>" || got["proxy_0.reg_identity"] != `"Anna Ash <'&#>" <sip:app-anna-app@acme.example>` {
		t.Errorf("%v", got)
	}
	for _, again := range []string{"Linphone", "Mozilla/5.0"} {
		if a := x.get(link, again); a.status != 404 {
			t.Errorf("used up, and yet %s: %d", again, a.status)
		}
	}

	a = x.get(invite(), "Strowger/1.0", "Accept", "application/json")
	var own provisioning.Activation
	if err := json.Unmarshal([]byte(a.body), &own); err != nil || a.status != 200 || own.SIP.Password == "" || !strings.HasPrefix(own.Token, "swapp_") || own.SIP.Domain != "acme.example" || own.Settings.Extension != "101" {
		t.Errorf("%d %s", a.status, a.body)
	}
	var devices struct{ Items []store.AppDevice }
	if x.local("GET", "/app-devices", "", 200, &devices); len(devices.Items) != 2 {
		t.Errorf("%+v", devices.Items)
	}
}

// The page of an invitation speaks the user's language, else the organization's, else
// the browser's; so does the page of one that is none.
func TestInvitationPageSpeaks(t *testing.T) {
	x := newExchange(t, phone.Options{})
	var inv provisioning.IssuedInvitation
	x.local("POST", "/users/anna/invitation", "", 200, &inv)
	_, code, _ := strings.Cut(inv.URL, "/a/")
	const firefox = "Mozilla/5.0"
	for _, c := range []struct {
		user, organization, accept string
		language, title, until     string
	}{
		{"de-AT", "es", "en-GB,en;q=0.8", "de", "Ihre Telefon-App", " Uhr ("},
		{"", "es", "de", "es", "Su aplicación de teléfono", "hasta el "},
		{"", "en", "de", "en", "Your telephone app", "until "},
		{"", "fr", "fr-FR,fr;q=0.9, de-CH ;q=0.8,en", "de", "Ihre Telefon-App", " Uhr ("},
		{"", "fr", "", "en", "Your telephone app", "until "},
	} {
		x.local("PATCH", "/users/anna", `{"language": "`+c.user+`"}`, 200, nil)
		x.local("PATCH", "/organizations/default", `{"language": "`+c.organization+`"}`, 200, nil)
		a := x.get("/a/"+code, firefox, "Accept-Language", c.accept)
		if a.status != 200 || a.header.Get("Content-Language") != c.language || !strings.Contains(a.body, `<html lang="`+c.language+`">`) ||
			!strings.Contains(a.body, "<h1>"+c.title+"</h1>") || !strings.Contains(a.body, c.until) {
			t.Errorf("%+v: %d %s %s", c, a.status, a.header.Get("Content-Language"), a.body)
		}
	}
	for accept, want := range map[string]string{"de-DE,de;q=0.9": "Diese Einladung gilt nicht", "es": "Esta invitación no es válida", "fr": "This invitation is not valid"} {
		a := x.get("/a/000000000000", firefox, "Accept-Language", accept)
		if a.status != 404 || !strings.Contains(a.body, want) || strings.Contains(a.body, "<svg") || a.header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: %d %s", accept, a.status, a.body)
		}
	}
}
