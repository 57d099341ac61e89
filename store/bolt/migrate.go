package bolt

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"strowger/store"
)

// migrations[v] takes a file from format v to v+1; a new file has format 0.
// Append only: files in the field have already run the released ones. What a
// migration changes in the buckets of the store goes through writer.do, which
// keeps their sums.
var migrations = []func(*writer) error{
	createBuckets,
	inOrder(addBuckets(2), addPlans),
	addBuckets(3),
	addBuckets(4),
}

// since is the format that a bucket came with, where that is not the first. An
// older backup is sound without it, and gets it when it is opened.
var since = map[store.Bucket]uint64{
	store.BucketFetches:       2,
	store.BucketSessions:      2,
	store.BucketSecondFactors: 2,
	store.BucketAccess:        2,
	store.BucketAccessIDs:     2,
	store.BucketDeliveries:    2,
	store.BucketDeliveryIDs:   2,
	store.BucketDeliveryQueue: 2,
	store.BucketHostKeys:      2,
	store.BucketPlans:         2,
	store.BucketBilling:       2,
	store.BucketBillingIDs:    2,
	store.BucketSeen:          2,
	store.BucketPhotos:        2,
	store.BucketChanges:       3,
	store.BucketAhead:         3,
	store.BucketRemovals:      4,
}

// The keys of the schema bucket.
var (
	keyVersion = []byte("version")
	keyID      = []byte("id") // of this store and its backups, random
)

func createBuckets(w *writer) error {
	for _, b := range []store.Bucket{
		store.BucketMeta, store.BucketOrganizations, store.BucketUsers, store.BucketContactMethods, store.BucketNumbers,
		store.BucketInternalNumbers, store.BucketTrunks, store.BucketDevices, store.BucketAppDevices,
		store.BucketTimeSchedules, store.BucketAudioFiles, store.BucketDeliveryMethods, store.BucketFeatureCodes,
		store.BucketCallFlows, store.BucketTokens, store.BucketSecrets, store.BucketRevisions, store.BucketOldSecrets,
		store.BucketBindings, store.BucketCalls, store.BucketTraces, store.BucketLadders,
		store.BucketCallIDs, store.BucketRecordings, store.BucketRecordingIDs, store.BucketVoicemails,
		store.BucketVoicemailIDs,
	} {
		if _, err := w.tx.CreateBucketIfNotExists([]byte(b)); err != nil {
			return err
		}
	}
	if _, err := w.tx.CreateBucketIfNotExists(bucketSums); err != nil {
		return err
	}
	schema, err := w.tx.CreateBucketIfNotExists(bucketSchema)
	if err != nil {
		return err
	}
	id := make([]byte, 16)
	rand.Read(id)
	return schema.Put(keyID, seal(store.Bucket(bucketSchema), keyID, id))
}

// addBuckets makes the buckets that came with a format.
func addBuckets(format uint64) func(*writer) error {
	return func(w *writer) error {
		for _, b := range store.Buckets {
			if since[b] != format {
				continue
			}
			if _, err := w.tx.CreateBucketIfNotExists([]byte(b)); err != nil {
				return err
			}
		}
		return nil
	}
}

func inOrder(steps ...func(*writer) error) func(*writer) error {
	return func(w *writer) error {
		for _, step := range steps {
			if err := step(w); err != nil {
				return err
			}
		}
		return nil
	}
}

// addPlans gives the organizations of a file from before there were plans those
// that a new one has.
func addPlans(w *writer) error {
	orgs := w.tx.Bucket([]byte(store.BucketOrganizations)).Cursor()
	for org, _ := orgs.First(); org != nil; org, _ = orgs.Next() {
		for _, op := range store.ShippedPlans(string(org), time.Now().UTC()) {
			if err := w.do(op); err != nil {
				return err
			}
		}
	}
	return nil
}

// version is the format of the file, 0 for a new one.
func (b *Backend) version() (version uint64, err error) {
	err = guard(b.path, func() error {
		return b.db.View(func(tx *bbolt.Tx) error {
			schema := tx.Bucket(bucketSchema)
			if schema == nil {
				if name, _ := tx.Cursor().First(); name != nil {
					return fmt.Errorf("%s is damaged or no database of strowger: it has no format: %w", b.path, store.ErrDamaged)
				}
				return nil
			}
			value, err := open(b.path, store.Bucket(bucketSchema), keyVersion, schema.Get(keyVersion))
			if err != nil {
				return err
			}
			if len(value) != 8 {
				return fmt.Errorf("%s is damaged: its format is no number: %w", b.path, store.ErrDamaged)
			}
			version = binary.BigEndian.Uint64(value)
			return nil
		})
	})
	return version, err
}

// storeID tells this store from others; a backup has the id of its original.
func storeID(tx *bbolt.Tx) (id [16]byte) {
	if schema := tx.Bucket(bucketSchema); schema != nil {
		if value, err := open("", store.Bucket(bucketSchema), keyID, schema.Get(keyID)); err == nil {
			copy(id[:], value)
		}
	}
	return id
}

// migrate brings the file up to this release, all steps or none.
func (b *Backend) migrate(version uint64) error {
	latest := uint64(len(migrations))
	if version == latest {
		return nil
	}
	err := b.commit(func(w *writer) error {
		for v := version; v < latest; v++ {
			if err := migrations[v](w); err != nil {
				return fmt.Errorf("bring %s from format %d to %d: %w", b.path, v, v+1, err)
			}
		}
		value := binary.BigEndian.AppendUint64(nil, latest)
		return w.tx.Bucket(bucketSchema).Put(keyVersion, seal(store.Bucket(bucketSchema), keyVersion, value))
	})
	if err != nil {
		return err
	}
	return b.journal.adopt(b.db)
}
