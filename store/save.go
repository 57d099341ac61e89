package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// A save is an edit on its way to disk. Nearly every one is a single commit of the
// backend. One of a hundred thousand records would take several times its size in
// memory until it is committed: it is written ahead instead, in parts, under keys
// that nobody reads. A small commit then makes it the next revision, and what was
// written ahead is brought into place, in parts again. A start finishes that where
// it was cut short, and drops what never became a revision.
type save struct {
	ctx   context.Context
	st    *Store // nil: nothing is written
	edit  *Edit
	rev   Revision // for who asked, with as many changes as they want
	head  []Change // the first changes, which are kept with the revision
	part  []Change // what follows, on its way into a part
	parts uint32   // of changes, that were made
	ahead uint32   // parts of operations, that were written
	ops   []Op     // of the records
	own   []Op     // of the revision
	size  int      // of both, in bytes
}

// aheadSize is how many bytes a commit of what is written ahead has.
const aheadSize = 2 << 20

const (
	headChanges = 64  // changes that are kept with the revision
	partChanges = 128 // those of each part that follows
	opSize      = 100 // bytes that an operation takes beside its key and value
)

func newSave(e *Edit, org string, number uint64, by Author) *save {
	return &save{edit: e, rev: Revision{Revision: number, Org: org, At: e.now, By: by.Who, Summary: by.Summary}}
}

// begin begins a save that is written. It is called with mu held.
func (st *Store) begin(ctx context.Context, e *Edit, org string, number uint64, by Author) (*save, error) {
	if st.unplaced {
		if err := st.placeAhead(ctx, nil); err != nil {
			return nil, fmt.Errorf("revision %d was not saved: what an earlier one left is not in place: %w", number, err)
		}
	}
	s := newSave(e, org, number, by)
	s.ctx, s.st = ctx, st
	return s, nil
}

// change notes one for the revision.
func (s *save) change(ch Change) {
	s.rev.Count++
	if s.edit.Shown == 0 || len(s.rev.Changes) < s.edit.Shown {
		s.rev.Changes = append(s.rev.Changes, ch)
	}
	switch {
	case s.st == nil:
	case len(s.head) < headChanges:
		s.head = append(s.head, ch)
	default:
		if s.part = append(s.part, ch); len(s.part) == partChanges {
			s.endPart()
		}
	}
}

func (s *save) endPart() {
	if len(s.part) == 0 {
		return
	}
	op := Op{
		Bucket: BucketChanges, Key: partKey(s.rev.Org, s.rev.Revision, s.parts),
		Value: encode(func(c *codec) { list(c, 1, &s.part, (*Change).fields) }),
	}
	s.own, s.size = append(s.own, op), s.size+op.size()
	s.parts++
	clear(s.part)
	s.part = s.part[:0]
}

// op notes one for the disk.
func (s *save) op(op Op) error {
	if s.st == nil {
		return nil
	}
	s.ops, s.size = append(s.ops, op), s.size+op.size()
	if s.size < aheadSize {
		return nil
	}
	return s.writeAhead()
}

func (o *Op) size() int { return opSize + len(o.Key) + len(o.Value) }

// writeAhead writes what has gathered.
func (s *save) writeAhead() error {
	s.sort()
	s.own = append(s.own, Op{
		Bucket: BucketAhead, Key: partKey(s.rev.Org, s.rev.Revision, s.ahead),
		Value: encode(func(c *codec) { list(c, 1, &s.ops, (*Op).fields) }),
	})
	s.st.unplaced = true
	if err := s.st.backend.Commit(s.ctx, s.own); err != nil {
		return err
	}
	s.ahead++
	clear(s.ops)
	clear(s.own)
	s.ops, s.own, s.size = s.ops[:0], s.own[:0], 0
	return nil
}

// sort brings operations into the order of the disk, where those of one commit are
// many: a bucket takes them at its end then, and need not move all others.
func (s *save) sort() {
	slices.SortStableFunc(s.ops, func(a, b Op) int {
		return cmp.Or(strings.Compare(string(a.Bucket), string(b.Bucket)), bytes.Compare(a.Key, b.Key))
	})
}

// save has everything noted by record, and makes it the next revision, which a new
// directory goes with. After an error nothing has changed.
func (s *save) save(record func(*save) error, directory func() (*Directory, error), gone bool) (found *Directory, err error) {
	if err = record(s); err == nil {
		found, err = directory() // which has a part in the secrets
	}
	if err == nil {
		if err = s.commit(gone); err != nil {
			err = fmt.Errorf("revision %d was not saved: %w", s.rev.Revision, err)
		}
	}
	if err != nil && s.st.unplaced {
		if left := s.st.placeAhead(context.WithoutCancel(s.ctx), nil); left != nil {
			s.st.log.Error("what was written ahead of a change that was not saved is still there", "revision", s.rev.Revision, "err", left)
		}
	}
	return found, err
}

// place brings into place what was written ahead, when everybody sees it already.
// Nobody can stop it any more.
func (s *save) place() {
	if !s.st.unplaced {
		return
	}
	if err := s.st.placeAhead(context.WithoutCancel(s.ctx), s.placed); err != nil {
		s.st.log.Error("a large change is not in place: it will be tried again with the next one, and at a start", "revision", s.rev.Revision, "err", err)
	}
}

// placed tells of progress.
func (s *save) placed() {
	e := s.edit
	if e.Progress == nil {
		return
	}
	e.done += e.size() / max(1, int(s.ahead))
	_ = e.Progress(min(1, float64(e.done)/float64(max(e.work, 1)))) // it is too late to end it
}

func (s *save) commit(gone bool) error {
	s.endPart()
	if s.ahead > 0 {
		if err := s.writeAhead(); err != nil {
			return err
		}
	}
	stored := s.rev
	stored.Changes = s.head
	number := binary.BigEndian.AppendUint64(nil, s.rev.Revision)
	head := Op{Bucket: BucketMeta, Key: metaHead(s.rev.Org), Value: number}
	if gone {
		head.Value = nil
	}
	s.sort()
	ops := slices.Concat(s.ops, s.own, []Op{
		{Bucket: BucketRevisions, Key: revisionKey(s.rev.Org, s.rev.Revision), Value: encode(stored.fields)},
		{Bucket: BucketMeta, Key: metaRevision, Value: number},
		head,
	})
	if s.ahead > 0 {
		ops = append(ops, Op{Bucket: BucketMeta, Key: metaAhead, Value: number})
	}
	return s.st.backend.Commit(s.ctx, ops)
}

// metaAhead is the number of a revision that is not all in place.
var metaAhead = []byte("ahead")

// placeAhead brings into place what was written ahead of a revision, and removes
// what was of none. It tells of each part that is in place. It is called with mu
// held, or before anyone else has the store.
func (st *Store) placeAhead(ctx context.Context, placed func()) error {
	for {
		ops, err := st.nextAhead(ctx)
		if err != nil {
			return err
		}
		if len(ops) == 0 {
			st.unplaced = false
			return nil
		}
		if err := st.backend.Commit(ctx, ops); err != nil {
			return err
		}
		if placed != nil {
			placed()
		}
	}
}

// placeAtStart is placeAhead for a store that nobody has yet. What never became a
// revision can wait, where the disk takes nothing: without it all is as it was.
func (st *Store) placeAtStart(ctx context.Context) error {
	err := st.placeAhead(ctx, nil)
	if err == nil {
		return nil
	}
	saved := false
	seen := st.backend.View(ctx, func(r Reader) error {
		mark, err := r.Get(BucketMeta, metaAhead)
		saved = mark != nil
		return err
	})
	if seen != nil || saved {
		return errors.Join(err, seen)
	}
	st.unplaced = true
	st.log.Warn("what was written ahead of a change that was not saved is still there", "err", err)
	return nil
}

// viewPlaced is a view in which no save is half in place.
func (st *Store) viewPlaced(ctx context.Context, f func(Reader) error) error {
	st.mu.Lock()
	unlock := sync.OnceFunc(st.mu.Unlock)
	defer unlock()
	if st.unplaced {
		if err := st.placeAhead(ctx, nil); err != nil {
			return err
		}
	}
	return st.backend.View(ctx, func(r Reader) error {
		unlock()
		return f(r)
	})
}

// nextAhead is what is to be done about the next part that was written ahead: none
// when there is none.
func (st *Store) nextAhead(ctx context.Context) (ops []Op, err error) {
	err = st.backend.View(ctx, func(r Reader) error {
		saved, err := r.Get(BucketMeta, metaAhead)
		if err != nil {
			return err
		}
		err = r.Range(BucketAhead, []byte{}, nil, func(key, value []byte) error {
			org, n, ok := cutPartKey(key)
			if !ok {
				return undecodable(BucketAhead, key)
			}
			if len(saved) == 8 && binary.BigEndian.Uint64(saved) == n {
				if !decode(string(value), func(c *codec) { list(c, 1, &ops, (*Op).fields) }) {
					return undecodable(BucketAhead, key)
				}
			} else if ops, err = dropParts(r, org, n); err != nil {
				return err
			}
			ops = append(ops, Op{Bucket: BucketAhead, Key: bytes.Clone(key)})
			return errStop
		})
		if errors.Is(err, errStop) {
			return nil
		}
		if err == nil && saved != nil {
			ops = []Op{{Bucket: BucketMeta, Key: metaAhead}}
		}
		return err
	})
	return ops, err
}

// dropParts removes the changes of what did not become a revision.
func dropParts(r Reader, org string, n uint64) (ops []Op, err error) {
	err = r.Range(BucketChanges, partKey(org, n, 0), partKey(org, n+1, 0), func(key, _ []byte) error {
		ops = append(ops, Op{Bucket: BucketChanges, Key: bytes.Clone(key)})
		return nil
	})
	return ops, err
}

func partKey(org string, revision uint64, part uint32) []byte {
	return binary.BigEndian.AppendUint32(revisionKey(org, revision), part)
}

func cutPartKey(key []byte) (org string, revision uint64, ok bool) {
	name, rest, ok := bytes.Cut(key, []byte{0})
	if !ok || len(rest) != 12 {
		return "", 0, false
	}
	return string(name), binary.BigEndian.Uint64(rest), true
}

func (o *Op) fields(c *codec) {
	text(c, 1, &o.Bucket)
	c.blob(2, &o.Key)
	c.blob(3, &o.Value)
	put := o.Value != nil
	if c.bool(4, &put); c.reading && put && o.Value == nil {
		o.Value = []byte{}
	}
}
