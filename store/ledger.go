package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"time"
)

// LadderAge is how long the SIP messages of a call are kept.
const LadderAge = 24 * time.Hour

// A dated is a collection that is listed newest first: its records are under
// organization, time and id, and a second bucket finds the time of an id.
type dated[T any] struct {
	records, ids Bucket
	id           func(*T) (org, id string)
	at           func(*T) time.Time
	setOrg       func(*T, string)
	fields       func(*T, *codec)
}

var (
	calls = &dated[Call]{
		records: BucketCalls, ids: BucketCallIDs,
		id:     func(c *Call) (string, string) { return c.Org, c.ID },
		at:     func(c *Call) time.Time { return c.StartedAt },
		setOrg: func(c *Call, org string) { c.Org = org },
		fields: (*Call).fields,
	}
	recordings = &dated[CallRecording]{
		records: BucketRecordings, ids: BucketRecordingIDs,
		id:     func(r *CallRecording) (string, string) { return r.Org, r.ID },
		at:     func(r *CallRecording) time.Time { return r.CreatedAt },
		setOrg: func(r *CallRecording, org string) { r.Org = org },
		fields: (*CallRecording).fields,
	}
	voicemails = &dated[Voicemail]{
		records: BucketVoicemails, ids: BucketVoicemailIDs,
		id:     func(v *Voicemail) (string, string) { return v.Org, v.ID },
		at:     func(v *Voicemail) time.Time { return v.CreatedAt },
		setOrg: func(v *Voicemail, org string) { v.Org = org },
		fields: (*Voicemail).fields,
	}
)

// datedKey sorts by time; times before 1970 do not occur.
func datedKey(org string, ns uint64, id string) []byte {
	key := append(make([]byte, 0, len(org)+1+8+len(id)), org...)
	return append(binary.BigEndian.AppendUint64(append(key, 0), ns), id...)
}

func nanoseconds(t time.Time) uint64 {
	if t.IsZero() || t.UnixNano() < 0 {
		return 0
	}
	return uint64(t.UnixNano())
}

func (d *dated[T]) put(r *T) []Op { return d.appendPut(nil, r) }

func (d *dated[T]) appendPut(ops []Op, r *T) []Op {
	org, id := d.id(r)
	ns := nanoseconds(d.at(r))
	return append(ops,
		Op{Bucket: d.records, Key: datedKey(org, ns, id), Value: encode(func(c *codec) { d.fields(r, c) })},
		Op{Bucket: d.ids, Key: recordKey(org, id), Value: binary.BigEndian.AppendUint64(nil, ns)})
}

// find answers the time under which an id is kept.
func (d *dated[T]) find(r Reader, org, id string) (ns uint64, ok bool, err error) {
	data, err := r.Get(d.ids, recordKey(org, id))
	if err != nil || data == nil {
		return 0, false, err
	}
	if len(data) != 8 {
		return 0, false, undecodable(d.ids, recordKey(org, id))
	}
	return binary.BigEndian.Uint64(data), true, nil
}

func (d *dated[T]) decode(key, value []byte) (*T, error) {
	r := new(T)
	if !decode(string(value), func(c *codec) { d.fields(r, c) }) {
		return nil, undecodable(d.records, key)
	}
	org, _, _ := strings.Cut(string(key), "\x00")
	d.setOrg(r, org)
	return r, nil
}

func (d *dated[T]) get(ctx context.Context, st *Store, org, id string) (found *T, err error) {
	st.writer.flush()
	err = st.backend.View(ctx, func(r Reader) error {
		ns, ok, err := d.find(r, org, id)
		if err != nil {
			return err
		}
		if !ok {
			return notFound(string(d.records), id)
		}
		key := datedKey(org, ns, id)
		value, err := r.Get(d.records, key)
		if err != nil {
			return err
		}
		if value == nil {
			return fmt.Errorf("%s/%s is listed and not there: %w", d.records, id, ErrDamaged)
		}
		found, err = d.decode(key, value)
		return err
	})
	return found, err
}

// list answers the newest that are older than the one with the id before.
func (d *dated[T]) list(ctx context.Context, st *Store, org, before string, limit int) (out []*T, err error) {
	st.writer.flush()
	err = st.backend.View(ctx, func(r Reader) error {
		to := datedKey(org, 1<<64-1, "")
		if before != "" {
			ns, ok, err := d.find(r, org, before)
			if err != nil {
				return err
			}
			if !ok {
				return notFound(string(d.records), before)
			}
			to = datedKey(org, ns, before)
		}
		err := r.RangeBack(d.records, recordKey(org, ""), to, func(key, value []byte) error {
			if len(out) >= limit {
				return errStop
			}
			one, err := d.decode(key, value)
			out = append(out, one)
			return err
		})
		if errors.Is(err, errStop) {
			return nil
		}
		return err
	})
	return out, err
}

// all goes through the records of every organization, oldest first in each. f
// may write to the store: it is called with a page of them at a time, outside
// the view.
func (d *dated[T]) all(ctx context.Context, st *Store, f func(*T) error) error {
	st.writer.flush()
	const page = 500
	from := []byte{}
	for {
		var batch []*T
		err := st.backend.View(ctx, func(r Reader) error {
			return r.Range(d.records, from, nil, func(key, value []byte) error {
				if len(batch) == page {
					return errStop
				}
				one, err := d.decode(key, value)
				batch = append(batch, one)
				from = append(append(from[:0:0], key...), 0)
				return err
			})
		})
		if err != nil && !errors.Is(err, errStop) {
			return err
		}
		for _, r := range batch {
			if err := f(r); err != nil {
				return err
			}
		}
		if err == nil {
			return nil
		}
	}
}

// A recordLocks lets one at a time read a record and write it back, where the
// batcher only orders the writing. Records share locks, which are held for as
// long as a commit takes.
type recordLocks struct {
	seed  maphash.Seed
	locks [256]sync.Mutex
}

func (l *recordLocks) lock(bucket Bucket, org, id string) (unlock func()) {
	m := &l.locks[maphash.Comparable(l.seed, [3]string{string(bucket), org, id})%uint64(len(l.locks))]
	m.Lock()
	return m.Unlock
}

// lock is that of a record, which no organization's end comes between. Whoever has
// it asks for no other, and makes no revision.
func (d *dated[T]) lock(st *Store, org, id string) (unlock func()) {
	st.writer.ends.RLock()
	own := st.writer.records.lock(d.records, org, id)
	return func() {
		own()
		st.writer.ends.RUnlock()
	}
}

// save writes one record; it is on disk when it returns. It is ErrGone where that
// has outlived its organization. Unless keep is nil, it
// carries over what of the record, if that is there already, the caller does not
// know of.
func (d *dated[T]) save(ctx context.Context, st *Store, r *T, keep func(r, old *T)) error {
	org, id := d.id(r)
	if id == "" {
		return invalid(string(d.records), "id", "must be given")
	}
	defer d.lock(st, org, id)()
	var ops []Op
	err := st.backend.View(ctx, func(reader Reader) error {
		if err := st.outlived(reader, org, d.at(r)); err != nil {
			return err
		}
		ns, ok, err := d.find(reader, org, id)
		if err != nil || !ok {
			return err
		}
		key := datedKey(org, ns, id)
		// A record whose time changed would be there twice.
		if ns != nanoseconds(d.at(r)) {
			ops = append(ops, Op{Bucket: d.records, Key: key})
		}
		if keep == nil {
			return nil
		}
		value, err := reader.Get(d.records, key)
		if err != nil || value == nil {
			return err
		}
		old, err := d.decode(key, value)
		if err == nil {
			keep(r, old)
		}
		return err
	})
	if err != nil {
		return err
	}
	return st.writer.ledger.wait(entry{ops: d.appendPut(ops, r)})
}

// change writes back what f makes of a record that is there; it is on disk when
// change returns.
func (d *dated[T]) change(ctx context.Context, st *Store, org, id string, f func(*T)) (*T, error) {
	defer d.lock(st, org, id)()
	r, err := d.get(ctx, st, org, id)
	if err != nil {
		return nil, err
	}
	f(r)
	return r, st.writer.ledger.wait(entry{ops: d.put(r)})
}

// older answers at most limit records that are older than a time, the oldest first,
// of those that want is true of. It reads at most 50 times as many.
func (d *dated[T]) older(ctx context.Context, st *Store, org string, before time.Time, limit int, want func(*T) bool) (out []*T, err error) {
	st.writer.flush()
	looked := 0
	err = st.backend.View(ctx, func(r Reader) error {
		return r.Range(d.records, recordKey(org, ""), datedKey(org, nanoseconds(before), ""), func(key, value []byte) error {
			if looked++; len(out) >= limit || looked > 50*limit {
				return errStop
			}
			one, err := d.decode(key, value)
			if err == nil && want(one) {
				out = append(out, one)
			}
			return err
		})
	})
	if errors.Is(err, errStop) {
		err = nil
	}
	return out, err
}

// remove removes a record, with more operations that take makes of it unless it is
// nil.
func (d *dated[T]) remove(ctx context.Context, st *Store, org, id string, take func(*T) ([]Op, error)) error {
	defer d.lock(st, org, id)()
	var ops []Op
	err := st.backend.View(ctx, func(r Reader) error {
		ns, ok, err := d.find(r, org, id)
		if err == nil && !ok {
			err = notFound(string(d.records), id)
		}
		key := datedKey(org, ns, id)
		ops = []Op{{Bucket: d.records, Key: key}, {Bucket: d.ids, Key: recordKey(org, id)}}
		if err != nil || take == nil {
			return err
		}
		value, err := r.Get(d.records, key)
		if err != nil {
			return err
		}
		one, err := d.decode(key, value)
		if err != nil {
			return err
		}
		more, err := take(one)
		ops = append(ops, more...)
		return err
	})
	if err != nil {
		return err
	}
	return st.writer.ledger.wait(entry{ops: ops})
}

// SaveCall queues a call's record, its trace unless that is nil, and its messages
// from l, not from t.Ladder. They are on disk within a second, and at the latest
// when the store is closed. The store owns call and trace from here on: nobody may
// change them. To the ladder may be added as long as it is not on disk, which takes
// it a little longer.
func (st *Store) SaveCall(c *Call, t *Trace, l *Ladder) {
	st.sawCall(c)
	if !st.writer.ledger.later(entry{call: c, trace: t, ladder: l}) {
		st.log.Error("a call's record is lost: the disk has not taken any for long", "call", c.ID)
	}
}

// Call finds a call's record.
func (st *Store) Call(ctx context.Context, org, id string) (*Call, error) {
	return calls.get(ctx, st, org, id)
}

// Calls lists call records, newest first: those that began before the call with
// the id before, or the newest.
func (st *Store) Calls(ctx context.Context, org, before string, limit int) ([]*Call, error) {
	return calls.list(ctx, st, org, before, limit)
}

// AllCalls goes through all call records of all organizations.
func (st *Store) AllCalls(ctx context.Context, f func(*Call) error) error {
	return calls.all(ctx, st, f)
}

// traceOp is for a call whose ladder is kept under that time; 0: it has none.
func traceOp(c *Call, t *Trace, ladderAt uint64) Op {
	saved := savedTrace{sentence: t.Sentence, decisions: t.Decisions, ladderAt: ladderAt, quality: t.Quality}
	return Op{Bucket: BucketTraces, Key: datedKey(c.Org, nanoseconds(c.StartedAt), c.ID), Value: encode(saved.fields)}
}

func ladderKey(ns uint64, org, id string) []byte {
	return append(binary.BigEndian.AppendUint64(nil, ns), recordKey(org, id)...)
}

// Trace finds why a call went where it went. The ladder is there for 24 hours.
func (st *Store) Trace(ctx context.Context, org, id string) (*Trace, error) {
	st.writer.flush()
	t := &Trace{CallID: id, Decisions: []Decision{}, Ladder: []LadderStep{}, Quality: []LegQuality{}}
	err := st.backend.View(ctx, func(r Reader) error {
		ns, ok, err := calls.find(r, org, id)
		if err != nil {
			return err
		}
		if !ok {
			return notFound("calls", id)
		}
		data, err := r.Get(BucketTraces, datedKey(org, ns, id))
		if err != nil || data == nil {
			return err
		}
		var saved savedTrace
		if !decode(string(data), saved.fields) {
			return undecodable(BucketTraces, datedKey(org, ns, id))
		}
		t.Sentence, t.Decisions, t.Quality = saved.sentence, saved.decisions, saved.quality
		if saved.ladderAt == 0 || st.now().Sub(time.Unix(0, int64(saved.ladderAt))) > LadderAge {
			return nil
		}
		key := ladderKey(saved.ladderAt, org, id)
		if data, err = r.Get(BucketLadders, key); err != nil || data == nil {
			return err
		}
		if t.Ladder, ok = ladderSteps(string(data)); !ok {
			return undecodable(BucketLadders, key)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Sweep removes the ladders that are older than 24 hours, the access events that
// are older than a year and the sessions that have ended, and answers how many. The
// store does it by itself every ten minutes.
func (st *Store) Sweep(ctx context.Context) (removed int, err error) {
	events, err := st.sweepAccessEvents(ctx)
	removed = events + st.sweepSessions()
	if err != nil {
		return removed, err
	}
	to := binary.BigEndian.AppendUint64(nil, nanoseconds(st.now().Add(-LadderAge)))
	const chunk = 500
	for {
		var ops []Op
		err := st.backend.View(ctx, func(r Reader) error {
			return r.Range(BucketLadders, []byte{}, to, func(key, _ []byte) error {
				if len(ops) == chunk {
					return errStop
				}
				ops = append(ops, Op{Bucket: BucketLadders, Key: append([]byte(nil), key...)})
				return nil
			})
		})
		if err != nil && !errors.Is(err, errStop) {
			return removed, err
		}
		if len(ops) == 0 {
			return removed, nil
		}
		if err := st.backend.Commit(ctx, ops); err != nil {
			return removed, err
		}
		removed += len(ops)
	}
}

// PutRecording writes a line of the ledger. It is on disk when it returns: what
// the line promises comes after.
// How far its deliveries are is the outbox's to say, by NoteDelivery: of a
// recording that is there already they stay as they are.
func (st *Store) PutRecording(ctx context.Context, r *CallRecording) error {
	put := *r
	put.Deliveries = slices.Clone(r.Deliveries)
	return recordings.save(ctx, st, &put, func(put, old *CallRecording) {
		put.State = keepDeliveries(put.Deliveries, old.Deliveries, put.State)
	})
}

// Recording finds a recording.
func (st *Store) Recording(ctx context.Context, org, id string) (*CallRecording, error) {
	return recordings.get(ctx, st, org, id)
}

// Recordings lists recordings, newest first: those older than the one with the
// id before, or the newest.
func (st *Store) Recordings(ctx context.Context, org, before string, limit int) ([]*CallRecording, error) {
	return recordings.list(ctx, st, org, before, limit)
}

// AllRecordings goes through the recordings of all organizations. f may write to
// the store.
func (st *Store) AllRecordings(ctx context.Context, f func(*CallRecording) error) error {
	return recordings.all(ctx, st, f)
}

// DeleteRecording removes a recording's line of the ledger.
func (st *Store) DeleteRecording(ctx context.Context, org, id string) error {
	return recordings.remove(ctx, st, org, id, nil)
}

// PutVoicemail writes a message's record; it is on disk when it returns. Whether
// the message was heard and whose it is are its owner's to say, by ChangeVoicemail,
// and how far its deliveries are the outbox's: of one that is there already these
// stay as they are.
func (st *Store) PutVoicemail(ctx context.Context, v *Voicemail) error {
	put := *v
	put.Deliveries = slices.Clone(v.Deliveries)
	return voicemails.save(ctx, st, &put, func(put, old *Voicemail) {
		put.Read, put.UserID = old.Read, old.UserID
		put.State = keepDeliveries(put.Deliveries, old.Deliveries, put.State)
	})
}

// ChangeVoicemail writes back what f makes of a message: whether it was heard and
// whose it is. It is on disk when it returns.
func (st *Store) ChangeVoicemail(ctx context.Context, org, id string, f func(*Voicemail)) (*Voicemail, error) {
	return voicemails.change(ctx, st, org, id, f)
}

// Voicemail finds a message.
func (st *Store) Voicemail(ctx context.Context, org, id string) (*Voicemail, error) {
	return voicemails.get(ctx, st, org, id)
}

// Voicemails lists messages, newest first: those older than the one with the id
// before, or the newest.
func (st *Store) Voicemails(ctx context.Context, org, before string, limit int) ([]*Voicemail, error) {
	return voicemails.list(ctx, st, org, before, limit)
}

// AllVoicemails goes through the messages of all organizations. f may write to
// the store.
func (st *Store) AllVoicemails(ctx context.Context, f func(*Voicemail) error) error {
	return voicemails.all(ctx, st, f)
}

// DeleteVoicemail removes a message's record.
func (st *Store) DeleteVoicemail(ctx context.Context, org, id string) error {
	return voicemails.remove(ctx, st, org, id, nil)
}
