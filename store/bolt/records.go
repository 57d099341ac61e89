package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"go.etcd.io/bbolt"

	"strowger/store"
)

// Each value is stored behind the CRC-32C of its bucket, key and bytes. Each
// bucket has the count of its records and the sum of their checksums, written
// with every commit: a record that is gone or came from elsewhere is noticed,
// even where each one that is left is sound.

const checksumSize = 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b store.Bucket, key, value []byte) uint32 {
	return sumOf(b).checksum(key, value)
}

// A bucketSum is the checksum of a bucket's name, with which those of its
// records begin.
type bucketSum uint32

func sumOf(b store.Bucket) bucketSum {
	return bucketSum(crc32.Update(crc32.Update(0, castagnoli, []byte(b)), castagnoli, zero))
}

func (s bucketSum) checksum(key, value []byte) uint32 {
	c := crc32.Update(uint32(s), castagnoli, key)
	c = crc32.Update(c, castagnoli, zero)
	return crc32.Update(c, castagnoli, value)
}

var zero = []byte{0}

// A sum is what a whole bucket must come to.
type sum struct{ count, total uint64 }

func (s sum) with(stored []byte) sum {
	return sum{s.count + 1, s.total + uint64(binary.BigEndian.Uint32(stored))}
}

func (s sum) without(stored []byte) sum {
	return sum{s.count - 1, s.total - uint64(binary.BigEndian.Uint32(stored))}
}

// The buckets that are this package's own.
var (
	bucketSchema = []byte("schema")
	bucketSums   = []byte("sums")
)

// open checks a stored value and answers the bytes in it.
func open(path string, b store.Bucket, key, stored []byte) ([]byte, error) {
	return sumOf(b).open(path, b, key, stored)
}

func (s bucketSum) open(path string, b store.Bucket, key, stored []byte) ([]byte, error) {
	if len(stored) < checksumSize || s.checksum(key, stored[checksumSize:]) != binary.BigEndian.Uint32(stored) {
		return nil, fmt.Errorf("%s is damaged: the checksum of %s %q is wrong: %w", path, b, key, store.ErrDamaged)
	}
	return stored[checksumSize:], nil
}

func seal(b store.Bucket, key, value []byte) []byte {
	return appendSealed(make([]byte, 0, checksumSize+len(value)), b, key, value)
}

func appendSealed(dst []byte, b store.Bucket, key, value []byte) []byte {
	return append(binary.BigEndian.AppendUint32(dst, checksum(b, key, value)), value...)
}

// A reader is one read transaction.
type reader struct {
	ctx  context.Context
	path string
	tx   *bbolt.Tx
	away bool // the caller's code runs, whose panics are not ours
}

// guard is guard for bbolt's panics only.
func (r *reader) guard(f func() error) error {
	var theirs any
	err := guard(r.path, func() (err error) {
		defer func() {
			if r.away {
				theirs = recover()
			}
		}()
		return f()
	})
	if theirs != nil {
		panic(theirs)
	}
	return err
}

// outside runs the caller's code.
func (r *reader) outside(f func() error) error {
	was := r.away
	r.away = true
	err := f()
	r.away = was
	return err
}

// inside runs bbolt's.
func (r *reader) inside(f func() error) error {
	was := r.away
	r.away = false
	err := f()
	r.away = was
	return err
}

// Get implements store.Reader.
func (r *reader) Get(b store.Bucket, key []byte) (value []byte, err error) {
	err = r.inside(func() error {
		bucket := r.tx.Bucket([]byte(b))
		if bucket == nil {
			return nil
		}
		stored := bucket.Get(key)
		if stored == nil {
			return nil
		}
		value, err = open(r.path, b, key, stored)
		return err
	})
	return value, err
}

// Range implements store.Reader. One over a whole bucket also proves that none
// of its records is missing.
func (r *reader) Range(b store.Bucket, from, to []byte, f func(key, value []byte) error) error {
	return r.inside(func() error {
		bucket := r.tx.Bucket([]byte(b))
		if bucket == nil {
			return nil
		}
		var have sum
		name := sumOf(b)
		cursor := bucket.Cursor()
		key, stored := cursor.Seek(from)
		for ; key != nil && (to == nil || bytes.Compare(key, to) < 0); key, stored = cursor.Next() {
			value, err := name.open(r.path, b, key, stored)
			if err != nil {
				return err
			}
			if have = have.with(stored); have.count%1024 == 0 && r.ctx.Err() != nil {
				return r.ctx.Err()
			}
			if err := r.outside(func() error { return f(key, value) }); err != nil {
				return err
			}
		}
		if from == nil && to == nil {
			return r.complete(b, have)
		}
		return nil
	})
}

// complete says whether a bucket has all the records that it should have.
func (r *reader) complete(b store.Bucket, have sum) error {
	want, err := readSum(r.tx, r.path, b)
	if err != nil {
		return err
	}
	if want != have {
		return fmt.Errorf("%s is damaged: %s has %d records where %d were written, or other ones: %w",
			r.path, b, have.count, want.count, store.ErrDamaged)
	}
	return nil
}

// RangeBack implements store.Reader.
func (r *reader) RangeBack(b store.Bucket, from, to []byte, f func(key, value []byte) error) error {
	return r.inside(func() error {
		bucket := r.tx.Bucket([]byte(b))
		if bucket == nil {
			return nil
		}
		cursor := bucket.Cursor()
		key, stored := cursor.Last()
		if to != nil {
			if at, _ := cursor.Seek(to); at != nil {
				key, stored = cursor.Prev()
			} else {
				key, stored = cursor.Last()
			}
		}
		for ; key != nil && bytes.Compare(key, from) >= 0; key, stored = cursor.Prev() {
			if err := r.ctx.Err(); err != nil {
				return err
			}
			value, err := open(r.path, b, key, stored)
			if err != nil {
				return err
			}
			if err := r.outside(func() error { return f(key, value) }); err != nil {
				return err
			}
		}
		return nil
	})
}

func readSum(tx *bbolt.Tx, path string, b store.Bucket) (sum, error) {
	sums := tx.Bucket(bucketSums)
	if sums == nil {
		return sum{}, nil
	}
	stored := sums.Get([]byte(b))
	if stored == nil {
		return sum{}, nil
	}
	value, err := open(path, store.Bucket(bucketSums), []byte(b), stored)
	if err != nil {
		return sum{}, err
	}
	if len(value) != 16 {
		return sum{}, fmt.Errorf("%s is damaged: the sum of %s is no sum: %w", path, b, store.ErrDamaged)
	}
	return sum{binary.BigEndian.Uint64(value), binary.BigEndian.Uint64(value[8:])}, nil
}

// A writer is one write transaction.
type writer struct {
	tx      *bbolt.Tx
	path    string
	id      int                  // of the transaction
	sums    map[store.Bucket]sum // of the buckets that change
	buckets map[store.Bucket]*bbolt.Bucket
	sealed  []byte // what is stored, which bbolt copies when it commits
	refused bool   // the error is ours, bbolt is sound
}

// appended are the buckets whose new keys come after the old ones: their pages
// are left nearly full.
var appended = map[store.Bucket]bool{
	store.BucketRevisions: true, store.BucketChanges: true, store.BucketAhead: true, store.BucketCalls: true, store.BucketTraces: true,
	store.BucketLadders: true, store.BucketRecordings: true, store.BucketVoicemails: true,
}

func (w *writer) bucket(name store.Bucket) (*bbolt.Bucket, error) {
	if b := w.buckets[name]; b != nil {
		return b, nil
	}
	b := w.tx.Bucket([]byte(name))
	if b == nil {
		w.refused = true
		return nil, fmt.Errorf("%s is damaged: the bucket %s is gone: %w", w.path, name, store.ErrDamaged)
	}
	if appended[name] {
		b.FillPercent = 0.95
	}
	was, err := readSum(w.tx, w.path, name)
	if err != nil {
		w.refused = true
		return nil, err
	}
	w.buckets[name], w.sums[name] = b, was
	return b, nil
}

func (w *writer) do(op store.Op) error {
	b, err := w.bucket(op.Bucket)
	if err != nil {
		return err
	}
	s := w.sums[op.Bucket]
	if old := b.Get(op.Key); old != nil {
		if len(old) < checksumSize {
			w.refused = true
			return fmt.Errorf("%s is damaged: %s %q is too short: %w", w.path, op.Bucket, op.Key, store.ErrDamaged)
		}
		s = s.without(old)
	} else if op.Value == nil {
		return nil
	}
	if op.Value == nil {
		w.sums[op.Bucket] = s
		return b.Delete(op.Key)
	}
	if room := checksumSize + len(op.Value); cap(w.sealed)-len(w.sealed) < room {
		w.sealed = make([]byte, 0, max(room, min(2*cap(w.sealed), maxRoom))) // what is there stays where bbolt has it
	}
	from := len(w.sealed)
	w.sealed = appendSealed(w.sealed, op.Bucket, op.Key, op.Value)
	stored := w.sealed[from:len(w.sealed):len(w.sealed)]
	w.sums[op.Bucket] = s.with(stored)
	return b.Put(op.Key, stored)
}

func (w *writer) putSums() error {
	b := w.tx.Bucket(bucketSums)
	for name, s := range w.sums {
		value := binary.BigEndian.AppendUint64(nil, s.count)
		value = binary.BigEndian.AppendUint64(value, s.total)
		if err := b.Put([]byte(name), seal(store.Bucket(bucketSums), []byte(name), value)); err != nil {
			return err
		}
	}
	return nil
}
