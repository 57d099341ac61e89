package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"strowger/provisioning"
	"strowger/provisioning/api"
)

// TestAround: what no operation answers, and what is on every answer.
func TestAround(t *testing.T) {
	x := newExchange(t)
	x.do("GET", "/nothing", nil).want(404, "")
	x.do("GET", "/api/v2/users", nil).want(404, "")
	r := x.do("DELETE", "/users", nil).want(405, "")
	if got := r.header.Get("Allow"); got != "GET, POST" {
		t.Errorf("Allow %q", got)
	}
	x.do("PUT", "/users/x", nil).want(405, "")
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store"} {
		if got := r.header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := string(x.do("GET", "/healthz", nil, header{"Authorization": ""}).want(200).raw); got != "ok\n" {
		t.Errorf("healthz: %q", got)
	}
	x.do("GET", "/readyz", nil, header{"Authorization": ""}).want(200)
	x.do("GET", "/metrics", nil).want(404, "")
	big := `{"first_name": "` + strings.Repeat("x", 2<<20) + `"}`
	x.do("POST", "/users", big).want(413, "")
	x.do("POST", "/users", "").want(400, "")
	x.do("POST", "/users", `{"first_name":"A"} {"first_name":"B"}`).want(400, "")
	x.do("POST", "/users", `{"First_Name":"A"}`).want(422, "First_Name")
	if r := x.do("HEAD", "/users", nil); r.status != 200 || len(r.raw) != 0 {
		t.Errorf("HEAD: %d %q", r.status, r.raw)
	}
}

// TestReady: 503 with what is missing.
func TestReady(t *testing.T) {
	x := newExchange(t)
	var missing error = provisioning.ErrNotRunning
	h := api.New(x.svc, api.Options{Ready: func() error { return missing }, Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("strowger_build_info 1\n"))
	})}).Handler()
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w
	}
	if w := get("/readyz"); w.Code != 503 || !strings.Contains(w.Body.String(), "not running") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	missing = nil
	if w := get("/readyz"); w.Code != 200 {
		t.Errorf("%d", w.Code)
	}
	if w := get("/metrics"); !strings.Contains(w.Body.String(), "build_info") {
		t.Errorf("%s", w.Body)
	}
}

// TestIdempotency: the same key is the same request.
func TestIdempotency(t *testing.T) {
	x := newExchange(t)
	key := header{"Idempotency-Key": "k1"}
	body := map[string]any{"first_name": "Once"}
	first := x.do("POST", "/users", body, key).want(201)
	again := x.do("POST", "/users", body, key).want(201)
	if string(first.raw) != string(again.raw) || again.header.Get("Idempotency-Replayed") != "true" ||
		first.header.Get("ETag") != again.header.Get("ETag") || again.header.Get("Location") != first.header.Get("Location") {
		t.Errorf("first %s, again %s", first.raw, again.raw)
	}
	if n := len(x.do("GET", "/users", nil).items()); n != 1 {
		t.Errorf("%d users", n)
	}
	x.do("POST", "/users", map[string]any{"first_name": "Other"}, key).want(422, "Idempotency-Key")
	x.do("POST", "/users", body, header{"Idempotency-Key": strings.Repeat("k", 300)}).want(422, "Idempotency-Key")
	x.do("POST", "/users", body, header{"Idempotency-Key": "k2"}).want(201)
	// A refusal is answered again too; another caller's key is another key.
	refused := header{"Idempotency-Key": "k3"}
	x.do("POST", "/users", map[string]any{"last_name": "x"}, refused).want(422)
	x.do("POST", "/users", map[string]any{"last_name": "x"}, refused).want(422)
	other := header{"token": x.newToken(map[string]any{"role": "admin"}, ""), "Idempotency-Key": "k1"}
	x.do("POST", "/users", map[string]any{"first_name": "Else"}, other).want(201)
}

// open are the paths that need no token, bodiless those whose POST takes no body.
var (
	open     = map[string]bool{"/api/v1/app-devices/activate": true}
	bodiless = regexp.MustCompile(`/(restore|undo|cancel|rotate|resync|invitation|email-verification|password-reset|totp|challenge|retry|test)$`)
)

// TestOpenAPI: every operation has an id of its own, a summary, a tag, its path
// parameters, and says what its problems look like; every reference leads
// somewhere.
func TestOpenAPI(t *testing.T) {
	x := newExchange(t)
	raw := x.do("GET", "/api/openapi.json", nil, header{"Authorization": ""}).want(200).raw
	var doc struct {
		OpenAPI    string
		Info       struct{ Title, Version string }
		Paths      map[string]map[string]json.RawMessage
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") || doc.Info.Version != "1.2.3" {
		t.Errorf("openapi %q, version %q", doc.OpenAPI, doc.Info.Version)
	}
	ids := map[string]string{}
	n := 0
	for path, item := range doc.Paths {
		for method, text := range item {
			var op struct {
				OperationID string
				Summary     string
				Tags        []string
				Parameters  []struct{ Name, In string }
				Security    []any
				RequestBody *struct{ Content map[string]any }
				Responses   map[string]struct {
					Description string
					Content     map[string]struct{ Schema map[string]any }
				}
			}
			if err := json.Unmarshal(text, &op); err != nil {
				continue
			}
			n++
			what := method + " " + path
			if op.OperationID == "" || op.Summary == "" || len(op.Tags) != 1 || len(op.Security) == 0 && !open[path] {
				t.Errorf("%s: id %q, summary %q, tags %v, security %v", what, op.OperationID, op.Summary, op.Tags, op.Security)
			}
			if other, twice := ids[op.OperationID]; twice {
				t.Errorf("%s and %s are both %s", what, other, op.OperationID)
			}
			ids[op.OperationID] = what
			for _, m := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(path, -1) {
				found := false
				for _, p := range op.Parameters {
					found = found || p.In == "path" && p.Name == m[1]
				}
				if !found {
					t.Errorf("%s: no parameter %s", what, m[1])
				}
			}
			good := false
			for status, res := range op.Responses {
				if status[0] == '2' || status == "303" {
					good = true
					continue
				}
				if ref := res.Content["application/problem+json"].Schema["$ref"]; ref != "#/components/schemas/Problem" {
					t.Errorf("%s: %s is %v", what, status, ref)
				}
			}
			if !good || len(op.Responses) < 2 {
				t.Errorf("%s: responses %v", what, op.Responses)
			}
			if (method == "post" || method == "patch") && op.RequestBody == nil && !bodiless.MatchString(path) {
				t.Errorf("%s: no body", what)
			}
		}
	}
	if n < 70 {
		t.Errorf("only %d operations", n)
	}
	for _, m := range regexp.MustCompile(`"\$ref":\s*"#/components/schemas/([^"]+)"`).FindAllStringSubmatch(string(raw), -1) {
		if doc.Components.Schemas[m[1]] == nil {
			t.Errorf("nothing is called %s", m[1])
		}
	}
}

// TestDocs: a page that needs nothing but itself.
func TestDocs(t *testing.T) {
	x := newExchange(t)
	r := x.do("GET", "/api/docs", nil, header{"Authorization": ""}).want(200)
	page := string(r.raw)
	for _, bad := range []string{"<script", "http://", "https://", "<link", "<img", "@import"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
	for _, want := range []string{"/api/v1/users/{id}/dependencies", "create-call", "first_name"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page says nothing of %s", want)
		}
	}
	if !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
		t.Errorf("content type %q", r.header.Get("Content-Type"))
	}
}

// TestPages: the web application answers where no operation does, and never
// below /api, where a mistake must stay a problem in JSON.
func TestPages(t *testing.T) {
	x := newExchange(t)
	h := api.New(x.svc, api.Options{Web: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("page")) })}).Handler()
	for _, c := range []struct {
		method, path string
		status       int
		page         bool
	}{
		{"GET", "/", 200, true},
		{"GET", "/users", 200, true},
		{"GET", "/healthz", 200, false},
		{"GET", "/api", 404, false},
		{"GET", "/api/v1/userz", 404, false},
		{"PUT", "/api/v1/users/x", 405, false},
		{"POST", "/users", 404, false},
		{"GET", "/metrics-old", 200, true},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		if page := w.Body.String() == "page"; w.Code != c.status || page != c.page {
			t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Body)
		}
	}
}
