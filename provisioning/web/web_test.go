package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func built() http.Handler {
	return handler(fstest.MapFS{
		"index.html":          {Data: []byte("<!doctype html><title>strowger</title>")},
		"assets/main-1a2b.js": {Data: []byte(strings.Repeat("let x = 1;\n", 200))},
	})
}

func get(h http.Handler, method, path string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestPaths(t *testing.T) {
	h := built()
	for _, c := range []struct {
		method, path string
		status       int
		kind         string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8"},
		{"HEAD", "/", 200, "text/html; charset=utf-8"},
		{"GET", "/users", 200, "text/html; charset=utf-8"},
		{"GET", "/users/anna/", 200, "text/html; charset=utf-8"},
		{"GET", "/assets/main-1a2b.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/assets/main-old.js", 404, "text/plain; charset=utf-8"},
		{"GET", "/000b82aabbcc.cfg", 404, "text/plain; charset=utf-8"},
		{"GET", "/../web.go", 404, "text/plain; charset=utf-8"},
		{"POST", "/", 405, "text/plain; charset=utf-8"},
	} {
		res := get(h, c.method, c.path)
		if res.StatusCode != c.status || res.Header.Get("Content-Type") != c.kind {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.path, res.StatusCode, res.Header.Get("Content-Type"), c.status, c.kind)
		}
	}
}

// TestCaching: a file whose name has its hash is kept for good, the document is
// asked for each time and not sent again unless it changed.
func TestCaching(t *testing.T) {
	h := built()
	if got := get(h, "GET", "/assets/main-1a2b.js").Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("a hashed file: Cache-Control %q", got)
	}
	first := get(h, "GET", "/users")
	if got := first.Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("the document: Cache-Control %q", got)
	}
	if again := get(h, "GET", "/", "If-None-Match", first.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
		t.Errorf("the same document again: %d", again.StatusCode)
	}
}

func TestGzip(t *testing.T) {
	h := built()
	plain, packed := get(h, "GET", "/assets/main-1a2b.js"), get(h, "GET", "/assets/main-1a2b.js", "Accept-Encoding", "br, gzip")
	if plain.Header.Get("Content-Encoding") != "" || packed.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("encodings %q and %q", plain.Header.Get("Content-Encoding"), packed.Header.Get("Content-Encoding"))
	}
	if plain.Header.Get("ETag") == packed.Header.Get("ETag") {
		t.Error("two forms with one ETag")
	}
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if raw, _ := io.ReadAll(plain.Body); string(raw) != string(unpacked) {
		t.Error("the packed form is another text")
	}
	if got := get(h, "GET", "/assets/main-1a2b.js", "Accept-Encoding", "gzip;q=0").Header.Get("Content-Encoding"); got != "" {
		t.Errorf("gzip refused by the client, and sent: %q", got)
	}
}

// TestBuilt: what is embedded is a whole application that its own policy lets
// run: no script in the document, and every file that it names is there.
func TestBuilt(t *testing.T) {
	h := Handler()
	res := get(h, "GET", "/")
	if got := res.Header.Get("Content-Security-Policy"); !strings.Contains(got, "script-src 'self';") {
		t.Errorf("policy %q", got)
	}
	raw, _ := io.ReadAll(res.Body)
	scripts := 0
	for _, attribute := range []string{`src="`, `href="`} {
		for part := range strings.SplitSeq(string(raw), attribute) {
			name, _, _ := strings.Cut(part, `"`)
			if !strings.HasPrefix(name, "/") {
				continue
			}
			if f := get(h, "GET", name); f.StatusCode != 200 || strings.HasPrefix(f.Header.Get("Content-Type"), "text/html") {
				t.Errorf("%s: %d %s", name, f.StatusCode, f.Header.Get("Content-Type"))
			}
			if strings.HasSuffix(name, ".js") {
				scripts++
			}
		}
	}
	if scripts == 0 {
		t.Error("the document names no script")
	}
	for part := range strings.SplitSeq(string(raw), "<script") {
		if strings.HasPrefix(part, "<!") {
			continue
		}
		if tag, _, _ := strings.Cut(part, ">"); !strings.Contains(tag, "src=") {
			t.Errorf("a script in the document: %s", tag)
		}
	}
}
