package call

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"strowger/media/record"
	"strowger/store"
)

// A Ledger keeps the recorder's entries as recordings and voicemails of the
// store.
type Ledger struct{ st *store.Store }

func NewLedger(st *store.Store) *Ledger { return &Ledger{st} }

// Put writes an entry; it is on disk when Put returns.
func (l *Ledger) Put(ctx context.Context, e record.Entry) error {
	var m captureMeta
	if len(e.Meta) > 0 {
		if err := json.Unmarshal(e.Meta, &m); err != nil {
			return fmt.Errorf("ledger entry %s: %w", e.ID, err)
		}
	}
	if e.Kind == record.KindVoicemail {
		return l.putVoicemail(ctx, e, m)
	}
	r := &store.CallRecording{
		ID: e.ID, Org: e.Org, CallID: m.CallID, UserIDs: m.UserIDs, Direction: m.Direction, From: m.From, To: m.To,
		CreatedAt: e.CreatedAt, DurationMS: e.DurationMS, Format: "wav", SHA256: e.SHA256, Bytes: e.Bytes,
		State: store.RecordingState(e.State), Error: e.Error, Interrupted: e.Interrupted, Spool: e.Spool, File: e.File,
		Withheld: m.Withheld, CallerUserID: m.CallerUserID,
	}
	r.Deliveries = waiting(m)
	return asGone(l.st.PutRecording(ctx, r), store.ErrGone)
}

func (l *Ledger) putVoicemail(ctx context.Context, e record.Entry, m captureMeta) error {
	v := &store.Voicemail{
		ID: e.ID, Org: e.Org, CallID: m.CallID, ContactMethodID: m.LineID, Direction: m.Direction,
		From: m.From, FromName: m.FromName, To: m.To,
		CreatedAt: e.CreatedAt, DurationMS: e.DurationMS, Format: "wav", SHA256: e.SHA256, Bytes: e.Bytes,
		State: store.RecordingState(e.State), Error: e.Error, Interrupted: e.Interrupted, Spool: e.Spool, File: e.File,
	}
	if len(m.UserIDs) > 0 {
		v.UserID = m.UserIDs[0]
	}
	if old, err := l.st.Voicemail(ctx, e.Org, e.ID); err == nil {
		v.Read = old.Read
	}
	v.Deliveries = waiting(m)
	return asGone(l.st.PutVoicemail(ctx, v), store.ErrGone)
}

// asGone tells the recorder that nobody wants a capture any more, where that is what
// an error means.
func asGone(err, means error) error {
	if errors.Is(err, means) {
		return fmt.Errorf("%w: %w", record.ErrGone, err)
	}
	return err
}

// waiting are the delivery methods that a capture is owed to, before the store
// lays over them how far they are.
func waiting(m captureMeta) []store.Delivery {
	var out []store.Delivery
	for _, id := range m.Delivery {
		out = append(out, store.Delivery{DeliveryMethodID: id, State: store.DeliveryWaiting})
	}
	return out
}

// Deliver hands a capture over to the outbox, once for each delivery method
// however often it is called. From there on the recorder is done with it.
func (l *Ledger) Deliver(ctx context.Context, e record.Entry) error {
	kind := store.JobRecording
	if e.Kind == record.KindVoicemail {
		kind = store.JobVoicemail
	}
	return asGone(l.st.HandOver(ctx, kind, e.Org, e.ID, e.Spool), store.ErrNotFound) // it was deleted meanwhile
}

// Unfinished lists what the recorder is not done with: what is neither delivered
// nor failed nor in the outbox.
func (l *Ledger) Unfinished(ctx context.Context) ([]record.Entry, error) {
	var out []record.Entry
	open := func(state store.RecordingState, deliveries []store.Delivery) bool {
		switch state {
		case store.RecordingDelivered, store.RecordingFailed:
			return false
		case store.RecordingCaptured:
			return len(deliveries) == 0 || slices.ContainsFunc(deliveries, func(d store.Delivery) bool { return d.State == store.DeliveryWaiting })
		}
		return true
	}
	err := l.st.AllRecordings(ctx, func(r *store.CallRecording) error {
		if !open(r.State, r.Deliveries) {
			return nil
		}
		m := captureMeta{
			CallID: r.CallID, UserIDs: r.UserIDs, Direction: r.Direction, From: r.From, To: r.To,
			Withheld: r.Withheld, CallerUserID: r.CallerUserID,
		}
		for _, d := range r.Deliveries {
			m.Delivery = append(m.Delivery, d.DeliveryMethodID)
		}
		out = append(out, record.Entry{
			ID: r.ID, Kind: record.KindRecording, State: string(r.State), Spool: r.Spool, File: r.File, SHA256: r.SHA256, Error: r.Error,
			Bytes: r.Bytes, DurationMS: r.DurationMS, Interrupted: r.Interrupted, CreatedAt: r.CreatedAt, Org: r.Org, Meta: encodeMeta(m),
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = l.st.AllVoicemails(ctx, func(v *store.Voicemail) error {
		if !open(v.State, v.Deliveries) {
			return nil
		}
		m := captureMeta{CallID: v.CallID, UserIDs: []string{v.UserID}, LineID: v.ContactMethodID, Direction: v.Direction, From: v.From, FromName: v.FromName, To: v.To}
		for _, d := range v.Deliveries {
			m.Delivery = append(m.Delivery, d.DeliveryMethodID)
		}
		out = append(out, record.Entry{
			ID: v.ID, Kind: record.KindVoicemail, State: string(v.State), Spool: v.Spool, File: v.File, SHA256: v.SHA256, Error: v.Error,
			Bytes: v.Bytes, DurationMS: v.DurationMS, Interrupted: v.Interrupted, CreatedAt: v.CreatedAt, Org: v.Org, Meta: encodeMeta(m),
		})
		return nil
	})
	return out, err
}

// Delete drops the entry of a discarded capture.
func (l *Ledger) Delete(ctx context.Context, e record.Entry) error {
	remove := l.st.DeleteRecording
	if e.Kind == record.KindVoicemail {
		remove = l.st.DeleteVoicemail
	}
	if err := remove(ctx, e.Org, e.ID); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return nil
}

func encodeMeta(m captureMeta) json.RawMessage {
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // strings only
	}
	return b
}
