package provisioning

import (
	"cmp"
	"encoding/binary"
	"iter"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"strowger/store"
)

// A sorting is a field that a list can be sorted by. What it appends for a record
// decides, byte by byte. Where that is nothing, the record has none of the field and
// comes last, whichever way the list is sorted.
type sorting[T any] struct {
	// key is of the record alone, so that it can be kept with the order of the list.
	key func(dst []byte, r *T) []byte
	// live, instead, is of what other records say too, or the running exchange: it is
	// asked for each page anew.
	live func(s *Service, sn *store.Snapshot) func(dst []byte, r *T) []byte
}

// sorts are the fields that a list can be sorted by, by name.
type sorts[T any] map[string]sorting[T]

// sortedBy is one of them as a query asks for it.
type sortedBy[T any] struct {
	sorting[T]
	field      string
	descending bool
}

// fields are sorted by what a record type has there: texts as the order of a list
// has them, numbers by value, times by time, false before true. Every record has
// created_at and updated_at.
func fields[T any](names ...string) sorts[T] {
	out := sorts[T]{}
	for _, c := range columnsOf(reflect.TypeFor[T]()) {
		if slices.Contains(names, c.name) || c.name == "created_at" || c.name == "updated_at" {
			out[c.name] = sorting[T]{key: func(dst []byte, r *T) []byte { return c.appendKey(dst, reflect.ValueOf(r).Elem()) }}
		}
	}
	for _, name := range names {
		if _, ok := out[name]; !ok {
			panic("no field " + name)
		}
	}
	return out
}

func (all sorts[T]) with(name string, by sorting[T]) sorts[T] {
	all[name] = by
	return all
}

func (c *column) appendKey(dst []byte, record reflect.Value) []byte {
	v, ok := c.value(record)
	switch {
	case !ok:
		return dst
	case v.Type() == timeType:
		at := v.Interface().(time.Time)
		if at.IsZero() {
			return dst
		}
		return binary.BigEndian.AppendUint32(wholeKey(dst, at.Unix()), uint32(at.Nanosecond()))
	case v.Kind() == reflect.Bool:
		return flagKey(dst, v.Bool())
	case v.CanInt():
		return wholeKey(dst, v.Int())
	}
	return sortKey(dst, v.String())
}

// wholeKey sorts by value, those below zero first.
func wholeKey(dst []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(n)^1<<63)
}

func flagKey(dst []byte, b bool) []byte {
	if b {
		return append(dst, 1)
	}
	return append(dst, 0)
}

// byDigits sorts by a text of digits: shorter ones first.
func byDigits[T any](text func(*T) string) sorting[T] {
	return sorting[T]{key: func(dst []byte, r *T) []byte {
		if text(r) == "" {
			return dst
		}
		return numberKey(dst, text(r))
	}}
}

// byName sorts by what people call the record that an id names.
func byName[T, R any](table func(*store.Snapshot) store.Table[R], id func(*T) string) sorting[T] {
	return sorting[T]{live: func(_ *Service, sn *store.Snapshot) func([]byte, *T) []byte {
		named := table(sn)
		return func(dst []byte, r *T) []byte {
			if n, ok := named.Get(id(r)); ok {
				return sortKey(dst, labelOf(n))
			}
			return dst
		}
	}}
}

// byOwner sorts by the name of who has a number.
func byOwner[T any](owner func(*T) store.Owner) sorting[T] {
	return sorting[T]{live: func(_ *Service, sn *store.Snapshot) func([]byte, *T) []byte {
		return func(dst []byte, r *T) []byte {
			switch o := owner(r); o.Kind {
			case store.OwnerUser:
				if u, ok := sn.Users.Get(o.ID); ok {
					return sortKey(dst, fullName(u))
				}
			case store.OwnerContactMethod:
				if m, ok := sn.ContactMethods.Get(o.ID); ok {
					if u, ok := sn.Users.Get(m.UserID); ok {
						return sortKey(dst, fullName(u), lineLabel(m))
					}
				}
			case store.OwnerCallFlow:
				if f, ok := sn.CallFlows.Get(o.ID); ok {
					return sortKey(dst, f.Name)
				}
			case store.OwnerCompany:
				return sortKey(dst, sn.Organization.Name)
			}
			return dst
		}
	}}
}

// byCount sorts users by how many records of theirs count, which are gone through
// once: to ask each user for them takes ten times as long.
func byCount[R any](table func(*store.Snapshot) store.Table[R], whose func(*R) (userID string, counts bool)) sorting[store.User] {
	return sorting[store.User]{live: func(_ *Service, sn *store.Snapshot) func([]byte, *store.User) []byte {
		n := make(map[string]int64)
		for _, r := range table(sn).All() {
			if user, counts := whose(r); counts {
				n[user]++
			}
		}
		return func(dst []byte, u *store.User) []byte { return wholeKey(dst, n[u.ID]) }
	}}
}

// byLines sorts users by how many contact methods of a kind they have.
func byLines(kind store.MethodKind) sorting[store.User] {
	return byCount(func(sn *store.Snapshot) store.Table[store.ContactMethod] { return sn.ContactMethods },
		func(m *store.ContactMethod) (string, bool) { return m.UserID, m.Kind == kind })
}

var byAppDevices = byCount(func(sn *store.Snapshot) store.Table[store.AppDevice] { return sn.AppDevices },
	func(d *store.AppDevice) (string, bool) { return d.UserID, true })

// byLastSeen sorts users by the day that they were last seen on.
var byLastSeen = sorting[store.User]{live: func(s *Service, sn *store.Snapshot) func([]byte, *store.User) []byte {
	return func(dst []byte, u *store.User) []byte {
		if at, ok := s.store.LastSeen(sn.Organization.ID, u); ok {
			return wholeKey(dst, at.Unix())
		}
		return dst
	}
}}

// byUp sorts trunks by whether calls can go out on them now.
var byUp = sorting[store.Trunk]{live: func(s *Service, sn *store.Snapshot) func([]byte, *store.Trunk) []byte {
	up := make(map[string]bool)
	if s.live != nil {
		for _, t := range s.live.TrunkStatus(sn.Organization.ID) {
			up[t.ID] = t.Up
		}
	}
	return func(dst []byte, t *store.Trunk) []byte { return flagKey(dst, up[t.ID]) }
}}

// byPrice sorts plans by the amount, in whatever currency.
var byPrice = sorting[store.Plan]{key: func(dst []byte, p *store.Plan) []byte {
	amount, err := strconv.ParseFloat(p.Price, 64)
	if err != nil {
		return dst
	}
	return wholeKey(dst, int64(math.Round(amount*100)))
}}

var bySeatsUsed = sorting[store.Plan]{live: func(_ *Service, sn *store.Snapshot) func([]byte, *store.Plan) []byte {
	used := sn.SeatsUsed()
	return func(dst []byte, p *store.Plan) []byte { return wholeKey(dst, int64(used[p.ID])) }
}}

// names lists what a list can be sorted by.
func (all sorts[T]) names() []string { return slices.Sorted(maps.Keys(all)) }

// SortNames lists what a collection's list can be sorted by.
func SortNames(c Collection) []string { return c.sortNames() }

// backwards is how a sort the other way begins.
const backwards = "-"

// asked finds what a query wants the list sorted by; nil: its own order.
func (all sorts[T]) asked(q Query) (*sortedBy[T], error) {
	if q.Sort == "" {
		return nil, nil
	}
	name, descending := strings.CutPrefix(q.Sort, backwards)
	by, ok := all[name]
	if !ok {
		return nil, invalid("sort", "the list cannot be sorted by %q; want one of %s, with a minus before it for the other way", name, strings.Join(all.names(), ", "))
	}
	return &sortedBy[T]{by, name, descending}, nil
}

// unsorted refuses to sort a list that has one order.
func (q Query) unsorted() error {
	if q.Sort != "" {
		return invalid("sort", "the list is always newest first")
	}
	return nil
}

// The first byte of a place says whether its record has the field.
const (
	hasField   = 1
	lacksField = 2
)

// place makes the key of a record's place in the sorted list: that of the field, and
// then that of its place in the list's own order. Neither holds what could end the
// first one early: texts have no zero bytes, and all numbers are of one length.
func (by *sortedBy[T]) place(field, own func([]byte, *T) []byte) func([]byte, *T) []byte {
	return func(dst []byte, r *T) []byte {
		at := len(dst)
		dst = field(append(dst, hasField), r)
		switch {
		case len(dst) == at+1:
			dst[at] = lacksField
		case by.descending:
			for i := at + 1; i < len(dst); i++ {
				dst[i] = ^dst[i]
			}
			dst = append(dst, ^byte(0))
		default:
			dst = append(dst, 0)
		}
		return own(dst, r)
	}
}

// keyOf is what a list of records of which no order is kept is sorted by: its own
// key, unless the query asks for another.
func (all sorts[T]) keyOf(s *Service, sn *store.Snapshot, q Query, own func([]byte, *T) []byte) (func([]byte, *T) []byte, error) {
	by, err := all.asked(q)
	if by == nil {
		return own, err
	}
	return by.place(by.made(s, sn), own), nil
}

// made is the field's key of each record.
func (by *sortedBy[T]) made(s *Service, sn *store.Snapshot) func([]byte, *T) []byte {
	if by.live != nil {
		return by.live(s, sn)
	}
	return by.key
}

// mostSorts is how many fields' keys are kept with an order. One costs what its
// texts do, 0.7 MB for 50,000 names.
const mostSorts = 4

// sortKeys are a field's keys that are kept with an order.
type sortKeys[T any] struct {
	sought[T]
	field string
	asked bool // since the list was changed last
}

// keysOf are the keys of a field, row by row: made when first asked for, and kept
// through a change only if they were asked for since the one before, so that what
// nobody sorts by any more goes. Those asked for longest ago make room for others.
func (o *order[T]) keysOf(by *sortedBy[T]) *texts {
	i := slices.IndexFunc(o.sorts, func(k sortKeys[T]) bool { return k.field == by.field })
	var k sortKeys[T]
	if i < 0 {
		t := &texts{ends: make([]uint32, 0, len(o.records))}
		for _, r := range o.records {
			t.all = by.key(t.all, r)
			t.ends = append(t.ends, uint32(len(t.all)))
		}
		t.all = slices.Clone(t.all)
		k = sortKeys[T]{sought[T]{t, func(r *T) string { return string(by.key(nil, r)) }}, by.field, true}
		i = min(len(o.sorts), mostSorts-1)
		o.sorts = append(o.sorts[:i:i], k)
	}
	k = o.sorts[i]
	k.asked = true
	o.sorts = slices.Insert(slices.Delete(o.sorts, i, i+1), 0, k)
	return k.texts
}

// sorted is the key of each row in the sorted list, by a field and then as the list
// itself has it. It is to be asked for the row that at says. It is called with the order held.
func (o *order[T]) sorted(s *Service, sn *store.Snapshot, by *sortedBy[T], at *int) func([]byte, *T) []byte {
	field := by.made(s, sn)
	if by.key != nil {
		kept := o.keysOf(by)
		field = func(dst []byte, _ *T) []byte { return append(dst, kept.at(*at)...) }
	}
	return by.place(field, func(dst []byte, _ *T) []byte { return append(dst, o.keys.at(*at)...) })
}

// pickSorted finds the records of one page of the sorted list, in one pass through
// the rows: at is where it is, for the key. The rows come in no order, for a page of
// the last of them, each better than those before, would take many times as long.
func (o *order[T]) pickSorted(q Query, key func([]byte, *T) []byte, at *int, scans []scan, rest []filter) (page []*T, next string, err error) {
	all := func(yield func(string, *T) bool) {
		rows := make([]int32, 0, len(o.records))
		for row := range o.rows(0, scans) {
			rows = append(rows, int32(row))
		}
		rand.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		for _, row := range rows {
			*at = int(row)
			if r := o.records[row]; !yield(o.k.meta(r).ID, r) {
				return
			}
		}
	}
	picked, more, err := pick(all, key, q, rest)
	if err != nil {
		return nil, "", err
	}
	page = make([]*T, len(picked))
	for i, p := range picked {
		page[i] = p.record
	}
	if more {
		next = q.cursor(picked[len(picked)-1].place)
	}
	return page, next, nil
}

// rows goes through those that all scans find, from one on.
func (o *order[T]) rows(row int, scans []scan) iter.Seq[int] {
	return func(yield func(int) bool) {
		for ; ; row++ {
			for settled := false; !settled; {
				settled = true
				for _, s := range scans {
					if to := s.next(row); to > row {
						row, settled = to, false
					}
				}
			}
			if row >= len(o.records) || !yield(row) {
				return
			}
		}
	}
}

// sortMark stands in a cursor between what the list was sorted by and the place.
const sortMark = "~"

func (q Query) cursor(p place) string {
	if q.Sort == "" {
		return p.cursor()
	}
	return q.Sort + sortMark + p.cursor()
}

// after is the place that the query's cursor says. One of the list in another order
// would give pages that miss records and repeat others.
func (q Query) after() (place, error) {
	sort, at, sorted := strings.Cut(q.Cursor, sortMark)
	if !sorted {
		sort, at = "", q.Cursor
	}
	if sort != q.Sort {
		return place{}, invalid("cursor", "of the list in another order, %s; want the same order, or no cursor for the first page", cmp.Or(sort, "its own"))
	}
	return parseCursor(at)
}
