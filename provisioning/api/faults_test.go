package api_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"strowger/provisioning"
	"strowger/provisioning/api"
	"strowger/store"
	"strowger/store/bolt"
)

// fullDisk is a backend whose disk can be full.
type fullDisk struct {
	store.Backend
	full atomic.Bool
}

func (d *fullDisk) Commit(ctx context.Context, ops []store.Op) error {
	if d.full.Load() {
		return fmt.Errorf("strowger.db could not be written, the disk is full: %w", store.ErrFull)
	}
	return d.Backend.Commit(ctx, ops)
}

// TestFullDisk: 507, nothing changed, and it recovers by itself.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	file, err := bolt.Open(filepath.Join(dir, "strowger.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	disk := &fullDisk{Backend: file}
	st, err := store.Open(t.Context(), disk, store.Options{Key: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	h := api.New(provisioning.New(st, provisioning.Options{Data: dir}), api.Options{Log: slog.New(slog.DiscardHandler)}).Local("a test")
	do := func(method, path, body string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	disk.full.Store(true)
	w := do("POST", "/users", `{"id":"u","first_name":"U"}`, "Idempotency-Key", "k")
	if w.Code != http.StatusInsufficientStorage || !strings.Contains(w.Body.String(), "disk is full") || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if w := do("GET", "/users/u", ""); w.Code != 404 {
		t.Errorf("half a user: %d %s", w.Code, w.Body)
	}
	disk.full.Store(false)
	if w := do("POST", "/users", `{"id":"u","first_name":"U"}`, "Idempotency-Key", "k"); w.Code != 201 {
		t.Errorf("after room was made: %d %s", w.Code, w.Body)
	}
}

// TestAtOnce: of many who create, change and delete at once each gets an
// answer that is true.
func TestAtOnce(t *testing.T) {
	x := newExchange(t)
	x.do("POST", "/users", map[string]any{"id": "u", "first_name": "U"}).want(201)
	etag := x.do("GET", "/users/u", nil).header.Get("ETag")
	var wg sync.WaitGroup
	var created, changed, replayed atomic.Int32
	for i := range 8 {
		wg.Go(func() {
			if r := x.do("POST", "/users", map[string]any{"id": "same", "first_name": "S"}); r.status == 201 {
				created.Add(1)
			} else if r.status != 409 {
				t.Errorf("create: %d %s", r.status, r.raw)
			}
			if r := x.do("PATCH", "/users/u", map[string]any{"last_name": fmt.Sprint("N", i)}, header{"If-Match": etag}); r.status == 200 {
				changed.Add(1)
			} else if r.status != 412 {
				t.Errorf("change: %d %s", r.status, r.raw)
			}
			if r := x.do("POST", "/users", map[string]any{"first_name": "Key"}, header{"Idempotency-Key": "one"}); r.status == 201 {
				if r.header.Get("Idempotency-Replayed") == "" {
					replayed.Add(1)
				}
			} else if r.status != 409 {
				t.Errorf("key: %d %s", r.status, r.raw)
			}
			x.do("GET", "/users", nil).want(200)
		})
	}
	wg.Wait()
	if created.Load() != 1 || changed.Load() != 1 || replayed.Load() != 1 {
		t.Errorf("%d created, %d changed, %d made by one key; want one each", created.Load(), changed.Load(), replayed.Load())
	}
	if n := len(x.do("GET", "/users?first_name=Key", nil).items()); n != 1 {
		t.Errorf("%d users by one key", n)
	}
}
