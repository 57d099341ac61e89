package store

import "context"

// A Bucket names an ordered set of keys of a Backend.
type Bucket string

// The buckets. A key begins with the organization's id and a zero byte, but in
// meta, ladders and removals.
const (
	BucketMeta            Bucket = "meta"
	BucketOrganizations   Bucket = "organizations"
	BucketUsers           Bucket = "users"
	BucketContactMethods  Bucket = "contact_methods"
	BucketNumbers         Bucket = "numbers"
	BucketInternalNumbers Bucket = "internal_numbers"
	BucketTrunks          Bucket = "trunks"
	BucketDevices         Bucket = "devices"
	BucketAppDevices      Bucket = "app_devices"
	BucketTimeSchedules   Bucket = "time_schedules"
	BucketAudioFiles      Bucket = "audio_files"
	BucketDeliveryMethods Bucket = "delivery_methods"
	BucketFeatureCodes    Bucket = "feature_codes"
	BucketCallFlows       Bucket = "call_flows"
	BucketTokens          Bucket = "tokens"
	BucketSecrets         Bucket = "secrets"        // org 0 collection / id
	BucketRevisions       Bucket = "revisions"      // org 0 revision
	BucketChanges         Bucket = "changes"        // org 0 revision part, of revisions too large for one value
	BucketAhead           Bucket = "ahead"          // org 0 revision part, of what a save writes ahead
	BucketOldSecrets      Bucket = "old_secrets"    // org 0 collection / id, of deleted records
	BucketBindings        Bucket = "bindings"       // org 0 hash of AOR and key
	BucketBindingLog      Bucket = "binding_log"    // sequence
	BucketCalls           Bucket = "calls"          // org 0 start id
	BucketTraces          Bucket = "traces"         // org 0 start id
	BucketLadders         Bucket = "ladders"        // end org 0 id
	BucketCallIDs         Bucket = "call_ids"       // org 0 id
	BucketRecordings      Bucket = "recordings"     // org 0 created id
	BucketRecordingIDs    Bucket = "recording_ids"  // org 0 id
	BucketVoicemails      Bucket = "voicemails"     // org 0 created id
	BucketVoicemailIDs    Bucket = "voicemail_ids"  // org 0 id
	BucketFetches         Bucket = "fetches"        // org 0 device
	BucketSessions        Bucket = "sessions"       // org 0 id
	BucketSecondFactors   Bucket = "second_factors" // org 0 user
	BucketAccess          Bucket = "access"         // org 0 time id
	BucketAccessIDs       Bucket = "access_ids"     // org 0 id
	BucketDeliveries      Bucket = "deliveries"     // org 0 created id
	BucketDeliveryIDs     Bucket = "delivery_ids"   // org 0 id
	BucketDeliveryQueue   Bucket = "delivery_queue" // org 0 id, of what waits to be sent
	BucketPlans           Bucket = "plans"
	BucketBilling         Bucket = "billing"     // org 0 time id
	BucketBillingIDs      Bucket = "billing_ids" // org 0 id
	BucketHostKeys        Bucket = "host_keys"   // org 0 method and address
	BucketSeen            Bucket = "seen"        // org 0 user
	BucketPhotos          Bucket = "photos"      // org 0 user
	BucketRemovals        Bucket = "removals"    // file, of a record that is gone
)

// Buckets are all of them. A new one is a migration of every backend.
var Buckets = []Bucket{
	BucketMeta, BucketOrganizations, BucketUsers, BucketContactMethods, BucketNumbers, BucketInternalNumbers,
	BucketTrunks, BucketDevices, BucketAppDevices, BucketTimeSchedules, BucketAudioFiles, BucketDeliveryMethods,
	BucketFeatureCodes, BucketCallFlows, BucketTokens, BucketSecrets, BucketRevisions, BucketOldSecrets,
	BucketBindings, BucketCalls, BucketTraces, BucketLadders, BucketCallIDs, BucketRecordings,
	BucketRecordingIDs, BucketVoicemails, BucketVoicemailIDs, BucketFetches, BucketSessions,
	BucketSecondFactors, BucketAccess, BucketAccessIDs, BucketDeliveries, BucketDeliveryIDs, BucketDeliveryQueue,
	BucketHostKeys, BucketPlans, BucketBilling, BucketBillingIDs, BucketSeen, BucketPhotos,
	BucketChanges, BucketAhead, BucketRemovals,
}

// An Op puts a value under a key, or deletes the key when Value is nil.
type Op struct {
	Bucket Bucket
	Key    []byte
	Value  []byte
}

// A Backend keeps bytes under ordered keys. Its errors wrap ErrDamaged, ErrFull,
// ErrReadOnly or ErrClosed where they apply.
type Backend interface {
	// View calls f with one consistent view. Views run beside each other and
	// beside Commit.
	View(ctx context.Context, f func(Reader) error) error
	// Commit does all of ops, in their order, or none. They are on disk when it
	// returns nil.
	Commit(ctx context.Context, ops []Op) error

	// AppendLog adds a record to the log, which is what a commit is too slow
	// for. It is on disk when it returns nil.
	AppendLog(ctx context.Context, record []byte) error
	// CutLog begins a new part of the log and answers the number of the one that
	// ends, and how many bytes there are up to its end.
	CutLog(ctx context.Context) (part uint64, size int64, err error)
	// ReadLog goes through the log from its beginning to the end of a part; 0 is
	// the end of the log. What is damaged in it is left out, with a warning.
	ReadLog(ctx context.Context, to uint64, f func(record []byte) error) error
	// DropLog forgets the log up to the end of a part.
	DropLog(ctx context.Context, to uint64) error

	// Check reads everything and reports what is wrong with it.
	Check(ctx context.Context, report func(Problem)) error
	Close() error
}

// A Reader reads one view. The bytes that it hands out are valid until the
// call that handed them out, or View's function for Get, returns.
type Reader interface {
	// Get answers nil when the key is not there.
	Get(b Bucket, key []byte) ([]byte, error)
	// Range goes upwards through the keys that are at least from and less than
	// to; nil is no limit. An error that f returns ends it.
	Range(b Bucket, from, to []byte, f func(key, value []byte) error) error
	// RangeBack goes downwards through the same keys.
	RangeBack(b Bucket, from, to []byte, f func(key, value []byte) error) error
}

// A Problem is one thing that a check found.
type Problem struct {
	Where string `json:"where"`
	What  string `json:"what"`
}
