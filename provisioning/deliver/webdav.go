package deliver

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// toWebDAV makes the folders and puts the file (RFC 4918 §9.3, §9.7). A PUT that
// broke off is put again in its whole.
func toWebDAV(ctx context.Context, e *Engine, m *method, p *parcel) (string, error) {
	base, err := url.Parse(m.settings["url"])
	if err != nil {
		return "", permanent("url: %v", err)
	}
	client := e.Client(m.org)
	ask := func(method, below string, body io.Reader, size int64) (*http.Response, error) {
		r, err := http.NewRequestWithContext(ctx, method, base.JoinPath(below).String(), body)
		if err != nil {
			return nil, err
		}
		if m.settings["username"] != "" {
			r.SetBasicAuth(m.settings["username"], m.settings["password"])
		}
		if body != nil {
			r.ContentLength = size
			r.Header.Set("Content-Type", "audio/wav")
		}
		return client.Do(r)
	}
	folder := ""
	for _, name := range strings.Split(path.Dir(p.name), "/") {
		if name == "." {
			continue
		}
		folder = path.Join(folder, name)
		r, err := ask("MKCOL", folder+"/", nil, 0)
		if err != nil {
			return "", err
		}
		if r.StatusCode == http.StatusMethodNotAllowed { // it is there
			r.Body.Close()
			continue
		}
		if err := refused("make the folder "+folder, r); err != nil {
			return "", err
		}
	}
	r, err := ask(http.MethodPut, p.name, io.NopCloser(p.file), p.size)
	if err != nil {
		return "", err
	}
	return base.JoinPath(p.name).String(), refused("put the file", r)
}
