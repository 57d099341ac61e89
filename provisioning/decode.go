package provisioning

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"strowger/store"
)

// Decode reads one JSON value into the value that into points to. Unlike
// encoding/json it names every unknown field and every value of the wrong
// type with its whole path, does not take "Email" for "email", and refuses
// what follows the value.
func Decode(raw []byte, into any) error {
	v, err := parse(raw)
	if err != nil {
		return err
	}
	return decodeValue(v, "", into)
}

// parse reads one JSON value with its numbers as written.
func parse(raw []byte) (any, error) {
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, malformed("the body is empty")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, syntaxError(raw, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, malformed("something follows the JSON value at byte %d", d.InputOffset())
	}
	return v, nil
}

func syntaxError(raw []byte, err error) error {
	var s *json.SyntaxError
	if errors.As(err, &s) {
		line := 1 + bytes.Count(raw[:min(int(s.Offset), len(raw))], []byte("\n"))
		return malformed("not JSON: line %d: %v", line, err)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return malformed("not JSON: it ends too early")
	}
	return malformed("not JSON: %v", err)
}

// decodeValue checks a parsed value against the type of into and stores it
// there. path is where the value came from.
func decodeValue(v any, path string, into any) error {
	var e InputError
	checkShape(v, reflect.TypeOf(into).Elem(), path, &e)
	if len(e.Fields) > 0 {
		return &e
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return invalid(path, "%v", err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return invalid(path, "%v", err)
	}
	return nil
}

var (
	timeType = reflect.TypeFor[time.Time]()
	rawType  = reflect.TypeFor[json.RawMessage]()
)

// checkShape collects what of v does not fit t. null fits everything: it is
// the zero value.
func checkShape(v any, t reflect.Type, path string, e *InputError) {
	fault := func(w store.Words) { e.Fields = append(e.Fields, FaultOf(path, w)) }
	if v == nil || t == rawType {
		return
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == timeType {
		s, ok := v.(string)
		if !ok {
			fault(store.Say("want a time like 2006-01-02T15:04:05Z"))
			return
		}
		if _, err := time.Parse(time.RFC3339, s); err != nil {
			fault(store.Say("want a time like 2006-01-02T15:04:05Z"))
		}
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		m, ok := v.(map[string]any)
		if !ok {
			fault(store.Say("want an object"))
			return
		}
		fields := fieldsOf(t)
		for _, name := range slices.Sorted(maps.Keys(m)) {
			f, ok := fields[name]
			if !ok {
				e.Fields = append(e.Fields, Fault(join(path, name), "unknown field"))
				continue
			}
			checkShape(m[name], f.Type, join(path, name), e)
		}
	case reflect.Slice:
		list, ok := v.([]any)
		if !ok {
			fault(store.Say("want a list"))
			return
		}
		for i, x := range list {
			checkShape(x, t.Elem(), fmt.Sprintf("%s[%d]", path, i), e)
		}
	case reflect.Map:
		m, ok := v.(map[string]any)
		if !ok {
			fault(store.Say("want an object"))
			return
		}
		for _, name := range slices.Sorted(maps.Keys(m)) {
			checkShape(m[name], t.Elem(), join(path, name), e)
		}
	case reflect.String:
		if _, ok := v.(string); !ok {
			fault(store.Say("want a string"))
		}
	case reflect.Bool:
		if _, ok := v.(bool); !ok {
			fault(store.Say("want true or false"))
		}
	case reflect.Int, reflect.Int64, reflect.Int32:
		n, ok := v.(json.Number)
		if !ok {
			fault(store.Say("want a whole number"))
			return
		}
		if _, err := strconv.ParseInt(n.String(), 10, t.Bits()); err != nil {
			fault(store.Say("want a whole number"))
		}
	case reflect.Uint, reflect.Uint64, reflect.Uint32:
		n, ok := v.(json.Number)
		if !ok {
			fault(store.Say("want a whole number, not negative"))
			return
		}
		if _, err := strconv.ParseUint(n.String(), 10, t.Bits()); err != nil {
			fault(store.Say("want a whole number, not negative"))
		}
	case reflect.Float64:
		if _, ok := v.(json.Number); !ok {
			fault(store.Say("want a number"))
		}
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// fieldsOf gives the fields of a struct by their JSON names, those of embedded
// structs included.
func fieldsOf(t reflect.Type) map[string]reflect.StructField {
	out := make(map[string]reflect.StructField)
	for _, f := range jsonFields(t) {
		out[jsonName(f)] = f
	}
	return out
}

// jsonFields are the fields of a struct that JSON has names for, in their order,
// those of embedded structs included. reflect.VisibleFields lacks a field that is
// called as the struct it is embedded with, the Revision of a store.Revision.
func jsonFields(t reflect.Type) []reflect.StructField {
	var out []reflect.StructField
	depth := make(map[string]int) // how far in the outermost of a name is
	for i := range t.NumField() {
		f := t.Field(i)
		found := []reflect.StructField{f}
		if f.Anonymous {
			found = jsonFields(f.Type)
		}
		for _, x := range found {
			name := jsonName(x)
			if name == "" {
				continue
			}
			if f.Anonymous {
				x.Index = slices.Concat(f.Index, x.Index)
			}
			if d, ok := depth[name]; !ok || len(x.Index) < d {
				depth[name] = len(x.Index)
			}
			out = append(out, x)
		}
	}
	return slices.DeleteFunc(out, func(f reflect.StructField) bool { return len(f.Index) > depth[jsonName(f)] })
}

// jsonName is a field's name in JSON, empty when it has none of its own.
func jsonName(f reflect.StructField) string {
	if f.Anonymous || !f.IsExported() {
		return ""
	}
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "-" {
		return ""
	}
	if name == "" {
		return f.Name
	}
	return name
}

// merge lays a JSON merge patch (RFC 7396) over a value: objects are merged
// member by member, null takes a member away, all else replaces.
func merge(target, patch any) any {
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	t, _ := target.(map[string]any)
	out := make(map[string]any, len(t)+len(p))
	maps.Copy(out, t)
	for name, v := range p {
		if v == nil {
			delete(out, name)
			continue
		}
		out[name] = merge(out[name], v)
	}
	return out
}

// emptyLists makes the null of a list in a merge patch an empty list: to take a
// list away is to empty it, while the store reads an absent list of numbers as
// one that keeps its numbers.
func emptyLists(patch any, t reflect.Type) any {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	m, ok := patch.(map[string]any)
	if !ok || t.Kind() != reflect.Struct {
		return patch
	}
	out := make(map[string]any, len(m))
	fields := fieldsOf(t)
	for name, v := range m {
		if f, known := fields[name]; known {
			if v == nil && f.Type.Kind() == reflect.Slice {
				v = []any{}
			} else {
				v = emptyLists(v, f.Type)
			}
		}
		out[name] = v
	}
	return out
}

// asValue gives a record as parsed JSON.
func asValue(record any) (any, error) {
	raw, err := json.Marshal(record)
	if err != nil {
		return nil, err
	}
	return parse(raw)
}
