package api_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"strowger/provisioning"
	"strowger/store"
)

type object = map[string]any

// secretFields are all write-only fields and settings, each in a record of its
// own: how one comes with a secret, and how it gets another.
var secretFields = []struct {
	field   string // in a file for apply
	record  object // its id is what the secrets are called by
	holder  string // of the field, in the record, dotted
	refused object // what of the record is refused, for its error
	shown   bool   // once, on creation
	form    string // of the secret; empty: any text
}{
	{field: "users.password", record: object{"id": "anna", "first_name": "Anna", "login": "anna"}, refused: object{"role": "king"}},
	{field: "users.voicemail_pin", record: object{"id": "ben", "first_name": "Ben"}, refused: object{"email": "nobody"}, form: "digits"},
	{field: "contact_methods.password", record: object{"id": "desk", "user_id": "anna", "kind": "sip_account"}, holder: "sip_account",
		refused: object{"user_id": "nobody"}, shown: true},
	{field: "trunks.password", record: object{"id": "carrier", "host": "192.0.2.7"}, holder: "auth", refused: object{"port": 70000}, shown: true},
	{field: "app_devices.password", record: object{"id": "pixel", "user_id": "anna"}, refused: object{"user_id": "nobody"}, shown: true},
	{field: "delivery_methods.password", record: object{"id": "sftp", "kind": "sftp", "settings": object{"host": "sftp.example.com", "username": "u"}}, holder: "settings", refused: object{"kind": "pigeon"}, shown: true},
	{field: "delivery_methods.private_key", record: object{"id": "sftp-key", "kind": "sftp", "settings": object{"host": "sftp.example.com", "username": "u"}}, holder: "settings", refused: object{"kind": "pigeon"}, shown: true},
	{field: "delivery_methods.passphrase", record: object{"id": "sftp-phrase", "kind": "sftp", "settings": object{"host": "sftp.example.com", "username": "u"}}, holder: "settings", refused: object{"kind": "pigeon"}, shown: true},
	{field: "delivery_methods.secret_access_key", record: object{"id": "s3", "kind": "s3", "settings": object{"endpoint": "https://s3.example.com", "bucket": "b"}}, holder: "settings", refused: object{"kind": "pigeon"}, shown: true},
	{field: "delivery_methods.password", record: object{"id": "webdav", "kind": "webdav", "settings": object{"url": "https://dav.example.com"}}, holder: "settings", refused: object{"kind": "pigeon"}, shown: true},
	{field: "delivery_methods.secret", record: object{"id": "hook", "kind": "webhook", "settings": object{"url": "https://hook.example.com"}}, holder: "settings", refused: object{"kind": "pigeon"}, shown: true, form: "whsec"},
	{field: "delivery_methods.header.Authorization", record: object{"id": "hook-header", "kind": "webhook", "settings": object{"url": "https://hook.example.com"}}, holder: "settings", refused: object{"kind": "pigeon"}, shown: true},
	{field: "call_flows.secret", record: object{"id": "flow", "entry": "ask"}, holder: "nodes", refused: object{"entry": "nowhere"}, shown: true},
}

// with puts a secret into a copy of a record.
func with(record object, holder, name, secret string) object {
	out := object{}
	for k, v := range record {
		out[k] = v
	}
	switch holder {
	case "":
		out[name] = secret
	case "nodes":
		out["nodes"] = []any{object{"id": "ask", "type": "webhook", "settings": object{"url": "https://example.com", name: secret}}}
	case "auth":
		out["auth"] = object{"mode": "digest", "username": "acme", name: secret}
	default:
		held := object{name: secret}
		if given, ok := record[holder].(object); ok {
			maps.Copy(held, given)
		}
		out[holder] = held
	}
	return out
}

// TestSecretsShowNowhere gives every write-only field a secret, and looks for it
// in whatever comes out: answers, revisions, exports, errors, events, the log,
// and the bytes on disk.
func TestSecretsShowNowhere(t *testing.T) {
	x := newExchange(t)
	var secrets []string
	look := func(what string, out []byte) {
		t.Helper()
		for _, s := range secrets {
			if bytes.Contains(out, []byte(s)) {
				t.Errorf("%s: shows %s", what, s)
			}
		}
	}
	fresh := func(form string) string {
		s := fmt.Sprintf("hidden-%d-hidden", len(secrets))
		switch form {
		case "digits":
			s = fmt.Sprintf("90817263%04d", len(secrets))
		case "whsec":
			s = "whsec_" + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "hidden-%017d", len(secrets)))
		}
		secrets = append(secrets, s)
		return s
	}
	ask := func(method, path string, body any, status int, headers ...header) {
		t.Helper()
		raw := x.do(method, path, body, headers...).want(status).raw
		look(method+" "+path, raw)
		// The file itself has them, and the schema of apply takes a hash.
		for _, word := range []string{"$argon2id$", "ha1_md5", `"sealed"`, `"hash"`} {
			if path != "/backup" && path != "/api/openapi.json" && bytes.Contains(raw, []byte(word)) {
				t.Errorf("%s %s: shows %s", method, path, word)
			}
		}
	}
	everywhere := func(when string) {
		t.Helper()
		for _, f := range secretFields {
			collection, _, _ := strings.Cut(f.field, ".")
			path := "/" + strings.ReplaceAll(collection, "_", "-")
			ask("GET", path, nil, 200)
			ask("GET", path, nil, 200, header{"Accept": "text/csv"})
			if r := x.do("GET", path+"/"+f.record["id"].(string), nil); r.status != 404 {
				look(when+" "+path, r.raw)
			}
		}
		for _, path := range []string{"/tokens", "/revisions?limit=1000", "/export", "/check", "/backup", "/api/openapi.json"} {
			ask("GET", path, nil, 200)
		}
		ask("GET", "/revisions", nil, 200, header{"Accept": "text/csv"})
		filepath.WalkDir(x.dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			look("disk", raw)
			return err
		})
		look("the log", x.logged.Bytes())
	}

	events := x.watch("configuration")
	site := map[string][]any{}
	for _, f := range secretFields {
		collection, name, _ := strings.Cut(f.field, ".")
		path, id := "/"+strings.ReplaceAll(collection, "_", "-"), f.record["id"].(string)
		t.Run(f.field+" of "+id, func(t *testing.T) {
			s := fresh(f.form)
			wrong := with(f.record, f.holder, name, s)
			for k, v := range f.refused {
				wrong[k] = v
			}
			ask("POST", path, wrong, 422)

			made := x.do("POST", path, with(f.record, f.holder, name, s)).want(201)
			if f.shown != bytes.Contains(made.raw, []byte(s)) {
				t.Errorf("a new record shows its secret: %v, want %v: %s", !f.shown, f.shown, made.raw)
			}
			look("POST "+path, bytes.ReplaceAll(made.raw, []byte(s), nil))
			ask("PATCH", path+"/"+id, with(object{}, f.holder, name, fresh(f.form)), 200)
			ask("PATCH", path+"/"+id, with(object{}, f.holder, name, s), 412, header{"If-Match": `"stale"`})
		})
		site[collection] = append(site[collection], with(f.record, f.holder, name, fresh(f.form)))
	}
	look("/events", events())
	everywhere("created")

	file, err := json.Marshal(site)
	if err != nil {
		t.Fatal(err)
	}
	ask("POST", "/apply?dry_run=true", string(file), 200)
	ask("POST", "/apply", string(file), 200)
	var report provisioning.ApplyReport
	x.do("POST", "/apply", string(file)).want(200).into(&report)
	if len(report.Changes) != 0 {
		t.Errorf("applied twice, the second time changes %+v", report.Changes)
	}
	everywhere("applied")
}

// TestSecretFieldsAreListed: a new field or setting that sounds like a secret
// must be in the table above.
func TestSecretFieldsAreListed(t *testing.T) {
	// Made otherwise: TestMailPasswordIsWriteOnly, TestOpenID.
	listed := map[string]bool{"organizations.password": true, "organizations.client_secret": true}
	for _, f := range secretFields {
		listed[f.field] = true
	}
	var walk func(collection string, typ reflect.Type)
	walk = func(collection string, typ reflect.Type) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct {
			return
		}
		for _, f := range reflect.VisibleFields(typ) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			name = cmp.Or(name, f.Name)
			if f.Type.Kind() == reflect.String && store.SecretSetting(name) && !listed[collection+"."+name] {
				t.Errorf("%s.%s is in no row of secretFields", collection, name)
			}
			if !f.Anonymous {
				walk(collection, f.Type)
			}
		}
	}
	site := reflect.TypeFor[store.Site]()
	for i := range site.NumField() {
		name, _, _ := strings.Cut(site.Field(i).Tag.Get("json"), ",")
		walk(name, site.Field(i).Type)
	}
}

// TestSecretSettings: kept when absent, replaced, taken away, and back with a
// restored record.
func TestSecretSettings(t *testing.T) {
	x := newExchange(t)
	held := func() map[string]string {
		t.Helper()
		sn, _ := x.store.Snapshot(store.DefaultOrganization)
		sec, ok := sn.Secret("delivery_methods", "s3")
		if !ok || len(sec.Sealed) == 0 {
			return map[string]string{}
		}
		text, err := x.store.OpenSecret(sec)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	want := func(settings map[string]string) {
		t.Helper()
		if got := held(); !reflect.DeepEqual(got, settings) {
			t.Errorf("holds %v, want %v", got, settings)
		}
	}
	r := x.do("POST", "/delivery-methods", object{"id": "s3", "kind": "s3", "settings": object{
		"endpoint": "https://s3.example.com", "bucket": "calls", "access_key_id": "AKIA", "secret_access_key": "one", "session_token": "two"}}).want(201)
	if got := at(r.object(), "settings"); !reflect.DeepEqual(got, object{"endpoint": "https://s3.example.com", "bucket": "calls", "access_key_id": "AKIA", "secret_access_key": "one", "session_token": "two"}) {
		t.Errorf("created as %v", got)
	}
	want(map[string]string{"secret_access_key": "one", "session_token": "two"})

	r = x.do("PATCH", "/delivery-methods/s3", object{"settings": object{"bucket": "other"}}).want(200)
	if got := at(r.object(), "settings"); !reflect.DeepEqual(got, object{"endpoint": "https://s3.example.com", "bucket": "other", "access_key_id": "AKIA"}) {
		t.Errorf("changed to %v", got)
	}
	want(map[string]string{"secret_access_key": "one", "session_token": "two"})
	x.do("PATCH", "/delivery-methods/s3", object{"settings": object{"secret_access_key": "three", "session_token": nil}}).want(200)
	want(map[string]string{"secret_access_key": "three"})

	// What an export has is what the store has: without secrets, and they stay.
	export := x.do("GET", "/export", nil).want(200).raw
	x.do("POST", "/apply", string(export)).want(200)
	want(map[string]string{"secret_access_key": "three"})
	x.do("POST", "/apply", `{"delivery_methods":[{"id":"s3","kind":"s3","settings":{"endpoint":"https://s3.example.com","bucket":"b","secret_access_key":"four","session_token":"five"}}]}`).want(200)
	want(map[string]string{"secret_access_key": "four", "session_token": "five"})

	before := x.store.Revision()
	x.do("DELETE", "/delivery-methods/s3", nil).want(204)
	want(map[string]string{})
	x.do("POST", fmt.Sprintf("/revisions/%d/restore", before), nil).want(200)
	want(map[string]string{"secret_access_key": "four", "session_token": "five"})

	x.do("PATCH", "/delivery-methods/s3", object{"settings": object{"url": "https://u:word@example.com/"}}).want(422, "settings.url")
}

// watch listens to /events; what it answers waits for an event and gives all
// that came up to it.
func (x *exchange) watch(event string) (read func() []byte) {
	x.t.Helper()
	ctx, stop := context.WithCancel(x.t.Context())
	x.t.Cleanup(stop)
	req, _ := http.NewRequestWithContext(ctx, "GET", x.server.URL+"/api/v1/events", nil)
	req.Header.Set("Authorization", "Bearer "+x.token)
	res, err := x.server.Client().Do(req)
	if err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() { res.Body.Close() })
	lines := bufio.NewScanner(res.Body)
	until := func(text string) (out []byte) {
		for lines.Scan() {
			if out = append(append(out, lines.Bytes()...), '\n'); strings.Contains(lines.Text(), text) {
				return out
			}
		}
		x.t.Fatalf("the events end before %s: %v", text, lines.Err())
		return nil
	}
	until("connected")
	return func() []byte {
		out := until("event: " + event)
		return append(out, until("data:")...)
	}
}
