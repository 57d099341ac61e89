package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"strowger/provisioning"
	"strowger/provisioning/api"
)

// A client speaks the API: to a running daemon over its admin socket, or to the
// store itself where none runs.
type client struct {
	http.Client
	organization string
	live         bool // a daemon answers
	close        func() error
}

// connect finds the daemon, or opens the store. Where there is no store yet it
// makes one only if create says so.
func (g *Globals) connect(create bool) (*client, error) {
	if c, err := g.dial(); c != nil || err != nil {
		return c, err
	}
	if _, err := os.Stat(filepath.Join(g.Data, dbFile)); errors.Is(err, fs.ErrNotExist) && !create {
		return nil, fmt.Errorf("there is no store in %s; --data says where it is", g.Data)
	}
	log := slog.New(slog.NewTextHandler(g.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	d, err := openData(g.ctx, g.Data, log)
	if err != nil {
		return nil, err
	}
	a := api.New(d.service(provisioning.Options{Log: log}), api.Options{Version: version, Log: log})
	return &client{
		Client:       http.Client{Transport: inProcess{a.Local(caller())}},
		organization: g.Organization, close: d.Close,
	}, nil
}

// dial tries the admin socket; nil without an error where nobody listens.
func (g *Globals) dial() (*client, error) {
	path, done, err := socketPath(g.Data)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	probe, err := net.Dial("unix", path)
	switch {
	case err == nil:
		probe.Close()
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOTDIR):
		done()
		return nil, nil
	case errors.Is(err, fs.ErrPermission):
		done()
		return nil, fmt.Errorf("the daemon of %s runs as another user, whose admin socket this one may not use", g.Data)
	default:
		done()
		return nil, err
	}
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}
	return &client{
		Client:       http.Client{Transport: transport},
		organization: g.Organization, live: true,
		close: func() error { transport.CloseIdleConnections(); done(); return nil },
	}, nil
}

// caller is who the revisions name for a command on this machine.
func caller() string {
	if u, err := user.Current(); err == nil {
		return u.Username + " on this machine"
	}
	return "a command on this machine"
}

// A problem is an answer that is not a success.
type problem struct {
	Status       int    `json:"status"`
	Title        string `json:"title"`
	Detail       string `json:"detail"`
	Dependencies []struct {
		Collection, ID, Label, Consequence string
	} `json:"dependencies"`
}

func (p *problem) Error() string {
	s := p.Detail
	if s == "" {
		s = fmt.Sprintf("%d %s", p.Status, p.Title)
	}
	for _, d := range p.Dependencies {
		s += fmt.Sprintf("\n  %s/%s: %s", d.Collection, d.ID, d.Consequence)
	}
	return s
}

// send makes a request; path is below /api/v1.
func (c *client) send(ctx context.Context, method, path string, query url.Values, contentType string, body io.Reader) (*http.Response, error) {
	u := "http://strowger/api/v1" + path
	if len(query) > 0 {
		u += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, u, body)
	if err != nil {
		return nil, usageError{err}
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if c.organization != "" {
		req.Header.Set("X-Organization", c.organization)
	}
	res, err := c.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return nil, fmt.Errorf("the daemon did not answer: %w", err)
	}
	return res, nil
}

// call sends a JSON body, or none, and decodes the answer into out.
func (c *client) call(ctx context.Context, method, path string, query url.Values, body, out any) error {
	var r io.Reader
	contentType := ""
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		r, contentType = bytes.NewReader(raw), "application/json"
	}
	res, err := c.send(ctx, method, path, query, contentType, r)
	if err != nil {
		return err
	}
	return decodeAnswer(res, out)
}

func decodeAnswer(res *http.Response, out any) error {
	defer res.Body.Close()
	if err := failure(res); err != nil {
		return err
	}
	if out == nil {
		return nil
	}
	if raw, ok := out.(*json.RawMessage); ok {
		var err error
		*raw, err = io.ReadAll(res.Body)
		return err
	}
	return json.NewDecoder(res.Body).Decode(out)
}

// failure reads the problem of an answer that has one.
func failure(res *http.Response) error {
	if res.StatusCode < 400 {
		return nil
	}
	p := &problem{Status: res.StatusCode, Title: http.StatusText(res.StatusCode)}
	if strings.HasSuffix(res.Header.Get("Content-Type"), "json") {
		json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(p) // what is missing stays general
	}
	return p
}

// list reads all pages of a list.
func list[T any](ctx context.Context, c *client, path string, query url.Values) ([]T, error) {
	if query == nil {
		query = url.Values{}
	}
	query.Set("limit", "1000")
	out := []T{}
	for {
		var page struct {
			Items      []T    `json:"items"`
			NextCursor string `json:"next_cursor"`
		}
		if err := c.call(ctx, http.MethodGet, path, query, nil, &page); err != nil {
			return nil, err
		}
		out = append(out, page.Items...)
		if page.NextCursor == "" {
			return out, nil
		}
		query.Set("cursor", page.NextCursor)
	}
}

// inProcess answers requests by a handler, without a network.
type inProcess struct{ h http.Handler }

func (t inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	pr, pw := io.Pipe()
	w := &pipeWriter{header: make(http.Header), body: pw, head: make(chan struct{})}
	r := req.Clone(req.Context())
	r.RequestURI = r.URL.RequestURI()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	go func() {
		var err error
		defer func() {
			if p := recover(); p != nil {
				err = errors.New("the answer broke off")
			}
			w.WriteHeader(http.StatusOK)
			pw.CloseWithError(err) // nil: the end
		}()
		t.h.ServeHTTP(w, r)
	}()
	select {
	case <-w.head:
	case <-req.Context().Done():
		pr.Close()
		return nil, req.Context().Err()
	}
	return &http.Response{
		Status: http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: pr, ContentLength: -1, Request: req,
	}, nil
}

// pipeWriter is the handler's side.
type pipeWriter struct {
	header, sent http.Header
	body         *io.PipeWriter
	status       int
	once         sync.Once
	head         chan struct{} // closed when the status is known
}

func (w *pipeWriter) Header() http.Header { return w.header }

func (w *pipeWriter) WriteHeader(status int) {
	w.once.Do(func() {
		w.status, w.sent = status, w.header.Clone()
		close(w.head)
	})
}

func (w *pipeWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

// Flush is for answers that go on: there is nothing between the two sides.
func (w *pipeWriter) Flush() {}
