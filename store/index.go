package store

import (
	"cmp"
	"slices"
	"strings"
)

// leave takes a record out of the indexes of a snapshot that is being made.
func (k *kind[T]) leave(s *Snapshot, r *T) {
	for _, u := range k.uniques {
		if key := u.key(r); key != "" {
			t := u.table(s)
			if held, ok := t.Get(key); ok && held == r {
				*t = t.without(key)
			}
		}
	}
	for _, g := range k.groups {
		t := g.table(s)
		key := g.key(r)
		if list, ok := t.Get(key); ok {
			if i := slices.Index(*list, r); i >= 0 {
				if len(*list) == 1 {
					*t = t.without(key)
				} else {
					rest := removed(*list, i)
					*t = t.with(key, &rest)
				}
			}
		}
	}
	if k.refs != nil {
		from := k.name + "/" + k.meta(r).ID
		k.refs(r, func(_, collection, id string) {
			s.refs = s.refs.without(refKey(collection, id, from))
		})
	}
}

// enter puts a record into the indexes. It refuses a record whose key in
// a unique index is another's.
func (k *kind[T]) enter(s *Snapshot, r *T) error {
	for _, u := range k.uniques {
		key := u.key(r)
		if key == "" {
			continue
		}
		t := u.table(s)
		if held, ok := t.Get(key); ok && held != r {
			other := k.name + "/" + k.meta(held).ID
			return conflicting(k.name+"/"+k.meta(r).ID, u.field, Say("%s is already that of %s", key, other), other)
		}
		*t = t.with(key, r)
	}
	for _, g := range k.groups {
		t := g.table(s)
		key := g.key(r)
		var list []*T
		if held, ok := t.Get(key); ok {
			list = *held
		}
		i, _ := slices.BinarySearchFunc(list, r, k.older)
		list = inserted(list, i, r)
		*t = t.with(key, &list)
	}
	if k.refs != nil {
		from := k.name + "/" + k.meta(r).ID
		k.refs(r, func(field, collection, id string) {
			s.refs = s.refs.with(refKey(collection, id, from), &reference{field})
		})
	}
	return nil
}

// older orders the members of a group: by creation, then by id.
func (k *kind[T]) older(a, b *T) int {
	x, y := k.meta(a), k.meta(b)
	return cmp.Or(x.CreatedAt.Compare(y.CreatedAt), strings.Compare(x.ID, y.ID))
}

func refKey(collection, id, from string) string { return collection + "/" + id + "\x00" + from }

// A keyed is an entry on its way into a table.
type keyed[V any] struct {
	key string
	v   *V
}

func bulk[V any](entries []keyed[V]) Table[V] {
	byKey := func(a, b keyed[V]) int { return strings.Compare(a.key, b.key) }
	if !slices.IsSortedFunc(entries, byKey) {
		slices.SortFunc(entries, byKey)
	}
	keys, vals := make([]string, 0, len(entries)), make([]*V, 0, len(entries))
	for i, e := range entries {
		if i > 0 && e.key == entries[i-1].key {
			continue
		}
		keys, vals = append(keys, e.key), append(vals, e.v)
	}
	return buildTable(keys, vals)
}

// indexAll makes the indexes of records that were loaded, all at once, except
// refs: it appends to them.
func (k *kind[T]) indexAll(s *Snapshot, refs []keyed[reference]) []keyed[reference] {
	records := *k.table(s)
	for _, u := range k.uniques {
		entries := make([]keyed[T], 0, records.Len())
		for _, r := range records.All() {
			if key := u.key(r); key != "" {
				entries = append(entries, keyed[T]{key, r})
			}
		}
		*u.table(s) = bulk(entries)
	}
	for _, g := range k.groups {
		entries := make([]keyed[T], 0, records.Len())
		for _, r := range records.All() {
			entries = append(entries, keyed[T]{g.key(r), r})
		}
		inOrder := func(a, b keyed[T]) int {
			return cmp.Or(strings.Compare(a.key, b.key), k.older(a.v, b.v))
		}
		if !slices.IsSortedFunc(entries, inOrder) {
			slices.SortFunc(entries, inOrder)
		}
		// One array holds the lists of all keys.
		all := make([]*T, len(entries))
		lists := make([][]*T, 0, len(entries))
		keys := make([]string, 0, len(entries))
		for i := 0; i < len(entries); {
			from := i
			for i < len(entries) && entries[i].key == entries[from].key {
				all[i] = entries[i].v
				i++
			}
			keys, lists = append(keys, entries[from].key), append(lists, all[from:i:i])
		}
		vals := make([]*[]*T, len(lists))
		for i := range lists {
			vals[i] = &lists[i]
		}
		*g.table(s) = buildTable(keys, vals)
	}
	if k.refs != nil {
		var from string
		named := func(field, collection, id string) {
			refs = append(refs, keyed[reference]{refKey(collection, id, k.name+"/"+from), &reference{field}})
		}
		for id, r := range records.All() {
			from = id
			k.refs(r, named)
		}
	}
	return refs
}
