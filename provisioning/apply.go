package provisioning

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"

	"strowger/store"
)

// ApplyOptions of a declared configuration.
type ApplyOptions struct {
	Prune  bool // delete what the file does not have, in the collections that it names
	DryRun bool
}

// An ApplyReport says what a file changed, or would change.
type ApplyReport struct {
	Revision uint64         `json:"revision"` // 0: nothing was saved
	Created  int            `json:"created"`
	Changed  int            `json:"changed"`
	Deleted  int            `json:"deleted"`
	Changes  []store.Change `json:"changes"`
	// Generated are the passwords of SIP accounts and app devices, and the secrets that
	// webhooks sign with, of which the file gave none. They are shown this once.
	Generated []GeneratedPassword `json:"generated,omitempty"`
}

// A GeneratedPassword is one that was made up.
type GeneratedPassword struct {
	Path     string `json:"path"`     // collection/id
	Username string `json:"username"` // empty for a webhook
	Password string `json:"password"`
}

// Apply makes an organization's configuration what a file declares, as one
// revision. Of tokens and the domain it does no more than who may do.
func (s *Service) Apply(ctx context.Context, org string, who Caller, by store.Author, raw []byte, o ApplyOptions) (*ApplyReport, error) {
	site, err := ParseSite(raw)
	if err != nil {
		return nil, err
	}
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, err
	}
	if err := hashSite(sn, site); err != nil {
		return nil, err
	}
	if by.Summary == "" {
		by.Summary = "apply a file"
	}
	save := s.store.Update
	if o.DryRun {
		save = s.store.Try
	}
	rev, err := save(ctx, org, by, func(e *store.Edit) error {
		if err := holdTokens(e, who, site); err != nil {
			return err
		}
		if err := e.Apply(site, o.Prune); err != nil {
			return err
		}
		if err := holdAdmin(e); err != nil {
			return err
		}
		return holdOperators(e, who)
	})
	if err != nil {
		return nil, err
	}
	if !o.DryRun {
		s.readdress(ctx, org, by, &rev)
	}
	report := &ApplyReport{Changes: rev.Changes}
	if report.Changes == nil {
		report.Changes = []store.Change{}
	}
	if !o.DryRun && len(rev.Changes) > 0 {
		report.Revision = rev.Revision
		for _, g := range rev.Generated {
			report.Generated = append(report.Generated, GeneratedPassword{g.Collection + "/" + g.ID, g.Username, g.Password})
		}
	}
	for _, c := range rev.Changes {
		switch c.Op {
		case store.OpCreate:
			report.Created++
		case store.OpUpdate:
			report.Changed++
		case store.OpDelete:
			report.Deleted++
		}
	}
	return report, nil
}

// ParseSite reads a file for apply, JSON or YAML. An unknown field is refused
// with its path.
func ParseSite(raw []byte) (*store.Site, error) {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	var v any
	var err error
	if first := bytes.TrimSpace(raw); len(first) > 0 && first[0] == '{' {
		v, err = parse(raw)
	} else {
		v, err = parseYAML(raw)
	}
	if err != nil {
		return nil, err
	}
	var site store.Site
	strip(v)
	if err := decodeValue(v, "", &site); err != nil {
		return nil, err
	}
	if err := wantIDs(&site); err != nil {
		return nil, err
	}
	return &site, nil
}

// strip takes out what an answer of the API has beyond the record: a file may
// be made of such answers.
func strip(v any) {
	m, _ := v.(map[string]any)
	for name, list := range m {
		c, known := FindCollection(name)
		items, isList := list.([]any)
		if !known || !isList {
			continue
		}
		have := fieldsOf(c.stored())
		for _, item := range items {
			record, ok := item.(map[string]any)
			if !ok {
				continue
			}
			for _, field := range c.shownOnly() {
				if _, own := have[field]; !own {
					delete(record, field)
				}
			}
		}
	}
}

// wantIDs refuses records without an id, and two with the same.
func wantIDs(site *store.Site) error {
	var e InputError
	v := reflect.ValueOf(site).Elem()
	for i := range v.NumField() {
		name := jsonName(v.Type().Field(i))
		list := v.Field(i)
		seen := make(map[string]int)
		for j := range list.Len() {
			id := list.Index(j).FieldByName("ID").String()
			path := fmt.Sprintf("%s[%d].id", name, j)
			if id == "" {
				e.Fields = append(e.Fields, Fault(path, "missing; every record of a file has one"))
			} else if first, twice := seen[id]; twice {
				e.Fields = append(e.Fields, Fault(path, "%q is also that of %s[%d]", id, name, first))
			} else {
				seen[id] = j
			}
		}
	}
	if len(e.Fields) > 0 {
		return &e
	}
	return nil
}

// hashSite hashes web passwords, and forgets those that are the present ones
// already, which only the hash can tell: applying a file twice changes nothing
// the second time.
func hashSite(sn *store.Snapshot, site *store.Site) error {
	for i := range site.Users {
		u := &site.Users[i]
		held, _ := sn.Secret("users", u.ID)
		switch {
		case u.Password == "" || isHash(u.Password):
		case held.Hash != "" && CheckPassword(held.Hash, u.Password):
			u.Password = ""
		default:
			if err := checkPassword("password", u.Password); err != nil {
				return within(fmt.Sprintf("users[%d]", i), err)
			}
			u.Password = HashPassword(u.Password)
		}
	}
	return nil
}

// Export gives an organization in the form that Apply takes, without secrets.
// API tokens are not part of it: their texts are not kept.
func (s *Service) Export(org string) (*store.Site, error) {
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, err
	}
	site := sn.Export()
	site.Tokens = nil
	filled := Filled(site)
	// A collection that is empty is not named: to name it is what --prune
	// deletes by.
	v := reflect.ValueOf(&filled).Elem()
	for i := range v.NumField() {
		if v.Field(i).Len() == 0 {
			v.Field(i).SetZero()
		}
	}
	return &filled, nil
}

// parseYAML reads one YAML document into what parse would give for the same as
// JSON. A number that stands where text is wanted stays as it was written:
// 0040, +4021 and 101 are numbers to YAML and digits to dial here.
func parseYAML(raw []byte) (any, error) {
	d := yaml.NewDecoder(bytes.NewReader(raw))
	var doc, more yaml.Node
	if err := d.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, malformed("the file is empty")
		}
		return nil, malformed("neither JSON nor YAML: %v", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, malformed("more than one YAML document")
	}
	if len(doc.Content) != 1 {
		return nil, malformed("the file is empty")
	}
	v, err := yamlValue(doc.Content[0], reflect.TypeFor[store.Site](), 0)
	if err != nil {
		return nil, err
	}
	if _, ok := v.(map[string]any); !ok {
		return nil, malformed("want an object with the collections as keys: users, numbers, trunks, …")
	}
	return v, nil
}

// yamlValue turns a node into parsed JSON. t is the type that it is meant for,
// nil where that is not known.
func yamlValue(n *yaml.Node, t reflect.Type, depth int) (any, error) {
	if depth > 32 {
		return nil, malformed("line %d: nested too deeply", n.Line)
	}
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch n.Kind {
	case yaml.AliasNode:
		// An alias may be repeated in the alias it stands for: what a small file
		// grows to has no bound.
		return nil, malformed("line %d: YAML aliases are not taken", n.Line)
	case yaml.MappingNode:
		var fields map[string]reflect.StructField
		if t != nil && t.Kind() == reflect.Struct && t != timeType {
			fields = fieldsOf(t)
		}
		out := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i].Value
			if _, twice := out[key]; twice {
				return nil, malformed("line %d: %q is given twice", n.Content[i].Line, key)
			}
			var ft reflect.Type
			if f, ok := fields[key]; ok {
				ft = f.Type
			} else if t != nil && t.Kind() == reflect.Map {
				ft = t.Elem()
			}
			v, err := yamlValue(n.Content[i+1], ft, depth+1)
			if err != nil {
				return nil, err
			}
			out[key] = v
		}
		return out, nil
	case yaml.SequenceNode:
		var et reflect.Type
		if t != nil && t.Kind() == reflect.Slice {
			et = t.Elem()
		}
		out := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			v, err := yamlValue(item, et, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	}
	return yamlScalar(n, t)
}

func yamlScalar(n *yaml.Node, t reflect.Type) (any, error) {
	tag := n.ShortTag()
	if tag == "!!null" {
		return nil, nil
	}
	if t != nil && (t.Kind() == reflect.String || t == timeType) {
		return n.Value, nil
	}
	switch tag {
	case "!!bool":
		var b bool
		err := n.Decode(&b)
		return b, err
	case "!!int":
		var i int64
		if err := n.Decode(&i); err != nil {
			return nil, malformed("line %d: %s is no whole number of ours", n.Line, n.Value)
		}
		return json.Number(fmt.Sprint(i)), nil
	case "!!float":
		var f float64
		if err := n.Decode(&f); err != nil {
			return nil, malformed("line %d: %v", n.Line, err)
		}
		raw, err := json.Marshal(f)
		if err != nil {
			return nil, malformed("line %d: %s is no number", n.Line, n.Value)
		}
		return json.Number(raw), nil
	}
	return n.Value, nil
}
