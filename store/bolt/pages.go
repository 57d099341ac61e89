package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"os"

	"go.etcd.io/bbolt"

	"strowger/store"
)

// What follows reads bbolt's file format by itself, because bbolt's own check
// panics on some damage in a goroutine where nobody can catch it. The format is
// fixed: bbolt's meta version 2, little endian here as on every machine that we
// build for.

const (
	pageHeader  = 16 // id, flags, count, overflow
	elementSize = 16 // of a branch or a leaf page
	flagBranch  = 0x01
	flagLeaf    = 0x02
	flagMeta    = 0x04
	flagFree    = 0x10
	leafBucket  = 0x01 // the value of this element is a bucket
)

// A pageWalk visits every page in use of one transaction.
type pageWalk struct {
	ctx    context.Context
	file   io.ReaderAt
	high   uint64 // pages in the file, as the meta page says
	used   map[uint64]string
	report func(store.Problem)
}

// checkPages holds a read transaction open while it reads the file, so that no
// page of it is written over.
func (b *Backend) checkPages(ctx context.Context, report func(store.Problem)) error {
	f, err := os.Open(b.path)
	if err != nil {
		return fileError("open", b.path, err)
	}
	defer f.Close()
	return guard(b.path, func() error {
		return b.db.View(func(tx *bbolt.Tx) error {
			root, freelist, high, ok := currentMeta(f, uint64(tx.ID()))
			if !ok {
				return nil // replaced by newer commits while we looked: they are sound
			}
			w := &pageWalk{ctx, f, high, map[uint64]string{0: "meta", 1: "meta"}, report}
			if err := w.visit(root, "root", nil); err != nil {
				return err
			}
			return w.visitFreelist(freelist)
		})
	})
}

// currentMeta finds the meta page of a transaction: in a backup it may be either.
func currentMeta(f io.ReaderAt, tx uint64) (root, freelist, high uint64, ok bool) {
	le := binary.LittleEndian
	page := make([]byte, 80)
	for i := range int64(2) {
		if _, err := f.ReadAt(page, i*pageSize); err != nil {
			continue
		}
		m := page[pageHeader:]
		sum := fnv.New64a()
		sum.Write(m[:56])
		if le.Uint32(m) == 0xED0CDAED && le.Uint64(m[48:]) == tx && le.Uint64(m[56:]) == sum.Sum64() {
			return le.Uint64(m[16:]), le.Uint64(m[32:]), le.Uint64(m[40:]), true
		}
	}
	return 0, 0, 0, false
}

func (w *pageWalk) bad(page uint64, where, what string, args ...any) {
	w.report(store.Problem{Where: fmt.Sprintf("page %d (%s)", page, where), What: fmt.Sprintf(what, args...)})
}

// load reads a page with its overflow and marks it used; nil when there is
// something wrong with it.
func (w *pageWalk) load(id uint64, where string) ([]byte, error) {
	if err := w.ctx.Err(); err != nil {
		return nil, err
	}
	if id < 2 || id >= w.high {
		w.bad(id, where, "is beyond the end of the file at page %d", w.high)
		return nil, nil
	}
	page := make([]byte, pageSize)
	if _, err := w.file.ReadAt(page, int64(id)*pageSize); err != nil {
		w.bad(id, where, "cannot be read: %v", err)
		return nil, nil
	}
	le := binary.LittleEndian
	if got := le.Uint64(page); got != id {
		w.bad(id, where, "says that it is page %d", got)
		return nil, nil
	}
	overflow := uint64(le.Uint32(page[12:]))
	if id+overflow >= w.high {
		w.bad(id, where, "reaches beyond the end of the file")
		return nil, nil
	}
	for i := id; i <= id+overflow; i++ {
		if other, twice := w.used[i]; twice {
			w.bad(i, where, "is also used by %s", other)
			return nil, nil
		}
		w.used[i] = where
	}
	if overflow == 0 {
		return page, nil
	}
	whole := make([]byte, (1+overflow)*pageSize)
	if _, err := w.file.ReadAt(whole, int64(id)*pageSize); err != nil {
		w.bad(id, where, "cannot be read: %v", err)
		return nil, nil
	}
	return whole, nil
}

// visit checks a tree of pages; its keys are not less than low.
func (w *pageWalk) visit(id uint64, where string, low []byte) error {
	page, err := w.load(id, where)
	if page == nil || err != nil {
		return err
	}
	switch flags := binary.LittleEndian.Uint16(page[8:]); flags {
	case flagBranch:
		return w.branch(id, page, where, low)
	case flagLeaf:
		return w.leaf(id, page, where, low)
	default:
		w.bad(id, where, "is of no type that belongs there (%#x)", flags)
		return nil
	}
}

// inOrder says whether a key may stand where it stands.
func (w *pageWalk) inOrder(id uint64, where string, i int, last, key []byte) bool {
	if c := bytes.Compare(last, key); last != nil && (c > 0 || c == 0 && i > 0) {
		w.bad(id, where, "has keys out of order")
		return false
	}
	return true
}

func (w *pageWalk) branch(id uint64, page []byte, where string, low []byte) error {
	le := binary.LittleEndian
	last := low
	count := int(le.Uint16(page[10:]))
	if count == 0 {
		w.bad(id, where, "is a branch without children")
	}
	for i := range count {
		e := page[pageHeader+i*elementSize:]
		key, ok := slice(e, uint64(le.Uint32(e)), uint64(le.Uint32(e[4:])))
		if !ok {
			w.bad(id, where, "has a key beyond its end")
			return nil
		}
		if !w.inOrder(id, where, i, last, key) {
			return nil
		}
		last = key
		if err := w.visit(le.Uint64(e[8:]), where, key); err != nil {
			return err
		}
	}
	return nil
}

func (w *pageWalk) leaf(id uint64, page []byte, where string, low []byte) error {
	le := binary.LittleEndian
	last := low
	for i := range int(le.Uint16(page[10:])) {
		at := pageHeader + i*elementSize
		if at+elementSize > len(page) {
			w.bad(id, where, "has more records than fit")
			return nil
		}
		e := page[at:]
		pos, keySize, valueSize := uint64(le.Uint32(e[4:])), uint64(le.Uint32(e[8:])), uint64(le.Uint32(e[12:]))
		key, ok := slice(e, pos, keySize)
		value, okValue := slice(e, pos+keySize, valueSize)
		if !ok || !okValue {
			w.bad(id, where, "has a record beyond its end")
			return nil
		}
		if !w.inOrder(id, where, i, last, key) {
			return nil
		}
		last = key
		if le.Uint32(e)&leafBucket == 0 {
			continue
		}
		// The value is a bucket: its root page, or 0 when its records stand right
		// behind it.
		if len(value) < 16 {
			w.bad(id, where, "has the bucket %q cut short", key)
		} else if root := le.Uint64(value); root != 0 {
			if err := w.visit(root, string(key), nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func slice(e []byte, pos, size uint64) ([]byte, bool) {
	if pos+size > uint64(len(e)) {
		return nil, false
	}
	return e[pos : pos+size], true
}

// visitFreelist: a page that is free and in use would be written over.
func (w *pageWalk) visitFreelist(id uint64) error {
	page, err := w.load(id, "freelist")
	if page == nil || err != nil {
		return err
	}
	le := binary.LittleEndian
	if flags := le.Uint16(page[8:]); flags != flagFree {
		w.bad(id, "freelist", "is of no type that belongs there (%#x)", flags)
		return nil
	}
	count, at := uint64(le.Uint16(page[10:])), pageHeader
	if count == 0xffff {
		count, at = le.Uint64(page[at:]), at+8
	}
	if uint64(at)+count*8 > uint64(len(page)) {
		w.bad(id, "freelist", "has more entries than fit")
		return nil
	}
	for i := range count {
		free := le.Uint64(page[uint64(at)+i*8:])
		if user, ok := w.used[free]; ok {
			w.bad(free, user, "is in use and in the list of free pages")
		} else if free >= w.high {
			w.bad(id, "freelist", "lists page %d beyond the end of the file", free)
		}
	}
	return nil
}
