package store

import (
	"iter"
	"slices"
)

// fan is the most entries that a node of a Table has. 32 keeps a copied path
// at about 2 kB and a table of 50,000 records three nodes deep.
const fan = 32

// A Table is an ordered map from id to record that never changes: an edit makes
// a new one that shares all but the path it touched. The zero Table is empty.
type Table[T any] struct {
	root *node[T]
}

// A node is a leaf (vals) or has children (kids). keys are those of vals, or a
// lower bound of each child's.
type node[T any] struct {
	keys []string
	vals []*T
	kids []*node[T]
	size int // records below
}

// Len is how many records the table has.
func (t Table[T]) Len() int {
	if t.root == nil {
		return 0
	}
	return t.root.size
}

// Get finds a record. Nobody may change it.
func (t Table[T]) Get(id string) (*T, bool) {
	n := t.root
	if n == nil {
		return nil, false
	}
	for n.kids != nil {
		n = n.kids[n.child(id)]
	}
	i, found := slices.BinarySearch(n.keys, id)
	if !found {
		return nil, false
	}
	return n.vals[i], true
}

// All goes through the records in ascending order of their ids.
func (t Table[T]) All() iter.Seq2[string, *T] {
	return func(yield func(string, *T) bool) {
		if t.root != nil {
			t.root.walk(yield)
		}
	}
}

// From goes through the records whose ids are not less than id, ascending.
func (t Table[T]) From(id string) iter.Seq2[string, *T] {
	return func(yield func(string, *T) bool) {
		if t.root != nil {
			t.root.walkFrom(id, yield)
		}
	}
}

// Changed goes through the ids of what differs from another table, in ascending
// order: records that only one of them has, and records that are not the same.
// What both share is passed over, so it costs as much as was edited in between.
func (t Table[T]) Changed(old Table[T]) iter.Seq[string] {
	return func(yield func(id string) bool) {
		a, b := newPosition(old.root), newPosition(t.root)
		for {
			switch m, n := a.node(), b.node(); {
			case m != nil && m == n:
				a.skip()
				b.skip()
				continue
			case m != nil && (n == nil || m.size >= n.size):
				a.enter()
				continue
			case n != nil:
				b.enter()
				continue
			}
			i, was := a.record()
			j, is := b.record()
			id := i
			switch {
			case was == nil && is == nil:
				return
			case is == nil || was != nil && i < j:
				a.skip()
			case was == nil || j < i:
				id = j
				b.skip()
			default:
				a.skip()
				b.skip()
				if was == is {
					continue
				}
			}
			if !yield(id) {
				return
			}
		}
	}
}

// A position is a place in a table: before a node that may be entered or passed
// over, or before a record.
type position[T any] struct {
	path []level[T]
}

type level[T any] struct {
	in *node[T]
	at int // the child or record before which the position is
}

func newPosition[T any](root *node[T]) *position[T] {
	p := &position[T]{}
	if root != nil {
		p.path = append(p.path, level[T]{in: &node[T]{kids: []*node[T]{root}}})
	}
	return p
}

// node is what enter would enter, nil before a record or at the end.
func (p *position[T]) node() *node[T] {
	if len(p.path) == 0 {
		return nil
	}
	if s := p.path[len(p.path)-1]; s.in.kids != nil {
		return s.in.kids[s.at]
	}
	return nil
}

// record is what skip would pass over, nil at the end.
func (p *position[T]) record() (string, *T) {
	if len(p.path) == 0 {
		return "", nil
	}
	s := p.path[len(p.path)-1]
	return s.in.keys[s.at], s.in.vals[s.at]
}

func (p *position[T]) enter() { p.path = append(p.path, level[T]{in: p.node()}) }

func (p *position[T]) skip() {
	for len(p.path) > 0 {
		s := &p.path[len(p.path)-1]
		if s.at++; s.at < max(len(s.in.kids), len(s.in.vals)) {
			return
		}
		p.path = p.path[:len(p.path)-1]
	}
}

// with is the table with one more or one other record.
func (t Table[T]) with(id string, v *T) Table[T] {
	if t.root == nil {
		return Table[T]{&node[T]{keys: []string{id}, vals: []*T{v}, size: 1}}
	}
	a, b := t.root.put(id, v)
	if b == nil {
		return Table[T]{a}
	}
	return Table[T]{&node[T]{
		keys: []string{a.keys[0], b.keys[0]},
		kids: []*node[T]{a, b},
		size: a.size + b.size,
	}}
}

// without is the table with one record less.
func (t Table[T]) without(id string) Table[T] {
	if _, ok := t.Get(id); !ok {
		return t
	}
	root := t.root.del(id)
	for root != nil && len(root.kids) == 1 {
		root = root.kids[0]
	}
	return Table[T]{root}
}

// buildTable makes a table of ascending keys in one pass.
func buildTable[T any](keys []string, vals []*T) Table[T] {
	const fill = fan * 3 / 4 // leaves room, so that the first edits do not split
	if len(keys) == 0 {
		return Table[T]{}
	}
	var level []*node[T]
	for len(keys) > 0 {
		n := min(fill, len(keys))
		level = append(level, &node[T]{keys: slices.Clone(keys[:n]), vals: slices.Clone(vals[:n]), size: n})
		keys, vals = keys[n:], vals[n:]
	}
	for len(level) > 1 {
		var up []*node[T]
		for len(level) > 0 {
			n := min(fill, len(level))
			parent := &node[T]{keys: make([]string, n), kids: slices.Clone(level[:n])}
			for i, kid := range parent.kids {
				parent.keys[i] = kid.keys[0]
				parent.size += kid.size
			}
			up = append(up, parent)
			level = level[n:]
		}
		level = up
	}
	return Table[T]{level[0]}
}

func (n *node[T]) child(id string) int {
	i, found := slices.BinarySearch(n.keys, id)
	if !found && i > 0 {
		i--
	}
	return i
}

func (n *node[T]) walk(yield func(string, *T) bool) bool {
	for _, kid := range n.kids {
		if !kid.walk(yield) {
			return false
		}
	}
	for i, v := range n.vals {
		if !yield(n.keys[i], v) {
			return false
		}
	}
	return true
}

func (n *node[T]) walkFrom(id string, yield func(string, *T) bool) bool {
	if n.kids == nil {
		i, _ := slices.BinarySearch(n.keys, id)
		for ; i < len(n.vals); i++ {
			if !yield(n.keys[i], n.vals[i]) {
				return false
			}
		}
		return true
	}
	i := n.child(id)
	if !n.kids[i].walkFrom(id, yield) {
		return false
	}
	for _, kid := range n.kids[i+1:] {
		if !kid.walk(yield) {
			return false
		}
	}
	return true
}

// put answers the node with the record in it, and a second one on its right
// when it had to split.
func (n *node[T]) put(id string, v *T) (left, right *node[T]) {
	if n.kids == nil {
		i, found := slices.BinarySearch(n.keys, id)
		if found {
			m := &node[T]{keys: n.keys, vals: slices.Clone(n.vals), size: n.size}
			m.vals[i] = v
			return m, nil
		}
		m := &node[T]{keys: inserted(n.keys, i, id), vals: inserted(n.vals, i, v), size: n.size + 1}
		return m.split()
	}
	i := n.child(id)
	a, b := n.kids[i].put(id, v)
	m := &node[T]{keys: n.keys, size: n.size - n.kids[i].size + a.size}
	if b == nil {
		m.kids = slices.Clone(n.kids)
		m.kids[i] = a
		if m.keys[i] != a.keys[0] {
			m.keys = slices.Clone(n.keys)
			m.keys[i] = a.keys[0]
		}
		return m, nil
	}
	m.size += b.size
	m.keys = inserted(n.keys, i+1, b.keys[0])
	m.kids = inserted(n.kids, i+1, b)
	m.keys[i], m.kids[i] = a.keys[0], a
	return m.split()
}

func (n *node[T]) split() (left, right *node[T]) {
	if len(n.keys) <= fan {
		return n, nil
	}
	at := len(n.keys) / 2
	if n.kids == nil {
		return leaf(n.keys[:at], n.vals[:at]), leaf(n.keys[at:], n.vals[at:])
	}
	return inner(n.keys[:at], n.kids[:at]), inner(n.keys[at:], n.kids[at:])
}

// del answers the node without the record, nil when nothing is left.
func (n *node[T]) del(id string) *node[T] {
	if n.kids == nil {
		i, found := slices.BinarySearch(n.keys, id)
		if !found {
			return n
		}
		if len(n.keys) == 1 {
			return nil
		}
		return &node[T]{keys: removed(n.keys, i), vals: removed(n.vals, i), size: n.size - 1}
	}
	i := n.child(id)
	kid := n.kids[i].del(id)
	if kid == nil {
		if len(n.kids) == 1 {
			return nil
		}
		return &node[T]{keys: removed(n.keys, i), kids: removed(n.kids, i), size: n.size - n.kids[i].size}
	}
	m := &node[T]{keys: slices.Clone(n.keys), kids: slices.Clone(n.kids), size: n.size - n.kids[i].size + kid.size}
	m.keys[i], m.kids[i] = kid.keys[0], kid
	if len(kid.keys) < fan/4 && len(m.kids) > 1 {
		m.merge(max(i-1, 0))
	}
	return m
}

// merge joins the children i and i+1 if one node can hold both.
func (n *node[T]) merge(i int) {
	a, b := n.kids[i], n.kids[i+1]
	if len(a.keys)+len(b.keys) > fan {
		return
	}
	n.kids[i] = &node[T]{
		keys: slices.Concat(a.keys, b.keys),
		vals: slices.Concat(a.vals, b.vals),
		kids: slices.Concat(a.kids, b.kids),
		size: a.size + b.size,
	}
	n.keys, n.kids = slices.Delete(n.keys, i+1, i+2), slices.Delete(n.kids, i+1, i+2)
}

func leaf[T any](keys []string, vals []*T) *node[T] {
	return &node[T]{keys: slices.Clone(keys), vals: slices.Clone(vals), size: len(vals)}
}

func inner[T any](keys []string, kids []*node[T]) *node[T] {
	n := &node[T]{keys: slices.Clone(keys), kids: slices.Clone(kids)}
	for _, kid := range kids {
		n.size += kid.size
	}
	return n
}

func inserted[E any](s []E, i int, e E) []E {
	out := make([]E, len(s)+1)
	copy(out, s[:i])
	out[i] = e
	copy(out[i+1:], s[i:])
	return out
}

func removed[E any](s []E, i int) []E {
	out := make([]E, len(s)-1)
	copy(out, s[:i])
	copy(out[i:], s[i+1:])
	return out
}
