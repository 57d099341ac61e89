package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strowger/provisioning"
	"strowger/provisioning/api"
	"strowger/store"
	"strowger/store/bolt"
)

// exchange is a real store, file and all, behind the API.
type exchange struct {
	t      *testing.T
	dir    string
	store  *store.Store
	svc    *provisioning.Service
	live   *live
	sender provisioning.Sender // nil: none
	server *httptest.Server
	api    *api.API
	token  string // of an operator
	logged logBuffer

	stopped atomic.Pointer[time.Time] // where the clock stands; nil: it goes
	ahead   atomic.Int64              // nanoseconds that it was put on
}

// logBuffer keeps what is logged, and shows it with the test.
type logBuffer struct {
	mu   sync.Mutex
	all  bytes.Buffer
	also io.Writer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all.Write(p)
	return l.also.Write(p)
}

func (l *logBuffer) Bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.all.Bytes())
}

func newExchange(t *testing.T) *exchange {
	t.Helper()
	x := &exchange{t: t, dir: t.TempDir(), live: &live{}}
	x.logged.also = t.Output()
	x.open()
	t.Cleanup(x.close)
	x.token = x.newToken(map[string]any{"role": "operator", "label": "test"}, "")
	return x
}

// open starts on what is in the directory.
func (x *exchange) open() {
	x.t.Helper()
	backend, err := bolt.Open(filepath.Join(x.dir, "strowger.db"), bolt.Options{})
	if err != nil {
		x.t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(&x.logged, nil))
	x.store, err = store.Open(context.Background(), backend, store.Options{Key: bytes.Repeat([]byte{7}, 32), Now: x.now, Log: log})
	if err != nil {
		x.t.Fatal(err)
	}
	x.svc = provisioning.New(x.store, provisioning.Options{
		Data: x.dir, Live: x.live, Sender: x.sender, Now: x.now, Log: log, Check: backend.Check, Backup: x.store.Backup,
	})
	x.api = api.New(x.svc, api.Options{Version: "1.2.3", Log: log, Now: x.now})
	x.server = httptest.NewServer(x.api.Handler())
}

func (x *exchange) close() {
	x.server.Close()
	if err := x.store.Close(); err != nil {
		x.t.Error(err)
	}
}

// restart is what a new process finds.
func (x *exchange) restart() {
	x.t.Helper()
	x.close()
	x.open()
}

// now is the exchange's clock; pass puts it on.
func (x *exchange) now() time.Time {
	now := time.Now()
	if at := x.stopped.Load(); at != nil {
		now = *at
	}
	return now.Add(time.Duration(x.ahead.Load()))
}

// stop has the clock stand, at the full hour, but for what pass puts it on.
func (x *exchange) stop() {
	at := time.Now().Truncate(time.Hour)
	x.stopped.Store(&at)
}

func (x *exchange) pass(d time.Duration) { x.ahead.Add(int64(d)) }

// newToken makes a token as the command line does.
func (x *exchange) newToken(body map[string]any, org string) string {
	x.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		x.t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/api/v1/tokens", bytes.NewReader(raw))
	if org != "" {
		r.Header.Set("X-Organization", org)
	}
	w := httptest.NewRecorder()
	x.api.Local("a test").ServeHTTP(w, r)
	if w.Code != http.StatusCreated {
		x.t.Fatalf("token: %d %s", w.Code, w.Body)
	}
	var answer struct{ Token string }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		x.t.Fatal(err)
	}
	return answer.Token
}

// local asks on the machine itself, as the command line does.
func (x *exchange) local(method, path, body string) *reply {
	x.t.Helper()
	w := httptest.NewRecorder()
	x.api.Local("a test").ServeHTTP(w, httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body)))
	return &reply{x.t, method + " " + path, w.Code, w.Header(), w.Body.Bytes()}
}

// a reply is an answer, read.
type reply struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	raw    []byte
}

type header map[string]string

// do asks as the operator; a token in the headers is another's.
func (x *exchange) do(method, path string, body any, headers ...header) *reply {
	x.t.Helper()
	var r io.Reader
	contentType := "application/json"
	switch b := body.(type) {
	case nil:
		contentType = ""
	case string:
		r = strings.NewReader(b)
	case *form:
		r, contentType = &b.body, b.contentType
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			x.t.Fatal(err)
		}
		r = bytes.NewReader(raw)
	}
	url := x.server.URL + path
	if strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "/api") && !strings.HasSuffix(path, "z") && path != "/metrics" {
		url = x.server.URL + "/api/v1" + path
	}
	req, err := http.NewRequestWithContext(x.t.Context(), method, url, r)
	if err != nil {
		x.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	req.Header.Set("Authorization", "Bearer "+x.token)
	for _, h := range headers {
		for name, value := range h {
			if name == "Host" {
				req.Host = value
			}
			if name == "token" {
				name, value = "Authorization", "Bearer "+value
			}
			if value == "" {
				req.Header.Del(name)
				continue
			}
			req.Header.Set(name, value)
		}
	}
	res, err := x.server.Client().Do(req)
	if err != nil {
		x.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		x.t.Fatal(err)
	}
	return &reply{x.t, method + " " + path, res.StatusCode, res.Header, raw}
}

// want checks the status, and on a problem that it is one and names the field.
func (r *reply) want(status int, field ...string) *reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: got %d, want %d: %s", r.what, r.status, status, r.raw)
	}
	if status < 400 || len(field) == 0 {
		return r
	}
	if got := r.header.Get("Content-Type"); got != "application/problem+json" {
		r.t.Fatalf("%s: content type %q of a problem", r.what, got)
	}
	var p api.Problem
	r.into(&p)
	if p.Status != status || p.Title == "" || p.Detail == "" {
		r.t.Fatalf("%s: not a whole problem: %s", r.what, r.raw)
	}
	if p.Field != field[0] {
		r.t.Fatalf("%s: the problem names %q, want %q: %s", r.what, p.Field, field[0], r.raw)
	}
	return r
}

func (r *reply) into(v any) *reply {
	r.t.Helper()
	if err := json.Unmarshal(r.raw, v); err != nil {
		r.t.Fatalf("%s: %v: %s", r.what, err, r.raw)
	}
	return r
}

func (r *reply) object() map[string]any {
	r.t.Helper()
	var m map[string]any
	r.into(&m)
	return m
}

// items are the records of a list.
func (r *reply) items() []map[string]any {
	r.t.Helper()
	var page struct{ Items []map[string]any }
	r.into(&page)
	if page.Items == nil {
		r.t.Fatalf("%s: items is null: %s", r.what, r.raw)
	}
	return page.Items
}

func (r *reply) ids() []string {
	r.t.Helper()
	out := []string{}
	for _, m := range r.items() {
		out = append(out, m["id"].(string))
	}
	return out
}

// at finds a value by a dotted path.
func at(m map[string]any, path string) any {
	var v any = m
	for name := range strings.SplitSeq(path, ".") {
		o, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = o[name]
	}
	return v
}

// a form is a multipart body.
type form struct {
	body        bytes.Buffer
	contentType string
}

func newForm(t *testing.T, values map[string]string, fileName string, file []byte) *form {
	t.Helper()
	f := &form{}
	w := multipart.NewWriter(&f.body)
	for name, v := range values {
		if err := w.WriteField(name, v); err != nil {
			t.Fatal(err)
		}
	}
	if file != nil {
		part, err := w.CreateFormFile("file", fileName)
		if err != nil {
			t.Fatal(err)
		}
		part.Write(file)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f.contentType = w.FormDataContentType()
	return f
}

// live is an exchange without phones.
type live struct {
	mu       sync.Mutex
	calls    []store.Call
	bindings []store.Binding
	dialled  []string
	hungUp   []string
	resynced []string
}

func (l *live) Registrations(org string) []store.Binding {
	return slices.DeleteFunc(slices.Clone(l.bindings), func(b store.Binding) bool { return b.Org != org })
}

func (l *live) Unregister(gone *store.Binding) error {
	n := len(l.bindings)
	l.bindings = slices.DeleteFunc(l.bindings, func(b store.Binding) bool {
		return b.Org == gone.Org && b.AOR == gone.AOR && b.Contact == gone.Contact
	})
	if len(l.bindings) == n {
		return store.ErrNotFound
	}
	return nil
}

func (l *live) ActiveCalls(org string) []store.Call {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(l.calls), func(c store.Call) bool { return c.Org != org })
}

func (l *live) set(calls ...store.Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = calls
}

func (l *live) Trace(org, id string) (*store.Trace, bool) {
	for _, c := range l.ActiveCalls(org) {
		if c.ID == id {
			return &store.Trace{CallID: id, Sentence: "rings Ion"}, true
		}
	}
	return nil, false
}

func (l *live) HangUp(_, id string) error {
	l.hungUp = append(l.hungUp, id)
	return nil
}

func (l *live) Dial(_ context.Context, org, from, to string) (string, error) {
	l.dialled = append(l.dialled, org+" "+from+" "+to)
	return fmt.Sprintf("call-%d", len(l.dialled)), nil
}

func (l *live) Resync(org, device string) (int, error) {
	l.resynced = append(l.resynced, org+" "+device)
	return len(l.bindings), nil
}

func (l *live) TrunkStatus(string) []store.TrunkStatus {
	return []store.TrunkStatus{{ID: "carrier", Up: true, State: store.TrunkUp, Registered: true}}
}

func (l *live) Bans() []store.Ban {
	return []store.Ban{{Address: "192.0.2.9", Reason: "10 wrong passwords", Until: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}}
}

// people puts two users with a line each, a carrier and numbers.
func (x *exchange) people() {
	x.t.Helper()
	x.do("POST", "/users", map[string]any{"id": "anna", "first_name": "Anna", "last_name": "Berg", "email": "anna@example.com",
		"application_line": map[string]any{"id": "anna-app"}}).want(201)
	x.do("POST", "/users", map[string]any{"id": "ion", "first_name": "Ion", "last_name": "Albu"}).want(201)
	x.do("POST", "/contact-methods", map[string]any{"id": "ion-line", "user_id": "ion", "kind": "sip_account", "label": "desk",
		"sip_account": map[string]any{"username": "ion"}, "inbound": map[string]any{"internal_numbers": []string{"102"}}}).want(201)
	x.do("POST", "/trunks", map[string]any{"id": "carrier", "name": "Carrier", "host": "192.0.2.1",
		"auth": map[string]any{"mode": "digest", "username": "acme", "password": "carrier-secret"}}).want(201)
	x.do("POST", "/numbers", map[string]any{"id": "n1", "e164": "+40215550100", "trunk_id": "carrier"}).want(201)
}
