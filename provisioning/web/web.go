// Package web owns the web application as the exchange serves it: the built
// files, their caching and their content policy. What the pages do they do over
// the API, like everybody else; their sources are in app.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// dist is what `make web` builds from app; it is kept in the repository so that
// building the exchange needs Go and nothing else.
//
//go:embed all:dist
var dist embed.FS

// policy lets the pages run their own scripts and speak to their own server,
// and nothing else. The component library writes its colours into style
// elements, which no policy short of a nonce a page tells from others.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"font-src 'self'; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// A file is one of dist. Nothing of it is read before somebody asks: it lies in
// the program, whose pages take memory once they are touched. What is kept is
// what browsers ask for, the packed form.
type file struct {
	plain  func() []byte
	packed func() []byte
	etag   func() string
	kind   string // its content type
	hashed bool   // its name changes with its content
}

// Handler answers with the application. A path without a file behind it is one
// of the application's own pages, and gets the document that finds it; one with
// an extension is 404.
func Handler() http.Handler {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // it is embedded
	}
	return handler(built)
}

func handler(built fs.FS) http.Handler {
	files := make(map[string]*file)
	err := fs.WalkDir(built, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files["/"+name] = newFile(built, name)
		return nil
	})
	if err != nil {
		panic(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, r.Method+" is not for a page", http.StatusMethodNotAllowed)
			return
		}
		f := files[path.Clean(r.URL.Path)]
		if f == nil && path.Ext(r.URL.Path) == "" {
			f = files["/index.html"]
		}
		if f == nil {
			http.Error(w, "there is nothing at "+r.URL.Path, http.StatusNotFound)
			return
		}
		f.serve(w, r)
	})
}

func newFile(built fs.FS, name string) *file {
	f := &file{kind: contentType(name), hashed: strings.HasPrefix(name, "assets/")}
	f.plain = func() []byte {
		raw, err := fs.ReadFile(built, name)
		if err != nil {
			panic(err) // it is embedded
		}
		return raw
	}
	f.packed = sync.OnceValue(func() []byte { // 0.1 s for all of them
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
		z.Write(f.plain()) // into memory
		z.Close()
		return b.Bytes()
	})
	f.etag = sync.OnceValue(func() string {
		sum := sha256.Sum256(f.plain())
		return hex.EncodeToString(sum[:10])
	})
	return f
}

// contentType knows what a build has; the machine's own table of types, which
// may say anything, comes last.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".webmanifest":
		return "application/manifest+json"
	}
	return mime.TypeByExtension(path.Ext(name))
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Content-Type", f.kind)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache") // asked for each time, and answered 304
	if f.hashed {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body, etag := f.plain, f.etag()
	if takesGzip(r) && compressible(f.kind) {
		body, etag = f.packed, etag+"-gzip"
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", `"`+etag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body()))
}

func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" {
			return strings.Trim(strings.TrimPrefix(strings.TrimSpace(q), "q="), "0.") != "" || q == ""
		}
	}
	return false
}

func compressible(kind string) bool {
	return strings.HasPrefix(kind, "text/") || strings.Contains(kind, "xml") || strings.Contains(kind, "json")
}
