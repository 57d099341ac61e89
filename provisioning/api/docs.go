package api

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
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

//go:embed docs.html
var docsText string

var docsPage = template.Must(template.New("docs").Funcs(template.FuncMap{"prose": prose}).Parse(docsText))

var inTicks = regexp.MustCompile("`([^`]+)`")

// prose is a description with what is between backticks as code.
func prose(text string) template.HTML {
	return template.HTML(inTicks.ReplaceAllString(template.HTMLEscapeString(text), "<code>$1</code>"))
}

type docsTag struct {
	Name, Title string
	Operations  []docsOperation
	Records     []*docsRecord // what its operations take and answer
}

type docsOperation struct {
	*huma.Operation
	Role         string
	Params       []*huma.Param
	Filters      []string
	Body, Answer []docsContent
	Statuses     []string
}

// docsContent is one form of a body or an answer: a record that has a place of
// its own on the page, or fields that only this operation has.
type docsContent struct {
	Media  string
	Record string
	List   bool
	Fields []docsField
}

// A docsRecord has the fields of what an operation takes and of what it answers,
// where the two are one thing: a user as UserInput and as UserView.
type docsRecord struct {
	Name   string
	Fields []docsField
}

type docsField struct{ Name, Type, Text string }

// docs arranges a document for the page.
type docs struct {
	doc     *huma.OpenAPI
	tags    map[string]*docsTag
	records map[string]*docsRecord
}

// docsOf arranges the operations by tag, in the order of their paths.
func docsOf(doc *huma.OpenAPI) map[string]any {
	d := &docs{doc: doc, tags: map[string]*docsTag{}, records: map[string]*docsRecord{}}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		item := doc.Paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				d.add(op)
			}
		}
	}
	tags := slices.SortedFunc(maps.Values(d.tags), func(x, y *docsTag) int { return strings.Compare(x.Name, y.Name) })
	return map[string]any{"Info": doc.Info, "Tags": tags}
}

func (d *docs) add(op *huma.Operation) {
	name := op.Tags[0]
	tag := d.tags[name]
	if tag == nil {
		title := strings.ReplaceAll(name, "-", " ")
		tag = &docsTag{Name: name, Title: strings.ToUpper(title[:1]) + title[1:]}
		d.tags[name] = tag
	}
	o := docsOperation{Operation: op}
	for _, s := range op.Security {
		o.Role += strings.Join(s["token"], " ")
		if _, ok := s["app"]; ok {
			o.Role += "app"
		}
	}
	for _, p := range op.Parameters {
		switch {
		case p == organizationParam: // said once, for all
		case isFilter(p):
			o.Filters = append(o.Filters, p.Name)
		case p.In != "path" || p.Description != "":
			o.Params = append(o.Params, p)
		}
	}
	if op.RequestBody != nil {
		o.Body = d.contents(tag, op.RequestBody.Content)
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		if strings.HasPrefix(status, "2") {
			o.Answer = d.contents(tag, op.Responses[status].Content)
		}
		if n, err := strconv.Atoi(status); err == nil {
			o.Statuses = append(o.Statuses, status+" "+http.StatusText(n))
		}
	}
	tag.Operations = append(tag.Operations, o)
}

func (d *docs) contents(tag *docsTag, content map[string]*huma.MediaType) (out []docsContent) {
	for _, media := range slices.Sorted(maps.Keys(content)) {
		s := content[media].Schema
		if media == "application/merge-patch+json" || s == nil {
			continue
		}
		c := docsContent{Media: media}
		if items, ok := d.whole(s).Properties["items"]; ok && items.Items != nil && items.Items.Ref != "" {
			c.List, s = true, items.Items
		}
		if s.Ref != "" {
			c.Record = d.record(tag, s)
		} else {
			c.Fields = d.fields(s)
		}
		out = append(out, c)
	}
	return out
}

// whole is a schema itself, where there is only its name.
func (d *docs) whole(s *huma.Schema) *huma.Schema {
	if s.Ref == "" {
		return s
	}
	return d.doc.Components.Schemas.SchemaFromRef(s.Ref)
}

// record puts a record where it is first spoken of, and answers its name.
func (d *docs) record(tag *docsTag, s *huma.Schema) string {
	name := s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
	name = strings.TrimSuffix(strings.TrimSuffix(name, "View"), "Input")
	r := d.records[name]
	if r == nil {
		r = &docsRecord{Name: name}
		d.records[name] = r
		tag.Records = append(tag.Records, r)
	}
	for _, f := range d.fields(s) {
		if !slices.ContainsFunc(r.Fields, func(have docsField) bool { return have.Name == f.Name }) {
			r.Fields = append(r.Fields, f)
		}
	}
	slices.SortStableFunc(r.Fields, func(x, y docsField) int { return strings.Compare(x.Name, y.Name) })
	return name
}

func (d *docs) fields(s *huma.Schema) (out []docsField) {
	d.walk(s, "", 0, func(f docsField) { out = append(out, f) })
	return out
}

// walk lists the fields of a schema with dotted names, three levels of them.
func (d *docs) walk(s *huma.Schema, at string, depth int, found func(docsField)) {
	s = d.whole(s)
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		full := d.whole(p)
		typ, list := full.Type, ""
		if typ == huma.TypeArray && full.Items != nil {
			full, list = d.whole(full.Items), " []"
			typ = full.Type
		}
		text := p.Description
		switch {
		case p.ReadOnly:
			text = strings.TrimSpace("Read only. " + text)
		case p.WriteOnly:
			text = strings.TrimSpace("Write only. " + text)
		}
		found(docsField{at + name, typ + list, text})
		if depth < 2 && typ == huma.TypeObject {
			d.walk(full, at+name+list+".", depth+1, found)
		}
	}
}
