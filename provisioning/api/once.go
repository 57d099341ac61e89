package api

import (
	"bytes"
	"crypto/sha256"
	"net/http"
	"strings"
	"sync"
	"time"

	"strowger/provisioning"
)

// How long an answer is kept for a repetition of its request, and how many.
const (
	onceFor  = 24 * time.Hour
	onceMost = 4096
	onceBody = 256 << 10 // bytes of an answer; larger ones are not kept
)

// once answers a POST that is repeated with the same Idempotency-Key as it was
// answered the first time. It forgets when the process ends.
type once struct {
	now func() time.Time

	mu   sync.Mutex
	seen map[onceKey]*kept
}

// onceKey keeps callers apart: a key means nothing to another one.
type onceKey struct {
	caller         provisioning.Caller
	org, path, key string
}

type kept struct {
	at      time.Time
	request [sha256.Size]byte
	done    bool
	status  int
	header  http.Header
	body    []byte
}

func newOnce(now func() time.Time) *once {
	return &once{now: now, seen: make(map[onceKey]*kept)}
}

// serve answers from memory, or runs the request and keeps its answer. A
// failure of ours (5xx) is not kept: it may be tried again.
func (o *once) serve(key string, w http.ResponseWriter, r *request, run func(http.ResponseWriter, *request)) {
	if len(key) > 255 {
		writeProblem(w, problemOf(http.StatusUnprocessableEntity, "Idempotency-Key", "want at most 255 characters"))
		return
	}
	k := onceKey{r.who, r.org, r.URL.Path + "?" + r.URL.RawQuery, key}
	sum := sha256.Sum256(r.raw)
	old, fresh := o.begin(k, sum)
	if !fresh {
		switch {
		case old.request != sum:
			writeProblem(w, problemOf(http.StatusUnprocessableEntity, "Idempotency-Key",
				"the key was used with another body"))
		case !old.done:
			writeProblem(w, problemOf(http.StatusConflict, "Idempotency-Key",
				"the first request with this key is still under way"))
		default:
			for name, v := range old.header {
				w.Header()[name] = v
			}
			w.Header().Set("Idempotency-Replayed", "true")
			w.WriteHeader(old.status)
			w.Write(old.body)
		}
		return
	}
	rec := &copier{ResponseWriter: w, status: http.StatusOK}
	keep := false
	defer func() { o.end(k, rec, keep) }() // also when run panics
	run(rec, r)
	keep = rec.status < 500 && !rec.tooLarge
}

func (o *once) begin(k onceKey, sum [sha256.Size]byte) (old kept, fresh bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	if e, ok := o.seen[k]; ok && now.Sub(e.at) < onceFor {
		return *e, false
	}
	if len(o.seen) >= onceMost {
		o.forget(now)
	}
	o.seen[k] = &kept{at: now, request: sum}
	return kept{}, true
}

// forget makes room: what is too old goes, else the oldest.
func (o *once) forget(now time.Time) {
	var oldest onceKey
	var at time.Time
	for k, e := range o.seen {
		if now.Sub(e.at) >= onceFor {
			delete(o.seen, k)
			continue
		}
		if e.done && (at.IsZero() || e.at.Before(at)) {
			oldest, at = k, e.at
		}
	}
	if len(o.seen) >= onceMost {
		delete(o.seen, oldest)
	}
}

func (o *once) end(k onceKey, rec *copier, keep bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	e := o.seen[k]
	if e == nil {
		return
	}
	if !keep {
		delete(o.seen, k)
		return
	}
	e.done, e.status, e.body = true, rec.status, bytes.Clone(rec.body.Bytes())
	e.header = make(http.Header)
	for _, name := range []string{"Content-Type", "Etag", "Location"} {
		if v := rec.Header().Values(name); len(v) > 0 {
			e.header[name] = v
		}
	}
}

// copier keeps what it passes on.
type copier struct {
	http.ResponseWriter
	status   int
	body     bytes.Buffer
	tooLarge bool
}

func (c *copier) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

func (c *copier) Write(b []byte) (int, error) {
	if c.body.Len()+len(b) > onceBody {
		c.tooLarge = true
	} else {
		c.body.Write(b)
	}
	return c.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (c *copier) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func problemOf(status int, field, detail string) *Problem {
	if !strings.HasPrefix(detail, field) && field != "" {
		detail = field + ": " + detail
	}
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Field: field}
}
