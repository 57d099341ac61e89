package store

import "strings"

// differences calls f, in ascending order of keys, for each key whose record is
// not the same in a and b; a record that one of them lacks is nil. What the two
// tables share is not looked at, so that the cost is that of what differs. An
// error that f returns ends it.
func differences[T any](a, b Table[T], f func(key string, inA, inB *T) error) error {
	x, y := walkerOf(a), walkerOf(b)
	for {
		m, n := x.top(), y.top()
		switch {
		case m == nil && n == nil:
			return nil
		case m != nil && n != nil && *m == *n && m.node.kids == nil:
			x.pop()
			y.pop()
		case m != nil && n != nil && m.node == n.node && m.at == 0 && n.at == 0:
			x.pop()
			y.pop()
		case m != nil && m.node.kids != nil && (n == nil || n.node.kids == nil || m.node.size >= n.node.size):
			x.open()
		case n != nil && n.node.kids != nil:
			y.open()
		default:
			if err := step(&x, &y, f); err != nil {
				return err
			}
		}
	}
}

// step takes the smaller key of two leaves.
func step[T any](x, y *walker[T], f func(string, *T, *T) error) error {
	m, n := x.top(), y.top()
	order := 0
	switch {
	case m == nil:
		order = 1
	case n == nil:
		order = -1
	default:
		order = strings.Compare(m.node.keys[m.at], n.node.keys[n.at])
	}
	var key string
	var inA, inB *T
	if order <= 0 {
		key, inA = m.node.keys[m.at], m.node.vals[m.at]
		x.advance()
	}
	if order >= 0 {
		key, inB = n.node.keys[n.at], n.node.vals[n.at]
		y.advance()
	}
	if inA == inB {
		return nil
	}
	return f(key, inA, inB)
}

// A walker goes through a table; its stack holds what is still to come, the
// next on top.
type walker[T any] struct{ stack []place[T] }

type place[T any] struct {
	node *node[T]
	at   int // of the next entry of a leaf
}

func walkerOf[T any](t Table[T]) walker[T] {
	if t.root == nil {
		return walker[T]{}
	}
	return walker[T]{[]place[T]{{t.root, 0}}}
}

func (w *walker[T]) top() *place[T] {
	if len(w.stack) == 0 {
		return nil
	}
	return &w.stack[len(w.stack)-1]
}

func (w *walker[T]) pop() { w.stack = w.stack[:len(w.stack)-1] }

func (w *walker[T]) open() {
	n := w.top().node
	w.pop()
	for i := len(n.kids) - 1; i >= 0; i-- {
		w.stack = append(w.stack, place[T]{n.kids[i], 0})
	}
}

func (w *walker[T]) advance() {
	p := w.top()
	p.at++
	if p.at == len(p.node.vals) {
		w.pop()
	}
}
