package deliver

import (
	"context"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
)

// toDisk copies to deliveries/ORGANIZATION/PATH below the data directory. The
// path is an organization's own to choose, so it leads nowhere else, by a link
// neither: an operator mounts there what is to be elsewhere.
func toDisk(ctx context.Context, e *Engine, m *method, p *parcel) (string, error) {
	name := path.Join("deliveries", m.org, path.Join("/", m.settings["path"]), p.name)
	root, err := os.OpenRoot(e.data)
	if err != nil {
		return "", err
	}
	defer root.Close()
	local := filepath.FromSlash(name)
	if err := root.MkdirAll(filepath.Dir(local), 0o700); err != nil {
		return "", err
	}
	part := local + ".part"
	f, err := root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, contextReader{ctx, p.file})
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		root.Remove(part)
		return "", err
	}
	if err := root.Rename(part, local); err != nil {
		return "", err
	}
	d, err := root.Open(filepath.Dir(local))
	if err != nil {
		return "", err
	}
	return name, errors.Join(d.Sync(), d.Close())
}

type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}
