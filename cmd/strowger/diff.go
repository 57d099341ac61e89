package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// differences lists the fields in which two records differ, with dotted names.
// When a record changed is none of them.
func differences(before, after json.RawMessage) []string {
	var out []string
	var walk func(path string, a, b any)
	walk = func(path string, a, b any) {
		x, xok := a.(map[string]any)
		y, yok := b.(map[string]any)
		if !xok || !yok {
			p, q := compact(a), compact(b)
			if p != q && path != "updated_at" {
				out = append(out, fmt.Sprintf("%s: %s -> %s", path, p, q))
			}
			return
		}
		names := maps.Clone(x)
		maps.Copy(names, y)
		for _, name := range slices.Sorted(maps.Keys(names)) {
			at := name
			if path != "" {
				at = path + "." + name
			}
			walk(at, x[name], y[name])
		}
	}
	var a, b any
	if json.Unmarshal(before, &a) != nil || json.Unmarshal(after, &b) != nil {
		return nil
	}
	walk("", a, b)
	return out
}

// compact writes a value on one line. A list that is absent is an empty one.
func compact(v any) string {
	if list, ok := v.([]any); ok && len(list) == 0 || v == nil {
		return "none"
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return "?"
	}
	return string(bytes.TrimSpace(b.Bytes()))
}
