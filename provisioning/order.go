package provisioning

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"reflect"
	"slices"
	"sort"
	"strings"
	"sync"

	"strowger/store"
)

// An order is the records of a collection as its list shows them, with the texts
// that filters look through. Made after a start, or on the first list, and from then
// on from the one before by what was changed in between: it costs a save nothing,
// and a list a copy of what did not change.
type order[T any] struct {
	k       *kind[T]
	of      store.Table[T]
	records []*T
	keys    *texts // what the records are sorted by, before their ids
	columns map[string]sought[T]
	sorts   []sortKeys[T] // those asked for last are first
}

// sought are the texts that a filter looks through; made when first asked for.
type sought[T any] struct {
	*texts
	text func(*T) string
}

// after are the texts after edits of the list.
func (c sought[T]) after(edits []edit[T], rows int) sought[T] {
	return sought[T]{edited(c.texts, edits, rows, func(e *edit[T]) string { return c.text(e.record) }), c.text}
}

// An edit of a list puts a record before a row, or takes the row out.
type edit[T any] struct {
	row    int
	record *T // nil: the row goes
	key    string
	first  uint64 // bytes of the key, which most often decide: a first list sorts all
}

// ordered is the newest order of one organization's collection.
type ordered[T any] struct {
	mu  sync.Mutex // also of the order's columns and sorts
	now *order[T]
}

// whose names the orders of a service.
type whose struct{ org, collection string }

// ordered finds or makes the room for a collection's order.
func (k *kind[T]) ordered(s *Service, org string) *ordered[T] {
	key := whose{org, k.name}
	o, ok := s.orders.Load(key)
	if !ok {
		empty := &ordered[T]{now: &order[T]{k: k, keys: &texts{}, columns: map[string]sought[T]{}}}
		o, _ = s.orders.LoadOrStore(key, empty)
	}
	return o.(*ordered[T])
}

// follow brings the order up to a table, with mu held.
func (o *ordered[T]) follow(t store.Table[T]) *order[T] {
	o.now = o.now.follow(t)
	return o.now
}

// PrepareLists makes the orders of all users, so that nobody waits for them who
// asks for the first list after a start: a tenth of a second for 50,000. It is for
// when the exchange serves already, and ends early with ctx.
func (s *Service) PrepareLists(ctx context.Context) {
	for _, org := range s.store.Directory().Organizations() {
		if ctx.Err() == nil {
			s.prepareUsers(org)
		}
	}
}

func (s *Service) prepareUsers(org string) {
	sn, ok := s.store.Snapshot(org)
	if !ok {
		return
	}
	o := users.ordered(s, org)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.follow(sn.Users)
}

// manyChanges is from when on the order of users is brought up to a save at once:
// the next list should not be slow, and what it was before takes much memory.
const manyChanges = 1000

// forgetOrders lets go of an organization that is no more.
func (s *Service) forgetOrders(org string) {
	s.orders.Range(func(key, _ any) bool {
		if key.(whose).org == org {
			s.orders.Delete(key)
		}
		return true
	})
}

// row is the first row whose place is not before that of key and id.
func (o *order[T]) row(key []byte, id string) int {
	return sort.Search(len(o.records), func(i int) bool {
		return cmp.Or(bytes.Compare(o.keys.at(i), key), strings.Compare(o.k.meta(o.records[i]).ID, id)) >= 0
	})
}

// follow is the order of a table that came after, or before, the one it is of.
func (o *order[T]) follow(t store.Table[T]) *order[T] {
	if o.of == t {
		return o
	}
	var edits []edit[T]
	var key []byte
	for id := range t.Changed(o.of) {
		if was, ok := o.of.Get(id); ok {
			key = o.k.order(key[:0], was)
			edits = append(edits, edit[T]{row: o.row(key, id)})
		}
		if is, ok := t.Get(id); ok {
			key = o.k.order(key[:0], is)
			var first [8]byte
			copy(first[:], key)
			edits = append(edits, edit[T]{o.row(key, id), is, string(key), binary.BigEndian.Uint64(first[:])})
		}
	}
	slices.SortFunc(edits, o.compare)
	next := &order[T]{k: o.k, of: t, records: make([]*T, 0, t.Len()), columns: make(map[string]sought[T], len(o.columns))}
	from := 0
	for _, e := range edits {
		next.records = append(next.records, o.records[from:e.row]...)
		from = e.row
		if e.record == nil {
			from++
		} else {
			next.records = append(next.records, e.record)
		}
	}
	next.records = append(next.records, o.records[from:]...)
	next.keys = edited(o.keys, edits, t.Len(), func(e *edit[T]) string { return e.key })
	for name, c := range o.columns {
		next.columns[name] = c.after(edits, t.Len())
	}
	for _, k := range o.sorts {
		if k.asked {
			next.sorts = append(next.sorts, sortKeys[T]{k.after(edits, t.Len()), k.field, false})
		}
	}
	return next
}

// compare has the records that come before a row in their order, and then the
// row's own end.
func (o *order[T]) compare(a, b edit[T]) int {
	switch {
	case a.row != b.row:
		return cmp.Compare(a.row, b.row)
	case a.record == nil:
		return 1
	case b.record == nil:
		return -1
	case a.first != b.first:
		return cmp.Compare(a.first, b.first)
	}
	return cmp.Or(strings.Compare(a.key, b.key), strings.Compare(o.k.meta(a.record).ID, o.k.meta(b.record).ID))
}

// column is what filters of a name look through.
func (o *order[T]) column(name string, text func(*T) string) *texts {
	c, ok := o.columns[name]
	if !ok {
		c = sought[T]{&texts{ends: make([]uint32, 0, len(o.records))}, text}
		for _, r := range o.records {
			c.add(text(r))
		}
		c.all = bytes.Clone(c.all)
		o.columns[name] = c
	}
	return c.texts
}

// sift is what a query's filters ask of an order: scans, and what takes a look at
// the record.
func (o *order[T]) sift(sn *store.Snapshot, q Query, filters []filter) (scans []scan, rest []filter) {
	for name, search := range o.k.search {
		if want, given := q.Filters[name]; given && search.each == nil {
			scans = append(scans, search.scan(o, sn, name, want))
		}
	}
	for _, f := range filters {
		want, text := []byte(f.want), func(r *T) string { return f.column.text(reflect.ValueOf(r).Elem()) }
		switch {
		case f.part:
			scans = append(scans, &containing{in: o.column(f.column.name+partly, func(r *T) string { return folded(text(r)) }), want: want})
		case f.column.name == "id":
			scans = append(scans, o.these([]string{f.want}))
		case f.column.typ.Kind() == reflect.String:
			scans = append(scans, &equal{o.column(f.column.name, text), want})
		default:
			rest = append(rest, f)
		}
	}
	return scans, rest
}

// these finds the rows of some records.
func (o *order[T]) these(ids []string) these {
	out := these{of: len(o.records)}
	for _, id := range ids {
		if r, ok := o.of.Get(id); ok {
			out.rows = append(out.rows, o.row(o.k.order(nil, r), id))
		}
	}
	slices.Sort(out.rows)
	return out
}

// pick finds the records of one page. A cursor is a place and no row, so it stays
// good whatever is saved meanwhile.
func (o *order[T]) pick(q Query, scans []scan, rest []filter) (page []*T, next string, err error) {
	first := 0
	if q.Cursor != "" {
		after, err := q.after()
		if err != nil {
			return nil, "", err
		}
		first = o.row([]byte(after.key), after.id+"\x00") // the next id there could be
	}
	last := -1
	for row := range o.rows(first, scans) {
		r := o.records[row]
		if q.Keep != nil && !q.Keep(r) || len(rest) > 0 && !matches(rest, reflect.ValueOf(r).Elem()) {
			continue
		}
		if !q.All && len(page) == q.limit() { // one more than asked says that there is more
			return page, place{string(o.keys.at(last)), o.k.meta(o.records[last]).ID}.cursor(), nil
		}
		page, last = append(page, r), row
	}
	return page, "", nil
}
