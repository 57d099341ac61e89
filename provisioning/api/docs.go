package api

import (
	"bytes"
	"encoding/json"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// render makes the two documents once, from the operations.
func (a *API) render() {
	a.docs.Do(func() {
		doc := a.huma.OpenAPI()
		raw, err := json.MarshalIndent(doc, "", "  ")
		if err != nil {
			panic(err) // the document is ours, and tested
		}
		a.docs.openapi = raw
		var page bytes.Buffer
		if err := docsPage.Execute(&page, docsOf(doc)); err != nil {
			panic(err)
		}
		a.docs.page = page.Bytes()
	})
}

func (a *API) serveOpenAPI(w http.ResponseWriter, r *http.Request) {
	a.render()
	w.Header().Set("Content-Type", "application/openapi+json")
	w.Write(a.docs.openapi)
}

// serveDocs answers a page that needs nothing but itself: no script, no font,
// no other host.
func (a *API) serveDocs(w http.ResponseWriter, r *http.Request) {
	a.render()
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(a.docs.page)
}

type docsTag struct {
	Name       string
	Operations []docsOperation
}

type docsOperation struct {
	*huma.Operation
	Body, Answer []docsField
	Statuses     []string
}

type docsField struct{ Name, Type, Text string }

// docsOf arranges the operations by tag, in the order of their paths.
func docsOf(doc *huma.OpenAPI) map[string]any {
	byTag := make(map[string]*docsTag)
	var tags []*docsTag
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		item := doc.Paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			t := byTag[op.Tags[0]]
			if t == nil {
				t = &docsTag{Name: op.Tags[0]}
				byTag[t.Name] = t
				tags = append(tags, t)
			}
			d := docsOperation{Operation: op, Statuses: slices.Sorted(maps.Keys(op.Responses))}
			if op.RequestBody != nil {
				d.Body = docsFields(doc, op.RequestBody.Content)
			}
			for status, res := range op.Responses {
				if strings.HasPrefix(status, "2") {
					d.Answer = docsFields(doc, res.Content)
				}
			}
			t.Operations = append(t.Operations, d)
		}
	}
	slices.SortFunc(tags, func(x, y *docsTag) int { return strings.Compare(x.Name, y.Name) })
	return map[string]any{"Info": doc.Info, "Tags": tags}
}

func docsFields(doc *huma.OpenAPI, content map[string]*huma.MediaType) []docsField {
	var out []docsField
	for _, name := range slices.Sorted(maps.Keys(content)) {
		if name == "application/merge-patch+json" || content[name].Schema == nil {
			continue
		}
		walkSchema(doc, content[name].Schema, "", 0, func(f docsField) { out = append(out, f) })
	}
	return out
}

// walkSchema lists the fields of a schema with dotted names, three levels of
// them.
func walkSchema(doc *huma.OpenAPI, s *huma.Schema, at string, depth int, found func(docsField)) {
	if s.Ref != "" {
		s = doc.Components.Schemas.SchemaFromRef(s.Ref)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		full := p
		if p.Ref != "" {
			full = doc.Components.Schemas.SchemaFromRef(p.Ref)
		}
		typ, list := full.Type, ""
		if typ == huma.TypeArray && full.Items != nil {
			full, list = full.Items, " []"
			if full.Ref != "" {
				full = doc.Components.Schemas.SchemaFromRef(full.Ref)
			}
			typ = full.Type
		}
		found(docsField{at + name, typ + list, p.Description})
		if depth < 2 && typ == huma.TypeObject {
			walkSchema(doc, full, at+name+list+".", depth+1, found)
		}
	}
}

var docsPage = template.Must(template.New("docs").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>strowger API</title>
<style>
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
h2{margin-top:2.5rem;border-bottom:1px solid #ccc}
details{margin:.4rem 0;padding:.3rem .6rem;border:1px solid #ddd;border-radius:4px}
summary{cursor:pointer}
code,.m{font-family:ui-monospace,monospace;font-size:.9em}
.m{display:inline-block;min-width:4.5em;font-weight:bold}
table{border-collapse:collapse;margin:.3rem 0 .8rem}
td{padding:.1rem 1rem .1rem 0;vertical-align:top}
nav a{margin-right:.8rem;white-space:nowrap}
@media (prefers-color-scheme:dark){body{background:#161616;color:#e6e6e6}details{border-color:#444}a{color:#8ab4f8}}
</style></head><body>
<h1>{{.Info.Title}} API <small>{{.Info.Version}}</small></h1>
<p>{{.Info.Description}} The same as a document for programs: <a href="/api/openapi.json">OpenAPI 3.1</a>.
Every request brings <code>Authorization: Bearer TOKEN</code>; errors are <code>application/problem+json</code> with the field at fault.</p>
<nav>{{range .Tags}}<a href="#{{.Name}}">{{.Name}}</a> {{end}}</nav>
{{range .Tags}}<h2 id="{{.Name}}">{{.Name}}</h2>
{{range .Operations}}<details id="{{.OperationID}}"><summary><span class="m">{{.Method}}</span> <code>{{.Path}}</code> {{.Summary}}</summary>
{{with .Description}}<p>{{.}}</p>{{end}}
{{with .Parameters}}<p>Parameters</p><table>{{range .}}<tr><td><code>{{.Name}}</code></td><td>{{.In}}</td><td>{{.Description}}</td></tr>{{end}}</table>{{end}}
{{with .Body}}<p>Body</p><table>{{range .}}<tr><td><code>{{.Name}}</code></td><td>{{.Type}}</td><td>{{.Text}}</td></tr>{{end}}</table>{{end}}
{{with .Answer}}<p>Answer</p><table>{{range .}}<tr><td><code>{{.Name}}</code></td><td>{{.Type}}</td><td>{{.Text}}</td></tr>{{end}}</table>{{end}}
<p>Statuses: {{range .Statuses}}<code>{{.}}</code> {{end}}</p>
</details>
{{end}}{{end}}
</body></html>
`))
