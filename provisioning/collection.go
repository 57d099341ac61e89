package provisioning

import (
	"iter"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"strowger/store"
)

// A Collection is one kind of record that an administrator works on, without
// its Go type: the API, apply, import and export all work on these.
type Collection interface {
	// Name is the path of the API and the key of a file for apply.
	Name() string
	// One is a single record's word.
	One() string
	// Live says that an answer has more than the record: what the exchange knows
	// of it, or counts.
	Live() bool
	// Answer is the type of what the API answers, Input of what it takes.
	Answer() reflect.Type
	Input() reflect.Type

	list(s *Service, org string, sn *store.Snapshot, q Query) (Page, error)
	get(s *Service, org string, sn *store.Snapshot, id string) (record any, etag string, ok bool)
	kept(sn *store.Snapshot, id string) (record any, ok bool)
	create(s *Service, e *store.Edit, input any) (*made, error)
	change(s *Service, e *store.Edit, id string, patch any, ifMatch string) (*made, error)
	remove(s *Service, e *store.Edit, id string, ifMatch string) error
	// stored is the type of the record itself, whose fields lists are filtered by.
	stored() reflect.Type
	// searches are the filters beyond the fields.
	searches() []string
	sortNames() []string
	// shownOnly are the fields that are in answers but never changed.
	shownOnly() []string
	// outside does what an input needs that takes too long to do while the store
	// is held.
	outside(s *Service, input any) (any, error)
}

var organizationType = reflect.TypeFor[store.Organization]()

// made is a record that an edit has put, or would have.
type made struct {
	id string
	// parts are the records that came with it, by their paths: what the input calls
	// them.
	parts map[string]string
	// reveal shows the secrets that are new in the answer, once; nil: none.
	reveal func(shown any)
}

// An editor is the part of a store.Edit that changes one collection.
type editor[T any] interface {
	Get(id string) (*T, bool)
	All() iter.Seq2[string, *T]
	Put(T) error
	Delete(id string) error
}

// A kind is a Collection of records of type T.
type kind[T any] struct {
	name, one string
	table     func(*store.Snapshot) store.Table[T]
	edit      func(*store.Edit) editor[T]
	meta      func(*T) *store.Meta
	// order is what lists are sorted by.
	order func([]byte, *T) []byte
	// view is what the API answers for a record; nil: the record itself.
	view  func(s *Service, org string, sn *store.Snapshot, r *T) any
	shown reflect.Type // of what view gives
	// fresh is a record before an input is laid over it; nil: an empty one.
	fresh func(e *store.Edit, input map[string]any) T
	// readOnly fields are in answers, and ignored in what comes.
	readOnly []string
	// early looks at an input before the store is held for the edit.
	early func(s *Service, input map[string]any) (map[string]any, error)
	// prepare completes a record before it is put; old is nil for a new one.
	// What it returns, if anything, shows new secrets in the answer.
	prepare func(s *Service, e *store.Edit, r, old *T) (reveal func(shown any), err error)
	// extra takes members out of an input that are not the record's own and
	// gives what is to be done with them once the record is put, and the records that
	// they become, as made has them.
	extra func(s *Service, e *store.Edit, input map[string]any, fresh bool) (after func(r *T) error, parts map[string]string, err error)
	// cascade takes away what cannot be without the record, and refuses when
	// something else needs it.
	cascade func(s *Service, e *store.Edit, r *T) error
	input   reflect.Type
	// named records are chosen by their name: it is given, or is the id that was.
	named bool
	// search holds filters that are no field of the record, by name.
	search map[string]search[T]
	// sorts are the fields that the list can be sorted by.
	sorts sorts[T]
}

// A search is a filter that is no field.
type search[T any] struct {
	// texts are those of which one must have what is wanted as a part.
	texts []func(*T) string
	// among finds the ids of the records that have what is wanted, where they are
	// few.
	among func(sn *store.Snapshot, want string) []string
	// each makes a condition of what is wanted. An error names the filter.
	each func(s *Service, sn *store.Snapshot, want string) (func(*T) bool, error)
}

func (s search[T]) scan(o *order[T], sn *store.Snapshot, name, want string) scan {
	if s.among != nil {
		return o.these(s.among(sn, want))
	}
	var any either
	for i, text := range s.texts {
		in := o.column(name+partly+strconv.Itoa(i), func(r *T) string { return folded(text(r)) })
		any = append(any, &containing{in: in, want: []byte(folded(want))})
	}
	return any
}

func (k *kind[T]) Name() string { return k.name }
func (k *kind[T]) One() string  { return k.one }

// noun is what one record is called, in words.
func noun(c Collection) store.Words { return store.Words{Text: c.One()} }

func (k *kind[T]) Live() bool { return k.view != nil }

func (k *kind[T]) Answer() reflect.Type {
	if k.shown != nil {
		return k.shown
	}
	return reflect.TypeFor[T]()
}

func (k *kind[T]) Input() reflect.Type {
	if k.input != nil {
		return k.input
	}
	return k.Answer()
}

func (k *kind[T]) shownOnly() []string { return k.readOnly }

func (k *kind[T]) stored() reflect.Type { return reflect.TypeFor[T]() }

func (k *kind[T]) sortNames() []string { return k.sorts.names() }

func (k *kind[T]) searches() []string { return slices.Sorted(maps.Keys(k.search)) }

func (k *kind[T]) outside(s *Service, input any) (any, error) {
	if k.early == nil {
		return input, nil
	}
	m, ok := input.(map[string]any)
	if !ok {
		return input, nil // refused later
	}
	return k.early(s, m)
}

func (k *kind[T]) show(s *Service, org string, sn *store.Snapshot, r *T) any {
	filled := Filled(r)
	if k.view != nil {
		return k.view(s, org, sn, &filled)
	}
	return &filled
}

func (k *kind[T]) list(s *Service, org string, sn *store.Snapshot, q Query) (Page, error) {
	filters, err := q.compile(reflect.TypeFor[T](), k.searches()...)
	if err != nil {
		return Page{}, err
	}
	by, err := k.sorts.asked(q)
	if err != nil {
		return Page{}, err
	}
	if q, err = k.narrow(s, sn, q); err != nil {
		return Page{}, err
	}
	var at int
	var key func([]byte, *T) []byte
	o := k.ordered(s, org)
	o.mu.Lock()
	now := o.follow(k.table(sn))
	scans, rest := now.sift(sn, q, filters)
	if by != nil {
		key = now.sorted(s, sn, by, &at)
	}
	o.mu.Unlock()
	var picked []*T
	var next string
	if by != nil {
		picked, next, err = now.pickSorted(q, key, &at, scans, rest)
	} else {
		picked, next, err = now.pick(q, scans, rest)
	}
	if err != nil {
		return Page{}, err
	}
	page := Page{Items: make([]any, len(picked)), NextCursor: next}
	for i, r := range picked {
		page.Items[i] = k.show(s, org, sn, r)
	}
	return page, nil
}

// narrow makes the filters that look at each record a part of what the caller may
// see.
func (k *kind[T]) narrow(s *Service, sn *store.Snapshot, q Query) (Query, error) {
	for name, search := range k.search {
		want, given := q.Filters[name]
		if !given || search.each == nil {
			continue
		}
		has, err := search.each(s, sn, want)
		if err != nil {
			return q, err
		}
		before := q.Keep
		q.Keep = func(r any) bool { return (before == nil || before(r)) && has(r.(*T)) }
	}
	return q, nil
}

func (k *kind[T]) get(s *Service, org string, sn *store.Snapshot, id string) (any, string, bool) {
	r, ok := k.table(sn).Get(id)
	if !ok {
		return nil, "", false
	}
	return k.show(s, org, sn, r), ETag(r), true
}

func (k *kind[T]) kept(sn *store.Snapshot, id string) (any, bool) { return k.table(sn).Get(id) }

// accept checks an input's shape and takes out what is not the record's own.
func (k *kind[T]) accept(input any) (map[string]any, error) {
	m, ok := input.(map[string]any)
	if !ok {
		return nil, invalid("", "want an object")
	}
	var e InputError
	checkShape(m, k.Input(), "", &e)
	if len(e.Fields) > 0 {
		return nil, &e
	}
	own := maps.Clone(m)
	for _, name := range k.readOnly {
		delete(own, name)
	}
	delete(own, "created_at")
	delete(own, "updated_at")
	return own, nil
}

func (k *kind[T]) create(s *Service, e *store.Edit, input any) (*made, error) {
	m, err := k.accept(input)
	if err != nil {
		return nil, err
	}
	id, _ := m["id"].(string)
	if k.named && id == "" && m["name"] == nil {
		return nil, invalid("name", "must be given")
	}
	if id != "" {
		if _, taken := k.edit(e).Get(id); taken {
			return nil, refuse(409, "id: there is a %s %q already", noun(k), id)
		}
	} else {
		m["id"] = store.NewID()
	}
	return k.put(s, e, m, nil)
}

// put lays an input over old, or over a fresh record, and puts the result.
func (k *kind[T]) put(s *Service, e *store.Edit, m map[string]any, old *T) (*made, error) {
	if name, given := m["name"]; k.named && given {
		if text, ok := name.(string); name == nil || ok && strings.TrimSpace(text) == "" {
			return nil, invalid("name", "must be given")
		}
	}
	var after func(*T) error
	var parts map[string]string
	if k.extra != nil {
		var err error
		if after, parts, err = k.extra(s, e, m, old == nil); err != nil {
			return nil, err
		}
	}
	base := old
	if base == nil {
		base = new(T)
		if k.fresh != nil {
			*base = k.fresh(e, m)
		}
	} else {
		m, _ = emptyLists(m, reflect.TypeFor[T]()).(map[string]any)
	}
	value, err := asValue(base)
	if err != nil {
		return nil, err
	}
	var r T
	if err := decodeValue(merge(value, m), "", &r); err != nil {
		return nil, err
	}
	if old != nil {
		*k.meta(&r) = *k.meta(old)
	}
	out := &made{id: k.meta(&r).ID, parts: parts}
	if k.prepare != nil {
		if out.reveal, err = k.prepare(s, e, &r, old); err != nil {
			return out, err
		}
	}
	if err := k.edit(e).Put(r); err != nil {
		return out, err
	}
	if after != nil {
		if err := after(&r); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (k *kind[T]) change(s *Service, e *store.Edit, id string, patch any, ifMatch string) (*made, error) {
	old, ok := k.edit(e).Get(id)
	if !ok {
		return nil, k.missing()
	}
	if !matchesETag(ifMatch, func() string { return ETag(old) }) {
		return nil, ErrStale
	}
	m, err := k.accept(patch)
	if err != nil {
		return nil, err
	}
	if named, ok := m["id"]; ok && named != id {
		return nil, invalid("id", "cannot be changed")
	}
	return k.put(s, e, m, old)
}

func (k *kind[T]) remove(s *Service, e *store.Edit, id, ifMatch string) error {
	r, ok := k.edit(e).Get(id)
	if !ok {
		return k.missing()
	}
	if !matchesETag(ifMatch, func() string { return ETag(r) }) {
		return ErrStale
	}
	if k.cascade != nil {
		if err := k.cascade(s, e, r); err != nil {
			return err
		}
	}
	return k.edit(e).Delete(id)
}

func (k *kind[T]) missing() error { return refuse(404, "no such %s", noun(k)) }

// matchesETag checks an If-Match header: a list of tags, or "*".
func matchesETag(ifMatch string, current func() string) bool {
	if ifMatch == "" {
		return true
	}
	have := current()
	for tag := range splitHeader(ifMatch) {
		if tag == "*" || tag == have {
			return true
		}
	}
	return false
}
