package store

import (
	"context"
	"slices"
	"time"
)

// What is older than a time, oldest first, and may be deleted: nothing that is
// still being made, or on its way to a delivery method.

// OldRecordings answers at most limit finished recordings from before a time.
func (st *Store) OldRecordings(ctx context.Context, org string, before time.Time, limit int) ([]*CallRecording, error) {
	return recordings.older(ctx, st, org, before, limit, func(r *CallRecording) bool { return finished(r.State, r.Deliveries) })
}

// OldVoicemails answers at most limit messages from before a time.
func (st *Store) OldVoicemails(ctx context.Context, org string, before time.Time, limit int) ([]*Voicemail, error) {
	return voicemails.older(ctx, st, org, before, limit, func(v *Voicemail) bool { return finished(v.State, v.Deliveries) })
}

// OldCalls answers at most limit records of calls that began before a time and
// have ended.
func (st *Store) OldCalls(ctx context.Context, org string, before time.Time, limit int) ([]*Call, error) {
	return calls.older(ctx, st, org, before, limit, func(c *Call) bool { return !c.EndedAt.IsZero() })
}

func finished(state RecordingState, deliveries []Delivery) bool {
	return state.settled() && !slices.ContainsFunc(deliveries, func(d Delivery) bool {
		return d.State == DeliveryWaiting || d.State == DeliveryQueued
	})
}

// DeleteCalls removes records of calls, with why the calls went where they went;
// all of them or, where it fails, none.
func (st *Store) DeleteCalls(ctx context.Context, gone []*Call) error {
	ops := make([]Op, 0, 3*len(gone))
	for _, c := range gone {
		key := datedKey(c.Org, nanoseconds(c.StartedAt), c.ID)
		ops = append(ops, Op{Bucket: BucketCalls, Key: key}, Op{Bucket: BucketTraces, Key: key}, Op{Bucket: BucketCallIDs, Key: recordKey(c.Org, c.ID)})
	}
	return st.backend.Commit(ctx, ops)
}
