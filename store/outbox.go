package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// The outbox is what the exchange has promised to send elsewhere: captures to
// delivery methods, and mail. A job is on disk before anybody relies on it.
// Sending is left to whoever asks for what is due.

// DoneAge is how long a job is kept that is done. One that is dead stays until
// somebody retries or discards it.
const DoneAge = 30 * 24 * time.Hour

// MaxMail is how large a mail may be, attachments and all, in bytes.
const MaxMail = 2 << 20

var jobs = &dated[Job]{
	records: BucketDeliveries, ids: BucketDeliveryIDs,
	id:     func(j *Job) (string, string) { return j.Org, j.ID },
	at:     func(j *Job) time.Time { return j.CreatedAt },
	setOrg: func(j *Job, org string) { j.Org = org },
	fields: (*Job).fields,
}

// ops are what saves a job: its record, and its place in the queue while it
// waits there.
func (j *Job) ops() []Op {
	op := Op{Bucket: BucketDeliveryQueue, Key: recordKey(j.Org, j.ID)}
	if j.State == JobQueued {
		op.Value = append(binary.BigEndian.AppendUint64(nil, nanoseconds(j.NextTry)), j.DeliveryMethodID...)
	}
	return append(jobs.put(j), op)
}

// newJob is due at once.
func (st *Store) newJob(org, id string, kind JobKind, what string) Job {
	now := st.now().UTC()
	return Job{ID: id, Org: org, Kind: kind, What: what, State: JobQueued, CreatedAt: now, Since: now, NextTry: now}
}

// jobID is the same for the same thing and method, whoever asks and however
// often: that is what has each sent once.
func jobID(kind JobKind, what, method string) string {
	sum := sha256.Sum256([]byte(string(kind) + "\x00" + what + "\x00" + method))
	return strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:15]))
}

// HandOver queues a capture that is on disk for each of its delivery methods
// that it does not stand in the queue for already. Spool is what is left of its
// packets. All of it is on disk when HandOver returns, or nothing.
func (st *Store) HandOver(ctx context.Context, kind JobKind, org, id, spool string) error {
	switch kind {
	case JobRecording:
		return handOver(ctx, st, recordings, kind, org, id, func(r *CallRecording) *[]Delivery {
			r.Spool = spool
			return &r.Deliveries
		})
	case JobVoicemail:
		return handOver(ctx, st, voicemails, kind, org, id, func(v *Voicemail) *[]Delivery {
			v.Spool = spool
			return &v.Deliveries
		})
	}
	return invalid(inDeliveries, "kind", "%q is no capture", kind)
}

func handOver[T any](ctx context.Context, st *Store, d *dated[T], kind JobKind, org, id string, deliveries func(*T) *[]Delivery) error {
	defer d.lock(st, org, id)()
	r, err := d.get(ctx, st, org, id)
	if err != nil {
		return err
	}
	var ops []Op
	all := deliveries(r)
	for i := range *all {
		one := &(*all)[i]
		if one.State != DeliveryWaiting {
			continue
		}
		j := st.newJob(org, jobID(kind, id, one.DeliveryMethodID), kind, id)
		j.DeliveryMethodID = one.DeliveryMethodID
		one.State = DeliveryQueued
		ops = append(ops, j.ops()...)
	}
	if len(ops) == 0 {
		return nil
	}
	if err := st.writer.ledger.wait(entry{ops: append(d.put(r), ops...)}); err != nil {
		return err
	}
	signal(st.outbox)
	return nil
}

// NoteDelivery puts into the ledger what became of a capture at a delivery
// method. It is on disk when it returns.
func (st *Store) NoteDelivery(ctx context.Context, kind JobKind, org, id string, now Delivery) (err error) {
	if kind == JobVoicemail {
		_, err = voicemails.change(ctx, st, org, id, func(v *Voicemail) { v.State = noteDelivery(v.Deliveries, now, v.State) })
	} else {
		_, err = recordings.change(ctx, st, org, id, func(r *CallRecording) { r.State = noteDelivery(r.Deliveries, now, r.State) })
	}
	return err
}

func noteDelivery(all []Delivery, now Delivery, state RecordingState) RecordingState {
	for i := range all {
		if all[i].DeliveryMethodID == now.DeliveryMethodID {
			all[i] = now
		}
	}
	if state == RecordingCaptured && delivered(all) {
		return RecordingDelivered
	}
	return state
}

func delivered(all []Delivery) bool {
	for i := range all {
		if all[i].State != DeliveryDelivered {
			return false
		}
	}
	return true
}

// keepDeliveries carries over what the recorder, who writes a capture's record,
// does not know: how far its deliveries are. A capture is delivered when all of
// them are.
func keepDeliveries(all, old []Delivery, state RecordingState) RecordingState {
	for i := range all {
		for j := range old {
			if old[j].DeliveryMethodID == all[i].DeliveryMethodID && old[j].State != DeliveryWaiting {
				all[i] = old[j]
			}
		}
	}
	if state == RecordingDelivered && !delivered(all) {
		return RecordingCaptured
	}
	return state
}

// QueueMail promises a mail. Its content is sealed: it may hold what lets people
// in. An id that is given and there already queues nothing, and is no error.
func (st *Store) QueueMail(ctx context.Context, org, id string, m Mail) (*Job, error) {
	if _, ok := st.Snapshot(org); !ok {
		return nil, notFound(inOrganizations, org)
	}
	if id == "" {
		id = NewID()
	}
	if len(m.To) == 0 {
		return nil, invalid(inDeliveries+"/"+id, "to", "must name a recipient")
	}
	text, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	if len(text) > MaxMail {
		return nil, invalid(inDeliveries+"/"+id, "attachments", "make the mail larger than %d MB", MaxMail>>20)
	}
	defer st.writer.records.lock(BucketDeliveries, org, id)()
	if there, err := jobs.get(ctx, st, org, id); err == nil || !errors.Is(err, ErrNotFound) {
		return there, err
	}
	j := st.newJob(org, id, JobMail, m.Subject)
	if j.Sealed, err = st.vault.seal(string(text)); err != nil {
		return nil, err
	}
	if err := st.writer.ledger.wait(entry{ops: j.ops()}); err != nil {
		return nil, err
	}
	signal(st.outbox)
	return &j, nil
}

// OpenMail answers the mail that a job promises.
func (st *Store) OpenMail(j *Job) (m Mail, err error) {
	text, err := st.vault.open(j.Sealed)
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal([]byte(text), &m)
}

// Outbox is woken when a job came to be due. One slot: nothing queues, and
// whoever is woken looks at all of [Store.Queued].
func (st *Store) Outbox() <-chan struct{} { return st.outbox }

// Queued lists what waits to be sent, of all organizations.
func (st *Store) Queued(ctx context.Context) (out []QueuedJob, err error) {
	err = st.backend.View(ctx, func(r Reader) error {
		return r.Range(BucketDeliveryQueue, nil, nil, func(key, value []byte) error {
			org, id, ok := bytes.Cut(key, []byte{0})
			if !ok || len(value) < 8 {
				return undecodable(BucketDeliveryQueue, key)
			}
			out = append(out, QueuedJob{
				Org: string(org), ID: string(id), DeliveryMethodID: string(value[8:]),
				NextTry: time.Unix(0, int64(binary.BigEndian.Uint64(value))),
			})
			return nil
		})
	})
	return out, err
}

// Job finds a job of the outbox.
func (st *Store) Job(ctx context.Context, org, id string) (*Job, error) {
	return jobs.get(ctx, st, org, id)
}

// Jobs lists the outbox, newest first: those older than the one with the id
// before, or the newest.
func (st *Store) Jobs(ctx context.Context, org, before string, limit int) ([]*Job, error) {
	return jobs.list(ctx, st, org, before, limit)
}

// ChangeJob writes back what f makes of a job; after an error of f nothing has
// changed. It is on disk when ChangeJob returns.
func (st *Store) ChangeJob(ctx context.Context, org, id string, f func(*Job) error) (*Job, error) {
	defer st.writer.records.lock(BucketDeliveries, org, id)()
	j, err := jobs.get(ctx, st, org, id)
	if err != nil {
		return nil, err
	}
	if err := f(j); err != nil {
		return nil, err
	}
	if err := st.writer.ledger.wait(entry{ops: j.ops()}); err != nil {
		return nil, err
	}
	if j.State == JobQueued {
		signal(st.outbox)
	}
	return j, nil
}

// DeleteJob takes a job out of the outbox, whatever its state.
func (st *Store) DeleteJob(ctx context.Context, org, id string) error {
	defer st.writer.records.lock(BucketDeliveries, org, id)()
	j, err := jobs.get(ctx, st, org, id)
	if err != nil {
		return err
	}
	return st.writer.ledger.wait(entry{ops: j.deletion()})
}

func (j *Job) deletion() []Op {
	key := recordKey(j.Org, j.ID)
	return []Op{
		{Bucket: BucketDeliveries, Key: datedKey(j.Org, nanoseconds(j.CreatedAt), j.ID)},
		{Bucket: BucketDeliveryIDs, Key: key},
		{Bucket: BucketDeliveryQueue, Key: key},
	}
}

// SweepOutbox removes jobs that were done long ago, and answers how many. The
// store does it by itself every ten minutes.
func (st *Store) SweepOutbox(ctx context.Context) (removed int, err error) {
	to := nanoseconds(st.now().Add(-DoneAge))
	var ops []Op
	err = st.backend.View(ctx, func(r Reader) error {
		for _, org := range st.Directory().Organizations() {
			err := r.Range(BucketDeliveries, datedKey(org, 0, ""), datedKey(org, to, ""), func(key, value []byte) error {
				j, err := jobs.decode(key, value)
				if err == nil && j.State == JobDone {
					removed++
					ops = append(ops, j.deletion()...)
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || removed == 0 {
		return 0, err
	}
	return removed, st.writer.ledger.wait(entry{ops: ops})
}

// HostKey is the key that a delivery method's server at an address showed when
// it was first met; nil: it never was.
func (st *Store) HostKey(ctx context.Context, org, method, address string) (key []byte, err error) {
	err = st.backend.View(ctx, func(r Reader) error {
		value, err := r.Get(BucketHostKeys, recordKey(org, method+" "+address))
		key = bytes.Clone(value)
		return err
	})
	return key, err
}

// KeepHostKey remembers it; it is on disk when KeepHostKey returns.
func (st *Store) KeepHostKey(ctx context.Context, org, method, address string, key []byte) error {
	return st.writer.ledger.wait(entry{ops: []Op{{Bucket: BucketHostKeys, Key: recordKey(org, method+" "+address), Value: key}}})
}
