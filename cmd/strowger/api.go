package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
)

type apiCmd struct {
	Method string `arg:"" help:"GET, POST, PATCH or DELETE."`
	Path   string `arg:"" help:"Below /api/v1, with its query."`
	Type   string `placeholder:"T" default:"application/json" help:"Content type of the body."`
}

func (c *apiCmd) Run(g *Globals) error {
	method := strings.ToUpper(c.Method)
	u, err := url.Parse(c.Path)
	if err != nil || u.Host != "" {
		return usageError{fmt.Errorf("PATH: %q; want a path below /api/v1", c.Path)}
	}
	path := "/" + strings.TrimPrefix(strings.TrimPrefix(u.EscapedPath(), "/api/v1"), "/")
	var body io.Reader
	contentType := ""
	switch method {
	case http.MethodGet, http.MethodDelete:
	case http.MethodPost, http.MethodPatch:
		body, contentType = g.stdin, c.Type
	default:
		return usageError{fmt.Errorf("METHOD: %q; want GET, POST, PATCH or DELETE", c.Method)}
	}
	api, err := g.connect(method != http.MethodGet)
	if err != nil {
		return err
	}
	defer api.close()
	res, err := api.send(g.ctx, method, path, u.Query(), contentType, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(g.stdout, res.Body); err != nil {
		return err
	}
	if res.StatusCode >= 400 {
		return errors.New(http.StatusText(res.StatusCode))
	}
	return nil
}

type versionCmd struct{}

func (versionCmd) Run(g *Globals) error {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				revision = " " + s.Value[:12]
			}
		}
	}
	fmt.Fprintf(g.stdout, "strowger %s%s\n", version, revision)
	return nil
}
