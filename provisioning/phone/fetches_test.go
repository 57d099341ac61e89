package phone_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"strowger/provisioning/phone"
	"strowger/store"
)

// fetches are what the audit log has of desk phones, newest first.
func (x *exchange) fetches() (all []store.AccessEvent) {
	x.t.Helper()
	var list struct{ Items []store.AccessEvent }
	x.local("GET", "/audit?limit=1000", "", 200, &list)
	return list.Items
}

// Each fetch of a configuration is in the audit log, and each refusal to who had the
// phone's address, with the reason.
func TestFetchesAreAudited(t *testing.T) {
	x := newExchange(t, phone.Options{})
	path := x.device("desk", "001565123456", "yealink")
	const file = "001565123456.cfg"
	for _, c := range []struct {
		what, file, agent string
		status            int
		why               string
	}{
		{"a fetch", file, agent, 200, ""},
		{"by another program", file, "curl/8", 200, ""},
		{"another file", "001565123456.boot", agent, 200, ""},
		{"another phone's", "001565aaaaaa.cfg", "", 404, "another hardware address"},
		{"another make's", "cfg001565123456.xml", "", 404, "has such a file"},
	} {
		x.now.Add(int64(time.Second))
		if a := x.get(path+c.file, c.agent, "X-Forwarded-For", "192.0.2.7"); a.status != c.status {
			t.Fatalf("%s: %d", c.what, a.status)
		}
		want := store.AccessEvent{Event: store.PhoneFetched, DeviceID: "desk", File: c.file, Source: "192.0.2.7"}
		if c.why != "" {
			want.Event = store.PhoneDenied
		}
		e := x.fetches()[0]
		if e.Event != want.Event || e.DeviceID != want.DeviceID || e.File != want.File || e.Source != want.Source ||
			c.agent != "" && e.UserAgent != c.agent || !strings.HasPrefix(e.Detail, "devices/desk (001565123456)") || !strings.Contains(e.Detail, c.why) {
			t.Errorf("%s: %+v", c.what, e)
		}
	}
	x.now.Add(int64(time.Second))
	r := httptest.NewRequest("GET", path+file, nil)
	r.RemoteAddr = "192.0.2.8:1"
	x.api.Handler().ServeHTTP(httptest.NewRecorder(), r)
	if e := x.fetches()[0]; e.Event != store.PhoneDenied || !strings.Contains(e.Detail, "TLS") || e.Source != "192.0.2.8" {
		t.Errorf("without TLS: %+v", e)
	}
	x.local("PATCH", "/devices/desk", `{"disabled": true}`, 200, nil)
	x.now.Add(int64(time.Second))
	x.get(path+file, agent)
	if e := x.fetches()[0]; e.Event != store.PhoneDenied || !strings.Contains(e.Detail, "disabled") {
		t.Errorf("disabled: %+v", e)
	}
	var of struct{ Items []store.AccessEvent }
	if x.local("GET", "/audit?device_id=desk&event=phone_fetched", "", 200, &of); len(of.Items) != 3 {
		t.Errorf("%d fetches of the phone", len(of.Items))
	}
}

// A phone that asks every minute is one row a day; one that is refused as often, one an
// hour. Neither it nor who guesses addresses fills the log.
func TestFetchesAreBounded(t *testing.T) {
	x := newExchange(t, phone.Options{})
	x.now.Store(time.Date(2026, 7, 1, 10, 0, 0, 0, time.UTC).UnixNano())
	path := x.device("desk", "001565123456", "yealink")
	other := x.device("other", "001565aaaaaa", "yealink")
	for range 3 * 60 {
		x.get(path+"001565123456.cfg", agent)
		x.get(path+"y000000000028.cfg", agent)
		x.get(path+"001565123456-phonebook.xml", agent)
		x.now.Add(int64(time.Minute))
	}
	if n := len(x.fetches()); n != 1+3 {
		t.Errorf("%d rows", n)
	}
	x.now.Add(int64(24 * time.Hour))
	if x.get(path+"001565123456.cfg", agent); len(x.fetches()) != 1+3+1 {
		t.Error("the next day's fetch is not in the log")
	}
	for i := range 100 { // somebody has the address
		x.get(other+fmt.Sprintf("%d.cfg", i), agent, "X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i))
	}
	var of struct{ Items []store.AccessEvent }
	x.local("GET", "/audit?limit=1000&device_id=other", "", 200, &of)
	said := 0
	for _, e := range of.Items {
		said += strings.Count(e.Detail, "not listed")
	}
	if len(of.Items) != 50 || said != 1 {
		t.Errorf("%d rows, of which %d say that there are more", len(of.Items), said)
	}
	before := len(x.fetches())
	for i := range 100 {
		x.get(fmt.Sprintf("/p/%032x/001565123456.cfg", i), agent, "X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i))
	}
	if n := len(x.fetches()); n != before {
		t.Errorf("guessing wrote %d rows", n-before)
	}
}
