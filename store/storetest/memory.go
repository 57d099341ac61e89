package storetest

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"sync"

	"strowger/store"
)

// Memory is a backend without a disk: for tests of what stands above it.
func Memory() store.Backend { return Reopened(nil) }

// Reopened is a Memory with what another one had when it was closed.
func Reopened(old store.Backend) store.Backend {
	m := &memory{buckets: map[store.Bucket][]entry{}}
	if old, ok := old.(*memory); ok {
		old.mu.RLock()
		defer old.mu.RUnlock()
		m.buckets, m.log, m.dropped = maps.Clone(old.buckets), slices.Clone(old.log), old.dropped
	}
	return m
}

type memory struct {
	mu      sync.RWMutex
	buckets map[store.Bucket][]entry
	log     [][][]byte // parts of records; the last is being written
	dropped uint64     // parts
	closed  bool
}

type entry struct{ key, value []byte }

func byKey(e entry, key []byte) int { return bytes.Compare(e.key, key) }

func (m *memory) View(ctx context.Context, f func(store.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.RLock()
	if m.closed {
		m.mu.RUnlock()
		return store.ErrClosed
	}
	view := view{}
	for b, entries := range m.buckets {
		view[b] = entries // Commit replaces a slice, it never changes one
	}
	m.mu.RUnlock()
	return f(view)
}

func (m *memory) Commit(ctx context.Context, ops []store.Op) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return store.ErrClosed
	}
	copied := map[store.Bucket]bool{}
	for _, op := range ops {
		entries := m.buckets[op.Bucket]
		if !copied[op.Bucket] {
			entries = slices.Clone(entries)
			copied[op.Bucket] = true
		}
		i, found := slices.BinarySearchFunc(entries, op.Key, byKey)
		e := entry{bytes.Clone(op.Key), bytes.Clone(op.Value)}
		switch {
		case op.Value == nil && found:
			entries = slices.Delete(entries, i, i+1)
		case op.Value == nil:
		case found:
			entries[i] = e
		default:
			entries = slices.Insert(entries, i, e)
		}
		m.buckets[op.Bucket] = entries
	}
	return nil
}

func (m *memory) AppendLog(ctx context.Context, record []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return store.ErrClosed
	}
	if len(m.log) == 0 {
		m.log = [][][]byte{nil}
	}
	last := &m.log[len(m.log)-1]
	*last = append(*last, bytes.Clone(record))
	return nil
}

func (m *memory) CutLog(context.Context) (part uint64, size int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, records := range m.log {
		for _, r := range records {
			size += int64(len(r))
		}
	}
	part = m.dropped + uint64(len(m.log))
	m.log = append(m.log, nil)
	return part, size, nil
}

func (m *memory) ReadLog(ctx context.Context, to uint64, f func(record []byte) error) error {
	m.mu.RLock()
	parts := m.log
	if to != 0 {
		parts = parts[:to-m.dropped]
	}
	parts = slices.Clone(parts)
	m.mu.RUnlock()
	for _, records := range parts {
		for _, r := range records {
			if err := f(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *memory) DropLog(ctx context.Context, to uint64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.log, m.dropped = m.log[to-m.dropped:], to
	return nil
}

func (m *memory) Check(context.Context, func(store.Problem)) error { return nil }

func (m *memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

type view map[store.Bucket][]entry

func (v view) Get(b store.Bucket, key []byte) ([]byte, error) {
	i, found := slices.BinarySearchFunc(v[b], key, byKey)
	if !found {
		return nil, nil
	}
	return v[b][i].value, nil
}

func (v view) between(b store.Bucket, from, to []byte) []entry {
	i, j := 0, len(v[b])
	if from != nil {
		i, _ = slices.BinarySearchFunc(v[b], from, byKey)
	}
	if to != nil {
		j, _ = slices.BinarySearchFunc(v[b], to, byKey)
	}
	return v[b][i:max(i, j)]
}

func (v view) Range(b store.Bucket, from, to []byte, f func(key, value []byte) error) error {
	for _, e := range v.between(b, from, to) {
		if err := f(e.key, e.value); err != nil {
			return err
		}
	}
	return nil
}

func (v view) RangeBack(b store.Bucket, from, to []byte, f func(key, value []byte) error) error {
	for _, e := range slices.Backward(v.between(b, from, to)) {
		if err := f(e.key, e.value); err != nil {
			return err
		}
	}
	return nil
}
