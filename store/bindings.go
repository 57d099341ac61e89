package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Bindings change all the time, so they go to the backend's log, which takes a
// whole batch in one small write. When the log has grown, it is folded into the
// bindings bucket in the background; a restart reads the bucket and then what
// the log has since.

const (
	bindingWindow = 8 * time.Millisecond // between commits: a changed binding waits at most 10 ms
	bindingLag    = 900 * time.Millisecond
	bindingQueue  = 200_000
	foldAt        = 32 << 20 // bytes of log
	foldChunk     = 1000     // bindings a commit when the log is folded
)

// A bindingChange is one entry of a log record: the new value, or none.
type bindingChange struct{ key, value []byte }

// Key names the binding.
func (b *Binding) Key() BindingKey {
	return BindingKey{Org: b.Org, AOR: b.AOR, Contact: b.Contact, InstanceID: b.InstanceID, RegID: b.RegID}
}

// key is the binding's in the bucket: of fixed length whatever a phone sends. A
// phone with an instance and a reg-id is the same binding behind another contact
// (RFC 5626 §6).
func (k BindingKey) key() []byte {
	contact := k.Contact
	if k.InstanceID != "" && k.RegID != 0 {
		contact = ""
	}
	text := make([]byte, 0, 256)
	for _, s := range []string{k.AOR, contact, k.InstanceID} {
		text = binary.AppendUvarint(text, uint64(len(s)))
		text = append(text, s...)
	}
	text = binary.AppendVarint(text, int64(k.RegID))
	sum := sha256.Sum256(text)
	return recordKey(k.Org, string(sum[:16]))
}

func change(b *Binding) bindingChange {
	return bindingChange{b.Key().key(), encode(b.fields)}
}

// SaveBindings writes bindings, and removes others, and returns when that is on
// disk: within 10 ms where the disk is quick. After an error the file is as if
// it had not been called.
func (st *Store) SaveBindings(ctx context.Context, put []Binding, del []BindingKey) error {
	done := make(chan error, 1)
	st.SaveBindingsThen(put, del, func(err error) { done <- err })
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// SaveBindingsThen is SaveBindings for a caller who cannot wait: then is called
// with the outcome on the goroutine that writes, which it must not hold up.
func (st *Store) SaveBindingsThen(put []Binding, del []BindingKey, then func(error)) {
	changes := make([]bindingChange, 0, len(put)+len(del))
	for _, k := range del {
		changes = append(changes, bindingChange{key: k.key()})
	}
	for i := range put {
		changes = append(changes, change(&put[i]))
		st.saw(put[i].Org, put[i].UserID, put[i].UpdatedAt)
	}
	st.writer.bindings.now(then, changes...)
}

// SaveBindingsLater writes plain refreshes, at most a second later. Should the
// disk not take them, a restart believes that they end earlier than they do.
func (st *Store) SaveBindingsLater(put []Binding) {
	for i := range put {
		st.saw(put[i].Org, put[i].UserID, put[i].UpdatedAt)
		if !st.writer.bindings.later(change(&put[i])) {
			return
		}
	}
}

// appendChanges is the form of a log record: for each change the length of its
// key, the key, the length of its value and one, 0 for none, and the value.
func appendChanges(record []byte, changes []bindingChange) []byte {
	for _, c := range changes {
		record = binary.AppendUvarint(record, uint64(len(c.key)))
		record = append(record, c.key...)
		if c.value == nil {
			record = append(record, 0)
			continue
		}
		record = binary.AppendUvarint(record, uint64(len(c.value))+1)
		record = append(record, c.value...)
	}
	return record
}

// eachChange reads a log record.
func eachChange(record []byte, f func(key, value []byte)) error {
	take := func(less uint64) ([]byte, bool) {
		size, n := binary.Uvarint(record)
		if n <= 0 || size-min(size, less) > uint64(len(record)-n) {
			return nil, false
		}
		record = record[n:]
		if size < less {
			return nil, true
		}
		field := record[: size-less : size-less]
		record = record[size-less:]
		return field, true
	}
	for len(record) > 0 {
		key, ok := take(0)
		if !ok {
			return fmt.Errorf("a log record of bindings does not decode: %w", ErrDamaged)
		}
		value, ok := take(1)
		if !ok {
			return fmt.Errorf("a log record of bindings does not decode: %w", ErrDamaged)
		}
		f(key, value)
	}
	return nil
}

// latest is what the log, up to the end of a part, makes of each binding that it
// speaks of: a value, or nil when the binding is gone.
func (st *Store) latest(ctx context.Context, part uint64) (map[string][]byte, error) {
	last := map[string][]byte{}
	err := st.backend.ReadLog(ctx, part, func(record []byte) error {
		record = slices.Clone(record)
		return eachChange(record, func(key, value []byte) { last[string(key)] = value })
	})
	return last, err
}

// LoadBindings goes through all saved bindings of the organizations that there
// are, in no order. It is for the start; an expired one is the caller's to
// judge.
func (st *Store) LoadBindings(ctx context.Context, f func(*Binding) error) error {
	defer pauseCollector()()
	last, err := st.latest(ctx, 0)
	if err != nil {
		return err
	}
	load := func(key string, value []byte) error {
		org, _, _ := strings.Cut(key, "\x00")
		if _, ok := st.Snapshot(org); !ok {
			return nil
		}
		b := &Binding{Org: org}
		if !decode(string(value), b.fields) {
			return undecodable(BucketBindings, []byte(key))
		}
		return f(b)
	}
	err = st.backend.View(ctx, func(r Reader) error {
		return r.Range(BucketBindings, nil, nil, func(key, value []byte) error {
			if newer, ok := last[string(key)]; ok {
				delete(last, string(key))
				if value = newer; value == nil {
					return nil
				}
			}
			return load(string(key), value)
		})
	})
	if err != nil {
		return err
	}
	for key, value := range last {
		if value == nil {
			continue
		}
		if err := load(key, value); err != nil {
			return err
		}
	}
	return nil
}

// fold brings the log into the bindings bucket and forgets it. A crash in the
// middle does no harm: the log is read again, and says the same.
func (st *Store) fold(ctx context.Context) error {
	part, size, err := st.backend.CutLog(ctx)
	if err != nil || size == 0 {
		return err
	}
	last, err := st.latest(ctx, part)
	if err != nil {
		return err
	}
	keys := make([]string, 0, len(last))
	for key := range last {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for chunk := range slices.Chunk(keys, foldChunk) {
		ops := make([]Op, 0, len(chunk))
		for _, key := range chunk {
			ops = append(ops, Op{Bucket: BucketBindings, Key: []byte(key), Value: last[key]})
		}
		if err := st.backend.Commit(ctx, ops); err != nil {
			return err
		}
	}
	return st.backend.DropLog(ctx, part)
}
