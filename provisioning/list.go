package provisioning

import (
	"cmp"
	"container/heap"
	"encoding/base64"
	"iter"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of ?limit=.
const (
	DefaultLimit = 100
	MaxLimit     = 1000
)

// A Query is what a list is asked for.
type Query struct {
	Limit  int // DefaultLimit if 0
	Cursor string
	// Filters are field names, dotted for nested ones, and the value each must
	// have. A list field must contain the value. A name that ends in "~" wants
	// only a part of the text, in any case.
	Filters map[string]string
	// Sort is the field to sort by, after a minus the other way round; empty: the
	// list's own order, which also decides between equals.
	Sort string
	// All: every record, whatever the limit.
	All bool
	// Keep says of a stored record, given by its pointer, whether the caller may
	// see it; nil: every one.
	Keep func(record any) bool
	// Reader is the user who asks for the user's own part of a history; empty: an
	// administrator.
	Reader string
}

// A Page is a part of a list.
type Page struct {
	Items      []any
	NextCursor string // empty: that was the last
}

// ParseQuery reads a list's query string. Names in reserved are not filters.
func ParseQuery(values url.Values, reserved ...string) (Query, error) {
	q := Query{Filters: make(map[string]string)}
	for name, all := range values {
		if len(all) > 1 {
			return q, invalid(name, "given twice")
		}
		v := all[0]
		switch {
		case name == "limit":
			n, err := strconv.Atoi(v)
			if err != nil || n < 1 || n > MaxLimit {
				return q, invalid("limit", "want 1 to %d", MaxLimit)
			}
			q.Limit = n
		case name == "cursor":
			q.Cursor = v
		case name == "sort":
			if q.Sort = v; v == "" {
				return q, invalid("sort", "empty")
			}
		case slices.Contains(reserved, name):
		default:
			// A plus that was not escaped arrives as a blank.
			if rest, ok := strings.CutPrefix(v, " "); ok {
				v = "+" + rest
			}
			q.Filters[name] = v
		}
	}
	return q, nil
}

func (q Query) limit() int {
	if q.Limit == 0 {
		return DefaultLimit
	}
	return q.Limit
}

// A filter is one compiled condition.
type filter struct {
	column column
	want   string
	part   bool // want, in lower case, is a part of the text
}

// partly is how the name of a filter for a part of a text ends.
const partly = "~"

// compile looks the filters' names up in a record type; an unknown one is
// refused by name. Those in searches are no fields, and passed over.
func (q Query) compile(t reflect.Type, searches ...string) ([]filter, error) {
	if len(q.Filters) == 0 {
		return nil, nil
	}
	columns := columnsOf(t)
	var out []filter
	var e InputError
	for _, name := range slices.Sorted(keys(q.Filters)) {
		if slices.Contains(searches, name) {
			continue
		}
		field, part := strings.CutSuffix(name, partly)
		i := slices.IndexFunc(columns, func(c column) bool { return c.name == field })
		if i < 0 || part && !columns[i].hasParts() {
			e.Fields = append(e.Fields, Fault(name, "unknown filter"))
			continue
		}
		want := q.Filters[name]
		if part {
			want = folded(want)
		}
		out = append(out, filter{columns[i], want, part})
	}
	if len(e.Fields) > 0 {
		return nil, &e
	}
	return out, nil
}

func keys[V any](m map[string]V) iter.Seq[string] {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func matches(filters []filter, record reflect.Value) bool {
	for i := range filters {
		if !filters[i].match(record) {
			return false
		}
	}
	return true
}

func (f *filter) match(record reflect.Value) bool {
	v, ok := f.column.value(record)
	if !ok {
		return f.want == ""
	}
	if f.part {
		return strings.Contains(folded(cellText(v)), f.want)
	}
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String {
		for i := range v.Len() {
			if v.Index(i).String() == f.want {
				return true
			}
		}
		return f.want == "" && v.Len() == 0
	}
	return cellText(v) == f.want
}

// folded is a text as a search compares it: case and blanks at the ends do not
// count.
func folded(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// hasParts says whether a part of the field means something: of a text, but not
// of an id.
func (c *column) hasParts() bool {
	return c.typ.Kind() == reflect.String && c.name != "id" && !strings.HasSuffix(c.name, "_id")
}

// A place is where a record stands in a list: by its key, and then by its id.
type place struct {
	key, id string
}

func (p place) compare(o place) int {
	return cmp.Or(strings.Compare(p.key, o.key), strings.Compare(p.id, o.id))
}

// compareKey is compare with a place that is not one yet.
func (p place) compareKey(key []byte, id string) int {
	switch {
	case p.key < string(key):
		return -1
	case p.key > string(key):
		return 1
	}
	return strings.Compare(p.id, id)
}

func (p place) cursor() string {
	return base64.RawURLEncoding.EncodeToString([]byte(p.key + "\x00" + p.id))
}

func parseCursor(s string) (place, error) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	i := strings.LastIndexByte(string(raw), 0)
	if err != nil || i < 0 {
		return place{}, invalid("cursor", "not one that a list answered")
	}
	return place{string(raw[:i]), string(raw[i+1:])}, nil
}

// placed is a record and its place.
type placed[T any] struct {
	place
	record *T
}

// last is a heap whose top is the entry that would come last.
type last[T any] []placed[T]

func (h last[T]) Len() int           { return len(h) }
func (h last[T]) Less(i, j int) bool { return h[i].compare(h[j].place) > 0 }
func (h last[T]) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *last[T]) Push(x any)        { *h = append(*h, x.(placed[T])) }
func (h *last[T]) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

// pick finds the records of one page of what no order is kept of, in one pass and
// O(limit) memory: the first of those that come after the cursor. key appends what
// a record is sorted by.
func pick[T any](all iter.Seq2[string, *T], key func([]byte, *T) []byte, q Query, filters []filter) (page []placed[T], more bool, err error) {
	var after place
	if q.Cursor != "" {
		if after, err = q.after(); err != nil {
			return nil, false, err
		}
	}
	limit := q.limit()
	var h last[T]
	var buf []byte
	for id, r := range all {
		if q.Keep != nil && !q.Keep(r) {
			continue
		}
		if len(filters) > 0 && !matches(filters, reflect.ValueOf(r).Elem()) {
			continue
		}
		buf = key(buf[:0], r)
		if q.Cursor != "" && after.compareKey(buf, id) >= 0 {
			continue
		}
		full := !q.All && len(h) > limit // one more than asked says that there is more
		if full && h[0].compareKey(buf, id) <= 0 {
			continue
		}
		p := placed[T]{place{string(buf), id}, r}
		switch {
		case q.All:
			h = append(h, p)
		case full:
			h[0] = p
			heap.Fix(&h, 0)
		default:
			heap.Push(&h, p)
		}
	}
	slices.SortFunc(h, func(a, b placed[T]) int { return a.compare(b.place) })
	if !q.All && len(h) > limit {
		return h[:limit], true, nil
	}
	return h, false, nil
}

// sortKey appends what a list is sorted by: blanks at the ends and case do not
// count.
func sortKey(dst []byte, parts ...string) []byte {
	for i, p := range parts {
		if i > 0 {
			dst = append(dst, 1) // before every printable character
		}
		for _, r := range strings.TrimSpace(p) {
			if 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			} else if r >= utf8.RuneSelf {
				r = unicode.ToLower(r)
			}
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}
