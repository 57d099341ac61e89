package bolt

import (
	"context"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"strowger/store"
)

// Check implements store.Backend: every page that is in use, every checksum,
// the sum of each bucket, and the journal.
func (b *Backend) Check(ctx context.Context, report func(store.Problem)) error {
	if err := b.enter(); err != nil {
		return err
	}
	defer b.views.Done()
	if err := b.checkPages(ctx, report); err != nil {
		return err
	}
	version, err := b.version()
	if err != nil {
		return err
	}
	for _, bucket := range store.Buckets {
		if since[bucket] > version {
			continue
		}
		if err := b.checkBucket(ctx, bucket, report); err != nil {
			return err
		}
	}
	if err := b.checkLog(ctx, report); err != nil {
		return err
	}
	if _, err := compareJournal(b.path, b.db); err != nil {
		if !errors.Is(err, store.ErrDamaged) {
			return err
		}
		report(store.Problem{Where: journalPath(b.path), What: err.Error()})
	}
	return nil
}

// checkBucket goes on after a record whose checksum is wrong, to report all.
func (b *Backend) checkBucket(ctx context.Context, name store.Bucket, report func(store.Problem)) error {
	var have, want sum
	err := guard(b.path, func() error {
		return b.db.View(func(tx *bbolt.Tx) (err error) {
			bucket := tx.Bucket([]byte(name))
			if bucket == nil {
				report(store.Problem{Where: string(name), What: "the bucket is not there"})
				return nil
			}
			if want, err = readSum(tx, b.path, name); err != nil {
				return err
			}
			cursor := bucket.Cursor()
			for key, stored := cursor.First(); key != nil; key, stored = cursor.Next() {
				if err := ctx.Err(); err != nil {
					return err
				}
				if _, err := open(b.path, name, key, stored); err != nil {
					report(store.Problem{Where: fmt.Sprintf("%s %q", name, key), What: "the checksum is wrong"})
				}
				if len(stored) >= checksumSize {
					have = have.with(stored)
				}
			}
			return nil
		})
	})
	switch {
	case errors.Is(err, store.ErrDamaged):
		report(store.Problem{Where: string(name), What: err.Error()})
		return nil
	case err != nil:
		return err
	case have != want:
		report(store.Problem{Where: string(name), What: fmt.Sprintf("has %d records where %d were written, or other ones", have.count, want.count)})
	}
	return nil
}
